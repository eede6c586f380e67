"""One price list out of several: who gives it, who fills it in, what conditions become of names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook_importers.market.claims import Source
from modelbook_importers.reconcile.price_lists import PriceList, agree, agreed, live, same

from .conftest import DAY, Shop, cost, mtok

PREMIUM = {"litellm_provider": "azure", "mode": "chat"}


AMOUNTS = st.sampled_from(["1", "1.00", "1.0000001", "2.5", "3", "7", "unknown"])
WHEN = st.sampled_from([None, {"tier": "batch"}, {"context_above": 1000}])
DAYS = st.sampled_from([None, "2026-01-01", "2026-11-20", "2027-01-01"])


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    """Return a price entry of the catalog's grammar."""
    units = draw(
        st.dictionaries(st.sampled_from(["input", "output", "cache_read"]), AMOUNTS, min_size=1)
    )
    when, since = draw(WHEN), draw(DAYS)
    head = {name: one for name, one in (("when", when), ("from", since)) if one}
    return {**head, **units}


@st.composite
def price_lists(draw: st.DrawFn) -> list[PriceList]:
    """Return lists of some sources, the most trusted first."""
    found = draw(st.lists(st.lists(entries(), min_size=1, max_size=4), min_size=1, max_size=4))
    return [
        PriceList(Source(f"source{place}", "1", "https://example.com", None), live(one))
        for place, one in enumerate(found)
    ]


def test_a_list_is_filled_in_from_those_that_agree_only(shop: Shop) -> None:
    shop.take(
        shop.litellm({"gpt-x": ("openai", 2.5, 10)}),
        shop.genai({("openai", "gpt-x"): mtok("2.5", "10", ", cache_read_mtok=Decimal('0.25')")}),
        shop.models_dev({("openai", "gpt-x"): cost(2.5, 11, cache_write=3)}),
    )
    units = {unit: row[unit] for row in shop.sold("openai:gpt-x")["prices"] for unit in row}
    assert units == {"input": "2.50", "output": "10.00", "cache_read": "0.25"}
    named = {one["note"] for one in shop.sold("openai:gpt-x")["sources"]}
    assert named == {"litellm 1.109.1", "genai-prices 0.2.3"}
    says = [one["says"] for one in shop.lost("openai:gpt-x")]
    assert says == [{"prices.cache_write": "3.00", "prices.output": "11.00"}] or says == [
        {"prices.output": "11.00"}
    ]


def test_former_prices_come_from_the_source_that_has_them(shop: Shop) -> None:
    day = "constraint=StartDateConstraint(start_date=datetime.date(2026, 3, 1))"
    later = f"ConditionalPrice({day}, prices={mtok('2.5', '10')})"
    former = f"[ConditionalPrice(prices={mtok('5', '20')}), {later}]"
    shop.take(
        shop.litellm({"gpt-x": ("openai", 2.5, 10)}), shop.genai({("openai", "gpt-x"): former})
    )
    rows = shop.sold("openai:gpt-x")["prices"]
    assert rows == [
        {"input": "5.00", "output": "20.00"},
        {"from": "2026-03-01", "input": "2.50", "output": "10.00"},
    ]
    assert not shop.lost("openai:gpt-x")


def test_former_prices_of_a_source_that_does_not_agree_are_left(shop: Shop) -> None:
    day = "constraint=StartDateConstraint(start_date=datetime.date(2026, 3, 1))"
    later = f"ConditionalPrice({day}, prices={mtok('3', '10')})"
    former = f"[ConditionalPrice(prices={mtok('5', '20')}), {later}]"
    shop.take(
        shop.litellm({"gpt-x": ("openai", 2.5, 10)}), shop.genai({("openai", "gpt-x"): former})
    )
    assert shop.sold("openai:gpt-x")["prices"] == [{"input": "2.50", "output": "10.00"}]
    (claim,) = shop.lost("openai:gpt-x")
    assert claim["says"] == {"prices.input": "3.00"}


def test_what_a_later_entry_overrides_is_no_price(shop: Shop) -> None:
    """genai-prices takes the last that applies: the list ends with a price without a day."""
    day = "constraint=StartDateConstraint(start_date=datetime.date(2026, 3, 1))"
    dated = f"ConditionalPrice({day}, prices={mtok('2.5', '10')})"
    plain = f"ConditionalPrice(prices={mtok('5', '20')})"
    shop.take(shop.genai({("openai", "gpt-x"): f"[{dated}, {plain}]"}))
    assert shop.sold("openai:gpt-x")["prices"] == [{"input": "5.00", "output": "20.00"}]


@settings(max_examples=100, deadline=None)
@given(st.lists(entries(), min_size=1, max_size=5))
def test_leaving_out_what_is_overridden_changes_no_price(rows: list[dict[str, Any]]) -> None:
    source = Source("litellm", "1", "https://example.com", None)
    raw, plain = PriceList(source, tuple(rows)), PriceList(source, live(rows))
    for day in ("2025-01-01", DAY, "2028-01-01"):
        assert raw.standing(day) == plain.standing(day)


def test_regions_before_a_name_become_conditions_of_the_price(shop: Shop) -> None:
    shop.take(
        shop.litellm(
            {
                "azure/gpt-4o": ("azure", 2.5, 10),
                "azure/eu/gpt-4o": ("azure", 2.75, 11),
                "azure/us/gpt-4o": ("azure", 2.5, 10),
            }
        )
    )
    assert shop.sold("azure:gpt-4o")["prices"] == [
        {"input": "2.50", "output": "10.00"},
        {"when": {"region": "eu"}, "input": "2.75", "output": "11.00"},
    ]
    assert not (shop.catalog / "providers/azure/deployments/eu").exists()
    shop.check()


def test_sizes_and_qualities_of_images_become_conditions(shop: Shop) -> None:
    def image(price: float) -> dict[str, Any]:
        return {
            "litellm_provider": "openai",
            "mode": "image_generation",
            "input_cost_per_image": price,
        }

    shop.take(
        shop.litellm(
            {
                "high/1024-x-1536/gpt-image-1": image(0.25),
                "low/1024-x-1024/gpt-image-1": image(0.011),
            }
        )
    )
    rows = shop.sold("openai:gpt-image-1")["prices"]
    whens = [row["when"] for row in rows]
    assert {"size": "1024x1536", "quality": "high"} in whens
    assert {"size": "1024x1024", "quality": "low"} in whens
    shop.check()


def test_what_is_paid_ahead_is_left_out(shop: Shop) -> None:
    rows = {
        "bedrock/us-east-1/1-month-commitment/cohere.command-text-v14": ("bedrock", 0.75, 1),
        "cohere.command-text-v14": ("bedrock", 1.5, 2),
    }
    shop.take(shop.litellm(rows))
    listed = shop.sold("amazon-bedrock:cohere.command-text-v14")["prices"]
    assert listed == [{"input": "1.50", "output": "2.00"}]


def test_a_list_with_more_history_that_ends_a_price_does_not_give_the_list() -> None:
    first, other = (Source(name, "1", "https://example.com", None) for name in ("a", "b"))
    ended = {"from": "2026-01-01", "input": "1", "output": "unknown"}
    lists = [PriceList(first, ({"input": "1", "output": "1"},)), PriceList(other, (ended,))]
    found = agreed(lists, DAY)
    assert found is not None
    assert found.sources == (first,)
    assert found.entries == lists[0].entries


@settings(max_examples=100, deadline=None)
@given(price_lists())
def test_the_list_that_stands_never_contradicts_the_most_trusted(lists: list[PriceList]) -> None:
    found = agreed(lists, DAY)
    assert found is not None
    stands = PriceList(lists[0].source, found.entries).standing(DAY)
    for unit, amount in lists[0].standing(DAY).items():
        assert unit in stands, (unit, found.entries)
        assert same(stands[unit], amount), (unit, found.entries)


@settings(max_examples=100, deadline=None)
@given(price_lists())
def test_every_price_is_one_that_somebody_who_agrees_states(lists: list[PriceList]) -> None:
    found = agreed(lists, DAY)
    assert found is not None
    having = [one for one in lists if one is lists[0] or agree(lists[0], one, DAY)]
    stated = [
        (str(entry.get("when")), unit, entry[unit])
        for one in having
        for entry in one.entries
        for unit in entry
        if unit not in ("when", "from")
    ]
    for entry in found.entries:
        for unit in entry.keys() - {"when", "from"}:
            assert (str(entry.get("when")), unit, entry[unit]) in stated
    assert {one.id for one in found.sources} <= {one.source.id for one in having}


def test_amounts_that_differ_in_conversion_only_are_the_same() -> None:
    assert same(Decimal("0.5"), Decimal("0.5000001"))
    assert not same(Decimal("0.5"), Decimal("0.50001"))
