"""GGUF metadata -> the facts of a model: context, pipelines, what attention keeps."""

from __future__ import annotations

from .attention import MOST_LAYERS, STRIDES
from .config import MOST_TOKENS, Context
from .found import Cache
from .gguf import Header
from .reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

KEPT_NUMBER = 2
"""Bytes of a kept number: llama.cpp keeps float16 where nobody says otherwise."""
ENCODER = ("bert", "-embedding", "t5encoder")
"""What the name of an architecture that turns text into vectors has in it."""
RANK = 4
"""The pooling that scores a text pair."""
NOT_TEXT = ("whisper", "wavtokenizer-dec")
"""Architectures with a vocabulary that do not write text for text."""
PROJECTORS = ("clip", "mmproj")
"""Architectures of files that go with another: they turn images into its tokens."""


def architecture(meta: Reader) -> str | None:
    """Return the architecture, such as llama."""
    return meta.text("general.architecture")


def is_companion(meta: Reader) -> bool:
    """Tell whether a file only goes with a model: a projector, an adapter, a vocabulary."""
    kind = meta.values.get("general.type")
    return architecture(meta) in PROJECTORS or (kind is not None and kind != "model")


def context(meta: Reader) -> Context | None:
    """Return the context that a file states, RoPE included."""
    key = f"{architecture(meta)}.context_length"
    length = meta.count(key, MOST_TOKENS) if meta.has(key) else None
    return Context(length, key) if length else None


def embeds(meta: Reader) -> bool:
    """Tell whether a model turns text into vectors rather than writing."""
    name = architecture(meta) or ""
    pooled = meta.values.get(f"{name}.pooling_type")
    return any(part in name for part in ENCODER) or (type(pooled) is int and pooled > 0)


def ranks(meta: Reader) -> bool:
    """Tell whether a model scores pairs of texts."""
    return bool(meta.values.get(f"{architecture(meta)}.pooling_type") == RANK)


def writes(meta: Reader) -> bool:
    """Tell whether a file states what only a model that writes text has: words and a context."""
    return (
        meta.has("tokenizer.ggml.model")
        and context(meta) is not None
        and architecture(meta) not in NOT_TEXT
    )


def dtype(headers: Iterable[Header]) -> str | None:
    """Return the type that holds most elements, such as Q4_K."""
    elements: dict[str, int] = {}
    for header in headers:
        for tensor in header.tensors:
            elements[tensor.type] = elements.get(tensor.type, 0) + tensor.elements
    return max(sorted(elements), key=lambda name: elements[name], default=None)


def weight_bytes(headers: Iterable[Header]) -> int | None:
    """Return the bytes of all tensors; None if there is one of an unknown type."""
    sizes = [tensor.size for header in headers for tensor in header.tensors]
    return None if None in sizes or not sizes else sum(size or 0 for size in sizes)


def cache(meta: Reader) -> Cache | None:
    """Return what the model keeps per token; None where the shape is not stated."""
    name = f"{architecture(meta)}."
    if meta.values.get(f"{name}attention.causal") is False:
        return Cache(full=0)
    layers = meta.count(f"{name}block_count", MOST_LAYERS)
    if layers is None:
        return None
    if meta.has(f"{name}attention.kv_lora_rank"):
        rank = meta.count(f"{name}attention.kv_lora_rank")
        rope = meta.count(f"{name}rope.dimension_count")
        return Cache(full=layers * (rank + rope) * KEPT_NUMBER) if rank and rope else None
    heads = _each(meta, f"{name}attention.head_count", layers)
    kept = _each(meta, f"{name}attention.head_count_kv", layers) or heads
    if not kept or not any(kept):
        return Cache(full=0) if kept else None
    each = _per_head(meta, name, max(heads, default=0))
    return _added(kept, _sliding(meta, name, layers), each, _window(meta, name)) if each else None


def _per_head(meta: Reader, name: str, heads: int) -> int | None:
    """Return the bytes of the key and the value that one head keeps for a token."""
    hidden = meta.count(f"{name}embedding_length")
    usual = hidden // heads if hidden and heads else None
    lengths = (f"{name}attention.key_length", f"{name}attention.value_length")
    key, value = (meta.count(one) if meta.has(one) else usual for one in lengths)
    return (key + value) * KEPT_NUMBER if key and value else None


def _each(meta: Reader, key: str, layers: int) -> list[int]:
    """Return a number per layer; one number stands for all layers. Empty if there is none."""
    value = meta.values.get(key)
    if isinstance(value, tuple):
        good = [one for one in value if type(one) is int and 0 <= one < 10**7]
        return good if len(good) == len(value) == layers else []
    number = meta.count(key, 10**7, 0)
    return [] if number is None else [number] * layers


def _window(meta: Reader, name: str) -> int | None:
    """Return the window of the sliding layers."""
    return meta.count(f"{name}attention.sliding_window", least=0) or None


def _sliding(meta: Reader, name: str, layers: int) -> list[bool]:
    """Return for every layer whether it keeps the window alone."""
    pattern = meta.values.get(f"{name}attention.sliding_window_pattern")
    if isinstance(pattern, tuple) and len(pattern) == layers:
        return [one is True for one in pattern]
    stride = pattern if type(pattern) is int and pattern > 0 else STRIDES.get(name[:-1])
    return [bool(stride and (n + 1) % stride) for n in range(layers)]


def _added(kept: list[int], sliding: list[bool], each: int, window: int | None) -> Cache:
    """Return the sum over layers; without a known window a sliding layer keeps all."""
    pairs = list(zip(kept, sliding, strict=True))
    part = sum(heads for heads, slides in pairs if slides) * each if window else 0
    return Cache(full=sum(kept) * each - part, sliding=part, window=window if part else None)
