"""What a workload costs at many deployments: calls and deployments in, totals out, cheapest first.

A deployment whose cost is not known is listed with the reason, never with 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from .costs import exact_lines, price
from .counts import MOST, possible_counts
from .decimals import as_decimal
from .errors import ModelbookError, NotPricedError, RequestError
from .instants import instant
from .names import hint, nearest, shown
from .package import select
from .prices import ASKED
from .recipes import ONE
from .record import FrozenDict, Record
from .records import Deployment
from .selection import Exclusion, Requirements, Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .catalog import Catalog
    from .costs import Cost
    from .counts import Usage

KINDS = 10_000
"""Most kinds of call in one workload; calls that are alike are one kind with a count."""

TOGETHER = 10**30
"""Most calls that are alike, once they are taken together."""

FIELDS = ("usage", "count", *ASKED)
"""What an item of a workload may state."""


class Call(Record):
    """One kind of call in a workload."""

    usage: FrozenDict[str, int | Decimal]
    """Unit to count; inclusive, as `price` takes it."""
    count: int = 1
    """How many such calls there are."""
    tier: str | None = None
    region: str | None = None
    speed: str | None = None
    size: str | None = None
    quality: str | None = None


if TYPE_CHECKING:
    Item: TypeAlias = Usage | Call | Mapping[str, object]
    Workload: TypeAlias = Item | Iterable[Item]
    Deployments: TypeAlias = str | Deployment | Requirements | Iterable[str | Deployment]


class PlanLine(Record):
    """What one unit contributes to the cost of a workload."""

    unit: str
    direction: str | None
    """input or output, None for what is neither."""
    quantity: int | Decimal
    amount: Decimal
    """In the currency of the comparison."""


class PlanCost(Record):
    """What a workload costs at one deployment."""

    deployment: str
    model: str
    """Id of the model."""
    model_name: str
    source_type: str
    total: Decimal
    """The sum over all calls, exact."""
    currency: str
    lines: tuple[PlanLine, ...]
    """What makes it up, by unit."""
    converted: tuple[str, ...] = ()
    """Currencies of the prices where they are others; converted by the catalog's dated rates."""
    allowances: FrozenDict[str, str] = FrozenDict()
    """Units of which some are free each day or month; not subtracted."""

    def part(self, direction: str | None) -> Decimal:
        """Return what the units of a direction cost together."""
        found = (Fraction(one.amount) for one in self.lines if one.direction == direction)
        return as_decimal(sum(found, start=Fraction(0)))


class Comparison(Record):
    """What a workload costs at several deployments."""

    costs: tuple[PlanCost, ...]
    """Cheapest first; at the same total, by id."""
    excluded: tuple[Exclusion, ...]
    """The others, by id. `reason` is not_priced, not_metered, currency, request (the deployment
    does not offer what a call asks for), context, max_output or limit."""
    at: str
    """The UTC instant the prices are of, ISO text."""
    currency: str
    calls: tuple[Call, ...]
    """The workload, calls that are alike taken together."""


def compare(
    catalog: Catalog,
    deployments: Deployments,
    workload: Workload,
    at: object = None,
    tier: str | None = None,
    region: str | None = None,
    speed: str | None = None,
    size: str | None = None,
    quality: str | None = None,
    currency: str = "USD",
) -> Comparison:
    """Return what a workload costs at each deployment; see the `compare` of a generated package."""
    moment = _started(catalog, deployments, at, currency)
    asked = Call(
        usage=FrozenDict(), tier=tier, region=region, speed=speed, size=size, quality=quality
    )
    calls = planned(catalog, workload, asked)
    chosen, limit = _chosen(catalog, deployments, moment)
    priced: list[tuple[Decimal, Deployment, tuple[Cost, ...]]] = []
    excluded: list[Exclusion] = []
    for one in chosen:
        found = outcome(catalog, one, calls, moment, currency)
        if isinstance(found, Exclusion):
            excluded.append(found)
        else:
            priced.append((_total(found, calls), one, found))
    priced.sort(key=lambda three: (three[0], three[1].id))
    excluded += (
        [_beyond(one.id, limit) for _, one, _ in priced[limit:]] if limit is not None else []
    )
    return Comparison(
        costs=tuple(_plan(catalog, *three, calls) for three in priced[:limit]),
        excluded=tuple(sorted(excluded, key=lambda one: one.id)),
        at=moment,
        currency=currency,
        calls=calls,
    )


def cheapest(
    catalog: Catalog,
    deployments: Deployments,
    usage: Usage,
    at: object = None,
    tier: str | None = None,
    region: str | None = None,
    speed: str | None = None,
    size: str | None = None,
    quality: str | None = None,
    currency: str = "USD",
) -> tuple[Cost, ...]:
    """Return what a call costs, cheapest first; see the `cheapest` of a generated package."""
    moment = _started(catalog, deployments, at, currency)
    counts = _usage(catalog, usage)
    call = Call(usage=counts, tier=tier, region=region, speed=speed, size=size, quality=quality)
    chosen, limit = _chosen(catalog, deployments, moment)
    found = (outcome(catalog, one, (call,), moment, currency) for one in chosen)
    costs = [costs[0] for costs in found if not isinstance(costs, Exclusion)]
    costs.sort(key=lambda cost: (cost.total, cost.deployment))
    return tuple(costs[:limit])


def planned(catalog: Catalog, workload: object, asked: Call) -> tuple[Call, ...]:
    """Return the calls of a workload, checked, those that are alike taken together.

    `asked` is what a call asks for that says nothing of it. Raises `RequestError` with the number
    of the item for what no call can be.
    """
    if isinstance(workload, Call | Mapping):
        calls = [_call(catalog, workload, asked)]
    elif isinstance(workload, str) or not isinstance(workload, Iterable):
        raise RequestError(f"a workload is a usage or a list of them, not {shown(workload)}")
    else:
        calls = []
        for n, item in enumerate(workload, 1):
            try:
                calls.append(_call(catalog, item, asked))
            except ModelbookError as error:
                told = f"item {n} of the workload: {error}"
                raise RequestError(told, id=error.id, nearest=error.nearest) from None
    return _together(calls)


def outcome(
    catalog: Catalog, one: Deployment, calls: Iterable[Call], at: str, currency: str
) -> tuple[Cost, ...] | Exclusion:
    """Return what each call costs at a deployment, or why that is not known."""
    calls = tuple(calls)
    for call in calls:
        misfit = _misfit(one, call.usage)
        if misfit:
            return Exclusion(id=one.id, reason=misfit[0], text=misfit[1])
    try:
        return tuple(_price(catalog, one, call, at, currency) for call in calls)
    except (NotPricedError, RequestError) as error:
        reason = _reason(catalog, one, calls, at, error)
        return Exclusion(id=one.id, reason=reason, text=str(error))


def _price(catalog: Catalog, one: Deployment, call: Call, at: str, currency: str | None) -> Cost:
    """Return what one call costs."""
    known = one.id if catalog.find_deployment(one.id) is one else one  # an id is faster
    asked = {name: getattr(call, name) for name in ASKED}
    return price(catalog, known, call.usage, at, currency=currency, **asked)


def _reason(
    catalog: Catalog, one: Deployment, calls: Iterable[Call], at: str, error: ModelbookError
) -> str:
    """Return the word for why a deployment could not be priced."""
    if isinstance(error, RequestError):
        return "request"
    if one.source_type == "self-hosted" and not one.prices:
        return "not_metered"
    try:
        for call in calls:
            _price(catalog, one, call, at, None)
    except ModelbookError:
        return "not_priced"
    return "currency"


def _misfit(one: Deployment, usage: Mapping[str, int | Decimal]) -> tuple[str, str] | None:
    """Return why a call is too large for a deployment, as a reason and in words; None if not."""
    requests = max(int(usage.get(ONE, 1)), 1)
    limits, tokens, written = one.limits, usage.get("input", 0), usage.get("output", 0)
    least = min((n for n in (limits.max_input, limits.context) if n is not None), default=None)
    if least is not None and tokens > least * requests:
        return "context", f"takes at most {least:,} input tokens, and a call has {tokens:,}"
    if limits.max_output is not None and written > limits.max_output * requests:
        return (
            "max_output",
            f"writes at most {limits.max_output:,} tokens, and a call has {written:,}",
        )
    return None


def _started(catalog: Catalog, deployments: object, at: object, currency: object) -> str:
    """Return the time of a comparison: that of the selection, where nobody said another.

    Raises `RequestError` for a currency that the catalog does not know.
    """
    known = catalog.table("_registry").CURRENCIES
    if not isinstance(currency, str) or currency not in known:
        listed = ", ".join(known)
        raise RequestError(f"unknown currency {shown(currency)}; the catalog knows {listed}")
    return instant(deployments.at if at is None and isinstance(deployments, Selection) else at)


def _chosen(catalog: Catalog, given: object, at: str) -> tuple[tuple[Deployment, ...], int | None]:
    """Return the deployments to price, each once, and how many of the cheapest are wanted."""
    if isinstance(given, Requirements):
        return tuple(select(catalog, given.changed(limit=None), at=at)), given.limit
    several = (given,) if isinstance(given, str | Deployment) else given
    if not isinstance(several, Iterable):
        raise RequestError(f"`deployments` takes ids or deployments, not {shown(given)}")
    records = [
        one if isinstance(one, Deployment) else catalog.get_deployment(one) for one in several
    ]
    return tuple({one.id: one for one in records}.values()), None


def _beyond(id: str, limit: int) -> Exclusion:
    """Return the exclusion of what stands after the first so many."""
    return Exclusion(id=id, reason="limit", text=f"is not among the {limit} cheapest")


def _total(costs: Iterable[Cost], calls: Iterable[Call]) -> Decimal:
    """Return what all calls cost together, exact."""
    each = (
        amount * call.count
        for cost, call in zip(costs, calls, strict=True)
        for _, amount in exact_lines(cost)
    )
    return as_decimal(sum(each, start=Fraction(0)))


def _plan(
    catalog: Catalog,
    total: Decimal,
    one: Deployment,
    costs: tuple[Cost, ...],
    calls: tuple[Call, ...],
) -> PlanCost:
    """Return what a workload costs at a deployment, given what each of its calls costs."""
    amounts: dict[str, tuple[Fraction, Fraction]] = {}
    for cost, call in zip(costs, calls, strict=True):
        for line, money in exact_lines(cost):
            quantity, amount = amounts.get(line.unit, (Fraction(0), Fraction(0)))
            quantity += Fraction(line.quantity) * call.count
            amounts[line.unit] = quantity, amount + money * call.count
    own = {line.entry.currency for cost in costs for line in cost.lines}
    free = {unit: text for cost in costs for unit, text in cost.allowances.items()}
    return PlanCost(
        deployment=one.id,
        model=one.model,
        model_name=one.model_name,
        source_type=one.source_type,
        total=total,
        currency=costs[0].currency,
        lines=tuple(_line(catalog, unit, *both) for unit, both in amounts.items()),
        converted=tuple(sorted(own - {costs[0].currency})),
        allowances=FrozenDict(free),
    )


def _line(catalog: Catalog, unit: str, quantity: Fraction, amount: Fraction) -> PlanLine:
    """Return one line of a plan."""
    direction = catalog.units[unit].direction
    return PlanLine(
        unit=unit,
        direction=direction if isinstance(direction, str) else None,
        quantity=_number(quantity),
        amount=as_decimal(amount),
    )


def _call(catalog: Catalog, item: object, asked: Call) -> Call:
    """Return one item of a workload, checked; `asked` fills in what it does not ask for."""
    most = MOST
    if isinstance(item, Call):
        item, most = {name: getattr(item, name) for name in FIELDS}, TOGETHER
    if not isinstance(item, Mapping):
        raise RequestError(
            f"it is a usage, such as {{'input': 1200}}, or has one as `usage`, not {shown(item)}"
        )
    if "usage" not in item:
        item = {"usage": item}
    for name in item:
        if name not in FIELDS:
            found = nearest(str(name), FIELDS)
            raise RequestError(f"unknown field {shown(name)}{hint(found)}", nearest=found)
    return Call(
        usage=_usage(catalog, item["usage"]),
        count=_times(item.get("count", 1), most),
        **{name: _asked(name, item.get(name), getattr(asked, name)) for name in ASKED},
    )


def _usage(catalog: Catalog, given: object) -> FrozenDict[str, int | Decimal]:
    """Return a usage, checked; its counts are plain numbers then."""
    counts = possible_counts(catalog.units, given)
    return FrozenDict({unit: _number(Fraction(count)) for unit, count in counts.items()})


def _number(value: Fraction) -> int | Decimal:
    """Return a whole number as such, any other as a decimal."""
    return int(value) if value.denominator == 1 else as_decimal(value)


def _times(value: object, most: int) -> int:
    """Return how many calls an item stands for."""
    exact = isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value()
    whole = exact or (isinstance(value, int) and not isinstance(value, bool))
    if not whole or not 1 <= value <= most:  # type: ignore[operator]
        raise RequestError(f"`count` takes a whole number from 1 to {most:,}, not {shown(value)}")
    return int(value)  # type: ignore[call-overload,no-any-return]


def _asked(name: str, value: object, usual: str | None) -> str | None:
    """Return what an item asks for, or else what the workload does."""
    if value is not None and not isinstance(value, str):
        raise RequestError(f"`{name}` takes a text, not {shown(value)}")
    return usual if value is None else value


def _together(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Return the calls with those that are alike as one; raise `RequestError` for none at all."""
    counts: dict[Call, int] = {}
    for call in calls:
        alike = call.changed(count=1)
        counts[alike] = counts.get(alike, 0) + call.count
    if not counts:
        raise RequestError("the workload has no calls")
    if len(counts) > KINDS:
        raise RequestError(
            f"the workload has {len(counts):,} kinds of call, and at most {KINDS:,} are compared"
        )
    return tuple(call.changed(count=count) for call, count in counts.items())
