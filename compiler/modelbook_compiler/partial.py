"""A kind's schema -> the schema of files that hold operations on records of that kind.

`set` and `add` take any of the fields, mappings as deep as they go, lists whole; `remove` takes the
same fields with `all` in place of a value, or the items to take out of a list. What a whole record
needs, or may not hold together, is for the merged record to meet.
"""

from __future__ import annotations

from collections.abc import Iterator

from .operations import ALL, KEPT
from .schemas import Schema

WORDS = {
    "set": "Replaces what a lower layer states. Mappings go deep; a list replaces the whole list.",
    "add": "States what no lower layer states, or appends to a list.",
    "remove": "Takes away what a lower layer states: `all` of a field, or items of a list.",
}
GONE: Schema = {"const": ALL, "description": "Take the whole field away.", "examples": [ALL]}
RETIRE: Schema = {
    "type": "object",
    "description": "Ends a deployment on a day. Nothing is deleted: past calls can be priced. Its"
    " status is `deprecated` until a source of the file was checked on that day or later.",
    "additionalProperties": False,
    "required": ["on"],
    "properties": {
        "on": {
            "$ref": "#/$defs/common.date",
            "description": "First day it is not used any more, UTC.",
            "examples": ["2026-12-31"],
        },
        "successor": {
            "$ref": "#/$defs/common.deployment_id",
            "description": "The deployment to use in its place.",
            "examples": ["openai:gpt-4o"],
        },
    },
}


def partial(schema: Schema, kind: str) -> Schema:
    """Return the schema of operations on records of a kind, from its schema as `bundled`."""
    made = _Partial(schema["$defs"])
    own = {name: one for name, one in schema["properties"].items() if name not in KEPT}
    stated, gone = (
        made.mapping({"properties": own}, "stated"),
        made.mapping({"properties": own}, "gone"),
    )
    fields: Schema = {
        "set": {**stated, "description": WORDS["set"]},
        "add": {**_with_exceptions(schema, stated), "description": WORDS["add"]},
        "remove": {**gone, "description": WORDS["remove"]},
    }
    if kind == "deployment":
        fields["retire"] = RETIRE
    fields["reason"] = {"$ref": "#/$defs/common.text", "description": "Why, in one line."}
    if "sources" in schema["properties"]:
        fields["sources"] = schema["properties"]["sources"]
    whole = {
        "$schema": schema["$schema"],
        "title": f"Operations on a record of a lower layer: {schema['title']}",
        "type": "object",
        "description": "What this layer says differently of what a lower layer has.",
        "additionalProperties": False,
        "properties": fields,
    }
    return {**whole, "$defs": _used(whole, made.defs)}


def _with_exceptions(schema: Schema, stated: Schema) -> Schema:
    """Return what `add` takes: also exceptions to rules that the change breaks."""
    exceptions = schema["properties"].get("exceptions")
    more = {"exceptions": exceptions} if exceptions else {}
    return {**stated, "properties": {**stated["properties"], **more}}


class _Partial:
    """Makes schemas of parts of a record; those that have names once each."""

    def __init__(self, defs: Schema) -> None:
        self.defs: Schema = dict(defs)

    def part(self, node: Schema, mode: str) -> Schema:
        """Return the schema of a value as operations of a mode state it."""
        name = node.get("$ref", "").removeprefix("#/$defs/")
        target = self._target(node)
        if target.get("type") == "object":
            inner = self._named(name, target, mode) if name else self.mapping(target, mode)
            inner = {**inner, **_told(node)}
            return inner if mode == "stated" else _or_all("object", inner)
        if mode == "stated":
            return node
        if target.get("type") == "array":
            return _or_all("array", {"type": "array", "minItems": 1, "items": target["items"]})
        return GONE

    def mapping(self, node: Schema, mode: str) -> Schema:
        """Return the schema of a mapping of which any part may be stated."""
        others = node.get("additionalProperties", False)
        made: Schema = {"type": "object", "minProperties": 1}
        made["additionalProperties"] = (
            self.part(others, mode) if isinstance(others, dict) else others
        )
        made |= {"propertyNames": node["propertyNames"]} if "propertyNames" in node else {}
        fields = node.get("properties", {})
        made["properties"] = {name: self.part(one, mode) for name, one in fields.items()}
        return made

    def _target(self, node: Schema) -> Schema:
        """Return what a schema stands for, its names followed."""
        while "$ref" in node:
            node = self.defs[node["$ref"].removeprefix("#/$defs/")]
        return node

    def _named(self, name: str, target: Schema, mode: str) -> Schema:
        """Return a reference to the part that a name stands for; made once."""
        own = f"{mode}.{name}"
        if own not in self.defs:
            self.defs[own] = {}  # it may hold itself
            self.defs[own] = self.mapping(target, mode)
        return {"$ref": f"#/$defs/{own}"}


def _told(node: Schema) -> Schema:
    """Return what a schema says to people."""
    return {name: node[name] for name in ("description", "examples") if name in node}


def _or_all(kind: str, inner: Schema) -> Schema:
    """Return a schema of what to take away: a part, or all."""
    return {"if": {"type": kind}, "then": inner, "else": GONE}


def _used(schema: Schema, defs: Schema) -> Schema:
    """Return the definitions that a schema needs, sorted."""
    return {name: defs[name] for name in sorted(_reached(schema, defs))}


def _reached(schema: Schema, defs: Schema) -> set[str]:
    """Return the names of definitions that a schema leads to."""
    found: set[str] = set()
    left = list(_names(schema))
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += _names(defs[name])
    return found


def _names(part: object) -> Iterator[str]:
    """Yield the names of definitions in a part of a schema."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].removeprefix("#/$defs/")
        for inner in part.values():
            yield from _names(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _names(inner)
