"""Errors of the lookup: each carries a stable code, the id asked for and the nearest known ids."""

from __future__ import annotations


class ModelbookError(Exception):
    """Base of every error raised by modelbook.

    `code` is stable and machine-readable, `id` is what was asked for, and `nearest` holds known
    ids worth trying, best first.
    """

    code = "error"

    def __init__(self, message: str, *, id: str = "", nearest: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.id = id
        self.nearest = nearest

    def __str__(self) -> str:
        """Return the message alone (`LookupError` would quote it)."""
        return str(self.args[0])


class NotFoundError(ModelbookError, LookupError):
    """No such id in the catalog."""

    code = "not-found"


class AmbiguousError(ModelbookError, LookupError):
    """A short name means several things; `nearest` holds all of them."""

    code = "ambiguous"


class RequestError(ModelbookError, ValueError):
    """A filter or argument has no usable meaning, such as an unknown capability."""

    code = "bad-request"


class NotPricedError(ModelbookError, LookupError):
    """No price is known for what was used, at that time or at all; `id` is the deployment."""

    code = "not-priced"


class UsageError(ModelbookError, ValueError):
    """A response does not say what was used, or says something impossible."""

    code = "bad-usage"


class FormatError(ModelbookError, ImportError):
    """The generated package was written for another version of the runtime."""

    code = "format"


class ChangedError(ModelbookError, RuntimeError):
    """The package changed on disk while this process was reading it, module by module.

    What one module names is not in another, or that one is gone. A new process reads all of the new
    package.
    """

    code = "changed"


class RegistrationError(RequestError):
    """What was to be registered cannot be; `problems` holds everything that is wrong, in order."""

    code = "bad-registration"

    def __init__(
        self,
        message: str,
        *,
        id: str = "",
        nearest: tuple[str, ...] = (),
        problems: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, id=id, nearest=nearest)
        self.problems = problems


class StorageError(ModelbookError, OSError):
    """A file of registered models cannot be read or written; what is in it stays as it is."""

    code = "storage"


class ConflictError(ModelbookError, RuntimeError):
    """What others have saved meanwhile and what was done here do not go together.

    They saved something else under the same ids, or one side took out what the other one needs;
    `nearest` has the ids, and nothing was written. `save(replace=True)` keeps what was registered
    here, and puts back what either side took out and the other needs; `refresh(discard=True)` keeps
    what others saved, and nothing that was done here since.
    """

    code = "conflict"


class NotInstalledError(ModelbookError, ImportError):
    """A library that this needs is not installed; `id` is its name, the message how to get it."""

    code = "not-installed"
