"""Which price applies: for each unit the last entry in force whose conditions hold.

This is the one place that reads the price grammar at run time. Amounts are exact decimals in the
entry's currency, per the unit's `per` (tokens: per 1M).
"""

from __future__ import annotations

from .records import Conditions, Price

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal


def in_force(price: Price, at: str) -> bool:
    """Tell whether an entry applies at a UTC instant: from inclusive, until exclusive."""
    begun = price.from_ is None or whole(price.from_) <= at
    return begun and (price.until is None or at < whole(price.until))


def price_of(
    prices: Iterable[Price], unit: str, at: str, when: Conditions, currency: str = "USD"
) -> Decimal | None:
    """Return the price of a unit at an instant under exactly these conditions.

    An entry takes part if everything it demands is asked for. A `multiply` scales what stood
    before it, exactly. None means that no price is known in the currency.
    """
    amount: Decimal | None = None
    for entry in prices:
        if not in_force(entry, at) or not holds(entry.when, when):
            continue
        if unit in entry.amounts:
            amount = entry.amounts[unit] if entry.currency == currency else None
        elif amount is not None and _scales(entry, unit):
            amount = _product(amount, entry.multiply)
    return amount


def holds(demanded: Conditions, given: Conditions) -> bool:
    """Tell whether every demanded condition is among the given ones."""
    for name, value in vars(demanded).items():  # only what is stated
        known = getattr(given, name)
        if name == "context_above" and known is not None and value is not None:
            if known < value:
                return False
        elif value is not None and value != known:
            return False
    return True


def _product(amount: Decimal, factor: Decimal | None) -> Decimal:
    """Return an exact product, whatever precision the application has set for its own decimals."""
    from decimal import Context

    return amount if factor is None else Context(prec=100).multiply(amount, factor)


def _scales(entry: Price, unit: str) -> bool:
    """Tell whether an entry's factor applies to a unit."""
    return entry.multiply is not None and (entry.units is None or unit in entry.units)


def whole(instant: str) -> str:
    """Return a date or instant of a catalog file as a full UTC instant."""
    if len(instant) == 10:
        return instant + "T00:00:00Z"
    return instant if len(instant) == 20 else instant[:-1] + ":00Z"
