"""The values that pass between the parts of a bulk read. All frozen."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Diagnostic

MOST = 100
"""Most rows of one source whose problems are shown; the others are counted."""


MODELS = "models-{}.ndjson"
"""File of one worker: id and model of the rows that can be read, as JSON lines."""
NAMES = "names-{}.ndjson"
"""File of one worker, of the same rows: what is held against other rows, and where they stand."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of rows."""

    number: int
    """Its position among the sources of a run."""
    path: Path
    shown: str
    """As the user named it."""
    columnar: bool = False
    """Whether it is Parquet: its rows have numbers but no text, so no columns either."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of one source, one a line, as JSON text."""

    source: Source
    first: int
    """Number of the first row, from 1."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Excuse:
    """An exception to a rule that holds rows against each other, which one row cannot judge."""

    source: int
    row: int
    code: str
    position: int
    """In the list of exceptions."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was found in a chunk."""

    chunk: Chunk
    good: int
    """Rows that could be read and have the right shape."""
    digest: int
    """Sum of the digests of the good rows: their order is no matter."""
    problems: tuple[Diagnostic, ...]
    """Those of the first rows that have any, located."""
    bad: array[int]
    """Numbers of all rows with problems."""
    lost: int
    """Rows that are not among the good ones."""
    excuses: tuple[Excuse, ...]


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows that are in order, kept in files of a scratch folder: see `MODELS` and `NAMES`."""

    sources: tuple[Source, ...]
    models: tuple[Path, ...]
    names: tuple[Path, ...]
    count: int
    digest: str
    """Of all rows, whatever their order: 64 hexadecimal digits."""
