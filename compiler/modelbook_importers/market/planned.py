"""What an import wants to stand in one file, before anybody asks whose file it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modelbook_compiler.values import Subject

from .claims import Json


@dataclass(frozen=True, slots=True)
class Planned:
    """One file of an import: facts and where they come from."""

    kind: str
    """As `modelbook_compiler.discover` names it: `model`, `deployment`, `provider`, `dispute`."""
    id: str
    data: Mapping[str, Json]
    """The file as its schema wants it, `sources` with it, `imported` left out."""
    said_by: tuple[str, ...]
    """Labels of the sources that have a say in it, `litellm 1.109.1`, sorted."""

    @property
    def subject(self) -> Subject:
        """Return what the file speaks of."""
        return self.kind, self.id
