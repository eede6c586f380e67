"""What a workload costs at many deployments: totals, order, what is left out and why."""

from __future__ import annotations

import re
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from types import ModuleType
from typing import Any

import modelbook_catalog
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.compare import KINDS, Comparison
from modelbook.decode import price_record
from modelbook.errors import (
    AmbiguousError,
    ModelbookError,
    NotFoundError,
    NotPricedError,
    RequestError,
)
from modelbook.history import history
from modelbook.selection import Requirements

DAY = "2026-11-01"
OLD, NEW, MOVING = "acme:alpha-1-2025-03-01", "acme:alpha-1-2025-08-15", "acme:alpha-1"
EURO, CALL, FREE = "acme:euro-1", "acme:per-call", "acme:embed-1"
GAMMA, HOURLY = "vllm:openlab/gamma-7b", "vllm:openlab/hourly-7b"
SMALL = {"input": 1000, "output": 100}


def totals(found: Comparison) -> list[tuple[str, str]]:
    """Return ids and totals, in order."""
    return [(one.deployment, f"{one.total:f}") for one in found.costs]


def reasons(found: Comparison) -> dict[str, str]:
    """Return why each deployment was left out."""
    return {one.id: one.reason for one in found.excluded}


def test_one_usage_cheapest_first(market: ModuleType) -> None:
    found = market.compare([NEW, EURO, HOURLY, CALL, OLD], SMALL, at=DAY)
    assert totals(found) == [
        (HOURLY, "0.0002"),  # (1000 / 10000 + 100 / 1000) s at 0.001
        (EURO, "0.00143"),  # (0.001 + 0.0003) x 1.10
        (NEW, "0.0035"),
        (OLD, "0.0065"),
        (CALL, "0.01"),
    ]
    assert (found.currency, found.at, found.excluded) == ("USD", "2026-11-01T00:00:00Z", ())


def test_a_workload_is_the_sum_of_its_calls(market: ModuleType) -> None:
    workload = [
        SMALL,
        {"usage": SMALL, "count": 999},
        {"usage": {"input": 2000, "cache_read": 1000, "output": 10}, "count": 10, "tier": "batch"},
    ]
    (one,) = market.compare(NEW, workload, at=DAY).costs
    batch = Decimal("0.00125") + Decimal("0.00125") + Decimal("0.00005")
    assert one.total == 1000 * Decimal("0.0035") + 10 * batch
    assert {line.unit: (line.quantity, line.direction) for line in one.lines} == {
        "input": (1_010_000, "input"),
        "output": (100_100, "output"),
        "cache_read": (10_000, "input"),
    }
    assert sum(line.amount for line in one.lines) == one.total
    assert one.part("input") + one.part("output") == one.total
    assert one.part(None) == 0


def test_calls_that_are_alike_are_one(market: ModuleType) -> None:
    found = market.compare(NEW, [SMALL] * 5 + [{"usage": dict(SMALL), "count": 7}], at=DAY)
    assert [(call.usage, call.count) for call in found.calls] == [(SMALL, 12)]


def test_what_a_workload_asks_for_holds_where_an_item_says_nothing(market: ModuleType) -> None:
    items = [{"usage": SMALL}, {"usage": SMALL, "tier": "standard"}]
    found = market.compare(NEW, items, at=DAY, tier="batch")
    assert [call.tier for call in found.calls] == ["batch", "standard"]
    assert found.costs[0].total == Decimal("0.00175") + Decimal("0.0035")


def test_what_cannot_be_priced_is_told_and_is_never_0(market: ModuleType) -> None:
    found = market.compare([NEW, FREE, GAMMA, CALL], {"input": 1000, "output": 10}, at=DAY)
    assert [one.deployment for one in found.costs] == [NEW, CALL]
    assert reasons(found) == {FREE: "not_priced", GAMMA: "not_metered"}
    texts = {one.id: one.text for one in found.excluded}
    assert "`output`" in texts[FREE]
    assert "not metered" in texts[GAMMA]


def test_free_is_a_price(market: ModuleType) -> None:
    found = market.compare([NEW, FREE], {"input": 1000}, at=DAY)
    assert totals(found)[0] == (FREE, "0")


def test_a_tier_that_is_not_offered(market: ModuleType) -> None:
    found = market.compare([NEW, OLD], SMALL, at=DAY, tier="batch")
    assert totals(found) == [(NEW, "0.00175")]
    (left,) = found.excluded
    assert (left.id, left.reason) == (OLD, "request")
    assert "'batch'" in left.text


def test_a_currency_without_a_rate_is_no_dollar(market: ModuleType) -> None:
    found = market.compare([NEW, EURO], SMALL, at="2025-12-31")
    assert [one.deployment for one in found.costs] == [NEW]
    assert reasons(found) == {EURO: "currency"}
    assert "EUR" in found.excluded[0].text
    (euro,) = market.compare([EURO], SMALL, at="2025-12-31", currency="EUR").costs
    assert (euro.total, euro.currency, euro.converted) == (Decimal("0.0013"), "EUR", ())
    (dollars,) = market.compare([EURO], SMALL, at=DAY).costs
    assert dollars.converted == ("EUR",)


@pytest.mark.parametrize(
    ("usage", "reason", "said"),
    [
        ({"input": 128_000, "output": 16_384}, None, ""),
        ({"input": 128_001, "output": 0}, "context", "at most 128,000 input tokens"),
        ({"input": 1, "output": 16_385}, "max_output", "at most 16,384 tokens"),
        ({"input": 200_000, "output": 10, "requests": 2}, None, ""),
    ],
)
def test_a_call_that_does_not_fit(
    market: ModuleType, usage: Any, reason: str | None, said: str
) -> None:
    found = market.compare(OLD, usage, at=DAY)
    assert reasons(found) == ({OLD: reason} if reason else {})
    assert all(said in one.text for one in found.excluded)


def test_a_price_of_the_day(market: ModuleType) -> None:
    later = market.compare(NEW, SMALL, at="2026-12-01").costs[0].total
    assert later == Decimal("0.003")
    assert market.compare(NEW, SMALL, at="2025-01-01").excluded[0].reason == "not_priced"


def test_a_selection_brings_its_time(market: ModuleType) -> None:
    chosen = market.get_models_for_pipeline("text-generation", at="2025-06-01")
    found = market.compare(chosen, SMALL)
    assert found.at == "2025-06-01T00:00:00Z"
    assert dict(totals(found))[MOVING] == "0.0065"  # what the name meant then
    assert market.compare(chosen, SMALL, at=DAY).at == "2026-11-01T00:00:00Z"


def test_requirements_choose_and_limit_after_sorting(market: ModuleType) -> None:
    needs = Requirements(pipeline="text-generation", limit=2)
    found = market.compare(needs, SMALL, at=DAY)
    assert [one.deployment for one in found.costs] == [HOURLY, EURO]
    assert reasons(found) == {CALL: "limit", MOVING: "limit", NEW: "limit", GAMMA: "not_metered"}


def test_an_alias_and_an_id_are_one_deployment(market: ModuleType) -> None:
    record = market.get_deployment(NEW)
    found = market.compare([NEW, record, NEW.upper(), "alpha-1-2025-08-15"], SMALL, at=DAY)
    assert totals(found) == [(NEW, "0.0035")]


def test_allowances_are_told(market: ModuleType) -> None:
    (one,) = market.compare(CALL, {"usage": SMALL, "count": 100}, at=DAY).costs
    assert (one.total, one.allowances) == (Decimal("1.00"), {"requests": "50 per day"})


@pytest.mark.parametrize(
    ("workload", "said"),
    [
        ([], "the workload has no calls"),
        ("input", "a workload is a usage or a list of them"),
        (5, "a workload is a usage or a list of them"),
        (None, "a workload is a usage or a list of them"),
        ({"inptu": 5}, "did you mean `input`"),
        ([SMALL, {"inptu": 5}], "item 2 of the workload: unknown unit 'inptu'"),
        ([SMALL, {"usage": {"inptu": 5}}], "item 2 of the workload: unknown unit 'inptu'"),
        ([{"usage": SMALL, "cuont": 5}], "item 1 of the workload: unknown field 'cuont'"),
        ([[1]], "item 1 of the workload: it is a usage"),
        ([{"usage": 5}], "item 1 of the workload: a usage is a mapping"),
        ([{"usage": SMALL, "count": 0}], "`count` takes a whole number from 1"),
        ([{"usage": SMALL, "count": True}], "`count` takes a whole number"),
        ([{"usage": SMALL, "count": Decimal("1.5")}], "`count` takes a whole number"),
        ([{"usage": SMALL, "count": Decimal("nan")}], "`count` takes a whole number"),
        ([{"usage": SMALL, "count": 10**4500}], "`count` takes a whole number"),
        ([{"usage": SMALL, "tier": 5}], "`tier` takes a text"),
        ({"input": -1}, "`input` cannot be below 0"),
        ({"input": 1.5}, "`input` counts whole tokens"),
        ({"input": float("nan")}, "takes a number of tokens"),
        ({"input": 10**16}, "that is a mistake"),
        ({"input": 5, "cache_read": 6}, "more than `input`"),
        ({"cache_read": 6}, "whose count is missing"),
    ],
)
def test_workloads_that_cannot_be(market: ModuleType, workload: Any, said: str) -> None:
    with pytest.raises(RequestError, match=re.escape(said)):
        market.compare([NEW, OLD], workload, at=DAY)


def test_a_count_may_be_written_with_an_exponent(market: ModuleType) -> None:
    (call,) = market.compare(NEW, {"usage": SMALL, "count": Decimal("1E+3")}, at=DAY).calls
    assert (call.count, type(call.count)) == (1000, int)


def test_too_many_kinds_of_call(market: ModuleType) -> None:
    with pytest.raises(RequestError, match="kinds of call"):
        market.compare(NEW, [{"input": n} for n in range(KINDS + 1)], at=DAY)


def test_names_without_meaning(market: ModuleType) -> None:
    with pytest.raises(NotFoundError, match="did you mean"):
        market.compare(["acme:alpha-2"], SMALL)
    with pytest.raises(RequestError, match="the catalog knows USD, EUR"):
        market.compare([NEW], SMALL, currency="GBP")
    with pytest.raises(RequestError):
        market.compare(5, SMALL)
    with pytest.raises(RequestError):
        market.compare(NEW, SMALL, at="yesterday")
    assert issubclass(AmbiguousError, ModelbookError)


def test_cheapest_is_what_price_says(market: ModuleType) -> None:
    found = market.cheapest(SMALL, "text_generation", at=DAY, limit=3)
    assert [one.deployment for one in found] == [HOURLY, EURO, MOVING]
    assert found[2] == market.price(MOVING, SMALL, at=DAY)
    assert found[1] == market.price(EURO, SMALL, at=DAY, currency="USD")
    assert [
        one.deployment for one in market.cheapest(SMALL, requires="tools", at=DAY, tier="batch")
    ] == [
        MOVING,
        NEW,
    ]
    assert market.cheapest(SMALL, provider="vllm", at=DAY, limit=0) == ()
    assert {one.currency for one in market.cheapest(SMALL, at=DAY, currency="EUR")} == {"EUR"}


usages = st.fixed_dictionaries(
    {"input": st.integers(0, 100_000), "output": st.integers(0, 16_000)}
).flatmap(
    lambda one: st.integers(0, one["input"]).map(lambda cached: {**one, "cache_read": cached})
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(usages, st.integers(1, 10**9)), min_size=1, max_size=4))
def test_totals_are_exact_whatever_the_application_rounds(
    calls: list[tuple[dict[str, int], int]],
) -> None:
    """The comparison equals `price`, call by call, in fractions; contexts of others do not show."""
    book = modelbook_catalog
    chosen = book.get_models_for_pipeline("text-generation", at=DAY, provider="openai")
    with localcontext(Context(prec=3)):
        found = book.compare(chosen, [{"usage": u, "count": n} for u, n in calls])
    assert found.costs
    assert len(found.costs) + len(found.excluded) == len(chosen)
    for one in found.costs[:10]:
        each = (Fraction(book.price(one.deployment, u, at=DAY).total) * n for u, n in calls)
        assert Fraction(one.total) == sum(each)
        assert sum(Fraction(line.amount) for line in one.lines) == Fraction(one.total)
    ordered = [(one.total, one.deployment) for one in found.costs]
    assert ordered == sorted(ordered)


def test_history_of_a_price(market: ModuleType) -> None:
    steps = history(market.catalog(), NEW, SMALL)
    assert [(one.from_, one.until, one.cost and f"{one.cost.total:f}") for one in steps] == [
        ("2025-08-15T00:00:00Z", "2026-12-01T00:00:00Z", "0.0035"),
        ("2026-12-01T00:00:00Z", None, "0.003"),
    ]


def test_history_of_a_name_that_moves_and_of_one_that_is_gone(market: ModuleType) -> None:
    moving = history(market.catalog(), MOVING, SMALL)
    assert [f"{one.cost.total:f}" for one in moving if one.cost] == ["0.0065", "0.0035", "0.003"]
    assert moving[1].from_ == "2025-09-01T00:00:00Z"
    (old,) = history(market.catalog(), OLD, SMALL)
    assert (old.from_, old.until) == ("2025-03-01T00:00:00Z", "2026-03-01T00:00:00Z")


def test_history_in_another_currency_has_times_that_are_not_known(market: ModuleType) -> None:
    (one,) = history(market.catalog(), EURO, SMALL)
    assert one.cost is not None
    assert one.cost.currency == "EUR"
    (dollars,) = history(market.catalog(), EURO, SMALL, currency="USD")
    assert dollars.from_ == "2026-01-01T00:00:00Z"  # the first rate; before it nobody knows


def test_history_of_what_did_not_change(market: ModuleType) -> None:
    (one,) = history(market.catalog(), NEW, {"output": 100})  # only the input changes its price
    assert (one.from_, one.until) == ("2025-08-15T00:00:00Z", None)


def test_history_ends_with_the_deployment(market: ModuleType) -> None:
    (one,) = history(market.catalog(), "acme:euro-0", SMALL)
    assert (one.from_, one.until) == ("2025-03-01T00:00:00Z", "2025-12-01T00:00:00Z")
    with pytest.raises(NotPricedError, match="exchange rate"):  # the first is of the time after it
        history(market.catalog(), "acme:euro-0", SMALL, currency="USD")


def test_history_without_any_price(market: ModuleType) -> None:
    with pytest.raises(ModelbookError, match="not metered"):
        history(market.catalog(), GAMMA, SMALL)
    with pytest.raises(RequestError):
        history(market.catalog(), NEW, SMALL, tier="fast")


def test_every_step_costs_what_price_says_in_it() -> None:
    book = modelbook_catalog
    for id in ("openai:gpt-4o", "google:gemini-flash-latest", "openai:gpt-3.5-turbo"):
        for step in history(book.catalog(), id, SMALL):
            if step.cost and step.from_:
                assert book.price(id, SMALL, at=step.from_).total == step.cost.total


def test_totals_are_exact_where_one_call_has_no_end(market: ModuleType) -> None:
    # ten seconds at 0.36 an hour cost a thousandth; eleven have no decimal
    usage = {"input_audio_seconds": 11}
    one = market.get_deployment("acme:alpha-1-2025-08-15")
    odd = one.changed(prices=(price_record({"input_audio_seconds": "0.111"}),))
    found = market.compare([odd], [{"usage": usage, "count": 3600}], at="2026-03-01")
    assert found.costs[0].total == Decimal("1.221")
    assert found.costs[0].lines[0].amount == Decimal("1.221")
