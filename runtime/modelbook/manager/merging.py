"""What this process registered and what a file holds by now -> what the file should hold."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import ConflictError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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


def mended(
    whole: Stated, theirs: Stated, seen: Stated, below: Callable[[Key], bool], *, replace: bool
) -> dict[Key, Row]:
    """Return merged rows with those back that one side took out and the other needs.

    `below` tells what is there without being registered. Raises `ConflictError` that names both,
    unless `replace` says to put them back: so nothing of either side is lost.
    """
    rows = dict(whole)
    while True:
        absent = {**seen, **theirs}
        absent = {key: absent[key] for key in absent.keys() - rows.keys() if not below(key)}
        pairs = [(key, one) for key in rows for one in _needs(key, rows[key]) if one in absent]
        if not (absent and pairs):
            return rows
        if not replace:
            raise _torn(*pairs[0], theirs)
        rows.update((one, absent[one]) for _, one in pairs)


def _needs(key: Key, row: Row) -> Iterator[Key]:
    """Yield what a row refers to."""
    if key[0] != "deployment":
        return
    yield "provider", key[1].partition(":")[0]
    yield "model", row["model"]
    if "successor" in row.get("lifecycle", ()):
        yield "deployment", row["lifecycle"]["successor"]
    for step in row.get("points_to", ()):
        yield "deployment", step["deployment"]


def _torn(user: Key, needed: Key, theirs: Stated) -> ConflictError:
    """Return the error for what one side took out and the other needs."""
    if needed in theirs:
        text = f"`{needed[1]}` was taken out here, and `{user[1]}`, which others saved, needs it"
    else:
        text = f"others took out `{needed[1]}`, and `{user[1]}`, which is registered here, needs it"
    return ConflictError(
        f"{text}: `save(replace=True)` puts it back and keeps both, `refresh(discard=True)` keeps "
        "what others saved alone",
        id=needed[1],
        nearest=(needed[1], user[1]),
    )
