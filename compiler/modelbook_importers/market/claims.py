"""What a reader of a public catalog hands on: rows of claims, each with where it is from.

A row is what one catalog says of one model at one provider. Its facts have the field names and
values of our schemas, its prices are entries of our price grammar; nothing is merged or judged yet.
What a reader cannot believe, or cannot say in our words, is `Refused` with a reason, never dropped
in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = Any
"""A value as a catalog file states it: text, whole number, boolean, list, mapping; no float."""

Kind: TypeAlias = Literal["deployment", "model", "weights", "tool"]
"""What a row speaks of: a model at a provider, a model wherever it runs, a repository of weights
that people run themselves, or a search or guard that is no model."""

Reason: TypeAlias = Literal[
    "variable",
    "zero-price",
    "zero-limit",
    "absurd",
    "too-fine",
    "output-above-context",
    "wrong-type",
    "not-text",
    "not-a-date",
    "not-a-repository",
    "unknown-word",
    "unknown-condition",
    "no-such-unit",
    "dangling",
    "not-a-row",
]
"""Why something is not taken over; `REASONS` says each in words."""

REASONS: Mapping[Reason, str] = {
    "variable": "a negative price: it depends on something the source does not say",
    "zero-price": "a price of 0 that nothing declares free",
    "zero-limit": "a limit of 0, which stands for not known",
    "absurd": "no model that is sold comes near it",
    "too-fine": "an amount that nine decimals cannot hold",
    "output-above-context": "more output than the whole context holds",
    "wrong-type": "not the kind of value that stands there in other rows",
    "not-text": "characters that hide what it says, or more of them than a line has",
    "not-a-date": "not a day, month or year of the calendar",
    "not-a-repository": "not the name of a repository of weights",
    "unknown-word": "a word that we have none for",
    "unknown-condition": "a price under a condition that our grammar does not have",
    "no-such-unit": "a price for something that we have no unit for",
    "dangling": "it names a row that is not there",
    "not-a-row": "not a row at all",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One release of a public catalog."""

    id: str
    """`litellm`, `genai_prices`, `models_dev`, `openrouter`, `xinference`."""
    version: str
    """Its release, or the day of a feed."""
    url: str
    dated: str | None
    """The day its data is of, UTC; None if nobody knows."""

    @property
    def label(self) -> str:
        """Return how `imported.from` and notes name it: `litellm 1.109.1`."""
        return f"{self.id.replace('_', '-')} {self.version}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a source something stands."""

    file: str
    """The file's path in its package, or its name."""
    pointer: str
    """JSON pointer, `/openai/models/gpt-4o/cost`; for Python data the same over its arguments."""

    def below(self, *steps: str | int) -> Place:
        """Return a place further in."""
        parts = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
        return Place(self.file, "/".join([self.pointer, *parts]))

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a model or deployment, as our schemas name it."""

    field: str
    """Dotted path: `limits.context`, `modalities.input`, `capabilities.tools`, `weights.hf`."""
    value: Json
    place: Place
    rough: bool = False
    """Worked out of weaker statements, or rounded; anything stated outright is better."""


@dataclass(frozen=True, slots=True)
class Price:
    """One entry of a `prices` list."""

    entry: Mapping[str, Json]
    """As `deployment.schema.json` wants it: units with quoted amounts, `when`, `from`, `until`."""
    places: tuple[Place, ...]
    """What it was read from."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A row's own name in its source."""

    source: str
    provider: str
    """The source's word for who runs it; empty for what stands under no provider."""
    key: str


@dataclass(frozen=True, slots=True)
class Hints:
    """What a row says beside facts that helps to tell what it is."""

    mode: str | None = None
    """A mode that `api-pipelines.yaml` knows."""
    repositories: tuple[str, ...] = ()
    """HuggingFace repositories it names: evidence of weights, not of identity."""
    base: str | None = None
    """The row of the same source that it says it is based on."""
    revision: str | None = None
    """The commit of the repository that is pinned."""
    format: str | None = None
    """The format of the weights: `pytorch`, `ggufv2`, `mlx`, `awq`."""
    family: str | None = None
    """The source's word for models that share their code."""
    engines: tuple[str, ...] = ()
    """Software that the source runs it with, in its words, lower case, sorted."""
    page: str | None = None
    """The page the source says it is from."""
    match: Json = None
    """The names its source takes for it, as clauses: `{"or": [{"equals": …}, {"starts_with": …}]}`.
    They say what is priced alike, not what is the same model."""


@dataclass(frozen=True, slots=True)
class Row:
    """All that one source says of one model at one provider."""

    raw: Raw
    place: Place
    kind: Kind
    facts: tuple[Fact, ...] = ()
    prices: tuple[Price, ...] = ()
    """In the order of the catalog's grammar: general ones first, the last that applies wins."""
    hints: Hints = field(default_factory=Hints)

    def value(self, name: str) -> Json:
        """Return the value of a field, None if it is not claimed."""
        return next((fact.value for fact in self.facts if fact.field == name), None)


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that a source says and we do not take over."""

    raw: Raw
    place: Place
    field: str
    value: str
    """As written in the source, cut to a length that prints."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """What a source says of a provider: claims to hold the reviewed table against."""

    raw: str
    place: Place
    name: str | None = None
    base_url: str | None = None
    env: tuple[str, ...] = ()
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of one release."""

    source: Source
    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]
    unread: Mapping[str, int]
    """Fields of the source that have no word in our schemas, with the rows that have them."""
    providers: tuple[ProviderRow, ...] = ()
