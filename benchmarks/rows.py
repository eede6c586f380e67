"""A row of the table of results, and how rows are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEAD = ("what", "median", "beside", "median", "ratio", "goal")


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: what was measured, beside what, in the same run."""

    what: str
    ours: float
    unit: str
    """`s` or `MB`."""
    beside: str
    theirs: float
    ratio: float
    """Median over rounds of ours / theirs."""
    goal: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the row as texts."""
        ours, theirs = _shown(self.ours, self.unit), _shown(self.theirs, self.unit)
        return self.what, ours, self.beside, theirs, f"{self.ratio:.3g}", self.goal


def table(rows: Iterable[Row]) -> str:
    """Return rows as an aligned Markdown table."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(line, widths) for line in [lines[0], rule, *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return one line of a Markdown table."""
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def _shown(value: float, unit: str) -> str:
    """Return a quantity with three digits in a unit that suits its size."""
    if unit != "s":
        return f"{value:.3g} {unit}"
    for size, name in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if abs(value) >= size:
            return f"{value / size:.3g} {name}"
    return f"{value * 1e9:.3g} ns"
