"""Weights and runtimes -> deployments that people run themselves: what is planned, and what not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook_compiler.discover import place
from modelbook_compiler.schemas import authored, bundled
from modelbook_importers.market import xinference
from modelbook_importers.market.claims import Fact, Hints, Place, Raw, Row
from modelbook_importers.market.identity import Identity, Tables, identify
from modelbook_importers.market.planned import Planned
from modelbook_importers.market.runtime_classes import (
    Purpose,
    Runtime,
    RuntimeClasses,
    runtime_classes,
)
from modelbook_importers.market.self_hosted import LEFT, SelfHosted, planned_self_hosted
from modelbook_importers.wheels import CannotImportError

jsonschema_rs = pytest.importorskip("jsonschema_rs")

Pack = Callable[..., Path]
AT = Place("xinference/model/llm/models/a.json", "/0")
CHECKED, LABEL = "2026-02-03", "xinference 4.1.0"
VLLM = "https://example.com/vllm"
KNOWN = RuntimeClasses(
    {
        "sglang": Runtime(
            "sglang 0.5", "https://example.com/sglang", frozenset({"LlamaForCausalLM"})
        ),
        "transformers": Runtime(
            "transformers 5.0", "https://example.com/t", frozenset({"BertModel"})
        ),
        "vllm": Runtime("vllm 1.0", VLLM, frozenset({"LlamaForCausalLM", "MoeModel", "BertModel"})),
    },
    frozenset(
        {"sglang", "transformers", "vllm", "sentence-transformers", "diffusers", "llama-cpp"}
    ),
    {"org/listed": ("MoeModel",), "org/both": ("BertModel", "LlamaForCausalLM")},
    {
        "sentence-transformers": Purpose(
            ("sentence-similarity", "feature-extraction"),
            {"url": "https://example.com/l", "checked": "2026-01-01", "fields": ["pipelines"]},
        )
    },
    {
        "LlamaForCausalLM": ("text-generation",),
        "BertModel": ("feature-extraction",),
        "MoeModel": ("text-generation",),
    },
    {"org/known": "BertModel"},
)


def row(repository: str, *, model: str = "", **more: Any) -> tuple[Row, Identity]:
    """Return a row of weights as xinference's reader makes it, and what it is."""
    tags: Mapping[str, str] = more.pop("tags", {})
    facts = {"weights.hf": repository, **more.pop("facts", {})}
    if "base" in more:
        facts = {}
    file = more.pop("file", AT.file)
    hints = Hints(**{"mode": "chat", "format": "pytorch", "family": "a", **more})
    raw = Raw("xinference", "xinference", repository)
    claims = tuple(Fact(name, value, Place(file, "/0"), True) for name, value in facts.items())
    creator, _, name = (model or repository.lower()).partition("/")
    return Row(raw, Place(file, "/0"), "weights", claims, (), hints), Identity(
        raw, None, "", creator, name, tags
    )


def plan(*weights: tuple[Row, Identity], known: RuntimeClasses = KNOWN) -> SelfHosted:
    """Return what some rows come to."""
    return planned_self_hosted(weights, known, CHECKED, LABEL)


def ids(found: SelfHosted) -> list[str]:
    """Return the ids of the deployments that are planned."""
    return [one.id for one in found.planned]


def why(found: SelfHosted) -> dict[str, str]:
    """Return the reason for each repository that is left out."""
    return {one.raw.key: one.why for one in found.left}


def claimed(found: SelfHosted, model: str) -> dict[str, Any]:
    """Return what is claimed of a model."""
    return {fact.field: fact.value for fact in found.facts[model]}


LLAMA = {"architecture": "LlamaForCausalLM"}


def test_a_model_runs_wherever_a_runtime_loads_its_class() -> None:
    found = plan(row("Org/Llama-8B", facts=LLAMA))
    assert ids(found) == ["sglang:org/llama-8b", "vllm:org/llama-8b"]
    assert found.planned[1] == Planned(
        "deployment",
        "vllm:org/llama-8b",
        {
            "model": "org/llama-8b",
            "wire_name": "Org/Llama-8B",
            "lifecycle": {"status": "active"},
            "sources": [
                {"url": VLLM, "checked": CHECKED, "note": "vllm 1.0: loads LlamaForCausalLM"},
                {
                    "url": "https://github.com/xorbitsai/inference",
                    "checked": CHECKED,
                    "note": "xinference 4.1.0: names the class",
                },
            ],
        },
        ("vllm 1.0", "xinference 4.1.0"),
    )


def test_a_wire_name_is_stated_only_where_case_differs() -> None:
    (first, *_) = plan(row("org/llama", facts=LLAMA)).planned
    assert "wire_name" not in first.data


def test_a_class_that_no_runtime_loads_and_none_at_all_are_told_apart() -> None:
    found = plan(row("org/odd", facts={"architecture": "OddModel"}), row("org/none"))
    assert (ids(found), why(found)) == ([], {"org/odd": "not-loaded", "org/none": "no-class"})


def test_a_class_is_compared_letter_by_letter() -> None:
    assert why(plan(row("org/a", facts={"architecture": "llamaforcausallm"}))) == {
        "org/a": "not-loaded"
    }


def test_a_runtime_that_names_the_repository_is_believed_whatever_its_case() -> None:
    found = plan(row("ORG/Listed"))
    assert ids(found) == ["vllm:org/listed"]
    assert found.planned[0].said_by == ("vllm 1.0",)
    assert claimed(found, "org/listed")["architecture"] == "MoeModel"


def test_where_statements_differ_a_runtime_must_load_all_and_the_model_gets_no_class() -> None:
    found = plan(row("org/listed", facts=LLAMA))
    assert ids(found) == ["vllm:org/listed"]
    assert "architecture" not in claimed(found, "org/listed")
    assert "LlamaForCausalLM, MoeModel" in found.planned[0].data["sources"][0]["note"]


def test_a_class_among_several_that_are_listed_is_confirmed() -> None:
    found = plan(row("org/both", facts=LLAMA))
    assert ids(found) == ["sglang:org/both", "vllm:org/both"]
    assert claimed(found, "org/both")["architecture"] == "LlamaForCausalLM"


def test_what_people_say_of_a_class_has_the_last_word() -> None:
    found = plan(row("org/known", facts=LLAMA))
    assert ids(found) == ["transformers:org/known", "vllm:org/known"]
    assert found.planned[0].said_by == ("transformers 5.0",)


def test_sizes_of_a_family_share_a_class_with_those_of_their_shape_alone() -> None:
    mixture = {"parameters.active": 3}
    found = plan(
        row("org/listed", facts=mixture),
        row("org/other-a3b", facts=mixture, file="b.json"),
        row("org/plain"),
        row("org/elsewhere", file="b.json"),
    )
    assert ids(found) == ["vllm:org/listed", "vllm:org/other-a3b"]
    assert why(found) == {"org/plain": "no-class", "org/elsewhere": "no-class"}


def test_kin_of_several_classes_say_nothing() -> None:
    found = plan(row("org/both"), row("org/plain"))
    assert why(found) == {"org/plain": "no-class"}


def test_images_of_one_word_do_not_share_a_class() -> None:
    found = plan(row("org/listed", mode="ocr"), row("org/plain", mode="ocr"))
    assert why(found) == {"org/plain": "no-class"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"base": "org/a"}, "quantized"),
        ({"tags": {"quantization": "int4"}}, "quantized"),
        ({"tags": {"packed_by": "somebody"}}, "repacked"),
        ({"tags": {"packed_by": "somebody", "quantization": "fp16"}}, "repacked"),
    ],
)
def test_only_what_the_maker_published_is_deployed(more: dict[str, Any], reason: str) -> None:
    found = plan(row("org/b", model="org/a", facts=LLAMA, **more))
    assert (ids(found), why(found)) == ([], {"org/b": reason})


def test_a_row_of_something_else_is_told() -> None:
    weights, identity = row("org/a", facts=LLAMA)
    other = Row(weights.raw, weights.place, "model", weights.facts, (), weights.hints)
    assert why(plan((other, identity))) == {"org/a": "not-weights"}


def test_of_several_repositories_the_plainest_is_deployed_in_whatever_order() -> None:
    rows = [
        row("org/a-fp32", model="org/a", facts=LLAMA, tags={"quantization": "fp32"}),
        row("org/a-bf16", model="org/a", facts=LLAMA, tags={"quantization": "bf16"}),
        row("org/B", model="org/b", facts=LLAMA),
        row("org/A2", model="org/b", facts=LLAMA),
    ]
    assert {one.data["model"]: one.id for one in plan(*rows).planned if "vllm" in one.id} == {
        "org/a": "vllm:org/a-bf16",
        "org/b": "vllm:org/a2",
    }
    assert plan(*rows).planned == plan(*reversed(rows)).planned
    assert why(plan(*rows)) == {"org/a-fp32": "another-repository", "org/B": "another-repository"}


def test_a_repository_is_deployed_once_in_whatever_case() -> None:
    rows = (
        row("Org/A", model="org/x", facts=LLAMA),
        row("org/a", model="org/a", facts=LLAMA),
        row("org/a", model="org/a", facts=LLAMA),
    )
    found = plan(*rows)
    assert {one.data["model"] for one in found.planned} == {"org/a"}
    assert [(one.raw.key, one.why) for one in found.left] == [
        ("Org/A", "claimed-twice"),
        ("org/a", "another-repository"),
    ]


def test_embeddings_run_where_xinference_runs_them() -> None:
    engines = ("sentence_transformers", "vllm", "flag")
    found = plan(row("org/e", mode="embedding", engines=engines))
    assert ids(found) == ["sentence-transformers:org/e", "vllm:org/e"]
    assert found.planned[0].data["pipelines"] == ["sentence-similarity", "feature-extraction"]
    assert found.planned[0].data["sources"][-1]["fields"] == ["pipelines"]
    assert "pipelines" not in found.planned[1].data


def test_rerankers_keep_what_they_are_for() -> None:
    facts = {"architecture": "BertModel", "pipelines": ["text-ranking"]}
    found = plan(row("org/r", mode="rerank", engines=("sentence_transformers",), facts=facts))
    assert claimed(found, "org/r") == {"weights.hf": "org/r", "pipelines": ["text-ranking"]}
    assert "pipelines" not in found.planned[0].data


def test_else_the_class_says_what_a_model_is_for() -> None:
    facts = {**LLAMA, "pipelines": ["image-to-text"]}
    assert "pipelines" not in claimed(plan(row("org/o", mode="ocr", facts=facts)), "org/o")


def test_images_run_where_xinference_adds_no_code_of_its_own() -> None:
    image = {"mode": "image_generation", "engines": ("diffusers", "vllm")}
    found = plan(
        row("org/i", family="stable_diffusion", **image),
        row("org/own", family="iris", **image),
        row("org/v", mode="video_generation", engines=("diffusers",)),
    )
    assert ids(found) == ["diffusers:org/i", "diffusers:org/v"]
    assert why(found) == {"org/own": "no-class"}


def test_an_engine_says_nothing_of_a_chat_model() -> None:
    assert why(plan(row("org/a", engines=("vllm", "transformers")))) == {"org/a": "no-class"}


def test_a_gguf_of_the_maker_runs_in_llama_cpp() -> None:
    gguf = {"model": "org/a", "base": "Org/A", "format": "ggufv2", "engines": ("llama.cpp",)}
    found = plan(
        row("Org/A", facts=LLAMA),
        row("org/A-GGUF", **gguf),
        row("Other/A-GGUF", **gguf),
        row("Or/A-GGUF", **gguf),
        row("Org/A-two", **{**gguf, "base": "Org/Another"}),
        row("Org/A-awq", **{**gguf, "format": "awq"}),
    )
    (made,) = [one for one in found.planned if one.id.startswith("llama-cpp:")]
    assert (made.id, made.data["wire_name"]) == ("llama-cpp:org/a-gguf", "org/A-GGUF")
    assert made.data["quantization"] == "gguf"
    assert {*why(found)} == {"Other/A-GGUF", "Or/A-GGUF", "Org/A-two", "Org/A-awq"}


def test_nothing_is_deployed_at_a_provider_that_is_not_there() -> None:
    none = RuntimeClasses({}, frozenset())
    rows = (row("org/a", facts=LLAMA), row("org/e", mode="embedding", engines=("vllm",)))
    assert why(plan(*rows, known=none)) == {"org/a": "not-loaded", "org/e": "no-class"}


NAMES = st.sampled_from(["org/a", "Org/A", "org/listed", "org/both", "b/c-gguf", "plain"])
ROWS = st.builds(
    lambda name, model, facts, tags, more: row(name, model=model, facts=facts, tags=tags, **more),
    NAMES,
    st.sampled_from(["org/a", "org/b", "org/known"]),
    st.sampled_from([{}, LLAMA, {"architecture": "X"}, {"parameters.active": 3}]),
    st.sampled_from([{}, {"quantization": "bf16"}, {"quantization": "awq"}, {"packed_by": "x"}]),
    st.sampled_from(
        [
            {},
            {"base": "org/a", "format": "ggufv2", "engines": ("llama.cpp",)},
            {"mode": "embedding", "engines": ("sentence_transformers", "vllm")},
            {"mode": None, "family": None},
        ]
    ),
)


@given(st.lists(ROWS, max_size=8), st.randoms(use_true_random=False))
def test_whatever_the_rows_each_is_planned_or_told(
    rows: list[tuple[Row, Identity]], shuffle: random.Random
) -> None:
    found = plan(*rows)
    names = {one.data.get("wire_name", one.id.partition(":")[2]) for one in found.planned}
    assert {one.raw.key for one, _ in rows} == names | {one.raw.key for one in found.left}
    assert {one.why for one in found.left} <= {*LEFT}
    assert len({*ids(found)}) == len(found.planned)
    assert ids(found) == sorted(ids(found))
    mixed = list(rows)
    shuffle.shuffle(mixed)
    assert {*ids(plan(*mixed))} == {*ids(found)}


def test_what_xinference_publishes_is_planned_as_the_schema_wants_it(
    pack: Pack, known: Tables, root: Path
) -> None:
    rows = xinference.read(pack("xinference")).rows
    weights = [(one, named) for one in rows if isinstance(named := identify(one, known), Identity)]
    found = planned_self_hosted(weights, runtime_classes(root / "catalog"), CHECKED, LABEL)
    checker = jsonschema_rs.validator_for(bundled(authored("deployment")))
    assert "vllm:qwen/qwen2.5-vl-7b-instruct" in ids(found)
    assert "transformers:qwen/qwen2.5-vl-7b-instruct" in ids(found)
    assert "sentence-transformers:qwen/qwen3-embedding-0.6b" in ids(found)
    assert "llama-cpp:qwen/qwen3-embedding-0.6b-gguf" in ids(found)
    for one in found.planned:
        assert not [fault.message for fault in checker.iter_errors(one.data)], one.id
        provider, _, wire = one.id.partition(":")
        assert place(f"providers/{provider}/deployments/{wire}.yaml") == one.subject


def test_a_catalog_tells_its_runtimes(root: Path) -> None:
    found = runtime_classes(root / "catalog")
    assert {*found.runtimes} == {"sglang", "transformers", "vllm"}
    assert all("LlamaForCausalLM" in one.classes for one in found.runtimes.values())
    assert found.runtimes["transformers"].release.startswith("transformers ")
    assert found.repositories["qwen/qwen3-8b"] == ("Qwen3ForCausalLM",)
    assert found.models["baai/bge-m3"] == "XLMRobertaModel"
    assert "ollama" in found.providers
    assert "openai" not in found.providers


def test_a_catalog_without_the_table_says_so(mini: Path) -> None:
    with pytest.raises(CannotImportError, match=r"no `runtime-classes\.yaml`"):
        runtime_classes(mini)


def family(**facts: Any) -> bytes:
    """Return a file of xinference with one family of chat models."""
    sizes: list[dict[str, Any]] = facts.pop("sizes", [{}])
    specs = [
        {
            "model_format": "pytorch",
            "model_size_in_billions": number,
            "model_src": {"huggingface": {"model_id": f"org/a-{number}b"}},
            **size,
        }
        for number, size in enumerate(sizes, 1)
    ]
    named = {"model_name": "a", "model_ability": ["chat"], "model_specs": specs}
    return json.dumps([{**named, **facts}]).encode()


def stated(path: Path) -> dict[str, Any]:
    """Return the class that is claimed for each repository."""
    return {one.raw.key: one.value("architecture") for one in xinference.read(path).rows}


@pytest.mark.parametrize(
    ("listed", "claim"),
    [
        (["LlamaForCausalLM"], "LlamaForCausalLM"),
        (["A", "B"], None),
        ([], None),
        ("LlamaForCausalLM", None),
        ([3], None),
        (["no class"], None),
    ],
)
def test_one_class_is_claimed_and_nothing_odd(
    listed: object, claim: str | None, pack: Pack
) -> None:
    assert stated(pack("xinference", content=family(architectures=listed))) == {"org/a-1b": claim}


def test_one_class_for_mixtures_and_others_is_claimed_for_neither(pack: Pack) -> None:
    sizes = [{}, {"activated_size_in_billions": 1}]
    content = family(architectures=["LlamaForCausalLM"], sizes=sizes)
    assert stated(pack("xinference", content=content)) == {"org/a-1b": None, "org/a-2b": None}


def test_a_small_format_is_how_a_model_is_published_if_there_is_no_other(pack: Pack) -> None:
    def spec(name: str, form: str, size: int) -> dict[str, Any]:
        source = {"huggingface": {"model_id": name}}
        return {"model_format": form, "model_src": source, "model_size_in_billions": size}

    sizes = [
        spec("org/a", "fp8", 1),
        spec("org/b", "pytorch", 2),
        spec("org/b2", "fp8", 2),
        spec("org/c-FP8", "fp8", 3),
        spec("org/d", "awq", 4),
    ]
    rows = xinference.read(pack("xinference", content=family(sizes=sizes))).rows
    assert {one.raw.key: (one.value("weights.hf"), one.hints.base) for one in rows} == {
        "org/a": ("org/a", None),
        "org/b": ("org/b", None),
        "org/b2": (None, "org/b"),
        "org/c-FP8": (None, None),
        "org/d": (None, None),
    }


@pytest.mark.parametrize(
    ("facts", "engines"),
    [
        ({"virtualenv": {"packages": ['x ; #engine# == "vLLM"', "y", 3]}}, ("vllm",)),
        ({"engine": "MLX"}, ("mlx",)),
        ({"virtualenv": {"packages": "vllm"}}, ()),
        ({"virtualenv": None, "engine": 3}, ()),
        ({"virtualenv": {"packages": ["git+https://github.com/h/diffusers"]}}, ("diffusers",)),
        (
            {
                "model_name": "Qwen3-Reranker-4B",
                "virtualenv": {
                    "packages": ['#engine# == "sentence_transformers"', '#engine# == "vllm"']
                },
            },
            ("vllm",),
        ),
        ({"type": "LLM-based", "virtualenv": {"packages": ['#engine# == "vllm"']}}, ()),
    ],
)
def test_engines_are_those_that_run_it(
    facts: dict[str, Any], engines: tuple[str, ...], pack: Pack
) -> None:
    (one,) = xinference.read(pack("xinference", content=family(**facts))).rows
    assert one.hints.engines == engines


def test_abilities_of_one_purpose_are_claimed_once(pack: Pack) -> None:
    able = ["inpainting", "text2image", "image2image", 3, "zero_shot"]
    (one,) = xinference.read(pack("xinference", content=family(model_ability=able))).rows
    # the folder that the file lies in, that of embeddings, has its say too
    own = ["feature-extraction", "text-to-image", "image-to-image"]
    assert one.value("pipelines") == own
