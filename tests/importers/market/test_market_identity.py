"""Which model a row is of: the grammar on the public tables, and what holds for any name."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook_compiler import patterns
from modelbook_compiler.discover import NAME
from modelbook_importers.market.claims import Hints, Raw
from modelbook_importers.market.identity import Identity, Tables, Unresolved, identity_of, tables

ROWS = """
litellm bedrock_converse us.anthropic.claude-opus-4-6-v1
    amazon-bedrock:anthropic.claude-opus-4-6-v1 anthropic/claude-opus-4.6
litellm bedrock bedrock/us-gov-west-1/anthropic.claude-3-5-sonnet-20240620-v1:0
    amazon-bedrock:anthropic.claude-3-5-sonnet-20240620-v1:0 anthropic/claude-3.5-sonnet
litellm azure azure/eu/gpt-4o-2024-08-06 azure:gpt-4o-2024-08-06 openai/gpt-4o
litellm openai high/1024-x-1536/gpt-image-1.5 openai:gpt-image-1.5 openai/gpt-image-1.5
litellm groq groq/openai/gpt-oss-120b groq:openai/gpt-oss-120b openai/gpt-oss-120b
litellm fireworks_ai fireworks_ai/accounts/fireworks/models/glm-5p2
    fireworks-ai:accounts/fireworks/models/glm-5p2 zai/glm-5.2
litellm vertex_ai-anthropic_models vertex_ai/claude-3-5-haiku@20241022
    google-vertex:claude-3-5-haiku@20241022 anthropic/claude-3.5-haiku
genai_prices google claude-4-opus google-vertex:claude-4-opus anthropic/claude-opus-4
genai_prices huggingface_groq moonshotai/Kimi-K2-Instruct
    huggingface:moonshotai/kimi-k2-instruct:groq moonshotai/kimi-k2-instruct
models_dev togetherai meta-llama/Llama-3.3-70B-Instruct-Turbo
    togetherai:meta-llama/llama-3.3-70b-instruct-turbo meta/llama-3.3-70b-instruct
models_dev openai gpt-4-turbo openai:gpt-4-turbo openai/gpt-4-turbo
models_dev xai grok-4-0709 xai:grok-4-0709 xai/grok-4
models_dev cohere command-r-08-2024 cohere:command-r-08-2024 cohere/command-r-08-2024
models_dev google gemini-2.5-pro-preview-05-06
    google:gemini-2.5-pro-preview-05-06 google/gemini-2.5-pro
openrouter openrouter moonshotai/kimi-k2.6:free
    openrouter:moonshotai/kimi-k2.6:free moonshotai/kimi-k2.6
openrouter openrouter ~anthropic/claude-opus-latest
    openrouter:~anthropic/claude-opus-latest anthropic/claude-opus
models_dev ollama-cloud gpt-oss:120b ollama-cloud:gpt-oss:120b openai/gpt-oss-120b
models_dev synthetic hf:zai-org/GLM-4.6 synthetic:hf:zai-org/glm-4.6 zai/glm-4.6
models_dev nano-gpt TEE/gpt-oss-120b nano-gpt:tee/gpt-oss-120b openai/gpt-oss-120b
litellm fal_ai fal_ai/openai/gpt-image-2/lora fal-ai:openai/gpt-image-2/lora
    openai/gpt-image-2-lora
models_dev baseten moonshotai/Kimi-K2.6 baseten:moonshotai/kimi-k2.6 moonshotai/kimi-k2.6
"""
"""Source, its words, and the deployment and model that they are."""

FIVE = [ROWS.split()[place : place + 5] for place in range(0, len(ROWS.split()), 5)]

MOVING = {
    "openai:gpt-5.6",
    "google:gemini-flash-latest",
    "google:gemini-flash-lite-latest",
    "google:gemini-pro-latest",
}
"""Names whose model the catalog knows by `points_to`: no rule can say what is newest."""


def known_as(known: Tables, source: str, provider: str, key: str) -> Identity:
    """Return what a name is."""
    found = identity_of(Raw(source, provider, key), Hints(), known)
    assert isinstance(found, Identity), found
    return found


@pytest.mark.parametrize("row", FIVE, ids=lambda row: row[2])
def test_a_row_is_known_for_what_it_is(row: list[str], known: Tables) -> None:
    source, provider, key, deployment, model = row
    found = known_as(known, source, provider, key)
    assert (found.deployment, found.model) == (deployment, model)


def test_what_is_a_condition_is_no_part_of_the_name(known: Tables) -> None:
    image = known_as(known, "litellm", "openai", "high/1024-x-1536/gpt-image-1.5")
    assert image.conditional
    assert image.tags == {"size": "1024x1536", "quality": "high"}
    profile = known_as(known, "litellm", "bedrock", "us.anthropic.claude-opus-4-6-v1")
    assert profile.conditional
    assert profile.tags["region"] == "us"


def test_moving_names_say_so(known: Tables) -> None:
    assert known_as(known, "openrouter", "openrouter", "~openai/gpt-latest").moving
    assert not known_as(known, "openrouter", "openrouter", "openai/gpt-5.4").moving


@pytest.mark.parametrize(
    ("source", "provider", "key", "why"),
    [
        ("litellm", "never heard of", "gpt-4o", "no-provider"),
        ("litellm", "nlp_cloud", "chatdolphin", "no-creator"),
        ("litellm", "fireworks_ai", "fireworks-ai-56b-to-176b", "no-model"),
        ("litellm", "serper", "serper/search", "no-model"),
        ("models_dev", "openai", "-latest", "no-name"),
        ("models_dev", "openai", "x" * 301, "too-long"),
        ("models_dev", "azure", "arn:aws:bedrock:x:1:application-inference-profile/ab", "no-model"),
    ],
)
def test_what_nobody_knows_stays_by_itself(
    source: str, provider: str, key: str, why: str, known: Tables
) -> None:
    found = identity_of(Raw(source, provider, key), Hints(), known)
    assert isinstance(found, Unresolved)
    assert found.why == why


def test_quantized_weights_are_the_model_they_are_made_of(known: Tables) -> None:
    raw = Raw("xinference", "xinference", "QuantTrio/a-name-that-says-nothing")
    found = identity_of(raw, Hints(base="Qwen/Qwen3-8B"), known)
    assert isinstance(found, Identity)
    assert (found.model, found.deployment) == ("alibaba/qwen3-8b", None)


def test_a_name_means_a_model_at_one_provider_only(known: Tables) -> None:
    groq = known_as(known, "models_dev", "groq", "qwen-2.5-32b")
    assert (groq.model, groq.read_as) == ("alibaba/qwen2.5-32b-instruct", "alibaba/qwen2.5-32b")
    assert known_as(known, "models_dev", "nano-gpt", "qwen-2.5-32b").model == "alibaba/qwen2.5-32b"


def test_our_own_deployments_are_of_the_models_that_the_catalog_says(
    root: Path, known: Tables
) -> None:
    wrong = {}
    providers = root / "catalog" / "providers"
    for name in ("anthropic", "cohere", "google", "groq", "openai"):
        folder = providers / name / "deployments"
        for path in folder.rglob("*.yaml"):
            wire = path.relative_to(folder).as_posix().removesuffix(".yaml").replace("%3A", ":")
            data = curated(path)
            if data is None:
                continue  # of those, a name that two sources read as two models is one of both
            says = data["model"]
            found = identity_of(Raw("models_dev", name, wire), Hints(), known)
            if not isinstance(found, Identity) or found.model != says:
                wrong[f"{name}:{wire}"] = says
    assert wrong.keys() == MOVING


def test_our_own_weights_are_of_the_models_that_the_catalog_says(root: Path, known: Tables) -> None:
    folder = root / "catalog" / "models"
    for path in folder.rglob("*.yaml"):
        data = curated(path)
        repository = data and data.get("weights", {}).get("hf")
        if repository:
            found = known_as(known, "xinference", "xinference", repository)
            assert found.model == path.relative_to(folder).as_posix().removesuffix(".yaml")


def test_look_alikes_stay_apart(root: Path, known: Tables) -> None:
    data = yaml.safe_load((root / "catalog" / "same-models.yaml").read_text())
    for row in data["different"]:
        found = {known_as(known, "models_dev", "", one).model for one in row["models"]}
        assert len(found) == len(row["models"]), row


PARTS = """claude gpt llama qwen 3 4 5 - . _ / : @ ~ latest 2024-08-06 20241022 v1 fp8 openai
meta-llama free us. opus a accounts/x/models/ p 0 instruct turbo azure/ high/ 1024-x-1024/ é"""
WORDS = st.sampled_from(PARTS.split())
NAMES = st.lists(WORDS, min_size=1, max_size=9).map("".join) | st.text(max_size=40)


@cache
def public() -> Tables:
    """Return the tables of the public catalog; as an argument they would fill the reports."""
    return tables(Path(__file__).parents[3] / "catalog")


def curated(path: Path) -> dict[str, Any] | None:
    """Return what a file says that people wrote, None of one that an import wrote."""
    text = path.read_text(encoding="utf-8")
    if "\nimported:" in text:
        return None
    data: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)  # it is safe
    assert "imported" not in data
    return data


def providers(known: Tables) -> list[tuple[str, str]]:
    """Return every word of every source for a provider."""
    return sorted(known.slugs)


@settings(deadline=None, max_examples=300)
@given(name=NAMES, data=st.data())
def test_any_name_is_read_the_same_whenever_and_in_whatever_case(
    name: str, data: st.DataObject
) -> None:
    known = public()
    source, provider = data.draw(st.sampled_from(providers(known)))
    found = identity_of(Raw(source, provider, name), Hints(), known)
    assert found == identity_of(Raw(source, provider, name), Hints(), known)
    if isinstance(found, Identity):
        assert NAME.fullmatch(found.creator)
        assert NAME.fullmatch(found.name)
        assert not found.wire or found.wire.partition(":")[0] in name
        if name.isascii():
            other = identity_of(Raw(source, provider, name.upper()), Hints(), known)
            assert isinstance(other, Identity)
            assert other.model == found.model


@settings(deadline=None, max_examples=300)
@given(name=NAMES)
def test_a_model_is_its_own_name(name: str) -> None:
    known = public()
    first = identity_of(Raw("models_dev", "", name), Hints(), known)
    if isinstance(first, Identity) and "/" not in first.name:
        again = identity_of(Raw("models_dev", "", first.model), Hints(), known)
        assert isinstance(again, Identity)
        assert again.model == first.model


TOKENS = r"a \d [a-z] . ( (?: (?= ) | ^ $ + * ? {2} {1,30} (?P<x> \1 (?<= [ ] { \ {provider}"
PIECES = st.sampled_from(TOKENS.split())


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_pattern_is_sound_or_has_a_fault(text: str) -> None:
    if patterns.fault(text) is None:
        patterns.found_in(text, "a" * patterns.MAX_TEXT)
    else:
        with pytest.raises(ValueError, match=r"\w"):
            patterns.compiled(text)


@pytest.mark.parametrize("text", ["^(?:a+)+$", "(a|a)*b", "(a*)*", "a{9}{9}", "((a?)?)+", "a**"])
def test_patterns_that_run_for_ever_are_none(text: str) -> None:
    assert patterns.fault(text)


def test_the_slowest_pattern_that_is_allowed_ends_soon() -> None:
    begun = time.monotonic()
    assert patterns.found_in("^a*a*a*b$", "a" * patterns.MAX_TEXT) is None
    assert time.monotonic() - begun < 5
