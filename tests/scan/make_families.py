"""Write `families.json`: what transformers' own classes say of many model types.

Run it where transformers is installed: `python make_families.py > families.json`. It works on the
attributes of configuration objects, as vLLM does, and shares no code with the scan, which reads
the JSON. Each row is the part of a default `config.json` that matters, the context by vLLM's rule
(least of nine keys, then RoPE), and how many numbers a layer keeps per token.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any

LENGTHS = """max_position_embeddings n_positions max_seq_len seq_length model_max_length
max_target_positions max_sequence_length max_seq_length seq_len"""
HEADS = """n_head_kv num_kv_heads num_key_value_heads multi_query_group_num num_attention_groups"""
FURTHER = """model_type architectures rope_parameters rope_scaling text_config decoder
thinker_config vlm_config decoder_config num_attention_heads n_head n_heads num_heads head_dim
hidden_size n_embd d_model num_hidden_layers n_layer n_layers num_layers kv_lora_rank kv_channels
qk_rope_head_dim multi_query new_decoder_architecture is_encoder_decoder attn_config kv_n_heads
attention_head_dim sliding_window use_sliding_window hidden_size_per_head global_head_dim
block_types rope_type type factor original_max_position_embeddings full_attention
sliding_attention"""
KEPT = frozenset(f"{LENGTHS} {HEADS} {FURTHER}".split())
"""Keys that are kept of a configuration."""


def trimmed(value: Any) -> Any:
    """Return a configuration without what does not matter here."""
    if not isinstance(value, dict):
        return value
    return {
        key: trimmed(inner) for key, inner in value.items() if key in KEPT and inner is not None
    }


def get(config: Any, *names: str) -> Any:
    """Return the first attribute that is set."""
    for name in names:
        with suppress(Exception):
            if (value := getattr(config, name)) is not None:
                return value
    return None


def context(text: Any) -> int | None:
    """Return the context of a configuration object, by vLLM's rule."""
    stated = [value for name in LENGTHS.split() if isinstance(value := get(text, name), int)]
    if not stated:
        return None
    length, factor = get(text, "model_max_length") or min(stated), 1.0
    ropes = get(text, "rope_parameters") or {}
    each = list(ropes.values()) if all(isinstance(v, dict) for v in ropes.values()) else [ropes]
    for rope in each if "gemma3" not in text.model_type else []:
        if rope.get("rope_type") not in ("su", "longrope", "llama3"):
            factor = rope.get("factor", factor)
            if rope.get("rope_type") == "yarn":
                length = rope["original_max_position_embeddings"]
    return int(length * factor) if length > 0 else None


def kept(text: Any) -> int | None:
    """Return how many numbers a layer keeps per token, None where attributes do not say."""
    if get(text, "kv_lora_rank") is not None:
        return get(text, "kv_lora_rank") + (get(text, "qk_rope_head_dim") or 0)
    text.allow_global_per_layer_attribute_access = True  # those of most layers
    heads, hidden = get(text, "num_attention_heads"), get(text, "hidden_size")
    of_keys = get(text, *HEADS.split()) or heads
    if get(text, "multi_query") and not get(text, "new_decoder_architecture"):
        of_keys = 1
    size = get(text, "head_dim", "hidden_size_per_head")
    if size is None and isinstance(heads, int) and isinstance(hidden, int):
        size = hidden // heads
    return 2 * of_keys * size if isinstance(of_keys, int) and isinstance(size, int) else None


def row(model_type: str) -> dict[str, Any] | None:
    """Return the row of a model type; None where its class has no defaults."""
    from transformers import CONFIG_MAPPING

    try:
        config = CONFIG_MAPPING[model_type]()
        text = config.get_text_config()
    except Exception:
        return None
    stated = json.loads(config.to_json_string())
    return {"config": trimmed(stated), "context": context(text), "kept": kept(text)}


def main() -> None:
    """Write the rows of the model types that are named on standard input."""
    rows = {name: row(name) for name in sorted(set(sys.stdin.read().split()))}
    lines = [f"{json.dumps(name)}: {json.dumps(one)}" for name, one in rows.items() if one]
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
