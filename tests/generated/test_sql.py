"""The DuckDB catalog says what the Python lookup says: rows, prices at any date, selections."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import duckdb
import modelbook_catalog
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.decode import price_record
from modelbook.instants import instant
from modelbook.prices import price_of
from modelbook.records import CAPABILITIES, DERIVED_CAPABILITIES, Conditions, Deployment, Window
from modelbook.rows import Row
from modelbook_catalog import (
    deployment_ids,
    get_deployment,
    get_model,
    get_models_for_pipeline,
    get_pipeline,
    get_provider,
    model_ids,
    pipeline_ids,
    provider_ids,
)
from modelbook_compiler.book import Book, Listed
from modelbook_compiler.build import check
from modelbook_compiler.emit import duckdb as emitter
from modelbook_compiler.emit.json import document
from modelbook_compiler.emit.tables import TABLES

Rows: TypeAlias = list[tuple[Any, ...]]

PROMISED = {
    "pipelines": "id",
    "architectures": "id library model_types pipelines basis",
    "architecture_pipelines": "architecture_id pipeline_id seq",
    "model_types": "id pipelines",
    "auto_classes": "id pipelines",
    "libraries": "id name pipelines",
    "categories": "id word name",
    "models": "id",
    "deployments": "id provider_id model_id source_type",
    "prices": "deployment_id seq unit amount per currency from until tier context_above region "
    "window",
    "aliases": "alias id",
    "providers": "id",
    "access_methods": "provider_id method",
    "disputes": "kind id field value",
    "provenance": "kind id field layer path source",
    "files": "path kind id layer imported sources checked",
    "meta": "name revision format",
}
WHEN = ("tier", "context_above", "region", "speed", "size", "quality", "window")
SAID = ", ".join(f'"{name}"' for name in WHEN)
LIMITS = ("context", "max_input", "max_output")
LIFECYCLE = ("status", "deprecated_on", "not_retired_before", "retired_on", "successor")

RECORDS = tuple(map(get_deployment, deployment_ids()))
PRICED = tuple(one for one in RECORDS if one.prices)
TURNS = sorted(
    {turn for one in RECORDS for entry in one.prices for turn in (entry.from_, entry.until) if turn}
    | {one.lifecycle.retired_on for one in RECORDS if one.lifecycle.retired_on}
)


@pytest.fixture(scope="module")
def book(shipped: Book) -> Book:
    """Return the shipped catalog, lowered."""
    return shipped


@pytest.fixture(scope="module")
def file(shipped_file: Path) -> Path:
    """Return the DuckDB file of the shipped catalog."""
    return shipped_file


@pytest.fixture(scope="module")
def db(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a connection that cannot write."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def ask(db: duckdb.DuckDBPyConnection, query: str, *values: object) -> Rows:
    """Return the rows that answer a query."""
    return db.execute(query, list(values)).fetchall()


def stamp(text: str | None) -> datetime | None:
    """Return an instant of a catalog file as DuckDB returns it."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=None)


def day(text: str | None) -> date | None:
    """Return a day of a catalog file as DuckDB returns it."""
    return None if text is None else date.fromisoformat(text)


def window(one: Window | None) -> str | None:
    """Return a part of the day as the column writes it."""
    if one is None:
        return None
    return f"{','.join(one.days or ())} {one.from_}-{one.until} {one.zone}".strip()


# The file


def test_tables_and_columns_are_those_promised(db: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
    found = defaultdict(set)
    for table, column in ask(db, query):
        found[table].add(column)
    for table, columns in PROMISED.items():
        assert set(columns.split()) <= found[table], table
    assert {table.name for table in TABLES} <= found.keys()
    kinds: dict[str, str] = dict(ask(db, "SELECT column_name, column_type FROM (DESCRIBE prices)"))
    assert (kinds["amount"], kinds["per"], kinds["from"]) == (
        "DECIMAL(18,9)",
        "BIGINT",
        "TIMESTAMP",
    )


def test_every_table_has_a_comment(db: duckdb.DuckDBPyConnection) -> None:
    assert all(comment for (comment,) in ask(db, "SELECT comment FROM duckdb_tables()"))


def test_the_file_is_old_and_closed(file: Path, db: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT readonly, tags['storage_version'] FROM duckdb_databases() WHERE NOT internal"
    ((readonly, storage),) = ask(db, query)
    assert readonly
    assert storage.startswith("v1.0.0")
    assert file.read_bytes()[8:13] == b"DUCK\x40"  # 64, the file format since DuckDB 1.0
    with pytest.raises(duckdb.Error, match="read-only"):
        db.execute("CREATE TABLE more (id INTEGER)")


def test_one_revision(book: Book, db: duckdb.DuckDBPyConnection) -> None:
    (meta,) = ask(db, "SELECT revision, format, name FROM meta")
    assert meta == (modelbook_catalog.revision(), modelbook_catalog.FORMAT, book.name)
    assert json.loads(document(book))["meta"][0]["revision"] == meta[0]


def test_views_and_macro_answer_under_any_file_name(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other-name.duckdb"
    other.write_bytes(file.read_bytes())
    with duckdb.connect(str(other), read_only=True) as connection:
        for name in emitter.VIEWS:
            assert ask(connection, f"SELECT count(*) FROM {name}")[0][0]  # noqa: S608  # our names
        assert ask(connection, "SELECT count(*) FROM price_at('2026-01-01')")[0][0]
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{other}' AS book (READ_ONLY)")
        connection.execute("USE book")
        assert ask(connection, "SELECT count(*) FROM current_prices")[0][0]


# Rows


def test_deployments_equal_their_records(db: duckdb.DuckDBPyConnection) -> None:
    capabilities = (*CAPABILITIES, *DERIVED_CAPABILITIES)
    columns = (
        *("id", "source_type", "provider_id", "model_id", "model_name", "wire_name", "deployed"),
        *("released", "license", "architecture", "open_weights", "pipelines", "input", "output"),
        *("hf", *LIMITS, *LIFECYCLE, *capabilities),
    )
    expected = [
        (
            one.id, one.source_type, one.provider, one.model, one.model_name, one.wire_name,
            day(one.lifecycle.released), one.released, one.license, one.architecture,
            one.open_weights, list(one.pipelines),
            *(known and list(known) for known in (one.modalities.input, one.modalities.output)),
            one.weights.hf, *(getattr(one.limits, name) for name in LIMITS),
            one.lifecycle.status, *map(day, (one.lifecycle.deprecated_on,
            one.lifecycle.not_retired_before, one.lifecycle.retired_on)), one.lifecycle.successor,
            *map(one.supports, capabilities),
        )
        for one in RECORDS
    ]  # fmt: skip
    assert ask(db, f"SELECT {', '.join(columns)} FROM deployments ORDER BY id") == expected  # noqa: S608


def test_models_and_their_like_equal_their_records(db: duckdb.DuckDBPyConnection) -> None:
    models = [
        (
            one.id,
            one.creator,
            one.name,
            one.limits.context,
            list(one.pipelines),
            one.parameters.total,
        )
        for one in map(get_model, model_ids())
    ]
    query = "SELECT id, creator, name, context, pipelines, parameters FROM models ORDER BY id"
    assert ask(db, query) == models
    kinds = [(one.id, one.name, one.kind) for one in map(get_provider, provider_ids())]
    assert ask(db, "SELECT id, name, kind FROM providers ORDER BY id") == kinds
    tasks = [(one.id, one.name, list(one.input)) for one in map(get_pipeline, pipeline_ids())]
    assert ask(db, 'SELECT id, name, input FROM pipelines ORDER BY "order"') == tasks
    served = [(task, n == 0, one.id) for one in RECORDS for n, task in enumerate(one.pipelines)]
    query = "SELECT pipeline, is_primary, id FROM pipeline_deployments"
    assert sorted(ask(db, query)) == sorted(served)


def test_prices_equal_their_entries(db: duckdb.DuckDBPyConnection) -> None:
    columns = 'deployment_id, seq, unit, amount, multiply, units, currency, "from", until'
    expected = []
    for one in RECORDS:
        for seq, entry in enumerate(one.prices):
            when = (*(getattr(entry.when, name) for name in WHEN[:-1]), window(entry.when.window))
            rest = (entry.currency, stamp(entry.from_), stamp(entry.until), *when)
            stated = [(unit, amount, None, None) for unit, amount in entry.amounts.items()]
            units = list(entry.units) if entry.units else None
            factor = [(None, None, entry.multiply, units)] if entry.multiply else []
            expected += [(one.id, seq, *what, *rest) for what in (*stated, *factor)]
    found = ask(db, f"SELECT {columns}, {SAID} FROM prices")  # noqa: S608  # our names
    assert sorted(found, key=str) == sorted(_typed(expected), key=str)


def _typed(rows: Rows) -> Rows:
    """Return rows with decimals as the column keeps them, nine digits after the point."""
    nano = Decimal("1.000000000")
    return [
        tuple(cell.quantize(nano) if isinstance(cell, Decimal) else cell for cell in row)
        for row in rows
    ]


# Prices at a date


def prices_by_sql(db: duckdb.DuckDBPyConnection, at: str) -> dict[tuple[Any, ...], Decimal]:
    """Return the macro's answer: (deployment, unit, conditions) to the amount."""
    query = f"SELECT deployment_id, unit, {SAID}, amount FROM price_at(?::TIMESTAMP)"  # noqa: S608
    rows = ask(db, query, at.replace("T", " ").removesuffix("Z"))
    found = {row[:-1]: row[-1] for row in rows}
    assert len(found) == len(rows)
    return found


def prices_by_record(records: Iterable[Deployment], at: str) -> dict[tuple[Any, ...], Decimal]:
    """Return what each deployment answers under every set of conditions that it states then."""
    found = {}
    for one in records:
        units = {unit for entry in one.prices for unit in entry.amounts}
        for when in {entry.when for entry in one.prices if _in_force(entry.from_, entry.until, at)}:
            for unit in units:
                amount = price_of(one.prices, unit, instant(at), when)
                if amount is not None:
                    key = (*(getattr(when, name) for name in WHEN[:-1]), window(when.window))
                    found[one.id, unit, *key] = amount
    return found


MOMENTS = sorted({*TURNS[::12], "2027-03-01T07:59Z", "2027-03-01T08:00Z", TURNS[-1], "2020-01-01"})


@pytest.mark.parametrize("at", MOMENTS)
def test_price_at_equals_the_records(db: duckdb.DuckDBPyConnection, at: str) -> None:
    assert prices_by_sql(db, at) == prices_by_record(RECORDS, at)


def entry(dice: Random) -> Row:
    """Return a price entry as no provider would write it."""
    days = ["2026-01-01", "2026-01-02", "2026-01-02T08:00Z", "2026-01-03"]
    when: dict[str, list[Any]] = {
        "tier": ["batch", "flex"],
        "context_above": [1000, 2000],
        **{name: ["one"] for name in ("region", "speed", "size", "quality")},
    }
    units = dice.sample(["input", "output", "cache_read"], 2)
    row: dict[str, Any] = {
        "when": {name: dice.choice(when[name]) for name in when if dice.random() < 0.15},
        **{unit: dice.choice(["free", "unknown", "0.5", "2.50"]) for unit in units},
        "from": dice.choice(days),
        "until": dice.choice(days),
        "multiply": dice.choice(["0.5", "1.1", "3"]),
        "units": tuple(dice.sample(["input", "output", "cache_read"], 2)),
    }
    return {name: row[name] for name in row if dice.random() < 0.45}


@pytest.mark.parametrize("seed", range(3))
def test_price_at_reads_the_whole_grammar(book: Book, tmp_path: Path, seed: int) -> None:
    dice, base = Random(seed), RECORDS[0]  # noqa: S311  # no secret
    records = [
        base.changed(
            id=f"{base.provider}:odd-{n}",
            prices=tuple(price_record(entry(dice)) for _ in range(6)),
        )
        for n in range(300)
    ]
    listed = tuple(Listed(one.id, {}, one) for one in records)
    emitter.write(replace(book, deployments=listed), tmp_path / "odd.duckdb")
    with duckdb.connect(str(tmp_path / "odd.duckdb"), read_only=True) as odd:
        for at in ("2026-01-01", "2026-01-02", "2026-01-02T08:00Z", "2026-01-03"):
            expected = prices_by_record(records, at)
            assert expected
            assert prices_by_sql(odd, at) == expected


def _in_force(start: str | None, end: str | None, at: str) -> bool:
    """Tell whether an instant is in [start, end)."""
    return (start is None or instant(start) <= instant(at)) and (
        end is None or instant(at) < instant(end)
    )


@settings(max_examples=80, deadline=None)
@given(
    data=st.data(),
    number=st.integers(0, len(PRICED) - 1),
    at=st.sampled_from(TURNS),
    tier=st.sampled_from([None, "batch", "flex"]),
)
def test_a_price_by_sql(
    db: duckdb.DuckDBPyConnection, data: st.DataObject, number: int, at: str, tier: str
) -> None:
    one = PRICED[number]
    unit = data.draw(
        st.sampled_from(sorted({unit for entry in one.prices for unit in entry.amounts}))
    )
    when = Conditions(tier=tier)
    if not any(
        entry.when == when and _in_force(entry.from_, entry.until, at) for entry in one.prices
    ):
        when = Conditions()  # SQL lists only conditions that are stated; others cost the standard
    query = """
        SELECT amount FROM price_at(?::TIMESTAMP)
        WHERE deployment_id = ? AND unit = ? AND tier IS NOT DISTINCT FROM ?
          AND coalesce(region, speed, size, quality, "window") IS NULL AND context_above IS NULL"""
    found = ask(db, query, instant(at)[:19], one.id, unit, when.tier)
    amount = price_of(one.prices, unit, instant(at), when)
    assert found == ([] if amount is None else [(amount,)])


def test_standard_prices_are_those_of_now(db: duckdb.DuckDBPyConnection) -> None:
    now = datetime.now(UTC)
    for id, cost, output, cached in ask(db, "FROM standard_prices"):
        one = get_deployment(id)
        if any(price.when.window for price in one.prices):
            continue  # Python knows what time it is
        answers = [one.price(unit, now) for unit in ("input", "output", "cache_read")]
        assert answers == [cost, output, cached]


# Selection

SELECT = """
    WITH cost AS (
        SELECT deployment_id, amount FROM price_at($at::TIMESTAMP)
        WHERE unit = 'input' AND currency = 'USD' AND context_above IS NULL
          AND coalesce(tier, region, speed, size, quality, "window") IS NULL)
    SELECT id FROM deployments LEFT JOIN cost ON deployment_id = id
    WHERE list_contains(pipelines, $pipeline)
      AND ($source IS NULL OR source_type = $source)
      AND ($context IS NULL OR context >= $context)
      AND ($cap IS NULL OR amount <= $cap * 1000
           OR (source_type = 'self-hosted' AND id NOT IN (SELECT deployment_id FROM prices)))
      AND (retired_on IS NULL OR retired_on > $at::TIMESTAMP)
      AND NOT fine_tuned
      AND coalesce(deployed::VARCHAR, released, '') <= $text
      AND {requires}
    ORDER BY pipelines[1] <> $pipeline, amount NULLS LAST, id"""


@settings(max_examples=100, deadline=None)
@given(
    pipeline=st.sampled_from(["text-generation", "image-text-to-text", "feature-extraction"]),
    source=st.sampled_from([None, "api", "self-hosted"]),
    context=st.sampled_from([None, 0, 8192, 128_000, 200_000, 1_000_000]),
    cap=st.sampled_from([None, *map(Decimal, ("0", "0.00015", "0.0025", "0.00249999", "0.01"))]),
    at=st.sampled_from(TURNS),
    capability=st.sampled_from([None, "tools", "vision", "json_schema", "reasoning"]),
)
def test_a_selection_by_sql(
    db: duckdb.DuckDBPyConnection,
    pipeline: str,
    source: str | None,
    context: int | None,
    cap: Decimal | None,
    at: str,
    capability: str | None,
) -> None:
    found = get_models_for_pipeline(
        pipeline,
        include_api=source != "self-hosted",
        include_self_hosted=source != "api",
        min_context_length=context,
        max_cost_per_1k=cap,
        requires=capability or (),
        at=at,
    )
    values = {"pipeline": pipeline, "source": source, "context": context, "cap": cap,
              "at": instant(at)[:19], "text": instant(at)}  # fmt: skip
    rows = db.execute(SELECT.format(requires=capability or "true"), values).fetchall()
    assert [id for (id,) in rows] == list(found.ids)


# Other forms


def test_json_and_parquet_have_the_same_rows(
    book: Book, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    tables = json.loads(document(book))
    assert list(tables) == [table.name for table in TABLES]
    written = emitter.parquet(book, tmp_path)
    assert [path.stem for path in written] == list(tables)
    for path in written:
        rows = ask(db, f"FROM {path.stem}")
        assert len(rows) == len(tables[path.stem])
        assert ask(db, f"FROM '{path}'") == rows
    ids = [(one["id"], one["context"]) for one in tables["deployments"]]
    assert ids == [(one.id, one.limits.context) for one in RECORDS]


def test_two_writes_have_the_same_content(
    book: Book, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    again = tmp_path / "again.duckdb"
    emitter.write(book, again)
    emitter.write(book, again)  # over a file that is there
    with duckdb.connect(str(again), read_only=True) as other:
        for table in TABLES:
            assert ask(other, f"FROM {table.name}") == ask(db, f"FROM {table.name}")
        query = "SELECT sql FROM duckdb_views() WHERE NOT internal ORDER BY view_name"
        assert ask(other, query) == ask(db, query)
    assert [path.name for path in tmp_path.iterdir()] == ["again.duckdb"]


def test_the_committed_package_is_of_this_catalog(book: Book) -> None:
    assert tuple(one.record for one in book.deployments) == RECORDS
    assert tuple(one.record for one in book.models) == tuple(map(get_model, model_ids()))
