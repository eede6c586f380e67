"""Files that an import wants to write -> the same, but for what no rule of the compiler lets pass.

The rules are those of `modelbook check`. What they find in an imported file is taken out of it, and
told; what is right all the same has an exception with its reason. Nothing else is mended here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from modelbook.decode import PRICE_WORDS
from modelbook_compiler.diagnostics import Diagnostic
from modelbook_compiler.discover import place
from modelbook_compiler.merge import merge
from modelbook_compiler.rules.dates import IN_NAME
from modelbook_compiler.values import Document, Graph, Origin, Pointer, Subject

from ..wheels import CannotImportError
from .paths import path_of
from .rounds import Rounds

Data = dict[str, Any]
ROUNDS = 8
"""Most times the rules are asked again; what is taken out can only bring up so much."""
DOUBTS = ("MB311", "MB312", "MB313")
"""Rules that find what a waiver lets stand."""
CONDITIONS = ("tier", "context_above", "region", "speed", "size", "quality")
"""Conditions in the order of the schema, but for hours of the day."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Something a rule took out of a file."""

    subject: Subject
    code: str
    pointer: Pointer
    message: str


def sieve(
    files: dict[Subject, Data],
    others: Iterable[Document],
    sure: Container[Subject],
    waived: Container[Subject] = (),
) -> list[Taken]:
    """Take out of files what a rule finds, until it finds nothing; return what was taken.

    `others` are the files of the catalog that stay; the price of those that are `sure` is stated by
    two sources, that of those `waived` somebody has looked at. Files are changed in place; one that
    cannot be mended is taken out whole, and what names it with it.
    """
    kept, taken, rounds = list(others), list[Taken](), Rounds()
    touched, found = set[Subject](), list[Diagnostic]()
    for _ in range(ROUNDS):
        found = _found(files, rounds.look(graph_of(files, kept), touched))
        if not found:
            return taken
        touched = {_subject(one) for one in found}
        done: set[tuple[Subject, Any]] = set()
        for one in found:
            subject = _subject(one)
            part = subject, one.pointer[:1]
            if subject not in files or part in done:
                continue
            done.add(part)
            if one.code in DOUBTS and subject in waived:
                _waive(files, subject, one)
                continue
            mend = DOUBTED[one.code] if one.code in DOUBTED and subject not in sure else None
            (mend or MENDS.get(one.code, _take))(files, subject, one)
            taken.append(Taken(subject, one.code, one.pointer, one.message))
    left = found[0]
    raise CannotImportError(
        f"{left.path}: {left.message}", "this is a fault of the import: report it"
    )


def _found(files: Mapping[Subject, Data], all: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return what the rules find in the files of the import, of all that they find."""
    found = []
    for one in all:
        data = files.get(_subject(one), {})
        excused = [row["rule"] for row in data.get("exceptions", ())]
        if data and one.severity == "error" and one.code not in excused:
            found.append(one)
    return found


def graph_of(files: Mapping[Subject, Data], others: Iterable[Document]) -> Graph:
    """Return the catalog as it would be."""
    documents = [document(subject, data) for subject, data in files.items()]
    entries: dict[str, dict[str, Any]] = {}
    for entry in merge([*others, *documents]):
        entries.setdefault(entry.kind, {})[entry.id] = entry
    return Graph(entries)


def document(subject: Subject, data: Data) -> Document:
    """Return a file of the import as a document."""
    return Document(Origin(f"catalog/{path_of(subject)}", *subject, ""), data)


def _subject(one: Diagnostic) -> Subject:
    """Return what the file of a diagnostic speaks of."""
    found = place(one.path.partition("/")[2])
    return found if isinstance(found, tuple) else ("", "")


def _take(files: dict[Subject, Data], subject: Subject, one: Diagnostic) -> None:
    """Take out what a rule points at; the whole file where it points at nothing that can go."""
    lists = (place for place, step in enumerate(one.pointer) if isinstance(step, int))
    pointer = [str(step) for step in one.pointer[: next(lists, None)]]  # lists go whole
    inside: Any = files[subject]
    for step in pointer[:-1]:
        inside = inside[step]
    required = {"model", "lifecycle", "name"} if len(pointer) == 1 else {"status"}
    if not pointer or pointer[-1] in required:
        del files[subject]
        return
    del inside[pointer[-1]]
    if len(pointer) == 2 and not files[subject][pointer[0]]:
        del files[subject][pointer[0]]


def _excuse(files: dict[Subject, Data], subject: Subject, one: Diagnostic) -> None:
    """Let what a rule finds stand, with the reason."""
    reason = EXCUSED[one.code]
    files[subject].setdefault("exceptions", []).append({"rule": one.code, "reason": reason})


def _waive(files: dict[Subject, Data], subject: Subject, one: Diagnostic) -> None:
    """Let a price stand that somebody has looked at."""
    reason = "`waivers.yaml` says how it is known to be right"
    files[subject].setdefault("exceptions", []).append({"rule": one.code, "reason": reason})


def _dated(files: dict[Subject, Data], subject: Subject, _one: Diagnostic) -> None:
    """Let a dated name be released on its day."""
    named = IN_NAME.search(subject[1].partition(":")[2])
    if named is not None:
        own = files[subject]["lifecycle"]
        day = "-".join(named.groups())
        rest = {name: value for name, value in own.items() if name not in ("status", "released")}
        files[subject]["lifecycle"] = {"status": own["status"], "released": day, **rest}


def _retirement(files: dict[Subject, Data], subject: Subject, one: Diagnostic) -> None:
    """Take out a date that contradicts another; without its end, a deployment answers."""
    own = files[subject]["lifecycle"]
    own.pop(str(one.pointer[-1]), None)
    if "retired_on" not in own and own["status"] == "retired":
        own["status"] = "deprecated"


def _unpriced(files: dict[Subject, Data], subject: Subject, one: Diagnostic) -> None:
    """Write `unknown` where half of a call has no price."""
    unit = re.findall(r"`(\w+)`", one.message)[-1]
    files[subject]["prices"][0][unit] = "unknown"


def _cliff(files: dict[Subject, Data], subject: Subject, one: Diagnostic) -> None:
    """Write `unknown` for a tier above a threshold where no source says its price."""
    prices = files[subject]["prices"]
    own = prices[one.pointer[1]]
    above = int(re.findall(r"above (\d+) input", one.message)[0])
    cliffs = [row for row in prices if row.get("when") == {"context_above": above}]
    units = {unit for row in cliffs for unit in row} & set(own) - PRICE_WORDS
    parts = {**own["when"], "context_above": above}
    when = {name: parts[name] for name in CONDITIONS if name in parts}
    row: Data | None = next((row for row in prices if row.get("when") == when), None)
    if row is None:
        row = {"when": when}
        prices.append(row)
    for unit in own:
        if unit in units:
            row.setdefault(unit, "unknown")


def _entry(files: dict[Subject, Data], subject: Subject, one: Diagnostic) -> None:
    """Take out one price entry."""
    prices = files[subject]["prices"]
    del prices[one.pointer[1]]
    if not any(set(row) - PRICE_WORDS for row in prices):
        del files[subject]["prices"]


def _unit(files: dict[Subject, Data], subject: Subject, one: Diagnostic) -> None:
    """Take out the price of a unit; that of a token read or written takes the others with it."""
    _, position, unit = one.pointer
    if unit in ("input", "output"):
        del files[subject]["prices"]
        return
    del files[subject]["prices"][position][unit]
    if not set(files[subject]["prices"][position]) - PRICE_WORDS:
        _entry(files, subject, one)


EXCUSED = {
    "MB202": "Sellers name both, and the letters between the separators are the same",
    "MB308": "A source names this purpose; the class is used for others too",
    "MB311": "A second source has the same price",
    "MB312": "A second source has the same price",
}
Mend = Callable[[dict[Subject, Data], Subject, Diagnostic], None]
MENDS: Mapping[str, Mend] = {
    "MB202": _excuse,
    "MB303": _retirement,
    "MB308": _excuse,
    "MB311": _excuse,
    "MB312": _excuse,
    "MB313": _unit,
    "MB314": _entry,
    "MB319": _unpriced,
    "MB338": _cliff,
    "MB339": _dated,
}
"""What is done about a finding, by its code; `_take` for all others."""
DOUBTED: Mapping[str, Mend] = {"MB311": _take, "MB312": _unit}
"""The same where no second source has the price."""
