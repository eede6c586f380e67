"""Prices: which entry wins, against an oracle that reads the grammar word by word."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook.decode import price_record
from modelbook.errors import RequestError
from modelbook.indexing import input_price
from modelbook.instants import instant
from modelbook.prices import price_of
from modelbook.record import FrozenDict
from modelbook.records import STANDARD, Conditions, Price, Window
from modelbook.rows import Row
from modelbook.selection import NANO, amount_at
from modelbook_catalog import get_deployment

DAYS = (
    "2026-01-01",
    "2026-01-02",
    "2026-01-02T00:00Z",
    "2026-01-02T08:00Z",
    "2026-01-02T08:00:30Z",
    "2026-01-03",
)
MOMENTS = (
    "2025-12-31T23:59:59Z",
    "2026-01-01T00:00:00Z",
    "2026-01-01T23:59:59Z",
    "2026-01-02T00:00:00Z",
    "2026-01-02T07:59:59Z",
    "2026-01-02T08:00:00Z",
    "2026-01-02T08:00:29Z",
    "2026-01-02T08:00:30Z",
    "2026-01-03T00:00:00Z",
    "2027-01-01T00:00:00Z",
)
UNITS = ("input", "output", "searches")

whens = st.fixed_dictionaries(
    {},
    optional={
        "tier": st.sampled_from(["batch", "flex"]),
        "region": st.just("us"),
        "context_above": st.sampled_from([1000, 2000]),
    },
)
amounts = st.sampled_from(["free", "unknown", "0.5", "1", "2.50", "0.000000001"])
entries = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(UNITS, amounts),
        "from": st.sampled_from(DAYS),
        "until": st.sampled_from(DAYS),
        "when": whens,
        "multiply": st.sampled_from(["0.5", "1.1", "3"]),
        "units": st.lists(st.sampled_from(UNITS), min_size=1, unique=True).map(tuple),
    },
)


def moment(text: str) -> datetime:
    """Return what a catalog file writes, as a point in time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def applies(row: Row, at: datetime, when: Row) -> bool:
    """Tell whether an entry takes part."""
    if "from" in row and at < moment(row["from"]):
        return False
    if "until" in row and at >= moment(row["until"]):
        return False
    for name, wanted in row.get("when", {}).items():
        if name not in when:
            return False
        if name == "context_above" and when[name] < wanted:
            return False
        if name != "context_above" and when[name] != wanted:
            return False
    return True


def oracle(rows: list[Row], unit: str, at: datetime, when: Row) -> Decimal | None:
    """Return the price: the last stated amount, times every factor after it."""
    live = [row for row in rows if applies(row, at, when)]
    stating = [n for n, row in enumerate(live) if unit in row]
    if not stating or live[stating[-1]][unit] == "unknown":
        return None
    stated = live[stating[-1]][unit]
    price = Decimal("0" if stated == "free" else stated)
    for row in live[stating[-1] + 1 :]:
        if "multiply" in row and unit in row.get("units", UNITS):
            price *= Decimal(row["multiply"])
    return price


@given(st.lists(entries, max_size=5), st.sampled_from(UNITS), st.sampled_from(MOMENTS), whens)
def test_price_of_agrees_with_the_oracle(rows: list[Row], unit: str, at: str, when: Row) -> None:
    prices = tuple(map(price_record, rows))
    assert price_of(prices, unit, at, Conditions(**when)) == oracle(rows, unit, moment(at), when)


@given(st.lists(entries, max_size=5), st.sampled_from(MOMENTS))
def test_the_index_agrees_with_the_entries(rows: list[Row], at: str) -> None:
    indexed = amount_at(input_price(tuple(map(price_record, rows))), at)
    exact = oracle(rows, "input", moment(at), {})
    assert indexed == (None if exact is None else int(exact * NANO))


def price(rows: list[Row], at: str = "2026-01-02", when: Conditions = STANDARD) -> Decimal | None:
    """Return the input price of rows."""
    return price_of(map(price_record, rows), "input", instant(at), when)


def test_from_is_inclusive_and_until_exclusive() -> None:
    rows: list[Row] = [{"from": "2026-01-02", "until": "2026-01-03", "input": "1"}]
    known = {day: price(rows, day) for day in ("2026-01-01T23:59:59Z", "2026-01-02", "2026-01-03")}
    assert list(known.values()) == [None, 1, None]


def test_free_is_zero_and_unknown_is_none() -> None:
    assert price([{"input": "free"}]) == 0
    assert price([{"output": "1"}]) is None
    assert price([]) is None
    assert price([{"input": "1"}, {"input": "unknown"}, {"multiply": "2"}]) is None


def test_a_condition_that_is_not_asked_for_does_not_apply() -> None:
    rows: list[Row] = [{"input": "2"}, {"when": {"tier": "batch"}, "input": "1"}]
    assert price(rows) == 2
    assert price(rows, when=Conditions(tier="batch")) == 1
    assert price(rows, when=Conditions(tier="flex")) == 2
    assert price(rows, when=Conditions(tier="batch", region="us")) == 1


@pytest.mark.parametrize("name", ["tier", "region", "speed", "size", "quality"])
def test_each_condition_must_be_the_same(name: str) -> None:
    rows: list[Row] = [{"input": "2"}, {"when": {name: "this"}, "input": "1"}]
    given: list[dict[str, Any]] = [{}, {name: "other"}, {name: "this"}]
    asked = [Conditions(**one) for one in given]
    assert [price(rows, when=one) for one in asked] == [2, 2, 1]


def test_context_above_is_the_threshold_reached() -> None:
    rows: list[Row] = [{"input": "2"}, {"when": {"context_above": 1000}, "input": "4"}]
    asked = [Conditions(context_above=count) for count in (999, 1000, 2000)]
    assert [price(rows, when=one) for one in asked] == [2, 4, 4]


def test_window_must_be_the_same() -> None:
    window = {"from": "16:30", "until": "00:30", "zone": "UTC", "days": ("mon",)}
    rows: list[Row] = [{"input": "2"}, {"when": {"window": window}, "input": "1"}]
    same = Window(from_="16:30", until="00:30", zone="UTC", days=("mon",))
    assert price(rows) == 2
    assert price(rows, when=Conditions(window=same)) == 1
    assert (
        price(rows, when=Conditions(window=Window(from_="16:30", until="00:30", zone="UTC"))) == 2
    )


def test_factors_are_exact_and_stack() -> None:
    rows: list[Row] = [
        {"input": "0.1"},
        {"multiply": "1.1"},
        {"multiply": "3", "units": ("output",)},
    ]
    assert price(rows) == Decimal("0.11")
    assert price([*rows, {"multiply": "2"}]) == Decimal("0.22")
    assert price([{"multiply": "2"}, {"input": "0.1"}]) == Decimal("0.1")


@pytest.mark.parametrize(
    "at",
    [
        "2024-05-13",
        date(2024, 5, 13),
        datetime(2024, 5, 13),
        datetime(2024, 5, 13, tzinfo=UTC),
        datetime(2024, 5, 13, 1, tzinfo=timezone(timedelta(hours=1))),
        "2024-05-13T00:00:00Z",
    ],
)
def test_a_deployment_answers_at_any_spelling_of_an_instant(at: object) -> None:
    one = get_deployment("openai:gpt-4o")
    assert one.price("input", at) == Decimal("5.00")
    assert one.price("input", at, tier="batch") == Decimal("2.50")
    assert one.price("output_images", at) is None
    with pytest.raises(RequestError, match="unknown unit 'inptu'; did you mean `input`"):
        one.price("inptu", at)


def test_a_price_in_another_currency_is_not_known_in_dollars() -> None:
    standard = Price(amounts=FrozenDict({"input": Decimal("2")}))
    abroad = Price(
        amounts=FrozenDict({"input": Decimal("15")}), currency="EUR", when=Conditions(region="cn")
    )
    at, cn = "2026-01-01T00:00:00Z", Conditions(region="cn")
    assert price_of([standard, abroad], "input", at, Conditions()) == 2
    assert price_of([standard, abroad], "input", at, cn) is None
    assert price_of([standard, abroad], "input", at, cn, "EUR") == 15


def test_a_factor_is_exact_whatever_the_application_rounds_to() -> None:
    prices = [
        Price(amounts=FrozenDict({"input": Decimal("123456789.123456789")})),
        Price(multiply=Decimal("1.1"), when=Conditions(region="us")),
    ]
    with localcontext() as context:
        context.prec = 6
        found = price_of(prices, "input", "2026-01-01T00:00:00Z", Conditions(region="us"))
    assert str(found) == "135802468.0358024679"
