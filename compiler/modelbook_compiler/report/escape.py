"""Text of a catalog, made safe to print: control and bidirectional characters shown as escapes."""

from __future__ import annotations

import re

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Return a text in which every character is seen as what it is."""
    return UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
