"""Some deployments of a graph -> a catalog in memory, to see whether any meets some requirements.

Selection itself is asked, so that a rule and an application cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import ModuleType, SimpleNamespace
from typing import Any, cast

from modelbook import FORMAT
from modelbook.catalog import Catalog
from modelbook.decode import deployment_record
from modelbook.indexing import line, traits
from modelbook.manager.overlay import Base, Made, Overlay, provider_of
from modelbook.moving import priced
from modelbook.normal import normal
from modelbook.requirements import Requirements
from modelbook.rows import Row
from modelbook.selection import Selection
from modelbook.units import Units

from ..values import Entry, Graph
from .facts import frozen, pipelines_of


def checked(requirements: Requirements, graph: Graph) -> Requirements:
    """Return requirements as `modelbook.normal` returns them; raise `ModelbookError` as it does."""
    return normal(cast(Catalog, _Names(graph)), requirements)


def meets(ids: Iterable[str], needs: Requirements, graph: Graph, at: str | None = None) -> bool:
    """Tell whether any of some deployments meets requirements, at a UTC day.

    Without a day each is asked as of the day on which its sources were last read.
    """
    days: dict[str, list[Entry]] = {}
    for id in ids:
        entry = graph.kind("deployment").get(id)
        if entry is not None:
            read = max((one["checked"] for one in entry.data.get("sources", ())), default="")
            days.setdefault(at or read, []).append(entry)
    return any(_select(found, needs, graph, day) for day, found in sorted(days.items()))


def _select(entries: Iterable[Entry], needs: Requirements, graph: Graph, day: str) -> bool:
    """Tell whether any of some deployments meets requirements on a day."""
    rows = dict(_rows(entries, graph))
    models = dict(_models({row["model"] for row in rows.values()}, graph))
    known = {id: graph.kind("provider").get(id) for id in sorted({provider_of(id) for id in rows})}
    providers = {id: frozen(one.data) for id, one in known.items() if one}
    records = [
        deployment_record(id, row, models[row["model"]], providers[provider_of(id)])
        for id, row in sorted(rows.items())
        if row["model"] in models and provider_of(id) in providers
    ]
    made = Made(providers, models, rows, {one.id: (traits(one), line(one)) for one in records})
    words = Catalog("catalog", _Words(graph))
    catalog = Catalog("catalog", Overlay(Base(words, bare=True), made))
    return bool(Selection(catalog, needs, f"{day}T00:00:00Z"))


def _rows(entries: Iterable[Entry], graph: Graph) -> Iterator[tuple[str, Row]]:
    """Yield id and row of deployments; a moving name without prices has those of its targets."""
    for entry in entries:
        row = frozen(dict(entry.data))
        ids = {step["deployment"] for step in row.get("points_to", ())}
        known = {id: graph.kind("deployment").get(id) for id in ids}
        rows = {id: frozen(dict(one.data)) if one else {} for id, one in known.items()}
        yield entry.id, priced(row, rows)


def _models(ids: Iterable[str], graph: Graph) -> Iterator[tuple[str, Row]]:
    """Yield id and row of models, with the pipeline types that follow."""
    for id in sorted(ids):
        entry = graph.kind("model").get(id)
        if entry is not None:
            yield id, {**frozen(dict(entry.data)), "pipelines": pipelines_of(entry, graph)}


class _Words:
    """The tables that speak of no deployment: units and the like."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def table(self, name: str) -> ModuleType:
        """Return a table; see `Catalog.table`."""
        made = ModuleType(name)
        values: Mapping[str, Any] = {
            "": {"FORMAT": FORMAT},
            "_registry": {
                "UNITS": _registered("units", self._graph),
                "CURRENCIES": _registered("currencies", self._graph),
            },
            "_pipelines": {"PIPELINES": {}, "AMBIGUOUS": {}, "ALIASES": {}, "PATTERNS": {}},
        }
        made.__dict__.update(values[name])
        return made

    def digest(self, name: str) -> str:
        """Return no digest: nobody asks a trial for its revision."""
        raise KeyError(name)


class _Names:
    """What `normal` asks of a catalog. References are checked elsewhere, so that ids stand."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def pipeline_id(self, name: str) -> str:
        """Return the id itself."""
        return name

    def provider_id(self, name: str) -> str:
        """Return the id itself."""
        return name

    def get_model(self, name: str) -> SimpleNamespace:
        """Return what has the id."""
        return SimpleNamespace(id=name)

    def table(self, _name: str) -> SimpleNamespace:
        """Return the creators of models."""
        ids = self._graph.kind("model")
        return SimpleNamespace(MODULES={id.partition("/")[0]: "" for id in ids})

    @property
    def units(self) -> Units:
        """Return the registry of units."""
        return Units(_registered("units", self._graph))

    @cached_property
    def facts(self) -> SimpleNamespace:
        """Return the licences that are known."""
        kinds = (self._graph.kind("model"), self._graph.kind("deployment"))
        found = {entry.data.get("license") for kind in kinds for entry in kind.values()}
        return SimpleNamespace(licenses=tuple(sorted(one for one in found if isinstance(one, str))))


def _registered(kind: str, graph: Graph) -> dict[str, Row]:
    """Return the rows of a registry: units or currencies."""
    entry = graph.kind(kind).get(kind)
    found: dict[str, Row] = frozen(entry.data[kind]) if entry else {}
    return found
