"""Faults put into the sources: a wrong price never gets in, and nothing is lost or half written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from modelbook_importers.reconcile.changes import DISPUTE

from .conftest import NewShop, Shop, cost, mtok

SELLERS = ("groq", "deepinfra", "together_ai", "fireworks_ai")
OURS = ("groq", "deepinfra", "togetherai", "fireworks-ai")


def market(price: float = 0.5) -> dict[str, tuple[str, float, float]]:
    """Return rows of litellm in which four providers sell one model for the same."""
    return {f"{one}/llama-3.3-70b": (one, price, price) for one in SELLERS}


def price(shop: Shop, id: str) -> str | None:
    """Return the plain input price of a deployment."""
    rows = shop.sold(id).get("prices", [])
    return next((row["input"] for row in rows if "input" in row and "when" not in row), None)


def doubts(shop: Shop, id: str) -> set[str]:
    """Return the words for why claims about a deployment are not believed."""
    return {one["quarantine"] for one in shop.lost(id) if "quarantine" in one}


@pytest.mark.parametrize(("factor", "fine"), [(2.9, True), (3, False), (1 / 2.9, True)])
def test_three_times_the_market_is_not_believed(shop: Shop, factor: float, fine: bool) -> None:
    odd = round(0.6 * factor, 4)
    shop.take(shop.litellm({**market(0.6), "novita/llama-3.3-70b": ("novita", odd, 0.6)}))
    assert (price(shop, "novita-ai:llama-3.3-70b") is not None) == fine
    assert doubts(shop, "novita-ai:llama-3.3-70b") == (set() if fine else {"far-from-median"})
    shop.check()


def test_a_third_of_the_market_is_not_believed(shop: Shop) -> None:
    shop.take(shop.litellm({**market(0.6), "novita/llama-3.3-70b": ("novita", 0.2, 0.6)}))
    assert price(shop, "novita-ai:llama-3.3-70b") is None
    (claim,) = shop.lost("novita-ai:llama-3.3-70b")
    assert claim["says"] == {"prices.input": "0.20", "prices.output": "0.60"}
    assert "1/3 of the median 0.6" in claim["reason"]


def test_two_other_providers_are_no_market(shop: Shop) -> None:
    rows = dict(list(market(0.6).items())[:2])
    shop.take(shop.litellm({**rows, "novita/llama-3.3-70b": ("novita", 6, 6)}))
    assert price(shop, "novita-ai:llama-3.3-70b") == "6.00"


def test_a_price_above_the_ceiling_needs_a_second_source(shop: Shop, new_shop: NewShop) -> None:
    shop.take(shop.litellm({"o9-pro": ("openai", 600, 700)}))
    assert price(shop, "openai:o9-pro") is None
    assert doubts(shop, "openai:o9-pro") == {"above-ceiling"}
    shop.check()
    other = new_shop()
    other.take(
        other.litellm({"o9-pro": ("openai", 600, 700)}),
        other.genai({("openai", "o9-pro"): mtok("600", "700")}),
    )
    assert price(other, "openai:o9-pro") == "600.00"
    other.check()


def test_two_sources_outweigh_one_that_goes_first(shop: Shop) -> None:
    shop.take(
        shop.litellm({"gpt-x": ("openai", 2.5, 40)}),
        shop.genai({("openai", "gpt-x"): mtok("2.5", "10")}),
        shop.models_dev({("openai", "gpt-x"): cost(2.5, 10)}),
    )
    rows = shop.sold("openai:gpt-x")["prices"]
    assert rows == [{"input": "2.50", "output": "10.00"}]
    (claim,) = shop.lost("openai:gpt-x")
    assert (claim["quarantine"], claim["says"]) == (
        "far-from-other-sources",
        {"prices.output": "40.00"},
    )


@pytest.mark.parametrize("known", [True, False])
def test_a_price_a_hundred_thousand_times_too_high(shop: Shop, known: bool) -> None:
    rows = {**market(0.05), "wandb/llama-3.3-70b": ("wandb", 5_000, 5_000)}
    feed = {("wandb", "llama-3.3-70b"): cost(0.05, 0.05)} if known else {("wandb", "x-1"): {}}
    shop.take(shop.litellm(rows), shop.models_dev(feed))
    assert price(shop, "wandb:llama-3.3-70b") == ("0.05" if known else None)
    assert doubts(shop, "wandb:llama-3.3-70b") == {"above-ceiling"}
    assert [price(shop, f"{one}:llama-3.3-70b") for one in OURS] == ["0.05"] * 4
    shop.check()


@pytest.mark.parametrize("known", [True, False])
def test_all_prices_of_a_small_market_a_hundred_thousand_times(shop: Shop, known: bool) -> None:
    """Where the market is one other provider, the ceiling is what is left."""
    rows = {
        "groq/llama-3.3-70b": ("groq", 0.5, 0.5),
        "wandb/llama-3.3-70b": ("wandb", 5_000, 5_000),
    }
    feed = {("wandb", "llama-3.3-70b"): cost(0.6, 0.6)} if known else {("wandb", "x-1"): {}}
    shop.take(shop.litellm(rows), shop.models_dev(feed))
    assert price(shop, "wandb:llama-3.3-70b") == ("0.60" if known else None)
    assert price(shop, "groq:llama-3.3-70b") == "0.50"
    assert doubts(shop, "wandb:llama-3.3-70b") == {"above-ceiling"}


def test_a_wrong_price_does_not_make_right_ones_look_wrong(shop: Shop) -> None:
    """One of two rivals is absurd: a market of two, one of them absurd too, must not decide."""
    rows = {
        "groq/llama-3.3-70b": ("groq", 4_000, 4_000),
        "wandb/llama-3.3-70b": ("wandb", 4_000, 4_000),
        "deepinfra/llama-3.3-70b": ("deepinfra", 0.5, 0.5),
    }
    feed = {(one, "llama-3.3-70b"): cost(0.5, 0.5) for one in ("groq", "wandb", "deepinfra")}
    shop.take(shop.litellm(rows), shop.models_dev(feed))
    assert [price(shop, f"{one}:llama-3.3-70b") for one in ("groq", "wandb")] == ["0.50"] * 2


def test_euro_for_dollars_over_a_whole_provider(shop: Shop) -> None:
    names = ("llama-3.3-70b", "mistral-7b", "qwen3-32b", "gpt-oss-120b")
    dollars = {name: round(0.3 * (place + 1), 2) for place, name in enumerate(names)}
    rows = {
        f"ovhcloud/{one}": ("ovhcloud", round(d * 0.9, 4), d * 0.9) for one, d in dollars.items()
    }
    trust = shop.read("trust.yaml")
    trust["orders"] = [one for one in trust["orders"] if one.get("providers") != ["ovhcloud"]]
    shop.write("trust.yaml", trust)  # litellm goes first: only the factor can tell
    shop.take(
        shop.litellm({**rows, "gpt-x": ("openai", 0.9, 0.9)}),
        shop.models_dev(
            {
                **{("ovhcloud", one): cost(d, d) for one, d in dollars.items()},
                ("openai", "gpt-x"): cost(1, 1),
            }
        ),
    )
    for name, amount in dollars.items():
        assert float(price(shop, f"ovhcloud:{name}") or 0) == amount
        assert doubts(shop, f"ovhcloud:{name}") == {"currency"}
    assert price(shop, "openai:gpt-x") == "0.90"  # one price says nothing of a currency


def test_a_cached_read_above_the_input(shop: Shop) -> None:
    more = {"cache_read_input_token_cost": 1.25e-06}
    shop.take(shop.litellm({"gpt-x": ("openai", 0.5, 1.5, more)}))
    assert "prices" not in shop.sold("openai:gpt-x")
    assert doubts(shop, "openai:gpt-x") == {"cache-above-input"}


@pytest.mark.parametrize(
    ("word", "rows", "id"),
    [
        ("above-ceiling", {"o9-pro": ("openai", 600, 700)}, "openai:o9-pro"),
        (
            "far-from-median",
            {**market(), "novita/llama-3.3-70b": ("novita", 40, 40)},
            "novita-ai:llama-3.3-70b",
        ),
        (
            "cache-above-input",
            {"gpt-x": ("openai", 0.5, 1.5, {"cache_read_input_token_cost": 1.25e-06})},
            "openai:gpt-x",
        ),
        ("below-floor", {"gpt-x": ("openai", 0.0001, 0.0001)}, "openai:gpt-x"),
    ],
)
def test_a_waiver_lets_a_price_in_until_its_day(
    shop: Shop, word: str, rows: dict[str, tuple[str, float, float]], id: str
) -> None:
    release = shop.litellm(rows)
    shop.take(release)
    assert "prices" not in shop.sold(id)
    row = {"deployment": id, "source": "litellm", "quarantine": word, "reason": "It is so"}
    shop.write("waivers.yaml", {"waivers": [{**row, "until": "2026-12-01"}]})
    shop.take(release, at="2026-11-30")
    (amount,) = {row[1] for key, row in rows.items() if not key.startswith(SELLERS)}
    assert float(price(shop, id) or 0) == amount
    assert not doubts(shop, id)
    shop.check()
    assert shop.take(release, at="2026-11-30")["files"] == []
    shop.take(release, at="2026-12-01")
    assert "prices" not in shop.sold(id)
    assert doubts(shop, id) == {word}
    shop.check()


def test_a_waiver_is_for_one_source_one_deployment_and_one_doubt(shop: Shop) -> None:
    release = shop.litellm({"o9-pro": ("openai", 600, 700), "o8-pro": ("openai", 600, 700)})
    row = {"source": "litellm", "quarantine": "above-ceiling", "reason": "x", "until": "2027-01-01"}
    rows = [
        {**row, "deployment": "openai:o9-pro", "source": "models-dev"},
        {**row, "deployment": "openai:o9-pro", "quarantine": "far-from-median"},
        {**row, "deployment": "openai:o8-pro"},
    ]
    shop.write("waivers.yaml", {"waivers": rows})
    shop.take(release)
    assert price(shop, "openai:o9-pro") is None
    assert price(shop, "openai:o8-pro") == "600.00"


def test_a_base_model_that_is_not_there_stays_by_itself(shop: Shop) -> None:
    feed = shop.models_dev({("openai", "gpt-x"): {"base_model": "openai/nobody"}})
    shop.take(feed)
    assert shop.sold("openai:gpt-x")["model"] == "openai/gpt-x"
    shop.check()


ROWS = {"gpt-x": ("openai", 2.5, 10), "gpt-y": ("openai", 1, 4)}


def test_a_row_that_is_gone_is_retired_and_comes_back(shop: Shop) -> None:
    shop.take(shop.litellm(ROWS), at="2026-11-01")
    less = {"gpt-x": ROWS["gpt-x"]}
    done = shop.take(shop.litellm(less, "1.110.0"), at="2026-11-10")
    assert [one["id"] for one in done["retired"]] == ["openai:gpt-y"]
    gone = shop.sold("openai:gpt-y")
    assert gone["lifecycle"] == {"status": "retired", "retired_on": "2026-11-10"}
    assert gone["prices"] == [{"input": "1.00", "output": "4.00"}]
    assert gone["imported"]["from"] == ["litellm 1.109.1"]
    assert shop.model("openai/gpt-y")
    assert not done["deleted"]
    shop.check()
    again = shop.take(shop.litellm(less, "1.111.0"), at="2026-12-24")
    assert (again["files"], again["retired"]) == ([], [])
    back = shop.take(shop.litellm(ROWS, "1.112.0"), at="2026-12-25")
    assert back["files"] == ["providers/openai/deployments/gpt-y.yaml"]
    assert shop.sold("openai:gpt-y")["lifecycle"] == {"status": "active"}
    shop.check()


def test_a_dispute_that_is_over_is_deleted_and_nothing_else(shop: Shop) -> None:
    feed = shop.models_dev({("openai", "gpt-x"): cost(3, 10)})
    shop.take(shop.litellm(ROWS), feed)
    assert shop.lost("openai:gpt-x")
    done = shop.take(shop.litellm(ROWS), shop.models_dev({("openai", "gpt-x"): cost(2.5, 10)}))
    assert done["deleted"] == ["disputes/imported/deployments/openai/gpt-x.yaml"]
    assert [one["kind"] for one in done["settled"]] == [DISPUTE]
    assert not shop.lost("openai:gpt-x")


ROW = '{"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06}'
BROKEN = {
    "twice": f'{{"gpt-x": {ROW}, "gpt-x": {ROW}}}',
    "twice within": '{"gpt-x": {"litellm_provider": "openai", "mode": "chat", "mode": "chat"}}',
    "cut off": f'{{"gpt-x": {ROW}, "gpt-',
    "nothing": "",
    "no rows": "{}",
    "an error page": '{"error": {"message": "rate limit"}}',
    "a list": "[]",
    "markup": "<html>502 Bad Gateway</html>",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_release_leaves_the_catalog_as_it_was(shop: Shop, fault: str) -> None:
    shop.take(shop.litellm(ROWS), shop.models_dev({("openai", "gpt-x"): cost(3, 10)}))
    before = shop.bytes()
    good = shop.models_dev({("openai", "gpt-x"): cost(4, 10)})
    done = shop.run(good, shop.litellm_of(BROKEN[fault], "1.110.0"))
    assert done.exit_code == 2, done.output
    assert done.output.startswith("error: `")
    assert shop.bytes() == before


def test_a_release_cut_off_or_of_another_kind_leaves_the_catalog_as_it_was(shop: Shop) -> None:
    release = shop.litellm(ROWS)
    shop.take(release)
    before = shop.bytes()
    release.write_bytes(release.read_bytes()[:-30])
    wrong = {
        "litellm-1.0.0-py3-none-any.whl": b"PK\x03\x04 no more",
        "models.dev-api-2026-07-02.json": b'{"openai": {"models": {"gpt-x": {"cost": {"inp',
        "openrouter-models-2026-05-12.json": b'{"data": [{"id": "a/b"',
        "openrouter-other-2026-05-12.json": json.dumps({"error": "no"}).encode(),
        "models.dev-none-2026-07-02.json": json.dumps({"openai": {"models": {}}}).encode(),
    }
    for name, content in wrong.items():
        (shop.root / name).write_bytes(content)
    for path in [release, *(shop.root / name for name in wrong), shop.root / "litellm-none.whl"]:
        done = shop.run(path)
        assert done.exit_code == 2, (path, done.output, done.exception)
        assert "error: " in done.output
    assert shop.bytes() == before


def test_two_releases_of_one_source_are_refused(shop: Shop) -> None:
    """Nobody could tell which one counts."""
    before = shop.bytes()
    old, new = shop.litellm(ROWS, "1.106.2"), shop.litellm({"gpt-x": ("openai", 9, 9)})
    for paths in ((old, new), (new, old), (new, new)):
        done = shop.run(*paths)
        assert done.exit_code == 2
        assert "say the same" in done.output
    assert shop.bytes() == before


def test_no_room_is_told_and_the_next_run_goes_on(
    shop: Shop, new_shop: NewShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelbook_compiler import files

    release = shop.litellm({**market(), **ROWS})
    plain = files.write_whole
    room = [7]

    def full(path: Path, content: bytes) -> None:
        room[0] -= 1
        if room[0] < 0:
            path.write_bytes(content[:5])
            raise OSError(28, "No space left on device")
        plain(path, content)

    monkeypatch.setattr(files, "write_whole", full)
    done = shop.run(release)
    assert done.exit_code == 2
    assert ".yaml`: No space left on device" in done.output
    assert "run the import again" in done.output
    monkeypatch.undo()
    half = shop.bytes()
    shop.take(release)
    whole = new_shop()
    whole.take(release)
    assert shop.bytes() == whole.bytes()
    assert half.items() < shop.bytes().items()
