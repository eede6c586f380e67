"""Fractions as decimals: exact, or where no decimal is, with 28 significant digits."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

DIGITS = 28
"""Significant digits of an amount that no decimal shows exactly."""

ROUNDED = Context(prec=DIGITS)
EXACT = Context(prec=400)
"""Contexts of our own: those of the application may round."""


def as_decimal(value: Fraction) -> Decimal:
    """Return a fraction as a decimal: exact, or where none is, with 28 significant digits."""
    return exact(value.numerator, value.denominator, power_of_ten(value.denominator))


def exact(value: int, scale: int, tens: int | None) -> Decimal:
    """Return a whole number divided by a scale, `tens` being the power of ten that it is."""
    return (ROUNDED if tens is None else EXACT).divide(value, scale)


def power_of_ten(scale: int) -> int | None:
    """Return the least power of ten that a number divides; None if it divides none."""
    twos = fives = 0
    while scale % 2 == 0:
        scale, twos = scale // 2, twos + 1
    while scale % 5 == 0:
        scale, fives = scale // 5, fives + 1
    return max(twos, fives) if scale == 1 else None
