"""The generated package -> catalog files of what every catalog needs: types, spellings, units.

And the rules by which models are decided, so that a compiled layer decides as the package does.
Two things cannot be had back whole. Of auto classes the package has only the name and the pipeline
types: the tables in `auto-classes.yaml` have made-up names, and nothing is imported by them. And
the layer has those classes only that its models use, so of others it knows no model types.
"""

from __future__ import annotations

import re

from .yaml_text import document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ..catalog import Catalog

BOOK = "https://modelbook.invalid/catalog"
"""Source of rows whose own sources the generated package does not carry."""


def files(catalog: Catalog, day: str) -> dict[str, str]:
    """Return path and text of the files for pipeline types, their spellings, and units."""
    registry, types = catalog.table("_registry"), catalog.table("_pipelines")
    out = {"units.yaml": document("units.yaml", "units", {"units": registry.UNITS})}
    for id, row in types.PIPELINES.items():
        fields = {name: value for name, value in row.items() if name != "aliases"}
        out[f"pipelines/{id}.yaml"] = document(f"pipelines/{id}.yaml", "pipeline", fields)
    spellings = {
        alias: id for id, row in types.PIPELINES.items() for alias in row.get("aliases", ())
    }
    ambiguous = {name: list(ids) for name, ids in types.AMBIGUOUS.items()}
    path = "pipeline-aliases.yaml"
    fields = {
        "aliases": spellings,
        "ambiguous": ambiguous,
        "patterns": dict(types.PATTERNS) or None,
        "sources": _sources(catalog, day),
    }
    return {**out, path: document(path, "pipeline-aliases", fields), **_rules(catalog, day)}


def _rules(catalog: Catalog, day: str) -> dict[str, str]:
    """Return path and text of the files by which models are decided; empty ones are left out."""
    told = catalog.table("_decision")
    parts: dict[str, dict[str, object]] = {
        "auto-classes": {"tables": [_auto_class(*row) for row in told.AUTO_CLASSES.items()]},
        "class-suffixes": {
            "suffixes": [{"endings": ends, "pipelines": types} for ends, types in told.SUFFIXES]
        },
        "libraries": {"libraries": told.LIBRARIES},
        "api-pipelines": {"modes": told.API_MODES, "modalities": told.API_MODALITIES},
    }
    sources = _sources(catalog, day)
    return {
        f"{name}.yaml": document(f"{name}.yaml", name, {**fields, "sources": sources})
        for name, fields in parts.items()
        if all(fields.values())
    }


def _auto_class(name: str, pipelines: tuple[str, ...]) -> dict[str, object]:
    """Return a row for an auto class, of a table that is named after it: its own is not known."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()
    return {
        "table": f"{words}_MAPPING",
        "auto_class": name,
        "pipelines": pipelines,
        "basis": "proposal",
        "derive": False,
        "reason": "The generated package states neither its table nor on what grounds",
    }


def architectures(catalog: Catalog, names: Iterable[str], day: str) -> dict[str, str]:
    """Return path and text of the files for some classes that the book knows."""
    files: dict[str, dict[str, Any]] = {}
    rows: Mapping[str, Mapping[str, Any]] = catalog.table("_architectures").ARCHITECTURES
    for name in names:
        row = rows[name]
        own, *further = row.get("model_types", (row.get("library"),))
        fields = {key: row[key] for key in ("pipelines", "basis", "reason") if key in row}
        file = files.setdefault(own, {"library": row.get("library"), "classes": {}})
        file["classes"][name] = {**fields, **({"model_types": further} if further else {})}
    sources = _sources(catalog, day)
    return {
        path: document(path, "architecture", {**fields, "sources": sources})
        for path, fields in ((f"architectures/{own}.yaml", one) for own, one in files.items())
    }


def _sources(catalog: Catalog, day: str) -> list[dict[str, str]]:
    """Return the sources of rows that are copied from a generated package."""
    return [{"url": BOOK, "checked": day, "note": f"the generated package {catalog.package}"}]
