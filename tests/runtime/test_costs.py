"""What calls cost: beside a calculator that looks at every token, and at the edges of the grammar.

The price lists are of this file; what the shipped catalog says is compared elsewhere.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction
from random import Random
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.costs import Cost
from modelbook.decimals import as_decimal
from modelbook.decode import price_record
from modelbook.errors import ModelbookError, NotFoundError, NotPricedError, RequestError
from modelbook.records import Deployment, Lifecycle, Throughput
from modelbook.rows import Row
from modelbook_catalog import get_deployment, price

BASE = get_deployment("openai:gpt-4o-2024-08-06").changed(
    id="acme:one", released="2026-01-01", lifecycle=Lifecycle(status="active")
)
AT = "2026-06-01"


def priced(*rows: Row, **changes: Any) -> Deployment:
    """Return a deployment with a price list."""
    return BASE.changed(prices=tuple(map(price_record, rows)), **changes)


def total(one: Deployment, usage: Mapping[str, Any], **asked: Any) -> Decimal:
    """Return the total of a call, at a day in the middle unless told otherwise."""
    cost = price(one, usage, **{"at": AT, **asked})
    assert cost.total == sum((line.amount for line in cost.lines), Decimal(0))
    return cost.total


# Beside a calculator that looks at every token

ATOMS: dict[str, list[list[str]]] = {
    # a kind of token: the units that count it, from the most special on; a level is a tie
    "new text": [["input"]],
    "new audio": [["input_audio"], ["input"]],
    "cached text": [["cache_read"], ["input"]],
    "cached audio": [["cache_read_audio"], ["cache_read", "input_audio"], ["input"]],
    "written": [["cache_write"], ["input"]],
    "written for an hour": [["cache_write_1h"]],
    "answer": [["output"]],
    "thought": [["reasoning"], ["output"]],
    "spoken": [["output_audio"], ["output"]],
}
COUNTED = {
    "cache_read_audio": ["cached audio"],
    "cache_read": ["cached text", "cached audio"],
    "cache_write_1h": ["written for an hour"],
    "cache_write": ["written", "written for an hour"],
    "input_audio": ["new audio", "cached audio"],
    "input": [
        *("new text", "new audio", "cached text", "cached audio"),
        *("written", "written for an hour"),
    ],
    "reasoning": ["thought"],
    "output_audio": ["spoken"],
    "output": ["answer", "thought", "spoken"],
}
"""Unit to the kinds of token that its count includes."""


def told_apart(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the usage that a vendor would report of so many tokens of each kind."""
    return {unit: sum(counts[kind] for kind in kinds) for unit, kinds in COUNTED.items()}


def rate_of(kind: str, amounts: Mapping[str, Decimal | None]) -> Decimal | None:
    """Return the price of a kind of token: that of the most special unit with one."""
    for level in ATOMS[kind]:
        found = [amounts[unit] for unit in level if unit in amounts]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def naive(
    rows: list[Row], counts: Mapping[str, int], day: int, tier: str | None
) -> Fraction | None:
    """Return the cost of tokens, one kind after the other; None if a price is not known."""
    tokens = sum(counts[kind] for kind in COUNTED["input"])
    amounts: dict[str, Decimal | None] = {}
    for row in rows:
        when = row.get("when", {})
        begun = row.get("from", "2026-01-01") <= f"2026-01-{day:02}"
        ended = row.get("until", "9999") <= f"2026-01-{day:02}"
        if not begun or ended or when.get("tier", tier) != tier:
            continue
        if tokens <= when.get("context_above", -1):
            continue
        stated = {unit: row[unit] for unit in COUNTED if unit in row}
        if "multiply" in row:
            for unit, amount in amounts.items():
                if unit not in stated and amount is not None and unit in row.get("units", COUNTED):
                    amounts[unit] = amount * Decimal(row["multiply"])
        for unit, amount in stated.items():
            amounts[unit] = None if amount == "unknown" else Decimal(amount.replace("free", "0"))
    if not amounts:
        return None
    rates = {kind: rate_of(kind, amounts) for kind, count in counts.items() if count}
    if None in rates.values():
        return None
    return sum((Fraction(rates[k] or 0) * counts[k] / 10**6 for k in rates), Fraction(0))


AMOUNTS = st.sampled_from(["free", "unknown", "0.000000001", "0.30", "2.50", "123456789.123456789"])


@st.composite
def price_lists(draw: st.DrawFn) -> list[Row]:
    """Draw a price list, general or odd."""

    def row() -> Row:
        units = draw(st.lists(st.sampled_from(sorted(COUNTED)), unique=True, max_size=5))
        found: dict[str, Any] = {unit: draw(AMOUNTS) for unit in units}
        if draw(st.booleans()) and draw(st.booleans()):
            found["multiply"] = draw(st.sampled_from(["1.1", "0.5", "3"]))
        if draw(st.booleans()) and draw(st.booleans()):
            found["from"] = f"2026-01-{draw(st.integers(1, 4)):02}"
        if draw(st.booleans()) and draw(st.booleans()):
            found["until"] = f"2026-01-{draw(st.integers(2, 5)):02}"
        when: dict[str, Any] = {}
        if draw(st.booleans()) and draw(st.booleans()):
            when["tier"] = "batch"
        if draw(st.booleans()) and draw(st.booleans()):
            when["context_above"] = draw(st.sampled_from([100, 200]))
        return {**found, **({"when": when} if when else {})}

    first = {unit: draw(AMOUNTS) for unit in ("input", "output")}
    return [first, *(row() for _ in range(draw(st.integers(0, 5)))), {"when": {"tier": "batch"}}]


COUNTS = st.fixed_dictionaries(
    dict.fromkeys(ATOMS, st.one_of(st.just(0), st.integers(0, 60), st.integers(0, 10**12)))
)


@settings(max_examples=400, deadline=None)
@given(
    rows=price_lists(),
    counts=COUNTS,
    day=st.integers(1, 5),
    tier=st.sampled_from([None, "batch"]),
    seed=st.integers(0, 10**6),
)
def test_equals_the_price_of_every_token(
    rows: list[Row], counts: dict[str, int], day: int, tier: str | None, seed: int
) -> None:
    expected = naive(rows, counts, day, tier)
    pairs = [*told_apart(counts).items()]
    Random(seed).shuffle(pairs)  # noqa: S311  # no secret
    one = priced(*rows)
    try:
        costs = [price(one, dict(pairs), at=f"2026-01-{day:02}", tier=tier) for _ in range(2)]
    except NotPricedError:
        assert expected is None
        return
    for cost in costs:  # worked out step by step, then by the recipe
        assert Fraction(cost.total) == expected
        assert sum(Fraction(line.amount) for line in cost.lines) == expected
    assert costs[0] == costs[1]


@settings(max_examples=200, deadline=None)
@given(usage=st.dictionaries(st.sampled_from(sorted(COUNTED)), st.integers(0, 50), max_size=6))
def test_impossible_counts_are_refused(usage: dict[str, int]) -> None:
    one = priced(dict.fromkeys(COUNTED, "1"))
    try:
        price(one, usage, at=AT)
    except RequestError:
        possible = False
    else:
        possible = True
    assert possible == _can_be(usage)


def _can_be(usage: dict[str, int]) -> bool:
    """Tell whether there are tokens of which a usage says enough, by looking for them."""
    if not usage:
        return False
    for unit, count in usage.items():
        for whole, kinds in COUNTED.items():
            inside = whole != unit and set(COUNTED[unit]) < set(kinds)
            if inside and count and whole not in usage:
                return False
    cached, audio = usage.get("cache_read", 0), usage.get("input_audio", 0)
    if cached and audio and "cache_read_audio" not in usage:
        return False
    both = usage.get("cache_read_audio", 0)
    hour, written = usage.get("cache_write_1h", 0), usage.get("cache_write", 0)
    answer = usage.get("output", 0) - usage.get("reasoning", 0) - usage.get("output_audio", 0)
    text = usage.get("input", 0) - (cached + audio - both) - written
    return min(cached - both, audio - both, written - hour, answer, text) >= 0


# The grammar, point by point


def test_a_cliff_is_where_the_vendor_says_to_the_token() -> None:
    one = priced(
        {"input": "2", "output": "10", "cache_read": "0.20"},
        {"when": {"context_above": 1000}, "input": "4", "output": "15", "cache_read": "0.40"},
    )
    assert total(one, {"input": 1000, "output": 100}) == Decimal("0.003")
    assert total(one, {"input": 1001, "output": 100}) == Decimal("0.005504")
    cached = {"input": 1001, "cache_read": 1001, "output": 0}
    assert total(one, cached) == Decimal("0.0004004")  # cached tokens count towards the threshold
    assert total(one, {"output": 5000}) == Decimal("0.05")  # output does not


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-01T07:59:59", "2"),
        ("2026-03-01T07:59:59.999999", "2"),
        ("2026-03-01T08:00", "3"),
        (datetime(2026, 3, 1, 8, tzinfo=UTC), "3"),
        (datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=2))), "2"),
        (datetime(2026, 3, 1, 8), "3"),
        (date(2026, 3, 1), "2"),
        (date(2026, 3, 2), "3"),
        ("2026-04-01T11:59:59Z", "3"),
        ("2026-04-01T12:00:00Z", "4"),
    ],
)
def test_a_price_changes_at_its_minute(at: object, expected: str) -> None:
    one = priced(
        {"input": "2"},
        {"from": "2026-03-01T08:00Z", "input": "3"},
        {"from": "2026-04-01T12:00:00Z", "input": "4"},
    )
    assert total(one, {"input": 1_000_000}, at=at) == Decimal(expected)


NIGHT = {"from": "16:30", "until": "00:30", "zone": "UTC"}
WEEKEND = {"from": "22:00", "until": "06:00", "zone": "Europe/Berlin", "days": ("fri",)}


@pytest.mark.parametrize(
    ("window", "at", "holds"),
    [
        (NIGHT, "2026-06-01T16:29:59Z", False),
        (NIGHT, "2026-06-01T16:30:00Z", True),
        (NIGHT, "2026-06-02T00:29:59Z", True),
        (NIGHT, "2026-06-02T00:30:00Z", False),
        (WEEKEND, "2026-06-05T19:59:59Z", False),  # Friday, summer: two hours ahead of UTC
        (WEEKEND, "2026-06-05T20:00:00Z", True),
        (WEEKEND, "2026-06-06T03:59:59Z", True),  # Saturday morning belongs to Friday's window
        (WEEKEND, "2026-06-06T04:00:00Z", False),
        (WEEKEND, "2026-06-06T20:00:00Z", False),
        (WEEKEND, "2026-12-04T20:30:00Z", False),  # winter: one hour ahead
        (WEEKEND, "2026-12-04T21:00:00Z", True),
        ({"from": "08:00", "until": "08:00", "zone": "UTC"}, "2026-06-01T07:59:00Z", True),
    ],
)
def test_a_window_of_the_day_in_its_own_zone(window: Row, at: str, holds: bool) -> None:
    one = priced({"input": "2"}, {"when": {"window": window}, "input": "1"})
    for _ in range(2):
        assert total(one, {"input": 1_000_000}, at=at) == (1 if holds else 2)


def test_a_zone_that_this_machine_does_not_know() -> None:
    window = {"from": "08:00", "until": "09:00", "zone": "Mars/Olympus"}
    one = priced({"input": "2"}, {"when": {"window": window}, "input": "1"})
    with pytest.raises(RequestError, match="tzdata"):
        price(one, {"input": 1}, at=AT)


def test_factors_stack_and_are_told() -> None:
    one = priced(
        {"input": "2", "output": "10", "searches": "10"},
        {"when": {"tier": "batch"}, "multiply": "0.5"},
        {"when": {"region": "us"}, "multiply": "1.1", "units": ("input", "output")},
    )
    usage = {"input": 1_000_000, "output": 100_000, "searches": 1000}
    assert total(one, usage) == 13
    assert total(one, usage, region="global") == 13
    assert total(one, usage, tier="batch", region="us") == Decimal("6.65")
    line = price(one, usage, at=AT, tier="batch", region="us").lines[0]
    assert (line.rate, line.entry.amounts["input"]) == (Decimal("1.10"), Decimal("2"))
    assert [factor.multiply for factor in line.factors] == [Decimal("0.5"), Decimal("1.1")]


def test_a_marginal_price_holds_above_its_threshold_alone() -> None:
    one = priced(
        {"input": "1", "cache_read": "0.1", "output": "5"},
        {"when": {"context_above": 1000}, "marginal": True, "input": "2", "cache_read": "0.2"},
        {"when": {"context_above": 3000}, "marginal": True, "input": "4"},
    )
    million = 1_000_000
    assert total(one, {"input": 1000}) == Decimal(1000) / million
    assert total(one, {"input": 1001}) == Decimal(1002) / million
    assert total(one, {"input": 5000}) == Decimal(1000 + 2 * 2000 + 4 * 2000) / million
    lines = price(one, {"input": 5000}, at=AT).lines
    assert [(line.quantity, line.rate) for line in lines] == [(1000, 1), (2000, 2), (2000, 4)]
    # What is cached stands at the start of the prompt: 800 new tokens end it, 700 of the cached
    # ones stand above the threshold too.
    cached = {"input": 2500, "cache_read": 1700}
    assert total(one, cached) == (Decimal("0.1") * 1000 + Decimal("0.2") * 700 + 2 * 800) / million


def test_what_stands_above_a_threshold_does_not_depend_on_the_order_of_counts() -> None:
    one = priced(
        {"input": "1", "input_audio": "3", "input_images": "1", "input_audio_seconds": "1"},
        {"when": {"context_above": 100}, "marginal": True, "input": "2", "input_audio": "6"},
    )
    usage = {"input": 150, "input_audio": 40, "input_images": 7, "input_audio_seconds": 7}
    totals = {
        total(one, dict(pairs))
        for pairs in ([*usage.items()], [*usage.items()][::-1], sorted(usage.items()))
    }
    hours = as_decimal(Fraction(7, 3600))
    above = Decimal(60 * 1 + 50 * 2 + 40 * 3) / 1_000_000  # new text ends the prompt
    assert {round(one, 20) for one in totals} == {round(above + 7 + hours, 20)}


def test_a_marginal_price_on_top_of_nothing_known() -> None:
    one = priced({"output": "5"}, {"when": {"context_above": 10}, "marginal": True, "input": "2"})
    with pytest.raises(NotPricedError, match="`input`"):
        price(one, {"input": 20}, at=AT)


def test_a_least_quantity_is_charged_once_something_is_used() -> None:
    one = priced({"input_audio_seconds": "0.36", "minimum": {"input_audio_seconds": 10}})
    assert total(one, {"input_audio_seconds": 2}) == Decimal("0.001")
    assert total(one, {"input_audio_seconds": 10.5}) == Decimal("0.00105")
    assert total(one, {"input_audio_seconds": 0}) == 0
    with pytest.raises(RequestError, match="one by one"):
        price(one, {"input_audio_seconds": 100, "requests": 2}, at=AT)


def test_what_is_free_for_each_request_is_taken_off() -> None:
    free = {"searches": {"quantity": 2, "per": "request"}}
    one = priced({"input": "1", "searches": "10", "allowance": free})
    assert total(one, {"searches": 5}) == Decimal("0.03")
    assert total(one, {"searches": 2}) == 0
    assert total(one, {"searches": 5, "requests": 2}) == Decimal("0.01")


def test_what_is_free_each_day_is_told_and_not_taken_off() -> None:
    free = {"searches": {"quantity": 1500, "per": "day"}}
    cost = price(priced({"searches": "10", "allowance": free}), {"searches": 5}, at=AT)
    assert cost.total == Decimal("0.05")
    assert cost.allowances == {"searches": "1500 per day"}


def test_every_request_costs_where_requests_have_a_price() -> None:
    one = priced({"requests": "0.01", "input": "1"})
    assert total(one, {}) == Decimal("0.01")
    assert total(one, {"input": 1_000_000}) == Decimal("1.01")
    assert total(one, {"input": 1_000_000, "requests": 3}) == Decimal("1.03")
    assert total(one, {"requests": 0}) == 0
    assert total(priced({"input": "1"}), {"input": 1, "requests": 7}) == Decimal("0.000001")


def test_several_requests_in_one_usage_are_no_long_one() -> None:
    one = priced({"input": "1"}, {"when": {"context_above": 1000}, "input": "2"})
    assert total(one, {"input": 1000, "requests": 4}) == Decimal("0.001")
    with pytest.raises(RequestError, match="one by one"):
        price(one, {"input": 4000, "requests": 4}, at=AT)


def test_images_by_size_and_quality() -> None:
    one = priced(
        {"when": {"size": "1024x1024"}, "output_images": "0.04"},
        {"when": {"size": "1024x1024", "quality": "hd"}, "output_images": "0.08"},
    )
    assert total(one, {"output_images": 3}, size="1024x1024") == Decimal("0.12")
    assert total(one, {"output_images": 3}, size="1024x1024", quality="standard") == Decimal("0.12")
    assert total(one, {"output_images": 3}, size="1024x1024", quality="hd") == Decimal("0.24")
    with pytest.raises(NotPricedError, match="only with size 1024x1024 or size 1024x1024 and"):
        price(one, {"output_images": 3}, at=AT)
    with pytest.raises(RequestError, match="no prices for the size '1x1'"):
        price(one, {"output_images": 3}, at=AT, size="1x1")


def test_the_price_of_a_whole_does_not_stand_in_for_an_hour_in_the_cache() -> None:
    one = priced({"input": "3", "cache_write": "3.75"})
    assert total(one, {"input": 100, "cache_write": 100, "cache_write_1h": 0}) == Decimal(
        "0.000375"
    )
    with pytest.raises(NotPricedError, match="`cache_write_1h`"):
        price(one, {"input": 100, "cache_write": 100, "cache_write_1h": 1}, at=AT)


def test_accelerators_by_the_hour() -> None:
    one = priced(
        {"gpu_hours": "3.60"}, throughput=Throughput(accelerators=2, input=1000, output=100)
    )
    usage = {"input": 10_000, "cache_read": 5000, "output": 500}
    cost = price(one, usage, at=AT)
    assert cost.total == Decimal("0.03")  # 15 seconds on two of them, a thousandth a second
    assert [(line.unit, line.quantity) for line in cost.lines] == [
        ("gpu_hours", as_decimal(Fraction(30, 3600)))
    ]
    assert total(one, usage) == Decimal("0.03")
    assert total(one, {"gpu_hours": 2}) == Decimal("7.2")
    slow = priced({"gpu_hours": "3.60"}, throughput=Throughput(accelerators=1, output=100))
    with pytest.raises(NotPricedError, match="`input`"):
        price(slow, usage, at=AT)


# Exactness


def test_nothing_is_rounded_whatever_the_application_rounds_to() -> None:
    one = priced(
        {"input": "0.000000001", "output": "123456789.123456789"},
        {"when": {"region": "us"}, "multiply": "1.000000001"},
    )
    usage = {"input": 1, "output": 999_999_999_999}
    exact = Fraction("0.000000001") + Fraction("123456789.123456789") * 999_999_999_999
    expected = exact * Fraction("1.000000001") / 10**6
    with localcontext() as context:
        context.prec = 3
        context.traps[Inexact] = True
        found = [price(one, usage, at=AT, region="us").total for _ in range(2)]
        line = price(one, usage, at=AT, region="us").lines[0]
    assert [Fraction(one) for one in found] == [expected, expected]
    assert Fraction(line.amount) == Fraction("0.000000001") * Fraction("1.000000001") / 10**6


def test_an_amount_without_end_has_28_digits() -> None:
    one = priced({"input_audio_seconds": "0.111"})
    cost = price(one, {"input_audio_seconds": 13}, at=AT)
    assert str(cost.total) == "0.0004008333333333333333333333333"


def test_totals_are_plain_numbers() -> None:
    one = priced({"input": "10"})
    assert str(total(one, {"input": 1_000_000})) == "10"
    assert str(total(one, {"input": 10_000_000})) == "100"
    assert str(total(one, {"input": 1_100})) == "0.011"


# A cost as a value


def test_a_cost_is_a_value() -> None:
    one = priced({"input": "1", "output": "2"})
    usage = {"input": 5, "output": 3}
    cost, same = (price(one, usage, at=AT) for _ in range(2))
    usage["input"] = 6  # the cost is of what was counted then
    assert [line.quantity for line in cost.lines] == [5, 3]
    assert cost == same == pickle.loads(pickle.dumps(cost))  # noqa: S301  # our own bytes
    assert len({cost, same}) == 1
    assert cost != price(one, {"input": 5}, at=AT)
    assert repr(cost).startswith("Cost(deployment='acme:one', total=Decimal('0.000011')")
    with pytest.raises(AttributeError, match="frozen"):
        cost.total = Decimal(0)  # type: ignore[misc]
    with pytest.raises(AttributeError, match="no surprise"):
        cost.surprise  # type: ignore[attr-defined]  # noqa: B018


def test_the_order_of_counts_and_what_is_0_change_nothing() -> None:
    one = priced({"input": "1", "cache_read": "0.5", "output": "2"})
    a = total(one, {"input": 9, "cache_read": 4, "output": 3})
    b = total(one, {"output": 3, "reasoning": 0, "cache_read": 4, "input": 9, "input_audio": 0})
    assert a == b


def test_equal_calls_have_equal_costs() -> None:
    one = priced({"input": "1", "output": "2"})
    a = price(one, {"input": 9, "output": 3}, at=AT)
    b = price(one, {"output": 3, "input": 9}, at=AT)
    assert a == b
    assert hash(a) == hash(b)


def test_a_deployment_that_somebody_made_of_plain_values() -> None:
    entry = priced({"input": "1"}).prices[0].changed(amounts={"input": Decimal(99)})
    made = BASE.changed(prices=(entry,))
    assert price(made, {"input": 1_000_000}, at=AT).total == 99


def test_words_in_any_case() -> None:
    one = priced({"input": "2"}, {"when": {"tier": "batch"}, "input": "1"})
    assert total(one, {"input": 1_000_000}, tier="Batch") == 1
    assert total(one, {"input": 1_000_000}, tier="STANDARD", region="Global") == 2


def test_whole_numbers_in_any_type() -> None:
    one = priced({"input": "1", "output": "2"})
    assert total(one, {"input": 5.0, "output": Decimal("3.0")}) == Decimal("0.000011")


def test_threads_agree() -> None:
    one = priced({"input": "1", "output": "2"}, {"from": "2026-02-01", "input": "3"})
    found: list[Cost] = []

    def ask() -> None:
        for day in range(1, 29):
            found.append(price(one, {"input": day, "output": 1}, at=f"2026-02-{day:02}"))

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 28


# What is not known


def test_what_is_used_and_not_priced_is_refused_or_told() -> None:
    one = priced({"input": "1", "output": "unknown"})
    with pytest.raises(NotPricedError, match="no known price for `output`") as caught:
        price(one, {"input": 5, "output": 3}, at=AT)
    assert (caught.value.code, caught.value.id) == ("not-priced", "acme:one")
    cost = price(one, {"input": 5, "output": 3, "searches": 1}, at=AT, partial=True)
    assert (cost.total, cost.unpriced) == (Decimal("0.000005"), ("output", "searches"))
    with pytest.raises(NotPricedError):
        price(one, {"output": 3}, at=AT, partial=True)  # nothing of it is known: no total
    assert price(one, {"input": 5, "output": 0}, at=AT).unpriced == ()


def test_where_else_it_has_a_price_is_told_and_unknown_is_none() -> None:
    one = priced(
        {"input": "1", "cache_read": "0.1"},
        {"when": {"tier": "batch"}, "input": "0.5", "cache_read": "unknown"},
        {"when": {"tier": "priority"}, "input": "2", "cache_read": "0.2"},
    )
    told = "for `cache_read`; it has one with the usual conditions or tier priority$"
    with pytest.raises(NotPricedError, match=told):
        price(one, {"input": 5, "cache_read": 3}, at=AT, tier="batch")


def test_no_price_is_known_at_all() -> None:
    with pytest.raises(NotPricedError, match="`acme:one` has no known price"):
        price(priced(), {}, at=AT)


def test_a_time_before_the_first_price() -> None:
    late = priced({"from": "2026-03-01", "input": "1"})
    with pytest.raises(NotPricedError, match="at 2026-02-01; its first is from 2026-03-01"):
        price(late, {"input": 1}, at="2026-02-01")
    with pytest.raises(NotPricedError, match="at 2025-12-31; its first is from 2026-01-01"):
        price(priced({"input": "1"}), {"input": 1}, at="2025-12-31")
    ended = priced({"until": "2026-03-01", "input": "1"})
    with pytest.raises(NotPricedError, match="no price at 2026-03-01"):
        price(ended, {"input": 1}, at="2026-03-01")


def test_a_tier_whose_prices_begin_later() -> None:
    one = priced({"input": "2"}, {"from": "2026-03-01", "when": {"tier": "batch"}, "input": "1"})
    with pytest.raises(NotPricedError, match="the tier `batch` at 2026-02-01; it has some from"):
        price(one, {"input": 1}, at="2026-02-01", tier="batch")
    assert total(one, {"input": 1_000_000}, tier="batch") == 1


MIXED = priced(
    {
        "input": "1",
        "output": "2",
        "cache_read": "0.1",
        "input_audio": "5",
        "input_audio_seconds": "1",
    },
    {"when": {"tier": "batch"}, "input": "0.5"},
)


@pytest.mark.parametrize(
    ("usage", "asked", "told"),
    [
        ({"inptu": 1}, {}, "unknown unit 'inptu'; did you mean `input`"),
        ({"zzzzzzzzzz": 1}, {}, "the units are input, output, cache_read"),
        ({"prompt_tokens": 1}, {}, "did you mean `input`"),
        ({"cache_read_input_tokens": 1}, {}, "did you mean `cache_read`"),
        ({3: 1}, {}, "a unit is text, not int"),
        ({"input": -1}, {}, "`input` cannot be below 0"),
        ({"input": 1.5}, {}, "`input` counts whole tokens, and is 1.5"),
        ({"input": Decimal("0.1")}, {}, "counts whole tokens"),
        ({"input": None, "output": 5}, {}, "`input` is None, which is no count"),
        ({}, {}, "the usage counts nothing"),
        ({"input": float("nan")}, {}, "takes a number of tokens, not nan"),
        ({"input": float("inf")}, {}, "takes a number of tokens, not inf"),
        ({"input": Decimal("sNaN")}, {}, "takes a number of tokens"),
        ({"input": 10**15 + 1}, {}, "more than 1,000,000,000,000,000 tokens"),
        ({"input": 10**5000}, {}, "more than 1,000,000,000,000,000 tokens"),
        ({"input": -(10**5000)}, {}, "cannot be below 0"),
        ({"input": 1e308}, {}, "more than 1,000,000,000,000,000 tokens"),
        ({"input": Decimal("1e999999")}, {}, "more than"),
        ({"input": Decimal("-1e999999")}, {}, "below 0"),
        ({"input_audio_seconds": Decimal("1e-999999")}, {}, "decimal places"),
        ({"input": True}, {}, "takes a number of tokens, not True"),
        ({"input": "12"}, {}, "takes a number of tokens, not '12'"),
        ({"input": [1]}, {}, "takes a number of tokens"),
        ({"input": 5, "cache_read": 6}, {}, "`cache_read` is more than `input`"),
        ({"input": 9, "cache_read": 5, "cache_write": 5}, {}, "are more than `input`"),
        ({"output": 5, "reasoning": 6}, {}, "`reasoning` is more than `output`"),
        ({"cache_read": 6}, {}, "`cache_read` counts towards `input`, whose count is missing"),
        ({"input": 9, "cache_read": 5, "input_audio": 3}, {}, "state `cache_read_audio` too"),
        ({"input": 1}, {"tier": "bacth"}, "no prices for the tier 'bacth': it has some for `bat"),
        ({"input": 1}, {"tier": 5}, "`tier` takes a text, not 5"),
        ({"input": 1}, {"tier": ["batch"]}, r"`tier` takes a text, not \['batch'\]"),
        ({"input": 1}, {"region": "mars"}, "no prices for the region 'mars'"),
        ({"input": 1}, {"currency": "XXX"}, "unknown currency 'XXX'; the catalog knows USD"),
        ({"input": 1}, {"at": "soon"}, "`at` is not a date: 'soon'"),
        ({"input": 1}, {"at": 20260101}, "`at` takes a date, a datetime or ISO text"),
        ([("input", 1)], {}, "a usage is a mapping of units to counts"),
        (None, {}, "a usage is a mapping of units to counts"),
    ],
)
def test_what_cannot_be_is_refused(usage: Any, asked: dict[str, Any], told: str) -> None:
    for _ in range(2):
        with pytest.raises(RequestError, match=told):
            price(MIXED, usage, **{"at": AT, **asked})


def test_an_unknown_deployment_never_costs_nothing() -> None:
    with pytest.raises(NotFoundError) as caught:
        price("openai:gpt-4oo", {"input": 1})
    assert "openai:gpt-4o" in caught.value.nearest


ANY = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(), st.binary()
)


@settings(max_examples=300, deadline=None)
@given(
    usage=st.one_of(
        ANY, st.dictionaries(st.one_of(st.sampled_from(sorted(COUNTED)), st.text(), st.none()), ANY)
    ),
    asked=st.dictionaries(
        st.sampled_from(["at", "tier", "region", "speed", "size", "quality", "currency"]), ANY
    ),
)
def test_whatever_is_asked_only_known_errors_come_back(usage: Any, asked: dict[str, Any]) -> None:
    try:
        cost = price(MIXED, usage, **asked)
    except ModelbookError:
        return
    assert cost.total >= 0


# Of the shipped catalog


def moving() -> Iterator[tuple[str, str, str]]:
    """Yield what a name that moves meant on each day it changed."""
    one = get_deployment("openai:gpt-4o")
    for step in one.points_to:
        yield one.id, step.from_, step.deployment


@pytest.mark.parametrize(("id", "at", "target"), list(moving()))
def test_a_moving_name_costs_what_it_meant_then(id: str, at: str, target: str) -> None:
    usage = {"input": 1234, "cache_read": 34, "output": 567}
    assert price(id, usage, at=at).total == price(target, usage, at=at).total
    assert price(id, usage, at=at).sources == price(target, usage, at=at).sources != ()


def test_a_published_example() -> None:
    # gpt-4o in May 2024: 5 dollars a million in, 15 out
    cost = price("openai:gpt-4o", {"input": 1_000_000, "output": 1_000_000}, at="2024-06-01")
    assert (cost.total, cost.currency) == (20, "USD")
    # since October 2024: 2.50 in, 1.25 cached, 10 out
    cost = price("openai:gpt-4o", {"input": 12_000, "cache_read": 10_000, "output": 800})
    assert cost.total == Decimal("0.0255")


def test_a_moving_name_with_prices_of_its_own_cites_its_own_sources() -> None:
    own = priced({"input": "1.10"}, points_to=get_deployment("openai:gpt-4o").points_to)
    (source,) = [one.changed(url="https://acme.example", fields=None) for one in own.sources[:1]]
    mine = own.changed(sources=(source,))
    assert price(mine, {"input": 10}, at=AT).sources == (source,)
    other = mine.changed(sources=(source.changed(fields=("name",)),))
    assert price(other, {"input": 10}, at=AT).sources == ()
