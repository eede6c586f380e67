"""Diagnostics whose mend is certain -> the mended text of their files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from modelbook.names import fold

from .diagnostics import Diagnostic, Fix, Span

MODELINE = "# yaml-language-server:"
WHOLE_FIELD = re.compile(r"\w+: *[^ {\[|>]")
"""A field of the file itself whose value stands on the same line."""

ITEM = re.compile(r"(?P<indent> *)- +(?P<item>[^\s#]\S*)(\s+#.*)?\s*")
"""A line with one item of a list, of one word."""

COMMENT = re.compile(r"(?P<indent> *)#.*")
PLAIN = re.compile(r"[\w.+:-]+")
"""A scalar that quotes do not change."""


def mended(found: Iterable[Diagnostic], texts: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return path to new text, for every file with a problem whose mend is certain.

    Mends are made from the end of a file to its start, so that none moves another's place; of two
    that would meet, one is made, and the other is left for the next run.
    """
    fixable: dict[str, list[tuple[Span, Fix]]] = {}
    for one in found:
        if one.fix is not None and one.span is not None and one.path in texts:
            fixable.setdefault(one.path, []).append((one.span, one.fix))
    new = {path: _mend(texts[path].decode(), fixes) for path, fixes in sorted(fixable.items())}
    return {path: text for path, text in new.items() if text.encode() != texts[path]}


def _mend(text: str, fixes: Iterable[tuple[Span, Fix]]) -> str:
    """Return a text with mends made, those of whole lines after those inside of them."""
    lines = text.split("\n")
    begun = len(lines) + 1, 0  # nothing from this line and column on is as it was
    for span, fix in sorted(fixes, key=_order, reverse=True):
        if fix.kind == "first line":
            lines[:1] = _with_first(lines[0], fix.text)
        elif (span.end_line, span.end_column) <= begun:
            if fix.kind == "delete line":
                if _is_whole_field(lines, span.line, fix.text):
                    del lines[span.line - 1]
            elif fix.kind == "sort" and not _flow(lines, span):
                _sort_below(lines, span.line, fix.text.split("\n"))
            else:
                lines[span.line - 1] = _mended_line(lines[span.line - 1], span, fix)
            begun = span.line, span.column
    return "\n".join(lines)


def _order(one: tuple[Span, Fix]) -> tuple[object, ...]:
    """Return the sort key of a mend; the first line comes first, a list before what is in it."""
    span, fix = one
    return fix.kind != "first line", span.line, span.column, -span.end_column, fix.kind, fix.text


def _with_first(line: str, text: str) -> list[str]:
    """Return the lines that take the place of a file's first one."""
    first = text + "\r" * line.endswith("\r")
    return [first] if line.startswith(MODELINE) else [first, line]


def _mended_line(line: str, span: Span, fix: Fix) -> str:
    """Return a line with a mend of a part of it, or as it is where that is not certain."""
    before, there = line[: span.column - 1], line[span.column - 1 : span.end_column - 1]
    if fix.kind == "quote":
        new = f'"{there}"' if PLAIN.fullmatch(there) else there
    elif fix.kind == "unquote":
        new = there[1:-1] if there[1:-1] == fix.text else there
    elif fix.kind == "sort":
        new = _sorted_flow(there, fix.text.split("\n"))
    else:
        new = fix.text if fold(there) == fold(fix.text) else there
    return before + new + line[span.end_column - 1 :]


def _flow(lines: Sequence[str], span: Span) -> bool:
    """Tell whether a list is written in brackets; else its place is that of its field."""
    return lines[span.line - 1][span.column - 1 : span.column] == "["


def _sorted_flow(there: str, wanted: Sequence[str]) -> str:
    """Return a list in brackets with its items in an order; spaces stay where they are."""
    parts = there[1:-1].split(",")
    written = {part.strip().strip("\"'"): part.strip() for part in parts}
    if there[-1:] != "]" or len(parts) != len(wanted) or written.keys() != set(wanted):
        return there
    items = zip(parts, wanted, strict=True)
    return f"[{','.join(part.replace(part.strip(), written[word]) for part, word in items)}]"


def _sort_below(lines: list[str], number: int, wanted: Sequence[str]) -> None:
    """Put the items below a field in an order, each with the comment on its line.

    A comment on a line of its own could be about any of them, so then nothing is done.
    """
    end = number + len(wanted)
    block, after = lines[number:end], "".join(lines[end : end + 1])
    found = [ITEM.fullmatch(line) for line in block]
    items = {one["item"].strip("\"'"): line for one, line in zip(found, block, strict=True) if one}
    indents = {len(one["indent"]) for one in found if one}
    about = COMMENT.fullmatch(after)  # further out it is about what follows
    inside = about is not None and len(about["indent"]) >= max(indents, default=0)
    if items.keys() == set(wanted) and len(indents) == 1 and not inside:
        lines[number:end] = [items[word] for word in wanted]


def _is_whole_field(lines: Sequence[str], number: int, name: str) -> bool:
    """Tell whether a line is one field of the file itself, and all of it."""
    line, after = lines[number - 1], lines[number : number + 1]
    whole = line.startswith(f"{name}: ") and WHOLE_FIELD.match(line) is not None
    return whole and not any(further.startswith((" ", "\t")) for further in after)
