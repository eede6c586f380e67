"""A litellm proxy's configuration and a list of models: every id once, no key, nothing made up."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.decode import deployment_record
from modelbook.records import Deployment
from modelbook_catalog import catalog, get_deployment, get_models_for_pipeline
from modelbook_cli.export_selected import _book
from modelbook_exporters import openai_models
from modelbook_exporters.litellm_router import Book, Named, export
from modelbook_exporters.shapes import Export
from modelbook_exporters.text import text
from modelbook_exporters.text import yaml as written

AT = "2026-11-23T00:00:00Z"
PUBLIC = _book(None)
SOME = (
    *catalog().deployment_ids()[::11],
    *{id.partition(":")[0]: id for id in catalog().deployment_ids()[1::11]}.values(),
)
"""Deployments of all kinds of provider, each once."""


def routed(*ids: str, by: str = "model", book: Book = PUBLIC) -> Export:
    """Return the configuration for some deployments of the public book."""
    return export(map(get_deployment, ids), book, AT, by, None)


def called(id: str, book: Book = PUBLIC) -> dict[str, Any]:
    """Return how litellm calls one of them."""
    (row,) = routed(id, book=book).data["model_list"]
    params: dict[str, Any] = row["litellm_params"]
    return params


def test_how_litellm_reaches_a_provider() -> None:
    assert called("openai:gpt-4o-2024-08-06") == {
        "model": "openai/gpt-4o-2024-08-06",
        "api_key": "os.environ/OPENAI_API_KEY",
    }
    assert called("groq:openai/gpt-oss-20b")["model"] == "groq/openai/gpt-oss-20b"
    assert called("azure:gpt-4o") == {"model": "azure/gpt-4o"}  # litellm has variables of its own
    local = next(id for id in catalog().deployment_ids() if id.startswith("vllm:"))
    assert called(local) == {
        "model": f"hosted_vllm/{get_deployment(local).wire_name}",
        "api_base": "http://localhost:8000/v1",
    }


def test_a_provider_without_a_word_is_reached_at_its_address() -> None:
    without = [one for one in catalog().provider_ids() if one not in PUBLIC.words]
    ways = {one: catalog().get_provider(one).access[:1] for one in without}
    ids = {id.partition(":")[0]: id for id in catalog().deployment_ids()}
    for protocol in ("openai", "anthropic"):
        known = [
            (one, way[0])
            for one, way in ways.items()
            if way and way[0].protocol == protocol and way[0].secret and one in ids
        ]
        provider, way = known[0]
        params = called(ids[provider])
        assert params["model"] == f"{protocol}/{get_deployment(ids[provider]).wire_name}"
        assert params["api_base"] == way.base_url
        assert params["api_key"].startswith("os.environ/")


def test_an_address_of_a_teams_own_is_written() -> None:
    other = Book(PUBLIC.catalog, PUBLIC.words, {"openai": "https://api.openai.com/v0"}, {})
    assert called("openai:gpt-4o", other)["api_base"] == "https://api.openai.com/v1"


def test_no_key_goes_to_a_server_that_asks_for_none() -> None:
    """As `openai/…` without a key, litellm would send it OpenAI's."""
    for row in routed(*SOME, by="deployment").data["model_list"]:
        params = row["litellm_params"]
        assert re.fullmatch(r"os\.environ/[A-Z0-9_]+", params.get("api_key", "os.environ/A"))
        if "api_base" in params and params["model"].startswith(("openai/", "anthropic/")):
            assert "api_key" in params, row
        assert params.keys() <= {"model", "api_base", "api_key"}


def test_every_deployment_is_there_once_or_counted() -> None:
    out = routed(*SOME, by="deployment")
    names = [row["model_name"] for row in out.data["model_list"]]
    assert len(set(names)) == len(names)
    assert len(names) + out.unreachable.total() == len(SOME) > 1000
    assert out.unreachable["transformers"] > 10
    loaded = yaml.load(written(out.data), Loader=yaml.CSafeLoader)
    assert [row["model_info"]["id"] for row in loaded["model_list"]] == names


def test_deployments_of_a_model_share_its_name() -> None:
    out = routed("openai:gpt-4o-2024-08-06", "openai:gpt-4o-2024-05-13", "azure:gpt-4o")
    assert {row["model_name"] for row in out.data["model_list"]} == {"openai/gpt-4o"}
    assert len({row["model_info"]["id"] for row in out.data["model_list"]}) == 3


def test_prices_that_litellm_has_are_left_out() -> None:
    id = "openai:gpt-4o-2024-08-06"
    (row,) = routed(id).data["model_list"]
    prices = {name: value for name, value in row["model_info"].items() if "cost" in name}
    assert prices["input_cost_per_token"] == Decimal("0.0000025")
    own = {"litellm_provider": "openai", **prices}
    dearer = {**own, "input_cost_per_token": Decimal("0.0000026")}
    for known, left in (({id[7:]: own}, True), ({id[7:]: dearer}, False), ({"x": own}, False)):
        book = Book(PUBLIC.catalog, PUBLIC.words, PUBLIC.addresses, known)
        (row,) = routed(id, book=book).data["model_list"]
        assert ("input_cost_per_token" not in row["model_info"]) == left
        assert row["model_info"]["mode"] == "chat"


JSON = st.recursive(
    st.text() | st.integers() | st.booleans() | st.none() | st.decimals(0, 1000, places=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_any_value_is_read_back_from_yaml(value: Any) -> None:
    assert same(value, yaml.safe_load(written(value)))


def same(ours: Any, theirs: Any) -> bool:
    """Tell whether a value came back: a decimal as the nearest float, all else as it was."""
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, Decimal):
        return float(ours) == theirs
    return type(ours) is type(theirs) and ours == theirs


def test_a_float_is_no_price() -> None:
    with pytest.raises(TypeError, match="is a float"):
        written({"a": [0.1]})


def listed(*deployments: Deployment, by: str = "model") -> list[dict[str, Any]]:
    """Return OpenAI's list of some deployments."""
    out = openai_models.export(deployments, by).data
    assert out["object"] == "list"
    rows: list[dict[str, Any]] = out["data"]
    return rows


def released(wire: str, day: str | None, **row: Any) -> Deployment:
    """Return a deployment of a model that came out on a day."""
    whole = {"model": "acme/alpha", "lifecycle": {"status": "active"}, **row}
    facts = {"name": "Alpha", **({"released": day} if day else {})}
    return deployment_record(f"shop:{wire}", whole, facts, {"kind": "api"})


def test_the_list_has_what_clients_need() -> None:
    for row in listed(*get_models_for_pipeline("text-generation", provider="openai", limit=9)):
        assert [*row] == ["id", "object", "created", "owned_by"]
        assert row["object"] == "model"
        assert row["owned_by"] == "openai"
        assert type(row["created"]) is int
    everything = listed(*map(get_deployment, catalog().deployment_ids()))
    assert len({row["id"] for row in everything}) == len(everything) > 1000


@pytest.mark.parametrize(
    ("day", "created"),
    [("2024-05-13", 1715558400), ("2024-05", 1714521600), ("2024", 1704067200), (None, 0)],
)
def test_created_is_the_release_day(day: str | None, created: int) -> None:
    (row,) = listed(released("a", day))
    assert (row["created"], row["owned_by"]) == (created, "acme")
    assert openai_models.export([released("a", day)], "model").left.total() == (not created)


def test_a_deployment_has_a_day_of_its_own() -> None:
    one = released("a", "2024-05-13", lifecycle={"status": "active", "released": "2025-01-01"})
    assert [row["created"] for row in listed(one, by="deployment")] == [1735689600]
    assert listed(one, by="deployment")[0]["owned_by"] == "shop"
    assert [row["created"] for row in listed(one)] == [1715558400]


@pytest.mark.parametrize("wire", ['a"b', "a: b", "# a", "ключ", "\u202eabc", "- a", "\x7f", "no"])
def test_odd_names_are_written_as_they_are(wire: str) -> None:
    one = released(wire, None)
    assert yaml.safe_load(written({"model": one.id, wire: wire})) == {"model": one.id, wire: wire}
    assert json.loads(text(listed(one, by="deployment")))[0]["id"] == one.id


def test_a_model_is_there_once_with_the_day_that_is_known() -> None:
    dated, undated = released("a", "2024-05-13"), released("b", None)
    for several in ((dated, undated), (undated, dated)):
        assert [(row["id"], row["created"]) for row in listed(*several)] == [
            ("acme/alpha", 1715558400)
        ]


def test_a_policy_is_one_name_with_its_fallback_after_it() -> None:
    named = Named(
        "chat", (get_deployment("openai:gpt-4o"), get_deployment("groq:openai/gpt-oss-20b"))
    )
    chosen = [get_deployment("openai:gpt-4o-mini"), get_deployment("mistral:mistral-small-latest")]
    data = export(chosen, PUBLIC, AT, "model", "simple-shuffle", named).data
    assert [(row["model_name"], row["model_info"]["id"]) for row in data["model_list"]] == [
        ("chat", "openai:gpt-4o-mini"),
        ("chat", "mistral:mistral-small-latest"),
        ("openai:gpt-4o", "openai:gpt-4o"),
        ("groq:openai/gpt-oss-20b", "groq:openai/gpt-oss-20b"),
    ]
    assert data["router_settings"] == {
        "routing_strategy": "simple-shuffle",
        "fallbacks": [{"chat": ["openai:gpt-4o", "groq:openai/gpt-oss-20b"]}],
    }


def test_a_policy_without_fallback_has_no_settings() -> None:
    data = export(
        [get_deployment("openai:gpt-4o")], PUBLIC, AT, "model", None, Named("chat", ())
    ).data
    assert [row["model_name"] for row in data["model_list"]] == ["chat"]
    assert "router_settings" not in data
