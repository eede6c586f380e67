"""What a rule is: a pure function from one entry (and the graph) to findings, with a code.

To add one: write it in the module of its subject, decorate it, and add a folder with its code to
`tests/rules/`. The docstring is the `why` of its explain page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .. import codes
from ..diagnostics import Fix, Place
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
CatalogCheck = Callable[[Graph], Iterator[tuple[Entry, Finding]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of one or more kinds of entry."""

    code: str
    kinds: tuple[str, ...]
    check: Check


@dataclass(frozen=True, slots=True)
class CatalogRule:
    """A check that holds entries against each other, and looks at the whole catalog once."""

    code: str
    check: CatalogCheck


RULES: list[Rule] = []
"""All rules of single entries; complete once `modelbook_compiler.rules` is imported."""

CATALOG_RULES: list[CatalogRule] = []
"""All rules of the whole catalog; complete once `modelbook_compiler.rules` is imported."""


def rule(code: str, title: str, *kinds: str, bad: str, good: str) -> Callable[[Check], Check]:
    """Register a check under a code; its docstring says why the rule is there."""

    def add(check: Check) -> Check:
        codes.register(code, title, check.__doc__ or "", bad=bad, good=good)
        RULES.append(Rule(code, kinds, check))
        return check

    return add


def catalog_rule(
    code: str, title: str, *, bad: str, good: str
) -> Callable[[CatalogCheck], CatalogCheck]:
    """Register a check of the whole catalog under a code."""

    def add(check: CatalogCheck) -> CatalogCheck:
        codes.register(code, title, check.__doc__ or "", bad=bad, good=good)
        CATALOG_RULES.append(CatalogRule(code, check))
        return check

    return add
