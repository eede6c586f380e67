"""Deployments -> index: what selection asks, ready to be compared.

The second table, `more`, has what is seldom asked; it is loaded only then.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from math import ceil

from modelbook.checks import NANO
from modelbook.prices import Rate, holds, in_force, last_amount, rates, whole
from modelbook.recipes import HOUR, MACHINE
from modelbook.records import (
    CAPABILITIES,
    DERIVED_CAPABILITIES,
    STANDARD,
    Deployment,
    Price,
    Provider,
    Throughput,
)
from modelbook.rows import Index, Line, Made, More, Offer, Offered, Row, Steps, Traits

from .book import Listed

MILLION = 10**6
"""Tokens that a price pays for."""

BITS = {
    "float32": 32,
    "fp32": 32,
    "bfloat16": 16,
    "bf16": 16,
    "float16": 16,
    "fp16": 16,
    "fp8": 8,
    "int8": 8,
}
"""Bits of a weight in number formats whose weights all have the same."""

BEGINNING = ""
"""Sorts before every instant."""


def index(deployments: Iterable[Deployment]) -> Index:
    """Return the index of deployments, which must be sorted by id."""
    groups: dict[Traits, list[Line]] = {}
    for one in deployments:
        groups.setdefault(_traits(one), []).append(_line(one))
    return [(traits, groups[traits]) for traits in sorted(groups)]


def _traits(one: Deployment) -> Traits:
    """Return what a deployment may have in common with others."""
    names = (*CAPABILITIES, *DERIVED_CAPABILITIES)
    return (
        one.pipelines,
        one.source_type == "self-hosted",
        one.source_type == "api" or bool(one.prices),
        tuple(name for name in names if one.supports(name)),
        not one.fine_tuned,
    )


def _line(one: Deployment) -> Line:
    """Return what is a deployment's own."""
    return (
        one.id,
        one.limits.context,
        input_price(one.prices, one.throughput),
        one.lifecycle.released or one.released or "",
        one.lifecycle.retired_on or "",
    )


def more(deployments: Iterable[Listed[Deployment]]) -> tuple[dict[str, Offer], More]:
    """Return what is seldom asked of deployments, which must be sorted by id.

    Offers stand in a table of their own, by a digest: with numbers, a new one would change the
    lines of all that come after it.
    """
    offers: dict[str, Offer] = {}
    groups: dict[Made, list[Offered]] = {}
    for one in deployments:
        price = standard_price(one.record.prices, "output", one.record.throughput)
        offer = _offer(one.record)
        name = blake2b(repr(offer).encode(), digest_size=5).hexdigest()
        offers[name] = offer
        groups.setdefault(_made(one), []).append((one.id, price, name))
    return dict(sorted(offers.items())), [(made, groups[made]) for made in sorted(groups, key=repr)]


def _made(listed: Listed[Deployment]) -> Made:
    """Return what is seldom asked of a model."""
    one = listed.record
    return (
        one.model,
        one.model_name,
        one.family,
        one.license,
        one.open_weights,
        one.parameters.total,
        memory(listed),
    )


def _offer(one: Deployment) -> Offer:
    """Return what is seldom asked of a deployment, but for its price."""
    return (
        one.modalities.input,
        one.modalities.output,
        one.limits.max_output,
        tuple(name for name in CAPABILITIES if one.supports(name) is False),
        one.lifecycle.status,
        one.lifecycle.deprecated_on or "",
    )


def memory(listed: Listed[Deployment]) -> int | None:
    """Return the bytes of the weights in the format served; None where that is not known.

    A size that the model states is that of the published format. Where none is stated, it follows
    from the number of weights and a format whose weights all have the same number of bits.
    """
    one = listed.record
    own: int | None = listed.row.get("weights", {}).get("bytes")
    if own is not None:
        return own
    if one.quantization is None and one.weights.bytes is not None:
        return one.weights.bytes
    bits = BITS.get(one.quantization or one.weights.dtype or "")
    total = one.parameters.total
    return None if bits is None or total is None else total * bits // 8


def served(deployments: Iterable[Listed[Deployment]]) -> dict[str, Row]:
    """Return deployment id to what it states of regions and data, where it differs there."""
    rows = ((one.id, _stated(one.row, ("regions", "data_policy"))) for one in deployments)
    return {id: row for id, row in rows if row}


def providers(listed: Iterable[Listed[Provider]]) -> dict[str, Row]:
    """Return provider id to how it is reached, and what holds at all its deployments."""
    return {one.id: _provider(one) for one in listed}


def _provider(one: Listed[Provider]) -> Row:
    """Return what selection may ask of a provider."""
    methods = tuple(dict.fromkeys(way.method for way in one.record.access))
    return {
        **({"own": True} if one.record.source_type == "self-hosted" else {}),
        **({"methods": methods} if methods else {}),
        **_stated(one.row, ("access", "regions", "data_policy")),
    }


def _stated(row: Row, names: Iterable[str]) -> dict[str, object]:
    """Return some fields of a row, those that are there."""
    return {name: row[name] for name in names if name in row}


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
