"""Numbers of a source, exact as written -> amounts and counts of our schemas, or why not."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

from .claims import Json, Reason

EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
SMALLEST = Decimal("0.000000001")
"""The last decimal that an amount can have."""

NOISE = Decimal("0.000001")
"""An amount may differ from what is written by this share: floats print 0.30000000000000004."""

MOST = Decimal(5_000)
"""Amounts above are a slip of the unit, whoever states them: the dearest model sold costs 600 for a
million tokens, and known slips are 10,000 times too high."""

MOST_TOKENS = 12_000_000
"""Limits above are a slip; the largest context there is holds 10 million tokens."""


def number(value: Json) -> Decimal | None:
    """Return a JSON number as it was written, None for anything else. Booleans are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    read = Decimal(value)
    return read if read.is_finite() else None


def amount(value: Decimal, scale: int | Decimal) -> tuple[str, None] | tuple[None, Reason]:
    """Return the price of `scale` times as much as catalog text, `"2.50"`, or why it is none."""
    if value < 0:
        return None, "variable"
    if not value:
        return None, "zero-price"
    exact = EXACT.multiply(value, Decimal(scale))
    if exact > MOST:
        return None, "absurd"
    kept = exact.quantize(SMALLEST, context=EXACT)
    if not kept or abs(kept - exact) > exact * NOISE:
        return None, "too-fine"
    return written(kept), None


def written(value: Decimal) -> str:
    """Return a positive amount as the catalog writes it: two decimals, more where needed."""
    whole, _, fraction = format(value, "f").partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def count(value: Json) -> tuple[int, None] | tuple[None, Reason]:
    """Return a number of tokens, or why it is none."""
    read = number(value)
    if read is None or read != read.to_integral_value():
        return None, "wrong-type"
    if read <= 0:
        return None, "zero-limit" if not read else "absurd"
    return (None, "absurd") if read > MOST_TOKENS else (int(read), None)
