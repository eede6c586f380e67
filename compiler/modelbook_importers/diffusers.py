"""Wheel of diffusers -> its pipeline classes: those of the auto pipelines, and others by name."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from .derive import Derived, Found, Rules, by_ending, stated
from .tables import is_class, parsed, tables
from .wheels import Wheel

AUTO = "diffusers/pipelines/auto_pipeline.py"
ENTRY = "diffusers/__init__.py"


def derive_diffusers(path: Path, rules: Rules) -> tuple[Derived, str]:
    """Return the pipeline classes of a wheel, and its version. Raises `CannotImportError`."""
    with closing(Wheel(path, "diffusers")) as wheel:
        found = tables(wheel.text(AUTO), f"{wheel.path.name}:{AUTO}")
        exported = _exported(wheel.text(ENTRY), f"{wheel.path.name}:{ENTRY}")
    mappings = {
        name: [*table.values()] for name, table in found.items() if name.endswith("_MAPPING")
    }
    return _derived(mappings, exported, rules, f"diffusers {wheel.version}"), wheel.version


def _derived(
    mappings: Mapping[str, list[Any]], exported: list[str], rules: Rules, seen: str
) -> Derived:
    """Return what the mappings and names say, people's word first."""
    rows = [row for row in rules.tables if row["table"] in mappings]
    listed = [name for row in rows for name in mappings[row["table"]] if is_class(name)]
    classes: dict[str, Found] = {}
    untyped: list[str] = []
    for position, name in enumerate(dict.fromkeys([*listed, *exported])):
        held = [row for row in rows if name in mappings[row["table"]]]
        facts = stated(name, rules) or _facts(name, held, rules)
        if facts:
            classes[name] = Found(name, (), facts, seen, position)
        else:
            untyped.append(name)
    known = {row["table"] for row in rows}
    unknown = tuple(sorted(f"{name} ({seen})" for name in mappings if name not in known))
    return Derived(classes, unknown, tuple(sorted(untyped)))


def _facts(name: str, held: list[Mapping[str, Any]], rules: Rules) -> dict[str, Any]:
    """Return what the mappings that hold a class say, in their order, else the end of its name."""
    if held:
        pipelines = list(dict.fromkeys(id for row in held for id in row["pipelines"]))
        return {"pipelines": pipelines, "basis": held[0]["basis"]}
    return by_ending(name, rules)


def _exported(source: str, where: str) -> list[str]:
    """Return the pipeline classes that the package names, sorted."""
    texts = {
        node.value for node in ast.walk(parsed(source, where)) if isinstance(node, ast.Constant)
    }
    names = {text for text in texts if isinstance(text, str) and is_class(text)}
    general = ("DiffusionPipeline", "ModularPipeline", "FlaxDiffusionPipeline")
    return sorted(name for name in names if name.endswith("Pipeline") and name not in general)
