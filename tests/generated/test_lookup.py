"""The shipped catalog by name: every id, alias and spelling, and facts that everyone knows."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from modelbook.errors import AmbiguousError, ModelbookError, NotFoundError
from modelbook.records import Deployment
from modelbook_catalog import (
    _aliases,
    _pipelines,
    deployment_ids,
    find_architecture,
    find_deployment,
    find_model,
    find_pipeline,
    find_provider,
    get_architecture,
    get_deployment,
    get_model,
    get_models_for_pipeline,
    get_pipeline,
    get_provider,
    model_ids,
    pipeline_ids,
    provider_ids,
)

DEPLOYMENTS = tuple(map(get_deployment, deployment_ids()))
SELF_HOSTED = tuple(one for one in DEPLOYMENTS if one.source_type == "self-hosted")
MOVING = tuple(one for one in DEPLOYMENTS if one.points_to)


def bare(ids: tuple[str, ...], mark: str) -> dict[str, list[str]]:
    """Return bare name to the ids that have it."""
    groups = defaultdict(list)
    for id in ids:
        groups[id.partition(mark)[2]].append(id)
    return groups


def test_every_id_is_found() -> None:
    assert all(get_model(id).id == id for id in model_ids())
    assert all(find_deployment(id) == get_deployment(id) for id in deployment_ids())
    assert all(get_provider(id).id == id for id in provider_ids())
    assert all(get_architecture(id).id == id for id in _architectures())
    assert sorted(deployment_ids()) == list(deployment_ids())
    assert sorted(model_ids()) == list(model_ids())


def _architectures() -> set[str]:
    """Return the model classes that models name."""
    return {one.architecture for one in map(get_model, model_ids()) if one.architecture}


def test_every_id_is_found_in_any_case() -> None:
    assert all(get_model(id.upper()).id == id for id in model_ids())
    assert all(get_deployment(id.upper()).id == id for id in deployment_ids())


def test_every_reference_leads_somewhere() -> None:
    for one in DEPLOYMENTS:
        assert get_model(one.model).name == one.model_name
        assert get_provider(one.provider).source_type == one.source_type
        assert all(get_pipeline(name).id == name for name in one.pipelines)
        if one.lifecycle.successor:
            assert get_deployment(one.lifecycle.successor).id == one.lifecycle.successor
        assert all(find_deployment(step.deployment) for step in one.points_to)


def test_aliases_lead_to_their_ids() -> None:
    assert _aliases.MODELS
    assert _aliases.DEPLOYMENTS
    assert all(get_model(alias) == get_model(id) for alias, id in _aliases.MODELS.items())
    for alias, id in _aliases.DEPLOYMENTS.items():
        assert get_deployment(alias) == get_deployment(id)
        assert alias in get_deployment(alias).aliases


@pytest.mark.parametrize(
    ("name", "id"),
    [("gemini-pro", "google:gemini-1.0-pro")],
)
def test_a_bare_alias_is_enough(name: str, id: str) -> None:
    assert get_deployment(name).id == id


def test_a_bare_name_that_many_sell_names_the_maker_first() -> None:
    with pytest.raises(AmbiguousError, match="could be `openai:gpt-4o`, ") as caught:
        get_deployment("gpt-4o")
    assert caught.value.nearest[0] == "openai:gpt-4o"
    assert "azure:gpt-4o" in caught.value.nearest


def test_a_name_that_patterns_read_says_what_to_ask_for() -> None:
    profile = "amazon-bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    with pytest.raises(NotFoundError, match="ask for that, with the region `us`") as caught:
        get_deployment(profile)
    assert caught.value.nearest == (profile.replace("us.", ""),)


def test_bare_names() -> None:
    for name, ids in bare(model_ids(), "/").items():
        if len(ids) == 1:
            assert get_model(name).id == ids[0]
    models = set(model_ids())
    for name, ids in bare(deployment_ids(), ":").items():
        if name in models:  # the id of a model means the model, not whoever calls it so
            assert find_deployment(name) is None
            continue
        if len(ids) == 1:
            assert get_deployment(name).id == ids[0]
            continue
        with pytest.raises(AmbiguousError) as caught:
            find_deployment(name)
        assert sorted(caught.value.nearest) == ids
        assert all(f"`{id}`" in str(caught.value) for id in caught.value.nearest[:20])
    assert any(len(ids) > 1 for ids in bare(deployment_ids(), ":").values())


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("opnai:gpt-4o", "openai:gpt-4o"),
        ("openai:gpt4o", "openai:gpt-4o"),
        ("gtp-4o", "openai:gpt-4o"),
        ("claude-2.00", "anthropic:claude-2.0"),
    ],
)
def test_a_missing_deployment_names_the_nearest(name: str, nearest: str) -> None:
    assert find_deployment(name) is None
    with pytest.raises(NotFoundError, match="did you mean") as caught:
        get_deployment(name)
    assert nearest in caught.value.nearest
    assert isinstance(caught.value, LookupError)
    assert (caught.value.code, caught.value.id) == ("not-found", name)


def test_other_misses_name_the_nearest() -> None:
    for get, name, nearest in (
        (get_model, "opnai/gpt-4o", "openai/gpt-4o"),
        (get_model, "gtp-4o", "openai/gpt-4o"),
        (get_provider, "OpenAI", "openai"),
        (get_provider, "olama", "ollama"),
        (get_pipeline, "text-generatoin", "text-generation"),
        (get_architecture, "LlamaForCasualLM", "LlamaForCausalLM"),
    ):
        with pytest.raises(NotFoundError, match=f"`{nearest}`"):
            get(name)
    assert find_model("nobody/nothing") is None
    assert find_provider("nobody") is None
    assert find_pipeline("nothing") is None
    assert find_architecture("Nothing") is None


@pytest.mark.parametrize(
    "name", ["", " ", ":", "/", "openai:", ":gpt-4o", "openai", "\u2603", "a" * 9999]
)
def test_odd_names_are_only_unknown(name: str) -> None:
    for get in (get_model, get_deployment, get_architecture):
        with pytest.raises(NotFoundError):
            get(name)


@pytest.mark.parametrize("name", [None, 5, b"openai", True, 1.5])
def test_names_that_are_no_text(name: object) -> None:
    for get in (get_model, get_deployment, get_provider, get_pipeline, get_architecture):
        with pytest.raises(ModelbookError, match="text"):
            get(name)  # type: ignore[arg-type]


# Pipeline types


def test_all_pipeline_types_in_official_order() -> None:
    assert len(pipeline_ids()) == 57
    records = [get_pipeline(id) for id in pipeline_ids()]
    assert [one.id for one in records] == list(pipeline_ids())
    orders = [one.order for one in records]
    assert orders == sorted(set(orders))
    assert pipeline_ids()[:3] == (
        "text-classification",
        "token-classification",
        "table-question-answering",
    )


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("causal_lm", "text-generation"),
        ("text_generation", "text-generation"),
        ("Text-Generation", "text-generation"),
        ("AutoModelForCausalLM", "text-generation"),
        ("ner", "token-classification"),
        ("NER", "token-classification"),
        ("asr", "automatic-speech-recognition"),
        ("embeddings", "feature-extraction"),
    ],
)
def test_spellings_of_pipeline_types(name: str, id: str) -> None:
    assert get_pipeline(name).id == id
    found = find_pipeline(name)
    assert found is not None
    assert found.id == id


def test_every_spelling_leads_to_an_official_id() -> None:
    for spelling, id in _pipelines.ALIASES.items():
        assert get_pipeline(spelling).id == id
        assert id in pipeline_ids()
    for id in pipeline_ids():
        assert all(get_pipeline(alias).id == id for alias in get_pipeline(id).aliases)


def test_ambiguous_spellings_name_their_candidates() -> None:
    assert "qa" in _pipelines.AMBIGUOUS
    for spelling, candidates in _pipelines.AMBIGUOUS.items():
        with pytest.raises(AmbiguousError, match="could mean") as caught:
            find_pipeline(spelling)
        assert caught.value.nearest == candidates
        assert set(candidates) <= set(pipeline_ids())
        assert spelling not in _pipelines.ALIASES


# Moving names


@pytest.mark.parametrize("id", [one.id for one in MOVING])
def test_a_moving_name_costs_what_its_target_does(id: str) -> None:
    one = get_deployment(id)
    units = {unit for entry in one.prices for unit in entry.amounts}
    for step in one.points_to:
        target = get_deployment(step.deployment)
        for unit in units if target.prices else ():
            assert one.price(unit, step.from_) == target.price(unit, step.from_)


# Facts that everyone knows


@pytest.mark.parametrize("id", ["openai:gpt-4-turbo", "anthropic:claude-3-sonnet-20240229"])
def test_the_well_known_example(id: str) -> None:
    found = get_models_for_pipeline(
        "text-generation", min_context_length=8192, max_cost_per_1k=0.01, at="2024-05-01"
    )
    assert id in found.ids
    cost = get_deployment(id).price("input", "2024-05-01")
    assert cost is not None
    assert cost / 1000 <= Decimal("0.01")


@pytest.mark.parametrize(
    ("id", "vision", "tools"),
    [
        ("openai/gpt-4o", True, True),
        ("anthropic/claude-3-opus", True, True),
        ("google/gemini-1.0-pro-vision", True, None),
        ("openai/text-embedding-3-small", False, None),
        ("openai/whisper-large-v3", False, None),
        ("openai/gpt-3.5-turbo", False, True),
    ],
)
def test_vision_and_tools(id: str, vision: bool, tools: bool | None) -> None:
    one = get_model(id)
    assert one.supports("vision") is vision
    assert one.supports("tools") is tools or (tools is None and one.supports("tools") is False)


@pytest.mark.parametrize(
    ("id", "retired_on"),
    [
        ("openai:gpt-4-32k", "2025-06-06"),
        ("anthropic:claude-2.0", "2025-07-21"),
        ("anthropic:claude-2.1", "2025-07-21"),
        ("groq:mixtral-8x7b-32768", "2025-03-20"),
        ("google:gemini-1.0-pro", "2025-02-18"),
    ],
)
def test_retired(id: str, retired_on: str) -> None:
    one = get_deployment(id)
    assert one.lifecycle.status == "retired"
    assert one.lifecycle.retired_on == retired_on
    assert id not in get_models_for_pipeline("text-generation").ids
    assert id in get_models_for_pipeline("text-generation", include_retired=True).ids
    assert id in get_models_for_pipeline("text-generation", at="2024-05-01").ids


def test_the_retired_have_a_date_and_a_successor_that_answers() -> None:
    vendors = ("anthropic", "cohere", "google", "groq", "openai")  # whose pages say it
    retired = [one for one in DEPLOYMENTS if one.lifecycle.status == "retired"]
    assert all(one.lifecycle.retired_on for one in retired)
    own = [one for one in retired if one.provider in vendors]
    led = [one.lifecycle.successor for one in own if one.lifecycle.successor]
    assert len(led) > len(own) / 2
    for id in led:
        assert last(id).lifecycle.status != "retired"


def last(id: str) -> Deployment:
    """Return the end of a chain of successors."""
    one = get_deployment(id)
    if one.lifecycle.status == "retired" and one.lifecycle.successor:
        return last(one.lifecycle.successor)
    return one


@pytest.mark.parametrize(
    ("id", "license", "architecture", "pipeline"),
    [
        ("meta/llama-2-13b", "LicenseRef-Llama-2", "LlamaForCausalLM", "text-generation"),
        ("mistral/mistral-7b-instruct-v0.3", "Apache-2.0", "MistralForCausalLM", "text-generation"),
        ("google/bert-base-uncased", "Apache-2.0", "BertForMaskedLM", "fill-mask"),
        (
            "openai/whisper-large-v3",
            "Apache-2.0",
            "WhisperForConditionalGeneration",
            "automatic-speech-recognition",
        ),
        ("openai/clip-vit-large-patch14", None, "CLIPModel", "zero-shot-image-classification"),
        ("sentence-transformers/all-minilm-l6-v2", "Apache-2.0", "BertModel", "feature-extraction"),
        (
            "baai/bge-reranker-v2-m3",
            "Apache-2.0",
            "XLMRobertaForSequenceClassification",
            "text-ranking",
        ),
        ("suno/bark-small", "MIT", "BarkModel", "text-to-speech"),
    ],
)
def test_open_weights(id: str, license: str | None, architecture: str, pipeline: str) -> None:
    one = get_model(id)
    assert one.open_weights is True
    assert one.architecture == architecture
    assert get_architecture(architecture)
    assert one.pipelines[0] == pipeline
    if license is not None:  # where its repository states none, that may still be found
        assert one.license == license
    assert any(served.model == id for served in SELF_HOSTED)


def test_open_models_are_self_hosted() -> None:
    assert all(one.open_weights is not False for one in SELF_HOSTED)
    assert len({one.model for one in SELF_HOSTED}) >= 400


def test_deployments_inherit_what_they_do_not_state() -> None:
    one, model = get_deployment("openai:gpt-4o"), get_model("openai/gpt-4o")
    assert one.limits == model.limits
    assert one.modalities == model.modalities
    assert one.capabilities.tools is model.capabilities.tools is True
