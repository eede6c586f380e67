"""A JSON file, or standard input, as plain data: every mistake in it has a file and a place."""

from __future__ import annotations

import json
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn

from .shared import fail

LARGEST = 16_000_000
"""Bytes of a file; more is a mistake."""

DIGITS = 4000
"""Digits of a whole number; more is a mistake, and slow to read."""


def read_json(path: Path) -> Any:
    """Return what a JSON file says, `-` being standard input; fractions as exact decimals.

    Ends the command with a message for what cannot be read, is no JSON, says a key twice, or has a
    number that is none.
    """
    name = name_of(path)
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail(f"{name}: it is not UTF-8, from byte {error.start} on")
    try:
        return json.loads(
            text,
            parse_float=_decimal,
            parse_int=_whole,
            parse_constant=_constant,
            object_pairs_hook=_once,
        )
    except json.JSONDecodeError as error:
        place = f"{name}:{error.lineno}:{error.colno}"
        fail(f"{place}: it is not JSON: {error.msg[0].lower()}{error.msg[1:]}")
    except RecursionError:
        fail(f"{name}: it is nested too deeply")
    except ValueError as error:
        fail(f"{name}: {error}")


def name_of(path: Path) -> str:
    """Return how messages call a file."""
    return "standard input" if str(path) == "-" else str(path)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, `-` being standard input; end the command where that fails."""
    name = name_of(path)
    try:
        if str(path) == "-":
            found = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with path.open("rb") as file:
                found = file.read(LARGEST + 1)
    except OSError as error:
        fail(f"{name}: {(error.strerror or 'it cannot be read').lower()}")
    if len(found) > LARGEST:
        fail(f"{name}: it has more than {LARGEST:,} bytes")
    return found


def _decimal(text: str) -> Decimal:
    """Return a number with a fraction or an exponent, exact."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{_short(text)} is no number that can be counted") from None


def _whole(text: str) -> int:
    """Return a whole number."""
    if len(text) > DIGITS:
        raise ValueError(f"{_short(text)} is no number that can be counted")
    return int(text)


def _constant(text: str) -> NoReturn:
    """Refuse what Python's JSON takes for a number, and JSON does not."""
    raise ValueError(f"`{text}` is not a number in JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of an object; refuse a key that stands there twice."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key `{_short(key)}` stands twice in one object")
        found[key] = value
    return found


def _short(text: str) -> str:
    """Return the start of a text that may be long."""
    return text if len(text) <= 40 else f"{text[:40]}…"
