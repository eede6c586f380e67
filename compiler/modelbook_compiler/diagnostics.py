"""Diagnostics: what is wrong, where, and what to do. This module imports nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]
Place: TypeAlias = Literal["key", "value"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A range of characters; lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


FILE_START = Span(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that a diagnostic speaks of, such as where an id was first declared."""

    path: str
    text: str
    pointer: tuple[str | int, ...] = ()
    at: Place = "value"
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that is certain, of the range of its diagnostic."""

    kind: Literal["quote", "unquote", "replace", "sort", "delete line", "first line"]
    """Put the scalar there in quotes, or take those of `text` away; spell it like `text`; give the
    list there the order of the lines of `text`; delete the line of the field `text`; or make `text`
    the first line of the file."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem of one file.

    `pointer` leads to the value (or its key, by `at`); `span` is the exact range once it is known.
    """

    path: str
    code: str
    message: str
    pointer: tuple[str | int, ...] = ()
    at: Place = "value"
    span: Span | None = None
    severity: Severity = "error"
    hint: str | None = None
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None


def ordered(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return located diagnostics in reading order, each only once."""
    return tuple(sorted(dict.fromkeys(found), key=_order))


def _order(one: Diagnostic) -> tuple[object, ...]:
    """Return the sort key: file, place, code, words."""
    return one.path, one.span or FILE_START, one.code, one.message, one.hint or ""


def has_errors(found: Iterable[Diagnostic]) -> bool:
    """Tell whether any diagnostic is an error, not a warning."""
    return any(one.severity == "error" for one in found)
