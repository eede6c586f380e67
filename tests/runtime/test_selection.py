"""Selection: the shipped catalog asked at random, against an oracle written from the records."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Context, Decimal, Inexact, Rounded, localcontext
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.errors import ModelbookError, NotFoundError, RequestError
from modelbook.instants import instant as instant_of
from modelbook.records import CAPABILITIES, DERIVED_CAPABILITIES, Deployment
from modelbook.selection import Selection
from modelbook_catalog import (
    catalog,
    deployment_ids,
    get_deployment,
    get_models_by_capability,
    get_models_by_provider,
    get_models_for_pipeline,
    pipeline_ids,
    provider_ids,
)

Ask: TypeAlias = dict[str, Any]

ALL = tuple(map(get_deployment, deployment_ids()))
TURNS = sorted(
    {turn for one in ALL for entry in one.prices for turn in (entry.from_, entry.until) if turn}
    | {day for one in ALL for day in (one.lifecycle.retired_on, one.released) if day}
)
DAYS = [turn for turn in TURNS if len(turn) != 4 and len(turn) != 7]
COSTS = sorted(
    {
        cost / 1000
        for one in ALL
        for entry in one.prices
        for cost in [entry.amounts.get("input")]
        if cost
    }
)
instant = cache(instant_of)
HALF_A_NANO = Decimal("0.0000000000005")
caps = st.sampled_from(COSTS).flatmap(
    lambda cost: st.sampled_from(
        [cost, cost - HALF_A_NANO, cost + HALF_A_NANO, float(cost), str(cost)]
    )
)
asks = st.fixed_dictionaries(
    {"at": st.sampled_from(DAYS)},
    optional={
        "include_api": st.booleans(),
        "include_self_hosted": st.booleans(),
        "provider": st.lists(st.sampled_from(provider_ids()), max_size=4),
        "min_context_length": st.one_of(
            st.sampled_from([0, 1, 4096, 8192, 128_000, 128_001, 1_000_000]),
            st.integers(0, 2_000_000),
        ),
        "max_cost_per_1k": st.one_of(caps, st.just(0), st.floats(0, 1, allow_nan=False)),
        "requires": st.sets(st.sampled_from([*CAPABILITIES, *DERIVED_CAPABILITIES]), max_size=2),
        "include_retired": st.booleans(),
        "limit": st.integers(0, 60),
    },
)
pipelines = st.one_of(
    st.sampled_from(["text-generation", "image-text-to-text", "feature-extraction"]),
    st.sampled_from(pipeline_ids()),
)


def exact(cap: float | str | Decimal) -> Decimal:
    """Return a cap as its text reads."""
    return Decimal(repr(cap) if isinstance(cap, float) else cap)


@cache
def price(id: str, at: str) -> Decimal | None:
    """Return the standard input price of 1,000 tokens in USD."""
    one = get_deployment(id)
    if any(entry.currency != "USD" for entry in one.prices):
        return None
    cost = any_hour(id).price("input", at)
    return None if cost is None else cost / 1000


@cache
def any_hour(id: str) -> Deployment:
    """Return a deployment without what it costs in some hours: a selection is not of one hour."""
    one = get_deployment(id)
    usual = tuple(entry for entry in one.prices if entry.when.window is None)
    return one if len(usual) == len(one.prices) else one.changed(prices=usual)


def too_dear(one: Deployment, ask: Ask) -> bool:
    """Tell whether a deployment fails a cap."""
    if "max_cost_per_1k" not in ask or (one.source_type == "self-hosted" and not one.prices):
        return False
    cost = price(one.id, ask["at"])
    return cost is None or cost > exact(ask["max_cost_per_1k"])


def released(one: Deployment) -> str:
    """Return when a deployment began to answer; empty where not known."""
    return one.lifecycle.released or one.released or ""


FAULTS: dict[str, Callable[[Deployment, str, Ask], bool]] = {
    "fine_tuned": lambda one, _, __: one.fine_tuned,
    "pipeline": lambda one, pipeline, _: pipeline not in one.pipelines,
    "source_type": lambda one, _, ask: (
        not ask.get("include_api" if one.source_type == "api" else "include_self_hosted", True)
    ),
    "provider": lambda one, _, ask: one.provider not in ask.get("provider", [one.provider]),
    "retired": lambda one, _, ask: (
        not ask.get("include_retired", False)
        and one.lifecycle.retired_on is not None
        and instant(one.lifecycle.retired_on) <= instant(ask["at"])
    ),
    "not_released": lambda one, _, ask: released(one) > instant(ask["at"]),
    "context": lambda one, _, ask: (
        "min_context_length" in ask
        and (one.limits.context is None or one.limits.context < ask["min_context_length"])
    ),
    "cost": lambda one, _, ask: too_dear(one, ask),
    "requires": lambda one, _, ask: any(
        one.supports(name) is not True for name in ask.get("requires", ())
    ),
}
"""Reason of an exclusion to the test that it is true."""


def oracle(pipeline: str, ask: Ask) -> list[str]:
    """Return the ids that meet every requirement, best first, before any limit."""
    kept = [one for one in ALL if not any(fault(one, pipeline, ask) for fault in FAULTS.values())]

    def rank(one: Deployment) -> tuple[bool, bool, Decimal, str]:
        cost = price(one.id, ask["at"])
        return one.pipelines[0] != pipeline, cost is None, cost or Decimal(0), one.id

    return [one.id for one in sorted(kept, key=rank)]


@settings(max_examples=100, deadline=None)
@given(pipelines, asks)
def test_selection_agrees_with_the_oracle(pipeline: str, ask: Ask) -> None:
    found = get_models_for_pipeline(pipeline, **ask)
    expected = oracle(pipeline, ask)
    assert list(found.ids) == expected[: ask.get("limit")]
    assert [one.id for one in found] == list(found.ids)
    excluded = {one.id: one.reason for one in found.excluded}
    assert len(found) + len(excluded) == len(ALL)
    assert sorted({*excluded, *found.ids}) == list(deployment_ids())
    beyond = set(expected[len(found) :])
    for id, reason in [*excluded.items()][:: 1 + len(excluded) // 500]:
        if reason == "limit":
            assert id in beyond
        else:
            assert FAULTS[reason](get_deployment(id), pipeline, ask)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(provider_ids()), min_size=1, max_size=3), st.sampled_from(DAYS))
def test_by_provider_agrees_with_the_oracle(providers: list[str], at: str) -> None:
    found = get_models_by_provider(providers, at=at)
    everything = {"provider": providers, "at": at}
    checks = [FAULTS[name] for name in ("fine_tuned", "provider", "retired", "not_released")]
    expected = {one.id for one in ALL if not any(check(one, "", everything) for check in checks)}
    assert set(found.ids) == expected
    assert len(found.ids) == len(expected)


def test_by_capability() -> None:
    found = get_models_by_capability("tools", "vision")
    assert found
    assert all(one.supports("tools") and one.supports("vision") for one in found)
    reasons = {one.reason for one in found.excluded}
    assert "requires" in reasons


@pytest.fixture(scope="module")
def chosen() -> Selection:
    """Return a selection with a handful of deployments."""
    return get_models_for_pipeline("text-generation", at="2026-11-01", limit=5)


def test_is_a_sequence(chosen: Selection) -> None:
    assert len(chosen) == 5
    assert list(chosen) == [chosen[n] for n in range(5)]
    assert chosen[-1] == chosen[4]
    assert chosen[1:3] == (chosen[1], chosen[2])
    assert chosen[::-1] == tuple(reversed(chosen))
    assert chosen[0] in chosen
    assert get_deployment("openai:whisper-1") not in chosen
    assert chosen.index(chosen[2]) == 2
    assert chosen.count(chosen[0]) == 1
    assert bool(chosen)
    assert not get_models_for_pipeline("text-generation", limit=0)
    with pytest.raises(IndexError):
        chosen[5]


def test_cannot_change(chosen: Selection) -> None:
    with pytest.raises(TypeError):
        chosen[0] = chosen[1]  # type: ignore[index]
    with pytest.raises(TypeError):
        del chosen[0]  # type: ignore[attr-defined]
    for name in ("ids", "at", "requirements", "other"):
        with pytest.raises(AttributeError, match="frozen"):
            setattr(chosen, name, ())
    assert copy.copy(chosen).ids == chosen.ids


def test_repr_shows_ids(chosen: Selection) -> None:
    assert repr(chosen).startswith(f"<Selection of 5: {chosen.ids[0]}, ")


def test_equal_questions_share_their_answer() -> None:
    one = get_models_for_pipeline("causal_lm", max_cost_per_1k=0.01, at="2026-01-01")
    two = get_models_for_pipeline("text-generation", max_cost_per_1k="0.010", at="2026-01-01")
    assert one is two
    assert one.requirements.pipeline == "text-generation"
    assert one.at == "2026-01-01T00:00:00Z"


def test_many_questions_do_not_pile_up() -> None:
    for limit in range(300):
        get_models_for_pipeline("text-generation", limit=limit, at="2026-01-01")
    assert len(catalog()._selections) <= 257


def test_a_cap_of_nothing_leaves_the_free_and_the_unmetered() -> None:
    found = get_models_for_pipeline("text-classification", max_cost_per_1k=0, at="2026-11-01")
    assert "openai:omni-moderation-latest" in found.ids
    for one in found:
        free = one.price("input", "2026-11-01") == 0
        assert free or (one.source_type == "self-hosted" and not one.prices)


@pytest.mark.parametrize("spelling", [0.005, "0.005", Decimal("0.005"), "5e-3", 0.0050000000001, 1])
def test_a_cap_is_inclusive(spelling: float | str | Decimal) -> None:
    ask = get_models_for_pipeline("text-generation", max_cost_per_1k=spelling, at="2024-06-01")
    assert "openai:gpt-4o" in ask.ids


@pytest.mark.parametrize(
    "spelling", [0.00499999, "0.0049999999999", Decimal("0.00" + "4" + "9" * 40), 0, "1e-999999"]
)
def test_a_cap_just_below_a_price(spelling: float | str | Decimal) -> None:
    ask = get_models_for_pipeline("text-generation", max_cost_per_1k=spelling, at="2024-06-01")
    assert "openai:gpt-4o" not in ask.ids
    reasons = {one.id: one for one in ask.excluded}
    assert reasons["openai:gpt-4o"].reason == "cost"
    assert reasons["openai:gpt-4o"].text == "costs 0.005 USD per 1,000 standard input tokens"


@pytest.mark.parametrize("spelling", ["1e999999", 10**40, Decimal("1E+500")])
def test_an_immense_cap(spelling: str | int | Decimal) -> None:
    assert get_models_for_pipeline("text-generation", max_cost_per_1k=spelling)


def test_a_subclass_of_float_is_a_float() -> None:
    class Scalar(float):
        """As numpy's, which shows its type."""

        def __repr__(self) -> str:
            """Show the type."""
            return f"Scalar({float(self)})"

    found = get_models_for_pipeline("text-generation", max_cost_per_1k=Scalar(0.005))
    assert found is get_models_for_pipeline("text-generation", max_cost_per_1k=0.005)


def steps() -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    """Return every change of a standard input price: deployment, instant, before, from then on."""
    out = []
    for id, _, price, _, _ in (line for _, lines in catalog().index() for line in lines):
        if isinstance(price, tuple):
            known = [
                (start, None if nano is None else Decimal(nano) / 10**12) for start, nano in price
            ]
            out += [(id, at, before, after) for (_, before), (at, after) in pairwise(known)]
    return out


@pytest.mark.parametrize(("id", "start", "before", "after"), steps())
def test_a_price_changes_on_its_very_instant(
    id: str, start: str, before: Decimal | None, after: Decimal | None
) -> None:
    one = get_deployment(id)
    ask: Ask = {"include_retired": True, "provider": one.provider}
    eve = datetime.fromisoformat(start) - timedelta(seconds=1)
    for at, cost in ((start, after), (eve, before)):
        if instant(at) < released(one):
            continue
        if cost is None:
            found = get_models_for_pipeline(one.pipelines[0], at=at, max_cost_per_1k=10**6, **ask)
            assert id not in found.ids
            continue
        assert any_hour(id).price("input", at) == cost * 1000
        found = get_models_for_pipeline(one.pipelines[0], at=at, max_cost_per_1k=cost, **ask)
        assert id in found.ids
        if cost:
            below = cost - HALF_A_NANO
            found = get_models_for_pipeline(one.pipelines[0], at=at, max_cost_per_1k=below, **ask)
            assert id not in found.ids


NONSENSE: tuple[object, ...] = (
    -1,
    -0.01,
    "-1",
    float("nan"),
    float("inf"),
    "NaN",
    "Infinity",
    True,
    False,
    "",
    "cheap",
    "0,01",
    "0.01 USD",
    [],
    {},
    b"1",
    object(),
    Fraction(1, 100),
    1j,
)


@pytest.mark.parametrize("cap", NONSENSE)
def test_a_cap_without_meaning_is_refused(cap: object) -> None:
    with pytest.raises(RequestError, match="max_cost_per_1k"):
        get_models_for_pipeline("text-generation", max_cost_per_1k=cap)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["min_context_length", "limit"])
@pytest.mark.parametrize("count", [-1, 8192.0, "8192", True, float("nan"), [], 1j])
def test_a_count_without_meaning_is_refused(name: str, count: object) -> None:
    ask: Ask = {name: count}
    with pytest.raises(RequestError, match=name) as caught:
        get_models_for_pipeline("text-generation", **ask)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("ask", "nearest"),
    [
        ({"requires": "visoin"}, "vision"),
        ({"requires": {"tools", "json_shema"}}, "json_schema"),
        ({"requires": "Vison"}, "vision"),
        ({"provider": "opnai"}, "openai"),
        ({"provider": ["anthropic", "gogle"]}, "google"),
        ({"provider": "OpenAII"}, "openai"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(ask: Ask, nearest: str) -> None:
    with pytest.raises(ModelbookError, match=f"`{nearest}`") as caught:
        get_models_for_pipeline("text-generation", **ask)
    assert caught.value.nearest[0] == nearest


@pytest.mark.parametrize(
    "ask",
    [
        {"requires": 5},
        {"requires": [5]},
        {"requires": None},
        {"provider": 5},
        {"provider": [None]},
        {"provider": True},
        {"at": "yesterday"},
        {"at": 20260101},
        {"at": "2026-02-30"},
        {"at": ""},
    ],
)
def test_a_value_of_another_kind_is_refused(ask: Ask) -> None:
    with pytest.raises(RequestError):
        get_models_for_pipeline("text-generation", **ask)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("text-generatoin", "text-generation"), ("sumarization", "summarization"), ("asrr", "asr")],
)
def test_an_unknown_pipeline_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        get_models_for_pipeline(name)
    assert caught.value.nearest[0] == nearest
    assert caught.value.id == name


@pytest.mark.parametrize("name", ["", "\u2603", 5, b"asr", ["text-generation"]])
def test_a_pipeline_without_meaning_is_refused(name: object) -> None:
    with pytest.raises(NotFoundError):
        get_models_for_pipeline(name)  # type: ignore[arg-type]


def test_an_exotic_decimal_context_changes_nothing() -> None:
    with localcontext(Context(prec=2, traps=[Inexact, Rounded])):
        found = get_models_for_pipeline(
            "text-generation", max_cost_per_1k=0.0123456, at="2026-01-02"
        )
    expected = oracle("text-generation", {"max_cost_per_1k": 0.0123456, "at": "2026-01-02"})
    assert list(found.ids) == expected


def test_membership_is_by_record_or_id() -> None:
    selection = get_models_for_pipeline("text-generation", provider="groq")
    assert selection[0] in selection
    assert selection.ids[0] in selection
    assert "openai:gpt-4o" not in selection
    assert None not in selection
