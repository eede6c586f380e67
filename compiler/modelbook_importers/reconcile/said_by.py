"""The facts of a file and what was heard -> the sources that the file names, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..market.claims import Json, Source
from .voices import Hearing


def sources_of(
    data: Mapping[str, Json], hearing: Hearing, prices: Sequence[Source], listed: Source, at: str
) -> list[Json]:
    """Return the `sources` of a file.

    `prices` are those that have a say in its prices, `listed` the one that lists the thing at all,
    `at` the day of the import, on which releases without a day of their own were read.
    """
    said: dict[str, list[str]] = {}
    known: dict[str, Source] = {listed.id: listed}
    for field, source in _spoken(data, hearing):
        known[source.id] = source
        said.setdefault(source.id, []).append(field)
    if "prices" in data:
        for source in prices:
            known[source.id] = source
            said.setdefault(source.id, []).append("prices")
    if not said:
        return [_row(listed, None, at)]
    if len(said) == 1:
        return [_row(known[next(iter(said))], None, at)]
    return [_row(known[id], _short(said[id], said, id), at) for id in sorted(said)]


def labels(sources: Iterable[Source]) -> tuple[str, ...]:
    """Return how sources are named, sorted."""
    return tuple(sorted({one.label for one in sources}))


def _spoken(data: Mapping[str, Json], hearing: Hearing) -> list[tuple[str, Source]]:
    """Return the fields that a file states, each with who is believed."""
    found: list[tuple[str, Source]] = []
    for field, heard in hearing.items():
        first, _, rest = field.partition(".")
        stated = data.get(first)
        value = stated.get(rest) if rest and isinstance(stated, Mapping) else stated
        if value is not None and value == heard.best.value:
            found.append((field, heard.best.source))
    bound = hearing.get("limits.context")
    if bound is not None:
        said = {field for field, _ in found}
        follow = (f"limits.{name}" for name in data.get("limits", {}))
        found += [(field, bound.best.source) for field in follow if field not in said]
    return found


def _short(fields: list[str], said: Mapping[str, list[str]], id: str) -> list[str]:
    """Return fields with the name of the whole in place of its parts, where one source says all."""
    others = {field.partition(".")[0] for one, rest in said.items() if one != id for field in rest}
    names = [one.partition(".")[0] for one in fields]
    return sorted(
        {name if name not in others else one for name, one in zip(names, fields, strict=True)}
    )


def _row(source: Source, fields: list[str] | None, at: str) -> Json:
    """Return one source as a file names it."""
    row: dict[str, Json] = {"url": source.url, "checked": source.dated or at}
    if fields:
        row["fields"] = fields
    return {**row, "note": source.label}
