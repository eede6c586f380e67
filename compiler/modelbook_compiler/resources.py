"""Where the compiler's own files are: inside the wheel, or at the root of a checkout."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
TEMPLATES = HERE / "templates"


def schema_folder() -> Path:
    """Return the folder of the authored schemas."""
    packed = HERE / "schemas"
    return packed if packed.is_dir() else CHECKOUT / "schemas"
