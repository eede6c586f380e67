"""The files of a model -> which of them are its weights, what they hold, and what is missing."""

from __future__ import annotations

import re
from typing import NamedTuple

from . import safetensors
from .config import bits
from .files import File, UnreadableError, read_json
from .found import Problem
from .reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Files = Mapping[str, File]

SHARD = re.compile(r"(.+)-(\d{5,6})-of-(\d{5,6})(\.\w+)")
STEMS = (
    "model",
    "diffusion_pytorch_model",
    "adapter_model",
    "pytorch_model",
    "pytorch_lora_weights",
)
"""Names of weight files, without ending, best first."""
OTHERS = (
    ("onnx", ".onnx"),
    ("tensorflow", ".h5"),
    ("flax", ".msgpack"),
    ("pytorch", ".bin"),
    ("pytorch", ".pt"),
    ("pytorch", ".pth"),
    ("pytorch", ".ckpt"),
)
"""Formats whose files are counted by size alone, with the ending of their names."""
NAMED_BIN = re.compile(r"(pytorch_model|adapter_model|diffusion_pytorch_model)[\w.-]*\.bin")
FLOATS = ("F64", "F32", "F16", "BF16", "F8", "F6", "F4")
DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
PACKED = re.compile(r"(^|[._])(weight|qweight|weight_packed|blocks|w\d)$|_blocks$")
BESIDE = re.compile(
    r"(scales|(weight|input|output|[kqv])_scale(_inv|_2)?|absmax|quant_map|zeros|zero_point|g_idx)$"
)
"""Names of tensors that belong to a quantization, and are no parameters."""


class Weights(NamedTuple):
    """The weights of a model."""

    format: str
    files: tuple[File, ...]
    missing: tuple[str, ...]
    """Files that an index or a numbering promises, and that are not there."""


class Counted(NamedTuple):
    """What the headers of safetensors files say together."""

    parameters: int | None
    dtype: str | None
    size: int | None
    """Bytes of the tensors; None if a header cannot be read."""
    whole: bool
    """No file was cut short."""


def choose(files: Files, parts: Mapping[str, bool], problems: list[Problem]) -> Weights | None:
    """Return the weights among files; of several formats the one that is loaded by default.

    `parts` are the folders of a composite model, such as `unet/`, each with whether it must hold
    weights; empty for other models. One that must and does not is missing.
    """
    found = {prefix: _tensors(files, prefix, problems) for prefix in parts}
    there = [part for part in found.values() if part is not None]
    if not there:
        return _tensors(files, "", problems) or _by_size(files)
    held = [file for part in there for file in part.files]
    missing = [name for part in there for name in part.missing]
    format = "safetensors"
    for prefix in (prefix for prefix, must in parts.items() if must and found[prefix] is None):
        pickled = [file for name, file in files.items() if _is_pickle(name, prefix)]
        format = "pytorch" if pickled else format
        held += pickled
        missing += [] if pickled else [f"{prefix}model.safetensors"]
    return Weights(format, tuple(held), tuple(missing))


def _is_pickle(name: str, prefix: str) -> bool:
    """Tell whether a file in a folder is one of pickled weights."""
    return name.startswith(prefix) and NAMED_BIN.fullmatch(name.removeprefix(prefix)) is not None


def _tensors(files: Files, prefix: str, problems: list[Problem]) -> Weights | None:
    """Return the safetensors weights in one folder, by index, by name, or all there are."""
    for stem in STEMS:
        base = f"{prefix}{stem}.safetensors"
        names = _indexed(files, f"{base}.index.json", problems)
        if names is None and base in files:
            names = [base.removeprefix(prefix)]
        names = names or _numbered(files, prefix, stem)
        if names:
            return _held(files, prefix, names)
    loose = [
        name.removeprefix(prefix)
        for name in files
        if name.startswith(prefix) and name.endswith(".safetensors")
        if "/" not in name.removeprefix(prefix)
    ]
    return _held(files, prefix, _completed(loose)) if loose else None


def _held(files: Files, prefix: str, names: Iterable[str]) -> Weights:
    """Return the weights of these names, and which of them are missing."""
    paths = [prefix + name for name in names]
    held = tuple(files[path] for path in paths if path in files)
    return Weights("safetensors", held, tuple(path for path in paths if path not in files))


def _indexed(files: Files, name: str, problems: list[Problem]) -> list[str] | None:
    """Return the shards that an index names; None if there is no index."""
    if name not in files:
        return None
    index = Reader(read_json(files[name], problems), files[name].path, problems)
    shards = [one for one in index.part("weight_map").values.values() if isinstance(one, str)]
    good = sorted({one for one in shards if one.isprintable() and not one.startswith(("/", ".."))})
    if not good:
        index.say("names no shards")
    return good or None


def _numbered(files: Files, prefix: str, stem: str) -> list[str]:
    """Return all names of a numbered series that is there at least in part."""
    start = f"{prefix}{stem}-"
    there = [name.removeprefix(prefix) for name in files if name.startswith(start)]
    return _completed([name for name in there if SHARD.fullmatch(name) and "safetensors" in name])


def _completed(names: Iterable[str]) -> list[str]:
    """Return names, and those that their numbering promises; a promise of thousands is not kept."""
    out: set[str] = set()
    for name in names:
        shard = SHARD.fullmatch(name)
        out.add(name)
        if shard is not None and int(shard[3]) <= 10_000:
            total, width = int(shard[3]), len(shard[2])
            out.update(
                f"{shard[1]}-{n:0{width}}-of-{shard[3]}{shard[4]}" for n in range(1, total + 1)
            )
    return sorted(out)


def _by_size(files: Files) -> Weights | None:
    """Return the weights in a format that is not looked into: never unpickled, only measured."""
    named = [name for name in files if NAMED_BIN.fullmatch(name.rpartition("/")[2])]
    for format, ending in (("pytorch", ""), *OTHERS):
        names = named if not ending else [name for name in files if name.endswith(ending)]
        if ending == ".onnx" and len(names) > 1:  # one graph in several precisions
            names = sorted(names, key=lambda name: (name.rpartition("/")[2] != "model.onnx", name))
            names = names[:1]
        if names and ending != ".bin":
            wanted = _completed(names)
            held = tuple(files[name] for name in wanted if name in files)
            return Weights(format, held, tuple(name for name in wanted if name not in files))
    return None


def count(weights: Weights, quantization: Reader, problems: list[Problem]) -> Counted:
    """Return the parameters, number format and size that the headers of weights state."""
    tensors: list[safetensors.Tensor] = []
    readable = whole = True
    for file in weights.files:
        try:
            header = safetensors.read_header(file.path)
        except UnreadableError as error:
            problems.append(Problem(place=file.path, text=str(error)))
            readable = False
            continue
        tensors += header.tensors
        if header.lacking:
            text = f"is cut short: {header.lacking:,} bytes of its tensors are not there"
            problems.append(Problem(place=file.path, text=text))
            whole = False
    if not readable or weights.missing or not tensors:
        return Counted(None, _common(tensors), None, whole and readable)
    found = parameters(tensors, quantization)
    return Counted(found, _common(tensors), sum(one.size for one in tensors), whole)


def _common(tensors: Iterable[safetensors.Tensor]) -> str | None:
    """Return the number format that holds most of what is no whole number."""
    sizes: dict[str, int] = {}
    for one in tensors:
        if one.dtype.startswith(FLOATS):
            sizes[one.dtype] = sizes.get(one.dtype, 0) + one.size
    if not sizes:
        return None
    name = max(sorted(sizes), key=lambda dtype: sizes[dtype])
    return DTYPES.get(name, "float8" if name.startswith("F8") else name.lower())


def parameters(tensors: Iterable[safetensors.Tensor], quantization: Reader) -> int | None:
    """Return how many parameters tensors hold; None where packed ones cannot be counted.

    Whole numbers are buffers, such as position ids, unless a quantization packs weights into them:
    then a 32-bit word holds 32 / bits of them, a byte 8 / bits. What belongs to the quantization
    itself (scales, zero points) is left out.
    """
    quantized, width = bool(quantization), bits(quantization)
    total = held = packed = 0
    for one in tensors:
        if quantized and BESIDE.search(one.name):
            continue
        if one.dtype.startswith(FLOATS):
            total += one.elements
            held += one.size
        elif one.dtype != "BOOL":
            packed += one.size
            if quantized and PACKED.search(one.name):
                if width is None:
                    return None
                total += one.size * 8 // width
    if not quantized and packed > held:  # weights in whole numbers, and nobody says how
        return None
    return total or None
