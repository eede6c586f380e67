"""What no import believes: prices and limits that other sources, or the market, make implausible.

A price list that is doubted is left out whole: what else it says was read from the same place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from .gather import Offer
from .price_lists import PriceList

FAR = 3
"""How many times above or below others a price is doubted."""
FAR_ALONE = 10
"""The same where no other source says otherwise: at the maker's own API, which others follow and
may be behind, and of open weights: who runs them asks what it likes, clouds three times as much."""
ENOUGH = 3
"""How many other providers make a market; two where another source doubts the price as well."""
CEILING = Decimal(500)
FLOOR = Decimal("0.0005")
"""USD per 1M tokens."""
TOKENS = ("input", "output")
SEVERAL = 3
EURO = (Decimal("0.80"), Decimal("0.97"))
"""What a price in euro, taken for dollars, is of the price in dollars."""
SPREAD = Decimal("0.02")
APART = frozenset({"route", "variant", "quantization", "packed_by"})
"""Tags of names whose price is not that of the model elsewhere."""

Words = Mapping[str, str]
"""Unit to why its price is doubted, in words."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a list is not believed."""

    word: str
    """As `quarantine` of a claim names it."""
    units: Words


class Bench:
    """What others say, to hold a price against."""

    def __init__(
        self,
        offers: Mapping[str, Offer],
        lists: Mapping[str, Mapping[str, PriceList]],
        others: Mapping[str, tuple[str, Mapping[str, Decimal]]],
        makers: Mapping[str, str],
        open_weights: Container[str],
        at: str,
    ) -> None:
        """Take in what is sold.

        `lists` are by deployment and source, `others` the model and prices of files that stand,
        `makers` the creator whose own API a provider is, `open_weights` the models anyone may run.
        """
        self._makers = makers
        self._open = open_weights
        self._standing = {
            id: {source: one.standing(at) for source, one in found.items()}
            for id, found in lists.items()
        }
        self._offers = offers
        self._market: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
        self._dear: dict[tuple[str, str], list[tuple[str, Decimal]]] = defaultdict(list)
        """Prices above half of the ceiling, each with the source that says so."""
        for id, (model, known) in sorted(others.items()):
            self._sell(id, model, known, "")
        for id, found in sorted(self._standing.items()):
            if not APART & offers[id].tags.keys():
                for source, known in found.items():
                    self._sell(id, offers[id].model, known, source)
        self._euro = frozenset(self._in_euro())

    def _sell(self, id: str, model: str, known: Mapping[str, Decimal], source: str) -> None:
        """Take note of what a provider asks for a model; what is known first stays."""
        for unit in TOKENS:
            if known.get(unit):
                self._market[model, unit].setdefault(id.partition(":")[0], known[unit])
                if known[unit] * 2 >= CEILING:
                    self._dear[model, unit].append((source, known[unit]))

    def doubt(self, id: str, source: str) -> Doubt | None:
        """Return why the list of a source is not believed."""
        known = self._standing[id][source]
        offer = self._offers[id]
        for word, judge in (
            ("above-ceiling", self._above),
            ("below-floor", self._below),
            ("far-from-other-sources", self._far_from_sources),
            ("far-from-median", self._far_from_market),
        ):
            units = {
                unit: why
                for unit in TOKENS
                if known.get(unit) and (why := judge(offer, source, unit, known[unit]))
            }
            if units:
                return Doubt(word, units)
        if (offer.provider, source) in self._euro:
            why = (
                "all its prices at this provider are those of others times one factor, as euro are"
            )
            return Doubt("currency", dict.fromkeys((one for one in TOKENS if one in known), why))
        read, anew = known.get("cache_read"), known.get("input")
        if read and anew and read > anew * Decimal("1.000001"):
            return Doubt("cache-above-input", {"cache_read": f"above the {anew:f} of input"})
        return None

    def _rivals(self, offer: Offer, source: str, unit: str) -> list[Decimal]:
        """Return what other sources say of the same price."""
        found = self._standing[offer.id].items()
        return [known[unit] for id, known in found if id != source and known.get(unit)]

    def _above(self, offer: Offer, source: str, unit: str, amount: Decimal) -> str:
        if amount <= CEILING:
            return ""
        dear = self._dear.get((offer.model, unit), ())  # one slip may be made at all providers
        others = [one for by, one in dear if by != source]
        known = [*self._rivals(offer, source, unit), *others]
        near = any(amount / 2 <= one <= amount * 2 for one in known)
        return "" if near else f"above {CEILING} and no other source is near"

    def _below(self, offer: Offer, source: str, unit: str, amount: Decimal) -> str:
        return f"below {FLOOR:f}" if amount < FLOOR else ""

    def _far_from_sources(self, offer: Offer, source: str, unit: str, amount: Decimal) -> str:
        """Two other sources that agree outweigh one."""
        others = self._rivals(offer, source, unit)
        if len(others) >= 2 and max(others) <= min(others) * Decimal("1.2"):
            middle = median(others)
            if is_far(amount, middle):
                return f"{times(amount, middle)} the {middle:f} of {len(others)} other sources"
        return ""

    def _far_from_market(self, offer: Offer, source: str, unit: str, amount: Decimal) -> str:
        """A price far from the market is believed where another source has it too."""
        if APART & offer.tags.keys():
            return ""
        rivals = self._rivals(offer, source, unit)
        if any(amount / Decimal("1.2") <= one <= amount * Decimal("1.2") for one in rivals):
            return ""
        sold = self._market.get((offer.model, unit), {})
        market = [  # a slip elsewhere says nothing of this price
            one
            for provider, one in sold.items()
            if provider != offer.provider and FLOOR <= one <= CEILING
        ]
        denied = any(is_far(amount, one) for one in rivals)
        if len(market) < (2 if denied else ENOUGH):
            return ""
        middle = median(market)
        own = self._makers.get(offer.provider) == offer.model.partition("/")[0]
        alone = own or (offer.model in self._open and not denied)
        if not is_far(amount, middle, FAR_ALONE if alone else FAR):
            return ""
        return f"{times(amount, middle)} the median {middle:f} of {len(market)} other providers"

    def _in_euro(self) -> Iterator[tuple[str, str]]:
        """Yield providers and sources that give euro as dollars: one factor over all prices."""
        factors: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
        for id, found in self._standing.items():
            for source, known in found.items():
                rivals = self._rivals(self._offers[id], source, "input")
                if known.get("input") and rivals:
                    factors[id.partition(":")[0], source].append(known["input"] / max(rivals))
        for key, found_factors in factors.items():
            low, high = EURO
            off = [one for one in found_factors if low <= one <= high]
            near = [one for one in off if abs(one - median(off)) <= SPREAD]
            if len(near) >= SEVERAL and len(near) * 2 > len(found_factors):
                yield key


def is_far(amount: Decimal, middle: Decimal, factor: int = FAR) -> bool:
    """Tell whether an amount is some times another, or that part of it."""
    return amount >= middle * factor or amount * factor <= middle


def times(amount: Decimal, middle: Decimal) -> str:
    """Return how far an amount is from another, in words."""
    factor = amount / middle if amount >= middle else middle / amount
    word = f"{factor:.1f}".removesuffix(".0")
    return f"{word} times" if amount >= middle else f"1/{word} of"


def believed(
    lists: Mapping[str, PriceList], order: Sequence[str], doubts: Mapping[str, Doubt]
) -> list[PriceList]:
    """Return the lists of a deployment that are believed, the most trusted first."""
    return [lists[id] for id in order if id in lists and id not in doubts]
