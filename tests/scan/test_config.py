"""Context and number format: families of transformers, written rules, hostile configurations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.scan import attention, config
from modelbook.scan.found import Problem
from modelbook.scan.reader import Reader

FAMILIES: dict[str, Any] = json.loads((Path(__file__).parent / "families.json").read_text())
"""Model type to a default configuration and what transformers' classes say of it."""

UNLIKE = {
    "rwkv": "its class takes `context_length` for a length, but it is recurrent and has none",
}
"""Families whose context we do not take from transformers' attributes, and why."""

RECURRENT = {"mamba", "mamba2", "falcon_mamba", "rwkv", "xlstm"}


def reader(values: object, problems: list[Problem] | None = None) -> Reader:
    """Return a configuration."""
    return Reader(values, "config.json", [] if problems is None else problems)


def length(
    values: object, tokenizer: object = None, sentence: object = None, encodes: bool = True
) -> int | None:
    """Return the context that configurations state."""
    found = config.context(reader(values), reader(tokenizer), reader(sentence), encodes)
    return found.length if found else None


@pytest.mark.parametrize("name", sorted(set(FAMILIES) - set(UNLIKE)))
def test_the_context_of_a_family(name: str) -> None:
    assert length(FAMILIES[name]["config"], encodes=False) == FAMILIES[name]["context"]


def decoders() -> list[str]:
    """Return the families that keep keys and values, and whose classes say for how many heads."""
    return [
        name
        for name, row in FAMILIES.items()
        if row["kept"] and attention.per_layer(config.text_part(reader(row["config"])))
        if name not in RECURRENT and not row["config"].get("is_encoder_decoder")
    ]


@pytest.mark.parametrize("name", decoders())
def test_what_a_layer_of_a_family_keeps(name: str) -> None:
    text = config.text_part(reader(FAMILIES[name]["config"]))
    if not any(map(text.has, attention.UNEVEN)):
        assert attention.per_layer(text) == FAMILIES[name]["kept"]


def test_there_are_many_families() -> None:
    assert len(FAMILIES) > 200
    assert len(decoders()) > 100
    assert sum(row["context"] is not None for row in FAMILIES.values()) > 150


def rope(kind: str, factor: object = None, **more: Any) -> dict[str, Any]:
    """Return a configuration of 4,096 positions with RoPE scaling."""
    scaling = {"rope_type": kind, **({} if factor is None else {"factor": factor}), **more}
    return {"max_position_embeddings": 4096, "rope_scaling": scaling}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"max_position_embeddings": 4096, "n_positions": 1024}, 1024),
        ({"max_position_embeddings": 8192, "model_max_length": 131072}, 131072),
        ({"max_position_embeddings": 4096, "text_config": {"max_position_embeddings": 512}}, 512),
        ({"llm_config": {"max_position_embeddings": 512}}, 512),
        ({"thinker_config": {"text_config": {"max_position_embeddings": 32768}}}, 32768),
        ({"max_position_embeddings": 4096, "sliding_window": 1024}, 4096),
        ({"model_type": "t5", "relative_attention_num_buckets": 32}, None),
        ({"model_type": "mamba", "state_size": 16}, None),
        ({"model_type": "whisper_encoder", "max_source_positions": 1500}, None),
        ({"max_target_positions": 448, "max_source_positions": 1500}, 448),
        (rope("llama3", 8, original_max_position_embeddings=8192), 4096),
        (rope("longrope", 32), 4096),
        (rope("su", 32), 4096),
        (rope("default"), 4096),
        (rope("mrope"), 4096),
        (rope("linear", 4), 16384),
        (rope("dynamic", 2.5), 10240),
        (rope("yarn", 4, original_max_position_embeddings=32768), 131072),
        (rope("yarn", 4), 16384),
        ({**rope("linear", 8), "model_type": "gemma3_text"}, 4096),
        ({"max_position_embeddings": 4096, "rope_scaling": {"type": "linear", "factor": 2}}, 8192),
        (
            {
                "max_position_embeddings": 4096,
                "rope_parameters": {
                    "full_attention": {"rope_type": "yarn", "factor": 8.0},
                    "sliding_attention": {"rope_type": "default"},
                },
            },
            32768,
        ),
    ],
)
def test_rules_of_length(values: dict[str, Any], expected: int | None) -> None:
    assert length(values) == expected


SENTINEL = 1000000000000000019884624838656
STATED = {"max_position_embeddings": 512}


@pytest.mark.parametrize(
    ("tokenizer", "sentence", "encodes", "expected"),
    [
        ({"model_max_length": 128}, None, True, 128),
        ({"model_max_length": SENTINEL}, None, True, 512),
        ({"model_max_length": 1e30}, None, True, 512),
        ({"model_max_length": 4096}, None, True, 512),
        ({"model_max_length": 128}, {"max_seq_length": 256}, True, 128),
        ({"model_max_length": 512}, {"max_seq_length": 256}, True, 256),
        ({"model_max_length": 128}, None, False, 512),
        ({}, {}, True, 512),
    ],
)
def test_caps(tokenizer: object, sentence: object, encodes: bool, expected: int) -> None:
    assert length(STATED, tokenizer, sentence, encodes) == expected


@pytest.mark.parametrize("value", [SENTINEL, 1e30])
def test_a_tokenizer_without_a_limit_is_no_problem(value: float) -> None:
    problems: list[Problem] = []
    tokenizer = reader({"model_max_length": value}, problems)
    config.context(reader(STATED), tokenizer, reader({}), True)
    assert problems == []


def test_a_sentence_encoder_may_be_the_only_one_to_say() -> None:
    assert length({}, None, {"max_seq_length": 256}) == 256
    assert length({}, {"model_max_length": 512}) is None


HOSTILE = [
    *("4096", -1, 0, 1e400, float("nan"), True, [4096], [[[]]], {"a": 1}, 4096.5, "x" * 10_000),
    *(10**400, 1 << 62),
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: str(type(value).__name__))
@pytest.mark.parametrize("key", ["max_position_embeddings", "n_positions"])
def test_hostile_lengths_are_unknown_and_told(key: str, value: object) -> None:
    problems: list[Problem] = []
    assert config.context(reader({key: value}, problems), reader({}), reader({}), False) is None
    (problem,) = problems
    assert f"`{key}` is no count" in problem.text
    assert len(problem.text) < 200


@pytest.mark.parametrize("value", [v for v in HOSTILE if v not in (4096.5, 1 << 62)])
def test_hostile_factors_change_nothing(value: object) -> None:
    assert length(rope("linear", value)) == 4096


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"torch_dtype": "bfloat16"}, "bfloat16"),
        ({"dtype": "float16", "torch_dtype": "float32"}, "float16"),
        ({"torch_dtype": "torch.float16"}, "float16"),
        ({"text_config": {"dtype": "bf16"}}, "bfloat16"),
        ({"vision_config": {"torch_dtype": "half"}}, "float16"),
        ({"torch_dtype": None}, None),
        ({"torch_dtype": ["float16"]}, None),
        ({"torch_dtype": "\x1b[31m"}, None),
        ({}, None),
    ],
)
def test_number_formats(values: dict[str, Any], expected: str | None) -> None:
    assert config.dtype(reader(values)) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
KEYS = (
    *config.LENGTH_KEYS,
    *config.TEXT_PARTS,
    *attention.LAYERS,
    *attention.HEADS,
    *attention.HIDDEN,
    *attention.KEPT_HEADS,
    *attention.HEAD_SIZE,
    *attention.UNEVEN,
    *attention.KINDS_OF_LAYERS,
    *("rope_scaling", "rope_parameters", "factor", "rope_type", "model_type", "sliding_window"),
    *("kv_lora_rank", "qk_rope_head_dim", "attn_config", "linear_attn_config", "attn_type_list"),
    *("attn_layer_period", "attn_layer_offset", "hybrid_override_pattern", "num_kv_shared_layers"),
    *(
        "per_layer_config",
        "cross_attention_layers",
        "full_attn_idxs",
        "sliding_window_pattern",
        "dtype",
    ),
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON | st.integers(1, 64), max_size=14))
@settings(max_examples=500, deadline=None)
def test_any_configuration_gives_an_answer(values: dict[str, Any]) -> None:
    found = config.context(reader(values), reader(values), reader(values), False)
    assert found is None or 0 < found.length <= config.MOST_TOKENS
    text = config.text_part(reader(values))
    kept = attention.cache(text, 2)
    assert kept is None or (kept.full >= 0 and kept.sliding >= 0 and kept.at(1000) >= 0)
    config.dtype(reader(values))
    config.bits(reader(values))


@pytest.mark.parametrize("values", [None, [], "text", 7, True, [[1]]])
def test_a_configuration_that_is_no_object(values: object) -> None:
    problems: list[Problem] = []
    assert not reader(values, problems)
    assert [one.text for one in problems] == ([] if values is None else ["is not a JSON object"])
