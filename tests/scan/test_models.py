"""Folders and cached revisions -> models: weights, parameters, parts, what is missing."""

from __future__ import annotations

import json
import os
import pickle
import time
from pathlib import Path
from typing import Any

import pytest
from modelbook.scan.found import Found


def one(report: Any) -> Found:
    """Return the only model of a report."""
    (found,) = report.models
    assert isinstance(found, Found)
    return found


def texts(found: Any) -> list[str]:
    """Return what the problems of a report or model say."""
    return [problem.text for problem in getattr(found, "all_problems", found.problems)]


def test_a_cached_model(tmp_path: Path, make: Any, scanned: Any) -> None:
    card = "---\nlicense: mit\nbase_model: org/base\n---\n"
    make.cached(tmp_path, "org/Tiny-Llama", {**make.llama(), "README.md": card})
    report = scanned(tmp_path, context=1000)
    found = one(report)
    assert (found.name, found.kind, found.repo) == ("org/Tiny-Llama", "hub", "org/Tiny-Llama")
    assert (found.revision, found.refs, found.state) == (make.commit, ("main",), "complete")
    assert (found.architecture, found.model_type) == ("LlamaForCausalLM", "llama")
    assert (found.pipelines, found.runtime) == (("text-generation",), "transformers")
    assert (found.parameters, found.weight_bytes, found.dtype) == (72, 144, "bfloat16")
    assert (found.context, found.context_from) == (8192, "max_position_embeddings")
    assert found.cache is not None
    assert found.cache.per_token == 2 * 3 * 2 * 16 * 2
    assert (found.memory, found.memory_context) == (144 + 28 + 384 * 1000, 1000)
    assert (found.license, found.base_model) == ("mit", "org/base")
    assert report.all_problems == ()


def test_memory_is_for_no_more_than_the_context(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.write(tmp_path / "m", make.llama(max_position_embeddings=100))
    assert one(scanned(tmp_path)).memory_context == 100
    assert one(scanned(tmp_path, context=50)).memory_context == 50


def test_what_is_not_stated_is_not_known(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.write(tmp_path / "m", {"config.json": '{"model_type": "nobody-knows"}'})
    found = one(scanned(tmp_path))
    assert found.state == "no weights"
    unknown = ("parameters", "dtype", "context", "weight_bytes", "cache", "memory", "license")
    assert {name: getattr(found, name) for name in unknown} == dict.fromkeys(unknown)
    assert (found.pipelines, found.confidence) == ((), "unknown")


def shards(make: Any, total: int, keep: int, **config: Any) -> dict[str, bytes | str]:
    """Return a model in shards, of which some are there."""
    names = [f"model-{n:05}-of-{total:05}.safetensors" for n in range(1, total + 1)]
    index = {"metadata": {}, "weight_map": {f"t{n}": name for n, name in enumerate(names)}}
    files = {
        name: make.safetensors({f"t{n}": ("BF16", (10,))}) for n, name in enumerate(names[:keep])
    }
    config_file = json.dumps({**make.config, **config})
    return {"config.json": config_file, "model.safetensors.index.json": json.dumps(index), **files}


@pytest.mark.parametrize("indexed", [True, False])
def test_shards(tmp_path: Path, make: Any, scanned: Any, indexed: bool) -> None:
    files = shards(make, 3, 3)
    if not indexed:
        del files["model.safetensors.index.json"]
    make.write(tmp_path / "whole", files)
    found = one(scanned(tmp_path))
    assert (found.state, found.parameters, found.weight_bytes) == ("complete", 30, 60)


@pytest.mark.parametrize("indexed", [True, False])
def test_missing_shards_make_it_partial(
    tmp_path: Path, make: Any, scanned: Any, indexed: bool
) -> None:
    files = shards(make, 4, 2)
    if not indexed:
        del files["model.safetensors.index.json"]
    make.write(tmp_path / "partial", files)
    found = one(scanned(tmp_path))
    assert (found.state, found.parameters, found.weight_bytes, found.memory) == (
        *("partial", None, None),
        None,
    )
    assert texts(found) == ["weights are missing: `model-00003-of-00004.safetensors` and 1 more"]


def test_a_missing_blob_makes_it_partial(tmp_path: Path, make: Any, scanned: Any) -> None:
    folder = make.cached(tmp_path, "org/m", make.llama())
    (folder / "snapshots" / make.commit / "model.safetensors").resolve().unlink()
    found = one(scanned(tmp_path))
    assert found.state == "partial"
    assert texts(found) == ["the content of `model.safetensors` is not there"]


def test_a_file_cut_short(tmp_path: Path, make: Any, scanned: Any) -> None:
    files = make.llama()
    make.write(tmp_path / "m", {**files, "model.safetensors": files["model.safetensors"][:-10]})
    found = one(scanned(tmp_path))
    assert found.state == "partial"
    assert texts(found) == ["is cut short: 10 bytes of its tensors are not there"]


QUANTIZED = {
    "gptq": (
        {"quant_method": "gptq", "bits": 4},
        {
            "q_proj.qweight": ("I32", (8, 64)),
            "q_proj.qzeros": ("I32", (1, 8)),
            "q_proj.g_idx": ("I32", (64,)),
            "q_proj.scales": ("F16", (1, 64)),
            "norm.weight": ("F16", (64,)),
        },
        64 * 64 + 64,
    ),
    "awq, eight bits": (
        {"quant_method": "awq", "w_bit": 8},
        {"q_proj.qweight": ("I32", (64, 16))},
        64 * 64,
    ),
    "three bits": (
        {"quant_method": "gptq", "bits": 3},
        {"q_proj.qweight": ("I32", (6, 64))},
        64 * 64,
    ),
    "bitsandbytes": (
        {"quant_method": "bitsandbytes", "load_in_4bit": True},
        {
            "q_proj.weight": ("U8", (2048, 1)),
            "q_proj.weight.absmax": ("U8", (64,)),
            "q_proj.weight.quant_map": ("F32", (16,)),
            "q_proj.weight.quant_state.bitsandbytes__nf4": ("U8", (80,)),
        },
        4096,
    ),
    "compressed tensors": (
        {
            "quant_method": "compressed-tensors",
            "config_groups": {"group_0": {"weights": {"num_bits": 4}}},
        },
        {"q.weight_packed": ("I32", (64, 8)), "q.weight_scale": ("BF16", (64, 1))},
        64 * 64,
    ),
    "fp8": (
        {"quant_method": "fp8"},
        {"q.weight": ("F8_E4M3", (64, 64)), "q.weight_scale_inv": ("F32", (1, 1))},
        64 * 64,
    ),
    "mxfp4": (
        {"quant_method": "mxfp4"},
        {
            "experts.gate_up_proj_blocks": ("U8", (2, 64, 16)),
            "experts.gate_up_proj_scales": ("U8", (2, 64)),
            "norm.weight": ("BF16", (64,)),
        },
        2 * 64 * 32 + 64,
    ),
    "bits not stated": (
        {"quant_method": "mystery"},
        {"q.qweight": ("I32", (8, 64))},
        None,
    ),
    "integers, and nobody says why": (
        None,
        {"q.weight": ("I8", (64, 64)), "norm.weight": ("F16", (4,))},
        None,
    ),
    "integer buffers": (
        None,
        {"embeddings.position_ids": ("I64", (1, 512)), "w": ("F32", (64, 64))},
        4096,
    ),
    "truth values": (None, {"mask": ("BOOL", (512,)), "w": ("F32", (8,))}, 8),
    "no weights": (None, {"embeddings.position_ids": ("I64", (1, 4))}, None),
}


@pytest.mark.parametrize("name", QUANTIZED)
def test_parameters(tmp_path: Path, make: Any, scanned: Any, name: str) -> None:
    quantization, tensors, expected = QUANTIZED[name]
    more = {"quantization_config": quantization} if quantization else {}
    files = {**make.llama(**more), "model.safetensors": make.safetensors(tensors)}
    make.write(tmp_path / "m", files)
    found = one(scanned(tmp_path))
    assert found.parameters == expected
    assert found.state == "complete"
    assert found.quantization == (quantization or {}).get("quant_method")


def test_a_pickle_is_measured_and_never_opened(tmp_path: Path, make: Any, scanned: Any) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path(tmp_path / "ran").touch, ()

    content = pickle.dumps(Evil())
    make.write(
        tmp_path / "m", {"config.json": json.dumps(make.config), "pytorch_model.bin": content}
    )
    found = one(scanned(tmp_path))
    assert (found.format, found.weight_bytes, found.parameters) == ("pytorch", len(content), None)
    assert found.state == "complete"
    assert not (tmp_path / "ran").exists()


def test_safetensors_are_preferred(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.write(tmp_path / "m", {**make.llama(), "pytorch_model.bin": "x" * 999, "tf_model.h5": "y"})
    assert one(scanned(tmp_path)).weight_bytes == 144


def test_onnx_in_several_precisions_is_one_graph(tmp_path: Path, make: Any, scanned: Any) -> None:
    files = {"onnx/model_q4.onnx": "1234", "onnx/model.onnx": "12345678"}
    make.write(tmp_path / "m", {"config.json": json.dumps(make.config), **files})
    found = one(scanned(tmp_path))
    assert (found.format, found.weight_bytes, found.runtime) == ("onnx", 8, "onnxruntime")


def test_an_adapter(tmp_path: Path, make: Any, scanned: Any) -> None:
    adapter = {"base_model_name_or_path": "meta-llama/Llama-3.1-8B", "peft_type": "LORA"}
    weights = make.safetensors({"lora_A.weight": ("F32", (8, 64))})
    files = {"adapter_config.json": json.dumps(adapter), "adapter_model.safetensors": weights}
    make.cached(tmp_path, "me/adapter", files)
    found = one(scanned(tmp_path))
    assert (found.library, found.base_model) == ("peft", "meta-llama/Llama-3.1-8B")
    assert (found.parameters, found.state) == (512, "complete")


def diffusers(make: Any) -> dict[str, bytes | str]:
    """Return the files of a small diffusers model."""
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "safety_checker": [None, None],
        "tokenizer": ["transformers", "CLIPTokenizer"],
    }
    return {
        "model_index.json": json.dumps(index),
        "unet/config.json": '{"_class_name": "UNet2DConditionModel"}',
        "unet/diffusion_pytorch_model.safetensors": make.safetensors({"u": ("F16", (10,))}),
        "vae/diffusion_pytorch_model.safetensors": make.safetensors({"v": ("F16", (20,))}),
        "text_encoder/model.safetensors": make.safetensors({"t": ("F16", (30,))}),
        "text_encoder/model.fp16.safetensors": make.safetensors({"t": ("F16", (30,))}),
        "tokenizer/vocab.json": "{}",
    }


def test_the_parts_of_a_diffusers_model(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.write(tmp_path / "sd", diffusers(make))
    found = one(scanned(tmp_path))
    assert (found.architecture, found.runtime) == ("StableDiffusionPipeline", "diffusers")
    assert (found.parameters, found.weight_bytes, found.dtype) == (60, 120, "float16")


def test_a_part_that_is_not_here(tmp_path: Path, make: Any, scanned: Any) -> None:
    files = diffusers(make)
    del files["unet/diffusion_pytorch_model.safetensors"]
    make.write(tmp_path / "sd", files)
    found = one(scanned(tmp_path))
    assert (found.state, found.parameters) == ("partial", None)
    assert texts(found) == ["weights are missing: `unet/model.safetensors`"]
    make.write(tmp_path / "sd", {"unet/diffusion_pytorch_model.bin": "x" * 7})
    found = one(scanned(tmp_path))
    sizes = sum(path.stat().st_size for path in (tmp_path / "sd").rglob("*model.safetensors"))
    assert (found.format, found.state, found.weight_bytes) == ("pytorch", "complete", sizes + 7)


def test_a_sentence_encoder(tmp_path: Path, make: Any, scanned: Any) -> None:
    config = {**make.config, "architectures": ["BertModel"], "model_type": "bert"}
    modules = [
        {"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "path": "2_Dense", "type": "sentence_transformers.models.Dense"},
    ]
    files = {
        "config.json": json.dumps({**config, "max_position_embeddings": 512}),
        "modules.json": json.dumps(modules),
        "sentence_bert_config.json": '{"max_seq_length": 256}',
        "tokenizer_config.json": '{"model_max_length": 512}',
        "1_Pooling/config.json": '{"word_embedding_dimension": 64}',
        "model.safetensors": make.safetensors({"e": ("F32", (10,))}),
        "2_Dense/model.safetensors": make.safetensors({"d": ("F32", (5,))}),
    }
    make.write(tmp_path / "encoder", files)
    found = one(scanned(tmp_path))
    assert (found.library, found.runtime) == ("sentence-transformers",) * 2
    assert (found.context, found.parameters) == (256, 15)
    assert found.cache is not None
    assert found.cache.per_token == 0
    assert found.memory == 60 + 12


def test_gguf_files_of_one_repository(tmp_path: Path, make: Any, scanned: Any) -> None:
    tensors = {"token_embd.weight": (0, (64, 3)), "blk.0.w": (2, (64, 64))}
    files = {
        "tiny.Q4_0.gguf": make.gguf(make.metadata, tensors),
        "tiny-F32.gguf": make.gguf(make.metadata, {"w": (0, (64, 4))}),
        "mmproj-F32.gguf": make.gguf({"general.architecture": "clip"}, {"v": (0, (4,))}),
        "README.md": "---\nlicense: mit\n---\n",
    }
    make.cached(tmp_path, "org/Tiny-GGUF", files)
    low, high = scanned(tmp_path).models
    assert (low.name, high.name) == ("org/Tiny-GGUF:F32", "org/Tiny-GGUF:Q4_0")
    assert (high.variant, high.format, high.runtime) == ("Q4_0", "gguf", "llama-cpp")
    assert (high.parameters, high.weight_bytes, high.dtype) == (4288, 768 + 2304, "Q4_0")
    assert (high.context, high.title) == (4096, "Tiny Llama")
    assert high.pipelines == ("text-generation",)
    assert high.cache is not None
    assert high.cache.per_token == 2 * 2 * (16 + 16) * 2


def test_a_gguf_in_several_files(tmp_path: Path, make: Any, scanned: Any) -> None:
    for n in (1, 2):
        values = make.metadata if n == 1 else {"split.no": 1}
        file = {f"big-{n:05}-of-00002.gguf": make.gguf(values, {f"w{n}": (0, (8,))})}
        make.write(tmp_path, file)
    (found,) = scanned(tmp_path).models
    assert (found.name, found.state, found.parameters) == ("big", "complete", 16)
    (alone,) = scanned(tmp_path / "big-00001-of-00002.gguf").models
    assert (alone.name, alone.parameters) == ("big", 16)
    (tmp_path / "big-00002-of-00002.gguf").unlink()
    (found,) = scanned(tmp_path).models
    assert (found.state, found.parameters, found.weight_bytes) == ("partial", None, None)
    assert texts(found) == ["1 of 2 files are missing"]


@pytest.mark.parametrize(
    ("changes", "full", "sliding"),
    [
        ({"llama.attention.head_count_kv": [2, 0]}, 128, 0),
        ({"llama.attention.key_length": 32}, 2 * 2 * (32 + 16) * 2, 0),
        ({"llama.attention.causal": False}, 0, 0),
        ({"llama.attention.kv_lora_rank": 32, "llama.rope.dimension_count": 8}, 160, 0),
        (
            {
                "llama.attention.sliding_window": 100,
                "llama.attention.sliding_window_pattern": [True, False],
            },
            *(128, 128),
        ),
        ({"llama.attention.head_count_kv": 0, "llama.attention.head_count": 0}, 0, 0),
    ],
)
def test_what_gguf_models_keep(
    tmp_path: Path, make: Any, scanned: Any, changes: dict[str, Any], full: int, sliding: int
) -> None:
    make.write(tmp_path, {"m.gguf": make.gguf({**make.metadata, **changes}, {"w": (0, (8,))})})
    kept = one(scanned(tmp_path)).cache
    assert kept is not None
    assert (kept.full, kept.sliding) == (full, sliding)


def test_a_gguf_that_embeds(tmp_path: Path, make: Any, scanned: Any) -> None:
    values = {"general.architecture": "bert", "bert.context_length": 512}
    make.write(tmp_path, {"m.gguf": make.gguf(values, {"w": (0, (8,))})})
    found = one(scanned(tmp_path))
    assert (found.pipelines, found.context) == (("feature-extraction",), 512)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("config.json", "{", "is not JSON"),
        ("config.json", "[" * 100_000, "nested too deep"),
        ("config.json", '{"a": 1' + "0" * 5000 + "}", "is not JSON"),
        ("config.json", b"\xff\xfe\x00", "is not JSON"),
        ("config.json", "[]", "is not a JSON object"),
        ("config.json", '{"architectures": "Llama"}', "`architectures` is no list of texts"),
        ("config.json", '{"model_type": ["llama"]}', "`model_type` is no line of text"),
        ("config.json", '{"quantization_config": 4}', "`quantization_config` is no object"),
        ("config.json", '{"max_position_embeddings": 1e400}', "is no count"),
        ("tokenizer_config.json", '{"model_max_length": -5}', "is no count"),
        ("model.safetensors.index.json", "{}", "names no shards"),
        ("model.safetensors.index.json", '{"weight_map": {"a": 1}}', "names no shards"),
        ("model.safetensors.index.json", '{"weight_map": {"a": "/etc/passwd"}}', "no shards"),
        ("model.safetensors", b"\xff" * 8, "claims a header"),
        ("modules.json", '[{"path": 1}]', "`path` is no line of text"),
        ("adapter_config.json", '{"base_model_name_or_path": 7}', "is no line of text"),
    ],
)
def test_a_hostile_file_is_a_line_in_the_report(
    tmp_path: Path, make: Any, scanned: Any, name: str, content: str | bytes, said: str
) -> None:
    bert = json.dumps({"architectures": ["BertModel"], "max_position_embeddings": 512})
    make.write(tmp_path / "m", {**make.llama(), "config.json": bert, name: content})
    make.write(tmp_path / "sound", make.llama())
    report = scanned(tmp_path)
    assert any(said in text for text in texts(report)), texts(report)
    (place,) = {problem.place for problem in report.all_problems}
    assert place == str(tmp_path / "m" / name)
    assert "sound" in {found.name for found in report.models}


def test_a_huge_configuration_is_not_read(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.write(tmp_path / "m", make.llama())
    os.truncate(tmp_path / "m/config.json", 1 << 35)
    assert texts(scanned(tmp_path)) == ["is larger than 20,000,000 bytes"]


def test_folders_are_searched_and_loops_end(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.write(tmp_path / "lmstudio/org/one", {"one.gguf": make.gguf(make.metadata, {})})
    make.write(tmp_path / "mine/two", make.llama())
    make.write(tmp_path / "project", {"config.json": '{"port": 8080}'})
    make.cached(tmp_path / "hub", "org/three", make.llama())
    (tmp_path / "mine/again").symlink_to(tmp_path)
    (tmp_path / "mine/loop").symlink_to("loop")
    assert [found.name for found in scanned(tmp_path).models] == ["one", "org/three", "two"]


def names(report: Any) -> list[str]:
    """Return the names of the models of a report."""
    return [found.name for found in report.models]


def test_a_cached_model_among_others_hides_none(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.cached(tmp_path, "org/cached", make.llama())
    for number in range(3):
        make.write(tmp_path / f"plain{number}", make.llama())
    beside = make.gguf(make.metadata, {})
    make.write(tmp_path, {"beside.gguf": beside, "models--no--folder": "", "junk/file": ""})
    report = scanned(tmp_path)
    assert sorted(names(report)) == ["beside", "org/cached", "plain0", "plain1", "plain2"]
    assert report.all_problems == ()


def test_a_store_of_shared_blobs_holds_no_models(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.cached(tmp_path, "org/cached", make.llama())
    make.write(tmp_path / "blobs", {".huggingface-shared-blobs": "1"})
    make.write(tmp_path / "blobs/ab", make.llama())
    assert names(scanned(tmp_path)) == ["org/cached"]


def test_nothing_is_read_twice(tmp_path: Path, make: Any, scanned: Any) -> None:
    content = make.gguf(make.metadata, {})
    make.write(tmp_path / "all", {"a.gguf": content, "b.gguf": content})
    a, folder = tmp_path / "all/a.gguf", tmp_path / "all"
    assert names(scanned(a)) == ["a"]
    for paths in ((a, a, folder), (folder, a, a), (folder, folder), (a, folder, folder)):
        assert sorted(one.where for one in scanned(*paths).models) == [
            str(a),
            str(folder / "b.gguf"),
        ]
    (tmp_path / "link.gguf").symlink_to(a)
    assert len(scanned(a, tmp_path / "link.gguf").models) == 1
    cached = make.cached(tmp_path / "hub", "org/c", {"c.gguf": content})
    (file,) = cached.glob("snapshots/*/c.gguf")
    assert len(scanned(file, cached, tmp_path / "hub", cached).models) == 1


def test_a_series_asked_for_file_by_file_is_one(tmp_path: Path, make: Any, scanned: Any) -> None:
    content = make.gguf(make.metadata, {})
    series = [f"m-0000{number}-of-00002.gguf" for number in (1, 2)]
    make.write(tmp_path, dict.fromkeys(series, content))
    assert len(scanned(*(tmp_path / name for name in series)).models) == 1


def test_models_that_share_a_file_are_both_there(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.write(tmp_path / "one", {"m.gguf": make.gguf(make.metadata, {})})
    (tmp_path / "two").mkdir()
    (tmp_path / "two/n.gguf").hardlink_to(tmp_path / "one/m.gguf")
    assert len(scanned(tmp_path).models) == 2


def test_folders_beyond_the_most_are_told(
    tmp_path: Path, make: Any, scanned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelbook.scan.search.MAX_FOLDERS", 3)
    for number in range(5):
        make.write(tmp_path / f"m{number}", make.llama())
    report = scanned(tmp_path)
    assert names(report) == ["m0", "m1"]
    assert texts(report) == ["more than 3 folders: this and those after it are not read"]
    assert report.all_problems[0].place == str(tmp_path / "m2")


def test_one_repository_of_a_cache(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.cached(tmp_path, "org/a", make.llama())
    make.cached(tmp_path, "org/b", make.llama())
    assert one(scanned(tmp_path / "models--org--a")).name == "org/a"


def test_other_kinds_are_counted(tmp_path: Path, make: Any, scanned: Any) -> None:
    make.cached(tmp_path, "org/a", make.llama())
    make.cached(tmp_path, "org/d", {"x.csv": "1"}, kind="datasets")
    report = scanned(tmp_path)
    assert (len(report.models), report.others) == (1, 1)


def test_a_file_that_is_no_model(tmp_path: Path, scanned: Any) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert texts(scanned(tmp_path / "notes.txt")) == ["is neither a folder nor a GGUF file"]
    (tmp_path / "fake.gguf").write_text("x")
    assert texts(scanned(tmp_path / "fake.gguf")) == ["does not begin as a GGUF file does"]


def test_a_thousand_cached_models_in_seconds(tmp_path: Path, make: Any, scanned: Any) -> None:
    files = {**make.llama(), "tokenizer_config.json": "{}", "README.md": "---\ntags: [x]\n---\n"}
    for n in range(1000):
        make.cached(tmp_path, f"org/model-{n:04}", files)
    seen: list[str] = []
    start = time.perf_counter()
    report = scanned(tmp_path, progress=seen.append)
    assert time.perf_counter() - start < 30  # about one second, where nothing else runs
    assert (len(report.models), len(seen)) == (1000, 1000)
    assert {found.parameters for found in report.models} == {72}


ADAPTERS = {
    "CAUSAL_LM": ("text-generation",),
    "SEQ_CLS": ("text-classification",),
    "TOKEN_CLS": ("token-classification",),
    "QUESTION_ANS": ("question-answering",),
}


@pytest.mark.parametrize("task", ADAPTERS)
def test_an_adapter_does_what_it_was_trained_as(
    tmp_path: Path, make: Any, scanned: Any, task: str
) -> None:
    adapter = {"base_model_name_or_path": "a/b", "peft_type": "LORA", "task_type": task}
    make.cached(tmp_path, "me/adapter", {"adapter_config.json": json.dumps(adapter)})
    assert one(scanned(tmp_path)).pipelines == ADAPTERS[task]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"general.architecture": "flux"}, ()),
        ({"general.architecture": "newest", "newest.context_length": 8}, ()),
        (
            {
                "general.architecture": "newest",
                "newest.context_length": 8,
                "tokenizer.ggml.model": "gpt2",
            },
            ("text-generation",),
        ),
        ({"general.architecture": "gemma-embedding"}, ("feature-extraction",)),
        ({"general.architecture": "newest", "newest.pooling_type": 4}, ("text-ranking",)),
    ],
)
def test_a_gguf_does_what_it_states_and_else_is_not_known(
    tmp_path: Path, make: Any, scanned: Any, values: dict[str, Any], expected: tuple[str, ...]
) -> None:
    make.write(tmp_path, {"m.gguf": make.gguf(values, {"w": (0, (8,))})})
    assert one(scanned(tmp_path)).pipelines == expected


def test_a_configuration_for_images_by_any_name_counts(
    tmp_path: Path, make: Any, scanned: Any
) -> None:
    config = {
        "architectures": ["Phi3VForCausalLM"],
        "auto_map": {"AutoModelForCausalLM": "modeling.Phi3VForCausalLM"},
        "model_type": "phi3_v",
        "img_processor": {"name": "clip"},
    }
    make.cached(tmp_path, "me/vision", {"config.json": json.dumps(config)})
    assert one(scanned(tmp_path)).pipelines == ("image-text-to-text",)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_pipe_in_place_of_a_file_is_told(
    tmp_path: Path, make: Any, scanned: Any, name: str
) -> None:
    files = {key: value for key, value in make.llama().items() if key != name}
    make.write(tmp_path / "m", files)
    os.mkfifo(tmp_path / "m" / name)
    texts = [problem.text for problem in scanned(tmp_path / "m").all_problems]
    assert "is no regular file" in texts
