"""Shapes of the plain data in generated modules: literals only, named as in the YAML files.

Only type checkers and the compiler load this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = Mapping[str, Any]
"""One record as its catalog file states it: strings, numbers, booleans, tuples, mappings."""

Rows: TypeAlias = Mapping[str, Row]
"""Records by id, or by the part of the id that the module does not already say."""

Steps: TypeAlias = tuple[tuple[str, int | None], ...]
"""A price that changes: (UTC instant from which it holds, amount), oldest first."""

Traits: TypeAlias = tuple[
    tuple[str, ...],  # pipeline types, the primary one first
    bool,  # self-hosted
    bool,  # metered: at an API, or self-hosted with prices
    tuple[str, ...],  # capabilities known to be true
    bool,  # can be called by its name: it does not stand for models tuned from it
]
"""What selection asks of deployments, and what many of them have in common."""

Line: TypeAlias = tuple[
    str,  # deployment id
    int | None,  # context, tokens
    int | Steps | None,  # standard input price, nano-USD per 1M tokens
    str,  # released, "" where not known
    str,  # first day it no longer answers, "" where none
]
"""What selection asks of one deployment besides, without building its record."""

Index: TypeAlias = Sequence[tuple[Traits, Sequence[Line]]]
"""All deployments, those with the same traits together; sorted by traits, then by id."""

Made: TypeAlias = tuple[
    str,  # model id
    str,  # model name
    str | None,  # family
    str | None,  # licence
    bool | None,  # open weights
    int | None,  # parameters, all of them
    int | None,  # bytes of the weights in the format served
]
"""What rare filters and sorts ask of a model; its deployments seldom differ there."""

Offer: TypeAlias = tuple[
    tuple[str, ...] | None,  # input modalities
    tuple[str, ...] | None,  # output modalities
    int | None,  # most output, tokens
    tuple[str, ...],  # stated capabilities known to be false
    str,  # lifecycle status, as stated
    str,  # day its end was announced, "" where not known
]
"""What they ask of a deployment besides, and what many of them have in common."""

Offered: TypeAlias = tuple[
    str,  # deployment id
    int | Steps | None,  # standard output price, nano-USD per 1M tokens
    str,  # name of its offer
]

More: TypeAlias = Sequence[tuple[Made, Sequence[Offered]]]
"""All deployments, those of one model together."""


class Tables(Protocol):
    """The modules of a package from elsewhere than its files: held in memory, or made."""

    def table(self, name: str) -> ModuleType:
        """Return a module by its dotted name inside the package."""
        ...

    def digest(self, name: str) -> str:
        """Return the content digest of a module with facts."""
        ...
