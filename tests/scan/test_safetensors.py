"""Headers of safetensors files: what is sound is read, everything else is told, nothing raises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import parse_local_safetensors_file_metadata
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.scan.files import UnreadableError
from modelbook.scan.safetensors import BITS, MAX_HEADER, read_header

DTYPES = ("F64", "F32", "F16", "BF16", "I64", "I32", "U8", "BOOL", "F8_E4M3")


def raw(header: object, data: int = 0) -> bytes:
    """Return a file with any header, and so many bytes behind it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(data)


def tensor(begin: int, end: int, dtype: str = "F32", shape: object = None) -> dict[str, Any]:
    """Return what a header says of a tensor."""
    fills = [(end - begin) // 4] if shape is None else shape
    return {"dtype": dtype, "shape": fills, "data_offsets": [begin, end]}


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=20).filter(lambda name: name != "__metadata__"),
        st.tuples(st.sampled_from(DTYPES), st.lists(st.integers(0, 6), max_size=4)),
        max_size=12,
    )
)
@settings(max_examples=80, deadline=None)
def test_a_sound_file_is_read_whole(
    tmp_path_factory: pytest.TempPathFactory, make: Any, tensors: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("st") / "model.safetensors"
    path.write_bytes(make.safetensors(tensors, format="pt"))
    header = read_header(str(path))
    assert {one.name: one.dtype for one in header.tensors} == {
        n: d for n, (d, _) in tensors.items()
    }
    assert header.size == sum(one.size for one in header.tensors)
    assert header.lacking == 0
    theirs = parse_local_safetensors_file_metadata(path).parameter_count
    ours: dict[str, int] = {}
    for one in header.tensors:
        ours[one.dtype] = ours.get(one.dtype, 0) + one.elements
    assert ours == theirs


def test_sizes_below_a_byte(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "f4.safetensors"
    path.write_bytes(make.safetensors({"w": ("F4", (3, 2)), "v": ("F4", (1,))}))
    assert [(one.elements, one.size) for one in read_header(str(path)).tensors] == [(6, 3), (1, 1)]
    assert BITS["F4"] == 4


def test_a_type_that_is_not_known_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "new.safetensors"
    path.write_bytes(raw({"w": tensor(0, 10, "F5_NEW", [16])}, 10))
    (one,) = read_header(str(path)).tensors
    assert (one.elements, one.size) == (16, 10)


KEYS = st.sampled_from(["w", "dtype", "shape", "data_offsets", "__metadata__"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
HOSTILE = {
    "empty": (b"", "is cut short"),
    "seven bytes": (b"\x08\0\0\0\0\0\0", "is cut short"),
    "header beyond the file": (b"\x50\0\0\0\0\0\0\0{}", "ends beyond the file"),
    "huge header": ((1 << 62).to_bytes(8, "little"), "claims a header"),
    "just too large": ((MAX_HEADER + 1).to_bytes(8, "little"), "claims a header"),
    "not JSON": (raw(b"{'a': 1}"), "not JSON"),
    "not UTF-8": (raw(b'{"\xff": 1}'), "not JSON"),
    "NaN": (raw(b'{"w": NaN}'), "not JSON"),
    "a number of 5,000 digits": (raw(b'{"w": ' + b"9" * 5000 + b"}"), "not JSON"),
    "nested": (raw(b"[" * 100_000), "nested too deep"),
    "a list": (raw([]), "not a JSON object"),
    "twice": (raw(b'{"w": {}, "w": {}}'), "twice"),
    "twice inside": (raw(b'{"w": {"dtype": "F32", "dtype": "F16"}}'), "twice"),
    "no fields": (raw({"w": {}}), "no meaning"),
    "a tensor of text": (raw({"w": "F32"}), "no meaning"),
    "negative": (raw({"w": tensor(-4, 0)}), "no meaning"),
    "truth values": (raw({"w": tensor(0, 4, shape=[True])}, 4), "no meaning"),
    "fractions": (raw({"w": tensor(0, 4, shape=[1.0])}, 4), "no meaning"),
    "three offsets": (raw({"w": {**tensor(0, 4), "data_offsets": [0, 4, 8]}}), "no meaning"),
    "backwards": (raw({"w": tensor(8, 4, shape=[1])}), "do not fill"),
    "wrong size": (raw({"w": tensor(0, 8, shape=[1])}, 8), "do not fill"),
    "overlap": (raw({"v": tensor(0, 8), "w": tensor(4, 12)}, 12), "overlap at `w`"),
    "gap": (raw({"v": tensor(0, 4), "w": tensor(8, 12)}, 12), "leave a gap at `w`"),
    "not from the start": (raw({"w": tensor(4, 8)}, 8), "leave a gap"),
    "shape beyond any file": (raw({"w": tensor(0, 4, shape=[1 << 61, 1 << 61])}), "no file"),
    "bytes of nobody": (raw({"w": tensor(0, 4)}, 9), "5 bytes that no tensor owns"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_are_told(tmp_path: Path, name: str) -> None:
    content, said = HOSTILE[name]
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=said):
        read_header(str(path))


def test_every_truncation_is_noticed(tmp_path: Path, make: Any) -> None:
    whole = make.safetensors({"w": ("F32", (3, 3)), "b": ("F16", (3,))})
    path = tmp_path / "model.safetensors"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        said = make.refused(read_header, path)
        assert "is cut short" in said or read_header(str(path)).lacking == len(whole) - length
    path.write_bytes(whole)
    assert read_header(str(path)).lacking == 0


@given(st.binary(max_size=300), st.booleans())
@settings(max_examples=300, deadline=None)
def test_random_bytes_never_raise_anything_else(
    tmp_path_factory: pytest.TempPathFactory, make: Any, content: bytes, prefixed: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.safetensors"
    path.write_bytes(raw(content) if prefixed else content)
    assert len(make.refused(read_header, path)) < 300


@given(ANY_JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_never_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, make: Any, header: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "json.safetensors"
    path.write_bytes(raw(header, 16))
    assert len(make.refused(read_header, path)) < 300


def test_a_sparse_file_of_a_terabyte_takes_no_time(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:
        file.write(raw({"w": tensor(0, 4)}))
        file.truncate(1 << 40)
    with pytest.raises(UnreadableError, match="no tensor owns"):
        read_header(str(path))


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="cannot be read: No such file"):
        read_header(str(tmp_path / "none"))
    with pytest.raises(UnreadableError, match="cannot be read: Is a directory"):
        read_header(str(tmp_path))
