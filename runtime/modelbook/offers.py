"""Deployment records -> the second table: what selection seldom asks; it is loaded only then.

The compiler writes it into generated packages; a manager makes the same of what it registers.
"""

from __future__ import annotations

from hashlib import blake2b

from .indexing import standard_price
from .records import CAPABILITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from .records import Deployment, Provider
    from .rows import Made, More, Offer, Offered, Row

    Known: TypeAlias = tuple[Row, Deployment]

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


def more(deployments: Iterable[Known]) -> tuple[dict[str, Offer], More]:
    """Return what is seldom asked of deployments, given by row and record, sorted by id.

    Offers stand in a table of their own, by a digest: with numbers, a new one would change the
    lines of all that come after it.
    """
    offers: dict[str, Offer] = {}
    groups: dict[Made, list[Offered]] = {}
    for row, one in deployments:
        price = standard_price(one.prices, "output", one.throughput)
        offer = _offer(one)
        name = blake2b(repr(offer).encode(), digest_size=8).hexdigest()
        offers[name] = offer
        groups.setdefault(_made(row, one), []).append((one.id, price, name))
    return dict(sorted(offers.items())), [(made, groups[made]) for made in sorted(groups, key=repr)]


def _made(row: Row, one: Deployment) -> Made:
    """Return what is seldom asked of a model."""
    return (
        one.model,
        one.model_name,
        one.family,
        one.license,
        one.open_weights,
        one.parameters.total,
        memory(row, one),
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


def memory(row: Row, one: Deployment) -> int | None:
    """Return the bytes of the weights in the format served; None where that is not known.

    A size that the model states is that of the published format. Where none is stated, it follows
    from the number of weights and a format whose weights all have the same number of bits.
    """
    own: int | None = row.get("weights", {}).get("bytes")
    if own is not None:
        return own
    if one.quantization is None and one.weights.bytes is not None:
        return one.weights.bytes
    bits = BITS.get(one.quantization or one.weights.dtype or "")
    total = one.parameters.total
    return None if bits is None or total is None else total * bits // 8


def served(deployments: Iterable[Known]) -> dict[str, Row]:
    """Return deployment id to what it states of regions and data, where it differs there."""
    rows = ((one.id, _stated(row, ("regions", "data_policy"))) for row, one in deployments)
    return {id: row for id, row in rows if row}


def providers(known: Iterable[tuple[Row, Provider]]) -> dict[str, Row]:
    """Return provider id to how it is reached, and what holds at all its deployments."""
    return {one.id: _provider(row, one) for row, one in known}


def _provider(row: Row, one: Provider) -> Row:
    """Return what selection may ask of a provider."""
    methods = tuple(dict.fromkeys(way.method for way in one.access))
    return {
        **({"own": True} if one.source_type == "self-hosted" else {}),
        **({"methods": methods} if methods else {}),
        **_stated(row, ("access", "regions", "data_policy")),
    }


def _stated(row: Row, names: Iterable[str]) -> dict[str, object]:
    """Return some fields of a row, those that are there."""
    return {name: row[name] for name in names if name in row}
