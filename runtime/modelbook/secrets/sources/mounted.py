"""Mounted files: `NAME_FILE`, and folders in which each file is one key -> the first there is.

Docker, Kubernetes and systemd hand secrets over in this way. Folders come from the user's
configuration and from `$CREDENTIALS_DIRECTORY`, never from a catalog.
"""

from __future__ import annotations

from .. import variables
from ..reading import Content, Fault, content
from . import Found, refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declared import Declaration
    from . import Context


class Mounted:
    """Asks the file system. A file that is there and cannot be believed stops the chain."""

    name = "mounted"
    fresh = 1.0

    def get(self, declaration: Declaration, context: Context) -> Found | None:
        """Return what is in the first file there is.

        Raises `SecretSourceError` for one that cannot be read or that everybody can write, and for
        a variable that names none.
        """
        for path, variable in candidates(declaration, context):
            read = content(path, own=False)
            if read is None and variable:
                read = Fault(words="names a file that is not there", path=variable)
            found = _found(read, path) if isinstance(read, Content) else read
            if isinstance(found, Fault):
                raise refused(self.name, found, declaration.id)
            if found is not None:
                return found
        return None

    def looked(self, declaration: Declaration, context: Context) -> str:
        """Return the variables and the folders that are asked."""
        told = [f"{name}_FILE" for name in declaration.env]
        return ", ".join([*told, *folders(context)])


def candidates(declaration: Declaration, context: Context) -> Iterator[tuple[str, str | None]]:
    """Yield the paths that may hold a secret, first those named by a variable, with its name."""
    for name in declaration.env:
        path = variables.read(f"{name}_FILE")
        if path is not None:
            yield path, f"{name}_FILE"
    names = file_names(declaration)
    for folder in folders(context):
        yield from ((f"{folder}/{name}", None) for name in names)


def file_names(declaration: Declaration) -> tuple[str, ...]:
    """Return the names of files that hold a secret: its variables, in small letters too, its id."""
    names = [*declaration.env, *map(str.lower, declaration.env), declaration.id.replace("/", "_")]
    return tuple(name for name in dict.fromkeys(names) if "/" not in name)


def folders(context: Context) -> tuple[str, ...]:
    """Return the folders of mounted files: the user's, then systemd's."""
    own = variables.read("CREDENTIALS_DIRECTORY")
    return (*context.settings.mounts, *((own,) if own and own.startswith("/") else ()))


def _found(read: Content, path: str) -> Found | Fault:
    """Return the key that is a whole file."""
    text = read.text()
    if text is None:
        return Fault(words="is no text in UTF-8", path=path)
    return Found(value=text, where=f"mounted: {path}")


SOURCE = Mounted()
