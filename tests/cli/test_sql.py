"""`modelbook sql`: questions of all kinds are answered; everything else is refused."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Refused = Callable[[Done], str]


def test_select(ask: Run) -> None:
    done = ask("sql", "SELECT id, context FROM models ORDER BY context DESC")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "id                context",
        "acme/alpha-1       128000",
        "openlab/gamma-7b    32768",
        "acme/embed-1         8192",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "FROM models",
        "SHOW TABLES",
        "DESCRIBE models",
        "SUMMARIZE prices",
        "WITH m AS (FROM models) SELECT count(*) FROM m",
        "PIVOT models ON creator USING count(*)",
        "EXPLAIN SELECT 1",
        "VALUES (1);",
        "SELECT 1 -- a remark",
        "FROM price_at('2025-01-01')",
        "FROM available",
        "FROM standard_prices",
        "FROM current_prices",
        "FROM pipeline_deployments",
        "SELECT 1 WHERE false",
    ],
)
def test_every_kind_of_question(ask: Run, answer: Callable[..., Any], query: str) -> None:
    assert isinstance(answer("sql", query), list)
    assert ask("sql", query).returncode == 0


def test_json_keeps_every_value(answer: Callable[..., Any]) -> None:
    query = """SELECT 0.0000025::DECIMAL(18,9) AS amount, 0::DECIMAL(18,9) AS free,
        DATE '2026-01-02' AS day, ['a', NULL] AS list, {'x': DATE '2026-01-02', 'y': 1.50} AS row,
        NULL AS unknown,
        MAP {DATE '2026-01-02': 1} AS map, 'nan'::DOUBLE AS nan, 1.5::DOUBLE AS float, true AS yes,
        '\\x00\\xFF'::BLOB AS blob, INTERVAL 1 DAY AS span, 1 AS id, 2 AS id, 'é\x1b' AS text"""
    assert answer("sql", query) == [
        {
            "amount": "0.000002500",
            "free": "0.000000000",
            "day": "2026-01-02",
            "list": ["a", None],
            "row": {"x": "2026-01-02", "y": "1.50"},
            "unknown": None,
            "map": {"2026-01-02": 1},
            "nan": "nan",
            "float": 1.5,
            "yes": True,
            "blob": "00ff",
            "span": "1 day, 0:00:00",
            "id": 1,
            "id_1": 2,
            "text": "é\x1b",
        }
    ]


def test_instants_with_a_zone(ask: Run, answer: Callable[..., Any]) -> None:
    query = "SELECT 1 AS a, TIMESTAMPTZ '2026-01-02 03:00:00Z' AS t UNION ALL SELECT 2, NULL"
    expected = [{"a": 1, "t": "2026-01-02 03:00:00+00"}, {"a": 2, "t": None}]
    assert answer("sql", query) == expected
    assert ask("sql", f"{query} ORDER BY a DESC").stdout.splitlines()[1:] == [
        "2",
        "1  2026-01-02 03:00:00+00",
    ]
    assert ask("sql", "SELECT now() AS a, [now()] AS a").returncode == 0


def test_the_table_shows_amounts_plainly_and_control_characters_as_escapes(ask: Run) -> None:
    done = ask("sql", "SELECT 0.000000001::DECIMAL(18,9) AS a, chr(27) || '[2J' AS b")
    assert done.stdout.splitlines()[1].split() == ["0.000000001", "\\u001b[2J"]


@pytest.mark.parametrize(
    "query",
    [
        "CREATE TABLE x (a INTEGER)",
        "CREATE TEMP TABLE x (a INTEGER)",
        "CREATE SECRET s (TYPE s3, KEY_ID 'k', SECRET 's')",
        "INSERT INTO models FROM models",
        "UPDATE models SET name = 'x'",
        "DELETE FROM models",
        "DROP TABLE models",
        "ATTACH '{out}' AS x",
        "ATTACH ':memory:' AS x",
        "ATTACH 'generated/catalog.duckdb' AS x",
        "COPY models TO '{out}'",
        "EXPORT DATABASE '{out}'",
        "FROM read_csv('/etc/passwd')",
        "FROM read_text('/etc/passwd')",
        "FROM read_parquet('https://example.invalid/x.parquet')",
        "FROM glob('/etc/*')",
        "FROM '/etc/passwd'",
        "FROM 'catalog/units.yaml'",
        "SELECT getenv('HOME')",
        "SET threads = 1",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA threads = 1",
        "PRAGMA database_list",
        "INSTALL httpfs",
        "LOAD httpfs",
        "BEGIN",
        "CHECKPOINT",
        "EXPLAIN ANALYZE DELETE FROM models",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE models",
        "",
        " ; ",
    ],
)
def test_everything_else_is_refused(
    ask: Run, shop: Path, tmp_path: Path, refused: Refused, query: str
) -> None:
    database = shop / "generated" / "catalog.duckdb"
    before = database.read_bytes()
    out = tmp_path / "out"
    refused(ask("sql", query.format(out=out)))
    assert database.read_bytes() == before
    assert not out.exists()


def test_a_syntax_error_shows_its_place(ask: Run, refused: Refused) -> None:
    words = refused(ask("sql", "SELEC id FROM models"))
    assert 'syntax error at or near "SELEC"' in words
    assert "\nLINE 1: SELEC id FROM models\n        ^" in words


def test_an_unknown_column_names_near_ones(ask: Run, refused: Refused) -> None:
    assert '"context"' in refused(ask("sql", "SELECT contex FROM models"))


def test_no_database(ask: Run, refused: Refused) -> None:
    words = refused(ask("sql", "SELECT 1", "--database", "nowhere.duckdb"))
    assert words == "error: there is no catalog `nowhere.duckdb`\nhint: run `modelbook compile`\n"
    assert "`/`" in refused(ask("sql", "SELECT 1", "--database", "/"))
    refused(ask("sql", "SELECT 1", "--database", "catalog/units.yaml"))
