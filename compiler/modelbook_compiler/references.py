"""The table of references: which field of which kind names an entry of which other kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .values import Entry, Json, Pointer, Subject


@dataclass(frozen=True, slots=True)
class Reference:
    """One place where an entry names another."""

    entry: Entry
    pointer: Pointer
    target_kind: str
    target: str


PATHS: tuple[tuple[str, str, str], ...] = (
    ("pipeline", "canonical", "pipeline"),
    ("pipeline-aliases", "aliases.*", "pipeline"),
    ("pipeline-aliases", "ambiguous.*.*", "pipeline"),
    ("pipeline-aliases", "patterns.*", "pipeline"),
    ("architecture", "classes.*.pipelines.*", "pipeline"),
    ("architecture-overrides", "classes.*.pipelines.*", "pipeline"),
    ("auto-classes", "tables.*.pipelines.*", "pipeline"),
    ("class-suffixes", "suffixes.*.pipelines.*", "pipeline"),
    ("libraries", "libraries.*.pipelines.*", "pipeline"),
    ("libraries", "libraries.*.modules.*.pipelines.*", "pipeline"),
    ("api-pipelines", "modes.*.pipelines.*", "pipeline"),
    ("api-pipelines", "modes.*.reading.*.*", "pipeline"),
    ("api-pipelines", "modalities.*.pipelines.*", "pipeline"),
    ("model", "pipelines.*", "pipeline"),
    ("model", "architecture", "class"),
    ("provider", "access.*.secret", "secret"),
    ("secret", "rotation.secret", "secret"),
    ("deployment", "model", "model"),
    ("deployment", "pipelines.*", "pipeline"),
    ("deployment", "lifecycle.successor", "deployment"),
    ("deployment", "points_to.*.deployment", "deployment"),
    ("deployment", "prices.*.currency", "currency"),
    ("policy", "pipeline", "pipeline"),
    ("policy", "providers.*", "provider"),
    ("policy", "exclude_providers.*", "provider"),
    ("policy", "prefer.*", "provider"),
    ("policy", "models.*", "model"),
    ("policy", "fallback.*", "deployment"),
    ("waivers", "waivers.*.deployment", "deployment"),
    ("runtime-classes", "runtimes.*.provider", "provider"),
    ("runtime-classes", "classes.*.runtimes.*", "provider"),
    ("units", "units.*.part_of.*", "unit"),
)
"""Kind of file, path in it (`*` is any key or position), kind of what is named."""

STEPS: Mapping[str, Sequence[tuple[Sequence[str], str]]] = {
    own: [(path.split("."), target) for kind, path, target in PATHS if kind == own]
    for own in {kind for kind, _, _ in PATHS}
}
"""The same, by the kind of file."""


DISPUTES = ("dispute", "imported-dispute")
"""Kinds of files that say what others say of a deployment or model, and have its id."""


def references(entry: Entry) -> Iterator[Reference]:
    """Yield every reference that an entry makes."""
    if entry.kind == "deployment":
        yield Reference(entry, (), "provider", entry.id.partition(":")[0])
    if entry.kind in DISPUTES:
        yield Reference(entry, (), *subject_of(entry))
    for steps, target_kind in STEPS.get(entry.kind, ()):
        if steps[0] in entry.data:
            for pointer, value in at(entry.data, steps):
                yield Reference(entry, pointer, target_kind, value)


def subject_of(dispute: Entry) -> Subject:
    """Return what a file of disputes speaks of: ids of deployments have a colon, others none."""
    return "deployment" if ":" in dispute.id else "model", dispute.id


def at(value: Json, steps: Sequence[str], pointer: Pointer = ()) -> Iterator[tuple[Pointer, Json]]:
    """Yield the values at a path, each with its pointer; `*` stands for any key or position."""
    if not steps:
        yield pointer, value
        return
    step, rest = steps[0], steps[1:]
    if step != "*":
        if step in value:
            yield from at(value[step], rest, (*pointer, step))
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield from at(inner, rest, (*pointer, key))
