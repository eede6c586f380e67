"""Environment -> the folder in which huggingface_hub keeps its cache."""

from __future__ import annotations

import os
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def hub_cache(env: Mapping[str, str]) -> Path:
    """Return the cache root that huggingface_hub would use under these variables.

    The first of `HF_HUB_CACHE`, `HUGGINGFACE_HUB_CACHE`, `$HF_HOME/hub`,
    `$XDG_CACHE_HOME/huggingface/hub` and `~/.cache/huggingface/hub` that is set. An empty variable
    counts as not set: it would name the current folder.
    """
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if env.get(name):
            return _expanded(env[name])
    if env.get("HF_HOME"):
        return _expanded(env["HF_HOME"]) / "hub"
    caches = env.get("XDG_CACHE_HOME") or str(Path("~") / ".cache")
    return _expanded(caches) / "huggingface" / "hub"


def _expanded(path: str) -> Path:
    """Return a path with `~` and variables written out; a `~` of nobody stays as it is."""
    return Path(os.path.expanduser(os.path.expandvars(path)))  # noqa: PTH111  # never raises
