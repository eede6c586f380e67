"""The files of a catalog as bytes; one that has not changed is read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from .discover import read_file


class Texts(Mapping[str, bytes]):
    """Path to bytes, for the files below a catalog folder."""

    def __init__(self, root: Path, paths: Set[str], read: Mapping[str, bytes]) -> None:
        self._above, self._paths, self._read = root.parent, paths, dict(read)

    def __getitem__(self, path: str) -> bytes:
        if path not in self._paths:
            raise KeyError(path)
        if path not in self._read:
            found = read_file(self._above / path)
            self._read[path] = found if isinstance(found, bytes) else b""
        return self._read[path]

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._paths))

    def __len__(self) -> int:
        return len(self._paths)
