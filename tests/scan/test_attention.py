"""What published models keep per token, against figures worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from modelbook.scan import attention
from modelbook.scan.found import Cache
from modelbook.scan.memory import estimate
from modelbook.scan.reader import Reader


def kept(number: int = 2, **values: Any) -> Cache | None:
    """Return what a model of this shape keeps."""
    return attention.cache(Reader(values, "config.json", []), number)


def gqa(layers: int, heads: int, kept_heads: int, hidden: int, **more: Any) -> dict[str, Any]:
    """Return a usual shape."""
    return {
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kept_heads,
        "hidden_size": hidden,
        **more,
    }


PUBLISHED = {
    "Llama 3 8B": (gqa(32, 32, 8, 4096), 131_072),
    "Llama 2 7B": (
        {"num_hidden_layers": 32, "num_attention_heads": 32, "hidden_size": 4096},
        524_288,
    ),
    "Qwen3 32B": (gqa(64, 64, 8, 5120, head_dim=128), 262_144),
    "GPT-2": ({"n_layer": 12, "n_head": 12, "n_embd": 768}, 36_864),
    "Falcon 7B": (
        {
            "model_type": "falcon",
            "num_hidden_layers": 32,
            "num_attention_heads": 71,
            "num_kv_heads": 71,
            "hidden_size": 4544,
            "multi_query": True,
            "new_decoder_architecture": False,
        },
        8_192,
    ),
    "Falcon 40B": (
        {
            "model_type": "falcon",
            "num_hidden_layers": 60,
            "num_attention_heads": 128,
            "num_kv_heads": 8,
            "hidden_size": 8192,
            "multi_query": True,
            "new_decoder_architecture": True,
        },
        122_880,
    ),
    "ChatGLM3 6B": (
        {
            "num_layers": 28,
            "num_attention_heads": 32,
            "multi_query_group_num": 2,
            "kv_channels": 128,
            "hidden_size": 4096,
        },
        28_672,
    ),
    "MPT 7B": (
        {"n_layers": 32, "n_heads": 32, "d_model": 4096, "attn_config": {"kv_n_heads": 8}},
        131_072,
    ),
    "DeepSeek V3": (
        gqa(61, 128, 128, 7168, kv_lora_rank=512, qk_rope_head_dim=64),
        70_272,
    ),
    "Mamba 2.8B": ({"model_type": "mamba", "num_hidden_layers": 64, "hidden_size": 2560}, 0),
    "Jamba 1.5 Mini": (
        gqa(32, 32, 8, 4096, attn_layer_period=8, attn_layer_offset=4),
        16_384,
    ),
    "Qwen3 Next 80B": (
        gqa(48, 16, 2, 2048, head_dim=256, full_attention_interval=4),
        24_576,
    ),
    "Nemotron H": (gqa(4, 32, 8, 4096, hybrid_override_pattern="M-*-"), 4_096),
    "LFM2": (
        gqa(16, 32, 8, 2048, layer_types=["conv"] * 10 + ["full_attention"] * 6),
        12_288,
    ),
    "MiniMax": (gqa(80, 64, 8, 6144, head_dim=128, attn_type_list=([0] * 7 + [1]) * 10), 40_960),
    "Llama 3.2 Vision": (gqa(40, 32, 8, 4096, cross_attention_layers=[3] * 8), 131_072),
    "Kimi Linear": (
        gqa(
            *(27, 32, 32, 2304),
            kv_lora_rank=512,
            qk_rope_head_dim=64,
            linear_attn_config={"full_attn_layers": [4, 8, 12, 16, 20, 24, 27]},
        ),
        8_064,
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_bytes_per_token(name: str) -> None:
    values, expected = PUBLISHED[name]
    found = kept(**values)
    assert found is not None
    assert found.per_token == expected


SLIDING = {
    "Mistral 7B v0.1": (gqa(32, 32, 8, 4096, sliding_window=4096), 0, 131_072),
    "Mistral 7B v0.3": (gqa(32, 32, 8, 4096, sliding_window=None), 131_072, 0),
    "Qwen2": (gqa(2, 4, 4, 64, sliding_window=32, use_sliding_window=False), 512, 0),
    "Gemma 2": (gqa(4, 4, 4, 64, sliding_window=32, model_type="gemma2"), 512, 512),
    "Gemma 3": (gqa(6, 4, 4, 64, sliding_window=32, model_type="gemma3_text"), 256, 1280),
    "a stated pattern": (gqa(6, 4, 4, 64, sliding_window=32, sliding_window_pattern=3), 512, 1024),
    "stated layers": (
        gqa(2, 4, 4, 64, sliding_window=32, layer_types=["sliding_attention", "full_attention"]),
        *(256, 256),
    ),
    "layers that differ": (
        gqa(
            *(3, 4, 4, 64),
            sliding_window=32,
            layer_types=["sliding_attention", "full_attention", "full_attention"],
            per_layer_config={"01": {"head_dim": 32}, "2": {"num_key_value_heads": 1}, "99": {}},
        ),
        *(2 * 2 * 4 * 32 + 2 * 2 * 1 * 16, 256),
    ),
    "shared layers": (
        gqa(3, 4, 4, 64, layer_types=["full_attention"] * 3, num_kv_shared_layers=1),
        *(512, 0),
    ),
}


@pytest.mark.parametrize("name", SLIDING)
def test_sliding_layers_keep_a_window(name: str) -> None:
    values, full, sliding = SLIDING[name]
    found = kept(**values)
    assert found is not None
    assert (found.full, found.sliding) == (full, sliding)
    window = values.get("sliding_window") or 10**9
    assert found.at(10) == 10 * (full + sliding)
    if sliding:
        assert found.at(window * 10) == window * 10 * full + window * sliding


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"num_hidden_layers": 2},
        {"num_hidden_layers": 2, "num_attention_heads": 4},
        gqa(2, 4, 4, 64, is_encoder_decoder=True),
        gqa(2, 4, 4, 64, global_head_dim=512),
        gqa(2, 4, 4, 64, layer_types=["compressed_sparse_attention"] * 2),
    ],
)
def test_a_shape_that_is_not_stated_is_not_known(values: dict[str, Any]) -> None:
    assert kept(**values) is None


def test_an_estimate_adds_a_fifth_and_the_cache() -> None:
    assert estimate(1000, Cache(full=2, sliding=3, window=10), 100) == 1200 + 200 + 30
    assert estimate(None, Cache(full=2), 100) is None
    assert estimate(1000, None, 100) is None
