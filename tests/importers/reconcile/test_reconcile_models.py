"""Facts of a model stand on the model, once; a deployment states only what differs."""

from __future__ import annotations

import json
from typing import Any

from .conftest import TEXT, Shop, cost

FULL = {"tool_call": True, "limit": {"context": 4000, "output": 1000}}


def test_facts_stand_on_the_model_and_what_differs_on_the_deployment(shop: Shop) -> None:
    shop.take(
        shop.models_dev(
            {
                ("openai", "gpt-x"): FULL,
                ("openrouter", "openai/gpt-x"): FULL,
                ("vercel", "openai/gpt-x"): {**FULL, "limit": {"context": 2000, "output": 1000}},
            }
        )
    )
    model = shop.model("openai/gpt-x")
    assert model["limits"] == {"context": "4000", "max_output": "1000"}
    assert model["capabilities"] == {"tools": "true"}
    for id in ("openai:gpt-x", "openrouter:openai/gpt-x"):
        assert not {"limits", "capabilities", "modalities"} & shop.sold(id).keys()
    assert shop.sold("vercel:openai/gpt-x")["limits"] == {"context": "2000"}
    shop.check()


def test_the_makers_own_row_goes_before_what_most_sellers_say(shop: Shop) -> None:
    other = {"limit": {"context": 9000}}
    sellers = {(one, "openai/gpt-x"): other for one in ("openrouter", "vercel", "requesty")}
    shop.take(shop.models_dev({("openai", "gpt-x"): FULL, **sellers}))
    assert shop.model("openai/gpt-x")["limits"]["context"] == "4000"
    assert shop.sold("vercel:openai/gpt-x")["limits"]["context"] == "9000"


def test_most_sellers_decide_where_the_maker_says_nothing(shop: Shop) -> None:
    rows = {
        ("groq", "llama-3.3-70b"): {"limit": {"context": 8000}},
        ("deepinfra", "llama-3.3-70b"): {"limit": {"context": 128000}},
        ("togetherai", "llama-3.3-70b"): {"limit": {"context": 128000}},
    }
    shop.take(shop.models_dev(rows))
    named = shop.sold("groq:llama-3.3-70b")["model"]
    assert shop.model(named)["limits"]["context"] == "128000"
    assert shop.sold("groq:llama-3.3-70b")["limits"]["context"] == "8000"
    assert "limits" not in shop.sold("togetherai:llama-3.3-70b")


def test_a_row_of_the_model_itself_goes_before_its_deployments(shop: Shop) -> None:
    own = {"openai/gpt-x": {"name": "GPT X", "limit": {"context": 5000}, "release_date": "2026-01"}}
    shop.take(
        shop.models_dev({("openai", "gpt-x"): FULL}),
        shop.file("models.dev-models-2026-07-02.json", json.dumps(own)),
    )
    model = shop.model("openai/gpt-x")
    assert (model["name"], model["limits"]["context"]) == ("GPT X", "5000")
    assert model["released"] == "2026-01"
    assert shop.sold("openai:gpt-x")["limits"]["context"] == "4000"
    shop.check()


def test_names_that_fold_alike_are_one_deployment_with_aliases(shop: Shop) -> None:
    shop.take(
        shop.litellm({"groq/Llama-3.3-70B": ("groq", 0.5, 0.8)}),
        shop.models_dev({("groq", "llama-3-3-70b"): cost(0.5, 0.8)}),
        shop.genai({("groq", "llama-3.3-70b"): "ModelPrice(input_mtok=Decimal('0.5'))"}),
    )
    sold = shop.sold("groq:llama-3.3-70b")
    assert sold["aliases"] == ["groq:llama-3-3-70b"]
    assert not (shop.catalog / "providers/groq/deployments/llama-3-3-70b.yaml").exists()
    shop.check()


def test_letters_in_capitals_are_kept_for_what_is_sent(shop: Shop) -> None:
    shop.take(shop.models_dev({("deepinfra", "meta-llama/Llama-3.3-70B"): cost(1, 1)}))
    sold = shop.sold("deepinfra:meta-llama/llama-3.3-70b")
    assert sold["wire_name"] == "meta-llama/Llama-3.3-70B"
    shop.check()


def test_limits_above_the_context_are_left_out(shop: Shop) -> None:
    shop.take(
        shop.models_dev({("openai", "gpt-x"): {"limit": {"context": 4000}}}),
        shop.litellm({"gpt-x": ("openai", 1, 1, {"max_input_tokens": 9000})}),
    )
    assert shop.model("openai/gpt-x")["limits"] == {"context": "4000"}
    shop.check()


def test_half_a_call_without_a_price_is_unknown(shop: Shop) -> None:
    """MB319: a model that writes text, priced for what it reads alone."""
    shop.take(shop.models_dev({("openai", "gpt-x"): {"modalities": TEXT, "cost": {"input": 1}}}))
    assert shop.sold("openai:gpt-x")["prices"] == [{"input": "1.00", "output": "unknown"}]
    shop.check()


def test_a_tier_without_a_price_above_a_threshold_is_unknown_there(shop: Shop) -> None:
    """MB338: above the threshold the plain price rises, and nobody says what the batch costs."""
    more: dict[str, Any] = {
        "input_cost_per_token_above_200k_tokens": 5e-06,
        "input_cost_per_token_batches": 1.25e-06,
        "max_input_tokens": 1_000_000,
    }
    shop.take(shop.litellm({"gpt-x": ("openai", 2.5, 10, more)}))
    rows = shop.sold("openai:gpt-x")["prices"]
    assert {"when": {"tier": "batch"}, "input": "1.25"} in rows
    (above,) = (row for row in rows if len(row.get("when", {})) == 2)
    assert above["when"] == {"tier": "batch", "context_above": "200000"}
    assert above["input"] == "unknown"
    shop.check()


def test_a_model_that_nobody_says_anything_of_is_left_out_and_told(shop: Shop) -> None:
    done = shop.take(
        shop.litellm({"gpt-mute": {"litellm_provider": "openai"}, "gpt-x": ("openai", 1, 1)})
    )
    assert done["mute"] == ["openai/gpt-mute"]
    assert shop.model("openai/gpt-mute") is None
    assert shop.sold("openai:gpt-mute") is None


def test_capabilities_of_sellers_stand_on_deployments_alone(shop: Shop) -> None:
    more = {"supports_prompt_caching": True, "supports_native_streaming": True}
    shop.take(shop.litellm({"gpt-x": ("openai", 1, 1, more)}))
    assert "prompt_cache" not in shop.model("openai/gpt-x").get("capabilities", {})
    assert shop.sold("openai:gpt-x")["capabilities"]["prompt_cache"] == "true"
