"""Readings -> what is said of each deployment and of each model, by whom.

Rows that only name a condition of the price are folded into their deployment. Names at one provider
that differ in case and separators alone, and stand for one model, are one deployment.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from modelbook.names import fold
from modelbook_compiler.discover import WIRE_PART

from ..market.claims import Fact, Reading, Row, Source
from ..market.identity import Identity, Tables, Unresolved, identify
from ..market.summary import LEFT_OUT

LONGEST = 200
"""Most characters of a part of a path: systems take 255, and a file that is prepared has more."""
DEEPEST = 20
"""Most folders that a wire name may make; the catalog is read to a depth of 30."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says of one thing."""

    source: Source
    row: Row
    identity: Identity

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what statements are sorted by."""
        raw = self.row.raw
        return raw.source, raw.provider, raw.key


@dataclass(frozen=True, slots=True)
class Fixed:
    """Names that the catalog has given already."""

    ids: frozenset[str] = frozenset()
    """Ids of models and deployments that an import does not choose."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other permanent spellings to ids."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A deployment: all that is said of one model at one provider."""

    id: str
    provider: str
    wire: str
    """The name to send."""
    model: str
    statements: tuple[Statement, ...]
    aliases: tuple[str, ...] = ()
    """Other spellings of the id."""

    @property
    def tags(self) -> Mapping[str, str]:
        """Return what its name says beside the model."""
        plain = [one for one in self.statements if not one.identity.conditional]
        return plain[0].identity.tags if plain else {}


@dataclass(frozen=True)
class Market:
    """All that is said."""

    offers: Mapping[str, Offer]
    """Deployments by id."""
    models: Mapping[str, tuple[Statement, ...]]
    """What is said of models wherever they run, by id; empty for those known from sellers alone."""
    names: Mapping[str, str]
    """Models as rows are read, to the id that stands for all nearly like it."""
    unresolved: tuple[Unresolved, ...]
    sources: tuple[Source, ...]

    @cached_property
    def sellers(self) -> Mapping[str, Sequence[Offer]]:
        """Return the deployments of each model."""
        found: dict[str, list[Offer]] = defaultdict(list)
        for offer in self.offers.values():
            found[offer.model].append(offer)
        return found


def gather(readings: Iterable[Reading], tables: Tables, fixed: Fixed = Fixed()) -> Market:
    """Return what is said of each deployment and model."""
    statements: list[Statement] = []
    unresolved: list[Unresolved] = []
    sources: dict[tuple[str, str], Source] = {}
    for reading in readings:
        sources[reading.source.id, reading.source.version] = reading.source
        for row in reading.rows:
            known = identify(row, tables)
            if isinstance(known, Identity) and not _has_path(known):
                wire = known.wire or known.model
                unresolved.append(Unresolved(row.raw, "no-path", known.provider, wire))
            elif isinstance(known, Identity):
                statements.append(Statement(reading.source, row, known))
            elif known.why != LEFT_OUT:
                unresolved.append(known)
    statements.sort(key=lambda one: one.key)
    names = _one_name((one.identity.model for one in statements), "/", fixed)
    sold = [one for one in statements if one.identity.provider]
    offers = _offers(sold, names, fixed)
    models: dict[str, list[Statement]] = {names[one.identity.model]: [] for one in statements}
    for one in statements:
        if not one.identity.provider:
            models[names[one.identity.model]].append(one)
    return Market(
        offers,
        {id: tuple(found) for id, found in sorted(models.items())},
        names,
        tuple(sorted(unresolved, key=lambda one: (one.raw.source, one.raw.provider, one.raw.key))),
        tuple(sources[one] for one in sorted(sources)),
    )


def with_weights(market: Market, facts: Mapping[str, Sequence[Fact]]) -> Market:
    """Return what is said, of published weights only what was settled about them."""
    models = dict(market.models)
    for read_as, said in facts.items():
        id = market.names[read_as]
        rows = [one for one in models[id] if one.row.kind == "weights"]
        others = [one for one in models[id] if one.row.kind != "weights"]
        settled = replace(rows[0], row=replace(rows[0].row, facts=tuple(said)))
        models[id] = (*others, settled)
    return replace(market, models=models)


def _offers(sold: Sequence[Statement], names: Mapping[str, str], fixed: Fixed) -> dict[str, Offer]:
    """Return the deployments by id."""
    ids = _one_name((_id(one) for one in sold), ":", fixed)
    grouped: dict[str, list[Statement]] = defaultdict(list)
    for one in sold:
        grouped[ids[_id(one)]].append(one)
    given: dict[str, set[str]] = defaultdict(set)
    for other, id in fixed.aliases.items():
        given[id].add(other)
    return {id: _offer(id, grouped[id], names, given[id]) for id in sorted(grouped)}


def _offer(
    id: str, statements: Sequence[Statement], names: Mapping[str, str], given: Collection[str]
) -> Offer:
    """Return a deployment; most of its rows decide how it is written and which model it is.

    `given` are the other spellings that it has already; they are permanent.
    """
    provider = id.partition(":")[0]
    spelt = Counter(one.identity.wire for one in statements if _id(one) == id)
    wire = min(spelt, key=lambda one: (-spelt[one], one)) if spelt else id.partition(":")[2]
    meant = Counter(names[one.identity.model] for one in statements)
    model = min(meant, key=lambda one: (-meant[one], one))
    others = sorted({*given, *(_id(one) for one in statements)} - {id})
    return Offer(id, provider, wire, model, tuple(statements), tuple(others))


def _id(one: Statement) -> str:
    """Return the id of a row's deployment."""
    return f"{one.identity.provider}:{one.identity.wire.lower()}"


def _has_path(one: Identity) -> bool:
    """Tell whether files can be named after a model and what is sent for it."""
    if max(map(len, one.model.split("/"))) > LONGEST:
        return False
    parts = one.wire.lower().replace(":", "%3a").split("/")
    fit = all(WIRE_PART.fullmatch(p) and p[0] != "." and len(p) <= LONGEST for p in parts)
    folders = parts[:-1]  # one named like a file would be taken for it
    fit = fit and len(folders) <= DEEPEST and not any(p.endswith(".yaml") for p in folders)
    return fit or one.provider is None


def _one_name(names: Iterable[str], mark: str, fixed: Fixed) -> dict[str, str]:
    """Return for each name the one that stands for all that are spelt nearly like it.

    A name that the catalog has goes first, then the one that most rows have.
    """
    number = Counter(names)
    given = {**fixed.aliases, **{id: id for id in fixed.ids}}
    ours = [name for name in sorted(given) if (":" in name) == (mark == ":")]
    known = {_folded(name, mark): given[name] for name in ours}
    alike: dict[str, list[str]] = defaultdict(list)
    for name in number:
        alike[_folded(name, mark)].append(name)
    chosen = {
        key: known.get(key) or min(found, key=lambda one: (-number[one], one))
        for key, found in alike.items()
    }
    return {name: name if name in fixed.ids else chosen[_folded(name, mark)] for name in number}


def _folded(name: str, mark: str) -> str:
    """Return what names have in common that people would take for each other."""
    first, _, rest = name.partition(mark)
    return f"{first if mark == ':' else fold(first)}{mark}{fold(rest)}"
