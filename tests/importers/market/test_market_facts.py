"""What an import makes of the market: names, modalities, doubts, files nothing is left of."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from modelbook_compiler.imported import digest_of
from modelbook_compiler.values import Document, Origin
from modelbook_importers.market.claims import Source
from modelbook_importers.market.litellm_fields import price_field
from modelbook_importers.market.planned import Planned
from modelbook_importers.reconcile.changes import Before, plan
from modelbook_importers.reconcile.gather import Offer
from modelbook_importers.reconcile.models import Kinds, facts_of, proper_name
from modelbook_importers.reconcile.price_lists import PriceList
from modelbook_importers.reconcile.quarantine import Bench
from modelbook_importers.reconcile.voices import OWN, Heard, Voice, elected

AT = "2026-11-23"
SOURCE = Source("litellm", "1.0", "https://example.org/prices", None)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Anthropic: Claude Opus 4.6 (Fast)", "Claude Opus 4.6"),
        ("Mistral Large (latest)", "Mistral Large"),
        ("North Mini Code (free)", "North Mini Code"),
        ("GPT-6 Astra Pro (batch)", "GPT-6 Astra Pro"),
        ("Gemini 2.5 Flash (free) (US)", "Gemini 2.5 Flash"),
        ("FLUX.1 [schnell]", "FLUX.1 [schnell]"),
        ("Qwen3-Next 80B-A3B (Thinking)", "Qwen3-Next 80B-A3B (Thinking)"),
        ("(free)", "(free)"),
        ("gemma3:12b", "gemma3:12b"),
    ],
)
def test_a_name_is_of_the_model_and_not_of_an_offer(said: str, name: str) -> None:
    assert proper_name(said) == name


@pytest.mark.parametrize("mode", ["chat", "completion"])
def test_a_chat_model_that_reads_pictures_is_no_mere_text_generator(mode: str, root: Path) -> None:
    served = yaml.safe_load((root / "catalog" / "api-pipelines.yaml").read_text())
    folder = root / "catalog" / "pipelines"
    pipelines = {path.stem: yaml.safe_load(path.read_text()) for path in folder.glob("*.yaml")}
    kinds = Kinds(served["modes"], served["modalities"], pipelines, {})
    reads = Voice(SOURCE, ["text", "image"], OWN)
    hearing = {"modalities.input": Heard("modalities.input", (reads,))}
    facts = facts_of("zai/glm-5.3", hearing, mode, "GLM-5.3", kinds)
    assert facts == {
        "name": "GLM-5.3",
        "modalities": {"input": ["text", "image"], "output": ["text"]},
    }


def bench(open_weights: frozenset[str], own: str) -> Bench:
    """Return four sellers of one model, of which one asks another price."""
    asked = {"a:m": "1.00", "b:m": "1.00", "c:m": "1.20", "d:m": own}
    offers = {id: Offer(id, id[0], "m", "acme/m", ()) for id in asked}
    lists = {
        id: {"litellm": PriceList(SOURCE, ({"input": price, "output": price},))}
        for id, price in asked.items()
    }
    return Bench(offers, lists, {}, {}, open_weights, AT)


@pytest.mark.parametrize(
    ("weights", "price", "believed"),
    [
        (frozenset(), "2.50", True),
        (frozenset(), "4.00", False),
        (frozenset({"acme/m"}), "4.00", True),
        (frozenset({"acme/m"}), "11.00", False),
    ],
)
def test_who_runs_open_weights_asks_what_it_likes(
    weights: frozenset[str], price: str, believed: bool
) -> None:
    assert (bench(weights, price).doubt("d:m", "litellm") is None) == believed


def test_a_song_is_not_priced_as_a_picture() -> None:
    found = price_field("output_cost_per_image", "audio_speech")
    assert found is not None
    assert (found.unit, found.scale) == ("requests", 1)


MODEL = {"name": "M", "pipelines": ["text-generation"]}
DEPLOYMENT = {"model": "acme/m", "lifecycle": {"status": "active"}}


def owned(kind: str, id: str, data: dict[str, object]) -> Document:
    """Return a file that an import wrote."""
    whole = {**data, "imported": {"from": ["litellm 1.0"], "digest": digest_of(data)}}
    return Document(Origin(f"catalog/{kind}/{id}.yaml", kind, id, ""), whole)


def test_a_model_that_turned_out_to_be_another_goes() -> None:
    old = {("model", one): owned("model", one, MODEL) for one in ("acme/m", "acme/m-free")}
    before = Before(old, set())
    wanted = [
        Planned("model", "acme/m", MODEL, ("litellm 1.0",)),
        Planned("deployment", "a:m", DEPLOYMENT, ("litellm 1.0",)),
    ]
    out = plan(wanted, before, {"a:m"}, AT)
    assert out.over == ["models/acme/m-free.yaml"]
    assert out.unused == [("model", "acme/m-free")]


def test_a_model_stays_while_a_deployment_is_of_it() -> None:
    gone = owned("deployment", "a:m", {**DEPLOYMENT, "lifecycle": {"status": "retired"}})
    old = {("model", one): owned("model", one, MODEL) for one in ("acme/m", "acme/kept")}
    before = Before({**old, ("deployment", "a:m"): gone}, set(), {"acme/kept"})
    out = plan([], before, set(), AT)
    assert (out.over, out.unused) == ([], [])


def test_an_exception_no_longer_needed_is_written_away() -> None:
    excuse = [{"rule": "MB312", "reason": "A second source has the same price"}]
    old = owned("deployment", "a:m", {**DEPLOYMENT, "exceptions": excuse})
    before = Before({("deployment", "a:m"): old}, {("model", "acme/m")}, {"acme/m"})
    out = plan([Planned("deployment", "a:m", DEPLOYMENT, ("litellm 1.0",))], before, {"a:m"}, AT)
    assert len(out.files) == 1
    assert "MB312" not in "".join(out.files.values())


@pytest.mark.parametrize(
    ("outright", "inferred", "stands"),
    [(1, 13, ("text", True)), (1, 3, ("picture", False)), (0, 2, ("text", True))],
)
def test_one_seller_does_not_outweigh_all_others(
    outright: int, inferred: int, stands: tuple[str, bool]
) -> None:
    votes = {("picture", False): outright, ("text", True): inferred}
    assert elected({one: count for one, count in votes.items() if count}) == stands
