"""Deployment records -> index rows: what selection asks, ready to be compared."""

from __future__ import annotations

from modelbook.prices import price_of, whole
from modelbook.records import CAPABILITIES, DERIVED_CAPABILITIES, Conditions, Deployment, Price
from modelbook.rows import IndexRow, Steps
from modelbook.selection import NANO

BEGINNING = ""
"""Sorts before every instant."""


def index_row(one: Deployment) -> IndexRow:
    """Return the index row of a deployment."""
    names = (*CAPABILITIES, *DERIVED_CAPABILITIES)
    return (
        one.id,
        one.pipelines,
        one.source_type == "self-hosted",
        one.limits.context,
        input_price(one.prices),
        one.source_type == "api" or bool(one.prices),
        tuple(name for name in names if one.supports(name)),
        one.lifecycle.released or one.released or "",
        one.lifecycle.retired_on or "",
    )


def input_price(prices: tuple[Price, ...]) -> int | Steps | None:
    """Return the standard input price in nano-USD per 1M tokens, or its steps in time.

    None where it is not known in dollars.
    """
    turns = {whole(turn) for entry in prices for turn in (entry.from_, entry.until) if turn}
    steps = [
        (turn.removesuffix("T00:00:00Z"), _nano(prices, turn))
        for turn in [BEGINNING, *sorted(turns)]
    ]
    kept = [step for n, step in enumerate(steps) if n == 0 or step[1] != steps[n - 1][1]]
    return kept[0][1] if len(kept) == 1 else tuple(kept)


def _nano(prices: tuple[Price, ...], at: str) -> int | None:
    """Return the standard input price at an instant, in nano-USD per 1M tokens."""
    amount = price_of(prices, "input", at, Conditions())
    return None if amount is None else int(amount * NANO)
