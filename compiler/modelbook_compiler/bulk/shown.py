"""The lines of rows that a report shows, where reports look for the lines of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from ..positions import Positions


class ShownRows(Positions):
    """The positions of a catalog's files, and the lines of some rows of bulk sources."""

    def __init__(self, files: Positions, rows: Mapping[str, Mapping[int, str]]) -> None:
        super().__init__({})
        self._files, self._rows = files, rows

    def lines(self, path: str) -> Sequence[str]:
        """Return the lines of a file, or the rows of a source that are shown."""
        return _Rows(self._rows[path]) if path in self._rows else self._files.lines(path)


@dataclass(frozen=True, slots=True)
class _Rows(Sequence[str]):
    """Some lines of a file; the others are as if they were not there."""

    kept: Mapping[int, str]
    """By their number, from 1."""

    def __len__(self) -> int:
        """Return the number of the last line that is kept."""
        return max(self.kept, default=0)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        """Return a line, empty where it was not kept."""
        if isinstance(at, slice):
            return [self.kept.get(n + 1, "") for n in range(*at.indices(len(self)))]
        return self.kept.get(at + 1, "")
