"""Round trip: the book written in the shape of a source, read back, and held against the source.

    python benchmarks/roundtrip.py litellm-*.whl models.dev-api-*.json models.dev-models-*.json

Each claim of the source is equal in our export, or differs for a reason that is named: a dispute
that stands in the catalog, a rule of the import, or something our reader does not take. What has no
reason is listed, and ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from modelbook.catalog import Catalog
from modelbook.decode import price_record
from modelbook.prices import price_of
from modelbook.records import Conditions, Deployment, Price
from modelbook_catalog import catalog
from modelbook_exporters import litellm, models_dev
from modelbook_exporters.shapes import deployments
from modelbook_exporters.text import text
from modelbook_exporters.words import table, words_of
from modelbook_importers.known import documents
from modelbook_importers.market import litellm as litellm_reader
from modelbook_importers.market import sources
from modelbook_importers.market.claims import Fact, Reading
from modelbook_importers.market.identity import Tables, tables
from modelbook_importers.reconcile.differences import NO_CLAIMS
from modelbook_importers.reconcile.gather import Fixed, Market, Offer, Statement, gather
from modelbook_importers.reconcile.models import MEDIA
from modelbook_importers.reconcile.price_lists import lists_of, same, units_of, usual
from modelbook_importers.reconcile.quarantine import APART
from modelbook_importers.reconcile.voices import is_of_deployment

ROOT = Path(__file__).resolve().parent.parent
CONDITIONS = ("region", "size", "quality")

EQUAL = "equal"
DISPUTED = "a dispute is recorded"
DOUBTED = "a dispute is recorded: not believed"
NO_FIELD = "in the book, but the shape has no field for it"
ROUGH = "worked out of weaker statements by our reader"
SPELLING = "a spelling or an inference, which is no claim"
TWICE = "the source says it twice, and its usual row counts"
MODEL = "a fact of the model: another row of the source speaks for it"
VARIANT = "a fact of the model, said of a variant or a moving name alone"
OTHER = "kept by hand: the book knows that the name means another model"
MEDIUM = "the source has no word for vectors and scores"
BY_HAND = "the file is kept by hand and says nothing of it"
AHEAD = "a price for what is paid ahead"
FORMER = "in the book, for another time"
ABSENT = "the deployment is not in the book"
UNEXPLAINED = "without a reason"
ORDER = (
    EQUAL,
    DISPUTED,
    DOUBTED,
    NO_FIELD,
    ROUGH,
    SPELLING,
    TWICE,
    MODEL,
    VARIANT,
    OTHER,
    MEDIUM,
    BY_HAND,
    AHEAD,
    FORMER,
    ABSENT,
    UNEXPLAINED,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A claim without a reason."""

    deployment: str
    key: str
    field: str
    theirs: str
    ours: str


@dataclass(slots=True)
class Result:
    """What became of the claims of one source."""

    reading: Reading
    facts: Counter[str] = field(default_factory=Counter)
    prices: Counter[str] = field(default_factory=Counter)
    unexplained: list[Difference] = field(default_factory=list)
    rows: int = 0
    unresolved: int = 0


class Book:
    """The compiled catalog, and what it records of disputes."""

    def __init__(self, place: Path, base: Path, known: Tables) -> None:
        self.catalog: Catalog = catalog()
        self._base = base
        self.known = known
        files = documents(place, ("deployment", "model"))
        self.by_hand = {id for (_, id), one in files.items() if "imported" not in one.data}
        own = {other: id for (_, id), one in files.items() for other in one.data.get("aliases", ())}
        self.fixed = Fixed(frozenset(id for _, id in files), own)

    @cached_property
    def disputes(self) -> Mapping[tuple[str, str, str], list[tuple[Any, Any, str | None]]]:
        """Return the claims that lost: by id, field and source, each value, conditions, doubt."""
        found: dict[tuple[str, str, str], list[tuple[Any, Any, str | None]]] = defaultdict(list)
        with duckdb.connect(self._base, read_only=True) as base:
            asked = 'SELECT id, field, source, value, "when", quarantine FROM disputes'
            for id, name, source, value, when, doubt in base.execute(asked).fetchall():
                by = source.partition(" ")[0]
                found[id, name, by].append((json.loads(value), json.loads(when or "{}"), doubt))
        return found

    def verdict(self, id: str, name: str, by: str, value: Any, when: Any = None) -> str | None:
        """Return whether a claim is a recorded dispute, and of which kind; None if it is none."""
        for said, under, doubt in self.disputes.get((id, name, by), ()):
            if _alike(said, value) and under.items() <= (when or {}).items():  # or of all of them
                return DOUBTED if doubt else DISPUTED
        return None


def _alike(one: Any, other: Any) -> bool:
    """Tell whether two claims say the same, amounts but for how they were converted."""
    if name_of_amount(one) and name_of_amount(other):
        return same(Decimal(one), Decimal(other))
    return bool(one == other)


def name_of_amount(value: Any) -> bool:
    """Tell whether a value is an amount as the catalog writes it."""
    return isinstance(value, str) and value.replace(".", "", 1).isdigit()


def exported(book: Book, source: str, at: str, folder: Path) -> Reading:
    """Return our rows, written in a source's shape and read back by its reader."""
    words = words_of(table(), source)
    rows = deployments(book.catalog, (), words)
    if source == litellm_reader.ID:
        (folder / "litellm-0.dist-info").mkdir()
        path = folder / litellm_reader.FILE
        path.parent.mkdir()
        path.write_text(text(litellm.export(rows, words, at).data))
        return sources.read(folder / "litellm")
    path = folder / f"models.dev-api-{at[:10]}.json"
    path.write_text(text(models_dev.export(rows, words, at, book.catalog).data))
    return sources.read(path)


def compare(original: Reading, readings: Iterable[Reading], book: Book, at: str) -> Result:
    """Return what becomes of the claims of a release in our export.

    `readings` are all that was given: of the same source, another file may speak of the model.
    """
    with tempfile.TemporaryDirectory() as folder:
        own = exported(book, original.source.id, at, Path(folder))
    base = [one for one in readings if one.source.id == original.source.id]
    theirs, ours = (gather([one], book.known, book.fixed) for one in (original, own))
    out = Result(original, unresolved=len(theirs.unresolved))
    voices = _by_model(gather(base, book.known, book.fixed), book)
    for id, offer in theirs.offers.items():
        one = _One(book, offer, ours.offers.get(id), original.source.id, at, voices)
        out.rows += len(offer.statements)
        for statement in one.statements:
            for name, claim, reason, mine in one.facts(statement):
                out.facts[reason] += 1
                _note(out, reason, id, statement, name, claim, mine)
            for name, claim, reason, mine in one.prices(statement):
                out.prices[reason] += 1
                _note(out, reason, id, statement, name, claim, mine)
    return out


def _note(
    out: Result, reason: str, id: str, statement: Statement, name: str, claim: Any, mine: Any
) -> None:
    """Keep a claim that has no reason."""
    if reason == UNEXPLAINED:
        out.unexplained.append(Difference(id, statement.row.raw.key, name, str(claim), str(mine)))


def _by_model(market: Market, book: Book) -> Mapping[str, Mapping[str, list[tuple[str, Any]]]]:
    """Return what the rows of a source say of each model, by field: deployment and value.

    A row speaks of the model that it is read as, and of the one that its deployment is in the book.
    """
    found: dict[str, dict[str, list[tuple[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for id, offer in market.offers.items():
        known = book.catalog.find_deployment(id)
        for model in {offer.model, known.model if known else offer.model}:
            for one in offer.statements:
                for fact in one.row.facts:
                    found[model][fact.field].append((id, fact.value))
    for id, own in market.models.items():
        for one in own:
            for fact in one.row.facts:
                found[id][fact.field].append((id, fact.value))
    return found


Told = tuple[str, Any, str, Any]
"""Field, what the source says, what became of it, what we say."""


class _One:
    """A deployment as a source has it, beside ours."""

    def __init__(
        self,
        book: Book,
        offer: Offer,
        ours: Offer | None,
        source: str,
        at: str,
        voices: Mapping[str, Mapping[str, list[tuple[str, Any]]]],
    ) -> None:
        self.book, self.offer, self.at = book, offer, at
        self.source, self.by = source, source.replace("_", "-")
        words = book.known.providers[offer.provider].get(source, [])
        self.statements = sorted(
            offer.statements, key=lambda one: (one.identity.conditional, usual(one, words))
        )
        self.record: Deployment | None = book.catalog.find_deployment(offer.id)
        self.own: dict[str, Fact] = {}
        self.priced: tuple[Price, ...] = ()
        if ours is not None:
            plain = [one for one in ours.statements if not one.identity.conditional]
            self.own = {fact.field: fact for one in plain for fact in one.row.facts}
            lists, _ = lists_of(ours, words)
            entries = lists[source].entries if source in lists else ()
            self.priced = tuple(price_record(_as_compiled(one)) for one in entries)
        models = {offer.model, self.record.model if self.record else offer.model}
        self.voices = [voices[model] for model in models]

    def facts(self, statement: Statement) -> Iterator[Told]:
        """Yield what becomes of each fact of a row."""
        for fact in statement.row.facts:
            mine = self.own[fact.field].value if fact.field in self.own else None
            yield fact.field, fact.value, self._fact(statement, fact, mine), mine

    def _fact(self, statement: Statement, fact: Fact, mine: Any) -> str:
        """Return what becomes of one fact."""
        if mine == fact.value:
            return EQUAL
        if self.record is None:
            return ABSENT
        known = _stated(self.record, fact.field)
        if known == fact.value:
            return NO_FIELD
        model = self.record.model
        for id in (self.offer.id, model):
            found = self.book.verdict(id, fact.field, self.by, fact.value)
            if found:
                return found
        return self._rule(statement, fact, known) or UNEXPLAINED

    def _rule(self, statement: Statement, fact: Fact, known: Any) -> str | None:
        """Return the rule of the import that a fact fell to, None if it fell to none."""
        if fact.rough:
            return ROUGH
        if fact.field in NO_CLAIMS:
            return SPELLING
        rows = [one for one in self.statements if one.row.value(fact.field) is not None]
        if rows[0] is not statement and rows[0].row.value(fact.field) != fact.value:
            return TWICE
        if not is_of_deployment(fact.field):
            said = (value for one in self.voices for _, value in one.get(fact.field, ()))
            others = [value for value in said if value != fact.value]
            if known in others or any(self._lost(fact.field, one) for one in others):
                return MODEL
            if (APART | {"moving"}) & statement.identity.tags.keys():
                return VARIANT
            if self.offer.id in self.book.by_hand and self._means_another():
                return OTHER
        if fact.field == "modalities.output" and {*(known or ())} - MEDIA:
            return MEDIUM
        if known is None and {self.offer.id, self.record.model if self.record else ""} & (
            self.book.by_hand
        ):
            return BY_HAND
        return None

    def _means_another(self) -> bool:
        """Tell whether the book has another model for the name than the rules read in it."""
        return self.record is not None and self.record.model != self.offer.model

    def _lost(self, name: str, value: Any) -> bool:
        """Tell whether what another row says of the model is a recorded dispute."""
        model = self.record.model if self.record else ""
        return self.book.verdict(model, name, self.by, value) is not None

    def prices(self, statement: Statement) -> Iterator[Told]:
        """Yield what becomes of each price of a row."""
        tags = statement.identity.tags if statement.identity.conditional else {}
        extra = {name: tags[name] for name in CONDITIONS if name in tags}
        for price in statement.row.prices:
            when = {**price.entry.get("when", {}), **extra}
            for unit in ["multiply"] if "multiply" in price.entry else units_of(price.entry):
                said = price.entry[unit]
                name = f"prices.{unit}" + (f" {json.dumps(when)}" if when else "")
                mine = self._price(self.priced, unit, when, self.at)
                yield name, said, self._priced(unit, said, when, mine, tags), mine

    def _price(
        self, entries: Iterable[Price], unit: str, when: Mapping[str, Any], at: str
    ) -> Decimal | None:
        """Return what some entries say a unit costs under conditions."""
        asked = _asked(when)
        if unit == "multiply":
            found = (one.multiply for one in entries if one.when == asked and one.multiply)
            return next(found, None)
        return price_of(entries, unit, at, asked)

    def _priced(
        self,
        unit: str,
        said: str,
        when: Mapping[str, Any],
        mine: Decimal | None,
        tags: Mapping[str, str],
    ) -> str:
        """Return what becomes of one price."""
        amount = Decimal(0) if said == "free" else Decimal(said)
        if mine is not None and same(mine, amount):
            return EQUAL
        if self.record is None:
            return ABSENT
        known = self._price(self.record.prices, unit, when, self.at)
        if known is not None and same(known, amount):
            return NO_FIELD if mine is None or self._fallen_back(unit, when) else UNEXPLAINED
        found = self.book.verdict(self.offer.id, f"prices.{unit}", self.by, said, when)
        if found:
            return found
        entries = [one for one in self.record.prices if one.when == _asked(when)]
        if any(one.amounts.get(unit) == amount for one in entries):
            return FORMER
        if "commitment" in tags:
            return AHEAD
        if known is None and self.offer.id in self.book.by_hand:
            return BY_HAND
        return UNEXPLAINED

    def _fallen_back(self, unit: str, when: Mapping[str, Any]) -> bool:
        """Tell whether our export says nothing of a unit under exactly these conditions."""
        asked = _asked(when)
        return not any(one.when == asked and unit in one.amounts for one in self.priced)


def _asked(when: Mapping[str, Any]) -> Conditions:
    """Return conditions as the runtime has them."""
    return price_record(_as_compiled({"when": when, "input": "1.00"})).when


def _as_compiled(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a price entry with its lists as the generated package has them."""
    window = entry.get("when", {}).get("window", {})
    if "days" not in window:
        return entry
    whole = {**window, "days": tuple(window["days"])}
    return {**entry, "when": {**entry["when"], "window": whole}}


def _stated(record: Deployment, name: str) -> Any:
    """Return what the book says of a field, as a catalog file writes it."""
    value: Any = record
    for step in name.split("."):
        value = getattr(value, step, None)
    return list(value) if isinstance(value, tuple) else value


def show(result: Result, most: int) -> None:
    """Print what became of one source."""
    print(f"{result.reading.source.label}: {len(result.reading.rows):,} rows")
    refused = Counter(one.reason for one in result.reading.refused)
    print(f"{'':56}{'facts':>10}{'prices':>10}")
    for reason in ORDER:
        facts, prices = result.facts[reason], result.prices[reason]
        if facts or prices:
            print(f"{reason:56}{facts:>10,}{prices:>10,}")
    print(f"{'together':56}{result.facts.total():>10,}{result.prices.total():>10,}")
    named = ", ".join(f"{word} {number:,}" for word, number in refused.most_common())
    print(f"rows of no model of ours: {result.unresolved:,}")
    print(f"refused by our reader: {refused.total():,} values ({named})")
    for one in result.unexplained[:most]:
        print(f"  {one.deployment} ({one.key}) {one.field}: {one.theirs}, ours {one.ours}")
    print()


def main() -> None:
    """Compare the releases named on the command line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("paths", nargs="+", type=Path)
    options.add_argument("--at", default=datetime.now(UTC).date().isoformat())
    options.add_argument("--most", type=int, default=40, help="differences to list")
    options.add_argument("--catalog", type=Path, default=ROOT / "catalog")
    options.add_argument("--database", type=Path, default=ROOT / "generated" / "catalog.duckdb")
    given = options.parse_args()
    book = Book(given.catalog, given.database, tables(given.catalog))
    readings = [sources.read(path) for path in given.paths]
    sold = [one for one in readings if any(row.kind == "deployment" for row in one.rows)]
    found = [compare(one, readings, book, f"{given.at}T00:00:00Z") for one in sold]
    for result in found:
        show(result, given.most)
    sys.exit(any(result.unexplained for result in found))


if __name__ == "__main__":
    main()
