"""How a cost came about: a recipe and counts in, the lines of the bill out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from operator import mul

from .decimals import as_decimal
from .errors import RequestError
from .instants import seconds, text
from .recipes import MACHINE, ONE
from .record import FrozenDict, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .catalog import Catalog
    from .counts import Count
    from .prices import Rate
    from .recipes import Recipe
    from .records import Price, Source
    from .tariffs import Tariff


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
                general = () if entry.source else self._general(entry)
                found.update(dict.fromkeys((entry.source,) if entry.source else general))
        return tuple(found)

    def allowances(self) -> FrozenDict[str, str]:
        """Return what is free each day or month of the units that were used."""
        used = quantities(self._recipe, self._counts)
        stated = {unit: self._recipe.rates[unit].allowance for unit in used}
        return FrozenDict(
            {
                unit: f"{free.quantity} per {free.per}"
                for unit, free in stated.items()
                if free and free.per != "request"
            }
        )

    def _general(self, entry: Price) -> tuple[Source, ...]:
        """Return the sources of an entry of the deployment; of a moving name's target if it is
        that one's.
        """
        one = self._tariff.deployment
        then = [step for step in one.points_to if seconds(step.from_) <= self._at]
        if then and not any(map(_speaks_of_prices, one.sources)):
            target = self._catalog.get_deployment(then[-1].deployment)
            if any(_same_terms(entry, other) for other in target.prices):
                one = target
        own = tuple(filter(_speaks_of_prices, one.sources))
        return own or tuple(source for source in one.sources if source.fields is None)

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
        inputs = [id for id in units if id in used and units[id].in_prompt]
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


def quantities(known: Recipe, counts: Sequence[Count]) -> dict[str, Count]:
    """Return how much is charged of each unit, in the order of the registry."""
    found: dict[str, Count] = {}
    for part in known.parts:
        quantity = sum(map(mul, part.weights, counts))
        if quantity and part.charged:
            found[part.charged] = found.get(part.charged, 0) + quantity
    if any(known.hours):
        found[MACHINE] = sum(map(mul, known.hours, counts), start=Fraction(0))
    if ONE in known.rates and ONE not in known.keys:
        found[ONE] = 1
    return found


def _speaks_of_prices(source: Source) -> bool:
    """Tell whether a source is one for prices."""
    return any(field.partition(".")[0] == "prices" for field in source.fields or ())


def _same_terms(one: Price, other: Price) -> bool:
    """Tell whether two price entries say the same but for their time, which a moving name cuts."""
    always = {"from_": None, "until": None}
    return one.changed(**always) == other.changed(**always)
