"""Files of keys that the user names: .env, TOML, YAML or JSON -> the first that has the secret."""

from __future__ import annotations

from ..keyfile import Values, values
from ..reading import Fault, content
from . import Found, differing, refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..declared import Declaration
    from . import Context


class File:
    """Asks the files of the settings. One that cannot be believed or understood stops the chain."""

    name = "file"
    fresh = 1.0

    def get(self, declaration: Declaration, context: Context) -> Found | None:
        """Return what the first file says under the secret's id or one of its variables.

        Raises `SecretSourceError` for a file that is not there, that others can read or write, or
        that is malformed.
        """
        for path in context.settings.files:
            held = opened(path)
            if isinstance(held, Fault):
                raise refused(self.name, held, declaration.id)
            if (found := chosen(held, declaration, f"file: {path}")) is not None:
                return found
        return None

    def looked(self, declaration: Declaration, context: Context) -> str:
        """Return the files that are asked."""
        return ", ".join(context.settings.files) or "no file is named (MODELBOOK_KEYS_FILE)"


def opened(path: str) -> Values | Fault:
    """Return what a file says; it must be there."""
    read = content(path, own=True)
    if read is None:
        return Fault(words="is not there", hint="make it, or do not name it", path=path)
    return read if isinstance(read, Fault) else values(read, path)


def chosen(held: Values, declaration: Declaration, where: str) -> Found | None:
    """Return what some values say of a secret: its id first, then its variables in their order."""
    names = [name for name in (declaration.id, *declaration.env) if held.get(name)]
    if not names:
        return None
    first = names[0]
    found = Found(value=held.get(first), where=f"{where} ({first})")
    other = next((name for name in names if held.get(name) != found.value), None)
    return found.changed(note=differing(first, other)) if other else found


SOURCE = File()
