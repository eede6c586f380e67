"""The common filters: requirements and a line of the index in, the first filter it fails out.

They read nothing but the index, and thousands of lines a query; `rare.py` has the others.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .requirements import Requirements
    from .rows import Index, Line, Steps, Traits

NANO = 10**9
"""The index counts prices in nano-USD per 1M tokens, so that they compare as whole numbers."""


class Check:
    """The requirements, made ready to be asked of many deployments."""

    def __init__(self, needs: Requirements, at: str) -> None:
        self.needs = needs
        self.at = at
        self.cap = input_cap(needs)

    def ranks(self, index: Index) -> Iterator[tuple[bool, bool, int, str]]:
        """Yield the sort key of each deployment that meets all; its last part is the id."""
        for traits, lines in index:
            if self.unfit(traits) or self.lacking(traits):
                continue  # all of them at once
            secondary = self.needs.pipeline is not None and traits[0][:1] != (self.needs.pipeline,)
            for line in lines:
                if self.misfit(line, metered=traits[2]) is None:
                    amount = amount_at(line[2], self.at)
                    yield secondary, amount is None, amount or 0, line[0]

    def fault(self, traits: Traits, line: Line) -> str | None:
        """Return the first filter that leaves a deployment out, or None; `words` says why."""
        found = self.unfit(traits) or self.misfit(line, metered=traits[2])
        return found or ("requires" if self.lacking(traits) else None)

    def unfit(self, traits: Traits) -> str | None:
        """Return the first filter that leaves out whatever has some traits."""
        needs, (pipelines, self_hosted, _, _, own) = self.needs, traits
        if not own:
            return "fine_tuned"
        if needs.pipeline is not None and needs.pipeline not in pipelines:
            return "pipeline"
        if not (needs.include_self_hosted if self_hosted else needs.include_api):
            return "source_type"
        return None

    def misfit(self, line: Line, *, metered: bool) -> str | None:
        """Return the first filter that leaves a deployment out by what is its own."""
        needs, (id, context, price, released, gone) = self.needs, line
        if needs.providers is not None and id.partition(":")[0] not in needs.providers:
            return "provider"
        if gone and gone <= self.at and not needs.include_retired:
            return "retired"
        if released > self.at:
            return "not_released"
        least = needs.min_context_length
        if least is not None and (context is None or context < least):
            return "context"
        too_dear = self.cap is not None and metered and above(price, self.cap, self.at)
        return "cost" if too_dear else None

    def lacking(self, traits: Traits) -> frozenset[str]:
        """Return the wanted capabilities that are not known to be there."""
        wanted: frozenset[str] = self.needs.requires  # type: ignore[assignment]  # once normal
        return wanted.difference(traits[3])


def above(price: int | Steps | None, cap: int, at: str) -> bool:
    """Tell whether a price is above a cap at an instant, or not known."""
    amount = amount_at(price, at)
    return amount is None or amount > cap


def amount_at(price: int | Steps | None, at: str) -> int | None:
    """Return the standard price in force at a UTC instant, nano-USD per 1M tokens."""
    if price is None or isinstance(price, int):
        return price
    amount = None
    for start, step in price:
        if start > at:
            break
        amount = step
    return amount


def input_cap(needs: Requirements) -> int | None:
    """Return the most that 1M input tokens may cost, in nano-USD: the lower of two caps."""
    caps = [
        nano(cap, places)
        for cap, places in ((needs.max_cost_per_1k, 12), (needs.max_input_cost, 9))
        if cap is not None
    ]
    return min(caps, default=None)


def nano(cap: Any, places: int = 9) -> int:
    """Return the most whole nano-USD per 1M tokens that a cap admits.

    `places` is 9 for a cap per 1M tokens, 12 for one per 1,000.
    """
    from decimal import ROUND_FLOOR, Context, Decimal

    context = Context(prec=30, rounding=ROUND_FLOOR)  # not the application's
    bounded: Decimal = min(cap, Decimal(NANO))
    whole = bounded.quantize(Decimal((0, (1,), -places)), context=context)
    return int(whole.scaleb(places, context))
