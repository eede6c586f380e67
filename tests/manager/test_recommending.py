"""Every reason of a recommendation is true: worked out once more, from the records."""

from __future__ import annotations

import re
from decimal import Decimal
from inspect import signature
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.errors import RequestError
from modelbook.manager import ModelManager
from modelbook.manager.recommending import FILTERS
from modelbook.package import find

from .conftest import HERE, model

AT = "2026-01-01"
PRICES = st.sampled_from(["0.10", "0.25", "0.30", "7", "free", None])


def priced(prices: list[tuple[str | None, bool]]) -> ModelManager:
    """Return a manager with a deployment for each price; some serve chat as a second type."""
    made = ModelManager(None)
    made.register_many([{"id": "api", "name": "API", "kind": "api"}, HERE])
    types = ("text-generation", "image-text-to-text")
    for n, (price, first) in enumerate(prices):
        facts = {"prices": [{"input": price, "output": "1"}]} if price else {}
        where = "api" if n % 2 else "here"
        made.register(
            model(
                n, pipelines=types if first else types[::-1], deployments={f"{where}:m-{n}": facts}
            )
        )
    return made


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PRICES, st.booleans()), min_size=1, max_size=7), st.booleans())
def test_reasons_are_true(prices: list[tuple[str | None, bool]], used: bool) -> None:
    manager = priced(prices)
    usage = {"input": 1000, "output": 10} if used else None
    filters: dict[str, Any] = {"at": AT, "min_context_length": 1001}
    chosen = manager.get_models_for_pipeline("text-generation", **filters)
    found = manager.recommend("text-generation", usage=usage, top=10, **filters)

    def amount(id: str) -> Decimal | None:
        one = manager.get_deployment(id)
        if one.price("input", AT) is None:
            return None
        return manager.price(one, usage, at=AT).total if usage else one.price("input", AT)

    known = {id: amount(id) for id in chosen.ids}
    fits = [id for id in chosen.ids if not used or known[id] is not None]
    assert sorted(one.deployment.id for one in found) == sorted(fits)
    if used:
        paid = [one for one in known.values() if one is not None]
        assert [one.cost for one in found] == sorted(paid)
    else:
        assert [one.deployment.id for one in found] == fits
    assert [one.rank for one in found] == [*range(1, len(found) + 1)]
    for place, one in enumerate(found):
        check(one, found[place + 1] if found[place + 1 :] else None, known, len(chosen))
        if used and place + 1 == len(found) < len(chosen):
            assert one.reasons[-1].endswith("at the others that fit is not known")


def check(one: Any, after: Any, known: dict[str, Decimal | None], count: int) -> None:
    """Assert that what a recommendation says of itself is so."""
    id, first, last = one.deployment.id, one.reasons[0], one.reasons[-1]
    mine = known[id]
    others = [other for key, other in known.items() if key != id and other is not None]
    if mine is None:
        own = one.deployment.source_type == "self-hosted"
        assert ("no price is asked per token" if own else "is not known") in first
    elif count > 1:
        stated = re.search(r"costs? (nothing|[0-9.]+ USD)", first)
        assert stated
        assert Decimal(stated[1].removesuffix(" USD").replace("nothing", "0")) == mine
        assert ("the least of" in first) == all(mine < other for other in others)
        assert ("none of" in first) == (mine <= min(others, default=mine) and mine in others)
        fewer = re.search(r": (\d+) of .* costs? less", first)
        assert (int(fewer[1]) if fewer else 0) == sum(other < mine for other in others)
    assert (
        f"has a context of {one.deployment.limits.context:,} tokens, where 1,001" in one.reasons[2]
    )
    assert ("is its primary" in one.reasons[1]) == (
        one.deployment.pipelines[0] == "text-generation"
    )
    if after is None:
        assert "nothing else" in last or "it is the last" in last or "the others" in last
    else:
        assert f"next comes `{after.deployment.id}`" in last
        theirs = known[after.deployment.id]
        if "at the same price" in last:
            assert mine == theirs
        if "times as much" in last:
            assert theirs >= 2 * mine  # type: ignore[operator]


def test_a_recommendation_is_frozen_and_counts_those_that_fit() -> None:
    manager = priced([("0.25", True), ("0.25", True), ("7", True)])
    best = manager.recommend("causal_lm", top=1, at=AT)[0]
    assert best.deployment.id == "api:m-1"
    assert best.reasons == (
        "1M input tokens cost 0.25 USD: none of the 3 that fit costs less, and 1 cost the same",
        "text-generation is its primary pipeline type",
        "has a context of 1,001 tokens",
        "next comes `here:m-0`, at the same price, by its id",
    )
    with pytest.raises(AttributeError):
        best.rank = 2  # type: ignore[misc]
    for wrong in ({"top": 0}, {"top": True}, {"limit": 3}):
        with pytest.raises(RequestError):
            manager.recommend("causal_lm", **wrong)
    assert manager.recommend("translation") == ()


def test_a_filter_that_there_is_not_is_named_with_the_nearest() -> None:
    manager = priced([("1.00", True)])
    with pytest.raises(RequestError, match="there is no filter `foo`"):
        manager.recommend("text-generation", foo=1)  # type: ignore[call-arg]
    with pytest.raises(RequestError, match="did you mean `provider`"):
        manager.recommend("text-generation", providr="here")  # type: ignore[call-arg]
    known = {*signature(find).parameters} - {"catalog", "pipeline"}
    assert {*FILTERS} == known
