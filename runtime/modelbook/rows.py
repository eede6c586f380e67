"""Shapes of the plain data in generated modules: literals only, named as in the YAML files.

Only type checkers and the compiler load this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
"""One record as its catalog file states it: strings, numbers, booleans, tuples, mappings."""

Rows: TypeAlias = Mapping[str, Row]
"""Records by id, or by the part of the id that the module does not already say."""

Steps: TypeAlias = tuple[tuple[str, int | None], ...]
"""A price that changes: (UTC instant from which it holds, amount), oldest first."""

IndexRow: TypeAlias = tuple[
    str,  # deployment id
    tuple[str, ...],  # pipeline types, the primary one first
    bool,  # self-hosted
    int | None,  # context, tokens
    int | Steps | None,  # standard input price, nano-USD per 1M tokens
    bool,  # metered: at an API, or self-hosted with prices
    tuple[str, ...],  # capabilities known to be true
    str,  # released, "" where not known
    str,  # first day it no longer answers, "" where none
    bool,  # can be called by its name: it does not stand for models tuned from it
]
"""What selection asks of a deployment, without building its record."""
