"""Rules that keep credentials out of the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..schemas import KINDS
from ..values import Entry, Graph, Json, Pointer
from .base import Finding, rule

SECRET = re.compile(
    r"""(?x)
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
)


@rule(
    "MB310",
    "something that looks like a secret",
    *KINDS,
    bad='note: "use sk-proj-…(48 characters)"',
    good="secret: openai/api_key",
)
def looks_like_secret(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """The catalog is public, and git keeps what was ever in it. It names credentials and never
    holds one. A key that was committed must be revoked, not only deleted. The value is not
    repeated in the message.
    """
    if not SECRET.search("\n".join(_all(entry.data))):  # no secret spans lines
        return
    for pointer, text in _texts(entry.data, ()):
        if SECRET.search(text):
            hint = "remove it, revoke it at its vendor, and name a secret of catalog/secrets/"
            yield Finding("this looks like a secret", pointer, hint)


def _all(value: Json) -> list[str]:
    """Return every text of an entry, keys included, in no order: quick, for no place is kept."""
    found: list[str] = []
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            found.extend(one)
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return found


def _texts(value: Json, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Yield every text of an entry, keys included."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from ((p, t) for p, t in [((*pointer, key), key)] if SECRET.search(t))
            yield from _texts(inner, (*pointer, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _texts(inner, (*pointer, position))
