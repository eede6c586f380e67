"""A pipeline type, filters and a usage -> the best few deployments, each with reasons in words.

Every reason is worked out from what was compared: among how many it is the cheapest, what was asked
and what it offers, what comes next and why that is behind.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from ..compare import compare
from ..errors import RequestError
from ..names import hint, nearest, shown
from ..package import find
from ..record import Record
from ..records import Deployment
from ..selection import NANO, amount_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from ..catalog import Catalog
    from ..counts import Usage
    from ..rows import Steps
    from ..selection import Selection

FILTERS = (
    "include_api",
    "include_self_hosted",
    "provider",
    "min_context_length",
    "max_cost_per_1k",
    "requires",
    "available_only",
    "at",
    "limit",
    "sort",
    "include_retired",
    "text",
)
"""Filters by name; those of `modelbook.package.find`."""

ORDERING = ("sort", "prefer")
"""Filters that ask for another order than the usual one."""


class Recommendation(Record):
    """A deployment, and why it is recommended at this place."""

    deployment: Deployment
    rank: int
    """Its place, 1 for the best."""
    reasons: tuple[str, ...]
    """In words, the weightiest first."""
    cost: Decimal | None = None
    """What the usage costs there, in USD, exact; None where that is not known, or not asked."""


class Standing(Record):
    """What a deployment is compared by."""

    id: str
    primary: bool
    """Whether the pipeline type asked for is its primary one, or none was asked for."""
    amount: Fraction | None
    """USD for the usage, or for 1M input tokens where none was given; None where not known."""
    metered: bool


def recommend(
    catalog: Catalog,
    pipeline: str | None,
    usage: Usage | None,
    top: int,
    filters: Mapping[str, Any],
) -> tuple[Recommendation, ...]:
    """Return the best few deployments; see `ModelManager.recommend`."""
    if not isinstance(top, int) or isinstance(top, bool) or top < 1:
        raise RequestError(f"`top` takes a whole number above zero, not {shown(top)}")
    unknown = sorted(filters.keys() - {*FILTERS})
    if unknown:
        near = nearest(unknown[0], FILTERS)
        text = f"there is no filter `{unknown[0]}`{hint(near)}"
        raise RequestError(text, id=unknown[0], nearest=near)
    if filters.get("limit") is not None:
        raise RequestError("`limit` has no meaning here: `top` says how many are wanted")
    selection = find(catalog, pipeline, **filters)
    reordered = any(filters.get(name) for name in ORDERING)
    costs = _costs(catalog, selection, usage) if usage is not None else None
    standing = list(_standing(catalog, selection, costs))
    if costs is not None and not reordered:
        standing = [one for one in standing if one.amount is not None]
        standing.sort(key=lambda one: (one.amount or 0, one.id))
    words = _Words(selection, standing, priced=costs is not None, reordered=reordered)
    return tuple(
        Recommendation(
            deployment=catalog.get_deployment(one.id),
            rank=place + 1,
            reasons=tuple(words.reasons(place, catalog.get_deployment(one.id))),
            cost=costs.get(one.id) if costs is not None else None,
        )
        for place, one in enumerate(standing[:top])
    )


def _costs(catalog: Catalog, selection: Selection, usage: Usage) -> dict[str, Decimal]:
    """Return what a usage costs at each deployment where that is known, in USD."""
    found = compare(catalog, selection, usage, at=selection.at)
    return {one.deployment: one.total for one in found.costs}


def _standing(
    catalog: Catalog, selection: Selection, costs: Mapping[str, Decimal] | None
) -> Iterator[Standing]:
    """Yield what each selected deployment is compared by, in the order of the selection."""
    wanted = selection.requirements.pipeline
    chosen = {*selection.ids}
    known: dict[str, tuple[bool, bool, int | Steps | None]] = {}
    for traits, lines in catalog.index():
        primary = wanted is None or traits[0][:1] == (wanted,)
        known.update(
            (line[0], (primary, traits[2], line[2])) for line in lines if line[0] in chosen
        )
    for id in selection.ids:
        primary, metered, price = known[id]
        amount = amount_at(price, selection.at)
        usual = None if amount is None else Fraction(amount, NANO)
        own = costs.get(id) if costs is not None else None
        paid = usual if costs is None else None if own is None else Fraction(own)
        yield Standing(id=id, primary=primary, amount=paid, metered=metered)


class _Words:
    """The standings of one question, while reasons are written."""

    def __init__(
        self, selection: Selection, standing: list[Standing], *, priced: bool, reordered: bool
    ) -> None:
        self.selection = selection
        self.standing = standing
        self.known = [one.amount for one in standing if one.amount is not None]
        self.thing = "the usage" if priced else "1M input tokens"
        self.reordered = reordered

    def reasons(self, place: int, record: Deployment) -> Iterator[str]:
        """Yield why a deployment stands at its place."""
        one = self.standing[place]
        yield self._price(one)
        needs = self.selection.requirements
        if needs.pipeline is not None:
            first = record.pipelines[0] if record.pipelines else ""
            yield (
                f"{needs.pipeline} is its primary pipeline type"
                if one.primary
                else f"serves {needs.pipeline} besides its primary type, {first}"
            )
        context, least = record.limits.context, needs.min_context_length
        if context is not None:
            asked = f", where {least:,} were asked for" if least else ""
            yield f"has a context of {context:,} tokens{asked}"
        yield self._next(place)

    def _price(self, one: Standing) -> str:
        """Return what it costs, and among how many that is the least."""
        fitting = len(self.selection)
        if one.amount is None:
            if not one.metered:
                return "runs on machines of your own: no price is asked per token"
            return f"what {self.thing} cost there is not known"
        cheaper = sum(amount < one.amount for amount in self.known)
        same = sum(amount == one.amount for amount in self.known) - 1
        among = f"the {len(self.known):,} with a known price (of {fitting:,} that fit)"
        among = f"the {fitting:,} that fit" if len(self.known) == fitting else among
        told = f"{_cost(self.thing)} {_dollars(one.amount)}"
        if fitting == 1:
            return f"{told}; nothing else fits"
        if cheaper:
            return f"{told}: {cheaper:,} of {among} cost less"
        if same:
            return f"{told}: none of {among} costs less, and {same:,} cost the same"
        return f"{told}: the least of {among}"

    def _next(self, place: int) -> str:
        """Return what stands behind it, and why."""
        if place + 1 == len(self.standing):
            if len(self.standing) < len(self.selection):
                return "what the usage costs at the others that fit is not known"
            return "nothing else fits" if place == 0 else "it is the last that fits"
        one, other = self.standing[place], self.standing[place + 1]
        told = f"next comes `{other.id}`"
        if self.reordered:
            return f"{told}, in the order that was asked for"
        if self.thing == "1M input tokens" and one.primary and not other.primary:
            return f"{told}, whose primary pipeline type is another"
        if other.amount is None:
            return f"{told}, " + (
                "by its id" if one.amount is None else "which has no known price per token"
            )
        if one.amount is None or one.amount == other.amount:
            return f"{told}, at the same price, by its id"
        return f"{told} for {_dollars(other.amount)}{_more(one.amount, other.amount)}"


def _cost(thing: str) -> str:
    """Return the words before an amount."""
    return f"{thing} costs" if thing == "the usage" else f"{thing} cost"


def _dollars(amount: Fraction) -> str:
    """Return an amount in words, exact where a decimal can be."""
    if not amount:
        return "nothing"
    from ..decimals import as_decimal

    return f"{as_decimal(amount).normalize():f} USD"


def _more(one: Fraction, other: Fraction) -> str:
    """Return how much more one amount is than another, in words."""
    if not one:
        return ""
    if other >= 2 * one:
        return f", {float(other / one):.3g} times as much"
    percent = float((other - one) * 100 / one)
    return f", {percent:.2g} % more"
