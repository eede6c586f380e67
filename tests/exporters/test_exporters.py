"""What an export says, the reader of the same shape hears: no more, no less, exactly."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modelbook.decode import deployment_record, price_record
from modelbook.prices import price_of
from modelbook.records import Conditions, Deployment
from modelbook_exporters import litellm
from modelbook_exporters.standing import prices_at
from modelbook_exporters.text import number, text
from modelbook_exporters.words import table, words_of
from modelbook_importers.market import litellm as reader
from modelbook_importers.market import litellm_fields, sources
from modelbook_importers.market.claims import Reading, Row

AT = "2026-11-23T00:00:00Z"
MODEL = {
    "name": "Alpha",
    "modalities": {"input": ("text", "image", "document"), "output": ("text",)},
    "limits": {"context": 128_000, "max_input": 100_000, "max_output": 16_384},
    "capabilities": {"tools": True, "reasoning": False},
}


def deployment(id: str, *prices: dict[str, Any], **row: Any) -> Deployment:
    """Return a deployment as the generated package has it."""
    stated = {"model": "acme/alpha", "lifecycle": {"status": "active"}, **row}
    pipelines = {"pipelines": ("text-generation",)}
    whole = {**MODEL, **pipelines, **stated.pop("facts", {})}
    return deployment_record(id, {**stated, "prices": prices}, whole, {"kind": "api"})


def heard(tmp_path: Path, data: Any) -> Reading:
    """Return what our reader of litellm makes of an export."""
    (tmp_path / "litellm-0.dist-info").mkdir(exist_ok=True)
    (tmp_path / "litellm").mkdir(exist_ok=True)
    (tmp_path / reader.FILE).write_text(text(data))
    return sources.read(tmp_path / "litellm")


def written(*deployments: Deployment, at: str = AT) -> dict[str, Any]:
    """Return litellm's map of some deployments."""
    return litellm.export(deployments, words_of(table(), "litellm"), at).data


def entries(row: Row) -> list[dict[str, Any]]:
    """Return the prices of a row as a catalog file has them."""
    return [dict(price.entry) for price in row.prices]


def test_facts_come_back_as_they_are(tmp_path: Path) -> None:
    one = deployment("openai:Alpha-1", lifecycle={"status": "retired", "retired_on": "2026-05-01"})
    (row,) = heard(tmp_path, written(one)).rows
    assert (row.raw.provider, row.raw.key) == ("openai", "Alpha-1")
    assert {fact.field: fact.value for fact in row.facts} == {
        "limits.max_input": 100_000,
        "limits.max_output": 16_384,
        "capabilities.tools": True,
        "capabilities.reasoning": False,
        "modalities.input": ["text", "image", "document"],
        "modalities.output": ["text"],
        "lifecycle.retired_on": "2026-05-01",
    }


def test_what_is_not_known_is_not_there_and_what_is_free_is_zero() -> None:
    bare = deployment("groq:bare", {"input": "free"}, facts={"modalities": {}, "limits": {}})
    data = written(bare)["groq/bare"]
    assert data == {
        "input_cost_per_token": Decimal(0),
        "litellm_provider": "groq",
        "mode": "chat",
        "supports_function_calling": True,
        "supports_reasoning": False,
    }


def test_conditions_are_said_by_names_of_fields(tmp_path: Path) -> None:
    prices = (
        {"input": "2.50", "cache_write_1h": "5.00"},
        {"when": {"context_above": 200_000}, "input": "5.00", "cache_write_1h": "10.00"},
        {"when": {"tier": "batch"}, "input": "1.25"},
        {"when": {"tier": "batch", "context_above": 200_000}, "input": "2.40"},
        {"when": {"tier": "flex"}, "input": "1.30"},
        {"when": {"region": "eu"}, "multiply": "1.1"},
    )
    (row,) = heard(tmp_path, written(deployment("openai:alpha", *prices))).rows
    assert entries(row) == [prices[n] for n in (0, 1, 2, 3, 4, 5)]


def test_a_tier_that_scales_is_worked_out(tmp_path: Path) -> None:
    prices = ({"input": "3.00", "output": "0.10"}, {"when": {"tier": "batch"}, "multiply": "0.5"})
    (row,) = heard(tmp_path, written(deployment("openai:alpha", *prices))).rows
    assert entries(row)[1] == {"when": {"tier": "batch"}, "input": "1.50", "output": "0.05"}


def test_regions_and_pictures_have_entries_of_their_own() -> None:
    here = {"when": {"region": "eu-west-1"}, "input": "1.10"}
    there = {"when": {"region": "sa-east-1"}, "multiply": "2"}
    sold = deployment("amazon-bedrock:acme.alpha", {"input": "1.00", "output": "4.00"}, here, there)
    large = {"when": {"size": "1024x1792", "quality": "hd"}, "output_images": "0.12"}
    drawn = deployment("azure:draw", {"output_images": "0.04"}, large)
    data = written(sold, drawn)
    costs = {
        key: {name: str(value) for name, value in row.items() if "cost" in name}
        for key, row in data.items()
    }
    each = ("input_cost_per_token", "output_cost_per_token")
    assert costs == {
        "acme.alpha": dict(zip(each, ("0.000001", "0.000004"), strict=True)),
        "bedrock/eu-west-1/acme.alpha": dict(zip(each, ("0.0000011", "0.000004"), strict=True)),
        "bedrock/sa-east-1/acme.alpha": dict(zip(each, ("0.000002", "0.000008"), strict=True)),
        "azure/draw": {"output_cost_per_image": "0.04"},
        "azure/hd/1024-x-1792/draw": {"output_cost_per_image": "0.12"},
    }


def test_hours_of_the_day_come_back(tmp_path: Path) -> None:
    hours = [
        {"days": ("mon", "tue"), "from": "00:00", "until": "04:00", "zone": "UTC"},
        {"from": "22:00", "until": "00:00", "zone": "UTC"},
    ]
    cheap = [{"when": {"window": one}, "input": "1.00"} for one in hours]
    (row,) = heard(tmp_path, written(deployment("deepseek:a", {"input": "2.00"}, *cheap))).rows
    assert json.loads(json.dumps(cheap)) == entries(row)[1:]


def test_what_has_no_field_is_counted() -> None:
    prices = (
        {"input": "1.00"},
        {"when": {"context_above": 1_500}, "input": "2.00"},
        {"when": {"context_above": 2_000}, "marginal": True, "input": "3.00"},
        {"when": {"region": "mars"}, "input": "4.00"},
        {"when": {"tier": "express"}, "input": "5.00"},
        {"currency": "EUR", "output": "6.00"},
        {"cache_storage": "1.00"},
    )
    out = litellm.export([deployment("groq:a", *prices)], {}, AT)
    assert dict(out.left) == {
        "context_above": 1,
        "marginal prices": 1,
        "region": 1,
        "tier": 1,
        "another currency": 1,
        "cache_storage": 1,
    }
    (row,) = out.data.values()
    assert [name for name in row if "cost" in name] == ["input_cost_per_token"]


def test_prices_are_those_of_the_day() -> None:
    prices = ({"input": "2.00"}, {"from": "2026-12-01", "input": "1.00"})
    one = deployment("groq:a", *prices)
    days = {
        at: written(one, at=at)["groq/a"]["input_cost_per_token"]
        for at in (AT, "2026-12-01T00:00:00Z")
    }
    assert [str(value) for value in days.values()] == ["0.000002", "0.000001"]


def test_names_meet_no_other_entry() -> None:
    one, two = deployment("openai:same"), deployment("anthropic:same")
    assert set(written(one, two)) == {"same", "anthropic/same"}


@pytest.mark.parametrize(
    "wire", ['a"b', "a\\b", "ключ", "a/../b", "__proto__", "a\nb", "\u202eabc", "sample_spec"]
)
def test_odd_names_are_written_as_they_are(tmp_path: Path, wire: str) -> None:
    data = written(deployment(f"groq:{wire}"))
    assert list(json.loads(text(data))) == [f"groq/{wire}"]
    assert [row.raw.key for row in heard(tmp_path, data).rows] == [f"groq/{wire}"]
    assert text(data).isascii()


UNITS = sorted(litellm.UNITS)
AMOUNTS = st.decimals("0.000001", "4000", places=6)
WHEN = st.fixed_dictionaries(
    {},
    optional={
        "tier": st.sampled_from([*litellm_fields.TIERS.values(), "other"]),
        "context_above": st.sampled_from([32_000, 128_000, 272_000, 1_500]),
        "quality": st.sampled_from(["720p", "4k", "hd"]),
        "region": st.sampled_from(["eu", "us", "eu-west-1"]),
    },
)
PRICES = st.lists(st.tuples(WHEN, st.dictionaries(st.sampled_from(UNITS), AMOUNTS, min_size=1)))
PIPELINES = st.sampled_from(sorted(litellm.MODES))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(stated=PRICES, pipeline=PIPELINES)
def test_every_price_that_is_written_is_the_price_of_the_book(
    tmp_path: Path, stated: list[tuple[dict[str, Any], dict[str, Decimal]]], pipeline: str
) -> None:
    """None is made up, none is changed, and what is not written is counted."""
    rows = [{"when": when, **{u: f"{a:f}" for u, a in units.items()}} for when, units in stated]
    one = deployment("openai:alpha", *rows, facts={"pipelines": (pipeline,)})
    out = litellm.export([one], {}, AT)
    plain = next(row for row in heard(tmp_path, out.data).rows if row.raw.key == "alpha")
    told = 0
    for entry in entries(plain):
        when = price_record({"when": entry.get("when", {}), "input": "1.00"}).when
        for unit in entry.keys() - {"when"}:
            told += 1
            known = price_of(one.prices, unit, AT, when)
            assert known is not None
            assert Decimal(entry[unit]) == known
    apart = [row for row in prices_at(one, AT).rows if row.when.region or row.when.quality]
    assert told + out.left.total() + len(apart) >= len(prices_at(one, AT).rows)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**6))
def test_numbers_are_written_exactly_and_without_an_exponent(value: Decimal) -> None:
    shown = number(value)
    assert Decimal(shown) == value
    assert "e" not in shown.lower()
    assert json.loads(shown, parse_float=Decimal, parse_int=Decimal) == value


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="is a float"):
        text({"a": [0.1]})


def test_a_plain_price_holds_no_conditions() -> None:
    found = prices_at(deployment("groq:a", {"input": "unknown", "output": "1.00"}), AT)
    assert [(row.unit, row.when) for row in found.rows] == [("output", Conditions())]
