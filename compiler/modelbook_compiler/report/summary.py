"""The closing line of a run. Loads nothing: it is all that is said of a catalog in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic


def summary(found: Iterable[Diagnostic], files: int) -> str:
    """Return the closing line of a run."""
    counts = {"error": 0, "warning": 0}
    paths = set()
    for one in found:
        counts[one.severity] += 1
        paths.add(one.path)
    if not paths:
        return f"no problems in {_count(files, 'file')}"
    parts = [_count(number, kind) for kind, number in counts.items() if number]
    return f"{', '.join(parts)} in {len(paths)} of {_count(files, 'file')}"


def _count(number: int, noun: str) -> str:
    """Return a number and its noun: `1 file`, `2 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
