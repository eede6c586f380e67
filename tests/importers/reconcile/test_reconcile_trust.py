"""Whom an import believes: by field and provider, people's files first, losers told as disputes."""

from __future__ import annotations

from .conftest import SOURCES, Shop, cost, mtok

ACTIVE = {"status": "active"}


def prices(shop: Shop, id: str) -> dict[str, str]:
    """Return the prices of a deployment that hold without any condition, by unit."""
    rows = shop.sold(id).get("prices", [])
    return {unit: row[unit] for row in rows if not {"when", "from"} & {*row} for unit in row}


def test_the_first_source_in_the_order_of_a_field_stands(shop: Shop) -> None:
    litellm = shop.litellm({"gpt-x": ("openai", 2.5, 10, {"max_input_tokens": 900})})
    genai = shop.genai({("openai", "gpt-x"): mtok("2", "9")})
    row = {"limit": {"context": 2000, "input": 1000}, **cost(3, 11)}
    shop.take(litellm, genai, shop.models_dev({("openai", "gpt-x"): row}))
    shop.check()
    assert prices(shop, "openai:gpt-x") == {"input": "2.50", "output": "10.00"}
    assert shop.model("openai/gpt-x")["limits"] == {"context": "2000", "max_input": "1000"}
    lost = {one["source"]["name"]: one for one in shop.lost("openai:gpt-x")}
    assert lost["genai-prices 0.2.3"]["says"] == {"prices.input": "2", "prices.output": "9"} or (
        lost["genai-prices 0.2.3"]["says"] == {"prices.input": "2.00", "prices.output": "9.00"}
    )
    assert lost["models-dev 2026-07-02"]["says"]["prices.output"] == "11.00"
    assert lost["litellm 1.109.1"]["says"] == {"limits.max_input": "900"}


def test_a_provider_has_an_order_of_its_own(shop: Shop) -> None:
    rows = {("wandb", "gpt-oss-20b"): cost(0.05, 0.2)}
    shop.take(
        shop.litellm({"wandb/gpt-oss-20b": ("wandb", 0.06, 0.21)}),
        shop.models_dev(rows),
    )
    assert prices(shop, "wandb:gpt-oss-20b") == {"input": "0.05", "output": "0.20"}


def test_the_catalog_decides_the_order(shop: Shop) -> None:
    trust = shop.read("trust.yaml")
    trust["orders"][0]["order"] = ["genai_prices", "litellm"]
    shop.write("trust.yaml", {**trust, "orders": trust["orders"]})
    shop.take(
        shop.litellm({"gpt-x": ("openai", 2.5, 10)}),
        shop.genai({("openai", "gpt-x"): mtok("2", "9")}),
        shop.models_dev({("openai", "gpt-x"): cost(2, 9, cache_read=1)}),
    )
    assert prices(shop, "openai:gpt-x") == {"input": "2.00", "output": "9.00"}  # no say, no filling


def test_what_a_source_only_guesses_gives_way_to_what_another_states(shop: Shop) -> None:
    seen = {"supports_vision": True}
    row = {"modalities": {"input": ["text"], "output": ["text"]}}
    shop.take(
        shop.litellm({"gpt-x": ("openai", 2.5, 10, seen)}),
        shop.models_dev({("openai", "gpt-x"): row}),
    )
    assert shop.model("openai/gpt-x")["modalities"]["input"] == ["text"]
    assert not shop.lost("openai:gpt-x")


def kept(shop: Shop) -> dict[str, bytes]:
    """Write a model and a deployment that people keep, and return their bytes by path."""
    shop.take(shop.litellm({"gpt-y": ("openai", 1, 1)}))  # brings the provider
    model = {"name": "X", "limits": {"context": 3000}, "pipelines": ["text-generation"]}
    sold = {"model": "openai/gpt-x", "lifecycle": ACTIVE, "prices": [{"input": "7", "output": "8"}]}
    files = {
        "models/openai/gpt-x.yaml": shop.write(
            "models/openai/gpt-x.yaml", {**model, "sources": SOURCES}
        ),
        "providers/openai/deployments/gpt-x.yaml": shop.write(
            "providers/openai/deployments/gpt-x.yaml", {**sold, "sources": SOURCES}
        ),
    }
    return {path: file.read_bytes() for path, file in files.items()}


LITELLM = {
    "gpt-x": ("openai", 2.5, 10, {"max_input_tokens": 900}),
    "gpt-y": ("openai", 1, 1),
}


def test_what_people_keep_wins_and_is_never_touched(shop: Shop) -> None:
    before = kept(shop)
    done = shop.take(
        shop.litellm(LITELLM), shop.models_dev({("openai", "gpt-x"): {"limit": {"context": 2000}}})
    )
    assert {path: (shop.catalog / path).read_bytes() for path in before} == before
    assert not done["edited"]
    (price,) = (one for one in shop.lost("openai:gpt-x") if "prices.input" in one["says"])
    assert price["says"] == {"prices.input": "2.50", "prices.output": "10.00"}
    assert price["reason"].startswith("The file is kept by hand")
    said = [one["says"] for one in shop.lost("openai:gpt-x")]
    assert {"limits.context": "2000"} in said
    shop.check()


def test_a_dispute_that_people_tell_is_not_told_again(shop: Shop) -> None:
    kept(shop)
    claim = {
        "says": {"prices.input": "2.50", "prices.output": "10.00"},
        "source": {"name": "litellm", "url": "https://example.com", "checked": "2026-01-02"},
        "reason": "It is old",
    }
    shop.write("disputes/deployments/openai/gpt-x.yaml", {"claims": [claim]})
    shop.take(shop.litellm({**LITELLM, "gpt-x": ("openai", 2.5, 10)}))
    assert not shop.lost("openai:gpt-x")
    shop.take(shop.litellm({**LITELLM, "gpt-x": ("openai", 2.75, 10)}))
    assert [one["says"]["prices.input"] for one in shop.lost("openai:gpt-x")] == ["2.75"]
    shop.check()


def test_a_provider_that_people_keep_stands_when_its_deployments_are_judged(shop: Shop) -> None:
    provider = {
        "name": "OpenAI, by way of us",
        "kind": "gateway",
        "access": [{"method": "api", "protocol": "openai", "base_url": "https://ours.example.com"}],
        "exceptions": [{"rule": "MB326", "reason": "ours"}],
    }
    file = shop.write("providers/openai/provider.yaml", {**provider, "sources": SOURCES})
    before = file.read_bytes()
    shop.take(shop.litellm({"gpt-x": ("openai", 2.5, 10)}))
    assert file.read_bytes() == before
    assert shop.sold("openai:gpt-x")


def test_a_catalog_without_a_table_says_which(shop: Shop) -> None:
    release = shop.litellm({"gpt-x": ("openai", 2.5, 10)})
    for name in ("trust", "api-pipelines", "wire-names", "runtime-classes"):
        text = (shop.catalog / f"{name}.yaml").read_text()
        (shop.catalog / f"{name}.yaml").unlink()
        done = shop.run(release)
        assert done.exit_code == 2, (name, done.output, done.exception)
        assert f"`{name}.yaml`" in done.output
        (shop.catalog / f"{name}.yaml").write_text(text)
    (shop.catalog / "waivers.yaml").unlink()
    assert shop.run(release).exit_code == 0
