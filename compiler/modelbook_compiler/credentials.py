"""Credentials in the text of a file: found wherever they stand, and never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from itertools import islice

from . import codes
from .diagnostics import Diagnostic, Span
from .values import SourceFile

LOOKS_LIKE_SECRET = codes.register(
    "MB310",
    "something that looks like a secret",
    """The catalog is public, and git keeps what was ever in it. It names credentials and never
    holds one, not in a comment either. A key that was committed must be revoked, not only deleted.
    No message and no line that is shown repeats it.""",
    bad='note: "use sk-proj-…(48 characters)"',
    good="secret: openai/api_key",
)
LOOKS = r"""(?x)
    \b(?:
        sk-(?:ant-|proj-|or-|svcacct-)?[A-Za-z0-9_-]{20,}   # OpenAI, Anthropic, OpenRouter
      | gsk_[A-Za-z0-9]{20,}                                # Groq
      | AIza[A-Za-z0-9_-]{30,}                              # Google
      | hf_[A-Za-z0-9]{20,}                                 # HuggingFace
      | xai-[A-Za-z0-9]{20,}                                # xAI
      | r8_[A-Za-z0-9]{20,}                                 # Replicate
      | pplx-[A-Za-z0-9]{20,}                               # Perplexity
      | nvapi-[A-Za-z0-9_-]{20,}                            # NVIDIA
      | (?:AKIA|ASIA)[A-Z0-9]{16}                           # AWS
      | gh[pousr]_[A-Za-z0-9]{30,} | github_pat_[A-Za-z0-9_]{30,}
      | hvs\.[A-Za-z0-9_-]{20,}                             # Vault
      | eyJ[A-Za-z0-9_-]{10,500}+\.eyJ[A-Za-z0-9_-]{10,2000}+\.[A-Za-z0-9_-]{10}   # JWT
      | AGE-SECRET-KEY-1[A-Z0-9]{20,}
    )
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY
    | ://[^/\s:@]+:[^/\s:@]+@                               # a password in a URL
    | [?&](?:api_?key|key|token|access_token)=[A-Za-z0-9_-]{8,}
    """

NEEDLES = (
    *("sk-", "gsk_", "AIza", "hf_", "xai-", "r8_", "pplx-", "nvapi-", "AKIA", "ASIA"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "hvs.", "eyJ", "AGE-SECRET-KEY-1"),
    *("-----BEGIN ", "@", "key=", "token="),
)
"""Whatever `LOOKS` finds holds one of these: asked first, since few texts do."""

HIDDEN = "[secret]"
MOST = 20
"""Most secrets of one file that are told; whoever finds so many looks through the whole file."""


def credentials(source: SourceFile) -> Iterator[Diagnostic]:
    """Yield everything in a file that looks like a secret."""
    if holds_secret(source.path):
        message = "the name of this file looks like a secret"
        yield Diagnostic(source.path, LOOKS_LIKE_SECRET, message, hint="rename it, and revoke it")
    text = source.raw.decode("utf-8", "replace")
    for match in islice(_found(text), MOST):
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        yield told(source.path, Span(line, column, line, column + len(match.group())))


def told(path: str, span: Span) -> Diagnostic:
    """Return the diagnostic of a text that looks like a secret, which it does not repeat."""
    hint = "remove it, revoke it at its vendor, and name a secret of catalog/secrets/"
    return Diagnostic(path, LOOKS_LIKE_SECRET, "this looks like a secret", span=span, hint=hint)


def redacted(one: Diagnostic) -> Diagnostic:
    """Return a diagnostic whose words and pointer show no secret."""
    pointer = tuple(hide(step) if isinstance(step, str) else step for step in one.pointer)
    hint = hide(one.hint) if one.hint else one.hint
    message, path = hide(one.message), hide(one.path)
    return replace(one, path=path, message=message, hint=hint, pointer=pointer)


def hide(text: str) -> str:
    """Return a text with every secret in it replaced."""
    return _pattern().sub(HIDDEN, text) if may_hold_secret(text) else text


def may_hold_secret(text: str) -> bool:
    """Tell whether it is worth the time to look for a secret in a text."""
    for needle in NEEDLES:  # noqa: SIM110  # a generator takes four times as long
        if needle in text:
            return True
    return False


@lru_cache(maxsize=8)  # many problems of one line, which may be as long as a file
def holds_secret(text: str) -> bool:
    """Tell whether a text has something that looks like a secret."""
    return next(_found(text), None) is not None


def _found(text: str) -> Iterator[re.Match[str]]:
    """Return every place in a text that looks like a secret."""
    return _pattern().finditer(text) if may_hold_secret(text) else iter(())


@cache
def _pattern() -> re.Pattern[str]:
    """Return what secrets look like; made when a text first gives reason to."""
    return re.compile(LOOKS)
