"""How usages that count the same units are charged: rates and units in, weights and checks out.

Counts are inclusive: `input` holds the cached tokens and the audio. A recipe takes a usage apart
into disjoint parts, each charged at one rate, and knows what must hold for the counts to be
possible. All of it is linear in the counts, so that one sum of products is the cost.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from .decimals import power_of_ten
from .errors import RequestError
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from .prices import Rate
    from .tariffs import Scale, Tariff
    from .units import Unit, Units

    Weights = tuple[int, ...]
    Count = int | Fraction

ONE = "requests"
"""The unit of which every call uses one, unless it says otherwise."""

MACHINE = "gpu_hours"
"""The unit that tokens of a self-hosted deployment turn into, where its throughput is stated."""


HOUR = 3600
"""Seconds of an hour, by which accelerators are paid."""


class Part(Record):
    """A disjoint part of a usage: the counts, each times a whole number."""

    unit: str
    """The unit that counts it."""
    charged: str | None
    """The unit whose rate it is charged at; None where no price is known."""
    weights: Weights


class Rule(Record):
    """What must hold of the counts, each times a whole number, for a usage to be possible."""

    weights: Weights
    exact: bool
    """Whether the sum must be 0; else it must not be below."""
    broken: str
    """What is wrong otherwise."""

    def refuses(self, value: int | Fraction | Decimal) -> bool:
        """Tell whether counts with this sum of products cannot be."""
        return value < 0 or (self.exact and value != 0)


class Recipe(Record):
    """How usages that count these units are charged."""

    keys: tuple[str, ...]
    parts: tuple[Part, ...]
    rates: dict[str, Rate]
    """Those of the units that the parts are charged at."""
    worth: dict[str, Fraction]
    """What an amount of 1 for such a unit means for one of it, in the currency of the cost."""
    hours: tuple[Fraction, ...]
    """Hours of accelerators that one of each key takes; empty without a throughput."""
    currency: str
    rules: tuple[Rule, ...]
    overlaps: tuple[tuple[int, int, str], ...]
    """Positions of two counts that may overlap, and the unit that would say how much."""
    # The rest is the same, worked out for the usual case.
    plain: bool
    """Whether the cost is one sum of products."""
    weights: Weights
    constant: int
    scale: int
    """What the sum of products is divided by."""
    tens: int | None
    """The power of ten that `scale` is; None if it is none."""
    bounds: tuple[Weights, ...]
    """Sums of products that must not be below 0."""
    nothing: tuple[Weights, ...]
    """Sums of products that must be 0."""


def recipe(keys: tuple[str, ...], scale: Scale, tariff: Tariff, units: Units, at: int) -> Recipe:
    """Return how usages with these keys are charged at an instant.

    Raises `RequestError` for an unknown unit, or for prices in several currencies.
    """
    given = [units[key] for key in keys]
    hours = _hours(keys, scale, tariff)
    parts = tuple(_parts(given, scale.rates, hours, units))
    used = [part.charged for part in parts if part.charged]
    used += [MACHINE] * any(hours) + [ONE] * (ONE in scale.rates and ONE not in keys)
    rates = {id: scale.rates[id] for id in dict.fromkeys(used)}
    currency = _currency(rates, tariff)
    worth = {id: _worth(rate, currency, tariff, at) / units[id].per for id, rate in rates.items()}
    pays = {id: Fraction(r.amount) * worth[id] for id, r in rates.items() if r.amount is not None}
    rules = tuple(possible(given, units))
    nothing = [rule.weights for rule in rules if rule.exact]
    nothing += [part.weights for part in parts if part.charged not in pays]
    overlaps = tuple(_overlaps(given, parts, units))
    weights, constant, divisor, tens = _summed(keys, parts, pays, hours)
    return Recipe(
        keys=keys,
        parts=parts,
        rates=rates,
        worth=worth,
        hours=hours,
        currency=currency,
        rules=rules,
        overlaps=overlaps,
        plain=_plain(keys, rates, pays),
        weights=weights,
        constant=constant,
        scale=divisor,
        tens=tens,
        bounds=tuple(dict.fromkeys(_bounds(parts, rules))),
        nothing=tuple(dict.fromkeys(nothing)),
    )


def _hours(keys: tuple[str, ...], scale: Scale, tariff: Tariff) -> tuple[Fraction, ...]:
    """Return the hours of accelerators that one of each key takes, if that is how it is paid."""
    speed = tariff.deployment.throughput
    if speed is None or MACHINE not in scale.rates or MACHINE in keys:
        return ()
    rates = {"input": speed.input, "output": speed.output}
    return tuple(
        Fraction(speed.accelerators, rate * HOUR) if (rate := rates.get(key)) else Fraction(0)
        for key in keys
    )


def _parts(
    given: Sequence[Unit], rates: dict[str, Rate], hours: Sequence[Fraction], units: Units
) -> list[Part]:
    """Return the disjoint parts of a usage, in the order of the registry.

    What has no price of its own is charged with its whole, and not taken apart from it.
    """
    timed = {unit.id for unit, one in zip(given, hours, strict=False) if one}
    apart: dict[str, Part] = {}
    for unit in sorted(given, key=lambda one: -len(one.wholes)):
        charged = _charged(unit, rates, units)
        if unit.id == ONE and charged is None:  # counted, and nothing to pay for each
            continue
        if charged != unit.id and (charged or timed & {unit.id, *unit.wholes}):
            continue
        weights = [int(one is unit) for one in given]
        for id, part in apart.items():
            if unit.id in units[id].wholes:
                weights = [a - b for a, b in zip(weights, part.weights, strict=True)]
        apart[unit.id] = Part(unit=unit.id, charged=charged, weights=tuple(weights))
    return sorted(apart.values(), key=lambda part: units[part.unit].order)


def _charged(unit: Unit, rates: dict[str, Rate], units: Units) -> str | None:
    """Return the unit whose rate a unit is charged at; None if there is none, or several."""
    if unit.id in rates:
        return unit.id
    priced = [] if unit.own_price else [id for id in rates if id in unit.wholes]
    nearest = [id for id in priced if not any(id in units[other].wholes for other in priced)]
    return nearest[0] if len(nearest) == 1 else None


def _currency(rates: dict[str, Rate], tariff: Tariff) -> str:
    """Return the currency of the cost."""
    known = sorted({rate.entry.currency for rate in rates.values()})
    if tariff.currency is None and len(known) > 1:
        raise RequestError(
            f"`{tariff.deployment.id}` has prices in {' and '.join(known)}; "
            "say which `currency` the cost shall be in"
        )
    return tariff.currency or (known[0] if known else "USD")


def possible(given: Sequence[Unit], units: Units) -> Iterable[Rule]:
    """Yield what must hold between the counts themselves."""
    ids = [unit.id for unit in given]
    for unit in given:
        for id in sorted(unit.wholes - {*ids}):
            told = f"`{unit.id}` counts towards `{id}`, whose count is missing"
            yield Rule(weights=tuple(int(one is unit) for one in given), exact=True, broken=told)
    for whole in given:
        inner = [one for one in given if whole.id in one.wholes]
        outer = [one for one in inner if not any(other.id in one.wholes for other in inner)]
        for group in _disjoint(outer, units):
            listed = " and ".join(f"`{one.id}`" for one in group)
            told = f"{listed} {'is' if len(group) == 1 else 'are'} more than `{whole.id}`"
            yield Rule(
                weights=tuple(int(one is whole) - int(one in group) for one in given),
                exact=False,
                broken=f"{told}, whose count includes {'it' if len(group) == 1 else 'them'}",
            )


def _disjoint(parts: Sequence[Unit], units: Units) -> list[list[Unit]]:
    """Return parts that cannot overlap as one group, and each other part by itself."""
    alone = [
        one
        for one in parts
        if any(units.common_part(one, other) for other in parts if other is not one)
    ]
    together = [one for one in parts if one not in alone]
    return [*([one] for one in parts), *([together] if len(together) > 1 else [])]


def _overlaps(
    given: Sequence[Unit], parts: Sequence[Part], units: Units
) -> Iterable[tuple[int, int, str]]:
    """Yield pairs of counts, taken apart, of which nobody says how much they share."""
    apart = {part.unit for part in parts}
    for n, one in enumerate(given):
        for m, other in enumerate(given[:n]):
            nested = one.id in other.wholes or other.id in one.wholes
            if not nested and {one.id, other.id} <= apart:
                shared = units.common_part(one, other)
                if shared and not any(shared == unit.id for unit in given):
                    yield m, n, shared


def _plain(keys: tuple[str, ...], rates: dict[str, Rate], pays: dict[str, Fraction]) -> bool:
    """Tell whether the cost is one sum of products."""
    if (
        ONE in keys
        or not (keys or rates)
        or any(id in rates and id not in pays for id in (ONE, MACHINE))
    ):
        return False
    return not any(
        rate.above or rate.minimum or (rate.allowance and rate.allowance.per == "request")
        for rate in rates.values()
    )


def _worth(rate: Rate, currency: str, tariff: Tariff, at: int) -> Fraction:
    """Return what one of a price's currency is worth in another at an instant."""
    own = rate.entry.currency
    if own == currency:
        return Fraction(1)
    return tariff.in_dollars(own, at) / tariff.in_dollars(currency, at)


def _summed(
    keys: tuple[str, ...],
    parts: Iterable[Part],
    pays: dict[str, Fraction],
    hours: Sequence[Fraction],
) -> tuple[Weights, int, int, int | None]:
    """Return the cost as whole numbers: weights of the counts, a constant, the scale, its tens."""
    each = [one * pays.get(MACHINE, Fraction(0)) for one in hours] or [Fraction(0) for _ in keys]
    for part in parts:
        pay = pays.get(part.charged or "", Fraction(0))
        each = [sum_ + pay * weight for sum_, weight in zip(each, part.weights, strict=True)]
    constant = pays.get(ONE, Fraction(0)) if ONE not in keys else Fraction(0)
    scale = lcm(constant.denominator, *(one.denominator for one in each))
    tens = power_of_ten(scale)
    scale = scale if tens is None else 10**tens
    return tuple(int(one * scale) for one in each), int(constant * scale), scale, tens


def _bounds(parts: Iterable[Part], rules: Iterable[Rule]) -> Iterable[Weights]:
    """Yield the sums that must not be below 0, without those of one count."""
    for weights in [part.weights for part in parts] + [r.weights for r in rules if not r.exact]:
        if any(one < 0 for one in weights):
            yield weights
