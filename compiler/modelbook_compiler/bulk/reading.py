"""Line of a bulk source -> the object it holds, or its first fault."""

from __future__ import annotations

import json
from typing import NoReturn

from .. import codes
from ..discover import MAX_BYTES
from ..parse import FORBIDDEN
from ..values import Json
from .spans import FaultError, hidden, places

LONG = 10_000
"""From so many characters on, a row may hold a list of too many items."""


def text_of(raw: bytes) -> str:
    """Return a line as text without characters that hide something; raise `FaultError`."""
    if len(raw) > MAX_BYTES:
        message = f"the row has more than {MAX_BYTES:,} bytes"
        raise FaultError(codes.TOO_LARGE, message, "split it, or shorten its texts", (0, 1))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        at = len(raw[: error.start].decode("utf-8"))
        message = "not UTF-8 text"
        raise FaultError(codes.NOT_TEXT, message, "save it as UTF-8", (at, at + 1)) from None
    if not text.isascii() or "\x7f" in text or "\r" in text:
        bad = FORBIDDEN.search(text)
        if bad:
            raise hidden(bad.group(), bad.span())
    return text


def object_of(text: str) -> dict[str, Json]:
    """Return the object that a text holds; raise `FaultError` for anything else.

    What is nested too deeply may pass here: no such value has the right shape.
    """
    try:
        data = _decode(text)
    except (ValueError, RecursionError):
        bad = FORBIDDEN.search(text)  # control characters, which JSON refuses for its own reason
        if bad and bad.group() != "\t":
            raise hidden(bad.group(), bad.span()) from None
        places(text)
        raise  # pragma: no cover  # the two readers would disagree
    if not isinstance(data, dict):
        message, hint = "the row is not an object", 'start with a field, such as {"id": …}'
        start = len(text) - len(text.lstrip())
        raise FaultError(codes.WRONG_TYPE, message, hint, (start, len(text.rstrip())))
    if "\\" in text or len(text) > LONG:
        places(text)
    return data


def without_nulls(value: Json) -> Json:
    """Return plain data without nulls, and without mappings that held nothing else.

    A column of a table is there for every row, so that absence can only be written as null.
    """
    if isinstance(value, dict):
        kept = {key: without_nulls(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner is not None} or None
    if isinstance(value, list):
        return [inner for inner in map(without_nulls, value) if inner is not None]
    return value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Return fields as a mapping; refuse a name that is there twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _number(text: str) -> float | int:
    """Return a number with a point or exponent; 1.0 is whole, as JSON Schema has it."""
    number = float(text)
    return int(number) if number.is_integer() else number


def _refuse(_name: str) -> NoReturn:
    """Refuse NaN and the infinities, which are not JSON."""
    raise ValueError


_decode = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_number, parse_constant=_refuse
).decode
