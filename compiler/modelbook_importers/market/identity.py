"""A row's own name -> who runs it, what is sent, and which model answers. Never a guess.

The tables are the catalog's: `provider-slugs.yaml`, `creators.yaml`, `wire-names.yaml` and
`same-models.yaml`. The same row always reads the same; a row that they do not settle is
`Unresolved` and stays by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modelbook_compiler.discover import NAME
from modelbook_compiler.patterns import MAX_TEXT, found_in
from modelbook_compiler.wire_names import Creators, Read, RuleData, concerning, makers, read_name

from ..known import documents, lacking
from .claims import Hints, Json, Raw, Row

KINDS = ("provider-slugs", "creators", "wire-names", "same-models")


@dataclass(frozen=True, slots=True)
class Tables:
    """What the catalog says of names."""

    providers: Mapping[str, Mapping[str, Json]]
    """Our providers by id, as `provider-slugs.yaml` states them."""
    slugs: Mapping[tuple[str, str], str]
    """Source and its word for a provider, to ours."""
    splits: Sequence[Mapping[str, Json]]
    rules: Sequence[RuleData]
    no_models: Sequence[Mapping[str, Json]]
    modes: Sequence[Mapping[str, Json]]
    """Names that say what kind of API a model is sold under, where no source says it."""
    conditions: frozenset[str]
    """Rules that take a condition of the price off a name."""
    creators: Creators
    same: Mapping[tuple[str, str | None], str]
    """Model as the rules read it, and the provider where that counts, to the model it is."""
    _concerning: dict[tuple[str, str], Sequence[RuleData]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def rules_for(self, source: str, provider: str) -> Sequence[RuleData]:
        """Return the rules about rows of a source and a provider of ours."""
        key = source, provider
        if key not in self._concerning:
            self._concerning[key] = concerning(self.rules, source, provider)
        return self._concerning[key]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a row is."""

    raw: Raw
    provider: str | None
    """Our id of who runs it; None for what runs wherever people run it."""
    wire: str
    """The name to send, its case as the source writes it; empty where there is no provider."""
    creator: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    """`region`, `size`, `quality`, `commitment` are conditions of the price if `conditional`, else
    they are said by the wire name; `route`, `variant`, `quantization`, `date`, `version`,
    `packed_by`; `moving` marks a name whose model changes."""
    conditional: bool = False
    """The source's key holds conditions that are no part of the wire name."""
    written: bool = False
    """The name itself says who made it."""
    rules: tuple[str, ...] = ()
    """Rules of the grammar that had a say, in order."""
    read_as: str | None = None
    """The model as the rules read it, where `same-models.yaml` says it is another's name."""

    @property
    def model(self) -> str:
        """Return the model's id."""
        return f"{self.creator}/{self.name}"

    @property
    def deployment(self) -> str | None:
        """Return the deployment's id, None where nobody runs it."""
        return f"{self.provider}:{self.wire.lower()}" if self.provider else None

    @property
    def moving(self) -> bool:
        """Tell whether the name means whatever is newest."""
        return "moving" in self.tags


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A row that stays by itself."""

    raw: Raw
    why: str
    """`no-provider`, `no-creator`, `no-name`, `no-model`, `too-long`."""
    provider: str | None = None
    wire: str = ""
    name: str = ""


def tables(root: Path) -> Tables:
    """Return the tables of the catalog in a folder. Raises `CannotImportError`."""
    kept = documents(root, KINDS)
    for kind in KINDS:
        if (kind, kind) not in kept:
            raise lacking(root, f"{kind}.yaml")
    slugs, who, wire, same = (kept[kind, kind].data for kind in KINDS)
    return Tables(
        slugs["providers"],
        _by_word(slugs["providers"]),
        slugs.get("splits", ()),
        wire["rules"],
        wire.get("no_models", ()),
        wire.get("modes", ()),
        frozenset(rule["id"] for rule in wire["rules"] if rule.get("part") == "condition"),
        makers(who),
        {
            (name, provider): row["model"]
            for row in same["same"]
            for name in row["names"]
            for provider in row.get("providers", (None,))
        },
    )


def _by_word(providers: Mapping[str, Mapping[str, Json]]) -> dict[tuple[str, str], str]:
    """Return our provider for each word of each source."""
    return {
        (source, word): slug
        for slug, facts in providers.items()
        for source, words in facts.items()
        if isinstance(words, list) and source not in ("env", "credential")
        for word in words
    }


def identify(row: Row, known: Tables) -> Identity | Unresolved:
    """Return what a row is."""
    if row.kind == "tool":
        return Unresolved(row.raw, "no-model")
    return identity_of(row.raw, row.hints, known)


def identity_of(raw: Raw, hints: Hints, known: Tables) -> Identity | Unresolved:
    """Return what a name is, given what its row says beside."""
    if len(raw.key) > MAX_TEXT:
        return Unresolved(raw, "too-long")
    if any(_fits(one, raw) for one in known.no_models):
        return Unresolved(raw, "no-model")
    anywhere = raw.provider in ("", "xinference")
    slug, adds = (None, "") if anywhere else _slug(raw, known)
    if slug is None and not anywhere:
        return Unresolved(raw, "no-provider")
    if slug is not None and known.providers[slug]["kind"] == "tool":
        return Unresolved(raw, "no-model", slug)
    # of quantized weights the published ones that they are made of say which model it is
    base = hints.base if raw.source == "xinference" else None
    name = (base or raw.key) + adds
    start = Read(raw.source, slug or "", raw.provider, name, name.lower())
    read = read_name(start, known.rules_for(start.source, start.provider), known.creators)
    wire = "" if anywhere else read.wire
    if not NAME.fullmatch(read.name):
        return Unresolved(raw, "no-name", slug, wire, read.name)
    if read.creator is None:
        return Unresolved(raw, "no-creator", slug, wire, read.name)
    return _identity(raw, slug, wire, read, known)


def _identity(raw: Raw, slug: str | None, wire: str, read: Read, known: Tables) -> Identity:
    """Return what a name is that was read whole."""
    model = f"{read.creator}/{read.name}"
    meant = known.same.get((model, slug)) or known.same.get((model, None), model)
    creator, _, name = meant.partition("/")
    return Identity(
        raw,
        slug,
        wire,
        creator,
        name,
        read.tags,
        not known.conditions.isdisjoint(read.rules),
        read.written,
        read.rules,
        model if meant != model else None,
    )


def _slug(raw: Raw, known: Tables) -> tuple[str | None, str]:
    """Return our id of a provider, and what it wants after the name."""
    for split in known.splits:
        of_both = (split["source"], split["provider"]) == (raw.source, raw.provider)
        if of_both and found_in(split["pattern"], raw.key):
            return split["slug"], split.get("adds", "")
    return known.slugs.get((raw.source, raw.provider)), ""


def _fits(row: Mapping[str, Json], raw: Raw) -> bool:
    """Tell whether a name is of a kind that is no model."""
    if raw.source not in row.get("sources", (raw.source,)):
        return False
    return found_in(row["pattern"], raw.key) is not None
