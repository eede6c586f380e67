"""Readings and a catalog -> the files that an import wants, and all that it does not believe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from modelbook.decode import price_record
from modelbook_compiler.patterns import found_in
from modelbook_compiler.values import Document, Subject

from ..market import xinference
from ..market.claims import Json, Reading, Source
from ..market.identity import Tables
from ..market.runtime_classes import RuntimeClasses
from ..market.self_hosted import SelfHosted, planned_self_hosted
from . import deployments, models, price_lists
from .gather import Fixed, Market, Offer, Statement, gather, with_weights
from .models import Kinds
from .price_lists import Agreed, PriceList, agree, agreed, lists_of, units_of
from .quarantine import Bench, Doubt, believed
from .said_by import sources_of
from .sieve import Taken, sieve
from .trust import Trust
from .voices import Hearing, of_deployment, of_model
from .waivers import Waivers

TEXT = frozenset({"input", "output", "reasoning", "searches", "requests"}) | {
    f"cache_{one}" for one in ("read", "write", "write_1h", "write_12h", "storage")
}
"""Units of models that read and write text alone."""

OPEN = "open_weights"

Files = dict[Subject, dict[str, Json]]


@dataclass(frozen=True, slots=True)
class Sold:
    """What became of the prices of a deployment."""

    lists: Mapping[str, PriceList]
    """What each source says, by its id."""
    further: Sequence[PriceList]
    """What a source says a second time, otherwise."""
    doubts: Mapping[str, Doubt]
    """Why a list is not believed, by its source."""
    order: tuple[str, ...]
    agreed: Agreed | None
    second: bool
    """Whether two sources agree on what stands."""
    waived: bool
    """Whether somebody has looked at what stands, and found it right."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What an import makes of its sources."""

    files: Files
    """Models and deployments as they should stand."""
    market: Market
    sold: Mapping[str, Sold]
    heard: Mapping[Subject, Hearing]
    """What was said of each model and deployment, also of those that people keep."""
    taken: list[Taken]
    """What the rules of the compiler took out."""
    mute: Sequence[str]
    """Models of which nothing says what they do; their deployments are left out."""
    hosted: SelfHosted
    """Deployments on one's own machines, and the rows of weights that make none."""

    def speakers(self, subject: Subject) -> list[Source]:
        """Return the sources that say anything of a model or deployment."""
        kind, id = subject
        voices = [one.source for heard in self.heard[subject].values() for one in heard.voices]
        rows = self.market.offers[id].statements if kind == "deployment" else self._rows(id)
        return [*(one.source for one in rows), *voices]

    def _rows(self, model: str) -> Sequence[Statement]:
        """Return what is said of a model, of one known from sellers alone what a seller says."""
        return self.market.models[model] or self.market.sellers[model][0].statements

    def name_sources(self, subject: Subject, at: str) -> None:
        """State in a file who is believed in it."""
        kind, id = subject
        data, hearing = self.files[subject], self.heard[subject]
        agreed = self.sold[id].agreed if kind == "deployment" else None
        prices = agreed.sources if agreed else ()
        listed = min(self.speakers(subject), key=lambda one: one.id)
        rest = {name: data.pop(name) for name in ("sources", "exceptions") if name in data}
        data["sources"] = sources_of(data, hearing, prices, listed, at)
        if "exceptions" in rest:
            data["exceptions"] = rest["exceptions"]


@dataclass(frozen=True, slots=True)
class Catalog:
    """What stands before an import, and is not touched by it."""

    kept: Mapping[Subject, Document]
    """Models and deployments that people keep, or that other sources have a say in."""
    others: Sequence[Document]
    """Files of other kinds."""
    kinds: Kinds
    waivers: Waivers = field(default_factory=Waivers)
    classes: RuntimeClasses | None = None
    """What software that people run themselves can load; None where that is not asked for."""
    owned: Mapping[Subject, Document] = field(default_factory=dict)
    """Models and deployments of former imports, which this one may write anew."""

    @property
    def fixed(self) -> Fixed:
        """Return the names that are given; those of former imports are permanent too."""
        named = {**self.owned, **self.kept}
        aliases = {
            other: id for (_, id), one in named.items() for other in one.data.get("aliases", ())
        }
        return Fixed(frozenset(id for _, id in named), aliases)

    def stands(self, files: Container[Subject]) -> list[Document]:
        """Return all that stands beside the files of an import: no source speaks of it any more."""
        stale = [one for subject, one in self.owned.items() if subject not in files]
        return [*self.kept.values(), *self.others, *stale]

    def data(self, subject: Subject) -> Mapping[str, Json] | None:
        """Return what stands of a model or deployment."""
        document = self.kept.get(subject)
        return None if document is None else document.data


def reconcile(
    readings: Iterable[Reading], tables: Tables, trust: Trust, catalog: Catalog, at: str
) -> Reconciled:
    """Return the files that an import on a day wants, and what it does not believe."""
    market = gather(readings, tables, catalog.fixed)
    hosted = _hosted(market, catalog, at)
    market = with_weights(market, hosted.facts)
    words = _words(tables)
    sold = _sold(market, words, tables.creators.providers, trust, catalog, at)
    heard: dict[Subject, Hearing] = {
        ("deployment", id): of_deployment(offer, words[offer.provider], trust)
        for id, offer in market.offers.items()
    }
    files, mute = _models(market, tables, trust, catalog, heard, sold)
    for id, offer in market.offers.items():
        known = files.get(("model", offer.model)) or catalog.data(("model", offer.model))
        if ("deployment", id) not in catalog.kept and known is not None:
            hearing = heard["deployment", id]
            files["deployment", id] = deployments.facts_of(
                offer, hearing, sold[id].agreed, known, catalog.kinds, at
            )
    for one in hosted.planned:
        if one.subject not in catalog.kept:
            files[one.subject] = {**one.data, "model": market.names[one.data["model"]]}
    _used_only(files)
    sure = {("deployment", id) for id, one in sold.items() if one.second}
    waived = {("deployment", id) for id, one in sold.items() if one.waived}
    out = Reconciled(files, market, sold, heard, taken := [], mute, hosted)
    for subject in files.keys() & heard.keys():
        out.name_sources(subject, at)
    taken += sieve(files, catalog.stands(files), sure, waived)
    for subject in {one.subject for one in taken} & files.keys() & heard.keys():
        out.name_sources(subject, at)
    return out


def _hosted(market: Market, catalog: Catalog, at: str) -> SelfHosted:
    """Return the deployments of weights on one's own machines."""
    own = [one for statements in market.models.values() for one in statements]
    weights = [one for one in own if one.row.kind == "weights"]
    if catalog.classes is None or not weights:
        return SelfHosted((), {}, ())
    rows = [(one.row, one.identity) for one in weights]
    label = next((one.source.label for one in weights if one.source.id == xinference.ID), "")
    return planned_self_hosted(rows, catalog.classes, at, label)


def _used_only(files: Files) -> None:
    """Leave out models that no deployment is of."""
    used = {data["model"] for (kind, _), data in files.items() if kind == "deployment"}
    for kind, id in list(files):
        if kind == "model" and id not in used:
            del files[kind, id]


def _words(tables: Tables) -> Mapping[str, tuple[str, ...]]:
    """Return what sources call each provider, the usual word first."""
    lists = {
        id: [word for words in facts.values() if isinstance(words, list) for word in words]
        for id, facts in tables.providers.items()
    }
    return {id: tuple(words) for id, words in lists.items()}


def _sold(
    market: Market,
    words: Mapping[str, Sequence[str]],
    makers: Mapping[str, str],
    trust: Trust,
    catalog: Catalog,
    at: str,
) -> dict[str, Sold]:
    """Return what becomes of the prices of each deployment."""
    lists: dict[str, Mapping[str, PriceList]] = {}
    further: dict[str, list[PriceList]] = {}
    for id, offer in market.offers.items():
        lists[id], further[id] = lists_of(offer, words[offer.provider])
    others = {
        id: (one.data["model"], standing(one.data, at))
        for (kind, id), one in catalog.kept.items()
        if kind == "deployment"
    }
    bench = Bench(market.offers, lists, others, makers, _open_weights(market, catalog), at)
    return {
        id: _one_sold(offer, lists[id], further[id], bench, trust, catalog.waivers, at)
        for id, offer in market.offers.items()
    }


def _open_weights(market: Market, catalog: Catalog) -> frozenset[str]:
    """Return the models whose weights most rows call open, or whose files that people keep do."""
    votes: Counter[str] = Counter()
    told = [(offer.model, offer.statements) for offer in market.offers.values()]
    for id, statements in (*told, *market.models.items()):
        said = [fact.value for one in statements for fact in one.row.facts if fact.field == OPEN]
        votes[id] += sum(1 if value else -1 for value in said)
    kept = {id: one.data[OPEN] for (_, id), one in catalog.kept.items() if OPEN in one.data}
    return frozenset({id for id in votes if kept.get(id, votes[id] > 0)})


def _one_sold(
    offer: Offer,
    lists: Mapping[str, PriceList],
    further: Sequence[PriceList],
    bench: Bench,
    trust: Trust,
    waivers: Waivers,
    at: str,
) -> Sold:
    """Return what becomes of the prices of one deployment."""
    found = {source: doubt for source in lists if (doubt := bench.doubt(offer.id, source))}
    waived = {id for id, one in found.items() if waivers.hold(offer.id, id, one.word)}
    doubts = {source: doubt for source, doubt in found.items() if source not in waived}
    order = trust.order("prices", offer.provider)
    trusted = believed(lists, order, doubts)
    # who knows a tier alone goes behind who knows what is paid where nothing is asked for
    stand = sorted(trusted, key=lambda one: not one.standing(at))
    second = any(agree(stand[0], one, at) for one in stand[1:])
    stands = agreed(stand, at)
    by_waiver = stands is not None and not waived.isdisjoint(one.id for one in stands.sources)
    return Sold(lists, further, doubts, order, stands, second, by_waiver)


def standing(data: Mapping[str, Any], at: str) -> dict[str, Decimal]:
    """Return the prices that a file states for an instant where nothing is asked for, by unit."""
    rows = data.get("prices", ())
    return price_lists.standing(rows, [price_record(row) for row in rows], at)


def _models(
    market: Market,
    tables: Tables,
    trust: Trust,
    catalog: Catalog,
    heard: dict[Subject, Hearing],
    prices: Mapping[str, Sold],
) -> tuple[Files, list[str]]:
    """Return the files of models, and the models of which nobody says what they do.

    What was heard of each model is added to `heard`.
    """
    sold = market.sellers
    files: Files = {}
    mute: list[str] = []
    for id, own in market.models.items():
        creator = id.partition("/")[0]
        if not own and not sold.get(id):
            continue  # a spelling that no row is left under
        made = [
            one
            for one in sold.get(id, ())
            if tables.creators.providers.get(one.provider) == creator
        ]
        others = [one for one in sold.get(id, ()) if one not in made]
        hearing = heard["model", id] = of_model(own, made, others, trust)
        if ("model", id) in catalog.kept:
            continue
        mode = models.mode_of(own, made or others) or _kind_of(id, sold.get(id, ()), tables, prices)
        spelt = models.spelling(own, sold.get(id, ()), id)
        facts = models.facts_of(id, hearing, mode, spelt, catalog.kinds)
        if facts is None:
            mute.append(id)
        else:
            files["model", id] = facts
    return files, mute


def _kind_of(
    id: str, offers: Sequence[Offer], tables: Tables, sold: Mapping[str, Sold]
) -> str | None:
    """Return the kind of API of a model of which no row says it: by its name, else its prices.

    What is priced by the token in both directions, and by nothing else, completes text.
    """
    for row in tables.modes:
        if found_in(row["pattern"], id.partition("/")[2]):
            return str(row["mode"])
    lists = [one for offer in offers for one in sold[offer.id].lists.values()]
    units = {unit for one in lists for entry in one.entries for unit in units_of(entry)}
    return "completion" if {"input", "output"} <= units <= TEXT else None
