"""Catalog layer -> source files: which files there are, of which kind, under which id.

`files.walk` finds what there is, `discover` reads it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

from . import codes
from .diagnostics import Diagnostic
from .values import Layer, SourceFile, Subject

Read: TypeAlias = Callable[[str], bytes | str]
"""Returns the bytes of the file at a path below a catalog folder, or why they cannot be had."""

MAX_BYTES = 1024 * 1024
"""Larger files are refused."""

SINGLE = {
    "catalog.yaml": "manifest",
    "units.yaml": "units",
    "currencies.yaml": "currencies",
    "pipeline-aliases.yaml": "pipeline-aliases",
    "architecture-overrides.yaml": "architecture-overrides",
    "auto-classes.yaml": "auto-classes",
    "class-suffixes.yaml": "class-suffixes",
    "libraries.yaml": "libraries",
    "api-pipelines.yaml": "api-pipelines",
    "provider-slugs.yaml": "provider-slugs",
    "creators.yaml": "creators",
    "wire-names.yaml": "wire-names",
    "same-models.yaml": "same-models",
    "trust.yaml": "trust",
    "waivers.yaml": "waivers",
    "runtime-classes.yaml": "runtime-classes",
}
"""Files at the root of a catalog folder."""

FOLDERS = {
    "pipelines": ("pipeline", 1),
    "architectures": ("architecture", 1),
    "policies": ("policy", 1),
    "models": ("model", 2),
    "secrets": ("secret", 2),
}
"""Folder to the kind it holds and the number of path parts that make an id."""

LINK = "it is a symbolic link"
HINTS = {LINK: "put the file itself here"}
NAMING = "use lower-case letters, digits, `-`, `_` and `.`, and end the name with `.yaml`"
PLACES = (
    "the places are models/<creator>/, providers/<id>/deployments/, pipelines/, architectures/, "
    "secrets/<vendor>/, policies/, disputes/deployments/<provider>/, disputes/models/<creator>/ "
    "and the same below disputes/imported/"
)
NAME = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*")
WIRE_PART = re.compile(r"(?:[a-z0-9_.,~+@-]|%3a)+")


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a catalog folder holds."""

    files: tuple[SourceFile, ...]
    problems: tuple[Diagnostic, ...]
    broken: frozenset[Subject]
    """Kinds and ids of files that are there but cannot be read."""


def discover(layer: Layer, paths: Iterable[str], read: Read | None = None) -> Discovered:
    """Return the files at some paths below a catalog folder, and what is wrong with the rest.

    `read` returns the bytes of the file at a path, or why they cannot be had; by default from the
    layer's folder.
    """
    files: list[SourceFile] = []
    problems: list[Diagnostic] = []
    broken: set[Subject] = set()
    told: set[str] = set()
    for relative in sorted(paths):
        shown = layer.shown + relative
        placed = place(relative)
        if isinstance(placed, str):
            meant = place(likely(relative))
            broken.update([meant] if isinstance(meant, tuple) else [])
            faulty, meant_path = _fault(relative)
            if faulty not in told:  # once for a folder with a bad name
                problems.append(_misplaced(shown, faulty, meant_path, placed))
            told.add(faulty)
            continue
        raw = read(relative) if read else read_file(layer.place / relative)
        if isinstance(raw, str):
            problems.append(Diagnostic(shown, codes.UNREADABLE, raw, hint=HINTS.get(raw)))
            broken.add(placed)
        else:
            files.append(SourceFile(shown, *placed, layer.name, raw, layer.above))
    return Discovered(tuple(files), tuple(problems), frozenset(broken))


def folder(root: Path, name: str = "") -> Layer:
    """Return a catalog folder as a layer."""
    return Layer(name or root.name, f"{root.name}/", root)


def place(relative: str) -> tuple[str, str] | str:
    """Return the kind and id that a path inside a catalog stands for, or what is wrong with it."""
    parts = relative.split("/")
    if len(parts) == 1:
        kind = SINGLE.get(relative)
        return (kind, kind) if kind else "place"
    if parts[0] == "providers":
        return _provider_place(parts[1:])
    if parts[0] == "disputes":
        imported = parts[1] == "imported"
        kind = "imported-dispute" if imported else "dispute"
        return _dispute_place(kind, parts[2 if imported else 1 :])
    kind, depth = FOLDERS.get(parts[0], ("", 0))
    if not kind or len(parts) != depth + 1:
        return "place"
    return _named(kind, parts[1:], "/")


def _provider_place(parts: list[str]) -> tuple[str, str] | str:
    """Return kind and id of a file below `providers/`."""
    if len(parts) < 2 or not NAME.fullmatch(parts[0]):
        return "place" if len(parts) < 2 else "name"
    if parts[1:] == ["provider.yaml"]:
        return "provider", parts[0]
    if parts[1] != "deployments" or len(parts) < 3:
        return "place"
    return _wire_named("deployment", parts[0], parts[2:])


def _dispute_place(kind: str, parts: list[str]) -> tuple[str, str] | str:
    """Return kind and id of a file of disputes: the id is that of its subject."""
    if len(parts) == 3 and parts[0] == "models":
        return _named(kind, parts[1:], "/")
    if len(parts) < 3 or parts[0] != "deployments":
        return "place"
    if not NAME.fullmatch(parts[1]):
        return "name"
    return _wire_named(kind, parts[1], parts[2:])


def _wire_named(kind: str, provider: str, parts: list[str]) -> tuple[str, str] | str:
    """Return kind and id for path parts that are a wire name."""
    wire, dot, suffix = "/".join(parts).rpartition(".")
    good = all(WIRE_PART.fullmatch(part.lower()) and part[0] != "." for part in wire.split("/"))
    if not good or dot + suffix != ".yaml" or _lower(wire) != wire:
        return "name"
    return kind, f"{provider}:{wire.replace('%3A', ':')}"


def _lower(wire: str) -> str:
    """Return a wire path in lower case, its escapes in the one way they are written."""
    return wire.lower().replace("%3a", "%3A")


def _named(kind: str, parts: list[str], mark: str) -> tuple[str, str] | str:
    """Return kind and id for path parts that must each be a plain name."""
    stem, dot, suffix = parts[-1].rpartition(".")
    names = [*parts[:-1], stem]
    if dot + suffix != ".yaml" or not all(map(NAME.fullmatch, names)):
        return "name"
    return kind, mark.join(names)


def likely(relative: str) -> str:
    """Return the path that is most likely meant by one that stands nowhere."""
    if not relative.lower().endswith((".yaml", ".yml")):
        return relative
    path = relative.lower().replace(" ", "-").replace(":", "%3A").replace("%3a", "%3A")
    path = path.removesuffix(".yml").removesuffix(".yaml") + ".yaml"
    top, slash, rest = path.partition("/")
    known = [*FOLDERS, "providers", "disputes"]
    near = get_close_matches(top, known, n=1, cutoff=0.8) if slash else []
    parts = [*near, rest] if near else [path]
    if near == ["providers"] and rest.count("/") == 1 and not rest.endswith("/provider.yaml"):
        parts = [near[0], rest.replace("/", "/deployments/")]
    return "/".join(parts)


def _fault(relative: str) -> tuple[str, str]:
    """Return the part of a path that is wrong, a folder or the whole, and what is likely meant."""
    parts, better = relative.split("/"), likely(relative).split("/")
    for depth in range(1, len(parts)):
        if parts[:depth] != better[:depth]:
            return "/".join(parts[:depth]) + "/", "/".join(better[:depth]) + "/"
    return relative, "/".join(better)


def _misplaced(shown: str, faulty: str, meant: str, fault: str) -> Diagnostic:
    """Return the diagnostic for a file whose name, or that of a folder above it, is wrong."""
    if fault == "name":
        hint = f"rename it to `{meant}`" if meant != faulty else NAMING
        return Diagnostic(shown, codes.BAD_NAME, f"`{faulty}` cannot be an id", hint=hint)
    message = f"the catalog has no place for `{faulty}`"
    hint = f"move it to `{meant}`" if meant != faulty else PLACES
    return Diagnostic(shown, codes.UNKNOWN_PLACE, message, hint=hint)


def read_file(path: Path) -> bytes | str:
    """Return a file's bytes, or in words why they cannot be had."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        link = path.is_symlink()
        return LINK if link else f"cannot be read: {error.strerror}"
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return "it is not a regular file"
        if found.st_size > MAX_BYTES:
            return f"it has {found.st_size:,} bytes, more than {MAX_BYTES:,}"
        return os.read(descriptor, found.st_size)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    finally:
        os.close(descriptor)
