"""Exceptions: leave to break a rule in one file, with a reason. Each must still be needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from types import MappingProxyType

from .. import codes
from ..diagnostics import Diagnostic
from ..naming import DUPLICATE_ID
from ..references import references
from ..values import Document, Entry, Fragment, Pointer, at
from .base import GROUP_RULES

STALE = codes.register(
    "MB390",
    "an exception that is no longer needed",
    """An exception that excuses nothing hides the next mistake. Rules about files and shape
    (MB0xx, MB1xx), about secrets (MB310, MB328, MB332, MB385, MB386, MB5xx), about whose a file is
    (MB353), about layers (MB206 to MB213, MB215) and about what the output cannot be made without
    (MB201, MB204, MB302, MB304) cannot be excused.""",
    bad="exceptions: [{rule: MB301, reason: The vendor says so}]  # and nothing breaks MB301",
    good="no exception",
)
NEVER = frozenset(
    {
        "MB201",
        "MB204",
        *(f"MB{number}" for number in range(206, 214)),
        "MB215",
        "MB302",
        "MB304",
        "MB310",
        "MB328",
        "MB332",
        "MB342",
        "MB343",
        "MB345",
        "MB353",
        STALE,
    }
)


def excused(
    found: Iterable[Diagnostic],
    documents: Iterable[Document],
    broken: Set[tuple[str, str]],
    homes: Mapping[str, str] = MappingProxyType({}),
    moved: Mapping[Diagnostic, Diagnostic] = MappingProxyType({}),
) -> list[Diagnostic]:
    """Return diagnostics without those that their file excuses, and the exceptions left over.

    Whether one is left over cannot be told where a file it is measured by is broken. `homes` leads
    from files of operations to the whole record that they change: what one excuses is excused in
    all, and whether the lowest still needs its exceptions is not for those above to say. What is
    `moved` is told at another file, which may excuse it too.
    """
    leave = {
        (document.source.path, one["rule"], pointer): document
        for document in documents
        for pointer, one in exceptions_of(document)
    }
    given = {(homes.get(path, path), code) for path, code, _ in leave if excusable(code)}
    kept: list[Diagnostic] = []
    used: set[tuple[str, str]] = set()
    for one in found:
        told = moved.get(one, one)
        excuses = {(homes.get(path, path), one.code) for path in (one.path, told.path)} & given
        used |= excuses
        kept += () if excuses else (told,)
    changed = set(homes.values())
    for (path, code, pointer), document in leave.items():
        home = homes.get(path, path), code
        needed = home in used or path in changed or _measured_by(document, code, broken)
        if not needed:
            kept.append(stale(path, code, pointer))
        used.discard(home)  # a second exception from the same rule is left over
    return kept


def exceptions_of(document: Document) -> list[tuple[Pointer, Fragment]]:
    """Return the exceptions that a file makes, each with where it stands."""
    places: tuple[Pointer, ...] = (("exceptions",), ("add", "exceptions"))
    return [
        ((*place, position), one)
        for place in places
        for position, one in enumerate(at(document.data, place) or ())
    ]


def _measured_by(document: Document, code: str, broken: Set[tuple[str, str]]) -> bool:
    """Tell whether a rule may have had nothing to say on a file because of a broken one."""
    if not broken or code not in codes.REGISTER:
        return False
    entry = Entry(document.source.kind, document.source.id, document.data, (document,))
    named = {(one.target_kind, one.target) for one in references(entry)}
    shared = {"units", "currencies", "architecture", "pipeline"} & {kind for kind, _ in broken}
    against_any = code == DUPLICATE_ID or any(code == one.name for one in GROUP_RULES)
    return against_any or bool(named & broken or shared)


def excusable(code: str) -> bool:
    """Tell whether a file may break a rule, with a reason."""
    return "MB2" <= code < "MB38" and code not in NEVER


def stale(path: str, code: str, place: Pointer) -> Diagnostic:
    """Return the diagnostic of an exception that excuses nothing."""
    message = f"nothing here breaks {code}"
    if code not in codes.REGISTER:
        message = f"there is no rule {code}"
    elif not excusable(code):
        message = f"{code} cannot be excused"
    return Diagnostic(path, STALE, message, (*place, "rule"), hint="delete it")
