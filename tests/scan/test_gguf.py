"""Headers of GGUF files: versions, byte orders, hostile counts; what cannot be read is told."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.scan.files import UnreadableError
from modelbook.scan.gguf import MAX_ITEMS, read_header

TENSORS = {"token_embd.weight": (0, (64, 3)), "blk.0.w": (2, (64, 64))}


@pytest.mark.parametrize(("version", "order"), [(1, "<"), (2, "<"), (3, "<"), (3, ">"), (2, ">")])
def test_every_version_and_byte_order(tmp_path: Path, make: Any, version: int, order: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(make.gguf(make.metadata, TENSORS, version, order))
    header = read_header(str(path))
    assert (header.version, header.big_endian, header.lacking) == (version, order == ">", 0)
    assert header.values["general.name"] == "Tiny Llama"
    assert header.values["tokenizer.ggml.tokens"] == ("a", "b", "c")
    assert [(one.name, one.type, one.elements, one.size) for one in header.tensors] == [
        ("token_embd.weight", "F32", 192, 768),
        ("blk.0.w", "Q4_0", 4096, 2304),
    ]


SCALARS = st.one_of(
    st.booleans(), st.integers(0, 2**32 - 1), st.text(max_size=30), st.floats(width=32)
)


@given(st.dictionaries(st.text(max_size=20), SCALARS, max_size=8))
@settings(max_examples=100, deadline=None)
def test_metadata_comes_back(
    tmp_path_factory: pytest.TempPathFactory, make: Any, values: dict[str, Any]
) -> None:
    path = tmp_path_factory.getbasetemp() / "values.gguf"
    path.write_bytes(make.gguf({**values, "general.alignment": 32}, {}))
    found = read_header(str(path)).values
    assert {key: repr(value) for key, value in found.items()} == {
        key: repr(value) for key, value in {**values, "general.alignment": 32}.items()
    }


def test_every_truncation_is_noticed(tmp_path: Path, make: Any) -> None:
    whole = make.gguf(make.metadata, {"w": (0, (4,))})
    path = tmp_path / "model.gguf"
    for length in range(len(whole) - 16):  # behind the last tensor stands padding only
        path.write_bytes(whole[:length])
        said = make.refused(read_header, path)
        assert "cut short" in said or "does not begin" in said or read_header(str(path)).lacking


def head(tensors: int, keys: int, rest: bytes = b"", version: int = 3) -> bytes:
    """Return the beginning of a file."""
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys) + rest


def text(value: bytes) -> bytes:
    """Return a text as files hold it."""
    return struct.pack("<Q", len(value)) + value


def key(kind: int, rest: bytes) -> bytes:
    """Return a key with a value of a type."""
    return text(b"k") + struct.pack("<I", kind) + rest


def array(kind: int, count: int, rest: bytes = b"") -> bytes:
    """Return an array that claims to have so many items."""
    return struct.pack("<IQ", kind, count) + rest


def one_tensor(dimensions: int, *extents: int, kind: int = 0) -> bytes:
    """Return a tensor, whatever sense it makes."""
    sizes = b"".join(struct.pack("<Q", extent) for extent in extents)
    return text(b"t") + struct.pack("<I", dimensions) + sizes + struct.pack("<IQ", kind, 0)


NEST = key(9, b"".join(array(9, 1) for _ in range(50)))
HOSTILE = {
    "empty": (b"", "does not begin"),
    "other magic": (b"GGML" + bytes(40), "does not begin"),
    "version 4": (head(0, 0, version=4), "version 4"),
    "version 0": (head(0, 0, version=0), "version 0"),
    "huge tensors": (head(1 << 62, 0), "claims"),
    "huge keys": (head(0, 1 << 62), "claims"),
    "keys beyond the file": (head(0, 1000), "cut short"),
    "text beyond the file": (head(0, 1, struct.pack("<Q", 1 << 60)), "cut short"),
    "unknown type": (head(0, 1, key(99, b"")), "unknown type"),
    "array beyond the file": (head(0, 1, key(9, array(4, 1 << 40))), "cut short"),
    "texts beyond any vocabulary": (head(0, 1, key(9, array(8, MAX_ITEMS + 1))), "claims an array"),
    "array of an unknown type": (head(0, 1, key(9, array(77, 3))), "unknown type"),
    "nested arrays": (head(0, 1, NEST), "unknown type"),
    "a key twice": (head(0, 2, key(7, b"\1") * 2), "twice"),
    "a tensor twice": (head(2, 0, one_tensor(1, 4) * 2), "twice"),
    "dimensions": (head(1, 0, one_tensor(1 << 30)), "dimensions"),
    "extents": (head(1, 0, one_tensor(2, 1 << 40, 1 << 40)), "no file could hold"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_are_told(tmp_path: Path, name: str) -> None:
    content, said = HOSTILE[name]
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=said):
        read_header(str(path))


def test_a_file_of_zero_length_texts_ends_soon(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    with path.open("wb") as file:
        file.write(head(0, 1, key(9, array(8, 1 << 36))))
        file.truncate(1 << 40)
    with pytest.raises(UnreadableError, match="claims an array"):
        read_header(str(path))


def test_a_long_vocabulary_is_passed_over(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "model.gguf"
    values = {"a": ["word"] * 5000, "b": [1] * 5000, "c": 7}
    path.write_bytes(make.gguf(values, {}))
    assert read_header(str(path)).values == {"c": 7}


def test_a_type_that_is_not_known_has_no_size(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(head(1, 0, one_tensor(1, 64, kind=200)))
    (one,) = read_header(str(path)).tensors
    assert (one.type, one.elements, one.size) == ("type 200", 64, None)


@given(st.binary(max_size=200), st.integers(0, 3))
@settings(max_examples=400, deadline=None)
def test_random_bytes_never_raise_anything_else(
    tmp_path_factory: pytest.TempPathFactory, make: Any, content: bytes, kind: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.gguf"
    starts = (b"", b"GGUF\3\0\0\0", head(1, 1), head(0, 1, key(9, b"")))
    path.write_bytes(starts[kind] + content)
    assert len(make.refused(read_header, path)) < 300
