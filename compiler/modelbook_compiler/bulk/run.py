"""Sources and a checked catalog -> staged rows, or everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import codes
from ..diagnostics import FILE_START, Diagnostic
from . import pool
from .clashes import clashes
from .sources import UnreadableError, chunks
from .tally import Catalog, Tally
from .values import MODELS, NAMES, Chunk, Result, Source, Staged

MANY_BYTES = 8 * 1024 * 1024
"""From so many bytes of sources on, processes of their own are worth their start."""

Progress = Callable[[int], None]
"""Told how many rows have been read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a read: rows that are staged, and what is wrong with them."""

    staged: Staged
    problems: tuple[Diagnostic, ...]
    """Located; those of the first `MOST` rows of a source that have any, and how many more do."""
    lines: Mapping[str, Mapping[int, str]]
    """The text of the rows that are shown, by source (as it is shown) and number."""


def read(
    sources: Sequence[Source],
    catalog: Catalog,
    folder: Path,
    progress: Progress = lambda _: None,
) -> Outcome:
    """Read and check all rows, and stage the good ones below a folder.

    Raises `OSError` where a file cannot be read or written, `pool.WorkerLostError`, and
    `duckdb.Error` where the folder is full.
    """
    tally = Tally(sources)
    for result in _results(sources, catalog, folder, tally, progress):
        tally.add(result)
    names, models = (tuple(sorted(folder.glob(pattern.format("*")))) for pattern in (NAMES, MODELS))
    if tally.good:
        _hold_together(tally, names, catalog, folder)
    digest = f"{tally.digest % 2**256:064x}"
    staged = Staged(tuple(sources), models, names, tally.good, digest)
    kept, texts = tally.finished()
    return Outcome(staged, kept, texts)


def _results(
    sources: Sequence[Source],
    catalog: Catalog,
    folder: Path,
    tally: Tally,
    progress: Progress,
) -> Iterator[Result]:
    """Yield what is found in every chunk of all sources, in order."""
    sizes = [one.path.stat().st_size if one.path.is_file() else MANY_BYTES for one in sources]
    way = pool.together if sum(sizes) >= MANY_BYTES else pool.alone
    whole = (chunk for one in sources for chunk in _readable(one, tally))
    for result in way(whole, catalog.graph, catalog.layer, folder):
        yield result
        progress(tally.good + tally.lost)


def _readable(source: Source, tally: Tally) -> Iterator[Chunk]:
    """Yield the chunks of a source; note it where it is not what its name says."""
    try:
        yield from chunks(source)
    except UnreadableError as error:
        message = f"cannot be read as Parquet: {error}"
        tally.unreadable(Diagnostic(source.shown, codes.UNREADABLE, message, span=FILE_START))


def _hold_together(tally: Tally, names: Iterable[Path], catalog: Catalog, folder: Path) -> None:
    """Note the rows that state what another one does, and the exceptions that were not needed."""
    wanted = tally.excuses()
    used: set[tuple[int, int, str]] = set()
    for clash in clashes(names, catalog.graph, folder):
        key = clash.later.source, clash.later.row, clash.code
        if key in wanted:
            used.add(key)
        else:
            tally.clash(clash, catalog)
    if tally.lost:
        return  # what an exception is about may be among the rows that are lost
    for key, positions in wanted.items():
        for position in positions[1 if key in used else 0 :]:
            tally.stale(*key, position)
