"""Which secrets are at hand without a key: for `available_only`, which asks about many at once.

Looks at variables, mounted files, files of keys and what encrypted files say without being
decrypted; it starts no sops, and asks no keyring, network or plug-in.
"""

from __future__ import annotations

from .errors import SecretError, SopsFileMissingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..rows import Row
    from .declared import Declaration
    from .keyfile import Values
    from .record import Kept
    from .sources import Context


class Nearby:
    """What is at hand at one moment. Files are read once, when the first secret needs them."""

    def __init__(self) -> None:
        self._context: Context | None = None
        self._values: dict[str, Values] = {}
        self._kept: dict[str, Mapping[str, Kept]] = {}
        self._place: tuple[Path, str] | None = None
        self._placed = False

    def lacks(self, id: str, row: Row) -> str | None:
        """Return why a secret cannot be used, in words; None if it is at hand, `""` if nowhere."""
        from .chain import context_of
        from .declared import declaration

        try:
            if self._context is None:
                self._context = context_of(None, "current", None)
            return self._asked(declaration(id, row), self._context)
        except SecretError as error:
            return f"{error.code}: {error}"

    def _asked(self, one: Declaration, context: Context) -> str | None:
        """Return what the first source says that has the secret."""
        ways = {"environment": self._direct, "mounted": self._direct, "file": self._file}
        for name in context.settings.chain:
            if name in ways or name == "sops":
                has = ways.get(name, self._sops)(name, one, context)
                if has:
                    return None
        return ""

    def _direct(self, name: str, one: Declaration, context: Context) -> bool:
        """Tell whether a source has it that is quick to ask."""
        from .sources import named

        return named(name).get(one, context) is not None

    def _file(self, name: str, one: Declaration, context: Context) -> bool:
        """Tell whether a file of keys has it."""
        from .reading import Fault
        from .sources import refused
        from .sources.file import chosen, opened

        for path in context.settings.files:
            if path not in self._values:
                read = opened(path)
                if isinstance(read, Fault):
                    raise refused(name, read)
                self._values[path] = read
            if chosen(self._values[path], one, path) is not None:
                return True
        return False

    def _sops(self, _: str, one: Declaration, context: Context) -> bool:
        """Tell whether an encrypted file has it that still holds; nothing is decrypted."""
        from .ids import split
        from .sources.sops import chosen

        vendor, name = split(one.id)
        kept = self._vendor(vendor, context).get(name)
        return kept is not None and bool(chosen(kept, "current", context.today, vendor))

    def _vendor(self, vendor: str, context: Context) -> Mapping[str, Kept]:
        """Return what the encrypted file of a vendor says without being decrypted."""
        if not self._placed:
            self._place, self._placed = _place(context), True
        if self._place is None:
            return {}
        if vendor not in self._kept:
            from .sources.sops import folder_of

            try:
                self._kept[vendor] = folder_of(context.settings, *self._place).metadata(vendor)
            except SopsFileMissingError:
                self._kept[vendor] = {}
        return self._kept[vendor]


def _place(context: Context) -> tuple[Path, str] | None:
    """Return the folder and the environment of the encrypted files; None where there are none."""
    from . import places

    found = places.find(context.settings)
    if found is None:
        return None
    return found.root, places.environment(context.settings, found.root)
