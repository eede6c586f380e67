"""What calls cost by SQL is what they cost in Python, to the last digit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Context, Decimal
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import duckdb
import modelbook_catalog
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.costs import price
from modelbook.decimals import ROUNDED
from modelbook.decode import price_record
from modelbook.errors import ModelbookError
from modelbook.instants import instant
from modelbook.prices import ASKED
from modelbook.records import Deployment, Lifecycle, Throughput
from modelbook.rows import Row
from modelbook_catalog import catalog, deployment_ids, get_deployment
from modelbook_cli.database import LOCKED
from modelbook_compiler.book import Book, Listed
from modelbook_compiler.build import check
from modelbook_compiler.emit import duckdb as emitter

Call: TypeAlias = dict[str, Any]
"""A row to be priced: `deployment_id`, `at`, what it asks for, and counts."""

RECORDS = tuple(map(get_deployment, deployment_ids()))
PRICED = tuple(one for one in RECORDS if one.prices)
TURNS = sorted(
    {turn for one in RECORDS for entry in one.prices for turn in (entry.from_, entry.until) if turn}
)
UNITS = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning")
UNITS += ("input_audio", "cache_read_audio", "output_audio", "input_image", "output_image")
UNITS += ("requests", "searches", "input_characters", "input_audio_seconds", "output_images")
WIDE = Context(prec=60)
MEASURED = ("input_audio_seconds", "gpu_hours")


@pytest.fixture(scope="module")
def book(shipped: Book) -> Book:
    """Return the shipped catalog, lowered."""
    return shipped


@contextmanager
def opened(book: Book, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Write a catalog and yield a connection to it."""
    emitter.write(book, folder / "catalog.duckdb")
    with connected(folder / "catalog.duckdb") as connection:
        yield connection


def connected(file: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection to a catalog as the command line opens it."""
    return duckdb.connect(str(file), read_only=True, config=LOCKED)


@pytest.fixture(scope="module")
def db(shipped_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a connection to the shipped catalog."""
    with connected(shipped_file) as connection:
        yield connection


# A table of calls


def by_sql(
    db: duckdb.DuckDBPyConnection, calls: Sequence[Call], kind: str = "DECIMAL(38,6)"
) -> list[tuple[Any, ...]]:
    """Return (total, currency, problem) of each call; counts are of one type of column."""
    units = dict.fromkeys(key for call in calls for key in call)
    kinds = {name: "VARCHAR" for name in ("deployment_id", *ASKED)} | {"at": "TIMESTAMP"}
    columns = ", ".join(f'"{one}" {kinds.get(one, kind)}' for one in units)
    db.execute(f"CREATE OR REPLACE TEMP TABLE calls (n BIGINT, {columns})")
    cells = [[None if one.get(key) is None else str(one[key]) for one in calls] for key in units]
    typed = ", ".join(f"unnest(?::VARCHAR[])::{kinds.get(one, kind)}" for one in units)
    db.execute(f"INSERT INTO calls SELECT unnest(range({len(calls)})), {typed}", cells)  # noqa: S608
    return db.execute("SELECT total, currency, problem FROM cost_of('calls') ORDER BY n").fetchall()


def by_python(call: Call, one: Deployment) -> tuple[Decimal | None, str | None, str | None]:
    """Return the same by the calculator."""
    told = ("deployment_id", "at", *ASKED)
    usage = {k: value for k, value in call.items() if k not in told and value is not None}
    asked = {name: call.get(name) for name in ASKED}
    try:
        cost = price(catalog(), one, usage, call.get("at"), **asked)
    except ModelbookError as error:
        return None, None, str(error)
    return cost.total, cost.currency, None


def compare(
    db: duckdb.DuckDBPyConnection,
    calls: Sequence[Call],
    records: Callable[[str], Deployment] = get_deployment,
) -> int:
    """Assert that both say the same of every call; return how many have a price."""
    priced = 0
    for call, found in zip(calls, by_sql(db, calls), strict=True):
        expected = by_python(call, records(call["deployment_id"]))
        assert (found[0], found[1]) == expected[:2], (call, found, expected)
        assert (found[2] is None) == (expected[2] is None), (call, found, expected)
        priced += found[0] is not None
    return priced


def usage(dice: Random, ids: Sequence[str]) -> dict[str, Any]:
    """Return counts, most of them possible, some around thresholds."""
    around = dice.choice([1000, 2000, 128_000, 200_000, 272_000]) + dice.choice([-1, 0, 1, 7])
    found: dict[str, Any] = {
        "input": dice.choice([around, dice.randrange(5000)]),
        "output": dice.randrange(9000),
    }
    units = catalog().units
    for id in dice.sample(ids, min(len(ids), dice.randrange(4))):
        if id in MEASURED:
            found[id] = Decimal(dice.randrange(10**5)) * 9 / 1000  # exact as money, by the hour
        elif id == "requests":
            found[id] = dice.choice([0, 1, 1, 3])
        elif dice.random() < 0.03:
            found[id] = dice.choice([-1, Decimal("0.5"), 10**7])
        else:
            for whole in sorted(units[id].wholes - found.keys()):
                found[whole] = 300
            found[id] = dice.choice([0, dice.randrange(300), dice.randrange(1000)])
    return {id: count for id, count in found.items() if dice.random() < 0.97}


def moment(dice: Random, turns: Sequence[str]) -> datetime:
    """Return an instant at a turn, just before or after one, or any."""
    at = datetime.fromisoformat(instant(dice.choice(turns))).replace(tzinfo=None)
    shift = dice.choice([-1, 0, 1, dice.randrange(10**5), dice.randrange(-(10**7), 10**7)])
    return datetime.fromtimestamp(at.replace(tzinfo=UTC).timestamp() + shift, UTC).replace(
        tzinfo=None
    )


def asked(dice: Random, known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return what a call asks for; seldom what nobody knows."""
    return {
        name: dice.choice([*known.get(name, ()), *known.get(name, ()), "standard", "odd"])
        for name in ASKED
        if dice.random() < (0.25 if known.get(name) else 0.01)
    }


def conditions(one: Deployment) -> dict[str, list[str]]:
    """Return what the prices of a deployment depend on."""
    return {
        name: sorted({getattr(entry.when, name) for entry in one.prices} - {None}) for name in ASKED
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_shipped_catalog(db: duckdb.DuckDBPyConnection, seed: int) -> None:
    dice = Random(seed)  # noqa: S311  # no secret
    calls = []
    for _ in range(600):
        one = dice.choice(PRICED if dice.random() < 0.97 else RECORDS)
        stated = [unit for entry in one.prices for unit in entry.amounts]
        counts = usage(dice, sorted({*stated, dice.choice(UNITS)}))
        when = asked(dice, conditions(one))
        calls.append({"deployment_id": one.id, "at": moment(dice, TURNS), **when, **counts})
    assert compare(db, calls) > 100


# Price lists as no provider would write them

DAYS = ["2026-01-01", "2026-01-02", "2026-01-02T08:00Z", "2026-01-03"]
WINDOWS: tuple[Row, ...] = (
    {"from": "16:30", "until": "00:30", "zone": "UTC"},
    {"from": "08:00", "until": "20:00", "zone": "Asia/Shanghai", "days": ("fri", "sat")},
    {"from": "22:00", "until": "06:00", "zone": "America/New_York", "days": ("thu",)},
    {"from": "07:00", "until": "07:00", "zone": "Europe/Berlin", "days": ("fri",)},
)


def entry(dice: Random) -> Row:
    """Return one entry, of any conditions."""
    units = dice.sample(UNITS, 4)
    when: dict[str, Any] = {
        "tier": dice.choice(["batch", "flex"]),
        "context_above": dice.choice([1000, 2000]),
        **{name: "one" for name in ("region", "speed", "size", "quality")},
        "window": dice.choice(WINDOWS),
    }
    row: dict[str, Any] = {
        "when": {name: when[name] for name in when if dice.random() < 0.12},
        **{
            unit: dice.choice(["free", "unknown", "0.5", "2.50", "7", "0.000000003"])
            for unit in units
        },
        "from": dice.choice(DAYS),
        "until": dice.choice(DAYS),
        "multiply": dice.choice(["0.5", "1.1", "3"]),
        "units": tuple(dice.sample(UNITS, 3)),
        "minimum": {unit: 300 for unit in dice.sample(UNITS[:6], 2)},
        "allowance": {
            unit: {"quantity": 250, "per": dice.choice(["request", "day"])}
            for unit in dice.sample(UNITS[:6], 2)
        },
        "currency": "EUR",
    }
    seldom = {"currency": 0.03, "multiply": 0.3, "units": 0.3, "minimum": 0.1, "allowance": 0.1}
    return {name: row[name] for name in row if dice.random() < seldom.get(name, 0.45)}


MARGINAL = ("input", "cache_read", "input_audio")


def topped(dice: Random) -> list[Row]:
    """Return entries for marginal prices, upon one that states the price below them."""
    below: Row = {unit: dice.choice(["0.5", "2.50"]) for unit in MARGINAL}
    return [below] + [
        {
            "when": {"context_above": dice.choice([1000, 2000])},
            "marginal": True,
            dice.choice(MARGINAL): dice.choice(["free", "4", "unknown", "3"]),
        }
        for _ in range(dice.randrange(1, 4))
    ]


def odd(dice: Random, n: int) -> Deployment:
    """Return a deployment with an odd price list."""
    rows: list[Row] = [{unit: "1.25" for unit in dice.sample(UNITS, 5)}, {"output": "3"}]
    rows += [entry(dice) for _ in range(5)]
    if dice.random() < 0.4:
        rows += topped(dice)
        rows += [entry(dice) for _ in range(2) if dice.random() < 0.4]
    return RECORDS[0].changed(
        id=f"{RECORDS[0].provider}:odd-{n}",
        prices=tuple(map(price_record, rows)),
        released=dice.choice([None, None, "2025", "2026-01", "2026-01-02"]),
        lifecycle=Lifecycle(status="active", released=dice.choice([None] * 4 + ["2026-01-02"])),
        throughput=None,
    )


@pytest.mark.parametrize("seed", range(4))
def test_odd_price_lists(book: Book, tmp_path: Path, seed: int) -> None:
    dice = Random(seed)  # noqa: S311  # no secret
    records = {one.id: one for one in (odd(dice, n) for n in range(150))}
    listed = tuple(Listed(one.id, {}, one) for one in records.values())
    with opened(replace(book, deployments=listed), tmp_path) as db:
        calls = []
        for _ in range(900):
            one = dice.choice(list(records.values()))
            stated = [unit for entry in one.prices for unit in entry.amounts]
            counts = usage(dice, sorted({*stated, *dice.sample(UNITS, 2)}))
            when = asked(dice, {} if dice.random() < 0.6 else conditions(one))
            calls.append({"deployment_id": one.id, "at": moment(dice, DAYS), **when, **counts})
        assert compare(db, calls, records.__getitem__) > 100


# Counts as log files have them

TYPES = {
    "BIGINT": (0, 5, 7000, 10**15, 10**15 + 1, -1, 9 * 10**18),
    "HUGEINT": (12, 10**30, -(10**30)),
    "DOUBLE": (
        *(3.319999933242798, 11.3199999, 12.0, 0.1, 1 / 3, 0.00012345678901234567, 1e-5, 0.0),
        *(1e15, 1e16, 1e40, 1.7e308, -0.5, -1e40, float("nan"), float("inf"), float("-inf")),
    ),
    "FLOAT": (3.319999933242798, 12.0, float("inf"), float("nan"), 2.0**100),
    "DECIMAL(38,20)": (Decimal("0.12345678901234567891"), Decimal("11.3199999"), Decimal(7), -1),
    "DECIMAL(38,30)": (Decimal("0.5"), Decimal("12.00000000000000000001"), Decimal(9)),
    "VARCHAR": ("12", "", "1e40", "many"),
    "BOOLEAN": (True, False),
}
"""Values by type of column; each of them somebody has in a table."""

HOURLY = ("openai:whisper-1", "groq:whisper-large-v3", "openai:gpt-transcribe")


def odd_counts(kind: str) -> list[Call]:
    """Return calls with each value of a type as a count of tokens and of seconds, and no count."""
    chat: Call = {"deployment_id": "openai:gpt-4o", "at": "2026-07-01"}
    calls = [{**chat, "input": value} for value in TYPES[kind]]
    calls += [{**chat, "input": TYPES[kind][0], "output": value} for value in TYPES[kind]]
    calls += [
        {"deployment_id": id, "at": "2026-07-01", "input_audio_seconds": value}
        for id in HOURLY
        for value in TYPES[kind]
    ]
    return [*calls, {**chat, "input": None}] if kind != "BOOLEAN" else calls


def same(found: tuple[Any, ...], call: Call, one: Deployment | None = None) -> None:
    """Assert that SQL says of a call what Python says.

    Endless money has 24 places in SQL, 28 significant digits in Python.
    """
    total, currency, problem = by_python(call, one or get_deployment(call["deployment_id"]))
    assert (found[2] is None) == (problem is None), (call, found, problem)
    assert found[1] == currency, (call, found)
    if total is None:
        assert found[0] is None, (call, found)
    elif total != found[0]:
        places = total.quantize(Decimal("1e-24"), context=WIDE)
        assert found[0] == places or ROUNDED.plus(found[0]) == total, (call, found, total)


@pytest.mark.parametrize("kind", TYPES)
def test_counts_of_any_type(db: duckdb.DuckDBPyConnection, kind: str) -> None:
    calls = odd_counts(kind)
    for call, found in zip(calls, by_sql(db, calls, kind), strict=True):
        same(found, call)


def test_a_count_that_cannot_be_is_named(db: duckdb.DuckDBPyConnection) -> None:
    usages: list[Call] = [{"input": float("nan")}, {"input": 1e16}, {"output": 1e40}, {"input": 7}]
    calls = [{"deployment_id": "openai:gpt-4o", **one} for one in usages]
    assert [problem for _, _, problem in by_sql(db, calls, "DOUBLE")] == [
        "impossible count of input",
        "impossible count of input",
        "impossible count of output",
        None,
    ]


def test_more_places_than_are_kept_are_a_problem(db: duckdb.DuckDBPyConnection) -> None:
    finer = Decimal("0.123456789012345678901")  # 21 places; Python takes 30
    calls = [{"deployment_id": "openai:whisper-1", "input_audio_seconds": finer}]
    ((total, _, problem),) = by_sql(db, calls, "DECIMAL(38,30)")
    assert (total, problem) == (None, "impossible count of input_audio_seconds")
    calls = [{"deployment_id": "openai:whisper-1", "input_audio_seconds": 1.2345678901234567e-05}]
    ((total, _, problem),) = by_sql(db, calls, "DOUBLE")
    assert (total, problem) == (None, "impossible count of input_audio_seconds")


def test_every_count_at_once_is_too_large_for_nothing(db: duckdb.DuckDBPyConnection) -> None:
    calls = [{"deployment_id": one.id, **dict.fromkeys(catalog().units, 10**15)} for one in PRICED]
    assert len(by_sql(db, calls)) == len(calls)


seconds = st.floats(0, 1e6) | st.floats(0, 1e6, width=32) | st.floats()
tokens = st.integers(-1, 10**6) | st.sampled_from([10**15, 10**15 + 1, 10**17]) | st.none()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(seconds, tokens, tokens), min_size=20, max_size=60))
def test_any_counts(db: duckdb.DuckDBPyConnection, rows: list[tuple[Any, ...]]) -> None:
    times = [row[0] for row in rows if not 0 < abs(row[0]) < 1e-4]  # finer ones have 21 places
    calls: list[Call] = [
        {"deployment_id": HOURLY[n % 3], "input_audio_seconds": one} for n, one in enumerate(times)
    ]
    for call, found in zip(calls, by_sql(db, calls, "DOUBLE") if calls else [], strict=True):
        same(found, call)
    calls = [
        {"deployment_id": "openai:gpt-4o", "input": a, "cache_read": b, "output": a}
        for _, a, b in rows
    ]
    for call, found in zip(calls, by_sql(db, calls, "BIGINT"), strict=True):
        same(found, call)


@pytest.mark.parametrize("names", ["5 AS input_tokens, 7 AS output_tokens", "1 AS n"])
def test_a_table_without_counts_has_problems(db: duckdb.DuckDBPyConnection, names: str) -> None:
    calls = f"WITH calls AS (SELECT 'openai:gpt-4o' AS deployment_id, {names}) "
    query = calls + "SELECT total, currency, problem, lines FROM cost_of('calls')"  # noqa: S608
    told = "no column is named after a unit, such as `input`"
    assert db.execute(query).fetchall() == [(None, None, told, None)]


def test_a_row_that_counts_nothing_is_a_problem(db: duckdb.DuckDBPyConnection) -> None:
    calls = "WITH calls AS (SELECT 'openai:gpt-4o' AS deployment_id, NULL::INTEGER AS input) "
    query = calls + "SELECT total, currency, problem FROM cost_of('calls')"  # noqa: S608
    told = "nothing is counted, and a request has no price"
    assert db.execute(query).fetchall() == [(None, None, told)]


def test_a_price_for_each_request_needs_no_count(book: Book, tmp_path: Path) -> None:
    one = RECORDS[0].changed(id="anthropic:odd", prices=(price_record({"requests": "0.01"}),))
    with opened(replace(book, deployments=(Listed(one.id, {}, one),)), tmp_path) as db:
        ((total, _, problem),) = by_sql(db, [{"deployment_id": one.id}])
        assert (total, problem) == (Decimal("0.01"), None)


def test_money_that_does_not_fit_is_a_problem(book: Book, tmp_path: Path) -> None:
    rows: list[Row] = [{"input": "999999999", "output": "1", "input_audio_seconds": "0.123456789"}]
    one = RECORDS[0].changed(id="anthropic:odd", prices=tuple(map(price_record, rows)))
    long = Decimal("123456789012345.12345678901234567891")
    with opened(replace(book, deployments=(Listed(one.id, {}, one),)), tmp_path) as db:
        counts: list[Call] = [{"input": 10**15}, {"output": 10**15}, {"input_audio_seconds": long}]
        found = by_sql(
            db, [{"deployment_id": one.id, **usage} for usage in counts], "DECIMAL(38,20)"
        )
    assert [problem for _, _, problem in found] == [
        "the cost of input has more digits than fit",
        None,
        "the cost of input_audio_seconds has more digits than fit",
    ]
    assert [total for total, _, _ in found] == [None, 10**9, None]


@pytest.mark.parametrize("amount", ["0.123456789", "0.1111", "12345.6789", "0.000000001", "free"])
def test_seconds_at_any_amount(book: Book, tmp_path: Path, amount: str) -> None:
    prices = (price_record({"input_audio_seconds": amount}),)
    one = RECORDS[0].changed(id="anthropic:odd", prices=prices)
    times = (3.319999933242798, 11.3199999, 86399.99999999999, 0.00012345678901234567, 7.0, 1e9)
    calls: list[Call] = [{"deployment_id": one.id, "input_audio_seconds": time} for time in times]
    with opened(replace(book, deployments=(Listed(one.id, {}, one),)), tmp_path) as db:
        for call, found in zip(calls, by_sql(db, calls, "DOUBLE"), strict=True):
            same(found, call, one)


@pytest.mark.parametrize("at", ["last week", "2026-13-01", "infinity"])
def test_an_instant_that_cannot_be_is_a_problem(db: duckdb.DuckDBPyConnection, at: str) -> None:
    calls = "WITH calls AS (SELECT 'openai:gpt-4o' AS deployment_id, 5 AS input, ? AS \"at\") "
    query = calls + "SELECT total, problem FROM cost_of('calls')"  # noqa: S608
    assert db.execute(query, [at]).fetchall() == [(None, "impossible instant in `at`")]


# What an analyst writes


def test_the_recipe_of_the_guide(db: duckdb.DuckDBPyConnection, root: Path) -> None:
    guide = (root / "docs/guide.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```sql\n(.*?)```", guide, re.S)
    at = "2026-07-01T12:00Z"
    usual = {"input": 12_000, "cache_read": 10_000, "output": 800}
    long = {"input": 250_000, "cache_read": 0, "output": 800}
    expected = [
        modelbook_catalog.price("openai:gpt-4o", usual, at=at).total,
        modelbook_catalog.price(
            "openai:gpt-4o", {**usual, "cache_read": 0}, at=at, tier="batch"
        ).total,
        modelbook_catalog.price("google:gemini-2.5-pro", long, at=at).total,
        None,
    ]
    rows = db.execute(recipe).fetchall()
    assert [row[2] for row in rows] == expected
    assert [row[4] for row in rows] == [None, None, None, "the parts are more than input"]


def test_lines_are_those_of_python(db: duckdb.DuckDBPyConnection) -> None:
    usage = {"input": 12_000, "cache_read": 10_000, "output": 800}
    by_sql(db, [{"deployment_id": "openai:gpt-4o", "at": "2026-07-01", **usage}])
    query = "SELECT unnest(lines, recursive := true) FROM cost_of('calls')"
    found = {row[:5] for row in db.execute(query).fetchall()}
    cost = modelbook_catalog.price("openai:gpt-4o", usage, at="2026-07-01")
    assert found == {(one.unit, one.quantity, one.rate, one.per, one.amount) for one in cost.lines}


@pytest.mark.parametrize("tokens", [0, 200_000, 200_001])
@pytest.mark.parametrize("tier", [None, "batch", "standard"])
def test_price_for_is_the_price_of_such_a_call(
    db: duckdb.DuckDBPyConnection, tier: str | None, tokens: int
) -> None:
    query = """
        SELECT deployment_id, unit, amount
        FROM price_for('2026-07-01', tier := ?, input_tokens := ?) WHERE amount IS NOT NULL"""
    found = {row[:2]: row[2] for row in db.execute(query, [tier, tokens]).fetchall()}
    assert len(found) > 50
    for (id, unit), amount in found.items():
        one = get_deployment(id)
        assert one.price(unit, "2026-07-01", tier=tier, input_tokens=tokens) == amount


def test_money_is_a_decimal(db: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT cost(?::BIGINT, 0.15, 1000000), typeof(cost(1, 1, 1))"
    money, kind = db.execute(query, [123_456_789]).fetchall()[0]
    assert (money, kind) == (Decimal("18.51851835"), "DECIMAL(38,24)")
    query = "SELECT cost(10, 1, 3600), cost(0.000001, 0.000000000000000001, 1), cost(0, 5, 7)"
    ((third, least, nothing),) = db.execute(query).fetchall()
    assert (third, least, nothing) == (Decimal("0.002777777777777777777778"), Decimal("1e-24"), 0)
    query = "SELECT cost(11.3199999, 0.36, 3600), cost(1e15::BIGINT, 0.36, 1000000)"
    ((seconds, most),) = db.execute(query).fetchall()
    assert (seconds, most) == (Decimal("0.00113199999"), Decimal(360_000_000))
    query = (
        "SELECT cost('nan'::DOUBLE, 1, 1), cost(1e40, 1, 1), cost(1e15, 1e9, 1), cost('5', 1, 1)"
    )
    assert db.execute(query).fetchall() == [(None, None, None, None)]


def test_factors_are_exact_or_the_amount_is_not_known(book: Book, tmp_path: Path) -> None:
    rows: list[Row] = [
        {"input": "0.000000001", "output": "123456789.123456789", "cache_read": "free"},
        {"multiply": "1.1"},
        {"multiply": "1.1", "units": ("input", "cache_read")},
        {"multiply": "1.000000001", "units": ("output",), "when": {"tier": "flex"}},
        {"multiply": "0.000000001", "when": {"tier": "batch"}},
        {"multiply": "0.000000001", "when": {"tier": "batch"}},
    ]
    one = RECORDS[0].changed(id="anthropic:odd", prices=tuple(map(price_record, rows)))
    with opened(replace(book, deployments=(Listed(one.id, {}, one),)), tmp_path) as db:
        query = "SELECT unit, amount FROM {}('2026-07-01'{}) ORDER BY unit"
        standard = dict(db.execute(query.format("price_for", "")).fetchall())
        assert standard == {
            "input": Decimal("0.00000000121"),
            "output": Decimal("135802468.0358024679"),
            "cache_read": 0,
        }
        flex = dict(db.execute(query.format("price_for", ", tier := 'flex'")).fetchall())
        assert flex["output"] is None  # 19 places
        batch = dict(db.execute(query.format("price_for", ", tier := 'batch'")).fetchall())
        assert batch == {"input": None, "output": None, "cache_read": 0}
        both = db.execute("SELECT amount FROM price_at('2026-07-01') WHERE unit = 'input'")
        assert both.fetchall() == [(Decimal("0.00000000121"),)] * 2


def test_a_time_zone_of_the_session_is_not_taken_for_utc(db: duckdb.DuckDBPyConnection) -> None:
    calls = "WITH calls AS (SELECT 'openai:gpt-4o' AS deployment_id, 5 AS input, now() AS \"at\") "
    with pytest.raises(duckdb.Error, match="write `at AT TIME ZONE 'UTC'`"):
        db.execute(calls + "FROM cost_of('calls')").fetchall()


def test_machines_by_the_hour_are_left_to_python(book: Book, tmp_path: Path) -> None:
    one = RECORDS[0].changed(
        id="vllm:fast",
        prices=(price_record({"gpu_hours": "2.00"}),),
        throughput=Throughput(accelerators=2, input=1000, output=100),
    )
    with opened(replace(book, deployments=(Listed(one.id, {}, one),)), tmp_path) as db:
        calls = [{"deployment_id": one.id, "input": 1}, {"deployment_id": one.id, "gpu_hours": 60}]
        (tokens, hours) = by_sql(db, calls)
        assert tokens[0] is None
        assert "paid by the hour" in tokens[2]
        assert hours[1:] == ("USD", None)
        assert hours[0] == 120


def test_prices_can_be_taken_apart(book: Book, tmp_path: Path) -> None:
    rows: list[Row] = [
        {
            "when": {"window": WINDOWS[1], "tier": "flex"},
            "input": "1",
            "minimum": {"input": 300},
            "allowance": {"input": {"quantity": 5, "per": "day"}},
        },
        {"minimum": {"input": 400}},
    ]
    one = RECORDS[0].changed(id="anthropic:odd", prices=tuple(map(price_record, rows)))
    with opened(replace(book, deployments=(Listed(one.id, {}, one),)), tmp_path) as db:
        query = """SELECT role, unit, amount, minimum, allowance, allowance_per, window_days,
                   window_from, window_until, window_zone FROM prices ORDER BY seq"""
        assert db.execute(query).fetchall() == [
            ("price", "input", 1, 300, 5, "day", ["fri", "sat"], "08:00", "20:00", "Asia/Shanghai"),
            ("bounds", "input", None, 400, None, None, None, None, None, None),
        ]
        query = "SELECT minimum, allowance FROM price_at('2026-01-02') WHERE tier = 'flex'"
        assert db.execute(query).fetchall() == [(400, 5)]
