"""What an import leaves out is told: each claim stands in the files, or in a file of disputes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from modelbook_importers.reconcile.market_import import Outcome, market_import

AT = "2026-11-23"
LEFT = {"models", "providers", "disputes", "secrets", "policies", "architectures"}
Pack = Callable[..., Path]
Import = Callable[[dict[str, Any], dict[str, Any]], Outcome]


@pytest.fixture
def take(root: Path, pack: Pack, tmp_path: Path) -> Import:
    """Return a function that imports rows of litellm and models of one provider of models.dev."""
    catalog = tmp_path / "catalog"
    shutil.copytree(root / "catalog", catalog, ignore=lambda _, names: LEFT & {*names})

    def run(litellm: dict[str, Any], models_dev: dict[str, Any]) -> Outcome:
        others = {"deepinfra/acme/other": row()}  # a release without rows is refused
        wheel = pack("litellm", content=json.dumps(others | litellm).encode())
        feed = tmp_path / "models.dev-api-2026-07-02.json"
        models = {key: {"id": key, "name": key, **row} for key, row in models_dev.items()}
        feed.write_text(json.dumps({"deepinfra": {"id": "deepinfra", "models": models}}))
        return market_import(catalog, [wheel, feed], AT, lambda _: None)

    return run


def lost(outcome: Outcome, id: str) -> list[tuple[str, dict[str, Any], str | None]]:
    """Return the claims that lost about a deployment or model: source, what it says, its doubt."""
    path = f"{'deployments' if ':' in id else 'models'}/{id.replace(':', '/')}"
    found = [
        text for at, text in outcome.changes.files.items() if f"disputes/imported/{path}" in at
    ]
    import yaml

    claims = [claim for text in found for claim in yaml.safe_load(text)["claims"]]
    return [
        (one["source"]["name"].partition(" ")[0], one["says"], one.get("quarantine"))
        for one in claims
    ]


def row(**fields: Any) -> dict[str, Any]:
    """Return a row of litellm."""
    return {"litellm_provider": "deepinfra", "mode": "chat", **fields}


def sold(**fields: Any) -> dict[str, Any]:
    """Return a model of models.dev."""
    return {"modalities": {"input": ["text"], "output": ["text"]}, **fields}


ID = "deepinfra:meta-llama/llama-3.3-70b-instruct"
WIRE = "meta-llama/Llama-3.3-70B-Instruct"


def data_of(outcome: Outcome, id: str = ID) -> Any:
    """Return the facts that the import wants for a deployment."""
    return outcome.done.files["deployment", id]


def test_a_price_that_a_source_says_alone_is_told_where_its_list_loses(take: Import) -> None:
    outcome = take(
        {f"deepinfra/{WIRE}": row(input_cost_per_token=2e-07, output_cost_per_token=4e-07)},
        {WIRE: sold(cost={"input": 0.3, "output": 0.4, "cache_read": 0.05})},
    )
    (prices,) = data_of(outcome)["prices"]
    losers = [says for _, says, _ in lost(outcome, ID)]
    told = {unit for says in losers for unit in says} | {f"prices.{unit}" for unit in prices}
    assert "prices.cache_read" in told
    assert {says.get("prices.input", prices["input"]) for says in losers} | {prices["input"]} == {
        "0.20",
        "0.30",
    }


def test_who_knows_a_tier_alone_does_not_set_the_price_of_a_plain_call(take: Import) -> None:
    outcome = take(
        {f"deepinfra/{WIRE}": row(input_cost_per_token_priority=1e-06)},
        {WIRE: sold(cost={"input": 0.3, "output": 0.4})},
    )
    assert data_of(outcome)["prices"] == [{"input": "0.30", "output": "0.40"}]
    assert ("litellm", {"prices.input": "1.00"}, None) in lost(outcome, ID)


def test_a_limit_above_the_context_is_told(take: Import) -> None:
    outcome = take(
        {f"deepinfra/{WIRE}": row(max_input_tokens=131_072)},
        {WIRE: sold(limit={"context": 128_000, "output": 4_096})},
    )
    model = outcome.done.files["model", data_of(outcome)["model"]]
    assert model["limits"] == {"context": 128_000, "max_output": 4_096}
    assert ("litellm", {"limits.max_input": 131_072}, "absurd-limit") in lost(outcome, ID)


def test_training_data_after_the_release_is_told(take: Import) -> None:
    outcome = take({}, {WIRE: sold(release_date="2024-12-06", knowledge="2025-06")})
    model = data_of(outcome)["model"]
    assert "knowledge_cutoff" not in outcome.done.files["model", model]
    assert lost(outcome, model) == [("models-dev", {"knowledge_cutoff": "2025-06"}, None)]


def test_what_a_rule_takes_from_the_model_is_told_of_who_sells_it(take: Import) -> None:
    painter = "black-forest-labs/FLUX-2-pro"
    image = {"input": ["text"], "output": ["image"]}
    outcome = take({}, {painter: sold(modalities=image, tool_call=True)})
    id = f"deepinfra:{painter.lower()}"
    assert "capabilities" not in outcome.done.files["model", data_of(outcome, id)["model"]]
    assert [says for _, says, _ in lost(outcome, id)] == [{"capabilities.tools": True}]
