"""Build hook: the wheel carries the authored schemas inside the compiler package, and the table of
providers inside the exporters.

Only in a real wheel: an editable install reads the files of the checkout, and a copy made there
would go stale.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SchemaHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's base is generic
    """Adds `schemas/*.json` and the table of providers to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add both to what hatchling puts in the wheel."""
        if self.target_name == "wheel" and version == "standard":
            for path in sorted(Path(self.root, "schemas").glob("*.json")):
                target = f"modelbook_compiler/schemas/{path.name}"
                build_data["force_include"][str(path)] = target
            table = Path(self.root, "catalog", "provider-slugs.yaml")
            build_data["force_include"][str(table)] = f"modelbook_exporters/{table.name}"
