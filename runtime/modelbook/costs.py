"""What a call cost: a deployment, the usage and the circumstances in, an exact `Cost` out.

Nothing is rounded: amounts are exact decimals. Only one that no decimal can show (a tenth of a
second at a price per hour) has 28 significant digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from operator import mul

from .errors import NotPricedError, RequestError
from .instants import seconds, text
from .names import shown
from .prices import checked_call
from .recipes import MACHINE, ONE, possible, power_of_ten, recipe
from .record import FrozenDict, Record
from .records import Deployment
from .tariffs import Tariff, in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, TypeAlias

    from .catalog import Catalog
    from .prices import Rate
    from .recipes import Recipe
    from .records import Price, Source
    from .tariffs import Sheet
    from .units import Units

    Quantity: TypeAlias = int | float | Decimal
    Usage: TypeAlias = Mapping[str, Quantity | None]
    Count: TypeAlias = int | Fraction

MOST = 10**15
"""Above this a count is a mistake."""

PLACES = 30
"""Most decimal places of a quantity; no meter has more."""

DIGITS = 28
"""Significant digits of an amount that no decimal shows exactly."""

KEPT = 4096
"""Most tariffs that are kept once worked out."""

RECIPES = 256
"""Most kinds of usage whose recipe is kept, for one deployment at one time."""


ROUNDED = Context(prec=DIGITS)
EXACT = Context(prec=400)
"""Contexts of our own: those of the application may round."""


class Line(Record):
    """What one unit contributes to a cost."""

    unit: str
    quantity: int | Decimal
    """How much of the unit itself was used, what has a price of its own taken off."""
    rate: Decimal
    """Price in the entry's currency per `per` of the quantity, all factors in."""
    per: int
    amount: Decimal
    """In the currency of the cost."""
    entry: Price
    """The price entry that applied."""
    factors: tuple[Price, ...] = ()
    """The entries that scaled its price."""


class Cost(Record):
    """What a call cost. Equal by value; lines and sources are worked out when they are read."""

    deployment: str
    """Id of the deployment; of a moving name, the name itself."""
    total: Decimal
    """The sum of the lines, exact; with `unpriced`, what is known of it."""
    currency: str
    unpriced: tuple[str, ...]
    """Units that were used and have no known price; only where `partial` was asked for."""
    at: str
    """The UTC instant the prices are of, ISO text."""
    lines: tuple[Line, ...]
    """What makes up the total; nothing for units that were not used."""
    sources: tuple[Source, ...]
    """Where the prices come from."""
    allowances: FrozenDict[str, str]
    """Units of which some are free each day or month, and how many; not subtracted, since nobody
    here knows what was used before."""

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Work out a field that nobody has read yet."""
            how = self.__dict__.get("_how")
            if how is None or name not in type(self)._known:
                raise AttributeError(f"Cost has no {name}")
            value = self.__dict__[name] = getattr(Charge(*how), name)()
            return value

        def __reduce__(self):
            """Pickle the fields, worked out."""
            return (_unpickled, ({name: getattr(self, name) for name in self._fields},))


def _unpickled(fields: dict[str, Any]) -> Cost:
    """Return a cost from its fields."""
    return Cost(**fields)


def price(
    catalog: Catalog,
    deployment: str | Deployment,
    usage: Usage,
    at: object = None,
    tier: str | None = None,
    region: str | None = None,
    speed: str | None = None,
    size: str | None = None,
    quality: str | None = None,
    currency: str | None = None,
    partial: bool = False,
) -> Cost:
    """Return what one call cost; see the `price` of a generated package."""
    kept: dict[object, Tariff] = catalog.tariffs
    key = (deployment, tier, region, speed, size, quality, currency)
    try:
        tariff = kept.get(key)
    except TypeError:  # what cannot be a key; `_tariff` says what it is
        tariff = None
    if tariff is None:
        tariff = _tariff(catalog, *key)
        if len(kept) >= KEPT:
            kept.clear()
        kept[key] = tariff
    moment = seconds(at)
    sheet = tariff.sheet(moment)
    if not isinstance(usage, dict):
        usage = _mapping(usage)
    counts = tuple(usage.values())
    tokens = usage.get("input", 0) if sheet.thresholds else 0
    known = sheet.scale(tokens).recipes.get(tuple(usage)) if type(tokens) is int else None
    total = None if known is None else _sum(known, counts)
    if known is None or total is None:
        return _careful(catalog, tariff, sheet, usage, moment, partial)
    return Cost.of(
        {
            "deployment": tariff.deployment.id,
            "total": exact(total, known.scale, known.tens),
            "currency": known.currency,
            "unpriced": (),
            "_how": (catalog, tariff, known, counts, moment),
        }
    )


class Charge:
    """How a cost came about: its lines, sources and time, worked out when they are asked for."""

    def __init__(
        self, catalog: Catalog, tariff: Tariff, known: Recipe, counts: Sequence[Count], at: int
    ) -> None:
        self._catalog = catalog
        self._tariff = tariff
        self._recipe = known
        self._counts = counts
        self._at = at

    def at(self) -> str:
        """Return the UTC instant the prices are of."""
        return text(self._at)

    def lines(self) -> tuple[Line, ...]:
        """Return what makes up the total."""
        return tuple(line for line, _ in self.amounts())

    def amounts(self) -> Iterator[tuple[Line, Fraction]]:
        """Yield the lines, each with its exact amount."""
        for unit, share, amount, entry in self._shares():
            if amount is not None:
                money = share * Fraction(amount) * self._recipe.worth[unit]
                yield self._line(unit, share, amount, money, entry), money

    def unpriced(self) -> tuple[str, ...]:
        """Return the units that were used, all or in part, and have no known price."""
        apart = self._recipe.parts
        lost = [p.unit for p in apart if not p.charged and sum(map(mul, p.weights, self._counts))]
        unknown = [unit for unit, _, amount, _ in self._shares() if amount is None]
        return tuple(sorted({*lost, *unknown}, key=[*self._recipe.keys, MACHINE, ONE].index))

    def sources(self) -> tuple[Source, ...]:
        """Return where the prices come from: the entry's own source, else the deployment's."""
        found: dict[Source, None] = {}
        for line in self.lines():
            for entry in (line.entry, *line.factors):
                general = () if entry.source else self._general()
                found.update(dict.fromkeys((entry.source,) if entry.source else general))
        return tuple(found)

    def allowances(self) -> FrozenDict[str, str]:
        """Return what is free each day or month of the units that were used."""
        used = {unit: self._recipe.rates[unit].allowance for unit in self._used()}
        return FrozenDict(
            {
                unit: f"{free.quantity} per {free.per}"
                for unit, free in used.items()
                if free and free.per != "request"
            }
        )

    def _used(self) -> list[str]:
        """Return the units that are charged."""
        return list(quantities(self._recipe, self._counts))

    def _general(self) -> tuple[Source, ...]:
        """Return the sources of the deployment's prices; of a moving name those of its target."""
        one = self._tariff.deployment
        own = tuple(s for s in one.sources if s.fields and _speaks_of_prices(s))
        then = [step for step in one.points_to if seconds(step.from_) <= self._at]
        if own or not then:
            return own or tuple(s for s in one.sources if s.fields is None)
        target = self._catalog.get_deployment(then[-1].deployment)
        own = tuple(s for s in target.sources if s.fields and _speaks_of_prices(s))
        return own or tuple(s for s in target.sources if s.fields is None)

    def _shares(self) -> Iterator[tuple[str, Count, Decimal | None, Price]]:
        """Yield how much of each unit is charged at which price; None is not known."""
        for unit, quantity in quantities(self._recipe, self._counts).items():
            for share in self._of_unit(unit, self._recipe.rates[unit], quantity):
                yield unit, *share

    def _of_unit(
        self, unit: str, rate: Rate, quantity: Count
    ) -> Iterator[tuple[Count, Decimal | None, Price]]:
        """Yield how much is charged at which price: one share, or more with marginal prices."""
        requests = self._requests()
        if rate.minimum is not None:
            self._alone(requests, unit)
            quantity = max(quantity, rate.minimum)
        if rate.allowance is not None and rate.allowance.per == "request":
            quantity = max(quantity - rate.allowance.quantity * requests, 0)
        ends = [self._above(unit, step[0], quantity) for step in rate.above]
        if rate.above:
            self._alone(requests, unit)
        left = quantity
        shares: list[tuple[Count, Decimal | None, Price]] = []
        for (_, amount, entry), end in reversed([*zip(rate.above, ends, strict=True)]):
            taken = min(end, left) if not shares else min(end - (quantity - left), left)
            shares.append((taken, amount, entry))
            left -= taken
        shares.append((left, rate.amount, rate.entry))
        yield from (share for share in reversed(shares) if share[0])

    def _above(self, unit: str, threshold: int, quantity: Count) -> Count:
        """Return how many of a unit's tokens stand in a prompt above a threshold.

        The end of the prompt is what is new, then what is written to the cache; its start is what
        is read from there.
        """
        above = self._of("input") - threshold - sum(self._after(unit))
        return max(0, min(quantity, above))

    def _after(self, unit: str) -> Iterator[Count]:
        """Yield how many tokens of other units stand nearer to the end of the prompt."""
        units = self._catalog.units
        used = quantities(self._recipe, self._counts)
        inputs = [id for id in units if id in used and units[id].direction == "input"]
        for id in sorted(inputs, key=lambda one: units[one].place):
            if id == unit:
                return
            yield used[id]

    def _of(self, key: str) -> Count:
        """Return a count of the usage, 0 where it has none."""
        keys = self._recipe.keys
        return self._counts[keys.index(key)] if key in keys else 0

    def _requests(self) -> Count:
        """Return how many calls the usage is of."""
        return self._of(ONE) if ONE in self._recipe.keys else 1

    def _alone(self, requests: Count, unit: str) -> None:
        """Refuse several calls in one usage where the price depends on each of them."""
        if requests > 1:
            raise RequestError(
                f"the price of `{unit}` depends on each request, and this usage is of "
                f"{requests}; price them one by one"
            )

    def _line(
        self, unit: str, quantity: Count, rate: Decimal, money: Fraction, entry: Price
    ) -> Line:
        """Return one line."""
        return Line(
            unit=unit,
            quantity=quantity if isinstance(quantity, int) else as_decimal(quantity),
            rate=rate,
            per=self._catalog.units[unit].per,
            amount=as_decimal(money),
            entry=entry,
            factors=self._recipe.rates[unit].factors,
        )


def _careful(
    catalog: Catalog, tariff: Tariff, sheet: Sheet, usage: Usage, at: int, partial: bool
) -> Cost:
    """Return a cost step by step, with every check; for what is not the usual case."""
    units = catalog.units
    counts = {key: _count(units, key, value) for key, value in usage.items() if value is not None}
    tokens = counts.get("input", 0)
    if counts.get(ONE, 1) > 1 and sheet.thresholds and tokens > sheet.thresholds[0]:
        raise RequestError(
            f"above {sheet.thresholds[0]:,} input tokens a request has other prices, and this "
            f"usage is of {counts[ONE]} requests; price them one by one"
        )
    scale, keys = sheet.scale(tokens), tuple(counts)
    if keys not in scale.recipes:
        if len(scale.recipes) >= RECIPES:
            scale.recipes.clear()
        scale.recipes[keys] = recipe(keys, scale, tariff, units, at)
    known, values = scale.recipes[keys], tuple(counts.values())
    _check(known, values)
    how = (catalog, tariff, known, values, at)
    charge = Charge(*how)
    unpriced, amounts = charge.unpriced(), [money for _, money in charge.amounts()]
    if unpriced and not (partial and amounts):
        raise _not_priced(tariff, unpriced)
    total = sum(amounts, start=Fraction(0))
    return Cost.of(
        {
            "deployment": tariff.deployment.id,
            "total": as_decimal(total),
            "currency": known.currency,
            "unpriced": unpriced,
            "_how": how,
        }
    )


def _tariff(
    catalog: Catalog,
    deployment: str | Deployment,
    tier: str | None,
    region: str | None,
    speed: str | None,
    size: str | None,
    quality: str | None,
    currency: str | None,
) -> Tariff:
    """Return what a deployment charges for such calls."""
    one = deployment if isinstance(deployment, Deployment) else catalog.get_deployment(deployment)
    currencies = catalog.table("_registry").CURRENCIES
    if currency is not None and not (isinstance(currency, str) and currency in currencies):
        known = ", ".join(currencies)
        raise RequestError(f"unknown currency {shown(currency)}; the catalog knows {known}")
    call = checked_call(
        one.prices, one.id, tier=tier, region=region, speed=speed, size=size, quality=quality
    )
    return Tariff(one, call, currency, currencies)


def _sum(known: Recipe, counts: Sequence[object]) -> int | None:
    """Return a cost as a whole number of the recipe's scale; None for what is not the usual case.

    `_careful` says what is wrong then.
    """
    if not known.plain:
        return None
    for count in counts:
        if type(count) is not int or not 0 <= count <= MOST:
            return None
    whole: Sequence[int] = counts  # type: ignore[assignment]
    for bound in known.bounds:
        if sum(map(mul, bound, whole)) < 0:
            return None
    for nothing in known.nothing:
        if sum(map(mul, nothing, whole)):
            return None
    for one, other, _ in known.overlaps:
        if whole[one] and whole[other]:
            return None
    total: int = known.constant + sum(map(mul, known.weights, whole))
    return total


def _check(known: Recipe, counts: Sequence[Count]) -> None:
    """Raise `RequestError` for counts that cannot be, or that do not say enough."""
    for rule in known.rules:
        value = sum(map(mul, rule.weights, counts))
        if value < 0 or (rule.exact and value):
            raise RequestError(f"{rule.broken}: {_listed(known, counts)}")
    for one, other, shared in known.overlaps:
        if counts[one] and counts[other]:
            a, b = known.keys[one], known.keys[other]
            raise RequestError(
                f"`{a}` and `{b}` may count the same tokens, at different prices: "
                f"state `{shared}` too, 0 if none are both"
            )
    if any(sum(map(mul, part.weights, counts)) < 0 for part in known.parts):
        raise RequestError(f"the parts are more than their whole: {_listed(known, counts)}")


def _not_priced(tariff: Tariff, unpriced: Sequence[str]) -> NotPricedError:
    """Return the error for units without a price, with the conditions under which they have one."""
    one = tariff.deployment
    listed = ", ".join(f"`{unit}`" for unit in unpriced)
    stating = [entry for entry in one.prices if any(unit in entry.amounts for unit in unpriced)]
    told = dict.fromkeys(filter(None, (in_words(entry.when) for entry in stating)))
    known = f"; it has one with {' or '.join(told)}" if told else ""
    return NotPricedError(f"`{one.id}` has no known price for {listed}{known}", id=one.id)


def quantities(known: Recipe, counts: Sequence[Count]) -> dict[str, Count]:
    """Return how much is charged of each unit, in the order of the usage."""
    found: dict[str, Count] = {}
    for part in sorted(known.parts, key=lambda one: known.keys.index(one.unit)):
        quantity = sum(map(mul, part.weights, counts))
        if quantity and part.charged:
            found[part.charged] = found.get(part.charged, 0) + quantity
    if any(known.hours):
        found[MACHINE] = sum(map(mul, known.hours, counts), start=Fraction(0))
    if ONE in known.rates and ONE not in known.keys:
        found[ONE] = 1
    return found


def counted(units: Units, usage: object) -> dict[str, Count]:
    """Return the counts of a usage, exact; raise `RequestError` if no call can have them."""
    given = _mapping(usage)
    counts = {key: _count(units, key, value) for key, value in given.items() if value is not None}
    for rule in possible([units[key] for key in counts], units):
        value = sum(map(mul, rule.weights, counts.values()))
        if value < 0 or (rule.exact and value):
            raise RequestError(rule.broken)
    return counts


def _mapping(usage: object) -> dict[str, Quantity | None]:
    """Return a usage as a dictionary; raise `RequestError` if it is none."""
    if isinstance(usage, Mapping):
        return dict(usage)
    raise RequestError(
        f"a usage is a mapping of units to counts, such as {{'input': 1200}}, not {shown(usage)}"
    )


def _count(units: Units, key: str, value: object) -> Count:
    """Return a count, exact; raise `RequestError` for one that cannot be."""
    unit = units[key]
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


def _listed(known: Recipe, counts: Sequence[Count]) -> str:
    """Return counts in words."""
    pairs = zip(known.keys, counts, strict=True)
    return ", ".join(f"{key} {as_decimal(Fraction(count)):f}" for key, count in pairs)


def _speaks_of_prices(source: Source) -> bool:
    """Tell whether a source is one for prices."""
    return any(field.partition(".")[0] == "prices" for field in source.fields or ())


def as_decimal(value: Fraction) -> Decimal:
    """Return a fraction as a decimal: exact, or where none is, with 28 significant digits."""
    return exact(value.numerator, value.denominator, power_of_ten(value.denominator))


def exact(value: int, scale: int, tens: int | None) -> Decimal:
    """Return a whole number divided by a scale, `tens` being the power of ten that it is."""
    return (ROUNDED if tens is None else EXACT).divide(value, scale)
