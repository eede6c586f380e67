"""The book's table of providers -> what litellm and models.dev call each of them.

A wheel carries the table beside this module; a checkout has it in its catalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelbook_compiler.diagnostics import Diagnostic
from modelbook_compiler.parse import parse
from modelbook_compiler.values import SourceFile

HERE = Path(__file__).resolve().parent
NAME = "provider-slugs"
PACKED = HERE / f"{NAME}.yaml"
AUTHORED = HERE.parent.parent / "catalog" / f"{NAME}.yaml"


def table() -> Mapping[str, Any]:
    """Return the public book's table of providers."""
    path = PACKED if PACKED.is_file() else AUTHORED
    read = parse(SourceFile(f"catalog/{path.name}", NAME, NAME, "", path.read_bytes()))
    assert not isinstance(read, Diagnostic), read.message  # noqa: S101  # checked before it is packed
    return read.data


def words_of(table: Mapping[str, Any], source: str) -> dict[str, str]:
    """Return a source's word for each of our providers that it knows, the usual one.

    A provider that it has no word for alone may be a part of one of its own.
    """
    parts = {
        one["slug"]: one["provider"]
        for one in table.get("splits", ())
        if one["source"] == source and "adds" not in one
    }
    own = {id: facts[source][0] for id, facts in table["providers"].items() if source in facts}
    return {**parts, **own}
