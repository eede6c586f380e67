"""What a model behind an API serves, by its mode and modalities, where nobody says.

The rows are catalog data (`api-pipelines.yaml`); this is the one place that reads them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Any

    from .rows import Row, Rows

MEDIA = frozenset({"text", "image", "audio", "video"})
"""The modalities of which `several` counts two or more."""

FILE = "document"
"""A PDF or office file: read beside others, it is no modality of its own."""


def served_by_api(
    modes: Rows,
    modalities: Iterable[Row],
    mode: str | None,
    reads: Collection[str],
    writes: Collection[str],
) -> tuple[str, ...]:
    """Return the pipeline types of a model, the primary one first; none where nothing says.

    `mode` is what public catalogs call the kind of API (`chat`, `embedding`), None if not known;
    `reads` and `writes` are modalities, empty if not known.
    """
    known: Row = modes.get(mode or "", {})
    if "pipelines" in known:
        found = [*known["pipelines"], *_further(known, reads)]
    else:
        writes = writes or known.get("writes", ())
        found = [id for row in modalities if _fits(row, reads, writes) for id in row["pipelines"]]
    return tuple(dict.fromkeys(found))


def _further(known: Row, reads: Collection[str]) -> Iterator[str]:
    """Yield the further types of a mode for what a model also reads."""
    for modality, pipelines in known.get("reading", {}).items():
        if modality in reads:
            yield from pipelines


def _fits(row: Row, reads: Collection[str], writes: Collection[str]) -> bool:
    """Tell whether a row speaks of a model."""
    if not reads or not writes:
        return False
    if row.get("several"):
        return len(MEDIA & {*reads}) > 1 and len(MEDIA & {*writes}) > 1
    sides = (("reads", reads), ("writes", writes))
    return all(_side(row.get(name, ()), has, name in row.get("only", ())) for name, has in sides)


def _side(wanted: Sequence[Any], has: Collection[str], only: bool) -> bool:
    """Tell whether modalities are all that a row wants, and nothing else if it says so."""
    return {*wanted} <= {*has} and not (only and {*has} - {*wanted, FILE})
