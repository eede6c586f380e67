"""Catalog folder -> what an importer must know of it: its rules, and the files it may rewrite.

Only the files that an import needs are read, so that a fault elsewhere does not stop it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelbook_compiler.diagnostics import Diagnostic
from modelbook_compiler.discover import discover, folder, place
from modelbook_compiler.files import walk
from modelbook_compiler.git import GitError
from modelbook_compiler.imported import is_owned
from modelbook_compiler.layers import resolve, text
from modelbook_compiler.packed import DamagedError
from modelbook_compiler.parse import parse
from modelbook_compiler.shape import Shapes
from modelbook_compiler.values import Document, Layer

from .derive import Rules
from .wheels import CannotImportError

NEEDED = ("auto-classes", "class-suffixes", "architecture-overrides", "architecture")


@dataclass(frozen=True, slots=True)
class Known:
    """What a catalog says of model classes before an import."""

    rules: Rules
    files: Mapping[str, Document]
    """Files of model classes by id."""

    owned: Mapping[str, Document]
    """Those that an import wrote and nobody has touched since."""


def known(root: Path) -> Known:
    """Return what the catalog in a folder says. Raises `CannotImportError` for broken files."""
    kept = documents(root, NEEDED)
    files = {id: one for (kind, id), one in kept.items() if kind == "architecture"}
    owned = {id: one for id, one in files.items() if is_owned(one.data)}
    if ("auto-classes", "auto-classes") not in kept:
        raise lacking(root, "auto-classes.yaml")
    return Known(_rules(kept), files, owned)


def lacking(root: Path, name: str) -> CannotImportError:
    """Return what to say of a catalog that has not the file of an import's rules."""
    below = resolve(root.resolve()).layers[:-1]
    holder = next((one.name for one in reversed(below) if _holds(one, name)), None)
    if holder is None:
        hint = "copy it from the public catalog of modelbook"
        return CannotImportError(f"the catalog has no `{name}`", hint)
    said = f"imports work on a catalog that stands alone: `{name}` is in the layer `{holder}`"
    return CannotImportError(said, f"import into a checkout of `{holder}`, and build on that")


def _holds(layer: Layer, name: str) -> bool:
    """Tell whether a layer has a file; one that cannot be read has none."""
    try:
        found = text(layer, name)
    except (GitError, DamagedError, OSError):
        return False
    return isinstance(found, bytes) and bool(found)


def documents(root: Path, needed: Collection[str]) -> dict[tuple[str, str], Document]:
    """Return a catalog's files of some kinds by kind and id; others are not looked at.

    Raises `CannotImportError` for a folder that is no catalog, and for broken files.
    """
    if not (root / "catalog.yaml").is_file():
        raise CannotImportError(f"`{root}` is no catalog", "name its folder with `--catalog`")
    whole = root.resolve()
    asked = (path for path in walk(whole) if _asked(path, {*needed, "units"}))
    found = discover(folder(whole), asked)
    broken = sorted(id for kind, id in found.broken if kind in needed)
    if broken:
        raise CannotImportError(f"`{broken[0]}` cannot be read", "run `modelbook check`")
    shapes = Shapes({})
    kept: dict[tuple[str, str], Document] = {}
    for source in sorted(found.files, key=lambda one: one.kind != "units"):
        if source.kind in needed or source.kind == "units":
            read = parse(source)
            wrong = [read] if isinstance(read, Diagnostic) else list(shapes.problems(read))
            if wrong or isinstance(read, Diagnostic):
                message = f"{source.path}: {wrong[0].message}"
                raise CannotImportError(message, "run `modelbook check`, and mend it first")
            kept[source.kind, source.id] = read
            if source.kind == "units":  # prices are named by them
                shapes = Shapes(read.data["units"])
    return {subject: one for subject, one in kept.items() if subject[0] in needed}


def _asked(path: str, needed: Collection[str]) -> bool:
    """Tell whether a file may be of a kind that is needed: others are not even read."""
    placed = place(path)
    return isinstance(placed, str) or placed[0] in needed


def _rules(kept: Mapping[tuple[str, str], Document]) -> Rules:
    """Return the rules that the single files state."""

    def field(kind: str, name: str, absent: Any) -> Any:
        return kept[kind, kind].data[name] if (kind, kind) in kept else absent

    rows = field("class-suffixes", "suffixes", [])
    return Rules(
        field("auto-classes", "tables", []),
        tuple((tuple(row["endings"]), tuple(row["pipelines"])) for row in rows),
        field("architecture-overrides", "classes", {}),
    )
