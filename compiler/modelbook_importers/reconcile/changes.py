"""What an import wants and what the catalog has -> the files to write, and what that changes.

A file that an import owns is written whole if its facts change; one that says the same stays as it
is, whatever release says so now. Files that people keep are never written. Nothing is deleted but
disputes that are over and models that turned out to be others, of which no deployment is left: a
deployment that no source lists any more is retired, with its last prices.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from modelbook_compiler.imported import digest_of
from modelbook_compiler.values import Document, Subject

from ..flow import file_text
from ..market.claims import Json
from ..market.planned import Planned
from .paths import path_of
from .reconcile import standing

NO_FACTS = ("sources", "imported", "exceptions")
DISPUTE = "imported-dispute"


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that changes."""

    subject: Subject
    field: str
    was: str
    now: str
    part: Decimal | None = None
    """For prices, by how much of the old one."""


@dataclass(slots=True)
class Changes:
    """What an import would do."""

    files: dict[str, str] = field(default_factory=dict)
    """Path inside the catalog to text, of files to write."""
    over: list[str] = field(default_factory=list)
    """Paths of disputes that are over and of models that nothing is left of, to be deleted."""
    new: list[Subject] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    retired: list[Subject] = field(default_factory=list)
    disputed: list[Subject] = field(default_factory=list)
    """Models and deployments with disputes that were not there."""
    settled: list[Subject] = field(default_factory=list)
    """Those whose disputes are over."""
    unused: list[Subject] = field(default_factory=list)
    """Models that no deployment is of any more."""
    left: list[Subject] = field(default_factory=list)
    """Files that also rest on sources that were not given."""
    edited: list[Subject] = field(default_factory=list)
    """Files that say they are imported, and that somebody has edited."""
    same: int = 0
    """Files that stay as they are."""


@dataclass(frozen=True, slots=True)
class Before:
    """The files that stand before an import."""

    owned: Mapping[Subject, Document]
    """Files that imports wrote, and that rest on no source but those given."""
    others: Container[Subject]
    """All other files: those that people keep, have edited, or that rest on other sources."""
    named: Container[str] = ()
    """Models that those other files are of."""


def plan(wanted: Sequence[Planned], before: Before, listed: Container[str], at: str) -> Changes:
    """Return what an import on a day changes. The same input makes the same files, byte for byte.

    `listed` are the deployments that some source lists, so that the others are retired.
    """
    out = Changes()
    there = {one.subject: one.data for one in wanted if one.subject not in before.others}
    for one in sorted(wanted, key=lambda one: one.subject):
        if one.subject in there:
            _write(one, before.owned.get(one.subject), out, at)
    used = _models({**{id: one.data for id, one in before.owned.items()}, **there})
    for subject, document in sorted(before.owned.items()):
        if subject in there:
            continue
        if subject[0] == DISPUTE:
            out.over.append(path_of(subject))
            out.settled.append(subject)
        elif subject[0] == "deployment" and subject[1] not in listed:
            _retire(subject, document, out, at)
        elif subject[0] == "model" and subject[1] not in used and subject[1] not in before.named:
            out.over.append(path_of(subject))
            out.unused.append(subject)
        else:
            out.same += 1
    return out


def _models(files: Mapping[Subject, Mapping[str, Json]]) -> set[str]:
    """Return the models that the deployments among files are of."""
    return {data["model"] for (kind, _), data in files.items() if kind == "deployment"}


def _write(one: Planned, old: Document | None, out: Changes, at: str) -> None:
    """Add a file to the changes, if what it says is new."""
    excused = one.data.get("exceptions") == (old.data.get("exceptions") if old else None)
    if old is not None and excused and facts(one.data) == facts(old.data):
        out.same += 1
        return
    out.files[path_of(one.subject)] = _text(one.subject, one.data, one.said_by)
    if one.subject[0] == DISPUTE:
        out.disputed.append(one.subject)
    elif old is None:
        out.new.append(one.subject)
    else:
        out.changed += _compared(one.subject, old.data, one.data, at)


def _retire(subject: Subject, document: Document, out: Changes, at: str) -> None:
    """Retire a deployment that no source lists any more, unless it is retired."""
    lifecycle = document.data["lifecycle"]
    if lifecycle["status"] == "retired":
        out.same += 1
        return
    kept = {name: value for name, value in lifecycle.items() if name != "retired_on"}
    data = {**document.data, "lifecycle": {**kept, "status": "retired", "retired_on": at}}
    said_by = tuple(data.pop("imported")["from"])
    out.files[path_of(subject)] = _text(subject, data, said_by)
    out.retired.append(subject)


def _text(subject: Subject, data: Mapping[str, Json], said_by: tuple[str, ...]) -> str:
    """Return the text of a file, with who wrote it."""
    imported = {"from": list(said_by), "digest": digest_of(data)}
    kind = "dispute" if subject[0] == DISPUTE else subject[0]
    return file_text(f"catalog/{path_of(subject)}", kind, {**data, "imported": imported})


def facts(data: Mapping[str, Json]) -> str:
    """Return what a file says, as text to compare: not where from, nor in which release."""
    said = {name: value for name, value in data.items() if name not in NO_FACTS}
    if "claims" in said:
        claims = [json.dumps(_claim(one), sort_keys=True) for one in said["claims"]]
        said["claims"] = sorted(claims)
    return json.dumps(said, sort_keys=True)


def _claim(one: Mapping[str, Json]) -> dict[str, Json]:
    """Return a claim without its day, its release and its reason, which name releases."""
    source = one["source"]["name"].partition(" ")[0]
    return {**{name: one[name] for name in one if name not in ("source", "reason")}, "by": source}


def _compared(
    subject: Subject, was: Mapping[str, Json], now: Mapping[str, Json], at: str
) -> list[Change]:
    """Return what becomes of the facts of a file."""
    before, after = _flat(was), _flat(now)
    found = [
        Change(subject, name, before.get(name, "-"), after.get(name, "-"))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name) and name != "prices"
    ]
    old, new = standing(was, at), standing(now, at)
    prices = [
        _price_change(subject, unit, old.get(unit), new.get(unit))
        for unit in sorted(old.keys() | new.keys())
        if old.get(unit) != new.get(unit)
    ]
    if before.get("prices") != after.get("prices") and not prices:
        prices = [Change(subject, "prices", "some", "others under conditions, or at another time")]
    return [*prices, *found]


def _flat(data: Mapping[str, Json]) -> dict[str, str]:
    """Return facts by dotted field, as text."""
    out: dict[str, str] = {}
    for name, value in data.items():
        if name in NO_FACTS:
            continue
        if isinstance(value, Mapping):
            out |= {f"{name}.{field}": json.dumps(inner) for field, inner in value.items()}
        else:
            out[name] = value if isinstance(value, str) else json.dumps(value)
    return out


def _price_change(subject: Subject, unit: str, old: Decimal | None, new: Decimal | None) -> Change:
    """Return the change of a standing price, `-` for none."""
    was, now = ("-" if one is None else f"{one:f}" for one in (old, new))
    part = (new - old) / old if old and new is not None else None
    return Change(subject, f"prices.{unit}", was, now, part)
