"""The nearest known name, for hints."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the hint that names the nearest known id, if one is near."""
    found = get_close_matches(name[:200], list(known), n=1, cutoff=0.6)
    return f"did you mean `{found[0]}`?" if found else None
