"""A usage as somebody gives it -> exact counts by unit; an error for what no call can have used."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from operator import mul

from .errors import RequestError
from .names import shown
from .recipes import possible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .units import Units

    Quantity: TypeAlias = int | float | Decimal
    Usage: TypeAlias = Mapping[str, Quantity]
    Count: TypeAlias = int | Fraction

MOST = 10**15
"""Above this a count is a mistake."""

PLACES = 30
"""Most decimal places of a quantity; no meter has more."""


def possible_counts(units: Units, usage: object) -> dict[str, Count]:
    """Return the counts of a usage, exact; raise `RequestError` if no call can have them."""
    counts = exact_counts(units, mapping(usage))
    for rule in possible([units[key] for key in counts], units):
        if rule.refuses(sum(map(mul, rule.weights, counts.values()))):
            raise RequestError(rule.broken)
    return counts


def exact_counts(units: Units, usage: Usage) -> dict[str, Count]:
    """Return the counts of a usage, exact; raise `RequestError` for one that cannot be."""
    return {key: _count(units, key, value) for key, value in usage.items()}


def mapping(usage: object) -> dict[str, Quantity]:
    """Return a usage as a dictionary; raise `RequestError` if it is none."""
    if isinstance(usage, Mapping):
        return dict(usage)
    raise RequestError(
        f"a usage is a mapping of units to counts, such as {{'input': 1200}}, not {shown(usage)}"
    )


def _count(units: Units, key: str, value: object) -> Count:
    """Return a count, exact; raise `RequestError` for one that cannot be."""
    unit = units[key]
    if value is None:
        raise RequestError(f"`{key}` is None, which is no count; leave it out if nothing was used")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        raise RequestError(f"`{key}` takes a number of {unit.quantity}, not {shown(value)}")
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if isinstance(number, Decimal) and not number.is_finite():
        raise RequestError(f"`{key}` takes a number of {unit.quantity}, not {shown(value)}")
    if number < 0:
        raise RequestError(f"`{key}` cannot be below 0, and is {shown(value)}")
    if number > MOST:
        raise RequestError(f"`{key}` is more than {MOST:,} {unit.quantity}: that is a mistake")
    if isinstance(number, Decimal) and int(number.as_tuple().exponent) < -PLACES:
        raise RequestError(f"`{key}` has more than {PLACES} decimal places: {shown(value)}")
    exact = Fraction(number)
    if exact.denominator == 1:
        return int(exact)
    if not unit.fractional:
        raise RequestError(f"`{key}` counts whole {unit.quantity}, and is {shown(value)}")
    return exact
