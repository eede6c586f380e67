"""A safetensors file -> what its header says of every tensor. Weights are never read.

Layout: 8 bytes, little-endian, the length N of the header; N bytes of JSON, tensor name to
`{dtype, shape, data_offsets: [begin, end]}`; then the data, without gaps or overlaps.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from .files import UnreadableError, parse_json, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

MAX_HEADER = 100_000_000
"""Bytes; the format allows no longer header."""

BITS = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I8", "U8", "BOOL"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}
"""Bits of one element; a type that is not here is counted, and its size taken as stated."""


class Tensor(NamedTuple):
    """One tensor, as the header states it."""

    name: str
    dtype: str
    elements: int
    size: int
    """Bytes."""


class Header(NamedTuple):
    """What a file's header says."""

    tensors: tuple[Tensor, ...]
    size: int
    """Bytes of all tensors."""
    lacking: int
    """Bytes that the header promises and the file does not have: it was cut short."""


def read_header(path: str) -> Header:
    """Return the header of a file; raise `UnreadableError` for one that is none."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            length = os.fstat(file.fileno()).st_size
            raw = _raw(file, length)
    except OSError as error:
        raise UnreadableError(refusal(error)) from None
    tensors, end = _tensors(_parsed(raw))
    held = length - 8 - len(raw)
    if held > end:
        raise UnreadableError(f"holds {held - end:,} bytes that no tensor owns")
    return Header(tensors, end, end - held)


def _raw(file: BinaryIO, length: int) -> bytes:
    """Return the bytes of the header of a file of this length."""
    stated = int.from_bytes(file.read(8), "little")
    if length < 8:
        raise UnreadableError(f"is cut short: {length} bytes, not even the header's length")
    if stated > MAX_HEADER:
        raise UnreadableError(f"claims a header of {stated:,} bytes; at most {MAX_HEADER:,} may be")
    if stated > length - 8:
        raise UnreadableError(
            f"is cut short: its header of {stated:,} bytes ends beyond the file of {length:,}"
        )
    raw = file.read(stated)
    if len(raw) < stated:
        raise UnreadableError("became shorter while it was read")
    return raw


def _parsed(raw: bytes) -> dict[str, Any]:
    """Return the header's JSON object; names given twice are refused."""
    try:
        header = parse_json(raw, strict=True)
    except UnreadableError as error:
        raise UnreadableError(f"has a header that {error}") from None
    if not isinstance(header, dict):
        raise UnreadableError("has a header that is not a JSON object")
    return header


def _tensors(header: dict[str, Any]) -> tuple[tuple[Tensor, ...], int]:
    """Return the tensors and where their data ends; the data has neither gaps nor overlaps."""
    places: list[tuple[int, int, Tensor]] = []
    for name, said in header.items():
        if name != "__metadata__":
            places.append(_tensor(name, said))
    reached = 0
    for begin, end, tensor in sorted(places):
        if begin != reached:
            kind = "overlap" if begin < reached else "leave a gap"
            raise UnreadableError(f"has data offsets that {kind} at {_named(tensor.name)}")
        reached = end
    return tuple(tensor for _, _, tensor in places), reached


def _tensor(name: str, said: Any) -> tuple[int, int, Tensor]:
    """Return where the data of one tensor begins and ends, and the tensor."""
    fields = said if isinstance(said, dict) else {}
    dtype = fields.get("dtype")
    shape, offsets = _counts(fields.get("shape")), _counts(fields.get("data_offsets"))
    if not isinstance(dtype, str) or shape is None or offsets is None or len(offsets) != 2:
        raise UnreadableError(f"says of {_named(name)} what has no meaning")
    begin, end = offsets
    elements = 1
    for extent in shape:
        elements *= extent
        if elements > 1 << 62:
            raise UnreadableError(f"has a shape of {_named(name)} that no file could hold")
    bits = BITS.get(dtype)
    if end < begin or (bits is not None and -(-elements * bits // 8) != end - begin):
        raise UnreadableError(
            f"gives {_named(name)} {end - begin:,} bytes, which its {elements:,} elements of "
            f"{dtype[:20]} do not fill"
        )
    return begin, end, Tensor(name, dtype, elements, end - begin)


def _counts(value: Any) -> list[int] | None:
    """Return a list of whole numbers from 0 on; None for what is none."""
    if not isinstance(value, list):
        return None
    for one in value:
        if type(one) is not int or not 0 <= one < 1 << 62:
            return None
    return value


def _named(name: str) -> str:
    """Return a tensor's name as a message shows it."""
    return f"`{name[:80]}`"
