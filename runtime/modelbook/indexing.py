"""Deployment records -> index: what selection asks, ready to be compared.

The compiler writes it into generated packages; a manager makes the same of what it registers.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

from .checks import NANO
from .prices import Rate, holds, in_force, last_amount, rates, whole
from .recipes import HOUR, MACHINE
from .records import CAPABILITIES, DERIVED_CAPABILITIES, STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .records import Deployment, Price, Throughput
    from .rows import Index, Line, Steps, Traits

MILLION = 10**6
"""Tokens that a price pays for."""

BEGINNING = ""
"""Sorts before every instant."""


def index(deployments: Iterable[Deployment]) -> Index:
    """Return the index of deployments, which must be sorted by id."""
    groups: dict[Traits, list[Line]] = {}
    for one in deployments:
        groups.setdefault(traits(one), []).append(line(one))
    return [(common, groups[common]) for common in sorted(groups)]


def traits(one: Deployment) -> Traits:
    """Return what a deployment may have in common with others."""
    names = (*CAPABILITIES, *DERIVED_CAPABILITIES)
    return (
        one.pipelines,
        one.source_type == "self-hosted",
        one.source_type == "api" or bool(one.prices),
        tuple(name for name in names if one.supports(name)),
        not one.fine_tuned,
    )


def line(one: Deployment) -> Line:
    """Return what is a deployment's own."""
    return (
        one.id,
        one.limits.context,
        input_price(one.prices, one.throughput),
        one.lifecycle.released or one.released or "",
        one.lifecycle.retired_on or "",
    )


def input_price(prices: tuple[Price, ...], speed: Throughput | None = None) -> int | Steps | None:
    """Return the standard input price; see `standard_price`."""
    return standard_price(prices, "input", speed)


def standard_price(
    prices: tuple[Price, ...], unit: str, speed: Throughput | None = None
) -> int | Steps | None:
    """Return a standard price in nano-USD per 1M tokens, or its steps in time.

    `unit` is input or output. With a throughput it is what the accelerators cost while they process
    1M tokens, rounded up. None where it is not known in dollars.
    """
    usual = [one for one in prices if holds(one.when, STANDARD)]
    turns = {whole(turn) for entry in usual for turn in (entry.from_, entry.until) if turn}
    steps = [
        (turn.removesuffix("T00:00:00Z"), _nano(usual, unit, speed, turn))
        for turn in [BEGINNING, *sorted(turns)]
    ]
    kept = [step for n, step in enumerate(steps) if n == 0 or step[1] != steps[n - 1][1]]
    return kept[0][1] if len(kept) == 1 else tuple(kept)


def _nano(prices: Iterable[Price], unit: str, speed: Throughput | None, at: str) -> int | None:
    """Return a standard price at an instant, in nano-USD per 1M tokens."""
    found = rates(one for one in prices if in_force(one, at))
    tokens = _dollars(found.get(unit))
    fast = None if speed is None else {"input": speed.input, "output": speed.output}[unit]
    if speed is None or fast is None or MACHINE not in found:
        return None if tokens is None else int(tokens * NANO)
    hour = _dollars(found[MACHINE])
    if hour is None or (unit in found and tokens is None):
        return None
    busy = Fraction(speed.accelerators * MILLION, fast) / HOUR
    return ceil((Fraction(hour) * busy + Fraction(tokens or 0)) * NANO)


def _dollars(rate: Rate | None) -> Decimal | None:
    """Return what a unit costs, None where that is not known in dollars."""
    return None if rate is None or rate.entry.currency != "USD" else last_amount(rate)
