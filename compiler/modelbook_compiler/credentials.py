"""Credentials in the text of a file: found wherever they stand, and never shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from . import codes
from .diagnostics import Diagnostic, Span
from .suspects import Suspect, apart, in_fields, suspects
from .values import SourceFile

LOOKS_LIKE_SECRET = codes.register(
    "MB310",
    "something that looks like a secret",
    """The catalog is public, and git keeps what was ever in it. It names credentials and never
    holds one, not in a comment either: neither a text of the form that a vendor's keys have, nor
    something long and random after a name such as `api_key`, nor any value of a field that is
    called so. A key that was committed must be revoked, not only deleted. No message and no line
    that is shown repeats it.""",
    bad='note: "use sk-proj-…(48 characters)"',
    good="secret: openai/api_key",
)
HIDDEN = "[secret]"
MOST = 20
"""Most secrets of one file that are told; whoever finds so many looks through the whole file."""
SHORT = 4
"""Fewest characters of a value that is taken out of messages; a shorter one is a word of ours."""
WORDS = {
    "form": "this looks like a secret",
    "name": "this looks like a secret",
    "field": "a value stands where only the name of a secret may",
}
"""Reason to message."""


def credentials(source: SourceFile) -> Iterator[Diagnostic]:
    """Yield everything in a file that looks like a secret."""
    if holds_secret(source.path):
        message = "the name of this file looks like a secret"
        yield Diagnostic(source.path, LOOKS_LIKE_SECRET, message, hint="rename it, and revoke it")
    text = source.raw.decode("utf-8", "replace")
    sure = [one for one in _all(text) if one.sure]
    for one in islice(apart(sure), MOST):
        line, column = _place(text, one.start)
        last, end = _place(text, one.end)
        span = Span(line, column, last, end)
        yield told(source.path, span, WORDS[one.reason])


def told(path: str, span: Span, message: str = WORDS["form"]) -> Diagnostic:
    """Return the diagnostic of a text that looks like a secret, which it does not repeat."""
    hint = "remove it, revoke it at its vendor, and name a secret of catalog/secrets/"
    return Diagnostic(path, LOOKS_LIKE_SECRET, message, span=span, hint=hint)


def redacted(one: Diagnostic, held: Sequence[str] = ()) -> Diagnostic:
    """Return a diagnostic whose words and pointer show no secret.

    `held` are the secrets of its file, which may show nothing of their kind by themselves.
    """
    pointer = tuple(hide(step, held) if isinstance(step, str) else step for step in one.pointer)
    hint = hide(one.hint, held) if one.hint else one.hint
    message, path = hide(one.message, held), hide(one.path)
    return replace(one, path=path, message=message, hint=hint, pointer=pointer)


def hide(text: str, held: Iterable[str] = ()) -> str:
    """Return a text with every secret in it replaced."""
    for value in held:
        text = text.replace(value, HIDDEN)
    for one in reversed(suspects(text)):
        text = text[: one.start] + HIDDEN + text[one.end :]
    return text


def held_in(text: str) -> tuple[str, ...]:
    """Return all in the text of a file that must not be shown, the longest first."""
    found = {text[one.start : one.end] for one in _all(text)}
    return tuple(sorted((one for one in found if len(one) >= SHORT), key=len, reverse=True))


@lru_cache(maxsize=64)
def hidden_lines(text: str) -> frozenset[int]:
    """Return the lines of a file, from 1, that must not be shown."""
    found: set[int] = set()
    for one in _all(text):
        first = text.count("\n", 0, one.start) + 1
        found.update(range(first, first + text.count("\n", one.start, one.end) + 1))
    return frozenset(found)


@lru_cache(maxsize=8)  # many problems of one line, which may be as long as a file
def holds_secret(text: str) -> bool:
    """Tell whether a text has something that looks like a secret."""
    return bool(suspects(text))


def _all(text: str) -> list[Suspect]:
    """Return everything in the text of a file that must not be shown."""
    return [*suspects(text), *in_fields(text)]


def _place(text: str, at: int) -> tuple[int, int]:
    """Return line and column of a place in a text."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
