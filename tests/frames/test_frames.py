"""Selections as tables: what SQL says, in real pandas, polars, pyarrow and csv; nothing made up."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook import frames
from modelbook.decode import deployment_record
from modelbook.errors import ModelbookError, NotInstalledError, RequestError
from modelbook.frames.text import cell, plain
from modelbook.records import Deployment
from modelbook_catalog import get_models_for_pipeline
from modelbook_compiler.build import check
from modelbook_compiler.emit import duckdb as emitter

BOOK = check(Path(__file__).resolve().parent.parent / "mini" / "catalog").book()
MINI = [one.record for one in BOOK.deployments]
AT = "2026-11-23"
HOSTILE = (
    *("=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "'quoted", "''", "a\nb\r\n"),
    *('a,"b";c', "ключ", "\u202eabc", "NULL", "true", "0", "1e5", "  x  "),
)


def deployment(wire: str, *prices: dict[str, Any], **facts: Any) -> Deployment:
    """Return a deployment of which hardly anything is known."""
    row = {"model": "acme/alpha", "lifecycle": {"status": "active"}, "prices": prices}
    return deployment_record(f"acme:{wire}", row, {"name": wire, **facts}, {"kind": "api"})


FOR_QUERIES = ("metered", "memory", "words", "sort_name")
"""Columns of SQL that `Selection.sql` asks, and that are no facts of their own."""


def test_the_columns_and_their_values_are_those_of_sql(tmp_path: Path) -> None:
    emitter.write(BOOK, tmp_path / "catalog.duckdb")
    with duckdb.connect(str(tmp_path / "catalog.duckdb"), read_only=True) as db:
        found = db.execute("FROM deployments ORDER BY id")
        names = [one[0] for one in found.description or ()]
        expected = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        names = [one for one in names if one not in FOR_QUERIES]
        expected = [{name: row[name] for name in names} for row in expected]
        sql = "SELECT deployment_id, unit, amount FROM price_for(?) WHERE above IS NULL"
        amounts = {(id, unit): amount for id, unit, amount in db.execute(sql, [AT]).fetchall()}
    assert list(frames.COLUMNS)[: len(names)] == names
    rows = frames.to_dicts(MINI, AT)
    assert [{name: row[name] for name in names} for row in rows] == expected
    for row in rows:
        for unit in ("input", "output", "cache_read", "cache_write"):
            assert row[f"price_{unit}"] == amounts.get((row["id"], unit))


def test_every_deployment_is_there_once_and_in_order() -> None:
    found = get_models_for_pipeline("feature-extraction", at=AT, include_retired=True)
    assert len(found) > 50
    table = frames.to_arrow(found)
    assert table["id"].to_pylist() == list(found.ids)
    assert frames.to_polars(found)["id"].to_list() == list(found.ids)
    assert list(frames.to_pandas(found)["id"]) == list(found.ids)
    lines = frames.to_ndjson(found).splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(found.ids)
    cells = [row[0] for row in csv.reader(io.StringIO(frames.to_csv(found), newline=""))]
    assert cells == ["id", *found.ids]


def test_prices_are_those_of_the_instant_of_the_selection() -> None:
    one = next(one for one in MINI if one.id == "acme:alpha-1-2025-08-15")
    days = {day: frames.to_dicts([one], day)[0]["price_input"] for day in (AT, "2026-12-01")}
    assert days == {AT: Decimal("2.50"), "2026-12-01": Decimal("2.00")}
    then = get_models_for_pipeline("text-generation", provider="openai", at="2024-06-01")
    known = {row["id"]: row["price_input"] for row in frames.to_dicts(then)}
    assert known["openai:gpt-4o"] == Decimal("5.00")


def test_what_is_not_known_is_null_and_never_zero() -> None:
    bare = deployment("bare")
    (row,) = frames.to_dicts([bare])
    stated = {"id", "provider_id", "model_id", "model_name", "wire_name", "source_type", "status"}
    unknown = [name for name in row if name not in stated | {"fine_tuned", "pipelines"}]
    assert [row[name] for name in unknown] == [None] * len(unknown)
    table, frame, other = (
        make([bare]) for make in (frames.to_arrow, frames.to_polars, frames.to_pandas)
    )
    for name in unknown:
        assert table[name].null_count == 1, name
        assert frame[name].null_count() == 1, name
        value = other[name][0]
        assert value is None or value is pandas.NA, (name, value)
    (line,) = csv.DictReader(io.StringIO(frames.to_csv([bare]), newline=""))
    assert [line[name] for name in unknown] == [""] * len(unknown)
    assert json.loads(frames.to_ndjson([bare])) == row


def test_types_of_arrow_and_parquet(tmp_path: Path) -> None:
    table = frames.to_arrow(MINI, AT)
    kinds = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert {frames.COLUMNS[name]: kind for name, kind in kinds.items()} == {
        "text": "string",
        "texts": "list<item: string>",
        "whole": "int64",
        "boolean": "bool",
        "date": "date32[day]",
        "decimal": "decimal128(38, 18)",
    }
    path = tmp_path / "x.parquet"
    path.write_bytes(frames.to_parquet(MINI, AT))
    assert pyarrow.parquet.read_table(path).equals(table)
    amounts = duckdb.sql(f"SELECT max(price_input), count(*) FROM '{path}'").fetchall()  # noqa: S608
    assert amounts == [(Decimal("5.00"), len(MINI))]
    assert frames.to_parquet(MINI, AT) == path.read_bytes()


def test_types_of_pandas_and_polars() -> None:
    frame, other = frames.to_pandas(MINI, AT), frames.to_polars(MINI, AT)
    assert str(frame["context"].dtype) == "Int64"
    assert str(frame["tools"].dtype) == "boolean"
    assert isinstance(frame["id"].dtype, pandas.StringDtype)
    assert isinstance(frame["input"][0], list)
    assert other.schema["context"] == polars.Int64
    assert other.schema["price_input"] == polars.Decimal(38, 18)
    dear = frame[(frame["context"] > 100_000).fillna(False)]
    assert set(dear["id"]) == set(other.filter(polars.col("context") > 100_000)["id"]) != set()
    assert {type(one) for one in frame["price_input"]} <= {Decimal, type(None)}
    assert other["price_input"].sum() == sum(one for one in frame["price_input"] if one)


def test_whole_numbers_and_prices_are_exact() -> None:
    one = deployment(
        "exact",
        {"input": "0.000000001", "output": "999999999.999999999"},
        {"multiply": "0.1", "units": ("input",)},
        parameters={"total": 2**53 + 1},
    )
    (row,) = frames.to_polars([one]).to_dicts()
    assert row["parameters"] == frames.to_pandas([one])["parameters"][0] == 2**53 + 1
    assert (row["price_input"], row["price_output"]) == (
        Decimal("0.0000000001"),
        Decimal("999999999.999999999"),
    )
    small = [{"multiply": "0.000000001"}] * 2
    tiny = deployment("tiny", {"input": "0.000000001", "output": "1"}, *small)
    assert frames.to_dicts([tiny])[0]["price_input"] == Decimal("1E-27")
    assert frames.to_arrow([tiny])["price_input"].to_pylist() == [None]  # it has no room, as in SQL
    assert ",0.000000000000000000000000001," in frames.to_csv([tiny])


def test_a_price_in_another_currency_says_so() -> None:
    euro, both = {"currency": "EUR", "input": "1.00"}, {"output": "3.00"}
    rows = frames.to_dicts([deployment("a", euro), deployment("b", euro, both), deployment("c")])
    shown = [(row["price_input"], row["price_output"], row["currency"]) for row in rows]
    assert shown == [(Decimal("1.00"), None, "EUR"), (None, Decimal("3.00"), "USD"), (None,) * 3]


def test_hostile_names_come_back_and_are_no_formulas() -> None:
    every = [deployment(name) for name in HOSTILE]
    table = list(csv.DictReader(io.StringIO(frames.to_csv(every), newline="")))
    assert [plain(row["wire_name"]) for row in table] == list(HOSTILE)
    assert [plain(row["id"]) for row in table] == [one.id for one in every]
    assert not [
        c for row in table for c in row.values() if c.startswith(("=", "+", "-", "@", "\t"))
    ]
    assert frames.to_polars(every)["wire_name"].to_list() == list(HOSTILE)
    assert list(frames.to_pandas(every)["wire_name"]) == list(HOSTILE)
    lines = frames.to_ndjson(every).split("\n")
    assert [json.loads(line)["wire_name"] for line in lines[:-1]] == list(HOSTILE)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_safe_cell_and_comes_back(text: str) -> None:
    made = cell(text)
    assert plain(made) == text
    assert not made or made[0] not in "=+-@\t\r\n"


def test_no_deployments_make_an_empty_table() -> None:
    nothing = get_models_for_pipeline("text-generation", limit=0)
    assert frames.to_dicts(nothing) == []
    assert frames.to_arrow(nothing).schema == frames.to_arrow(MINI).schema
    assert frames.to_pandas(nothing).shape == (0, len(frames.COLUMNS))
    assert frames.to_polars(nothing).shape == (0, len(frames.COLUMNS))
    assert frames.to_csv(nothing) == ",".join(frames.COLUMNS) + "\r\n"


@pytest.mark.parametrize("nonsense", [5, None, "openai:gpt-4o", ["openai:gpt-4o"], [None]])
def test_what_is_no_deployment_is_refused(nonsense: Any) -> None:
    with pytest.raises(RequestError, match="a table is made of"):
        frames.to_dicts(nonsense)
    with pytest.raises(RequestError):
        frames.to_dicts(MINI, "yesterday")


@pytest.mark.parametrize(
    ("missing", "make"),
    [
        ("pandas", frames.to_pandas),
        ("polars", frames.to_polars),
        ("pyarrow", frames.to_polars),
        ("pyarrow", frames.to_parquet),
    ],
)
def test_a_missing_library_is_named(
    monkeypatch: pytest.MonkeyPatch, missing: str, make: Any
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(NotInstalledError, match=r"pip install 'modelbook\[frames\]'") as caught:
        make(MINI)
    assert isinstance(caught.value, ModelbookError | ImportError)
    assert caught.value.id == missing


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys; from modelbook import frames; frames.to_csv([]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "polars", "pyarrow", "numpy"} & set(done.stdout.split())


def test_days_are_days() -> None:
    one = deployment_record(
        "acme:gone",
        {"model": "acme/a", "lifecycle": {"status": "retired", "retired_on": "2026-05-01"}},
        {"name": "A"},
        {"kind": "api"},
    )
    assert frames.to_polars([one])["retired_on"].to_list() == [date(2026, 5, 1)]
    assert frames.to_pandas([one])["retired_on"][0] == date(2026, 5, 1)
    assert json.loads(frames.to_ndjson([one]))["retired_on"] == "2026-05-01"
