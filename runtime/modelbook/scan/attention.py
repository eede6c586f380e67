"""`config.json` -> what attention keeps for every token, in bytes.

Per layer that keeps all tokens: 2 x heads of keys and values x size of a head x bytes of a number.
Sliding layers keep a window; recurrent ones keep a state of constant size, which is 0 per token.
"""

from __future__ import annotations

from .found import Cache
from .reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "layers")
HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads", "attention_heads")
HIDDEN = ("hidden_size", "n_embd", "d_model", "embed_dim")
HEAD_SIZE = ("head_dim", "hidden_size_per_head", "attention_head_dim", "kv_channels")
KEPT_HEADS = (
    "n_head_kv",
    "num_kv_heads",
    "num_key_value_heads",
    "multi_query_group_num",
    "num_attention_groups",
)
RECURRENT = frozenset({"mamba", "mamba2", "falcon_mamba", "rwkv", "rwkv5", "rwkv6", "xlstm"})
"""Model types that keep a state and nothing per token."""
STRIDES = {"gemma2": 2, "gemma3": 6, "gemma3_text": 6, "cohere2": 4, "gpt-oss": 2}
"""Model type to the distance of layers that keep all tokens, where the files do not state it."""
KINDS_OF_LAYERS = ("layer_types", "layers_block_type")
UNEVEN = ("block_configs", "block_types", "global_head_dim", "compress_ratios")
"""Keys of models whose layers differ in ways that this page does not know."""
MOST_LAYERS = 100_000
FULL, SLIDING, NONE = "full", "sliding", "none"


def cache(text: Reader, number: int) -> Cache | None:
    """Return what a language model keeps per token; None where the shape is not stated.

    `number` is the size of one kept number in bytes.
    """
    if (text.text("model_type") or "") in RECURRENT:
        return Cache(full=0)
    if text.values.get("is_encoder_decoder") is True or any(map(text.has, UNEVEN)):
        return None  # the former: what it keeps of the source depends on the source
    kinds = layers(text)
    each = None if kinds is None else _each(text, len(kinds))
    if kinds is None or each is None:
        return None
    window = text.count("sliding_window", least=0) or text.count("attention_chunk_size", least=0)
    sums = {FULL: 0, SLIDING: 0, NONE: 0}
    for kind, numbers in zip(kinds, each, strict=True):
        sums[kind if window or kind != SLIDING else FULL] += numbers * number
    return Cache(full=sums[FULL], sliding=sums[SLIDING], window=window if sums[SLIDING] else None)


def _each(text: Reader, count: int) -> list[int] | None:
    """Return for every layer how many numbers it keeps per token; None where one is not known."""
    usual = per_layer(text)
    each = [usual] * count
    for index, differing in text.part("per_layer_config").values.items():
        position = int(index) if index.isdecimal() and len(index) < 7 else count
        if position < count and isinstance(differing, dict):
            merged = {**text.values, **differing}
            each[position] = per_layer(Reader(merged, text.place, text.problems))
    known = [numbers for numbers in each if numbers is not None]
    return known if len(known) == count else None


def _first(text: Reader, keys: Sequence[str], most: int = 10**7) -> int | None:
    """Return the first count that is stated under one of several keys."""
    return next((text.count(key, most) for key in keys if text.has(key)), None)


def per_layer(text: Reader) -> int | None:
    """Return how many numbers one layer keeps per token; None where that is not stated."""
    if text.has("kv_lora_rank"):
        rank, rope = text.count("kv_lora_rank", 10**7), text.count("qk_rope_head_dim", 10**7, 0)
        return rank + rope if rank and rope is not None else None
    heads = _first(text, HEADS)
    size = _first(text, HEAD_SIZE)
    if size is None:
        hidden = _first(text, HIDDEN)
        size = hidden // heads if hidden and heads else None
    kept = _kept_heads(text, heads)
    return 2 * kept * size if kept and size else None


def _kept_heads(text: Reader, heads: int | None) -> int | None:
    """Return for how many heads keys and values are kept."""
    new_falcon = text.values.get("new_decoder_architecture") is True
    if text.values.get("multi_query") is True and not new_falcon:
        return 1
    inner = text.values.get("attn_config")
    if isinstance(inner, dict) and "kv_n_heads" in inner:  # MPT, DBRX
        return text.part("attn_config").count("kv_n_heads", 10**7)
    return _first(text, KEPT_HEADS) or heads


def layers(text: Reader) -> list[str] | None:
    """Return for every layer what it keeps: all, a window, or nothing; None if not stated."""
    known = _listed(text)
    shared = text.count("num_kv_shared_layers", MOST_LAYERS, 0) or 0
    return (
        known[: max(0, len(known) - shared)] + [NONE] * min(shared, len(known)) if known else None
    )


def _listed(text: Reader) -> list[str] | None:
    """Return what every layer would keep if none shared what another keeps."""
    for key in KINDS_OF_LAYERS:
        if text.has(key):
            names = text.texts(key)
            known = names and not any("compressed" in name for name in names)
            return list(map(_kind, names)) if known else None
    pattern = text.values.get("hybrid_override_pattern")  # Nemotron-H: `*` is attention
    if isinstance(pattern, str):
        return [FULL if letter == "*" else NONE for letter in pattern[:MOST_LAYERS]]
    count = _first(text, LAYERS, MOST_LAYERS)
    if count is None:
        return None
    return _hybrid(text, count) or _strided(text, count)


def _kind(name: str) -> str:
    """Return what a layer of this name keeps."""
    if any(word in name for word in ("sliding", "chunked", "local")):
        return SLIDING
    attends = "attention" in name and "linear" not in name
    return FULL if attends or name == "hybrid" else NONE


def _hybrid(text: Reader, count: int) -> list[str] | None:
    """Return the layers of a model that mixes attention with others; None for the rest.

    The order is that of the layers only where it is known; it makes no difference.
    """
    linear = text.part("linear_attn_config")
    for holder, key in (
        (text, "attn_layer_indices"),
        (text, "full_attn_idxs"),
        (linear, "full_attn_layers"),
    ):
        kept = holder.length(key)
        if kept is not None:
            return [FULL] * min(kept, count) + [NONE] * max(0, count - kept)
    crossing = text.length("cross_attention_layers")  # these keep the image, not the tokens
    if crossing is not None:
        return [NONE] * min(crossing, count) + [FULL] * max(0, count - crossing)
    types = text.values.get("attn_type_list")  # MiniMax: 1 is attention
    if isinstance(types, list):
        return [FULL if kind == 1 else NONE for kind in types[:MOST_LAYERS]]
    for key in ("attn_layer_period", "full_attention_interval"):
        period = text.count(key, MOST_LAYERS) if text.has(key) else None
        if period is not None:
            offset = text.count("attn_layer_offset", MOST_LAYERS, 0)
            offset = period - 1 if offset is None else offset
            return [FULL if n % period == offset % period else NONE for n in range(count)]
    return None


def _strided(text: Reader, count: int) -> list[str]:
    """Return the layers of a model that is all attention, some of it maybe sliding."""
    if not text.values.get("sliding_window") or text.values.get("use_sliding_window") is False:
        return [FULL] * count
    stride = _first(text, ("sliding_window_pattern", "_sliding_window_pattern"), MOST_LAYERS)
    stride = stride or STRIDES.get(text.text("model_type") or "")
    if stride is None:
        return [SLIDING] * count
    return [SLIDING if (n + 1) % stride else FULL for n in range(count)]
