"""Credentials in the text of a file: found wherever they stand, and never shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from . import codes
from .diagnostics import Diagnostic, Span
from .suspects import Suspect, apart, suspects
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
MOST_HELD = 200
"""Most of them that are taken out of the messages about one file."""
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
    found = _all(text)
    for one in islice(apart([one for one in found if one.sure]) if found else (), MOST):
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
    parts, at = [], 0
    for one in apart(suspects(text)):
        parts += [text[at : one.start], HIDDEN]
        at = one.end
    return "".join([*parts, text[at:]])


def held_in(text: str) -> tuple[str, ...]:
    """Return what in the text of a file must not be shown and has no form, the longest first."""
    found = {text[one.start : one.end] for one in _all(text) if one.reason != "form"}
    long = (one for one in found if len(one) >= SHORT)
    return tuple(islice(sorted(long, key=len, reverse=True), MOST_HELD))


@lru_cache(maxsize=64)
def hidden_lines(text: str) -> frozenset[int]:
    """Return the lines of a file, from 1, that must not be shown."""
    found: set[int] = set()
    line, at = 1, 0
    for one in sorted(_all(text), key=lambda one: one.start):
        line, at = line + text.count("\n", at, one.start), one.start
        found.update(range(line, line + text.count("\n", at, one.end) + 1))
    return frozenset(found)


@lru_cache(maxsize=8)  # many problems of one line, which may be as long as a file
def holds_secret(text: str) -> bool:
    """Tell whether a text has something that looks like a secret."""
    return bool(suspects(text))


def _all(text: str) -> list[Suspect]:
    """Return everything in the text of a file that must not be shown."""
    return suspects(text, fields=True)


def _place(text: str, at: int) -> tuple[int, int]:
    """Return line and column of a place in a text."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
