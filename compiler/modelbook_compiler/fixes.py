"""Diagnostics whose mend is certain -> the mended text of their files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from .diagnostics import Diagnostic, Fix, Span

MODELINE = "# yaml-language-server:"
WHOLE_FIELD = re.compile(r"\w+: *[^ {\[|>]")
"""A field of the file itself whose value stands on the same line."""

PLAIN = re.compile(r"[\w.+:-]+")
"""A scalar that quotes do not change."""


def mended(found: Iterable[Diagnostic], texts: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return path to new text, for every file with a problem whose mend is certain.

    Mends are made from the end of a file to its start, so that none moves another's place; of two
    on one line the later one is made, and the other is left for the next run.
    """
    fixable: dict[str, dict[int, tuple[Span, Fix]]] = {}
    for one in found:
        if one.fix is not None and one.span is not None and one.path in texts:
            fixable.setdefault(one.path, {})[one.span.line] = (one.span, one.fix)
    new = {path: _mend(texts[path].decode(), lines) for path, lines in sorted(fixable.items())}
    return {path: text for path, text in new.items() if text.encode() != texts[path]}


def _mend(text: str, fixable: Mapping[int, tuple[Span, Fix]]) -> str:
    """Return a text with one mend on each of some lines."""
    lines = text.split("\n")
    for number in sorted(fixable, reverse=True):
        span, fix = fixable[number]
        if fix.kind != "delete line":
            lines[number - 1 : number] = _mended_line(lines[number - 1], span, fix)
        elif _is_whole_field(lines, number, fix.text):
            del lines[number - 1]
    return "\n".join(lines)


def _mended_line(line: str, span: Span, fix: Fix) -> list[str]:
    """Return the lines that take the place of one."""
    if fix.kind == "first line":
        first = fix.text + "\r" * line.endswith("\r")
        return [first] if line.startswith(MODELINE) else [first, line]
    before, there = line[: span.column - 1], line[span.column - 1 : span.end_column - 1]
    if fix.kind == "quote":
        new = f'"{there}"' if PLAIN.fullmatch(there) else there
    else:
        new = fix.text if there.lower() == fix.text.lower() else there
    return [before + new + line[span.end_column - 1 :]]


def _is_whole_field(lines: Sequence[str], number: int, name: str) -> bool:
    """Tell whether a line is one field of the file itself, and all of it."""
    line, after = lines[number - 1], lines[number : number + 1]
    whole = line.startswith(f"{name}: ") and WHOLE_FIELD.match(line) is not None
    return whole and not any(further.startswith((" ", "\t")) for further in after)
