"""Charts of a terminal: amounts in, lines of text out. They never decide what is printed where."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

EIGHTHS = " ▏▎▍▌▋▊▉"
HEIGHTS = "▁▂▃▄▅▆▇█"
PLAIN_HEIGHTS = "_.-=+*%#"
LEAST = 10
"""Columns of a bar; below that there is no chart."""


def bars(
    rows: Sequence[tuple[str, Decimal, str]], width: int, unicode: bool, full: Decimal | None = None
) -> list[str]:
    """Return a bar for each label, amount and text of the amount, in at most so many columns.

    The largest amount fills the line, or `full` where that is given. Labels that leave no room are
    cut at the end; the amount never is. Without room for bars there are none.
    """
    top = full or max((amount for _, amount, _ in rows), default=Decimal(0))
    money = max((len(text) for _, _, text in rows), default=0)
    room = width - money - 2  # a blank on both sides of the bar
    label = min(max((len(label) for label, _, _ in rows), default=0), max(room - LEAST, 0))
    label = label if room - label >= LEAST else 0
    if room - label < 1:
        return [text for _, _, text in rows]
    return [
        f"{cut(name, label, unicode).ljust(label)} "
        f"{_bar(amount, top, room - label, unicode).ljust(room - label)} {text.rjust(money)}"
        for name, amount, text in rows
    ]


def cut(text: str, width: int, unicode: bool) -> str:
    """Return a text in at most so many columns, its end left out where it is longer."""
    if len(text) <= width:
        return text
    end = "…" if unicode else "~"
    return text[: width - 1] + end if width else ""


def _bar(amount: Decimal, top: Decimal, width: int, unicode: bool) -> str:
    """Return a bar; any amount above 0 has one that can be seen."""
    if not amount:
        return ""
    eighths = max(1, int(amount * width * 8 // top))
    if not unicode:
        return "#" * max(1, eighths // 8)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def sparkline(amounts: Sequence[Decimal], unicode: bool) -> str:
    """Return one character for each amount, as high as it is compared with the highest."""
    heights = HEIGHTS if unicode else PLAIN_HEIGHTS
    top = max(amounts, default=Decimal(0))
    return "".join(heights[int(one * 7 // top) if top else 0] for one in amounts)
