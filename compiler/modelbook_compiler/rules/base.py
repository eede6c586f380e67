"""What a rule is: a pure function to findings, with a code.

`rule` is for what is wrong with one entry, `group_rule` for entries that share a key.
To add one: write it in the module of its subject, decorate it, and add a folder with its code to
`tests/rules/`. The docstring is the `why` of its explain page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .. import codes
from ..diagnostics import Diagnostic, Fix, Place
from ..groups import Group, Keys, Member
from ..values import Entry, Graph, Pointer


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with an entry."""

    message: str
    pointer: Pointer = ()
    hint: str | None = None
    at: Place = "value"
    fix: Fix | None = None


Check = Callable[[Entry, Graph], Iterator[Finding]]
Comparison = Callable[[Sequence[Member], Graph], Iterator[tuple[Member, Finding]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of one or more kinds of entry."""

    code: str
    kinds: tuple[str, ...]
    check: Check

    def found(self, entry: Entry, graph: Graph) -> Iterator[Diagnostic]:
        """Yield what is wrong with an entry."""
        for one in self.check(entry, graph):
            yield _diagnostic(self.code, entry, one)


RULES: list[Rule] = []
"""All rules of single entries; complete once `modelbook_compiler.rules` is imported."""

GROUP_RULES: list[Group] = []
"""All rules that compare entries; complete once `modelbook_compiler.rules` is imported."""


def rule(code: str, title: str, *kinds: str, bad: str, good: str) -> Callable[[Check], Check]:
    """Register a check under a code; its docstring says why the rule is there."""

    def add(check: Check) -> Check:
        codes.register(code, title, check.__doc__ or "", bad=bad, good=good)
        RULES.append(Rule(code, kinds, check))
        return check

    return add


def group_rule(
    code: str,
    title: str,
    *kinds: str,
    keys: Keys,
    bad: str,
    good: str,
) -> Callable[[Comparison], Comparison]:
    """Register a comparison of the entries that share a key under a code."""

    def add(compare: Comparison) -> Comparison:
        def judge(members: Sequence[Member], graph: Graph) -> Iterator[Diagnostic]:
            for member, one in compare(members, graph):
                yield _diagnostic(code, member.entry(graph), one)

        codes.register(code, title, compare.__doc__ or "", bad=bad, good=good)
        GROUP_RULES.append(Group(code, kinds, keys, judge))
        return compare

    return add


def _diagnostic(code: str, entry: Entry, found: Finding) -> Diagnostic:
    """Return what a rule found in an entry as a diagnostic of the file that states it."""
    path, pointer = entry.place_of(found.pointer)
    return Diagnostic(path, code, found.message, pointer, found.at, hint=found.hint, fix=found.fix)
