"""Schema files -> validators. The files are those the editor reads; units come from the catalog."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from .resources import schema_folder

KINDS = (
    "manifest",
    "units",
    "currencies",
    "pipeline",
    "pipeline-aliases",
    "architecture",
    "architecture-overrides",
    "auto-classes",
    "class-suffixes",
    "libraries",
    "api-pipelines",
    "provider-slugs",
    "creators",
    "wire-names",
    "same-models",
    "trust",
    "waivers",
    "runtime-classes",
    "model",
    "provider",
    "deployment",
    "policy",
    "secret",
    "dispute",
    "imported-dispute",
)
"""Every kind of catalog file; each has the schema that `schema_of` names."""

SHARED = {"imported-dispute": "dispute"}
"""Kinds whose files look like those of another one."""

Schema = dict[str, Any]
COMMON = "common.schema.json#/$defs/"


def schema_of(kind: str) -> str:
    """Return the name of the schema file of a kind."""
    return f"{SHARED.get(kind, kind)}.schema.json"


@cache
def authored(name: str) -> Schema:
    """Return a schema file as it is written: that of a kind, or `common`."""
    path = schema_folder() / schema_of(name)
    schema: Schema = json.loads(path.read_text(encoding="utf-8"))
    return schema


def with_units(deployment: Schema, units: Mapping[str, Mapping[str, Any]]) -> Schema:
    """Return the deployment schema with the price fields that a unit registry names.

    Everything else stays as authored, so this changes nothing when the units agree.
    """
    schema: Schema = json.loads(json.dumps(deployment))
    schema["$defs"]["unit_id"]["enum"] = list(units)
    fields = schema["$defs"]["price_entry"]["properties"]
    words = {name: field for name, field in fields.items() if not field.get("x-unit")}
    words.update((unit, _unit_field(facts)) for unit, facts in units.items())
    schema["$defs"]["price_entry"]["properties"] = words
    return schema


def _unit_field(facts: Mapping[str, Any]) -> Schema:
    """Return the schema of one price field."""
    return {
        "$ref": COMMON + "amount",
        "description": f"Price of {facts['name']}, per {facts['per']:,} {facts['quantity']}.",
        "x-unit": True,
        "examples": ["2.50"],
    }


def leaves(schema: Schema) -> Iterator[str]:
    """Yield the dotted names of a schema's fields; a field that holds fields yields those."""
    whole = bundled(schema)

    def below(part: Schema, name: str) -> Iterator[str]:
        target = part.get("$ref", "").removeprefix("#/$defs/")
        held = (whole["$defs"][target] if target else part).get("properties")
        if held is None:
            yield name
        for inner, field in (held or {}).items():
            yield from below(field, f"{name}.{inner}" if name else inner)

    return below(whole, "")


def bundled(schema: Schema) -> Schema:
    """Return a schema that holds the shared definitions itself, so that it stands alone."""
    shared = authored("common")["$defs"]
    own = schema.get("$defs", {})
    whole = {**schema, "$defs": {**{f"common.{name}": shared[name] for name in shared}, **own}}
    text = json.dumps(whole).replace(f'"{COMMON}', '"#/$defs/common.')
    bundle: Schema = json.loads(text)
    return bundle


def text(schema: Schema) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
