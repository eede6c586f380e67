"""Graph -> everything that is wrong with what its entries mean, by the unit that was looked at.

A unit is an entry by itself (its references, names and rules), or a group of entries that share a
key. What is found in a unit depends on the entries it asked for and on nothing else, so after an
edit only the units that the edit concerns are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import Protocol, TypeAlias

from .diagnostics import Diagnostic
from .groups import Group, Member
from .link import PROVIDERS, dangling
from .naming import CLASSES, NAMES, SPELLINGS, foreign_alias, wire_name
from .operations import hidden
from .references import DISPUTES
from .rules import GROUP_RULES, RULES
from .traced import BROKEN, Traced
from .values import Entry, Graph, Json, Subject

Unit: TypeAlias = tuple[str, str]
"""Kind and id of an entry, or name and key of a group."""

Key: TypeAlias = tuple[str, str, Json]
"""Name and key of a group that an entry is in, and what it brings."""

ENTRY_CHECKS = (dangling, wire_name, foreign_alias, hidden)
GROUPS: Mapping[str, Group] = {
    one.name: one for one in (NAMES, CLASSES, SPELLINGS, PROVIDERS, *GROUP_RULES)
}

ONE_BY_ONE = frozenset(
    {"model", "deployment", "provider", "secret", "policy", "architecture", *DISPUTES}
)
"""Kinds of which an edit concerns few others; after an edit of any other kind all are examined."""

NOTED = ONE_BY_ONE | {"class", BROKEN[0]}
"""Kinds of what is kept of the things that an entry asked for."""

Findings: TypeAlias = Mapping[Unit, tuple[Diagnostic, ...]]


@dataclass(frozen=True, slots=True)
class Examined:
    """What was looked at, and what was found."""

    findings: Findings
    """Of all units, also those that were not looked at again; those with nothing are left out."""
    needs: Mapping[Unit, frozenset[Subject]]
    """What each unit that was looked at asked for."""
    keys: Mapping[Subject, tuple[Key, ...]]
    """The groups of each entry that changed; none of one that is gone."""
    whole: bool
    """Whether everything was looked at."""

    def all(self) -> list[Diagnostic]:
        """Return everything that was found."""
        return [one for found in self.findings.values() for one in found]


class Before(Protocol):
    """What an earlier look at the same catalog found."""

    def findings(self) -> Findings:
        """Return what was found, by unit."""
        ...

    def dependents(self, subjects: Iterable[Subject]) -> Set[Unit]:
        """Return the units that asked for any of some subjects."""
        ...

    def units(self, subjects: Iterable[Subject]) -> Set[Unit]:
        """Return the groups that some entries were in."""
        ...

    def members(self, unit: Unit) -> Sequence[Member]:
        """Return the members of a group, in the order of their kinds and ids."""
        ...


def examine(graph: Graph) -> Examined:
    """Return what is wrong with a graph."""
    entries = [one for kind in graph.entries.values() for one in kind.values()]
    keys = {one.subject: _keys(one) for one in entries}
    groups: dict[Unit, list[Member]] = {}
    for subject in sorted(keys):
        for name, key, value in keys[subject]:
            groups.setdefault((name, key), []).append(Member(*subject, value))
    findings, needs = _looked(graph, entries, groups)
    return Examined(findings, needs, keys, whole=True)


def examine_again(graph: Graph, touched: Set[Subject], before: Before) -> Examined:
    """Return what is wrong with a graph of which all but some subjects are as they were.

    `BROKEN` is among the touched if other files dropped out than before.
    """
    asking = before.dependents(touched | _class_names(graph, touched, before))
    keys = {one: () if (entry := _of(graph, one)) is None else _keys(entry) for one in touched}
    now = {(name, key) for own in keys.values() for name, key, _ in own}
    units = before.units(touched) | now | {one for one in asking if one[0] in GROUPS}
    concerned = touched | {one for one in asking if one[0] not in GROUPS}
    fresh = _by_unit(keys)
    groups = {unit: _members(unit, touched, fresh.get(unit, ()), before) for unit in units}
    found, needs = _looked(graph, list(_present(graph, concerned)), groups)
    kept = {
        unit: one
        for unit, one in before.findings().items()
        if unit not in concerned and unit not in units
    }
    return Examined({**kept, **found}, needs, keys, whole=False)


def _looked(
    graph: Graph, entries: Sequence[Entry], groups: Mapping[Unit, Sequence[Member]]
) -> tuple[dict[Unit, tuple[Diagnostic, ...]], dict[Unit, frozenset[Subject]]]:
    """Return what is wrong in some units, and what each of them asked for."""
    findings: dict[Unit, tuple[Diagnostic, ...]] = {}
    needs: dict[Unit, frozenset[Subject]] = {}
    traced = Traced(graph)
    for unit, found in chain(_by_themselves(entries, traced), _together(groups, traced)):
        needs[unit] = frozenset(one for one in traced.seen() if one[0] in NOTED)
        if found:
            findings[unit] = tuple(found)
    return findings, needs


def _by_themselves(
    entries: Sequence[Entry], graph: Graph
) -> Iterator[tuple[Unit, list[Diagnostic]]]:
    """Yield what is wrong with each entry by itself."""
    kinds = {entry.kind for entry in entries}
    rules = {kind: [rule for rule in RULES if kind in rule.kinds] for kind in kinds}
    for entry in entries:
        found = [one for check in ENTRY_CHECKS for one in check(entry, graph)]
        found += [one for rule in rules[entry.kind] for one in rule.found(entry, graph)]
        yield entry.subject, found


def _together(
    groups: Mapping[Unit, Sequence[Member]], graph: Graph
) -> Iterator[tuple[Unit, list[Diagnostic]]]:
    """Yield what is wrong in each group."""
    for unit, members in groups.items():
        yield unit, list(GROUPS[unit[0]].judge(members, graph)) if members else []


def _keys(entry: Entry) -> tuple[Key, ...]:
    """Return the groups of an entry."""
    return tuple(
        (group.name, key, value)
        for group in GROUPS.values()
        if group.holds(entry.kind)
        for key, value in group.keys(entry)
    )


def units_of(entry: Entry) -> frozenset[Unit]:
    """Return the groups that an entry is in."""
    return frozenset((name, key) for name, key, _ in _keys(entry))


def _by_unit(keys: Mapping[Subject, tuple[Key, ...]]) -> dict[Unit, list[Member]]:
    """Return what entries bring to their groups, by group."""
    found: dict[Unit, list[Member]] = {}
    for subject, own in keys.items():
        for name, key, value in own:
            found.setdefault((name, key), []).append(Member(*subject, value))
    return found


def _members(
    unit: Unit, touched: Set[Subject], fresh: Iterable[Member], before: Before
) -> Sequence[Member]:
    """Return the members of a group as they are now."""
    kept = [one for one in before.members(unit) if one.subject not in touched]
    return sorted([*kept, *fresh], key=lambda one: one.subject)


def _class_names(graph: Graph, touched: Set[Subject], before: Before) -> set[Subject]:
    """Return the model classes of files that changed, as they were and as they are."""
    files = {one for one in touched if one[0] == "architecture"}
    was = {key for name, key in before.units(files) if name == CLASSES.name}
    now = {name for entry in _present(graph, files) for name in entry.data["classes"]}
    return {("class", name) for name in was | now}


def _present(graph: Graph, subjects: Iterable[Subject]) -> Iterator[Entry]:
    """Yield the entries among subjects that are there."""
    return (entry for one in subjects if (entry := _of(graph, one)) is not None)


def _of(graph: Graph, subject: Subject) -> Entry | None:
    """Return the entry of a subject, if it is there."""
    return graph.kind(subject[0]).get(subject[1])
