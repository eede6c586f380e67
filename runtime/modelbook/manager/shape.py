"""A value and a shape -> what is wrong with it, in words. Shapes are those of `_shapes` modules.

They are the catalog's JSON Schemas without what only people need. Only the keywords that those use
are known here; a test holds the answers equal to those of a whole validator.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..names import hint, nearest, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, TypeAlias

    from ..rows import Row, Rows

    Problem: TypeAlias = tuple[str, str]

KEYWORDS = frozenset(
    {
        "$ref",
        "additionalProperties",
        "allOf",
        "const",
        "dependentRequired",
        "else",
        "enum",
        "exclusiveMinimum",
        "if",
        "items",
        "maxItems",
        "maximum",
        "minItems",
        "minProperties",
        "minimum",
        "not",
        "pattern",
        "properties",
        "propertyNames",
        "required",
        "then",
        "type",
        "uniqueItems",
        "x-hint",
        "x-price",
    }
)
"""What is understood; a test holds that shapes use nothing else."""

KINDS = {
    "object": (dict, "a mapping"),
    "array": (tuple, "a list"),
    "string": (str, "text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "True or False"),
}
"""Types of the schemas, with those of plain values and their names."""

DAYS = frozenset({"date", "partial_date", "instant"})
"""Shapes of dates, which must also be days of the calendar."""


def problems(value: object, name: str, shapes: Rows) -> Iterator[Problem]:
    """Yield place (such as `prices[0].input`, "" for the whole) and words of all that is wrong.

    `value` is plain: mappings, tuples, texts, numbers, truth values; `name` names its shape.
    """
    return _Check(shapes).of(value, {"$ref": name}, "")


class _Check:
    """The shapes, while a value is checked."""

    def __init__(self, shapes: Rows) -> None:
        self.shapes = shapes

    def of(self, value: Any, shape: Row, place: str) -> Iterator[Problem]:
        """Yield what is wrong with a value; where its type is, nothing more."""
        known = {**self.shapes[shape["$ref"]], **shape} if "$ref" in shape else shape
        wrong = self._kind(value, known)
        if wrong:
            yield place, wrong
            return
        yield from ((place, text) for text in self._alone(value, known, shape.get("$ref")))
        if isinstance(value, dict):
            yield from self._fields(value, known, place)
        elif isinstance(value, tuple):
            yield from self._items(value, known, place)
        yield from self._branches(value, known, place)

    def fits(self, value: Any, shape: Row) -> bool:
        """Tell whether nothing is wrong with a value."""
        return next(self.of(value, shape, ""), None) is None

    def _kind(self, value: Any, shape: Row) -> str | None:
        """Return what is wrong with the type of a value."""
        if "type" not in shape:
            return None
        kind, words = KINDS[shape["type"]]
        if type(value) is kind:
            return None
        if kind is str and type(value) in (int, float) and _decimal(shape):
            return f'is {shown(value)}, a number: quote it as exact text, such as "2.50"'
        return f"takes {words}, not {shown(value)}"

    def _alone(self, value: Any, shape: Row, name: str | None) -> Iterator[str]:
        """Yield what is wrong with a value itself, whatever is inside it."""
        if "const" in shape and (
            value != shape["const"] or type(value) is not type(shape["const"])
        ):
            yield f"takes {shape['const']} alone, not {shown(value)}"
        if "enum" in shape and value not in shape["enum"]:
            near = nearest(value, shape["enum"]) if isinstance(value, str) else ()
            listed = hint(near) or f"; it is one of {', '.join(map(str, shape['enum'][:30]))}"
            yield f"cannot be {shown(value)}{listed}"
        text = isinstance(value, str)
        if text and "pattern" in shape and not _pattern(shape["pattern"]).search(value):
            yield f"cannot be {shown(value)}: {shape.get('x-hint', 'it has another form')}"
        elif text and name in DAYS and not _is_day(value):
            yield f"cannot be {shown(value)}: there is no such day"
        if "not" in shape and self.fits(value, shape["not"]):
            yield f"cannot be {shown(value)}: {shape.get('x-hint', 'leave it out')}"
        if type(value) is int:
            yield from _size(value, shape)

    def _fields(self, value: Mapping[str, Any], shape: Row, place: str) -> Iterator[Problem]:
        """Yield what is wrong with the fields of a mapping."""
        fields: Mapping[str, Row] = shape.get("properties", {})
        others = shape.get("additionalProperties", True)
        for name in shape.get("required", ()):
            if name not in value:
                yield place, f"needs `{name}`"
        for name, needed in shape.get("dependentRequired", {}).items():
            missing = [one for one in needed if one not in value] if name in value else []
            yield from ((place, f"needs `{one}` beside `{name}`") for one in missing)
        if len(value) < shape.get("minProperties", 0):
            yield place, "says too little: leave it out, or say more"
        for name, inner in value.items():
            below = f"{place}.{name}" if place else name
            if name in fields:
                yield from self.of(inner, fields[name], below)
            elif others is False:
                near = nearest(name, fields)
                listed = hint(near) or f"; the fields are {', '.join(fields)}"
                yield place, f"has no field `{shown(name)[1:-1]}`{listed}"
            elif isinstance(others, dict):
                names = shape.get("propertyNames", {})
                yield from ((place, text) for _, text in self.of(name, names, ""))
                yield from self.of(inner, others, below)

    def _items(self, value: tuple[Any, ...], shape: Row, place: str) -> Iterator[Problem]:
        """Yield what is wrong with the items of a list."""
        if len(value) < shape.get("minItems", 0):
            yield place, "is empty: leave it out"
        if len(value) > shape.get("maxItems", len(value)):
            yield place, f"has more than {shape['maxItems']} items"
        if shape.get("uniqueItems") and _repeats(value):
            yield place, "says the same twice"
        for n, item in enumerate(value):
            yield from self.of(item, shape.get("items", {}), f"{place}[{n}]")

    def _branches(self, value: Any, shape: Row, place: str) -> Iterator[Problem]:
        """Yield what is wrong by conditions."""
        for part in shape.get("allOf", ()):
            yield from self.of(value, part, place)
        if "if" in shape:
            way = "then" if self.fits(value, shape["if"]) else "else"
            yield from self.of(value, shape.get(way, {}), place)


def _size(value: int, shape: Row) -> Iterator[str]:
    """Yield what is wrong with the size of a number."""
    if "exclusiveMinimum" in shape and value <= shape["exclusiveMinimum"]:
        yield f"must be above {shape['exclusiveMinimum']}, not {shown(value)}"
    if "minimum" in shape and value < shape["minimum"]:
        yield f"must be at least {shape['minimum']}, not {shown(value)}"
    if "maximum" in shape and value > shape["maximum"]:
        yield f"must be at most {shape['maximum']:,}, not {shown(value)}"


def _decimal(shape: Row) -> bool:
    """Tell whether a shape is that of an amount or another exact decimal."""
    return "x-price" in shape or "decimal" in shape.get("x-hint", "")


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    """Return a pattern in which `$` is the very end."""
    return re.compile(rf"{text[:-1]}\Z" if text.endswith("$") else text)


def _repeats(items: Iterable[object]) -> bool:
    """Tell whether two items are equal; a number and a truth value are not."""
    told = [repr(item) if not isinstance(item, dict) else _sorted(item) for item in items]
    return len({*told}) < len(told)


def _sorted(value: object) -> str:
    """Return a text that equal values share."""
    import json

    return json.dumps(value, sort_keys=True)


def _is_day(text: str) -> bool:
    """Tell whether a date, or the part of one that is known, is in the calendar."""
    from datetime import datetime

    day, _, clock = text.partition("T")
    whole = f"{day}-01-01"[:10] if len(day) == 4 else f"{day}-01" if len(day) == 7 else day
    try:
        datetime.fromisoformat(f"{whole}T{clock.removesuffix('Z') or '00:00'}")
    except ValueError:
        return False
    return True
