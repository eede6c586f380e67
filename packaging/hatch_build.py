"""Build hook: the wheel carries the authored schemas inside the compiler package, the table of
providers inside the exporters, and the whole catalog, packed, inside the generated package.

Only in a real wheel: an editable install reads the files of the checkout, and a copy made there
would go stale.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SchemaHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's base is generic
    """Adds `schemas/*.json`, the table of providers and the catalog to a standard wheel."""

    packed: TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them to what hatchling puts in the wheel."""
        if self.target_name == "wheel" and version == "standard":
            for path in sorted(Path(self.root, "schemas").glob("*.json")):
                target = f"modelbook_compiler/schemas/{path.name}"
                build_data["force_include"][str(path)] = target
            table = Path(self.root, "catalog", "provider-slugs.yaml")
            build_data["force_include"][str(table)] = f"modelbook_exporters/{table.name}"
            path = self._pack()
            build_data["force_include"][str(path)] = f"modelbook_catalog/{path.name}"

    def _pack(self) -> Path:
        """Write the catalog as one file to a folder for this build, by the compiler beside us."""
        sys.path[:0] = [str(Path(self.root, name)) for name in ("compiler", "runtime")]
        from modelbook_compiler.packed import NAME, pack

        self.packed = TemporaryDirectory()
        path = Path(self.packed.name, NAME)
        path.write_bytes(pack(Path(self.root, "catalog")))
        return path

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the folder away."""
        if self.packed is not None:
            self.packed.cleanup()
