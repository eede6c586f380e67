"""A catalog that changes a little from round to round -> what is wrong with it, each time.

Only what changed is looked at again, and what asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from modelbook_compiler.diagnostics import Diagnostic
from modelbook_compiler.examine import Examined, Findings, Key, Unit, examine, examine_again
from modelbook_compiler.groups import Member
from modelbook_compiler.values import Graph, Subject


class Rounds:
    """What the rounds before found, as `examine_again` asks for it."""

    def __init__(self) -> None:
        self._last: Examined | None = None
        self._needs: dict[Unit, frozenset[Subject]] = {}
        self._keys: dict[Subject, tuple[Key, ...]] = {}
        self._groups: dict[Unit, list[Member]] = {}

    def look(self, graph: Graph, touched: Set[Subject]) -> list[Diagnostic]:
        """Return what is wrong with a graph that differs from the last one in what was touched."""
        again = self._last is not None
        self._last = examine_again(graph, touched, self) if again else examine(graph)
        self._needs |= self._last.needs
        self._keys |= self._last.keys
        self._groups = _grouped(self._keys)
        return self._last.all()

    def findings(self) -> Findings:
        """Return what was found, by unit."""
        return {} if self._last is None else self._last.findings

    def dependents(self, subjects: Iterable[Subject]) -> Set[Unit]:
        """Return the units that asked for any of some subjects."""
        asked = frozenset(subjects)
        return {unit for unit, needs in self._needs.items() if not asked.isdisjoint(needs)}

    def units(self, subjects: Iterable[Subject]) -> Set[Unit]:
        """Return the groups that some entries were in."""
        return {(name, key) for one in subjects for name, key, _ in self._keys.get(one, ())}

    def members(self, unit: Unit) -> Sequence[Member]:
        """Return the members of a group, in the order of their kinds and ids."""
        return self._groups.get(unit, ())


def _grouped(keys: Mapping[Subject, tuple[Key, ...]]) -> dict[Unit, list[Member]]:
    """Return the members of each group."""
    found: dict[Unit, list[Member]] = {}
    for subject in sorted(keys):
        for name, key, value in keys[subject]:
            found.setdefault((name, key), []).append(Member(*subject, value))
    return found
