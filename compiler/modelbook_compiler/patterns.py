r"""A small language of patterns for catalog files: text -> a compiled pattern, or what is wrong.

It is the part of regular expressions whose matching time nobody can blow up: literals, `.`, `\d`,
classes, groups, alternatives, `^`, `$` and looking ahead. `+` and `*` stand after a single
character only and at most three times, a group takes no more than `?`, and `{m,n}` goes to 20. So
a match takes at most the third power of the length of a name, and names are short.
"""

from __future__ import annotations

import re
from functools import cache

MAX_LENGTH = 600
MAX_TEXT = 300
"""Names that are longer are matched by nothing."""

MAX_OPEN = 3
MAX_TIMES = 20

TOKEN = re.compile(
    r"(?P<open>\((?:\?:|\?=|\?!|\?P<[a-z_]+>)?)"
    r"|(?P<close>\))"
    r"|(?P<bar>\|)"
    r"|(?P<anchor>[\^$])"
    r"|(?P<times>\{\d{1,2}(?:,\d{1,2})?\})"
    r"|(?P<repeat>[+*?]\??)"
    r"|(?P<atom>\[\^?(?:[^\[\]\\]|\\.)+\]|\\[dDwWsS./:@+*?()\[\]{}|~^$-]"
    r"|[a-zA-Z0-9 _/:@~%,'=<>!&#\"`;.-])"
)


def fault(text: str) -> str | None:
    """Return what is wrong with a pattern in words, None if it is sound."""
    if len(text) > MAX_LENGTH:
        return f"it is longer than {MAX_LENGTH} characters"
    place, unbounded, before = 0, 0, ""
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            return f"`{text[place : place + 5]}` at position {place} is not in the language"
        kind = found.lastgroup or ""
        wrong = _misplaced(kind, found[0], before)
        if wrong:
            return wrong
        unbounded += kind == "repeat" and found[0][0] in "+*"
        place, before = found.end(), kind
    if unbounded > MAX_OPEN:
        return f"it has more than {MAX_OPEN} of `+` and `*`"
    try:
        re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        return f"it is no pattern: {error}"
    return None


def _misplaced(kind: str, token: str, before: str) -> str | None:
    """Return what is wrong with a repetition, given what stands before it."""
    if kind == "repeat" and before != "atom" and not (token[0] == "?" and before == "close"):
        return f"`{token}` may stand after a single character or class only"
    if kind == "times":
        if before != "atom":
            return f"`{token}` may stand after a single character or class only"
        if max(map(int, re.findall(r"\d+", token))) > MAX_TIMES:
            return f"`{token}` goes beyond {MAX_TIMES}"
    return None


@cache
def compiled(text: str) -> re.Pattern[str]:
    """Return a sound pattern, compiled. Raises `ValueError` for one that is not."""
    wrong = fault(text)
    if wrong:
        raise ValueError(wrong)
    return re.compile(text, re.IGNORECASE)


def found_in(text: str, name: str) -> re.Match[str] | None:
    """Return where a pattern fits a name; nothing fits one that is too long."""
    return compiled(text).search(name) if len(name) <= MAX_TEXT else None
