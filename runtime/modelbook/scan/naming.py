"""Names as caches and servers spell them -> ids and paths that a catalog allows."""

from __future__ import annotations

import re

WIRE_PART = re.compile(r"[a-z0-9_,~+@-][a-z0-9_.,~+@-]*")
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
LONGEST = 150
"""Characters of a part of an id: it becomes the name of a file."""
HERE = "local"
"""Creator of models whose name states none."""


def slug(text: str) -> str:
    """Return a text as part of an id: lower-case letters and digits, `-`, `_` and `.` between."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")


def model_id(name: str) -> str | None:
    """Return the id for a name such as `org/Name` or `llama3:8b`; None if none can be made."""
    creator, slash, rest = name.strip("/").partition("/")
    parts = (slug(creator), slug(rest)) if slash else (HERE, slug(creator))
    return "/".join(parts) if all(0 < len(part) <= LONGEST for part in parts) else None


def wire_path(name: str) -> str:
    """Return the path of a deployment's file, without ending, for a wire name.

    Where its characters are not allowed there, the path is that of a similar name.
    """
    parts = [part.split(":") for part in name.lower().split("/")]
    short = all(len(part) <= 10 for part in parts)  # each `:` takes three characters
    if short and all(WIRE_PART.fullmatch(piece) for part in parts for piece in part):
        return "/".join("%3A".join(part) for part in parts)
    return "/".join(filter(None, map(slug, name.split("/")))) or "unnamed"


def wire_name(path: str) -> str:
    """Return the wire name in lower case that a path stands for."""
    return path.replace("%3A", ":")


def is_repository(name: str) -> bool:
    """Tell whether a name is one that a HuggingFace repository can have."""
    return REPOSITORY.fullmatch(name) is not None
