"""Catalog folder -> what software that people run themselves can load.

The classes of vLLM and SGLang are in `runtime-classes.yaml`, those of transformers in
`architectures/`; what people say of a model's class in `models/`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..known import documents
from ..wheels import CannotImportError, version_of
from .claims import Fact, Hints, Json, Place, Raw, Reading, Row, Source

TABLE = ("runtime-classes", "runtime-classes")
NEEDED = ("runtime-classes", "architecture", "libraries", "provider", "model")
TRANSFORMERS = "transformers"
NAMING = "vllm"
"""The release whose tests name repositories with their classes."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """One release of software that runs models."""

    release: str
    """Its name and version: `vllm 0.33.0`."""
    url: str
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the models of a library are for, and where that is said."""

    pipelines: tuple[str, ...]
    source: Mapping[str, Json]
    """As `sources` of a file wants it."""


@dataclass(frozen=True, slots=True)
class RuntimeClasses:
    """What the catalog says of software that people run models with."""

    runtimes: Mapping[str, Runtime]
    """Provider to the release that was read; only self-hosted ones that are there, sorted."""
    providers: frozenset[str]
    """Self-hosted providers that are there."""
    repositories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Repository in lower case to the classes that a release says it has."""
    purposes: Mapping[str, Purpose] = field(default_factory=dict)
    """Library to what its models are for, where it decides that alone."""
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The classes of `architectures/`, of whatever library, and the pipeline types they serve."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Model to the class that people say it has; what imports wrote is not among them."""


def runtime_classes(root: Path) -> RuntimeClasses:
    """Return what a catalog says of runtimes. Raises `CannotImportError`."""
    kept = documents(root, NEEDED)
    if TABLE not in kept:
        hint = "copy it from the public catalog of modelbook"
        raise CannotImportError("the catalog has no `runtime-classes.yaml`", hint)
    files: dict[str, dict[str, Mapping[str, Json]]] = {kind: {} for kind in NEEDED}
    for (kind, id), one in kept.items():
        files[kind][id] = one.data
    table = kept[TABLE].data
    own = {id for id, one in files["provider"].items() if one["kind"] == "self-hosted"}
    found = {row["provider"]: _runtime(row, table["classes"]) for row in table["runtimes"]}
    found |= _transformers(files["architecture"].values())
    return RuntimeClasses(
        {id: one for id, one in sorted(found.items()) if id in own},
        frozenset(own),
        _listed(table["classes"]),
        {id: one for file in files["libraries"].values() for id, one in _purposes(file).items()},
        {
            name: tuple(facts["pipelines"])
            for one in files["architecture"].values()
            for name, facts in one["classes"].items()
        },
        {
            id: one["architecture"]
            for id, one in files["model"].items()
            if "architecture" in one and "imported" not in one
        },
    )


def named_repositories(root: Path, known: Container[str]) -> Reading | None:
    """Return the repositories that vLLM's tests load, as a source of its own; None without any.

    Those in `known`, in lower case, are left out: another source says more of them. Raises
    `CannotImportError`.
    """
    file = documents(root, TABLE[:1])[TABLE]
    release = next((row for row in file.data["runtimes"] if row["provider"] == NAMING), None)
    if release is None:
        return None
    source = Source(NAMING, release["release"].partition(" ")[2], release["url"], None)
    rows = [
        _named(repository, name, facts.get("reads", ()))
        for name, facts in file.data["classes"].items()
        for repository in facts.get("repositories", ())
        if "/" in repository and repository.lower() not in known
    ]
    return Reading(source, tuple(rows), (), {})


def _named(repository: str, name: str, reads: Sequence[str]) -> Row:
    """Return what the table says of a repository; of models that answer, also what they read."""
    place = Place("runtime-classes.yaml", "").below("classes", name)
    facts: dict[str, Json] = {"weights.hf": repository, "open_weights": True}
    if reads:
        facts |= {"modalities.input": list(reads), "modalities.output": ["text"]}
    claimed = tuple(Fact(field, value, place) for field, value in facts.items())
    hints = Hints(repositories=(repository,))
    return Row(Raw(NAMING, "", repository), place, "weights", claimed, (), hints)


def _runtime(row: Mapping[str, Json], classes: Mapping[str, Mapping[str, Json]]) -> Runtime:
    """Return one release of the table, with the classes it loads."""
    loaded = (name for name, facts in classes.items() if row["provider"] in facts["runtimes"])
    return Runtime(row["release"], row["url"], frozenset(loaded))


def _transformers(files: Iterable[Mapping[str, Json]]) -> dict[str, Runtime]:
    """Return the newest release of transformers with the classes it still has, if one was read."""
    own = [one for one in files if "library" not in one]
    releases = [name for one in own for name in one.get("imported", {}).get("from", ())]
    if not releases:
        return {}
    classes = {
        name for one in own for name, facts in one["classes"].items() if "last_seen" not in facts
    }
    url = next(one["sources"][0]["url"] for one in own if "imported" in one)
    return {TRANSFORMERS: Runtime(max(releases, key=version_of), url, frozenset(classes))}


def _listed(classes: Mapping[str, Mapping[str, Json]]) -> dict[str, tuple[str, ...]]:
    """Return the classes of each repository that a release names."""
    found: dict[str, list[str]] = {}
    for name, facts in classes.items():
        for repository in facts.get("repositories", ()):
            found.setdefault(repository.lower(), []).append(name)
    return {repository: tuple(sorted(names)) for repository, names in found.items()}


def _purposes(file: Mapping[str, Json]) -> dict[str, Purpose]:
    """Return what the libraries of a file decide."""
    source = {**file["sources"][0], "fields": ["pipelines"]}
    return {
        id: Purpose(tuple(facts["pipelines"]), source)
        for id, facts in file["libraries"].items()
        if facts.get("decides")
    }
