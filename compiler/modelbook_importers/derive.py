"""Releases and the rules of the catalog -> what every model class does, and on what grounds.

The rule is HuggingFace's own (`utils/update_metadata.py`): the auto mappings in an order, the last
one that holds a class decides. `catalog/auto-classes.yaml` states order, types and grounds;
`catalog/architecture-overrides.yaml` has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modelbook.decision import by_suffix
from modelbook.names import fold

from .transformers import Release
from .wheels import version_of

OFFICIAL = ("official", "official-remapped")
SEQ2SEQ = "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES"
IMAGE_TEXT = "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES"
MULTIMODAL = "MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES"
HEAD = "In no auto mapping; goes by the ending of its name"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the catalog says of classes in general, and of single ones."""

    tables: Sequence[Mapping[str, Any]]
    """The auto mappings in order, as `auto-classes.yaml` has them."""
    suffixes: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]
    """Endings of a name and pipeline types, the first that fits counts."""
    overrides: Mapping[str, Mapping[str, Any]]
    """Class to the pipelines and the reason that people gave it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One class: the model types that use it, and what its file will say."""

    name: str
    model_types: tuple[str, ...]
    facts: Mapping[str, Any]
    seen: str
    """Newest release that has it, such as `transformers 5.23.0`."""
    position: int = 0
    """Where it stands among the classes of its release: files keep that order."""
    mapped: bool = True
    """An auto mapping names its model types; else they follow from the folder of its code."""


@dataclass(frozen=True, slots=True)
class Derived:
    """Everything derived, and what could not be."""

    classes: Mapping[str, Found]
    unknown_tables: tuple[str, ...]
    """Auto mappings that the rules do not name."""
    untyped: tuple[str, ...]
    """Classes for which no rule gives a pipeline type."""


def derive(releases: Iterable[Release], rules: Rules) -> Derived:
    """Return all classes of some releases; of a class in several, the newest one speaks.

    Model types of all of them count: files of old models name old ones.
    """
    classes: dict[str, Found] = {}
    unknown: set[str] = set()
    untyped: set[str] = set()
    for one in sorted(releases, key=lambda one: version_of(one.version), reverse=True):
        known = {row["table"] for row in rules.tables}
        unknown.update(f"{name} ({one.named})" for name in one.tables if name not in known)
        for found in _classes(one, rules):
            newer = classes.get(found.name)
            if newer and found.mapped:
                model_types = tuple(dict.fromkeys([*newer.model_types, *found.model_types]))
                classes[found.name] = replace(newer, model_types=model_types)
            elif found.facts and not newer:
                classes[found.name] = found
            elif not found.facts:
                untyped.add(found.name)
    return Derived(classes, tuple(sorted(unknown)), tuple(sorted(untyped - classes.keys())))


def _classes(one: Release, rules: Rules) -> Iterator[Found]:
    """Yield the classes of a release: those of the auto mappings, then the other heads."""
    homes: dict[str, dict[str, None]] = {}
    held: dict[str, set[str]] = {}
    for table, mapping in one.tables.items():
        for model_type, names in mapping.items():
            for name in names:
                homes.setdefault(name, {})[model_type] = None
                held.setdefault(name, set()).add(table)
    for position, name in enumerate(homes):
        users = tuple(homes[name])
        facts = stated(name, rules) or _facts(held[name], users, one, rules)
        yield Found(name, users, facts, one.named, position)
    for folder, names in one.heads.items():
        for name in names:
            facts = stated(name, rules) or by_ending(name, rules)
            model_types = _of_folder(folder, one)
            yield Found(
                name, model_types, facts if model_types else {}, one.named, len(homes), mapped=False
            )


def stated(name: str, rules: Rules) -> dict[str, Any]:
    """Return what people said of a class, empty if nothing."""
    found = rules.overrides.get(name)
    return {"pipelines": list(found["pipelines"]), **_because("override", found)} if found else {}


def _because(basis: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the grounds of a claim."""
    reason = row.get("reason") if basis in ("override", "proposal") else None
    return {"basis": basis, **({"reason": reason} if reason else {})}


def _facts(
    held: set[str], model_types: Sequence[str], one: Release, rules: Rules
) -> dict[str, Any]:
    """Return the pipeline types of a class and on what grounds, from the mappings that hold it."""
    rows = [row for row in rules.tables if row["table"] in held and row.get("derive", True)]
    if not rows:
        return {}
    winner = _winner(rows)
    multimodal = bool(held & {IMAGE_TEXT, MULTIMODAL})
    rest = [row for row in rows if row is not winner and not _is_general(row)]
    if multimodal:  # whatever reads more than text is no text-to-text model
        rest = [row for row in rest if row["table"] != SEQ2SEQ]
    first, *further = winner["pipelines"]
    basis = winner["basis"]
    if winner["table"] == SEQ2SEQ and multimodal:
        basis = "refined"
        text = [first] if IMAGE_TEXT in held else []
        first, further = ("image-text-to-text" if text else "audio-text-to-text"), text
    others = [id for row in rest for id in row["pipelines"]]
    senses = _senses(held, set(model_types), one) if multimodal else []
    pipelines = list(dict.fromkeys([first, *others, *further, *senses]))
    return {"pipelines": pipelines, **_because(basis, winner)}


def _senses(held: set[str], model_types: set[str], one: Release) -> list[str]:
    """Return what the processors of its model types add to a multimodal class."""
    video = ["video-text-to-text"] if IMAGE_TEXT in held and one.video & model_types else []
    return [*video, *(["audio-text-to-text"] if one.audio & model_types else [])]


def _winner(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the mapping that decides: the last official one, else the last that says something."""
    official = [row for row in rows if row["basis"] in OFFICIAL]
    return (official or [row for row in rows if not _is_general(row)] or list(rows))[-1]


def _is_general(row: Mapping[str, Any]) -> bool:
    """Tell whether a mapping holds all sorts of classes, so that others say more."""
    return bool(row.get("general"))


def by_ending(name: str, rules: Rules) -> dict[str, Any]:
    """Return what the ending of a class's name says, empty if nothing."""
    pipelines = by_suffix(name, rules.suffixes)
    if not pipelines:
        return {}
    return {"pipelines": list(pipelines), "basis": "proposal", "reason": HEAD}


def _of_folder(folder: str, one: Release) -> tuple[str, ...]:
    """Return the model type that a folder of code is for, empty if there is none."""
    inside = [model_type for model_type in one.config if one.folder(model_type) == folder]
    named = [model_type for model_type in inside if model_type.replace("-", "_") == folder]
    return tuple((named or inside)[:1])


def home(name: str, model_types: Sequence[str]) -> str:
    """Return the model type whose file a class belongs in: the one that its name starts with.

    Of several the longest, and where there is none the first that uses it.
    """
    folded = fold(name)
    own = [one for one in model_types if folded.startswith(fold(one))]
    return max(own, key=len) if own else model_types[0]
