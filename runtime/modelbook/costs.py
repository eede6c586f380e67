"""What a call cost: a deployment, the usage and the circumstances in, an exact `Cost` out.

Nothing is rounded: amounts are exact decimals. Only one that no decimal can show (a tenth of a
second at a price per hour) has 28 significant digits.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from operator import mul

from .charges import Charge
from .counts import MOST, exact_counts, mapping
from .decimals import as_decimal, exact
from .errors import NotPricedError, RequestError
from .instants import seconds
from .names import shown
from .prices import checked_call
from .recipes import ONE, recipe
from .record import FrozenDict, Record
from .records import Deployment
from .tariffs import Tariff, in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .catalog import Catalog
    from .charges import Line
    from .counts import Count, Usage
    from .recipes import Recipe
    from .records import Source
    from .tariffs import Sheet
    from .units import Units

KEPT = 4096
"""Most tariffs that are kept once worked out."""

RECIPES = 256
"""Most kinds of usage whose recipe is kept, for one deployment at one time."""


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
    if not isinstance(deployment, str) and catalog.holds(deployment):
        deployment = deployment.id  # quicker than the values of all its fields
    key = (deployment, tier, region, speed, size, quality, currency)
    try:
        tariff = kept.get(key)
        if tariff is None:
            if len(kept) >= KEPT:
                kept.clear()
            tariff = _tariff(catalog, *key)
            if catalog.keeps(deployment):
                kept[key] = tariff
    except TypeError:  # what cannot be a key, such as a deployment that somebody made
        tariff = _tariff(catalog, *key)
    moment = seconds(at)
    sheet = tariff.sheet(moment)
    if not isinstance(usage, dict):
        usage = mapping(usage)
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


def exact_lines(cost: Cost) -> list[tuple[Line, Fraction]]:
    """Return the lines of a cost, each with its amount before it became a decimal."""
    how = cost.__dict__.get("_how")
    if how is None:  # it was pickled
        return [(line, Fraction(line.amount)) for line in cost.lines]
    return list(Charge(*how).amounts())


def _careful(
    catalog: Catalog, tariff: Tariff, sheet: Sheet, usage: Usage, at: int, partial: bool
) -> Cost:
    """Return a cost step by step, with every check; for what is not the usual case."""
    counts = exact_counts(catalog.units, usage)
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
        scale.recipes[keys] = recipe(keys, scale, tariff, catalog.units, at)
    known, values = scale.recipes[keys], tuple(counts.values())
    _check(known, values)
    how = (catalog, tariff, known, values, at)
    charge = Charge(*how)
    unpriced, amounts = charge.unpriced(), [money for _, money in charge.amounts()]
    if unpriced and not (partial and amounts):
        raise _not_priced(tariff, unpriced, catalog.units)
    if not counts and not amounts:
        raise RequestError(
            f"the usage counts nothing, and `{tariff.deployment.id}` has no price for a request"
        )
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
        if rule.refuses(sum(map(mul, rule.weights, counts))):
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


def _not_priced(tariff: Tariff, unpriced: Sequence[str], units: Units) -> NotPricedError:
    """Return the error for units without a price, with the conditions under which they have one."""
    one = tariff.deployment
    listed = ", ".join(f"`{unit}`" for unit in unpriced)
    stating = [
        entry
        for entry in one.prices
        if any(entry.amounts.get(unit) is not None for unit in unpriced)  # None is `unknown`
    ]
    usual = "the usual conditions" if vars(tariff.call) else ""
    told = dict.fromkeys(filter(None, (in_words(entry.when) or usual for entry in stating)))
    known = f"; it has one with {' or '.join(told)}" if told else _parts(tariff, unpriced, units)
    return NotPricedError(f"`{one.id}` has no known price for {listed}{known}", id=one.id)


def _listed(known: Recipe, counts: Sequence[Count]) -> str:
    """Return counts in words."""
    pairs = zip(known.keys, counts, strict=True)
    return ", ".join(f"{key} {as_decimal(Fraction(count)):f}" for key, count in pairs)


def _parts(tariff: Tariff, unpriced: Sequence[str], units: Units) -> str:
    """Return which parts of what has no price have one, in words; nothing if none has."""
    stated = dict.fromkeys(unit for entry in tariff.deployment.prices for unit in entry.amounts)
    parts = [id for id in stated if id in units and units[id].wholes & {*unpriced}]
    return f"; it has one for its part {' and '.join(f'`{id}`' for id in parts)}" if parts else ""
