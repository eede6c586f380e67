"""A GGUF file -> its metadata and its tensors' sizes. Weights are never read.

Versions 1 to 3, both byte orders. Layout: `GGUF`, version, count of tensors, count of keys; keys
with typed values; per tensor name, extents, type and offset; then the data.
"""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

from .files import UnreadableError, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, TypeAlias

    Value: TypeAlias = int | float | bool | str | tuple["Value", ...]

NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
"""Type of a value to its code in `struct`."""
STRING, ARRAY = 8, 9

TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
"""Tensor type to its name, and elements and bytes of one block."""

MAX_KEYS = 100_000
MAX_TENSORS = 1_000_000
MAX_TEXT = 64_000_000
"""Bytes of all texts that are kept; chat templates take some hundred thousand."""
MAX_ITEMS = 5_000_000
"""Texts in all arrays together; the largest vocabularies have some hundred thousand."""
MAX_KEPT = 4_096
"""Longer arrays are passed over: vocabularies, not facts."""
MAX_DEPTH = 4


class Tensor(NamedTuple):
    """One tensor, as the header states it."""

    name: str
    type: str
    """Name of its type; `type 99` for one that is not known."""
    elements: int
    size: int | None
    """Bytes; None for a type that is not known."""


class Header(NamedTuple):
    """What a file's header says."""

    version: int
    big_endian: bool
    values: dict[str, Value]
    tensors: tuple[Tensor, ...]
    lacking: int
    """Bytes that the header promises and the file does not have: it was cut short."""


class _Source:
    """A file read forwards, never beyond its end."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.left = os.fstat(file.fileno()).st_size
        self.items = MAX_ITEMS
        self.texts = MAX_TEXT
        self.order = "<"
        self.wide = True
        """Counts have 8 bytes; in version 1 they have 4."""

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        self.pass_over(count)
        content = self.file.read(count)
        if len(content) < count:
            raise UnreadableError("became shorter while it was read")
        return content

    def pass_over(self, count: int) -> None:
        """Count bytes as read."""
        if count > self.left:
            raise UnreadableError("is cut short: its header ends beyond the file")
        self.left -= count

    def skip(self, count: int) -> None:
        """Go on behind the next bytes."""
        self.pass_over(count)
        self.file.seek(count, os.SEEK_CUR)

    def number(self, code: str) -> int:
        """Return the next whole number."""
        (value,) = struct.unpack(self.order + code, self.take(struct.calcsize(self.order + code)))
        return int(value)

    def count(self) -> int:
        """Return the next count."""
        return self.number("Q" if self.wide else "I")

    def text(self) -> str:
        """Return the next text."""
        length = self.count()
        self.texts -= length
        if self.texts < 0 and length <= self.left:
            raise UnreadableError(f"has texts of more than {MAX_TEXT:,} bytes in its header")
        return self.take(length).decode("utf-8", "replace")


def read_header(path: str) -> Header:
    """Return the header of a file; raise `UnreadableError` for one that is none."""
    try:
        with open(path, "rb", buffering=1 << 17) as file:  # noqa: PTH123
            return _header(_Source(file))
    except OSError as error:
        raise UnreadableError(refusal(error)) from None


def _header(source: _Source) -> Header:
    """Return the header that a source begins with."""
    length = source.left
    if source.take(min(4, length)) != b"GGUF":
        raise UnreadableError("does not begin as a GGUF file does")
    version = source.number("I")
    if version and not version & 0xFFFF:  # 1, 2 or 3 in the other byte order
        source.order = ">"
        version = int.from_bytes(version.to_bytes(4, "little"), "big")
    if version not in (1, 2, 3):
        raise UnreadableError(f"is GGUF of version {version}; 1 to 3 are known")
    source.wide = version > 1
    tensor_count, key_count = source.count(), source.count()
    if tensor_count > MAX_TENSORS or key_count > MAX_KEYS:
        raise UnreadableError(f"claims {tensor_count:,} tensors and {key_count:,} keys")
    values = _values(source, key_count)
    tensors, end = _tensors(source, tensor_count)
    alignment = values.get("general.alignment", 32)
    step = alignment if type(alignment) is int and 0 < alignment <= 1 << 20 else 32
    start = -(-(length - source.left) // step) * step
    return Header(version, source.order == ">", values, tensors, max(0, start + end - length))


def _values(source: _Source, count: int) -> dict[str, Value]:
    """Return the metadata by key, without long arrays."""
    values: dict[str, Value] = {}
    for _ in range(count):
        key = source.text()
        if key in values:
            raise UnreadableError(f"names the key `{key[:80]}` twice")
        value = _value(source, source.number("I"))
        if value is not None:
            values[key] = value
    return values


def _value(source: _Source, kind: int, depth: int = 0) -> Value | None:
    """Return the next value of a type; None for a long array, which is passed over."""
    if kind in NUMBERS:
        code = source.order + NUMBERS[kind]
        (number,) = struct.unpack(code, source.take(struct.calcsize(code)))
        return number  # type: ignore[no-any-return]
    if kind == STRING:
        return source.text()
    if kind == ARRAY and depth < MAX_DEPTH:
        return _array(source, source.number("I"), source.count(), depth)
    raise UnreadableError(f"has a value of an unknown type ({kind})")


def _array(source: _Source, kind: int, count: int, depth: int) -> Value | None:
    """Return the items of an array; None if there are many."""
    if kind in NUMBERS and count > MAX_KEPT:
        source.skip(count * struct.calcsize(source.order + NUMBERS[kind]))
        return None
    source.items -= count
    if source.items < 0:
        raise UnreadableError(f"claims an array of {count:,} items")
    if kind == STRING and count > MAX_KEPT:
        for _ in range(count):
            source.skip(source.count())
        return None
    items = [_value(source, kind, depth + 1) for _ in range(count)]
    return tuple(item for item in items if item is not None) if count <= MAX_KEPT else None


def _tensors(source: _Source, count: int) -> tuple[tuple[Tensor, ...], int]:
    """Return the tensors, and how long the data is that they promise, in bytes."""
    tensors: list[Tensor] = []
    names: set[str] = set()
    end = 0
    for _ in range(count):
        name = source.text()
        if name in names:
            raise UnreadableError(f"names the tensor `{name[:80]}` twice")
        names.add(name)
        elements = _elements(source, name)
        kind, offset = source.number("I"), source.number("Q")
        known = TYPES.get(kind)
        size = None
        if known is not None:
            size = -(-elements // known[1]) * known[2]
            end = max(end, offset + size)
        tensors.append(Tensor(name, known[0] if known else f"type {kind}", elements, size))
    return tuple(tensors), end


def _elements(source: _Source, name: str) -> int:
    """Return how many elements the next extents make."""
    dimensions = source.number("I")
    if dimensions > 8:
        raise UnreadableError(f"gives `{name[:80]}` {dimensions:,} dimensions")
    elements = 1
    for _ in range(dimensions):
        elements *= source.count()
        if elements > 1 << 62:
            raise UnreadableError(f"has a shape of `{name[:80]}` that no file could hold")
    return elements
