"""Bytes of any file (and secrets that are known) -> what in it is a secret, or looks like one.

Of what is found only the place is told, never the text.
"""

from __future__ import annotations

import codecs
import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias
from urllib.parse import quote

from modelbook.secrets.masking import inner_base64

from .diagnostics import Severity, Span
from .suspects import credible, entropy, suspects

Rule: TypeAlias = Literal["known", "form", "name", "entropy"]
"""One of the given secrets; a vendor's form; a secret-like name before it; mere randomness."""

SHORTEST = 8
"""Fewest characters of a known secret, or of one of its forms, that is looked for."""
MOST = 20
"""Most places of one form of a known secret that are told of one file."""
RANDOM = 4.5
"""Entropy, in bits a character, from which a token is told as a warning."""
TOKEN = re.compile(r"(?<![A-Za-z0-9+_-])[A-Za-z0-9+_-]{24,200}(?![A-Za-z0-9+_-])")
ALLOW = re.compile(r"modelbook: no secret: \S.{9,}")
"""What a line says that holds no secret: with a reason of ten characters at least."""
MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Known:
    """One of the ways in which a secret that is known may be written."""

    id: str
    form: str
    """raw, JSON, URL or base64."""
    text: bytes

    def __repr__(self) -> str:
        """Show which secret it is, never the text."""
        return f"Known({self.id!r}, {self.form!r})"


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a file."""

    span: Span
    rule: Rule
    severity: Severity
    id: str = ""
    """The secret, where it is one of those given."""
    form: str = ""
    """How it is written there, where it is one of those given."""


def known(values: Mapping[str, str]) -> tuple[Known, ...]:
    """Return all ways in which some secrets may be written; `values` are they by their ids.

    Those shorter than eight characters are left out: every file would hold one.
    """
    found: dict[tuple[str, bytes], Known] = {}
    for id, value in values.items():
        for form, text in _forms(value):
            if len(text) >= SHORTEST and len(value) >= SHORTEST:
                found.setdefault((id, text), Known(id, form, text))
    return tuple(found.values())


def scan(raw: bytes, given: Sequence[Known] = (), *, random: bool = False) -> tuple[Found, ...]:
    """Return what is a secret in the bytes of a file, or looks like one, in order.

    `given` are secrets that are known: one of those is told whatever the line says. What else looks
    like one is left out where its line says `modelbook: no secret: ` and why. With `random`, long
    random tokens are told as warnings.
    """
    text = _text(raw)
    held = list(_held(raw, text, given))
    guessed = [*_guessed(text), *(_random(text) if random else ())]
    if not held and not guessed:
        return ()
    lines = _Lines(text)
    free = [one for one in guessed if not ALLOW.search(lines.line(one[0]))]
    told = _apart([*_apart(held), *(one for one in free if not _touches(one, held))])
    return tuple(
        Found(lines.span(start, end), rule, severity, id, form)
        for start, end, rule, severity, id, form in told
    )


_Place: TypeAlias = tuple[int, int, Rule, Severity, str, str]


def _guessed(text: str) -> Iterator[_Place]:
    """Yield what looks like a secret by its form or its name."""
    for one in suspects(text):
        rule: Rule = "form" if one.reason == "form" else "name"
        yield one.start, one.end, rule, "error", "", ""


def _random(text: str) -> Iterator[_Place]:
    """Yield long tokens that are as random as a secret: of both cases, with a digit, no hash."""
    for one in TOKEN.finditer(text):
        token = one.group()
        mixed = token.lower() != token != token.upper() and any(map(str.isdigit, token))
        if mixed and credible(token) and entropy(token) >= RANDOM:
            yield *one.span(), "entropy", "warning", "", ""


def _touches(one: _Place, held: Iterable[_Place]) -> bool:
    """Tell whether a place has characters in common with one of some others."""
    return any(start < one[1] and one[0] < end for start, end, *_ in held)


def _held(raw: bytes, text: str, given: Iterable[Known]) -> Iterator[_Place]:
    """Yield where known secrets stand in what the bytes of a file say, the first places of each."""
    plain = raw if raw.isascii() else text.encode("utf-8", "replace")
    for one in given:
        at, told = plain.find(one.text), 0
        while at >= 0 and told < MOST:
            start = at if plain is raw else len(plain[:at].decode("utf-8", "replace"))
            yield start, start + len(one.text), "known", "error", one.id, one.form
            at, told = plain.find(one.text, at + len(one.text)), told + 1


def _apart(places: Iterable[_Place]) -> list[_Place]:
    """Return places without those inside an earlier one: the forms of one secret overlap."""
    out: list[_Place] = []
    for one in sorted(places, key=lambda one: (one[0], -one[1], one[2] != "known")):
        if not out or one[0] >= out[-1][1]:
            out.append(one)
    return out


def _forms(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield how a secret is written in texts, JSON, URLs and base64, whatever is around it."""
    raw = value.encode()
    yield "raw", raw
    yield "JSON", json.dumps(value)[1:-1].encode()
    yield "JSON", json.dumps(value)[1:-1].replace("/", "\\/").encode()
    yield "URL", quote(value, safe="").encode()
    yield "URL", quote(value).encode()
    for inner in inner_base64(raw):
        yield "base64", inner.encode()
        yield "base64", inner.replace("+", "-").replace("/", "_").encode()


def _text(raw: bytes) -> str:
    """Return what the bytes of a file say; what is no text stays readable where it is ASCII."""
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "replace")
    return raw.decode("utf-8", "replace")


class _Lines:
    """The lines of a text by the places in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(one.end() for one in _line_end().finditer(text))]

    def span(self, start: int, end: int) -> Span:
        """Return a range as lines and columns."""
        first, last = (bisect_right(self._starts, at) - 1 for at in (start, end))
        columns = start - self._starts[first] + 1, end - self._starts[last] + 1
        return Span(first + 1, columns[0], last + 1, columns[1])

    def line(self, at: int) -> str:
        """Return the line of a place."""
        number = bisect_right(self._starts, at)
        stop = self._starts[number] if number < len(self._starts) else len(self._text)
        return self._text[self._starts[number - 1] : stop]


@cache
def _line_end() -> re.Pattern[str]:
    """Return what ends a line."""
    return re.compile("\n")
