"""What a model's card and files say -> its pipeline types: real cases, and anything at all."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import modelbook_catalog
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.decision import Decision, Evidence, decide
from modelbook_catalog import get_pipelines_for_architecture, pipeline_ids
from modelbook_compiler.build import check
from modelbook_compiler.emit.python import package

CAUSAL = {"auto_map": ("AutoConfig", "AutoModelForCausalLM")}
CASES: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "a card's word": ({"pipeline_tag": "text-ranking"}, ("text-ranking",), "certain"),
    "a card's word in an old spelling": ({"pipeline_tag": "ner"}, ("token-classification",), "certain"),
    "a card that the class agrees with": (
        {"pipeline_tag": "video-text-to-text", "architectures": ("Qwen2_5_VLForConditionalGeneration",)},
        ("video-text-to-text", "image-text-to-text"),
        "certain",
    ),
    "a card against the class (gte-Qwen2)": (
        {"pipeline_tag": "sentence-similarity", "architectures": ("Qwen2ForCausalLM",)},
        ("sentence-similarity",),
        "certain",
    ),
    "a tag that was folded (T5)": (
        {"pipeline_tag": "text2text-generation", "architectures": ("T5ForConditionalGeneration",)},
        ("text-generation", "summarization", "translation"),
        "high",
    ),
    "a tag of two meanings and a class": (
        {"pipeline_tag": "conversational", "architectures": ("LlavaForConditionalGeneration",)},
        ("image-text-to-text",),
        "high",
    ),
    "a tag of two meanings alone": ({"pipeline_tag": "conversational"}, ("text-generation",), "low"),
    "a tag that is none": (
        {"pipeline_tag": "dreaming", "architectures": ("LlamaForCausalLM",)},
        ("text-generation",),
        "high",
    ),
    "llama": ({"architectures": ("LlamaForCausalLM",)}, ("text-generation",), "high"),
    "whisper": (
        {"architectures": ("WhisperForConditionalGeneration",), "model_type": "whisper"},
        ("automatic-speech-recognition",),
        "high",
    ),
    "qwen3-embedding": (
        {
            "library": "sentence-transformers",
            "architectures": ("Qwen3ForCausalLM",),
            "model_type": "qwen3",
            "files": ("config.json", "modules.json"),
            "sentence_transformers_modules": (
                "sentence_transformers.models.Transformer",
                "sentence_transformers.models.Pooling",
                "sentence_transformers.models.Normalize",
            ),
        },
        ("sentence-similarity", "feature-extraction"),
        "high",
    ),
    "an embedder known by its files": (
        {"architectures": ("BertModel",), "files": ("modules.json",)},
        ("sentence-similarity", "feature-extraction"),
        "medium",
    ),
    "a sparse encoder": (
        {
            "architectures": ("BertForMaskedLM",),
            "sentence_transformers_modules": (
                "sentence_transformers.sparse_encoder.models.SpladePooling",
            ),
        },
        ("feature-extraction", "sentence-similarity"),
        "high",
    ),
    "a cross-encoder": (
        {
            "library": "sentence-transformers",
            "architectures": ("BertForSequenceClassification",),
            "num_labels": 1,
        },
        ("text-ranking", "text-classification"),
        "high",
    ),
    "a cross-encoder of three classes (NLI)": (
        {
            "library": "sentence-transformers",
            "architectures": ("DebertaV2ForSequenceClassification",),
            "num_labels": 3,
        },
        ("text-classification",),
        "high",
    ),
    "a reranker in a causal class (Qwen3-Reranker)": (
        {
            "tags": ("sentence-transformers", "reranker"),
            "architectures": ("Qwen3ForCausalLM",),
        },
        ("text-ranking",),
        "high",
    ),
    "a reranker without a library": (
        {"architectures": ("XLMRobertaForSequenceClassification",), "num_labels": 1},
        ("text-ranking", "text-classification"),
        "medium",
    ),
    "a reward model has one label too": (
        {
            "architectures": ("LlamaForSequenceClassification",),
            "num_labels": 1,
            "tags": ("reward-model",),
        },
        ("text-classification",),
        "high",
    ),
    "a classifier of three classes": (
        {"architectures": ("RobertaForSequenceClassification",), "num_labels": 3},
        ("text-classification",),
        "high",
    ),
    "stable diffusion": (
        {"model_index_class": "StableDiffusionXLPipeline", "library": "diffusers"},
        ("text-to-image",),
        "high",
    ),
    "flux kontext does both": (
        {"model_index_class": "FluxKontextPipeline"},
        ("text-to-image", "image-to-image"),
        "high",
    ),
    "a pipeline class of the future": (
        {"model_index_class": "Dream9ImageToVideoPipeline"},
        ("image-to-video",),
        "low",
    ),
    "timm": ({"library": "timm"}, ("image-classification", "image-feature-extraction"), "high"),
    "tensorflow": ({"architectures": ("TFBertForMaskedLM",)}, ("fill-mask",), "high"),
    "jax": ({"architectures": ("FlaxT5ForConditionalGeneration",)}, ("text-generation",), "high"),
    "remote code (InternVL)": (
        {
            "architectures": ("InternVLChatModel",),
            "auto_map": ("AutoConfig", "AutoModel", "AutoModelForCausalLM"),
            "model_type": "internvl_chat",
            "sub_configs": ("llm_config", "vision_config"),
        },
        ("image-text-to-text",),
        "medium",
    ),
    "remote code (Phi-3 vision)": (
        {
            "architectures": ("Phi3VForCausalLM",),
            "auto_map": ("AutoConfig", "AutoModelForCausalLM"),
            "model_type": "phi3_v",
            "sub_configs": ("embd_layer", "img_processor"),
        },
        ("image-text-to-text",),
        "medium",
    ),
    "remote code that only names AutoModel": (
        {
            "architectures": ("MiniCPMVForConditionalGeneration",),
            "auto_map": ("AutoModel",),
            "sub_configs": ("vision_config",),
        },
        ("image-text-to-text",),
        "medium",
    ),
    "remote code that hears (Ultravox)": (
        {
            "architectures": ("UltravoxForConditionalGeneration",),
            "sub_configs": ("audio_config", "text_config"),
        },
        ("audio-text-to-text",),
        "medium",
    ),
    "remote code that sees and hears": (
        {**CAUSAL, "architectures": ("XForCausalLM",), "sub_configs": ("vision_config", "audio_config")},
        ("image-text-to-text", "audio-text-to-text"),
        "medium",
    ),
    "remote code of text (Baichuan)": (
        {**CAUSAL, "architectures": ("BaichuanForCausalLM",), "model_type": "baichuan"},
        ("text-generation",),
        "medium",
    ),
    "remote code that classifies": (
        {
            "architectures": ("NewForSequenceClassification",),
            "auto_map": ("AutoModel", "AutoModelForSequenceClassification"),
        },
        ("text-classification",),
        "medium",
    ),
    "remote code whose name says more than AutoModel": (
        {"architectures": ("NewForTokenClassification",), "auto_map": ("AutoModel",)},
        ("token-classification",),
        "low",
    ),
    "a vision tower is no vision-language model": (
        {"architectures": ("NewForImageClassification",), "sub_configs": ("vision_config",)},
        ("image-classification",),
        "low",
    ),
    "an unknown class of a known type (Qwen2.5-Omni)": (
        {"architectures": ("Qwen2_5OmniModel",), "model_type": "qwen2_5_omni"},
        ("any-to-any",),
        "low",
    ),
    "an unknown head of a known type": (
        {"architectures": ("MyLlamaForTokenClassification",), "model_type": "llama"},
        ("token-classification",),
        "medium",
    ),
    "a head whose name says nothing": (
        {"architectures": ("MyQwenForConditionalGeneration",), "model_type": "qwen2_vl"},
        ("image-text-to-text",),
        "low",
    ),
    "a model type in capitals": ({"model_type": "LLaMA"}, ("text-generation",), "low"),
    "an unknown type and class": (
        {"architectures": ("NewForQuestionAnswering",), "model_type": "new"},
        ("question-answering",),
        "low",
    ),
    "tags, in the official order": (
        {"tags": ("pytorch", "fill-mask", "text-classification")},
        ("text-classification", "fill-mask"),
        "low",
    ),
    "a library that does one thing": ({"files": ("model.nemo",)}, ("automatic-speech-recognition",), "low"),
    "nothing": ({}, (), "unknown"),
    "nothing known": ({"architectures": ("Blob",), "model_type": "blob"}, (), "unknown"),
}


def decided(**evidence: Any) -> Decision:
    """Return the decision on some evidence."""
    return decide(Evidence(**evidence), modelbook_catalog.catalog())


@pytest.mark.parametrize("case", CASES)
def test_a_model_is_decided(case: str) -> None:
    evidence, pipelines, confidence = CASES[case]
    found = decided(**evidence)
    assert found.pipelines[: len(pipelines)] == pipelines
    assert bool(found.pipelines) == bool(pipelines)
    assert found.confidence == confidence
    assert found.reasons


def test_a_card_against_the_class_says_so() -> None:
    found = decided(pipeline_tag="text-ranking", architectures=("BertForMaskedLM",))
    assert found.pipelines == ("text-ranking",)
    assert any("fill-mask" in reason for reason in found.reasons)


def test_the_exact_class_is_what_the_lookup_says() -> None:
    for name in modelbook_catalog.get_architectures_for_pipeline("text-generation"):
        assert decided(architectures=(name,)).pipelines == get_pipelines_for_architecture(name)


def test_only_types_of_the_catalog_come_out(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bert = mini / "architectures" / "bert.yaml"
    row = "  XForSequenceClassification: {pipelines: [text-classification], basis: official}\n"
    bert.write_text(bert.read_text().replace("sources:", f"{row}sources:"))
    for one in package(check(mini).book(), "book_of_few"):
        (tmp_path / one.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / one.path).write_bytes(one.content)
    monkeypatch.syspath_prepend(str(tmp_path))
    catalog = import_module("book_of_few").catalog()
    evidence = Evidence(architectures=("XForSequenceClassification",), num_labels=1)
    found = decide(evidence, catalog)  # a scorer ranks, which this catalog has no type for
    assert found.pipelines == ("text-classification",)
    assert decide(Evidence(tags=("text-ranking",)), catalog).confidence == "unknown"


words = st.text(max_size=12) | st.sampled_from(
    [
        "ner",
        "conversational",
        "text-generation",
        "LlamaForCausalLM",
        "TFBertModel",
        "XForConditionalGeneration",
        "AutoModelForCausalLM",
        "AutoModel",
        "vision_config",
        "llama",
        "sentence-transformers",
        "timm",
        "modules.json",
        "FluxPipeline",
        "translation_en_to_fr",
    ]
)
junk = words | st.none() | st.integers() | st.booleans() | st.lists(words, max_size=2)
many = st.lists(junk, max_size=4).map(tuple) | junk


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "pipeline_tag": junk,
            "library": junk,
            "tags": many,
            "files": many,
            "model_index_class": junk,
            "architectures": many,
            "auto_map": many,
            "model_type": junk,
            "sub_configs": many,
            "num_labels": junk,
            "sentence_transformers_modules": many,
        },
    )
)
@settings(max_examples=400, deadline=None)
def test_anything_is_decided_and_only_official_ids_come_out(evidence: dict[str, Any]) -> None:
    found = decided(**evidence)
    assert set(found.pipelines) <= set(pipeline_ids())
    assert len(set(found.pipelines)) == len(found.pipelines)
    assert (found.confidence == "unknown") == (not found.pipelines)
    assert all(isinstance(reason, str) for reason in found.reasons)
    assert found == decided(**evidence)
