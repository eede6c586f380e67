"""JSON text -> where its keys and values stand, and what the fast reader does not see.

Only a row with a problem is read this way.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import NoReturn

from .. import codes
from ..parse import FORBIDDEN, MAX_DEPTH, MAX_ITEMS
from ..values import Json, Pointer

WHITE = re.compile(r"[ \t\n\r]*")

Range = tuple[int, int]
"""Start and exclusive end of a text, from 0."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, and its key if it has one; `text` is what a text says."""

    value: Range
    key: Range | None = None
    text: str = ""


class FaultError(Exception):
    """What is wrong with a row; ends the reading of it."""

    def __init__(self, code: str, message: str, hint: str, span: Range) -> None:
        super().__init__(message)
        self.code, self.hint, self.span = code, hint, span


def places(text: str) -> dict[Pointer, Place]:
    """Return the place of every value by its pointer; raise `FaultError` for the first fault."""
    walk = _Walk(text)
    end = walk.white(walk.value(walk.white(0), (), None))
    if end < len(text):
        raise _not_json("something stands after the end of the object", end)
    return walk.places


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


_SCAN = json.JSONDecoder(parse_constant=_refuse).raw_decode


@dataclass(slots=True)
class _Walk:
    """One pass over a text."""

    text: str
    places: dict[Pointer, Place] = field(default_factory=dict)

    def white(self, at: int) -> int:
        """Return the position after white space."""
        match = WHITE.match(self.text, at)
        return match.end() if match else at

    def value(self, at: int, pointer: Pointer, key: Range | None) -> int:
        """Note the value at a position; return its end."""
        mark = self.text[at : at + 1]
        if mark not in ("{", "["):
            return self._scalar(at, pointer, key)
        if len(pointer) >= MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
            raise FaultError(codes.TOO_LARGE, message, "flatten it", (at, at + 1))
        end = (self._object if mark == "{" else self._array)(at, pointer)
        self.places[pointer] = Place((at, end), key)
        return end

    def _scalar(self, at: int, pointer: Pointer, key: Range | None) -> int:
        """Note a text, number or word; return its end."""
        value, end = self._scan(at)
        text = value if isinstance(value, str) else ""
        self._screen(text, (at, end))
        self.places[pointer] = Place((at, end), key, text)
        return end

    def _scan(self, at: int) -> tuple[Json, int]:
        """Return the value at a position and its end."""
        try:
            value, end = _SCAN(self.text, at)
        except json.JSONDecodeError as error:
            raise not_json(error) from None
        except ValueError as error:
            if str(error) in ("NaN", "Infinity", "-Infinity"):
                raise _not_json(f"`{error}` is not a number of JSON", at, len(str(error))) from None
            message = "a number of too many digits"
            raise FaultError(codes.TOO_LARGE, message, "shorten it", (at, at + 1)) from None
        return value, end

    def _object(self, at: int, pointer: Pointer) -> int:
        """Note the fields of an object; return its end."""
        seen: set[str] = set()
        at = self.white(at + 1)
        while self.text[at : at + 1] != "}":
            if self.text[at : at + 1] != '"':
                raise _not_json("expected a name in quotes", at)
            name, end = self._scan(at)
            self._screen(name, (at, end))
            if name in seen:
                message = f"`{name}` is there twice"
                raise FaultError(codes.DUPLICATE_KEY, message, "keep one", (at, end))
            seen.add(name)
            after = self.value(self._after(end, ":"), (*pointer, name), (at, end))
            at = self._next(after, "}", seen, at)
        return at + 1

    def _array(self, at: int, pointer: Pointer) -> int:
        """Note the items of an array; return its end."""
        start, count = at, 0
        at = self.white(at + 1)
        while self.text[at : at + 1] != "]":
            after = self.value(at, (*pointer, count), None)
            count += 1
            at = self._next(after, "]", range(count), start)
        return at + 1

    def _next(self, at: int, closing: str, seen: set[str] | range, start: int) -> int:
        """Return the position of the next item, or of the closing bracket."""
        if len(seen) > MAX_ITEMS:
            message = f"more than {MAX_ITEMS:,} items"
            raise FaultError(codes.TOO_LARGE, message, "split the row", (start, start + 1))
        at = self.white(at)
        if self.text[at : at + 1] == closing:
            return at
        at = self._after(at, ",")
        if self.text[at : at + 1] == closing:
            raise _not_json(f"a comma before `{closing}`", at)
        return at

    def _after(self, at: int, mark: str) -> int:
        """Return the position of what follows a mark."""
        at = self.white(at)
        if self.text[at : at + 1] != mark:
            raise _not_json(f"expected `{mark}`", at)
        return self.white(at + 1)

    def _screen(self, text: str, span: Range) -> None:
        """Refuse characters that hide what a row says; escapes may hide as little as raw text."""
        bad = FORBIDDEN.search(text)
        if bad:
            raise hidden(bad.group(), span)


def hidden(character: str, span: Range) -> FaultError:
    """Return the fault of a character that hides what a row says."""
    message = f"the character U+{ord(character):04X} is not allowed"
    return FaultError(codes.NOT_TEXT, message, "remove it", span)


def not_json(error: json.JSONDecodeError) -> FaultError:
    """Return the fault that Python's reader of JSON reports."""
    if error.msg == "Expecting value":
        ends = error.pos >= len(error.doc)
        return _not_json("the row ends too early" if ends else "expected a value", error.pos)
    message = error.msg[:1].lower() + error.msg[1:].removesuffix(" at").removesuffix(" starting")
    return _not_json(message, error.pos)


def _not_json(message: str, at: int, length: int = 1) -> FaultError:
    """Return the fault of a text that is not JSON."""
    hint = "write each row as one line of JSON, by a program rather than by hand"
    return FaultError(codes.BAD_JSON, message, hint, (at, at + length))
