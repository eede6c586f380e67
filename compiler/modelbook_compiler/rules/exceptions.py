"""Exceptions: leave to break a rule in one file, with a reason. Each must still be needed."""

from __future__ import annotations

from collections.abc import Iterable

from .. import codes
from ..diagnostics import Diagnostic
from ..values import Document

STALE = codes.register(
    "MB390",
    "an exception that is no longer needed",
    """An exception that excuses nothing hides the next mistake. Rules about files and shape
    (MB0xx, MB1xx), about secrets (MB310) and about what the output cannot be made without (MB201,
    MB302) cannot be excused at all.""",
    bad="exceptions: [{rule: MB301, reason: The vendor says so}]  # and nothing breaks MB301",
    good="no exception",
)
NEVER = frozenset({"MB201", "MB302", "MB310", STALE})


def excused(
    found: Iterable[Diagnostic], documents: Iterable[Document], *, complete: bool
) -> list[Diagnostic]:
    """Return diagnostics without those that their file excuses, and the exceptions left over.

    Exceptions can only be told to be left over in a complete catalog: a rule may have had nothing
    to say because another file is broken.
    """
    leave = {
        (document.source.path, one["rule"]): position
        for document in documents
        for position, one in enumerate(document.data.get("exceptions", ()))
    }
    used: set[tuple[str, str]] = set()
    kept: list[Diagnostic] = []
    for one in found:
        if (one.path, one.code) in leave and excusable(one.code):
            used.add((one.path, one.code))
        else:
            kept.append(one)
    if complete:
        kept.extend(_stale(*key, leave[key]) for key in leave if key not in used)
    return kept


def excusable(code: str) -> bool:
    """Tell whether a file may break a rule, with a reason."""
    return "MB2" <= code < "MB38" and code not in NEVER


def _stale(path: str, code: str, position: int) -> Diagnostic:
    """Return the diagnostic of an exception that excuses nothing."""
    message = f"nothing here breaks {code}"
    if code not in codes.REGISTER:
        message = f"there is no rule {code}"
    elif not excusable(code):
        message = f"{code} cannot be excused"
    return Diagnostic(path, STALE, message, ("exceptions", position, "rule"), hint="delete it")
