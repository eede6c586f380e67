"""Staged rows held against each other and against the catalog: names, and weights.

DuckDB sorts and groups what memory need not hold; only what is wrong comes back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ..emit.duckdb import bounded, lines
from ..naming import DUPLICATE_ID, TAKEN
from ..values import Graph, Pointer
from .checking import SAME_WEIGHTS
from .tables import ROW

CATALOG = -1
"""Stands for the catalog's own files where others have the number of their source."""

KEY = "translate(name, '_-.', '')"
"""What `modelbook.names.fold` makes of an id, which has neither capitals nor spaces, as SQL."""

NAMES = """
CREATE TABLE names AS
WITH plain AS (
    SELECT id AS name, id, source, row, -1 AS position FROM {rows}
    UNION ALL
    SELECT unnest(aliases), id, source, row, generate_subscripts(aliases, 1) - 1 FROM {rows}
    UNION ALL
    SELECT name, id, source, row, position FROM {own}
)
SELECT *, {key} AS key FROM plain
"""

WEIGHTS = """
CREATE TABLE weights AS
SELECT id AS name, id, source, row, -1 AS position, lower(hf) AS key FROM (
    SELECT id, source, row, hf FROM {rows}
    UNION ALL SELECT id, source, row, name FROM {own})
WHERE hf IS NOT NULL
"""

PAIRS = """
WITH shared AS (SELECT key FROM {table} GROUP BY key HAVING count(*) > 1),
ranked AS (
    SELECT *, row_number() OVER same AS place,
           first_value(struct_pack(name, id, source, row, position)) OVER same AS first
    FROM {table} SEMI JOIN shared USING (key)
    WINDOW same AS (PARTITION BY key ORDER BY source >= 0, position >= 0, source, row, position)
)
SELECT name, id, source, row, position, first FROM ranked
WHERE place > 1 AND source >= 0 AND ((id, source, row) IS DISTINCT FROM
      (first.id, first.source, first.row) OR name = first.name)
ORDER BY source, row, position
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A name (or a repository) and the row that states it; the source may be `CATALOG`."""

    name: str
    id: str
    source: int
    row: int
    position: int
    """Among its aliases; -1 for the id itself."""

    @property
    def pointer(self) -> Pointer:
        """Return where it stands."""
        if self.position >= 0:
            return "aliases", self.position
        return () if self.source == CATALOG else ("id",)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two rows that state what only one may."""

    code: str
    later: Named
    first: Named


def clashes(names: Iterable[Path], graph: Graph, scratch: Path) -> Iterator[Clash]:
    """Yield every name and repository that is taken, in the order of the rows that come later."""
    rows = lines(names, ROW)
    with duckdb.connect(str(scratch / "names.duckdb")) as connection:
        bounded(connection, scratch)
        connection.execute("SET preserve_insertion_order = false")
        own = _own(scratch / "own-names.ndjson", _own_names(graph))
        connection.execute(NAMES.format(rows=rows, own=own, key=KEY))
        for later, first in _pairs(connection, "names"):
            code = TAKEN if later.name == first.name else DUPLICATE_ID
            yield Clash(code, later, first)
        own = _own(scratch / "own-weights.ndjson", _own_weights(graph))
        connection.execute(WEIGHTS.format(rows=rows, own=own))
        for later, first in _pairs(connection, "weights"):
            yield Clash(SAME_WEIGHTS, later, first)


def _pairs(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[tuple[Named, Named]]:
    """Yield what comes later and what was first, of all that share a key."""
    found = connection.execute(PAIRS.format(table=table))
    while batch := found.fetchmany(1000):
        for *later, first in batch:
            yield Named(*later), Named(**first)


def _own(path: Path, rows: Iterator[Mapping[str, object]]) -> str:
    """Write what the catalog's own files state; return it as a table expression."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    integers = dict.fromkeys(("position", "source", "row"), "BIGINT")
    return lines([path], {"name": "VARCHAR", "id": "VARCHAR", **integers})


def _own_names(graph: Graph) -> Iterator[Mapping[str, object]]:
    """Yield the ids and aliases of the catalog's own models."""
    for id, entry in graph.kind("model").items():
        for position, name in enumerate((id, *entry.data.get("aliases", ())), -1):
            yield {"name": name, "id": id, "position": position, "source": CATALOG, "row": 0}


def _own_weights(graph: Graph) -> Iterator[Mapping[str, object]]:
    """Yield the repositories of the catalog's own models."""
    for id, entry in graph.kind("model").items():
        repository = entry.data.get("weights", {}).get("hf")
        if repository:
            yield {"name": repository, "id": id, "position": -1, "source": CATALOG, "row": 0}
