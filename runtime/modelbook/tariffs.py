"""What one deployment charges under what a call asked for: when, and from which context on.

A deployment's price entries -> `Tariff` (all times) -> `Sheet` (one time) -> the rates of a call
with so many input tokens. What was worked out once is kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from fractions import Fraction

from .errors import NotPricedError
from .instants import seconds, text, within
from .prices import ASKED, meets, rates, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

    from .prices import Asked, Rate
    from .recipes import Recipe
    from .records import Conditions, Deployment, Price, Window
    from .rows import Rows

STALE = 100 * 86400
"""Seconds after which the last exchange rate is no longer that of the day."""

BEGINNING = -(10**12)
"""Sorts before every instant."""


class Scale:
    """The rates of calls within one range of input tokens, and the recipes made of them."""

    def __init__(self, found: dict[str, Rate]) -> None:
        self.rates = found
        self.recipes: dict[tuple[str, ...], Recipe] = {}
        """Usage keys, in their order, to how such usages are charged."""


class Sheet:
    """What is charged at one time."""

    def __init__(self, entries: tuple[Price, ...]) -> None:
        self._entries = entries
        above = {one.when.context_above for one in entries if not one.marginal}
        self.thresholds = sorted(one for one in above if one is not None)
        """Input tokens above which (strictly) other prices hold for the whole request."""
        self._scales: list[Scale | None] = [None] * (len(self.thresholds) + 1)

    def scale(self, tokens: int | Fraction) -> Scale:
        """Return the rates of a call with so many input tokens, all of them counted."""
        place = bisect_left(self.thresholds, tokens) if self.thresholds else 0
        return self._scales[place] or self._made(place)

    def _made(self, place: int) -> Scale:
        """Return the rates between two thresholds, made now."""
        least = self.thresholds[place - 1] if place else -1
        scale = self._scales[place] = Scale(
            rates(
                one
                for one in self._entries
                if one.marginal or one.when.context_above is None or one.when.context_above <= least
            )
        )
        return scale


class Tariff:
    """What a deployment charges for calls that ask for the same, at any time."""

    def __init__(self, one: Deployment, call: Asked, currency: str | None, known: Rows) -> None:
        self.deployment = one
        self.call = call
        self.currency = currency
        """The currency asked for; None is that of the entries."""
        self._known = known
        self._entries = tuple(price for price in one.prices if meets(price.when, call))
        self._windows = tuple({p.when.window: None for p in self._entries if p.when.window})
        self._begin = first_day(one)
        self._turns = sorted({BEGINNING, *self._turning()})
        self._sheets: dict[tuple[int, tuple[Window, ...]], Sheet] = {}

    def sheet(self, at: int) -> Sheet:
        """Return what is charged at an instant, in seconds since 1970.

        Raises `NotPricedError` where no price is known then.
        """
        windows = tuple(one for one in self._windows if within(one, at)) if self._windows else ()
        place = bisect_right(self._turns, at) - 1
        key = (place, windows)
        return self._sheets.get(key) or self._made(key, at)

    def in_dollars(self, currency: str, at: int) -> Fraction:
        """Return the USD that one of a currency is worth; raise `NotPricedError` if not known."""
        if currency == "USD":
            return Fraction(1)
        steps = self._known.get(currency, {}).get("rates", ())
        held = [step for step in steps if _seconds(step["from"]) <= at]
        if not held or at >= _seconds(steps[-1]["from"]) + STALE:
            last = f"; the last one is of {steps[-1]['from']}" if held else ""
            raise NotPricedError(
                f"no exchange rate of `{currency}` is known for {text(at)[:10]}{last}; "
                "it belongs into `currencies.yaml`"
            )
        return Fraction(held[-1]["usd"])

    def _turning(self) -> Iterator[int]:
        """Yield the instants at which something changes, in seconds since 1970."""
        stated = [one for p in self._entries for one in (p.from_, p.until)]
        yield from (_seconds(one) for one in [*stated, self._begin] if one)
        for currency in {self.currency, *(one.currency for one in self._entries)} - {None}:
            for step in self._known.get(str(currency), {}).get("rates", ()):
                yield _seconds(step["from"])
                yield _seconds(step["from"]) + STALE

    def _made(self, key: tuple[int, tuple[Window, ...]], at: int) -> Sheet:
        """Return what is charged in a time, made now."""
        held = tuple(one for one in self._entries if _at(one, at))
        if not held or (self._begin and at < _seconds(self._begin)):
            self._too_early(at)
        for name in ASKED:
            asked = getattr(self.call, name)
            if asked and not any(getattr(one.when, name) == asked for one in held):
                self._not_then(name, asked, at)
        open_now = tuple(one for one in held if one.when.window in (None, *key[1]))
        sheet = self._sheets[key] = Sheet(open_now)
        return sheet

    def _too_early(self, at: int) -> NoReturn:
        """Raise the error for a time without any price."""
        one = self.deployment
        if not one.prices:
            why = " and is not metered" * (one.source_type == "self-hosted")
            raise NotPricedError(f"`{one.id}` has no known price{why}", id=one.id)
        if not self._entries:
            told = " or ".join(dict.fromkeys(in_words(price.when) for price in one.prices))
            raise NotPricedError(f"`{one.id}` has prices only with {told}", id=one.id)
        begin = [price.from_ or self._begin or "" for price in self._entries]
        first = min(begin, key=whole, default="")
        told = f"; its first is from {max(first, self._begin or '', key=whole)} on" if first else ""
        raise NotPricedError(f"`{one.id}` has no price at {_shown(at)}{told}", id=one.id)

    def _not_then(self, name: str, asked: str, at: int) -> NoReturn:
        """Raise the error for a tier, region, … whose prices hold at another time."""
        id = self.deployment.id
        spans = [(p.from_, p.until) for p in self._entries if getattr(p.when, name) == asked]
        told = " and ".join(dict.fromkeys(_span(*one) for one in spans))
        raise NotPricedError(
            f"`{id}` has no prices for the {name} `{asked}` at {_shown(at)}; it has some {told}",
            id=id,
        )


def first_day(one: Deployment) -> str | None:
    """Return the first day on which a deployment can have been called, as far as is known."""
    released = one.lifecycle.released or one.released
    return released and (released + "-01-01"[len(released) - 4 :])[:10]


def _at(price: Price, at: int) -> bool:
    """Tell whether an entry applies at an instant, its hours aside."""
    begun = price.from_ is None or _seconds(price.from_) <= at
    return begun and (price.until is None or at < _seconds(price.until))


def _seconds(instant: str) -> int:
    """Return an instant of a catalog file in seconds since 1970."""
    return seconds(whole(instant))


def _shown(at: int) -> str:
    """Return an instant as messages show it: without a time that is midnight."""
    return text(at).removesuffix("T00:00:00Z")


def in_words(when: Conditions) -> str:
    """Return what a price entry demands, its hours aside; empty if that is nothing."""
    stated = {name: value for name, value in vars(when).items() if value is not None}
    return " and ".join(f"{name} {stated[name]}" for name in stated if name != "window")


def _span(start: str | None, end: str | None) -> str:
    """Return a time in words."""
    words = [f"from {start}" * bool(start), f"until {end}" * bool(end)]
    return " ".join(filter(None, words)) or "at any time"
