"""Diagnostics of a row -> the same with the exact range in its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..credentials import redacted
from ..diagnostics import FILE_START, Diagnostic, Note, Place, Span
from ..values import Pointer
from .spans import FaultError, Range, places
from .spans import Place as Stands
from .values import Source


def located(
    source: Source, row: int, text: str | None, found: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """Yield diagnostics of one row with their ranges; the text of the row may be gone.

    A row of a Parquet file has no columns, so that the words must name the field.
    """
    known: Mapping[Pointer, Stands] | None = None
    for one in found:
        if source.columnar or (text is None and one.span is None):
            yield redacted(_without_column(one, row, named=source.columnar))
            continue
        if one.span or text is None:
            span = replace(one.span or FILE_START, line=row, end_line=row)
        else:
            known = _places(text) if known is None else known
            span = _span(known, one.pointer, one.at, row)
        yield redacted(replace(one, span=span))


def spot(text: str | None, note: Note) -> Span:
    """Return the range of what a note is about, in a row whose number its span says."""
    at = note.span or FILE_START
    return at if text is None else _span(_places(text), note.pointer, note.at, at.line)


def fault(source: Source, error: FaultError) -> Diagnostic:
    """Return the diagnostic of a row that cannot be read; its range is in the first line."""
    start, end = error.span
    span = Span(1, start + 1, 1, end + 1)
    return Diagnostic(source.shown, error.code, str(error), span=span, hint=error.hint)


def _places(text: str) -> Mapping[Pointer, Stands]:
    """Return where all stands in a line; nothing where it is no longer what it was."""
    try:
        return places(text)
    except FaultError:
        return {}


def _without_column(one: Diagnostic, row: int, *, named: bool) -> Diagnostic:
    """Return a diagnostic of a whole row, whose words name the field."""
    field = ".".join(map(str, one.pointer))
    message = f"`{field}`: {one.message}" if named and field else one.message
    return replace(one, span=Span(row, 1, row, 1), message=message)


def _span(known: Mapping[Pointer, Stands], pointer: Pointer, at: Place, row: int) -> Span:
    """Return the range of a value, or of its key; of what encloses it if it is not there."""
    while pointer and pointer not in known:
        pointer, at = pointer[:-1], "value"
    if not pointer:
        return _range(next((one.key for one in known.values() if one.key), (0, 0)), row)
    stands = known[pointer]
    return _range(stands.key if at == "key" and stands.key else stands.value, row)


def _range(found: Range, row: int) -> Span:
    """Return a range of a line as a span."""
    return Span(row, found[0] + 1, row, found[1] + 1)
