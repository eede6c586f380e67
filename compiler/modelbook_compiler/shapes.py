"""Schemas -> the shapes by which a `ModelManager` checks what is registered at run time.

They are the schemas that the editor reads, without what only people need: plain data that travels
in the generated package, since an installed one has no schema files and no validator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .schemas import COMMON, authored, with_units

KINDS = ("model", "deployment", "provider")
"""What can be registered."""

FOR_PEOPLE = frozenset({"$schema", "title", "description", "examples", "x-unit", "x-units"})
"""Keywords that check nothing."""

FILES_ONLY = frozenset({"exceptions", "imported", "usage", "names"})
"""Fields that only catalog files have: for importers, for rules, and patterns with rules of their
own."""

NAMED = frozenset({"properties", "$defs"})
"""Keywords whose keys are names, not keywords."""


def shapes(units: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the shape of each kind, and of each definition they use, by name."""
    shared = authored("common")["$defs"]
    files = {kind: authored(kind) for kind in KINDS}
    files["deployment"] = with_units(files["deployment"], units)
    own = {name: one for file in files.values() for name, one in file.get("$defs", {}).items()}
    known = {**shared, **own, **{kind: _fields(file) for kind, file in files.items()}}
    made: dict[str, dict[str, Any]] = {}
    waiting = [*KINDS, *(f"{kind}_id" for kind in KINDS)]
    while waiting:
        name = waiting.pop()
        if name not in made:
            made[name] = _plain(known[name])
            waiting += _references(made[name])
    return {name: made[name] for name in sorted(made)}


def _fields(file: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a kind without definitions, and without the fields of files alone."""
    kept = {key: value for key, value in file.items() if key != "$defs"}
    fields = file["properties"].items()
    return {**kept, "properties": {name: one for name, one in fields if name not in FILES_ONLY}}


def _plain(value: Any, named: bool = False) -> Any:
    """Return a schema without what only people need; references are the names of shapes."""
    if isinstance(value, list):
        return tuple(map(_plain, value))
    if not isinstance(value, dict):
        return value
    return {
        key: _name(inner) if key == "$ref" and not named else _plain(inner, key in NAMED)
        for key, inner in value.items()
        if named or key not in FOR_PEOPLE
    }


def _name(reference: str) -> str:
    """Return the name of the shape that a reference leads to."""
    return reference.removeprefix(COMMON).removeprefix("#/$defs/")


def _references(shape: Any) -> Iterator[str]:
    """Yield the names of the shapes that a shape refers to."""
    if isinstance(shape, dict):
        if isinstance(shape.get("$ref"), str):
            yield shape["$ref"]
        for inner in shape.values():
            yield from _references(inner)
    elif isinstance(shape, tuple):
        for inner in shape:
            yield from _references(inner)
