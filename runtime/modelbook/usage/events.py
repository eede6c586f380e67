"""A response in whatever form -> its events: JSON objects, one for a plain body, several for a
stream.

Text is a JSON object, a JSON list, server-sent events or one JSON object a line. Numbers are exact.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from ..errors import UsageError
from .paths import kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, TypeAlias

    Event: TypeAlias = Mapping[str, Any]

LONGEST = 256 * 1024 * 1024
"""Characters or bytes of text that are read: responses may hold images."""

DEEPEST = 24
"""Levels down to which objects of a stream are merged; below, the later one replaces."""


def events_of(body: object) -> tuple[tuple[Event, ...], bool]:
    """Return the events of a response, and whether they are a stream.

    Takes an object, text or bytes, an iterable of events or of lines, and what has `model_dump()`.
    Raises `UsageError` for anything else, and for text that is not JSON.
    """
    if isinstance(body, Mapping):
        return (body,), False
    if isinstance(body, str | bytes | bytearray | memoryview):
        return _of_text(_text(body))
    if (dumped := _dumped(body)) is not None:
        return (dumped,), False
    if not isinstance(body, Iterable):
        raise UsageError(f"a response is an object, text or events, not {kind(body)}")
    items: list[object] = list(body)
    if items and all(isinstance(one, str | bytes) for one in items):
        joined = "\n".join(_text(one).rstrip("\r\n") for one in items)  # type: ignore[arg-type]
        return _of_text(joined)
    return tuple(map(_event, items)), True


def merged(events: Iterable[Event]) -> Event:
    """Return events as one object: objects are merged, of all else the later counts."""
    made: dict[str, Any] = {}
    for event in events:
        _merge(made, event, DEEPEST)
    return made


def _merge(made: dict[str, Any], event: Event, depth: int) -> None:
    """Add an object to another one; null adds nothing."""
    for key, value in event.items():
        known = made.get(key)
        if isinstance(value, Mapping) and isinstance(known, Mapping) and depth:
            made[key] = inner = dict(known)
            _merge(inner, value, depth - 1)
        elif value is not None:
            made[key] = value


def _event(item: object) -> Event:
    """Return one event as an object."""
    if isinstance(item, Mapping):
        return item
    dumped = _dumped(item)
    if dumped is None:
        raise UsageError(f"an event of a stream is an object, not {kind(item)}")
    return dumped


def _dumped(item: object) -> Event | None:
    """Return what `model_dump()` of an object gives, None if it has none."""
    dump = None if isinstance(item, type) else getattr(item, "model_dump", None)
    if not callable(dump):
        return None
    found: object = dump()
    if not isinstance(found, Mapping):
        raise UsageError(f"`model_dump()` of a {type(item).__name__} gives {kind(found)}")
    return found


def _text(body: str | bytes | bytearray | memoryview) -> str:
    """Return text, whatever it was given as."""
    if len(body) > LONGEST:
        raise UsageError(f"the response is longer than {LONGEST:,} bytes")
    if isinstance(body, str):
        return body.removeprefix("\ufeff")
    try:
        return bytes(body).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"the response is not UTF-8 text: {error.reason}") from None


def _of_text(text: str) -> tuple[tuple[Event, ...], bool]:
    """Return the events of text, and whether they are a stream."""
    stripped = text.strip()
    if not stripped:
        raise UsageError("the response is empty")
    if stripped[0] not in "{[":
        return tuple(_server_sent(text)), True
    lines = stripped.split("\n")  # not `splitlines`: U+2028 may stand in JSON text
    if len(lines) > 1 and _whole(lines[0]):
        return tuple(_event(_json(one, f"line {n}")) for n, one in _written(lines)), True
    value = _json(stripped, "the response")
    if isinstance(value, list):
        return tuple(map(_event, value)), True
    return (_event(value),), False


def _written(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines with something in them, counted from 1."""
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _whole(line: str) -> bool:
    """Tell whether a first line is a JSON object by itself."""
    try:
        return isinstance(_json(line, ""), Mapping)
    except UsageError:
        return False


def _server_sent(text: str) -> Iterator[Event]:
    """Yield the events of a `text/event-stream`; the name of one is its `type` if it has none."""
    name, data, start = "", [], 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate([*lines, ""], 1):
        field, _, value = line.partition(":")
        if line and field not in ("", "data", "event", "id", "retry"):
            raise UsageError(f"line {number} is neither JSON nor a server-sent event")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            start = start or number
            data.append(value)
        elif not line:
            yield from _sent(name, "\n".join(data).strip(), start)
            name, data, start = "", [], 0


def _sent(name: str, data: str, line: int) -> Iterator[Event]:
    """Yield the event of some data; the sign of the end is none."""
    if data and data != "[DONE]":
        event = _event(_json(data, f"the event at line {line}"))
        yield {"type": name, **event} if name else event


def _json(text: str, where: str) -> object:
    """Return the value of JSON text, its numbers exact; raise `UsageError` where it is none."""
    try:
        value: object = json.loads(text, parse_float=Decimal, parse_constant=_refused)
    except (ValueError, ArithmeticError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else _first_line(error)
        raise UsageError(f"{where} is not JSON that can be read: {reason}") from None
    return value


def _first_line(error: Exception) -> str:
    """Return what an error says, or what it is called."""
    return str(error).partition("\n")[0][:200] or type(error).__name__


def _refused(name: str) -> NoReturn:
    """Refuse what JSON does not know."""
    raise ValueError(f"`{name}` is no number")
