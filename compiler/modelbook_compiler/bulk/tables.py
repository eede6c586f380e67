"""Staged rows -> the rows of the catalog's tables, as queries that DuckDB runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from modelbook.records import CAPABILITIES, DERIVED_CAPABILITIES

from .values import Source

MODEL = {
    "name": "VARCHAR",
    "family": "VARCHAR",
    "aliases": "VARCHAR[]",
    "released": "VARCHAR",
    "knowledge_cutoff": "VARCHAR",
    "modalities": "STRUCT(input VARCHAR[], output VARCHAR[])",
    "limits": "STRUCT(context BIGINT, max_input BIGINT, max_output BIGINT)",
    "capabilities": f"STRUCT({', '.join(f'{name} BOOLEAN' for name in CAPABILITIES)})",
    "dimensions": "BIGINT",
    "pipelines": "VARCHAR[]",
    "architecture": "VARCHAR",
    "parameters": "STRUCT(total BIGINT, active BIGINT)",
    "license": "VARCHAR",
    "open_weights": "BOOLEAN",
    "weights": "STRUCT(hf VARCHAR)",
    "sources": "STRUCT(url VARCHAR, checked DATE, fields VARCHAR[])[]",
}
"""Fields of a model that the tables show, with their DuckDB types."""

COLUMNS = {
    "creator": "split_part(id, '/', 1)",
    "input": "model.modalities.input",
    "output": "model.modalities.output",
    **{name: f"model.limits.{name}" for name in ("context", "max_input", "max_output")},
    **{name: f"model.capabilities.{name}" for name in CAPABILITIES},
    **{
        name: f"list_contains(model.modalities.{direction}, '{modality}')"
        for name, (direction, modality) in DERIVED_CAPABILITIES.items()
    },
    "pipelines": "coalesce(model.pipelines, [])",
    "parameters": "model.parameters.total",
    "active_parameters": "model.parameters.active",
    "hf": "model.weights.hf",
    "id": "id",
}
"""Columns of `models` that are not a field of the same name."""


def staged(files: Iterable[Path], fields: Mapping[str, str] = MODEL) -> str:
    """Return the staged rows as a table expression: id, source, row and some fields of models."""
    model = ", ".join(f"{name} {kind}" for name, kind in fields.items())
    columns = f"id: 'VARCHAR', source: 'BIGINT', row: 'BIGINT', model: 'STRUCT({model})'"
    listed = ", ".join(map(quoted, files))
    return f"read_json([{listed}], format = 'newline_delimited', columns = {{{columns}}})"


def queries(
    files: Iterable[Path], sources: Iterable[Source], layer: str, models: Iterable[str]
) -> dict[str, str]:
    """Return table name to the query for its rows; `models` are the columns of that table."""
    rows = staged(tuple(files))
    columns = ", ".join(f'{COLUMNS.get(one, f"model.{one}")} AS "{one}"' for one in models)
    paths = " ".join(f"WHEN {one.number} THEN {quoted(one.shown)}" for one in sources)
    general = "list_filter(model.sources, lambda one: one.fields IS NULL)[1]"
    return {
        "models": f"SELECT {columns} FROM {rows}",
        "aliases": f"SELECT 'model' AS kind, unnest(model.aliases) AS alias, id FROM {rows}",
        "provenance": f"""
            SELECT 'model' AS kind, id, '*' AS field, {quoted(layer)} AS layer,
                   CASE source {paths} END AS path, {general}.url AS source,
                   {general}.checked AS checked FROM {rows}""",
    }


def quoted(text: object) -> str:
    """Return a text as a SQL string."""
    return "'" + str(text).replace("'", "''") + "'"
