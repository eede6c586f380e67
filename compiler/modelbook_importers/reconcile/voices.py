"""What is said of one field -> the value that stands, who says it, and what the others say.

Of a model each source has one voice on a field: its own row of the model, else what it says of the
maker's own API, else what most of its sellers say. Rows of sellers disagree with each other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..market.claims import Json, Source
from .gather import Offer, Statement
from .price_lists import usual
from .quarantine import APART
from .trust import Trust

OWN, MAKER, SELLERS = range(3)
"""How near a voice is to the model."""

OUTNUMBERED = 3
"""How many times as many inferred votes it takes to outweigh those said outright."""

MEASURES = ("modalities", "limits", "capabilities")
"""Facts that a deployment may state apart from its model."""

OF_SELLERS = frozenset(
    {"streaming", "prompt_cache", "batch", "fine_tuning", "web_search", "code_execution"}
)
"""Capabilities that a seller gives, whatever the model is."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What one source says of one field."""

    source: Source
    value: Json
    near: int
    """`OWN`, `MAKER` or `SELLERS`."""
    rough: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """All voices on one field, the one that stands first."""

    field: str
    voices: tuple[Voice, ...]

    @property
    def best(self) -> Voice:
        """Return the voice that stands."""
        return self.voices[0]


Hearing = Mapping[str, Heard]
"""Field to what is said of it."""


def is_of_model(field: str) -> bool:
    """Tell whether a field is a fact of the model wherever it runs."""
    first, _, rest = field.partition(".")
    return first != "lifecycle" and rest not in OF_SELLERS


def is_of_deployment(field: str) -> bool:
    """Tell whether a deployment may state a field."""
    return field.partition(".")[0] in (*MEASURES, "lifecycle")


def of_deployment(offer: Offer, words: Sequence[str], trust: Trust) -> Hearing:
    """Return what is said of a deployment, by field; of each source its usual row speaks."""
    rows = sorted(offer.statements, key=lambda one: (one.identity.conditional, usual(one, words)))
    return _heard(rows, offer.provider, trust, is_of_deployment, OWN)


def of_model(
    own: Sequence[Statement], maker: Sequence[Offer], sellers: Sequence[Offer], trust: Trust
) -> Hearing:
    """Return what is said of a model, by field.

    `maker` are its deployments at the maker's own API, `sellers` those elsewhere.
    """
    near = sorted(maker, key=_nearest)
    first = [one for offer in near for one in offer.statements if not one.identity.conditional]
    parts = [
        _heard(own, None, trust, is_of_model, OWN),
        _heard(first, None, trust, is_of_model, MAKER),
        _most(_plain(sellers), trust),
    ]
    fields = dict.fromkeys(field for part in parts for field in part)
    return {field: _one_voice_each(field, parts, trust) for field in fields}


def _nearest(offer: Offer) -> tuple[object, ...]:
    """Return the sort key of the maker's deployments: the model's bare name, else the newest."""
    named = offer.wire.lower().rpartition("/")[2] == offer.model.partition("/")[2]
    apart = bool(APART & offer.tags.keys())
    dated = offer.tags.get("date", "")
    return apart, not named, [-ord(one) for one in dated], offer.id


def _plain(sellers: Sequence[Offer]) -> list[Offer]:
    """Return the deployments whose names say nothing beside the model, if there are such."""
    plain = [one for one in sellers if not (APART | {"moving"}) & one.tags.keys()]
    return plain or list(sellers)


def _heard(
    rows: Iterable[Statement],
    provider: str | None,
    trust: Trust,
    wanted: Callable[[str], bool],
    near: int,
) -> dict[str, Heard]:
    """Return what rows say, of each source the first that speaks of a field."""
    found: dict[str, dict[str, Voice]] = {}
    for one in rows:
        for fact in one.row.facts:
            if wanted(fact.field):
                voices = found.setdefault(fact.field, {})
                before = voices.get(one.source.id)
                if before is None or (before.rough and not fact.rough):
                    voices[one.source.id] = Voice(one.source, fact.value, near, fact.rough)
    return _ranked(found, provider, trust)


def _most(offers: Sequence[Offer], trust: Trust) -> dict[str, Heard]:
    """Return what most sellers say by each source, one vote for each deployment."""
    votes: dict[tuple[str, str], Counter[tuple[str, bool]]] = {}
    sources: dict[str, Source] = {}
    for offer in offers:
        for one in offer.statements:
            sources[one.source.id] = one.source
            for fact in one.row.facts if not one.identity.conditional else ():
                if is_of_model(fact.field):
                    ballot = votes.setdefault((fact.field, one.source.id), Counter())
                    ballot[json.dumps(fact.value), fact.rough] += 1
    found: dict[str, dict[str, Voice]] = {}
    for (field, source), ballot in votes.items():
        text, rough = elected(ballot)
        voice = Voice(sources[source], json.loads(text), SELLERS, rough)
        found.setdefault(field, {})[source] = voice
    return _ranked(found, None, trust)


def elected(ballot: Mapping[tuple[str, bool], int]) -> tuple[str, bool]:
    """Return the value with the most votes, and whether it is rough.

    What is said outright goes before what is inferred, unless few say it against many.
    """
    outright = sum(ballot[one] for one in ballot if not one[1])
    few = outright * OUTNUMBERED < sum(ballot.values()) - outright
    return min(ballot, key=lambda one: (one[1] and not few, -ballot[one], one[1], one[0]))


def _ranked(
    found: Mapping[str, Mapping[str, Voice]], provider: str | None, trust: Trust
) -> dict[str, Heard]:
    """Return voices in the order of trust; those without a say are left out."""
    heard: dict[str, Heard] = {}
    for field, voices in found.items():
        order = trust.order(field, provider)
        said = [voices[id] for id in order if id in voices]
        if said:
            heard[field] = Heard(field, tuple(sorted(said, key=lambda one: one.rough)))
    return heard


def _one_voice_each(field: str, parts: Sequence[Hearing], trust: Trust) -> Heard:
    """Return one voice for each source, the nearest; nearer ones stand before others."""
    said = [voice for part in parts if field in part for voice in part[field].voices]
    said.sort(key=lambda one: (one.rough, one.near, trust.rank(field, None, one.source.id)))
    nearest = {one.source.id: one for one in reversed(said)}
    return Heard(field, tuple(one for one in said if nearest[one.source.id] is one))
