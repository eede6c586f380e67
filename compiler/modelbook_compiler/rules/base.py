"""What a rule is: a pure function from one entry (and the graph) to findings, with a code.

To add one: write it in the module of its subject, decorate it, and add a folder with its code to
`tests/rules/`. The docstring is the `why` of its explain page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .. import codes
from ..diagnostics import Place
from ..values import Entry, Graph, Pointer


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with an entry."""

    message: str
    pointer: Pointer = ()
    hint: str | None = None
    at: Place = "value"


Check = Callable[[Entry, Graph], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of one or more kinds of entry."""

    code: str
    kinds: tuple[str, ...]
    check: Check


RULES: list[Rule] = []
"""All rules; complete once `modelbook_compiler.rules` is imported."""


def rule(code: str, title: str, *kinds: str, bad: str, good: str) -> Callable[[Check], Check]:
    """Register a check under a code; its docstring says why the rule is there."""

    def add(check: Check) -> Check:
        codes.register(code, title, check.__doc__ or "", bad=bad, good=good)
        RULES.append(Rule(code, kinds, check))
        return check

    return add
