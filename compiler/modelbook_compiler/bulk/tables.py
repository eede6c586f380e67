"""Staged rows -> the rows of the catalog's tables, as queries that DuckDB runs."""

from __future__ import annotations

from collections.abc import Iterable

from modelbook.records import CAPABILITIES, DERIVED_CAPABILITIES

from ..emit.duckdb import lines, quoted
from .values import Staged

MODEL = {
    "name": "VARCHAR",
    "family": "VARCHAR",
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


ROW = {
    "id": "VARCHAR",
    "source": "BIGINT",
    "row": "BIGINT",
    "aliases": "VARCHAR[]",
    "hf": "VARCHAR",
    "url": "VARCHAR",
    "checked": "DATE",
}
"""What the files of names hold: where a row stands, and what is held against other rows."""


def queries(staged: Staged, layer: str, models: Iterable[str]) -> dict[str, str]:
    """Return table name to the query for its rows; `models` are the columns of that table."""
    if not staged.count:
        return {}
    whole = ", ".join(f"{name} {kind}" for name, kind in MODEL.items())
    columns = ", ".join(f'{COLUMNS.get(one, f"model.{one}")} AS "{one}"' for one in models)
    rows = lines(staged.models, {"id": "VARCHAR", "model": f"STRUCT({whole})"})
    names = lines(staged.names, ROW)
    paths = " ".join(f"WHEN {one.number} THEN {quoted(one.shown)}" for one in staged.sources)
    return {
        "models": f"SELECT {columns} FROM {rows}",  # noqa: S608
        "aliases": f"SELECT 'model' AS kind, unnest(aliases) AS alias, id FROM {names}",  # noqa: S608
        "provenance": f"""
            SELECT 'model' AS kind, id, '*' AS field, {quoted(layer)} AS layer,
                   CASE source {paths} END AS path, url AS source, checked FROM {names}""",  # noqa: S608
    }
