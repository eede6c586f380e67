"""What a file of operations changes -> which source speaks for which field of the merged record.

Sources of the file speak for what it states. Those below lose what it replaces or takes away: a
reader who asks where a price is from must not be sent to a page that says another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from .values import Json, Pointer

NAMEABLE = re.compile(r"[a-z_]+(\.[a-z_0-9]+)*")
"""The part of a dotted name that `fields` of a source can hold."""

APART = ("sources", "exceptions", "imported")
"""Fields that no source speaks for."""


def spoken(
    data: Mapping[str, Json],
    below: Mapping[str, Json],
    stated: Iterable[Pointer],
    lost: Iterable[Pointer],
) -> list[Json]:
    """Return the sources of a record above which a file stands.

    `stated` are the fields the file speaks of, `lost` those of them that are no longer as below.
    """
    known: list[Json] = below.get("sources", [])
    gone = {_name(one) for one in lost}
    left = [kept for one in known for kept in _left(one, below, gone)] if gone else known
    names = _outermost({_name(one) for one in stated})
    own = [{**one, "fields": one.get("fields", names)} for one in data.get("sources", ())]
    came = [one for one in own if one not in left]
    return [*left, *came] or known  # a record has a source


def _left(source: Json, below: Mapping[str, Json], gone: set[str]) -> Iterator[Json]:
    """Yield a source with the fields that are left to it; nothing if none is."""
    claimed = source.get("fields", [one for one in below if one not in APART])
    fields = [name for one in claimed for name in _remaining(one, below, gone)]
    if fields != claimed:
        source = {**source, "fields": list(dict.fromkeys(fields))}
    if fields:
        yield source


def _remaining(name: str, below: Mapping[str, Json], gone: set[str]) -> Iterator[str]:
    """Yield what is left of a claimed field: all, nothing, or the parts that still stand."""
    if any(_within(name, one) for one in gone):
        return
    value: Json = below
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict) and any(_within(one, name) for one in gone):
        for inner in value:
            yield from _remaining(_name((*name.split("."), inner)), below, gone)
    else:
        yield name


def _within(name: str, other: str) -> bool:
    """Tell whether a field is another one or a part of it."""
    return name == other or name.startswith(f"{other}.")


def _outermost(names: set[str]) -> list[str]:
    """Return the names that are no part of another, sorted."""
    return sorted(one for one in names if not any(_within(one, o) for o in names - {one}))


def _name(field: Pointer) -> str:
    """Return the dotted name of a field; one that no source can name goes by what holds it."""
    found = NAMEABLE.match(".".join(map(str, field)))
    return found[0] if found else str(field[0])
