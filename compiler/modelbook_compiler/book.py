"""The lowered catalog: typed, frozen, everything inherited and derived. Emitters read only this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from modelbook.record import Record
from modelbook.records import Architecture, Deployment, Model, Pipeline, Provider
from modelbook.rows import Row

from .values import Dispute

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Listed(Generic[R]):
    """One subject: what its own file states (and what derives from it), and the whole record."""

    id: str
    row: Row
    record: R


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one field of one subject comes from."""

    kind: str
    id: str
    field: str
    """Dotted name, such as `limits.context`."""
    layer: str
    path: str
    """The file that states it."""
    source: str | None
    """URL of the source that speaks for it."""
    checked: str | None
    """Day the source was read, UTC."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of the catalog: what it speaks of, and on whose word."""

    path: str
    kind: str
    id: str
    layer: str
    imported: tuple[str, ...] | None
    """The sources that an import wrote it from; None for a file that people keep."""
    sources: tuple[str, ...]
    """URLs of what it rests on, without repetition, in its order."""
    checked: str | None
    """The latest day on which one of them was read, UTC."""


@dataclass(frozen=True, slots=True)
class BulkModels:
    """The models of bulk sources, which are too many to be in the book itself."""

    digest: str
    """Of all of them, whatever their order: 64 hexadecimal digits."""
    count: int


@dataclass(frozen=True, slots=True)
class Book:
    """The whole catalog. Every tuple is sorted by id, pipelines by their official order."""

    name: str
    title: str
    license: str | None
    units: Mapping[str, Row]
    currencies: Mapping[str, Row]
    policies: Mapping[str, Row]
    secrets: Mapping[str, Row]
    """Declarations, never values."""
    pipelines: tuple[Listed[Pipeline], ...]
    pipeline_aliases: Mapping[str, str]
    """Other spelling to the pipeline type it means."""
    pipeline_ambiguous: Mapping[str, tuple[str, ...]]
    """Spelling to the pipeline types it could mean."""
    pipeline_patterns: Mapping[str, str]
    """Spelling with `{language}` for a language code to the pipeline type it means."""
    architectures: tuple[Listed[Architecture], ...]
    model_types: Mapping[str, tuple[str, ...]]
    """`model_type` to what its classes serve: first the primary type of each, then the others."""
    auto_classes: Mapping[str, Row]
    """Auto class of transformers to its pipelines and how they are known."""
    suffixes: tuple[Row, ...]
    """Endings of class names and what they say, in the order in which they are tried."""
    api_modes: Mapping[str, Row]
    api_modalities: tuple[Row, ...]
    """What models behind APIs serve, by mode and by modalities; see `modelbook.served`."""
    libraries: Mapping[str, Row]
    """Library of the Hub to its name and what its models are for."""
    models: tuple[Listed[Model], ...]
    providers: tuple[Listed[Provider], ...]
    deployments: tuple[Listed[Deployment], ...]
    disputes: tuple[Dispute, ...]
    provenance: tuple[Provenance, ...]
    files: tuple[KeptFile, ...]
    """Sorted by path."""
    bulk: BulkModels | None = None
