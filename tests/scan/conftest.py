"""Real small model files, made with the standard library, and the layouts they are found in."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import modelbook_catalog
import pytest
from modelbook.catalog import Catalog
from modelbook.scan.files import UnreadableError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "U8": 1, "I8": 1, "BOOL": 1}
SIZES |= {"F8_E4M3": 1, "F8_E8M0": 1}


def safetensors(tensors: Mapping[str, tuple[str, Sequence[int]]], **metadata: str) -> bytes:
    """Return the bytes of a safetensors file: tensor name to dtype and shape, filled with zeros."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    at = 0
    for name, (dtype, shape) in tensors.items():
        elements = 1
        for extent in shape:
            elements *= extent
        size = (elements + 1) // 2 if dtype == "F4" else elements * SIZES[dtype]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    return len(raw).to_bytes(8, "little") + raw + bytes(at)


TYPES = {int: "I", float: "f", bool: "?"}
CODES = {"B": 0, "i": 5, "I": 4, "f": 6, "?": 7, "Q": 10}


def gguf(
    values: Mapping[str, Any],
    tensors: Mapping[str, tuple[int, Sequence[int]]],
    version: int = 3,
    order: str = "<",
) -> bytes:
    """Return the bytes of a GGUF file: metadata; tensors to type (0 F32, 2 Q4_0) and extents."""
    wide = "I" if version == 1 else "Q"

    def number(code: str, value: object) -> bytes:
        return struct.pack(order + code, value)

    def text(value: str) -> bytes:
        return number(wide, len(value.encode())) + value.encode()

    def typed(value: Any) -> tuple[int, bytes]:
        if isinstance(value, str):
            return 8, text(value)
        if isinstance(value, list):
            parts = [typed(one) for one in value]
            kind = parts[0][0] if parts else 4
            joined = b"".join(part for _, part in parts)
            return 9, number("I", kind) + number(wide, len(value)) + joined
        code = TYPES[type(value)]
        return CODES[code], number(code, value)

    out = b"GGUF" + number("I", version) + number(wide, len(tensors)) + number(wide, len(values))
    for key, value in values.items():
        kind, raw = typed(value)
        out += text(key) + number("I", kind) + raw
    at = 0
    for name, (kind, extents) in tensors.items():
        elements = 1
        for extent in extents:
            elements *= extent
        out += text(name) + number("I", len(extents))
        out += b"".join(number(wide, extent) for extent in extents)
        out += number("I", kind) + number("Q", at)
        at += elements * 4 if kind == 0 else elements // 32 * 18
        at += -at % 32
    return out + bytes(-len(out) % 32) + bytes(at)


LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "torch_dtype": "bfloat16",
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_hidden_layers": 3,
    "max_position_embeddings": 8192,
}
LLAMA_GGUF = {
    "general.architecture": "llama",
    "general.name": "Tiny Llama",
    "llama.context_length": 4096,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.chat_template": "{{ messages }}",
    "tokenizer.ggml.tokens": ["a", "b", "c"],
}
TENSORS = {"w": ("BF16", (8, 8)), "b": ("BF16", (8,))}

Files = Mapping[str, bytes | str]


def write(folder: Path, files: Files) -> Path:
    """Write files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def cached(
    root: Path,
    repo: str,
    files: Files,
    commit: str = COMMIT,
    refs: Sequence[str] = ("main",),
    links: bool = True,
    kind: str = "models",
) -> Path:
    """Lay files out as the hub's cache does; return the repository's folder."""
    folder = root / f"{kind}--{repo.replace('/', '--')}"
    snapshot = folder / "snapshots" / commit
    snapshot.mkdir(parents=True)
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        path = snapshot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not links:
            path.write_bytes(raw)
            continue
        blob = folder / "blobs" / hashlib.sha256(raw).hexdigest()
        write(blob.parent, {blob.name: raw})
        path.symlink_to(os.path.relpath(blob, path.parent))
    write(folder / "refs", dict.fromkeys(refs, commit))
    return folder


def llama(**changes: Any) -> dict[str, bytes | str]:
    """Return the files of a small complete model."""
    config = {**LLAMA, **changes}
    return {"config.json": json.dumps(config), "model.safetensors": safetensors(TENSORS)}


def refused(read: Callable[[str], object], path: Path) -> str:
    """Return why a file cannot be read, and nothing where it can; no other error is allowed."""
    try:
        read(str(path))
    except UnreadableError as error:
        return str(error) or "no reason"
    return ""


class Makers:
    """The functions above, for tests."""

    commit = COMMIT
    config = LLAMA
    metadata = LLAMA_GGUF
    safetensors = staticmethod(safetensors)
    gguf = staticmethod(gguf)
    write = staticmethod(write)
    cached = staticmethod(cached)
    llama = staticmethod(llama)
    refused = staticmethod(refused)


@pytest.fixture(scope="session")
def make() -> type[Makers]:
    """Return functions that make model files and lay them out."""
    return Makers


@pytest.fixture(scope="session")
def book() -> Catalog:
    """Return the public book."""
    return modelbook_catalog.catalog()


@pytest.fixture
def scanned(book: Catalog) -> Callable[..., Any]:
    """Return a function that scans paths and returns the report."""
    from modelbook.scan.search import scan

    return lambda *paths, **options: scan(paths, book, **options)
