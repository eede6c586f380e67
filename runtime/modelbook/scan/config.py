"""`config.json` and its neighbours -> context length and number format.

The rules are those of vLLM and transformers: the least of nine keys, then RoPE scaling, then what
the tokenizer cuts off. What no key says is not known: no library's default is taken for a fact.
"""

from __future__ import annotations

from typing import NamedTuple

from .reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_PARTS = ("decoder", "generator", "text_config", "text_encoder")
"""Parts of a composite configuration that describe its language model, best first."""
FURTHER_PARTS = ("language_config", "llm_config", "thinker_config", "vlm_config", "decoder_config")
"""Other names of such parts, for configurations that state no length of their own."""
LENGTH_KEYS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "model_max_length",
    "max_target_positions",
    "max_sequence_length",
    "max_seq_length",
    "seq_len",
)
"""Keys that state a length; the least one holds."""
EXTENDED_ALREADY = ("llama3", "longrope", "su")
"""RoPE types whose stated length is the extended one."""
MOST_TOKENS = 10**9
"""A longer context is not believed."""
NO_LIMIT = 10**18
"""`model_max_length` from here on means that a tokenizer cuts nothing off."""
DTYPES = {
    "float": "float32",
    "half": "float16",
    "fp32": "float32",
    "fp16": "float16",
    "bf16": "bfloat16",
}
"""Other spellings of number formats."""


class Context(NamedTuple):
    """How many tokens a model takes, and the field that says so."""

    length: int
    source: str


def text_part(root: Reader) -> Reader:
    """Return the part of a configuration that describes the language model; often all of it."""
    own = any(map(root.has, LENGTH_KEYS))
    for name in TEXT_PARTS if own else (*TEXT_PARTS, *FURTHER_PARTS):
        if isinstance(root.values.get(name), dict) and root.values[name]:
            return text_part(root.part(name))
    return root


def context(root: Reader, tokenizer: Reader, sentence: Reader, encodes: bool) -> Context | None:
    """Return the context of a model, None where nothing states it.

    `tokenizer` and `sentence` are `tokenizer_config.json` and `sentence_bert_config.json`. The
    tokenizer's limit is asked only of models that are known to encode: for those that write it is
    often a leftover, far below what they take.
    """
    known = _stated(text_part(root))
    if known is None:
        length = sentence.count("max_seq_length", MOST_TOKENS)
        return Context(length, "max_seq_length of the sentence encoder") if length else None
    for cap, source in _caps(tokenizer, sentence, encodes):
        if cap < known.length:
            known = Context(cap, source)
    return known


def _stated(text: Reader) -> Context | None:
    """Return the length that the configuration of a language model states, RoPE included."""
    lengths = [(text.count(key, MOST_TOKENS), key) for key in LENGTH_KEYS]
    known = [Context(length, key) for length, key in lengths if length is not None]
    if not known:
        return None
    own = [one for one in known if one.source == "model_max_length"]
    least = own[0] if own else min(known, key=lambda one: one.length)
    model_type = text.text("model_type") or ""
    if "gemma3" in model_type:  # its length is the extended one
        return least
    scaled = [one for rope in _ropes(text) if (one := _scaled(least, rope)) is not None]
    return max(scaled, key=lambda one: one.length, default=least)


def _ropes(text: Reader) -> Iterator[Reader]:
    """Yield the RoPE settings: one, or one per type of layer."""
    for key in ("rope_parameters", "rope_scaling"):
        settings = text.part(key)
        if settings:
            inner = [name for name, value in settings.values.items() if isinstance(value, dict)]
            yield from [settings.part(name) for name in inner] or [settings]
            return


def _scaled(least: Context, rope: Reader) -> Context | None:
    """Return the length after one RoPE setting; None where it changes nothing."""
    kind = rope.text("rope_type") or rope.text("type") or "default"
    if kind in EXTENDED_ALREADY or not rope.has("factor"):
        return None
    factor = rope.number("factor")
    base = least.length
    if kind == "yarn":
        base = rope.count("original_max_position_embeddings", MOST_TOKENS) or base
    if factor is None or not 1 <= base * factor <= MOST_TOKENS:
        return None
    return Context(int(base * factor), f"{least.source}, {kind} RoPE x {factor:g}")


def _caps(tokenizer: Reader, sentence: Reader, encodes: bool) -> Iterator[tuple[int, str]]:
    """Yield what cuts inputs off before the model's own limit, with its source."""
    length = sentence.count("max_seq_length", MOST_TOKENS)
    if length is not None:
        yield length, "max_seq_length of the sentence encoder"
    stated = tokenizer.values.get("model_max_length")
    if not encodes or (isinstance(stated, int | float) and stated >= NO_LIMIT):
        return
    length = tokenizer.count("model_max_length", MOST_TOKENS)
    if length is not None:
        yield length, "model_max_length of the tokenizer"


def dtype(root: Reader) -> str | None:
    """Return the number format that a configuration states, such as bfloat16."""
    for part in (root, text_part(root), root.part("vision_config")):
        for key in ("dtype", "torch_dtype"):
            stated = part.values.get(key)
            if isinstance(stated, str) and stated and len(stated) <= 40 and stated.isprintable():
                name = stated.removeprefix("torch.").lower()
                return DTYPES.get(name, name)
    return None


def bits(quantization: Reader) -> int | None:
    """Return the bits of a quantized weight, None where they are not stated."""
    for key in ("bits", "w_bit", "nbits"):
        if quantization.has(key):
            return quantization.count(key, 16)
    for key, width in (("load_in_4bit", 4), ("load_in_8bit", 8)):
        if quantization.values.get(key) is True:
            return width
    for group in quantization.part("config_groups").values.values():
        inner = Reader(group, quantization.place, quantization.problems).part("weights")
        if inner.has("num_bits"):
            return inner.count("num_bits", 16)
    method = f"{quantization.text('quant_method')} {quantization.text('quant_algo')}".lower()
    known = {"fp8": 8, "mxfp4": 4, "nvfp4": 4, "int8": 8, "int4": 4}
    return next((width for name, width in known.items() if name in method), None)
