"""Rotation at the vendor: create → verify → switch → revoke, each step kept before the next.

What was interrupted goes on where it stopped: a key that was made is staged with the name the
vendor has for it, one that is staged is verified and promoted, and one that is previous is revoked
when its overlap is over.
"""

from __future__ import annotations

import time

from ..record import Record
from .errors import SecretError, SecretRotationError, SecretSettingsError, SecretStateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Protocol

    from .record import Kept
    from .secret import Secret

    class Rotator(Protocol):
        """What a plug-in does at its vendor; a module with three functions is one.

        Each raises `SecretRotationError`, without the answer of the vendor in it.
        """

        def create(self, base_url: str, admin: Secret, label: str) -> Made:
            """Make a key that people at the vendor's console see under a label."""
            ...

        def verify(self, base_url: str, key: Secret) -> None:
            """Return if the vendor accepts a key."""
            ...

        def revoke(self, base_url: str, admin: Secret, key_id: str) -> None:
            """End a key; one that has ended already is fine."""
            ...


BUILT_IN = ("openrouter",)
GROUP = "modelbook.secret_rotators"
"""Entry points of further plug-ins, by the name that the catalog uses."""

TRIES, PAUSE = 5, 1.0
"""How often, and how many seconds apart, a vendor is asked about a key it has only just made."""


class Made(Record):
    """A key that a vendor has made."""

    value: str
    key_id: str
    """How the vendor calls it, by which it is revoked."""
    expires_at: str | None = None
    """UTC day from which it is refused; None where the vendor did not say."""

    def __repr__(self) -> str:
        """Show the name, never the value."""
        return f"Made(key_id={self.key_id!r}, expires_at={self.expires_at!r})"


def rotator(name: str) -> Rotator:
    """Return a plug-in by name; raise `SecretSettingsError` where there is none."""
    from importlib import import_module
    from importlib.metadata import entry_points

    if name in BUILT_IN:
        plugin: Rotator = import_module(f".vendors.{name}", __package__)  # type: ignore[assignment]
        return plugin
    for point in entry_points(group=GROUP, name=name):
        found: Rotator = point.load()
        return found
    raise SecretSettingsError(
        f"no plug-in `{name}` makes keys", hint=f"install one that offers it under {GROUP}"
    )
