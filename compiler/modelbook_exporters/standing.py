"""A deployment and an instant -> the prices that hold then, each with its conditions.

What another shape has no word for is handed back too, so that it can be told and is not lost in
silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from modelbook.decimals import EXACT
from modelbook.prices import in_force, price_of
from modelbook.records import STANDARD, Conditions, Deployment, Price

USD = "USD"


@dataclass(frozen=True, slots=True)
class Standing:
    """What one unit costs under some conditions."""

    unit: str
    when: Conditions
    amount: Decimal
    """USD per the unit's `per`; 0 is free of charge."""

    @property
    def stated(self) -> dict[str, object]:
        """Return the conditions that are stated, by name."""
        return {name: value for name, value in vars(self.when).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Factor:
    """What all prices are multiplied with under some conditions."""

    when: Conditions
    by: Decimal

    def scaled(self, row: Standing) -> Standing:
        """Return a price times the factor, exactly, whatever the application's decimals are."""
        return replace(row, amount=EXACT.multiply(row.amount, self.by))


@dataclass(frozen=True, slots=True)
class Prices:
    """What a deployment costs at an instant."""

    rows: tuple[Standing, ...]
    factors: tuple[Factor, ...] = ()
    """Factors that hold for a region: other conditions are worked into the rows."""
    hours: tuple[Price, ...] = ()
    """Entries that hold for hours of the day, whatever else is asked for."""
    left: tuple[str, ...] = ()
    """What none of these says, in a word or two for each entry."""

    def at(self, when: Conditions) -> dict[str, Decimal]:
        """Return the amounts under exactly these conditions, by unit."""
        return {row.unit: row.amount for row in self.rows if row.when == when}


def prices_at(one: Deployment, at: str) -> Prices:
    """Return what a deployment costs at a UTC instant. A price that is not known is left out."""
    live = [entry for entry in one.prices if in_force(entry, at)]
    hours = [entry for entry in live if _is_of_hours(entry)]
    fit = [entry for entry in live if not _odd(entry) and entry not in hours]
    factors = [entry for entry in fit if _is_factor(entry)]
    rows = [entry for entry in fit if entry not in factors]
    conditions = dict.fromkeys(entry.when for entry in rows)
    return Prices(
        tuple(row for when in conditions for row in _under(rows, when, at)),
        tuple(Factor(one.when, one.multiply) for one in factors if one.multiply is not None),
        tuple(hours),
        tuple(word for entry in live if entry not in hours and (word := _odd(entry))),
    )


def _under(rows: Sequence[Price], when: Conditions, at: str) -> Iterator[Standing]:
    """Yield the prices under some conditions: those stated there, and those that are scaled."""
    own = [entry for entry in rows if entry.when == when]
    units = dict.fromkeys(unit for entry in own for unit in entry.amounts)
    for entry in own:
        if entry.multiply is not None:
            scaled = entry.units or [unit for one in rows for unit in one.amounts]
            units |= dict.fromkeys(scaled)
    for unit in units:
        amount = price_of(rows, unit, at, when)
        if amount is not None:
            yield Standing(unit, when, amount)


def _is_factor(entry: Price) -> bool:
    """Tell whether an entry only scales all prices where a call is to be answered in a region."""
    plain = entry.multiply is not None and entry.units is None and not entry.amounts
    return plain and entry.when == Conditions(region=entry.when.region) != STANDARD


def _is_of_hours(entry: Price) -> bool:
    """Tell whether an entry states prices for hours of the day and depends on nothing else."""
    window = entry.when.window
    plain = entry.multiply is None and not entry.marginal and entry.currency == USD
    return window is not None and plain and entry.when == Conditions(window=window)


def _odd(entry: Price) -> str:
    """Return why an entry is no plain price in dollars, empty text if it is one."""
    if entry.currency != USD:
        return "another currency"
    if entry.marginal:
        return "marginal prices"
    if entry.when.window is not None:
        return "hours of the day"
    return ""
