"""What a call cost over time: a deployment and a usage in, one `Step` per change of price out."""

from __future__ import annotations

from .costs import price
from .errors import NotPricedError
from .instants import seconds, text
from .prices import whole
from .record import Record
from .tariffs import first_day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .catalog import Catalog
    from .costs import Cost
    from .counts import Usage
    from .records import Deployment


class Step(Record):
    """A time during which a call costs the same. Instants are UTC, ISO text."""

    from_: str | None
    """Its first instant; None where nobody knows since when."""
    until: str | None
    """The first instant after it; None means no end is announced."""
    cost: Cost | None
    """What the call costs; None where that is not known."""
    reason: str | None = None
    """Why it is not known."""


def history(
    catalog: Catalog,
    deployment: str,
    usage: Usage,
    tier: str | None = None,
    region: str | None = None,
    speed: str | None = None,
    size: str | None = None,
    quality: str | None = None,
    currency: str | None = None,
    partial: bool = False,
) -> tuple[Step, ...]:
    """Return what a call cost from when to when, the oldest first, announced prices too.

    Takes what `price` takes and raises what it raises; a time without a known price is a step
    without a cost, unless there is no other. Prices that depend on the hour are those of the first
    instant of each step.
    """
    one = catalog.get_deployment(deployment)
    steps: list[Step] = []
    failed: NotPricedError | None = None
    for start, at, end in _spans(catalog, one, currency):
        cost, reason = None, None
        try:
            cost = price(
                catalog, one.id, usage, at, tier, region, speed, size, quality, currency, partial
            )
        except NotPricedError as error:
            failed, reason = error, str(error)
        _add(steps, Step(from_=start, until=end, cost=cost, reason=reason))
    while steps and steps[-1].cost is None:
        steps.pop()
    if not steps and failed:
        raise failed
    return tuple(steps)


def _add(steps: list[Step], step: Step) -> None:
    """Add a step; one that costs what the last does makes that longer."""
    if not steps and step.cost is None:
        return
    if steps and _worth(steps[-1]) == _worth(step):
        step = steps.pop().changed(until=step.until)
    steps.append(step)


def _worth(step: Step) -> object:
    """Return what makes two steps the same."""
    cost = step.cost
    return cost and (cost.total, cost.currency, cost.unpriced)


def _spans(
    catalog: Catalog, one: Deployment, currency: str | None
) -> Iterator[tuple[str | None, str, str | None]]:
    """Yield the times in which nothing changes: start, an instant in it, and end."""
    turns = sorted({whole(turn) for turn in _turns(catalog, one, currency)})
    gone = one.lifecycle.retired_on and whole(one.lifecycle.retired_on)
    turns = [turn for turn in turns if not gone or turn < gone]
    edge = turns[0] if turns else gone
    before = text(seconds(edge) - 1 if edge else seconds(None))
    ends = [*turns, gone]
    yield from zip([None, *turns], [before, *turns], ends, strict=True)


def _turns(catalog: Catalog, one: Deployment, currency: str | None) -> Iterator[str]:
    """Yield the instants at which something may change."""
    first = first_day(one)
    if first:
        yield first
    for entry in one.prices:
        yield from filter(None, (entry.from_, entry.until))
    known = catalog.table("_registry").CURRENCIES
    used = {entry.currency for entry in one.prices} | {currency or "USD"}
    for other in used if len(used) > 1 else ():
        yield from (step["from"] for step in known.get(other, {}).get("rates", ()))
