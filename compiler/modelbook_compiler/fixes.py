"""Diagnostics whose mend is certain -> the mended text of their files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .diagnostics import Diagnostic, Fix, Span
from .values import SourceFile

MODELINE = "# yaml-language-server:"
WHOLE_FIELD = re.compile(r"\w+: *[^ {\[|>]")
"""A field of the file itself whose value stands on the same line."""


def mended(found: Iterable[Diagnostic], sources: Iterable[SourceFile]) -> Mapping[str, str]:
    """Return path to new text, for every file with a problem whose mend is certain.

    Mends are made from the end of a file to its start, so that none moves another's place; of two
    on one line the later one is made, and the other is left for the next run.
    """
    texts = {one.path: one.raw for one in sources}
    fixable: dict[str, dict[int, tuple[Span, Fix]]] = {}
    for one in found:
        if one.fix is not None and one.span is not None and one.path in texts:
            fixable.setdefault(one.path, {})[one.span.line] = (one.span, one.fix)
    return {path: _mend(texts[path].decode(), lines) for path, lines in sorted(fixable.items())}


def _mend(text: str, fixable: Mapping[int, tuple[Span, Fix]]) -> str:
    """Return a text with one mend on each of some lines."""
    lines = text.split("\n")
    for number in sorted(fixable, reverse=True):
        span, fix = fixable[number]
        lines[number - 1 : number] = _mended_line(lines[number - 1], span, fix)
    return "\n".join(lines)


def _mended_line(line: str, span: Span, fix: Fix) -> list[str]:
    """Return the lines that take the place of one."""
    if fix.kind == "delete line":
        return [] if WHOLE_FIELD.match(line) else [line]
    if fix.kind == "first line":
        return [fix.text] if line.startswith(MODELINE) else [fix.text, line]
    before, there = line[: span.column - 1], line[span.column - 1 : span.end_column - 1]
    new = f'"{there}"' if fix.kind == "quote" else fix.text
    return [before + new + line[span.end_column - 1 :]]
