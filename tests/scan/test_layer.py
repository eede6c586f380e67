"""What was found, written as a catalog: it checks and compiles by itself, and selects."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from modelbook.catalog import Catalog
from modelbook.decision import Evidence, decide
from modelbook.scan import naming
from modelbook.scan.found import Found, Report
from modelbook.scan.layer import Layer, layer
from modelbook.scan.yaml_text import document
from modelbook_compiler.build import check
from modelbook_compiler.compilation import Output, targets
from modelbook_compiler.publish import carry_out

DAY = "2026-11-23"


@pytest.fixture
def written(tmp_path: Path, book: Catalog) -> Callable[..., tuple[Layer, Path]]:
    """Return a function that writes the layer of some models, and holds that it is clean."""

    def write(*models: Found) -> tuple[Layer, Path]:
        made = layer(Report(places=(), models=models, problems=()), book, DAY)
        folder = tmp_path / "layer"
        for path, text in made.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        assert [str(one) for one in check(folder).diagnostics] == []
        return made, folder

    return write


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Return a function that compiles a catalog and imports the package."""
    monkeypatch.syspath_prepend(str(tmp_path / "out"))

    def run(folder: Path) -> Any:
        for target in targets(check(folder).book(), Output(tmp_path / "out", "here_models")):
            carry_out(target.plan)
        importlib.invalidate_caches()
        return importlib.import_module("here_models")

    yield run
    for name in [name for name in sys.modules if name.partition(".")[0] == "here_models"]:
        del sys.modules[name]


def found(name: str, **facts: Any) -> Found:
    """Return a complete model of the hub's cache."""
    usual = {"kind": "hub", "where": f"/cache/{name}", "repo": name, "state": "complete"}
    usual |= {"runtime": "transformers", "revision": "abc123", "pipelines": ("text-generation",)}
    return Found(**{**usual, "name": name, **facts})


def test_the_layer_of_a_real_scan_compiles_and_selects(
    tmp_path: Path, make: Any, scanned: Any, written: Any, compiled: Any
) -> None:
    root = tmp_path / "hub"
    make.cached(root, "Org/Tiny-Llama", {**make.llama(), "README.md": "---\nlicense: mit\n---\n"})
    make.cached(root, "org/Tiny-GGUF", {"t.Q4_0.gguf": make.gguf(make.metadata, {"w": (0, (8,))})})
    make.cached(root, "org/half", {"config.json": json.dumps(make.config)})
    made, folder = written(*scanned(root).models)
    assert (made.models, made.deployments, made.problems) == (2, 2, ())
    package = compiled(folder)
    one = package.get_deployment("local-transformers:org/tiny-llama")
    assert (one.model, one.wire_name, one.source_type) == (
        *("org/tiny-llama", "Org/Tiny-Llama"),
        "self-hosted",
    )
    assert (one.limits.context, one.parameters.total, one.license) == (8192, 72, "MIT")
    assert (one.weights.hf, one.weights.bytes, one.weights.dtype) == (
        *("Org/Tiny-Llama", 144),
        "bfloat16",
    )
    assert one.architecture == "LlamaForCausalLM"
    assert one.sources[0].url == f"https://huggingface.co/Org/Tiny-Llama/tree/{make.commit}"
    gguf = package.get_deployment("local-llama-cpp:org/tiny-gguf:q4_0")
    assert (gguf.wire_name, gguf.quantization) == ("org/Tiny-GGUF:Q4_0", "gguf")
    selected = package.get_models_for_pipeline("causal_lm", min_context_length=8000)
    assert [m.id for m in selected] == [one.id]


def test_the_layer_knows_what_the_book_knows(written: Any, compiled: Any, book: Catalog) -> None:
    _, folder = written(found("org/a"))
    ours = compiled(folder).catalog()
    assert ours.pipeline_ids() == book.pipeline_ids()
    for name in ("ner", "causal_lm", "sentiment-analysis"):
        assert ours.pipeline_id(name) == book.pipeline_id(name)
    assert ours.table("_registry").UNITS == book.table("_registry").UNITS
    assert ours.table("_pipelines").AMBIGUOUS == book.table("_pipelines").AMBIGUOUS


CASES = (
    Evidence(pipeline_tag="translation_en_to_fr"),
    Evidence(pipeline_tag="chat"),
    Evidence(pipeline_tag="no-such-type"),
    Evidence(library="timm"),
    Evidence(library="ultralytics"),
    Evidence(library="stable-baselines3", tags=("reinforcement-learning",)),
    Evidence(files=("a/b.nemo",)),
    Evidence(sentence_transformers_modules=("x.cross_encoder.models.Dense",)),
    Evidence(sentence_transformers_modules=("sentence_transformers.models.Pooling",)),
    Evidence(library="sentence-transformers", tags=("reranker",)),
    Evidence(auto_map=("AutoModelForSeq2SeqLM", "AutoModel")),
    Evidence(auto_map=("AutoModelForRNNT",)),
    Evidence(auto_map=("AutoModelForCausalLM",), sub_configs=("vision_config", "audio_config")),
    Evidence(auto_map=("AutoModel",), architectures=("OurThingForTokenClassification",)),
    Evidence(architectures=("OurThingForCTC",)),
    Evidence(architectures=("OurThingModel",), tags=("fill-mask",)),
    Evidence(model_index_class="OurI2VPipeline"),
    Evidence(tags=("keras", "image-classification")),
    Evidence(),
)


def test_the_layer_decides_as_the_book_does(written: Any, compiled: Any, book: Catalog) -> None:
    _, folder = written(found("org/a"))
    ours = compiled(folder).catalog()
    assert [decide(case, ours) for case in CASES] == [decide(case, book) for case in CASES]
    assert sum(bool(decide(case, ours).pipelines) for case in CASES) == len(CASES) - 2
    for name in ("AUTO_CLASSES", "SUFFIXES", "LIBRARIES", "API_MODES", "API_MODALITIES"):
        assert getattr(ours.table("_decision"), name) == getattr(book.table("_decision"), name)
    assert ours.table("_pipelines").PATTERNS == book.table("_pipelines").PATTERNS


def test_nothing_is_imported_by_made_up_tables(written: Any) -> None:
    made, _ = written(found("org/a"))
    rows = yaml.safe_load(made.files["auto-classes.yaml"])["tables"]
    assert {row["derive"] for row in rows} == {False}
    assert len({row["table"] for row in rows}) == len(rows)


def test_a_class_of_a_library_keeps_its_library(written: Any, compiled: Any) -> None:
    _, folder = written(
        found("org/sd", architecture="StableDiffusionPipeline", pipelines=("text-to-image",))
    )
    known = compiled(folder).get_architecture("StableDiffusionPipeline")
    assert (known.library, known.pipelines) == ("diffusers", ("text-to-image",))


def test_unknown_is_left_out(written: Any) -> None:
    made, _ = written(found("org/a", pipelines=()))
    fields = yaml.safe_load(made.files["models/org/a.yaml"])
    assert set(fields) == {"name", "weights", "sources", "exceptions"}
    assert [one["rule"] for one in fields["exceptions"]] == ["MB309"]


def test_a_use_that_the_class_does_not_say(written: Any) -> None:
    made, _ = written(
        found("org/e", architecture="MistralForCausalLM", pipelines=("sentence-similarity",))
    )
    fields = yaml.safe_load(made.files["models/org/e.yaml"])
    assert [one["rule"] for one in fields["exceptions"]] == ["MB308"]
    assert "architectures/mistral.yaml" in made.files


def test_a_class_of_several_model_types(written: Any, compiled: Any, book: Catalog) -> None:
    _, folder = written(found("org/g", architecture="GPT2LMHeadModel"))
    ours = compiled(folder).catalog().get_architecture("GPT2LMHeadModel")
    assert ours == book.get_architecture("GPT2LMHeadModel")


def test_a_class_that_the_book_does_not_know_is_left_out(written: Any) -> None:
    made, _ = written(found("org/x", architecture="XyzForCausalLM"))
    assert "architecture" not in yaml.safe_load(made.files["models/org/x.yaml"])


def test_names_that_cannot_be_told_apart_are_reported(written: Any) -> None:
    made, _ = written(
        found("Org/Name"), found("org/name"), found("org/na.me"), found("org/n-a-m-e")
    )
    assert made.models == 1
    assert [one.text for one in made.problems] == [
        "`org/name` would be taken for `Org/Name`; left out of the layer",
        "`org/na.me` would be taken for `Org/Name`; left out of the layer",
        "`org/n-a-m-e` would be taken for `Org/Name`; left out of the layer",
    ]


def test_the_same_repository_in_two_caches_is_one(written: Any) -> None:
    made, _ = written(found("org/a"), found("org/a", where="/other/cache"))
    assert (made.models, made.deployments) == (1, 1)
    assert "is there already" in made.problems[0].text


def test_variants_are_deployments_of_one_model(written: Any) -> None:
    gguf = {"repo": "org/g", "runtime": "llama-cpp", "quantization": "gguf"}
    made, _ = written(
        found("org/g:Q4_K_M", variant="Q4_K_M", context=4096, weight_bytes=5, **gguf),
        found("org/g:Q8_0", variant="Q8_0", context=2048, weight_bytes=9, **gguf),
    )
    assert (made.models, made.deployments) == (1, 2)
    fields = yaml.safe_load(made.files["models/org/g.yaml"])
    assert fields["weights"] == {"hf": "org/g"}  # their sizes differ
    other = made.files["providers/local-llama-cpp/deployments/org/g%3Aq8_0.yaml"]
    assert yaml.safe_load(other)["limits"] == {"context": 2048}


def server(name: str, url: str, runtime: str | None, **facts: Any) -> Found:
    """Return a model of a server."""
    usual = {"kind": "server", "where": url, "protocol": "openai", "runtime": runtime}
    return Found(**{**usual, "name": name, **facts})


def test_servers_are_providers(written: Any, compiled: Any) -> None:
    made, folder = written(
        found("org/a", context=4096),
        server("org/a", "http://localhost:8000/v1", "vllm", context=2048),
        server("llama3.1:8b", "http://localhost:11434", "ollama", protocol="ollama"),
        server("llama3.1:8b", "http://localhost:11435", "ollama", protocol="ollama"),
        server("remote", "http://10.0.0.7:8000/v1", None),
        server("org/a", "http://10.0.0.8:8000/v1", "vllm", context=2048),
        server("safe", "https://models.example.com/v1", None),
    )
    assert (made.models, made.deployments, made.problems) == (4, 7, ())
    package = compiled(folder)
    ids = package.catalog().provider_ids()
    assert ids == (
        "local-ollama",
        "local-ollama-no-2",
        "local-server",
        "local-server-no-2",
        "local-transformers",
        "local-vllm",
        "local-vllm-no-2",
    )
    served = package.get_deployment("local-vllm:org/a")
    assert (served.model, served.limits.context) == ("org/a", 2048)
    assert package.get_provider("local-vllm").access[0].base_url == "http://localhost:8000/v1"
    near = package.get_provider("local-vllm-no-2").access[0]
    assert near.base_url == "http://10.0.0.8:8000/v1"
    assert package.get_provider("local-server").access == ()
    assert package.get_provider("local-server-no-2").kind == "api"
    assert package.get_deployment("local-ollama-no-2:llama3.1:8b").model == "local/llama3.1-8b"


def test_what_nobody_can_run_is_reported(written: Any) -> None:
    made, _ = written(found("org/a", runtime=None), found("org/b"))
    assert made.models == 1
    assert made.problems[0].text == "no runtime is known to run it; left out of the layer"


NAMES = st.text(max_size=40) | st.sampled_from(
    ["", "/", "a//b", "../../etc/passwd", ".hidden/.x", "a/b/c:d", "CON", "a:b:c", ":", "x" * 300]
)


@given(
    st.lists(
        st.tuples(NAMES, NAMES, st.sampled_from(["hub", "folder", "gguf", "server"])), max_size=5
    )
)
@settings(max_examples=25, deadline=None)
def test_any_names_make_a_catalog_that_is_clean(
    tmp_path_factory: pytest.TempPathFactory, book: Catalog, named: list[tuple[str, str, str]]
) -> None:
    models = tuple(
        found(name, kind=kind, title=title or None, repo=name if kind == "hub" else None)
        for name, title, kind in named
    )
    made = layer(Report(places=(), models=models, problems=()), book, DAY)
    folder = tmp_path_factory.mktemp("named") / "layer"
    for path, text in made.files.items():
        target = folder / path
        assert ".." not in path.split("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    assert [str(one) for one in check(folder).diagnostics] == []


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("meta-llama/Llama-3.1-8B", "meta-llama/llama-3.1-8b"),
        ("gpt2", "local/gpt2"),
        ("llama3.1:8b", "local/llama3.1-8b"),
        ("hf.co/org/Name:Q4", "hf.co/org-name-q4"),
        ("My Model (v2)", "local/my-model-v2"),
        ("_org_/__x__", "org/x"),
        ("日本", None),
        ("", None),
        ("org/", "local/org"),
        ("x" * 200, None),
    ],
)
def test_ids(name: str, id: str | None) -> None:
    assert naming.model_id(name) == id


@given(st.text(max_size=30))
def test_texts_come_back(text: str) -> None:
    visible = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    assume(not re.fullmatch(r"\d{4}-\d\d-\d\d", visible))  # stays plain: dates are in our files
    written = document("x.yaml", "model", {"k": {"in": [text, 1, True]}})
    assert yaml.safe_load(written) == {"k": {"in": [visible, 1, True]}}
