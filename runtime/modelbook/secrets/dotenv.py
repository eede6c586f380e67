"""A .env file -> its names and values, or the line that is not plain.

One `NAME=value` a line, `export` and comments as in a shell. What a shell and other readers of such
files take differently is refused with "quote it": `$`, white space, quotes, `;` in a bare value.
"""

from __future__ import annotations

import re

from .reading import Fault

LINE = re.compile(
    r"""[ \t]*(?:export[ \t]+)?
    (?P<name>[A-Za-z0-9_][A-Za-z0-9_./-]*)[ \t]*=[ \t]*
    (?: '(?P<single>[^'\n]*)'
      | "(?P<double>(?:[^"\\$`\n]|\\["\\$`])*)"
      | (?P<bare>(?![~\#])[^\s'"\\$`;&|<>()]*)
    )
    (?:[ \t]+\#.*)?[ \t]*\Z""",
    re.VERBOSE,
)
EMPTY = re.compile(r"[ \t]*(?:\#.*)?\Z")
ESCAPED = re.compile(r"\\(.)")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")


def parse(text: str) -> dict[str, str] | Fault:
    """Return names and values, or what is wrong in which line; the line itself is not repeated."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        pair = _pair(line)
        if isinstance(pair, Fault):
            return pair.changed(line=number)
        if pair and pair[0] in found:
            return Fault(words="has a name twice", hint="keep one of the two", line=number)
        found.update([pair] if pair else [])
    return found


def _pair(line: str) -> tuple[str, str] | Fault | None:
    """Return the name and the value of a line; None for an empty one."""
    if EMPTY.match(line):
        return None
    match = LINE.match(line)
    if match is None or CONTROL.search(line) or "\r" in line:
        return Fault(words="is not NAME=value", hint="write the value in single quotes")
    if match["double"] is not None:
        return match["name"], ESCAPED.sub(r"\1", match["double"])
    return match["name"], match["single"] or match["bare"] or ""
