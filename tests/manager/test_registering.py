"""What can be registered, what is refused and how, and what a change leaves as it was."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from modelbook.errors import AmbiguousError, NotFoundError, RegistrationError, RequestError
from modelbook.manager import ModelManager
from modelbook.records import Deployment, Model, Provider
from modelbook.scan.found import Found

from .conftest import HERE, model

AT = "2026-01-01"


def test_the_well_known_example() -> None:
    """Fifteen models of APIs by hand, over nothing; prices per 1,000 tokens, as people quote."""
    told = [
        ("openai/gpt-4-turbo", "openai:gpt-4-turbo", "0.01 0.03", 128000),
        ("openai/gpt-4", "openai:gpt-4", "0.03 0.06", 8192),
        ("openai/gpt-3.5-turbo", "openai:gpt-3.5-turbo", "0.0005 0.0015", 16385),
        ("openai/text-embedding-3-large", "openai:text-embedding-3-large", "0.00013", 8191),
        ("openai/whisper-1", "openai:whisper-1", "", None),
        ("openai/tts-1", "openai:tts-1", "", None),
        ("anthropic/claude-3-opus", "anthropic:claude-3-opus", "0.015 0.075", 200000),
        ("anthropic/claude-3-sonnet", "anthropic:claude-3-sonnet", "0.003 0.015", 200000),
        ("anthropic/claude-3-haiku", "anthropic:claude-3-haiku", "0.00025 0.00125", 200000),
        ("google/gemini-pro", "google:gemini-pro", "0.00025 0.0005", 30720),
        ("google/gemini-pro-vision", "google:gemini-pro-vision", "0.00025 0.0005", 12288),
        ("meta/llama3-70b", "groq:llama3-70b-8192", "", 8192),
        ("mistral/mixtral-8x7b", "groq:mixtral-8x7b-32768", "", 32768),
        ("cohere/command", "cohere:command", "", 4096),
        ("cohere/embed-english-v3.0", "cohere:embed-english-v3.0", "", 512),
    ]
    types = {"embed": "feature-extraction", "whisper": "automatic-speech-recognition"}
    manager = ModelManager(catalog=None)
    providers = sorted({one[1].partition(":")[0] for one in told})
    manager.register_many({"id": id, "name": id.title(), "kind": "api"} for id in providers)
    for id, deployment, prices, context in told:
        amounts = [Decimal(one) * 1000 for one in prices.split()]
        price = dict(zip(("input", "output"), amounts, strict=False))
        kind = next((types[word] for word in types if word in id), "text-generation")
        kind = "text-to-speech" if "tts" in id else kind
        facts = {"prices": [price]} if price else {}
        limits = {"limits": {"context": context}} if context else {}
        manager.register(
            {
                "id": id,
                "name": id,
                "pipelines": [kind],
                **limits,
                "deployments": {deployment: facts},
            }
        )
    assert len(manager) == 15
    found = manager.get_models_by_pipeline_type(
        "text-generation", min_context_length=8192, max_cost_per_1k=0.01
    )
    assert {one.model for one in found} == {
        "openai/gpt-4-turbo",
        "openai/gpt-3.5-turbo",
        "anthropic/claude-3-sonnet",
        "anthropic/claude-3-haiku",
        "google/gemini-pro",
        "google/gemini-pro-vision",
    }
    assert "openai:gpt-4" in {one.id for one in found.excluded if one.reason == "cost"}


def test_a_registration_returns_its_record(alone: ModelManager) -> None:
    assert isinstance(alone.register({**HERE, "id": "there"}), Provider)
    made = alone.register(model(1))
    assert isinstance(made, Model)
    assert (made.id, made.name, made.limits.context) == ("me/m-1", "M 1", 1001)
    facts = {"id": "there:Org/M-1", "model": "me/m-1", "prices": [{"input": "0.10"}]}
    deployed = alone.register(facts)
    assert isinstance(deployed, Deployment)
    assert (deployed.id, deployed.wire_name) == ("there:org/m-1", "Org/M-1")
    assert deployed.price("input") == Decimal("0.10")
    assert deployed.lifecycle.status == "active"
    assert alone.find_deployment("nothing:here") is None
    assert "there:Org/M-1" in alone
    assert alone.registered == ("here", "here:m-1", "me/m-1", "there", "there:org/m-1")


def test_registered_rows_stand_among_those_of_the_package(over: ModelManager) -> None:
    before, count = over.get_models_for_pipeline("text-generation", at=AT), len(over)
    old = over.revision()
    over.register({"id": "acme:alpha-0", "model": "acme/alpha-1", "prices": [{"input": "0.01"}]})
    after = over.get_models_for_pipeline("text-generation", at=AT)
    assert set(after.ids) == {*before.ids, "acme:alpha-0"}
    assert "acme:alpha-0" not in before  # an answer stays what it was
    assert len(over) == count + 1
    assert {one.id: one.limits.context for one in after}["acme:alpha-0"] == 128000  # inherited
    assert over.get_deployment("alpha-0").id == "acme:alpha-0"
    with pytest.raises(NotFoundError, match="did you mean `acme:alpha-0`"):
        over.get_deployment("acme:alpha-00")
    assert over.revision() != old
    over.unregister("acme:alpha-0")
    assert over.revision() == old
    assert over.get_models_for_pipeline("text-generation", at=AT).ids == before.ids


def test_a_model_of_the_package_is_replaced_with_all_that_follows(over: ModelManager) -> None:
    facts = {"id": "acme/alpha-1", "name": "Other", "pipelines": ["text-classification"]}
    with pytest.raises(RegistrationError, match="`acme/alpha-1` is known already: pass `replace"):
        over.register(facts)
    old = over.get_deployment("acme:alpha-1-2025-08-15")
    over.register(facts, replace=True)
    assert over.get_deployment("acme:alpha-1-2025-08-15").model_name == "Other"
    assert old.model_name == "Alpha 1"
    found = over.get_models_for_pipeline("text-classification", at=AT)
    assert "acme:alpha-1-2025-08-15" in found
    assert "acme:alpha-1-2025-08-15" not in over.get_models_for_pipeline("causal_lm", at=AT)
    assert over.find_model("acme/alpha-one") is None  # an alias that is not stated any more
    over.unregister("acme/alpha-1")
    assert over.get_model("acme/alpha-one").name == "Alpha 1"
    assert "acme:alpha-1-2025-08-15" in over.get_models_for_pipeline("causal_lm", at=AT)


def test_a_provider_of_the_package_is_replaced_with_all_that_follows(over: ModelManager) -> None:
    over.register({**HERE, "id": "acme"}, replace=True)
    assert over.get_deployment("acme:embed-1").source_type == "self-hosted"
    hosted = over.get_models_for_pipeline("embeddings", include_api=False)
    assert "acme:embed-1" in hosted
    over.unregister("acme")
    assert over.get_deployment("acme:embed-1").source_type == "api"


def test_a_moving_name_has_the_prices_of_what_it_means(alone: ModelManager) -> None:
    alone.register_many(
        [
            model(1, deployments={"here:a": {"prices": [{"input": "1.00"}]}}),
            {"id": "here:b", "model": "me/m-1", "prices": [{"input": "2.00"}]},
            {
                "id": "here:latest",
                "model": "me/m-1",
                "points_to": [
                    {"from": "2025-01-01", "deployment": "here:a"},
                    {"from": "2026-01-01", "deployment": "here:b"},
                ],
            },
        ]
    )
    name = alone.get_deployment("here:latest")
    assert (name.price("input", "2025-06-01"), name.price("input", AT)) == (1, 2)
    alone.register({"id": "here:b", "model": "me/m-1", "prices": [{"input": "3.00"}]}, replace=True)
    assert alone.get_deployment("here:latest").price("input", AT) == 3


def test_a_moving_name_of_the_package_follows_what_is_registered(over: ModelManager) -> None:
    before = over.revision()
    was = over.get_deployment("acme:alpha-1").price("input", AT)
    target = "acme:alpha-1-2025-08-15"
    over.register(
        {"id": target, "model": "acme/alpha-1", "prices": [{"input": "90"}]}, replace=True
    )
    assert over.get_deployment("acme:alpha-1").price("input", AT) == 90
    assert over.get_deployment("acme:alpha-1").price("input", "2025-06-01") != 90
    cheap = over.get_models_for_pipeline("text-generation", max_cost_per_1k="0.05", at=AT)
    assert not {"acme:alpha-1", target} & {*cheap.ids}
    assert over.registered == (target,)
    over.register({"id": target, "model": "acme/alpha-1"}, replace=True)
    assert over.get_deployment("acme:alpha-1").price("input", AT) is None
    over.unregister(target)
    assert over.get_deployment("acme:alpha-1").price("input", AT) == was
    assert (over.revision(), over.registered) == (before, ())
    again = over.get_models_for_pipeline("text-generation", max_cost_per_1k="0.05", at=AT)
    assert {"acme:alpha-1", target} <= {*again.ids}


WRONG: list[tuple[Any, str]] = [
    (model(2, contxt=5), "`me/m-2` has no field `contxt`"),
    (model(2, pipeline=["text-generation"]), "did you mean `pipelines`"),
    (model(2, limits={"context": "8192"}), "takes a whole number, not '8192'"),
    (model(2, limits={"context": True}), "takes a whole number, not True"),
    (model(2, limits={"context": 0}), "must be above 0"),
    (model(2, limits={"context": 10**5000}), "must be at most 1,000,000,000, not a huge int"),
    (
        model(2, deployments={"here:m-2": {"prices": [{"input": "0.0400000000000001"}]}}),
        "at most nine digits before the point and nine after it",
    ),
    (model(2, open_weights="yes"), "takes True or False, not 'yes'"),
    (model(2, name=""), "`name` cannot be ''"),
    (model(2, released="2026-02-30"), "there is no such day"),
    (model(2, pipelines=["causal_lm"]), "`causal_lm`; did you mean `text-generation`"),
    (model(2, pipelines=["text-generaton"]), "did you mean `text-generation`"),
    (model(2, pipelines="text-generation"), "`pipelines` takes a list"),
    (model(2, architecture="LlamaForCausalML"), "did you mean `LlamaForCausalLM`"),
    (model(2, modalities={"input": ["txt"]}), "did you mean `text`"),
    (model(2, aliases=["me/m-1"]), "has the name `me/m-1`, which means `me/m-1`"),
    (model(2, deployments={"here:x": 3}), "takes a mapping of `provider:name` to facts"),
    (model(2, deployments={"me/x": {}}), "takes a mapping of `provider:name` to facts"),
    (model(2, deployments={"here:x": {"model": "me/m-1"}}), "is of 'me/m-1'"),
    (model(2, deployments={"heer:x": {}}), "unknown provider `heer`; did you mean `here`"),
    ({"id": "here:x", "model": "me/m1"}, "unknown model `me/m1`; did you mean `me/m-1`"),
    ({"id": "here:x"}, "needs `model`"),
    ({"id": "here:x", "model": "me/m-1", "prices": [{"input": 2.5}]}, "quote it as exact text"),
    ({"id": "here:x", "model": "me/m-1", "prices": [{"input": 2}]}, "quote it as exact text"),
    ({"id": "here:x", "model": "me/m-1", "prices": [{"input": "-1"}]}, "quoted decimal above zero"),
    (
        {"id": "here:x", "model": "me/m-1", "prices": [{"input": "2.5\n"}]},
        "quoted decimal above zero",
    ),
    ({"id": "here:x", "model": "me/m-1", "prices": [{"inptu": "1"}]}, "did you mean `input`"),
    ({"id": "here:x", "model": "me/m-1", "prices": []}, "`prices` is empty: leave it out"),
    (
        {"id": "here:x", "model": "me/m-1", "prices": [{"currency": "XXX", "input": "1"}]},
        "unknown currency `XXX`",
    ),
    ({"id": "here:x", "model": "me/m-1", "wire_name": "y"}, "differs from the id by more than"),
    (
        {"id": "here:x", "model": "me/m-1", "lifecycle": {"status": "actve"}},
        "did you mean `active`",
    ),
    ({"id": "HERE", "name": "X", "kind": "api"}, "`id` cannot be 'HERE'"),
    ({"id": "x", "name": "X", "kind": "self-hosted"}, "needs `runtime`"),
    ({"id": "x", "name": "X", "kind": "api", "runtime": "vllm"}, "`runtime` cannot be 'vllm'"),
    ({"id": "x", "name": "X", "kind": "api", "access": [{"method": "api"}]}, "needs `protocol`"),
    ({"id": "x", "name": "X", "kind": "api", "usage": []}, "in catalog files only"),
    ({"name": "X"}, "needs an `id`"),
    ({"id": 3}, "needs an `id` such as `openai/gpt-4o`; 3 is none"),
    ({"id": "me/x", "name": "X", 3: 4}, "has a key that is no text"),
    ({"id": "me/x", "name": "\ud800"}, "no Unicode"),
    (3, "a mapping with the fields of a catalog file is due"),
    (None, "a mapping with the fields of a catalog file is due"),
    ("me/x", "a mapping with the fields of a catalog file is due"),
]


@pytest.mark.parametrize(("facts", "words"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said(alone: ModelManager, facts: Any, words: str) -> None:
    alone.register(model(1))
    before = alone.registered, alone.revision()
    with pytest.raises(RegistrationError, match=re.escape(words)) as caught:
        alone.register(facts)
    assert caught.value.problems
    assert (alone.registered, alone.revision()) == before


def test_everything_that_is_wrong_is_said_at_once(alone: ModelManager) -> None:
    deep: dict[str, Any] = {"id": "me/deep", "name": "D"}
    deep["limits"] = deep
    with pytest.raises(RegistrationError) as caught:
        alone.register_many(
            [
                model(1),
                model(2, contxt=1, pipelines=["x-y"]),
                {"id": "nobody:x", "model": "a/b"},
                deep,
            ]
        )
    told = caught.value.problems
    assert len(told) == 5
    assert [one.split("`")[1] for one in told] == [
        "me/m-2",
        "me/deep",
        "nobody:x",
        "nobody:x",
        "me/m-2",
    ]
    assert "me/m-1" not in alone  # all or none


def test_the_same_again_is_no_news_and_something_else_needs_a_word(alone: ModelManager) -> None:
    alone.register(model(1))
    state = alone.catalog
    assert alone.register(model(1)).id == "me/m-1"
    with pytest.raises(RegistrationError, match="is known already"):
        alone.register(model(1, name="Other"))
    with pytest.raises(RegistrationError, match="is there twice, with different facts"):
        alone.register_many([model(5), model(5, name="Other")])
    alone.register(model(1, name="Other"), replace=True)
    assert (alone.get_model("me/m-1").name, state.get_model("me/m-1").name) == ("Other", "M 1")


def test_what_is_used_is_not_taken_out_by_accident(alone: ModelManager) -> None:
    alone.register(model(1))
    for id in ("me/m-1", "here"):
        with pytest.raises(RequestError, match="still has `here:m-1`"):
            alone.unregister(id)
    alone.unregister("here", with_deployments=True)
    assert alone.registered == ("me/m-1",)
    with pytest.raises(NotFoundError, match="was not registered; did you mean `me/m-1`"):
        alone.unregister("me/m-11")


def test_what_the_package_has_cannot_be_taken_out(over: ModelManager) -> None:
    with pytest.raises(NotFoundError, match="stands in the package"):
        over.unregister("acme:embed-1")


CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "max_position_embeddings": 8192,
    "torch_dtype": "bfloat16",
}


def test_a_config_says_what_a_model_is_for(alone: ModelManager, tmp_path: Path) -> None:
    made = alone.register_config("Org/Nice-7B", CONFIG, provider="here")
    assert (made.id, made.name, made.weights.hf) == ("org/nice-7b", "Nice-7B", "Org/Nice-7B")
    assert (made.pipelines, made.architecture) == (("text-generation",), "LlamaForCausalLM")
    assert (made.limits.context, made.weights.dtype) == (8192, "bfloat16")
    assert alone.get_deployment("here:org/nice-7b").wire_name == "Org/Nice-7B"
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    for n, place in enumerate((tmp_path, str(tmp_path / "config.json"))):
        assert alone.register_config(f"org/copy-{n}", place).pipelines == ("text-generation",)


@pytest.mark.parametrize("given", ["nowhere", 3, None, "\0", []])
def test_a_config_that_cannot_be_read_is_refused(alone: ModelManager, given: Any) -> None:
    with pytest.raises(RegistrationError, match="cannot be read"):
        alone.register_config("org/x", given)


NOTHING = "`org/x` has a configuration that says nothing of what it serves: .* state `pipelines`"
HOSTILE = {"architectures": 3, "max_position_embeddings": -1, "model_type": ["x"], "dtype": 1e9}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, NOTHING),
        (HOSTILE, NOTHING),
        ({"architectures": ["LlamaForCasualLM"]}, "unknown class `LlamaForCasualLM`; did you mean"),
        ({"architectures": ["FooForBar"]}, "unknown class `FooForBar`"),
        ({**CONFIG, "max_position_embeddings": "x"}, "`max_position_embeddings` is 'x', which is"),
    ],
)
def test_a_config_that_says_nothing_is_refused(
    alone: ModelManager, config: Any, words: str
) -> None:
    with pytest.raises(RegistrationError, match=words):
        alone.register_config("org/x", config)
    assert "org/x" not in alone


def test_what_a_scan_found_is_registered(alone: ModelManager) -> None:
    found = Found(
        name="Org/Nice-7B",
        kind="hub",
        where="cache",
        state="complete",
        repo="Org/Nice-7B",
        runtime="transformers",
        architecture="LlamaForCausalLM",
        pipelines=("text-generation",),
        context=4096,
        parameters=7_000_000_000,
    )
    made = alone.register(found)
    assert made.id == "local-transformers:org/nice-7b"
    server = Found(
        name="llama3:8b",
        kind="server",
        where="http://localhost:11434",
        runtime="ollama",
        protocol="ollama",
    )
    other = server.changed(where="http://localhost:11435")
    ids = [one.id for one in alone.register_many([found, server])]
    assert ids == [made.id, "local-ollama:llama3:8b"]
    assert alone.register(other).id == "local-ollama-no-2:llama3:8b"
    assert made.id in alone.get_models_for_pipeline("causal_lm", include_api=False)
    with pytest.raises(RegistrationError, match="is partial"):
        alone.register(found.changed(state="partial"))


def test_names_resolve_as_in_a_package(alone: ModelManager) -> None:
    alone.register({**HERE, "id": "there"})
    alone.register(model(1, aliases=["me/one"], deployments={"here:m": {}, "there:m": {}}))
    assert alone.get_model("one").id == alone.get_model("me/one").id == "me/m-1"
    with pytest.raises(AmbiguousError) as caught:
        alone.get_deployment("m")
    assert caught.value.nearest == ("here:m", "there:m")
    assert [one.id for one in alone] == ["here:m", "there:m"]
    assert "here:m" in alone
    assert "here:n" not in alone
    assert 3 not in alone
    assert alone.get_models_by_provider("there").ids == ("there:m",)
    alone.unregister("here:M")
    assert "here:m" not in alone
    assert ModelManager(None)  # though nothing is in it


def test_words_are_found_in_any_order_and_case(alone: ModelManager) -> None:
    alone.register(model(1, name="Nice Model", family="nice", deployments={"here:n-1": {}}))
    alone.register(model(2, name="Other", deployments={"here:nice": {}, "here:z-nice": {}}))
    assert [one.id for one in alone.search("NICE")] == ["here:n-1", "here:nice", "here:z-nice"]
    assert [one.id for one in alone.search("model_ nice")] == ["here:n-1"]
    assert alone.search("nice", limit=1)[0].id == "here:n-1"
    assert alone.search("absent").ids == ()
    with pytest.raises(RequestError):  # no words would be met by everything
        alone.search("")
    with pytest.raises(RequestError):
        alone.search(3)  # type: ignore[arg-type]


def test_a_call_is_priced(alone: ModelManager) -> None:
    alone.register(model(1, deployments={"here:m": {"prices": [{"input": "2.00", "output": "4"}]}}))
    assert alone.price("here:m", {"input": 1000, "output": 500}).total == Decimal("0.004")


@pytest.mark.parametrize("name", ["json", "no_such_package", "", 3])
def test_what_is_no_package_is_refused(name: Any) -> None:
    with pytest.raises(NotFoundError, match="not a generated package"):
        ModelManager(name)


def test_the_shortcuts_of_a_package_know_what_is_registered(over: ModelManager) -> None:
    one = {"prices": [{"input": "0.01", "output": "0.01"}], "capabilities": {"tools": True}}
    over.register_many([HERE, model(1, deployments={"here:m-1": one})])
    used = {"input": 1000, "output": 1000}
    assert "here:m-1" in over.get_models_by_capability("tools")
    best = over.cheapest(used, "text-generation", include_api=False, limit=1)
    assert [cost.deployment for cost in best] == ["here:m-1"]
    pair = over.compare(["here:m-1", "acme:alpha-1-2025-08-15"], used, at=AT, tier="standard")
    assert [row.deployment for row in pair.costs] == ["here:m-1", "acme:alpha-1-2025-08-15"]
    with pytest.raises(RequestError, match="a call cannot ask for `teir`; did you mean `tier`"):
        over.compare(["here:m-1"], used, teir="batch")
    assert "here:m-1" in over.get_models_for_policy("cheap-chat", at=AT)
    with pytest.raises(NotFoundError, match="did you mean `cheap-chat`"):
        over.get_models_for_policy("cheap-chats")
