"""Diagnostics as text for people, in the shape of rustc's messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..credentials import hidden_lines, holds_secret
from ..diagnostics import FILE_START, Diagnostic, Span
from .escape import printable
from .relocate import unseen

if TYPE_CHECKING:
    from ..positions import Positions

Painter = Callable[[str, str], str]
"""Takes a text and the name of a style."""

COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "bold": "\x1b[1m", "mark": "\x1b[1;34m"}
END = "\x1b[0m"
WIDTH = 120
"""Longest part of a line that is shown."""


def render(
    found: Iterable[Diagnostic], positions: Positions, *, colour: bool, base: str = ""
) -> str:
    """Return all diagnostics, a blank line between them; `base` stands before catalog paths."""
    view = _View(positions, _painted if colour else _plain, base)
    return "\n".join("\n".join(_lines(one, view)) + "\n" for one in found)


@dataclass(frozen=True, slots=True)
class _View:
    """What the lines of all diagnostics are made with."""

    positions: Positions
    paint: Painter
    base: str

    def lines(self, path: str) -> Sequence[str]:
        """Return the lines of a file by its path as it is shown."""
        own = self.positions.lines(path.removeprefix(self.base))
        return own or self.positions.lines(unseen(path, self.base, self.positions.paths))


def _lines(one: Diagnostic, view: _View) -> Iterator[str]:
    """Yield the lines of one diagnostic."""
    label = view.paint(f"{one.severity}[{one.code}]", one.severity)
    yield f"{label}: {view.paint(printable(one.message), 'bold')}"
    yield from _excerpt(one.path, one.span or FILE_START, view)
    for note in one.notes:
        yield f"  {view.paint('note', 'bold')}: {printable(note.text)}"
        yield from _excerpt(note.path, note.span or FILE_START, view)
    if one.hint:
        yield f"  {view.paint('hint', 'bold')}: {printable(one.hint)}"


def _excerpt(path: str, span: Span, view: _View) -> Iterator[str]:
    """Yield the place of a span, its line, and a mark under its characters."""
    number = str(span.line)
    gutter = " " * len(number)
    yield f"{gutter}{view.paint('-->', 'mark')} {printable(path)}:{span.line}:{span.column}"
    lines = view.lines(path)
    if span.line > len(lines) or _secret(lines, span.line):
        return  # a secret must not go on to a log
    before, marked, after = _cut(lines[span.line - 1].rstrip("\r"), span)
    bar = view.paint("|", "mark")
    yield f"{gutter} {bar}"
    yield f"{view.paint(number, 'mark')} {bar} {before}{marked}{after}"
    mark = "^" * max(1, len(marked))
    yield f"{gutter} {bar} {' ' * len(before)}{view.paint(mark, 'error')}"


BEFORE = 40
"""Lines before a secret among which its name stands: the most white space there may be between."""


def _secret(lines: Sequence[str], number: int) -> bool:
    """Tell whether a line must not be shown, by itself or by what stands shortly before it."""
    if holds_secret(lines[number - 1]):
        return True
    first = max(1, number - BEFORE)
    near = [lines[n - 1] for n in range(first, number + 1)]  # of a source of rows only this one
    return number - first + 1 in hidden_lines("\n".join(near))


def _cut(line: str, span: Span) -> tuple[str, str, str]:
    """Return the shown parts of a line, printable: before, in and after a span."""
    start = max(0, span.column - 1 - WIDTH // 2) if len(line) > WIDTH else 0
    stop = span.end_column - 1 if span.end_line == span.line else len(line)
    stop = min(max(stop, span.column), max(start + WIDTH, span.column))
    parts = line[start : span.column - 1], line[span.column - 1 : stop], line[stop : start + WIDTH]
    before, marked, after = map(printable, parts)
    return before, marked, after


def _plain(text: str, _style: str) -> str:
    """Return a text without colour."""
    return text


def _painted(text: str, style: str) -> str:
    """Return a text in the colour of a style."""
    return f"{COLOURS[style]}{text}{END}"
