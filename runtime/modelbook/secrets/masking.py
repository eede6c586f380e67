"""Text -> the same text without any key that this process holds, in whatever form it stands there.

Forms: as it is, as JSON, Python and HTML escape it, as a URL quotes it, in hexadecimal, and in
base64 wherever in the encoded bytes it begins.
"""

from __future__ import annotations

MASK = "********"
SHORTEST = 8
"""Characters of the shortest value that is looked for: `test` would be masked in every sentence."""

PASTED = (
    r"AGE-SECRET-KEY-1[A-Z0-9]{8,}"
    r"|\b(?:sk-|gsk_|AIza|hf_|xai-|r8_|pplx-|nvapi-|csk-|fw_|ghp_|github_pat_|hvs\.)[\w-]{16,}"
)
"""What a key looks like that somebody put where a path or a name belongs."""

LOADED: set[str] = set()
"""Every value of which a `Secret` was made in this process."""

_forms: dict[str, tuple[str, ...]] = {}


def redact(text: str) -> str:
    """Return a text with a mask in place of every key that was loaded, whatever its form."""
    for value in sorted(LOADED, key=len, reverse=True):  # a key may be part of a longer one
        if len(value) >= SHORTEST:
            for form in _forms.get(value) or _forms.setdefault(value, forms(value)):
                if form in text:
                    text = text.replace(form, MASK)
    return text


def shown(text: str) -> str:
    """Return a text with a mask in place of what looks like a key pasted where none belongs."""
    import re  # most texts are never shown

    return re.sub(PASTED, MASK, text)


def forms(value: str) -> tuple[str, ...]:
    """Return the ways in which a value stands in texts, the longest first."""
    found = {value, *_escaped(value), *_quoted(value), *_encoded(value.encode())}
    return tuple(sorted(found, key=lambda form: (-len(form), form)))


def _escaped(value: str) -> set[str]:
    """Return a value as JSON, Python and HTML write it, and that once more as JSON.

    A log of JSON lines holds what was JSON or a `repr` before.
    """
    from html import escape
    from json import dumps

    json = dumps(value)[1:-1]
    wide = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}  # as Go and browsers' JSON has them
    python = value.replace("\\", "\\\\")
    found = {
        json,
        json.replace("/", "\\/"),
        "".join(wide.get(letter, letter) for letter in json),
        python,
        python.replace("'", "\\'"),
        escape(value),
        escape(value, quote=False),
    }
    return found | {dumps(form)[1:-1] for form in found}


def _quoted(value: str) -> set[str]:
    """Return a value as URLs have it, by what each writer takes to be safe."""
    from urllib.parse import quote

    found = {quote(value, safe=safe) for safe in ("", "/", "!#$%&'()*+,/:;=?@[]~", "-_.!~*'()")}
    return found | {_small(form) for form in found}


def _small(quoted: str) -> str:
    """Return a quoted value with its escapes in small letters."""
    first, *rest = quoted.split("%")
    return "".join([first, *(f"%{part[:2].lower()}{part[2:]}" for part in rest)])


def _encoded(value: bytes) -> set[str]:
    """Return bytes in hexadecimal and in base64, in each of the three places they may begin at.

    Of base64 that goes on before and after, the letters that are made of the value alone.
    """
    from base64 import b64encode

    found = {value.hex(), value.hex().upper(), b64encode(value).decode(), *inner_base64(value)}
    return found | {form.replace("+", "-").replace("/", "_") for form in found}


def inner_base64(value: bytes) -> tuple[str, ...]:
    """Return the letters of base64 that are made of a value alone, for each place it may begin."""
    from base64 import b64encode

    return tuple(
        b64encode(bytes(before) + value)
        .decode()
        .rstrip("=")[(8 * before + 5) // 6 : 8 * (before + len(value)) // 6]
        for before in range(3)
    )
