"""The operating system's keyring, through the package `keyring`: only where the chain names it.

The service is `modelbook`, or `modelbook/<environment>` where one was chosen; the user name is the
secret's id: `keyring set modelbook/prod openai/api_key`.
"""

from __future__ import annotations

from ..reading import Fault
from . import Found, refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..declared import Declaration
    from . import Context

SERVICE = "modelbook"


class Keyring:
    """Asks the keyring. One that is not there, or locked, stops the chain."""

    name = "keyring"
    fresh = 60.0

    def get(self, declaration: Declaration, context: Context) -> Found | None:
        """Return what the keyring holds; raise `SecretSourceError` where it cannot be asked."""
        found = _asked(service(context), declaration.id)
        if isinstance(found, Fault):
            raise refused(self.name, found, declaration.id)
        return found

    def looked(self, declaration: Declaration, context: Context) -> str:
        """Return the service and the user name."""
        return f"service {service(context)}, user {declaration.id}"


def service(context: Context) -> str:
    """Return the service under which keys of an environment are kept."""
    return SERVICE if context.stated is None else f"{SERVICE}/{context.stated}"


def _asked(service: str, user: str) -> Found | Fault | None:
    """Return what the keyring holds, or why it cannot be asked: by the kind of error alone."""
    try:
        import keyring
        from keyring.errors import NoKeyringError
    except ModuleNotFoundError:
        return Fault(words="is not installed", hint="pip install 'modelbook[keyring]'")
    try:
        value = keyring.get_password(service, user)
    except NoKeyringError:
        return Fault(words="there is none on this machine", hint="take it out of the chain")
    except Exception as error:  # each backend has errors of its own
        return Fault(words=f"it refused: {type(error).__name__}", hint="unlock it")
    return None if not value else Found(value=value, where=f"keyring: {service}")


SOURCE = Keyring()
