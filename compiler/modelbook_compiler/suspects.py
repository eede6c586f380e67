"""Text -> the ranges in it that look like a secret: by their form, or by the name before them.

Measured on 5,815 files of public catalogs: these two rules raise no false alarm; high entropy alone
raised 860. What is here knows neither files nor diagnostics.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

Reason: TypeAlias = Literal["form", "name", "field"]
"""How it is known: by a vendor's form; by the secret-like name before it; because nothing but the
name of a secret may stand in that field of a catalog."""

LOOKS = r"""(?x)
    \b(?:
        sk-(?:ant-|proj-|or-|svcacct-)?[A-Za-z0-9_-]{20,}   # OpenAI, Anthropic, OpenRouter
      | gsk_[A-Za-z0-9]{20,}                                # Groq
      | AIza[A-Za-z0-9_-]{30,} | ya29\.[A-Za-z0-9_-]{20,}   # Google
      | hf_[A-Za-z0-9]{20,}                                 # HuggingFace
      | xai-[A-Za-z0-9]{20,}                                # xAI
      | r8_[A-Za-z0-9]{20,}                                 # Replicate
      | pplx-[A-Za-z0-9]{20,}                               # Perplexity
      | nvapi-[A-Za-z0-9_-]{20,}                            # NVIDIA
      | csk-[a-z0-9]{30,}                                   # Cerebras
      | tgp_v1_[A-Za-z0-9_-]{20,}                           # Together
      | fw_[A-Za-z0-9]{20,}                                 # Fireworks
      | jina_[A-Za-z0-9_-]{30,}                             # Jina
      | dop_v1_[a-f0-9]{40,}                                # DigitalOcean
      | (?:AKIA|ASIA)[A-Z0-9]{16}                           # AWS
      | gh[pousr]_[A-Za-z0-9]{30,} | github_pat_[A-Za-z0-9_]{30,}
      | glpat-[A-Za-z0-9_-]{20,}                            # GitLab
      | xox[abeprs]-[A-Za-z0-9-]{20,}                       # Slack
      | npm_[A-Za-z0-9]{36} | pypi-AgE[A-Za-z0-9_-]{40,}
      | hvs\.[A-Za-z0-9_-]{20,}                             # Vault
      | eyJ[A-Za-z0-9_-]{10,500}+\.eyJ[A-Za-z0-9_-]{10,2000}+\.[A-Za-z0-9_-]{10}   # JWT
      | AGE-SECRET-KEY-1[A-Z0-9]{20,}
    )
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY
    | ://[^/\s:@]+:[^/\s:@]+@                               # a password in a URL
    | [?&](?:api_?key|key|token|access_token)=[A-Za-z0-9_-]{8,}
    """
"""What a secret of a known form looks like."""

ALWAYS = ("AKIA", "ASIA", "ya29.", "hvs.", "eyJ", "-----BEGIN ", "@", "key=", "token=")
"""Whatever `LOOKS` finds holds one of these, or a long token with one of those below."""
NEEDLES = (
    *("sk-", "gsk_", "AIza", "hf_", "xai-", "r8_", "pplx-", "nvapi-", "tgp_v1_", "fw_", "jina_"),
    *("dop_v1_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "npm_"),
    *("pypi-", "AGE-SECRET-KEY-1"),
)
TOKENS = bytes(ord("x") if chr(n).isalnum() or chr(n) in "_-" else 32 for n in range(128))
TOKENS += b" " * 128
"""Turns every character of a token into the same one."""
TOKEN = b"x" * 23
"""The shortest token that `LOOKS` finds by one of `NEEDLES`: `hf_` and 20 characters."""

WORDS = ("key", "token", "secret")
"""How what is known by its name is called at the end, in capitals or not."""
RARE = ("passw", "passphrase", "authorization", "credential")
"""Words of other such names."""
MARKS = (":", "=")
BETWEEN = "\"'`\\] \t"
"""What may stand between a name and the `:` or `=` after it."""

NAME = (
    r"(?:api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|subscription[_-]?key|secret"
    r"|token|passw(?:or)?d|passphrase|authorization|credentials?)"
)
"""How the name of a field that holds a secret ends."""

NAMED = rf"""(?xi)
    {NAME}(?:["'`]|\\")?\]?[ \t]{{0,8}}(?::=|=>|==?|:)\s{{0,40}}+(?:[|>][+-]?\s{{1,40}}+)?
    (?:\\?["'`])?(?:(?:bearer|basic|token)[ ]+)?
    (?P<value>[A-Za-z0-9+/=_.~:-]{{16,}}+)(?![(\[])
    """
"""A secret-like name, and something long after it."""

FIELD = rf"""(?xim)
    (?<![A-Za-z0-9_.-])["']?(?P<name>(?:[a-z0-9]++[_-]){{0,4}}{NAME})["']?[ \t]*:[ \t]+
    (?P<value>"[^"\n]*"?|'[^'\n]*'?|[^\s,{{}}\[\]\#"'|>&*!][^,{{}}\[\]\n]*)
    """
"""A secret-like field of a YAML mapping, and the scalar in it."""

REFERENCE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:_[a-z0-9]+)*\Z", re.ASCII)
"""The name of a secret, which may stand where no secret may."""

VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z", re.ASCII)
"""The name of an environment variable."""

SAMPLE = re.compile(r"(?i)your|example|placeholder|redacted|changeme|x{4}|\.{3}|\*{3}")
"""What examples write where a secret would be."""

PART = re.compile(r"[A-Za-z0-9]+")
NUMBERED = re.compile(r"[A-Za-z]+[0-9]{1,3}\Z|[0-9]+[A-Za-z]\Z|[0-9]{1,3}[A-Za-z]+\Z|v[0-9]+\Z")
"""A word with a number, as names have it: sha256, python311, 20b."""
FEWEST = 6
"""Shortest mixture of letters and digits by which something long is taken for a secret."""
DENSE = 4.2
"""Entropy, in bits a character, from which letters alone are taken for a secret."""
LONG = 24
"""Fewest characters of which an entropy tells anything."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A range of a text that looks like a secret, in characters; the end is exclusive."""

    start: int
    end: int
    reason: Reason
    sure: bool = True
    """Whether it is one for certain; if not, it may be a slip in the name of a secret, and is only
    not shown."""


def suspects(text: str, *, fields: bool = False) -> list[Suspect]:
    """Return what looks like a secret in any text, in order of what gives it away.

    With `fields`, the text is that of a catalog file: also what stands where only the name of a
    secret may. Ranges may lie in each other.
    """
    found: list[Suspect] = []
    if may_have_form(text):
        found += [Suspect(*one.span(), "form") for one in _looks().finditer(text)]
    if _has_name(text):
        named = (one for one in _names().finditer(text) if credible(one["value"]))
        found += [Suspect(*one.span("value"), "name") for one in named]
        found += _in_fields(text) if fields else ()
    return found


def _in_fields(text: str) -> list[Suspect]:
    """Return the scalars of a YAML text that stand where only the name of a secret may."""
    found = []
    for one in _field().finditer(text):
        value = one["value"].split(" #")[0].strip().strip("\"'")
        start = one.start("value") + one["value"].find(value)
        if value and not REFERENCE.match(value) and not _harmless(value):
            sure = one["name"].lower() != "secret"
            found.append(Suspect(start, start + len(value), "field", sure))
    return found


def apart(found: list[Suspect]) -> list[Suspect]:
    """Return ranges in order, without those that begin inside an earlier one."""
    out: list[Suspect] = []
    for one in sorted(found, key=lambda one: (one.start, not one.sure, -one.end)):
        if not out or one.start >= out[-1].end:
            out.append(one)
    return out


def may_have_form(text: str) -> bool:
    """Tell whether it is worth the time to look for a secret by its form: few texts give reason."""
    if _any(ALWAYS, text):
        return True
    tokens = text.encode("utf-8", "surrogatepass").translate(TOKENS)
    return TOKEN in tokens and _any(NEEDLES, text)


def may_hold_secret(text: str) -> bool:
    """Tell whether it is worth the time to look for a secret in a text."""
    return may_have_form(text) or _has_name(text)


def _any(words: tuple[str, ...], text: str) -> bool:
    """Tell whether a text holds one of some words."""
    for word in words:  # noqa: SIM110  # a generator takes four times as long
        if word in text:
            return True
    return False


def _has_name(text: str) -> bool:
    """Tell whether a text has something like `key:`, asked before the patterns: most have not."""
    lowered = text.lower()
    if _any(RARE, lowered):
        return True
    for word in WORDS:
        at = lowered.find(word)
        while at >= 0:
            at += len(word)
            if lowered[at : at + 12].lstrip(BETWEEN)[:1] in MARKS:
                return True
            at = lowered.find(word, at)
    return False


def entropy(text: str) -> float:
    """Return how much a text says, in bits a character."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def credible(value: str) -> bool:
    """Tell whether something long after a secret-like name is a secret, and no name or example."""
    if REFERENCE.match(value) or VARIABLE.match(value) or SAMPLE.search(value):
        return False
    parts = [one for one in PART.findall(value) if len(one) >= FEWEST]
    mixed = any(_mixed(one) and not NUMBERED.match(one) for one in parts)
    letters = any(len(one) >= LONG and entropy(one) >= DENSE for one in parts)
    return mixed or letters


def _mixed(text: str) -> bool:
    """Tell whether a text has letters and digits."""
    return not text.isalpha() and not text.isdigit()


def _harmless(value: str) -> bool:
    """Tell whether a scalar is too short or plain to be a secret: a number, a word of YAML."""
    return len(value) < 4 or value.lower() in ("null", "true", "false") or value.isdecimal()


@cache
def _looks() -> re.Pattern[str]:
    """Return what secrets look like; made when a text first gives reason to."""
    return re.compile(LOOKS)


@cache
def _names() -> re.Pattern[str]:
    """Return what a secret after its name looks like; made when a text first gives reason to."""
    return re.compile(NAMED)


@cache
def _field() -> re.Pattern[str]:
    """Return what a secret-like field looks like; made when a text first gives reason to."""
    return re.compile(FIELD)
