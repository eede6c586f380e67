"""The files of a catalog as bytes; one that has not changed is read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from .layers import text
from .values import Layer


class Texts(Mapping[str, bytes]):
    """Path to bytes, for the files of all layers of a catalog."""

    def __init__(self, layers: Sequence[Layer], paths: Set[str], read: Mapping[str, bytes]) -> None:
        self._layers = sorted(layers, key=lambda one: len(one.shown), reverse=True)
        self._paths, self._read = paths, dict(read)

    def __getitem__(self, path: str) -> bytes:
        if path not in self._paths:
            raise KeyError(path)
        if path not in self._read:
            layer = next(one for one in self._layers if path.startswith(one.shown))
            found = text(layer, path.removeprefix(layer.shown))
            self._read[path] = found if isinstance(found, bytes) else b""
        return self._read[path]

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._paths))

    def __len__(self) -> int:
        return len(self._paths)
