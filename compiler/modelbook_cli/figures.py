"""A DuckDB catalog and a day -> how large the book is, how whole, how old, and on whose word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .database import rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Figures = dict[str, Any]

AGES = (30, 90, 180, 365)
"""Days; a deployment is in the first that its newest source is not older than."""

MODEL_FIELDS = {
    "context": "context IS NOT NULL",
    "max_output": "max_output IS NOT NULL",
    "modalities": "len(input) > 0 AND len(output) > 0",
    "pipelines": "len(pipelines) > 0",
    "tools": "tools IS NOT NULL",
    "released": "released IS NOT NULL",
    "knowledge_cutoff": "knowledge_cutoff IS NOT NULL",
    "family": "family IS NOT NULL",
    "license": "license IS NOT NULL",
    "open_weights": "open_weights IS NOT NULL",
    "parameters": "parameters IS NOT NULL",
}
"""Field of a model to when it is known; `tools` stands for the capabilities."""

PRICE_FIELDS = {
    "any price": "TRUE",
    "input price": "unit = 'input'",
    "output price": "unit = 'output'",
    "cache price": "unit = 'cache_read'",
}
"""What a deployment behind an API may have a price for."""

ACCESS_FIELDS = {"base_url": "base_url IS NOT NULL", "secret": "secret IS NOT NULL"}
"""What a provider may state of a way to reach it."""


def figures(connection: DuckDBPyConnection, at: str) -> Figures:
    """Return all figures as of a day, `2026-11-23`, as plain data. Parts add up to their totals."""
    return {
        "at": at,
        "size": _size(connection, at),
        "coverage": _coverage(connection),
        "age": _age(connection, at),
        "files": _files(connection),
        "sources": rows(
            connection,
            'SELECT source, count(*) AS files FROM (SELECT unnest(sources) AS "source" FROM files)'
            " GROUP BY source ORDER BY files DESC, source",
        ),
    }


def _size(connection: DuckDBPyConnection, at: str) -> Figures:
    """Return how much there is of everything."""
    deployments = """
        SELECT CASE WHEN status = 'retired' OR retired_on <= $1::DATE THEN 'retired'
                    ELSE source_type END, count(*)
        FROM deployments GROUP BY ALL ORDER BY ALL"""
    disputes = "SELECT field, count(*) FROM disputes GROUP BY ALL ORDER BY count(*) DESC, field"
    return {
        "providers": _pairs(
            connection, "SELECT kind, count(*) FROM providers GROUP BY 1 ORDER BY 1"
        ),
        "deployments": _pairs(connection, deployments, at),
        "models": _one(connection, "SELECT count(*) FROM models"),
        "open_weight_models": _one(connection, "SELECT count(*) FROM models WHERE open_weights"),
        "prices": _one(connection, "SELECT count(*) FROM prices WHERE amount IS NOT NULL"),
        "disputes": _pairs(connection, disputes),
        "quarantined": _one(connection, "SELECT count(quarantine) FROM disputes"),
    }


def _coverage(connection: DuckDBPyConnection) -> Figures:
    """Return of how many models, deployments behind APIs, and providers each field is known."""
    known = ", ".join(f"count(*) FILTER ({test}) AS {name}" for name, test in MODEL_FIELDS.items())
    (models,) = rows(connection, f"SELECT count(*) AS total, {known} FROM models")  # noqa: S608
    api = "SELECT id FROM deployments WHERE source_type = 'api'"
    total = _one(connection, f"SELECT count(*) FROM ({api})")  # noqa: S608
    priced = f"""
        SELECT count(DISTINCT deployment_id) FROM prices
        WHERE amount IS NOT NULL AND deployment_id IN ({api}) AND """  # noqa: S608
    reached = "SELECT count(DISTINCT provider_id) FROM access_methods WHERE "
    return {
        "models": models,
        "deployments": {
            "total": total,
            **{name: _one(connection, priced + test) for name, test in PRICE_FIELDS.items()},
        },
        "providers": {
            "total": _one(connection, "SELECT count(*) FROM providers"),
            **{name: _one(connection, reached + test) for name, test in ACCESS_FIELDS.items()},
        },
    }


def _age(connection: DuckDBPyConnection, at: str) -> Figures:
    """Return how many deployments have a newest source of which age."""
    query = """
        SELECT date_diff('day', max(files.checked), $1::DATE) AS days
        FROM deployments LEFT JOIN files
            ON files.kind = 'deployment' AND files.id = deployments.id
        GROUP BY deployments.id"""
    ages = [row["days"] for row in rows(connection, query, at)]
    found = {f"up to {days} days": 0 for days in AGES} | {"older": 0, "unknown": 0}
    for days in ages:
        found[_bucket(days)] += 1
    return found


def _bucket(days: int | None) -> str:
    """Return the name of what an age is in."""
    if days is None:
        return "unknown"
    return next((f"up to {most} days" for most in AGES if days <= most), "older")


def _files(connection: DuckDBPyConnection) -> Figures:
    """Return how many files of each kind people keep, and how many imports wrote."""
    query = """
        SELECT kind, count(*) FILTER (imported IS NULL) AS by_hand, count(imported) AS imported
        FROM files GROUP BY kind ORDER BY kind"""
    return {row.pop("kind"): row for row in rows(connection, query)}


def _pairs(connection: DuckDBPyConnection, query: str, *values: str) -> dict[str, int]:
    """Return the pairs of name and count that answer a query."""
    return dict(connection.execute(query, values).fetchall())


def _one(connection: DuckDBPyConnection, query: str) -> int:
    """Return the one number that answers a query."""
    (answer,) = connection.execute(query).fetchall()
    return int(answer[0])
