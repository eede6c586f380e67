"""Diagnostics as text for people, in the shape of rustc's messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..diagnostics import FILE_START, Diagnostic, Span
from ..positions import Positions
from .escape import printable

Painter = Callable[[str, str], str]
"""Takes a text and the name of a style."""

COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "bold": "\x1b[1m", "mark": "\x1b[1;34m"}
END = "\x1b[0m"
WIDTH = 120
"""Longest part of a line that is shown."""

UNSHOWN = frozenset({"MB310"})
"""Codes of which the line is not shown: a secret must not go on to a log."""


def render(found: Iterable[Diagnostic], positions: Positions, *, colour: bool) -> str:
    """Return all diagnostics, a blank line between them."""
    paint = _painted if colour else _plain
    return "\n".join("\n".join(_lines(one, positions, paint)) + "\n" for one in found)


def summary(found: Iterable[Diagnostic], files: int) -> str:
    """Return the closing line of a run."""
    counts = {"error": 0, "warning": 0}
    paths = set()
    for one in found:
        counts[one.severity] += 1
        paths.add(one.path)
    if not paths:
        return f"no problems in {_count(files, 'file')}"
    parts = [_count(number, kind) for kind, number in counts.items() if number]
    return f"{', '.join(parts)} in {len(paths)} of {_count(files, 'file')}"


def _lines(one: Diagnostic, positions: Positions, paint: Painter) -> Iterator[str]:
    """Yield the lines of one diagnostic."""
    label = paint(f"{one.severity}[{one.code}]", one.severity)
    yield f"{label}: {paint(printable(one.message), 'bold')}"
    place, *line = _excerpt(one.path, one.span or FILE_START, positions, paint, "-->")
    yield from [place] if one.code in UNSHOWN else [place, *line]
    for note in one.notes:
        yield f"  {paint('note', 'bold')}: {printable(note.text)}"
        yield from _excerpt(note.path, note.span or FILE_START, positions, paint, "-->")
    if one.hint:
        yield f"  {paint('hint', 'bold')}: {printable(one.hint)}"


def _excerpt(
    path: str, span: Span, positions: Positions, paint: Painter, arrow: str
) -> Iterator[str]:
    """Yield the place of a span, its line, and a mark under its characters."""
    number = str(span.line)
    gutter = " " * len(number)
    yield f"{gutter}{paint(arrow, 'mark')} {printable(path)}:{span.line}:{span.column}"
    lines = positions.lines(path)
    if span.line > len(lines):
        return
    line = lines[span.line - 1].rstrip("\r")
    start = max(0, span.column - 1 - WIDTH // 2) if len(line) > WIDTH else 0
    before = printable(line[start : span.column - 1])
    stop = span.end_column - 1 if span.end_line == span.line else len(line)
    stop = min(max(stop, span.column), max(start + WIDTH, span.column))
    marked = printable(line[span.column - 1 : stop])
    after = printable(line[stop : start + WIDTH])
    bar = paint("|", "mark")
    yield f"{gutter} {bar}"
    yield f"{paint(number, 'mark')} {bar} {before}{marked}{after}"
    mark = "^" * max(1, len(marked))
    yield f"{gutter} {bar} {' ' * len(before)}{paint(mark, 'error')}"


def _plain(text: str, _style: str) -> str:
    """Return a text without colour."""
    return text


def _painted(text: str, style: str) -> str:
    """Return a text in the colour of a style."""
    return f"{COLOURS[style]}{text}{END}"


def _count(number: int, noun: str) -> str:
    """Return a number and its noun: `1 file`, `2 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
