"""The price grammar at run time: price entries and what a call asked for in, rates out.

For each unit the last entry that applies wins; a `multiply` scales what stood before it, exactly.
Amounts are decimals in the entry's currency, per the unit's `per` (tokens: per 1M).
"""

from __future__ import annotations

from .errors import RequestError
from .record import Record
from .records import Conditions, Price

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from .records import Allowance

ASKED = ("tier", "region", "speed", "size", "quality")
"""What a call may ask for, as price conditions name it."""

USUAL: Mapping[str, frozenset[str]] = {
    "tier": frozenset({"standard", "default"}),
    "region": frozenset({"global", "default"}),
    "speed": frozenset({"standard", "default"}),
    "quality": frozenset({"standard", "default"}),
    "size": frozenset(),
}
"""Names for what entries without the condition stand for; the same as not asking."""


class Asked(Record):
    """What a call asked for, as far as prices depend on it; None is what nobody asked for."""

    tier: str | None = None
    region: str | None = None
    speed: str | None = None
    size: str | None = None
    quality: str | None = None


class Rate(Record):
    """What one unit costs."""

    amount: Decimal | None
    """Price per the unit's `per`, all factors in; None is `unknown`."""
    entry: Price
    """The entry that states the price."""
    factors: tuple[Price, ...] = ()
    """The entries that scale it, in order."""
    above: tuple[tuple[int, Decimal | None, Price], ...] = ()
    """Marginal prices: (input tokens above which it holds, amount, entry), the lowest first."""
    minimum: int | None = None
    """Least quantity charged for a request."""
    allowance: Allowance | None = None
    """What is free of charge."""


def rates(entries: Iterable[Price]) -> dict[str, Rate]:
    """Return what each unit costs, given the entries that apply, in order."""
    found: dict[str, Rate] = {}
    for entry in entries:
        for unit, amount in entry.amounts.items():
            if entry.marginal:
                found[unit] = _topped(found.get(unit), amount, entry)
            else:
                found[unit] = Rate(amount=amount, entry=entry)
        if entry.multiply is not None:
            _scale(found, entry, entry.multiply)
        for unit in found.keys() & (entry.minimum.keys() | entry.allowance.keys()):
            found[unit] = _bounded(found[unit], unit, entry)
    return found


def price_of(
    prices: Iterable[Price], unit: str, at: str, when: Conditions, currency: str = "USD"
) -> Decimal | None:
    """Return the price of a unit at an instant under exactly these conditions.

    An entry takes part if everything it demands is asked for. None means that no price is known in
    the currency.
    """
    known = rates(one for one in prices if in_force(one, at) and holds(one.when, when)).get(unit)
    return None if known is None or known.entry.currency != currency else last_amount(known)


def price_in_call(
    prices: Iterable[Price], unit: str, at: int, call: Asked, tokens: int, currency: str
) -> Decimal | None:
    """Return the price of a unit for a call with so many input tokens; None where not known.

    `at` is in seconds since 1970.
    """
    from .instants import text, within

    now = text(at)
    found = rates(
        one
        for one in prices
        if in_force(one, now)
        and meets(one.when, call)
        and (one.when.context_above is None or one.when.context_above < tokens)
        and (one.when.window is None or within(one.when.window, at))
    )
    known = found.get(unit)
    return None if known is None or known.entry.currency != currency else last_amount(known)


def last_amount(rate: Rate) -> Decimal | None:
    """Return what one more of a unit costs: the highest marginal price, else the price."""
    return rate.above[-1][1] if rate.above else rate.amount


def in_force(price: Price, at: str) -> bool:
    """Tell whether an entry applies at a UTC instant: from inclusive, until exclusive."""
    begun = price.from_ is None or whole(price.from_) <= at
    return begun and (price.until is None or at < whole(price.until))


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


def meets(demanded: Conditions, call: Asked) -> bool:
    """Tell whether a call asked for all that an entry demands, its context and hours aside."""
    stated = vars(demanded)
    return all(stated.get(name) in (None, getattr(call, name)) for name in ASKED)


def checked_call(
    prices: Sequence[Price],
    of: str,
    *,
    tier: str | None,
    region: str | None,
    speed: str | None,
    size: str | None,
    quality: str | None,
) -> Asked:
    """Return what a call asks for, as entries name it; `of` is the deployment's id.

    Raises `RequestError` for what none of its prices depends on, with what is known.
    """
    given = {"tier": tier, "region": region, "speed": speed, "size": size, "quality": quality}
    asked = {name: value for name, value in given.items() if value is not None}
    for name, value in list(asked.items()):
        known = sorted({one for one in (getattr(p.when, name) for p in prices) if one})
        if not isinstance(value, str):
            raise RequestError(f"`{name}` takes a text, not {value!r}")
        meant = value if value in known else value.strip().lower()
        if meant in known:
            asked[name] = meant
        elif meant in USUAL[name]:
            del asked[name]
        else:
            raise _unknown(of, name, value, known)
    return Asked(**asked)


def _unknown(of: str, name: str, value: str, known: list[str]) -> RequestError:
    """Return the error for a tier, region, … that no price of a deployment speaks of."""
    from .names import nearest, shown

    listed = ", ".join(f"`{one}`" for one in known)
    have = f"it has some for {listed}" if known else f"none of its prices depends on a {name}"
    if known and USUAL[name]:
        have += f", and the usual ones for `{min(USUAL[name], key=_plain)}`"
    found = nearest(value, known)
    return RequestError(
        f"`{of}` has no prices for the {name} {shown(value)}: {have}", id=value, nearest=found
    )


def _plain(name: str) -> bool:
    """Sort the word that vendors use before the general one."""
    return name == "default"


def _topped(rate: Rate | None, amount: Decimal | None, entry: Price) -> Rate:
    """Return a rate with a marginal price on top."""
    above = (entry.when.context_above or 0, amount, entry)
    if rate is None:
        return Rate(amount=None, entry=entry, above=(above,))
    kept = [one for one in rate.above if one[0] < above[0]]
    return rate.changed(above=(*kept, above))


def _scale(found: dict[str, Rate], entry: Price, factor: Decimal) -> None:
    """Scale the rates that an entry's factor applies to, all parts of them."""
    for unit, rate in found.items():
        if unit not in entry.amounts and (entry.units is None or unit in entry.units):
            found[unit] = rate.changed(
                amount=_product(rate.amount, factor),
                above=tuple((at, _product(one, factor), by) for at, one, by in rate.above),
                factors=(*rate.factors, entry),
            )


def _bounded(rate: Rate, unit: str, entry: Price) -> Rate:
    """Return a rate with the least quantity and the free one that an entry states for a unit."""
    return rate.changed(
        minimum=entry.minimum.get(unit, rate.minimum),
        allowance=entry.allowance.get(unit, rate.allowance),
    )


def _product(amount: Decimal | None, factor: Decimal) -> Decimal | None:
    """Return an exact product, whatever precision the application has set for its own decimals."""
    from decimal import Context

    return None if amount is None else Context(prec=200).multiply(amount, factor)


def whole(instant: str) -> str:
    """Return a date or instant of a catalog file as a full UTC instant."""
    if len(instant) == 10:
        return instant + "T00:00:00Z"
    return instant if len(instant) == 20 else instant[:-1] + ":00Z"
