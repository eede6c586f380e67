"""`modelbook import`, with all its commands."""

from __future__ import annotations

from . import import_classes, import_market
from .importing import command

__all__ = ["command", "import_classes", "import_market"]
