"""What this process registered and what a file holds by now -> what the file should hold."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import ConflictError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..rows import Row
    from .state import Key, Stated


class Change(NamedTuple):
    """What became of one subject since the file was read."""

    row: Row | None
    """What it is now; None for what was taken out."""
    replace: bool
    """Whether it holds whatever others have saved meanwhile."""


def merged(
    theirs: Stated, seen: Stated, pending: Mapping[Key, Change], *, replace: bool
) -> dict[Key, Row]:
    """Return the rows of a file with this process's changes; the last writer wins where it may.

    `seen` is what the file held when it was last read. Raises `ConflictError` where others have
    changed the same subject meanwhile to something else, and nobody said `replace`.
    """
    whole = dict(theirs)
    conflicts: list[str] = []
    for key, change in pending.items():
        held = theirs.get(key)
        if held not in (seen.get(key), change.row) and not (replace or change.replace):
            conflicts.append(key[1])
        elif change.row is None:
            whole.pop(key, None)
        else:
            whole[key] = change.row
    if conflicts:
        listed = ", ".join(f"`{id}`" for id in conflicts[:5]) + ", …" * bool(conflicts[5:])
        raise ConflictError(
            f"others have saved something else for {listed} meanwhile; `save(replace=True)` keeps "
            "yours, `refresh(discard=True)` keeps theirs",
            id=conflicts[0],
            nearest=tuple(conflicts),
        )
    return whole
