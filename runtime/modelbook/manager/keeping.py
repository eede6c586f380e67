"""Where a manager keeps what is registered: a file of one of two kinds, with the same answers."""

from __future__ import annotations

from pathlib import Path

from ..errors import RequestError
from ..names import hint, nearest, shown
from . import duckdb_file, json_file
from .files import alone, publish, stamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..rows import Row
    from .files import Stamp
    from .state import Key, Stated

KINDS = ("duckdb", "json")


def known(storage: object) -> None:
    """Raise `RequestError` for a word that is no kind of file."""
    if storage not in KINDS:
        near = nearest(storage, KINDS) if isinstance(storage, str) else ()
        listed = hint(near) or "; it is `duckdb` or `json`"
        raise RequestError(f"`storage` cannot be {shown(storage)}{listed}")


class Store:
    """One file of registered models."""

    def __init__(self, path: object, storage: object) -> None:
        known(storage)
        try:
            self.path = Path(path).expanduser().resolve()  # type: ignore[arg-type]
        except (TypeError, ValueError, OSError, RuntimeError) as error:
            raise RequestError(f"`path` cannot be {shown(path)}: {error}") from None
        self._file = duckdb_file if storage == "duckdb" else json_file
        if storage == "duckdb":
            duckdb_file.needed()

    def stamp(self) -> Stamp | None:
        """Return what changes when the file does; None where there is none yet."""
        return stamp(self.path)

    def read(self) -> dict[Key, Row]:
        """Return the rows of the file, none where there is no file.

        Raises `StorageError` for a file that is damaged, of others, or of another version.
        """
        return self._file.read(self.path) if stamp(self.path) else {}

    def alone(self) -> AbstractContextManager[None]:
        """Keep other writers out; wait for them first. Readers go on."""
        return alone(self.path)

    def write(self, rows: Stated) -> None:
        """Publish rows as the whole content; only while others are kept out."""
        publish(self.path, lambda made: self._file.write(made, rows))
