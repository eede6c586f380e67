"""Rotation at the vendor: create → verify → switch → revoke, each step kept before the next.

What was interrupted goes on where it stopped: a key that was made is staged with the name the
vendor has for it, one that is staged is verified and promoted, and one that is previous is revoked
when its overlap is over.
"""

from __future__ import annotations

import time

from ..record import Record
from . import changes
from .binding import narrowed
from .changes import OVERLAP
from .errors import (
    SecretError,
    SecretNotFoundError,
    SecretRotationError,
    SecretSettingsError,
    SecretStateError,
)
from .ids import split
from .secret import Secret
from .writing import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from .declared import Declaration, Rotation
    from .folder import Folder
    from .record import Kept

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
        plugin: Any = import_module(f".vendors.{name}", __package__)
        made: Rotator = plugin
        return made
    for point in entry_points(group=GROUP, name=name):
        found: Rotator = point.load()
        return found
    raise SecretSettingsError(
        f"no plug-in `{name}` makes keys", hint=f"install one that offers it under {GROUP}"
    )


def rotate(
    folder: Folder,
    declaration: Declaration,
    admin: Secret,
    *,
    today: str,
    overlap: int = OVERLAP,
    tell: Callable[[str], None] = lambda _: None,
) -> Kept:
    """Rotate a key at its vendor, from whatever step it stands at; return what is kept then.

    `tell` gets each step in words once it is kept. A previous key is revoked first if its overlap
    is over, and at the end if `overlap` is 0 days. Raises `SecretStateError` where a previous key
    is still valid, `SecretRotationError` where the vendor refuses, with what was done until then
    kept; and what `writing.write` raises.
    """
    api = _api(declaration)
    plugin, kept = rotator(api.plugin), _kept(folder, declaration.id)
    if kept.previous is not None:
        if (kept.previous.revoke_after or today) > today:
            raise SecretStateError(
                f"`{kept.id}`: the previous key is valid until {kept.previous.revoke_after}",
                id=kept.id,
                hint="rotate again after that day, or --revoke --vendor it now",
            )
        kept = revoke(folder, declaration, admin, tell=tell)
    if kept.next is None:
        kept = _create(folder, plugin, api, admin, kept, today, tell)
    _verify(plugin, api, kept, declaration, tell)
    kept = _step(folder, kept.id, lambda one: changes.promote(one, today, overlap))
    tell("switched: it is the current one now")
    if overlap == 0 and kept.previous is not None:
        kept = revoke(folder, declaration, admin, tell=tell)
    return kept


def revoke(
    folder: Folder,
    declaration: Declaration,
    admin: Secret,
    *,
    tell: Callable[[str], None] = lambda _: None,
) -> Kept:
    """Revoke the previous key at its vendor, then take it out; return what is kept then.

    Raises `SecretStateError` where there is none, or none whose name at the vendor is known.
    """
    api = _api(declaration)
    kept = _kept(folder, declaration.id)
    if kept.previous is None:
        raise SecretStateError(f"`{kept.id}`: no previous key is kept", id=kept.id)
    if kept.previous.key_id is None:
        raise SecretStateError(
            f"`{kept.id}`: how the vendor calls the previous key is not known",
            id=kept.id,
            hint="revoke it at the vendor's console, then `rotate --revoke`",
        )
    gone = kept.previous.key_id
    rotator(api.plugin).revoke(api.base_url, admin, gone)
    kept = _step(folder, kept.id, lambda one: _without(one, gone))
    tell("revoked: the previous key has ended")
    return kept


def _api(declaration: Declaration) -> Rotation:
    """Return the API of a secret's vendor; raise `SecretStateError` where none is known."""
    if declaration.rotation is None:
        raise SecretStateError(
            f"no API that makes keys is known for `{declaration.id}`",
            id=declaration.id,
            hint="make one at the vendor's console, then `rotate --stage`",
        )
    return declaration.rotation


def _kept(folder: Folder, id: str) -> Kept:
    """Return what is kept of a secret, decrypted."""
    vendor, name = split(id)
    found = folder.read(vendor).get(name)
    if found is None:
        where = folder.place(vendor)
        raise SecretNotFoundError(f"{where} has no `{id}`", id=id, path=where)
    return found


def _step(folder: Folder, id: str, change: Callable[[Kept], Kept]) -> Kept:
    """Keep one step of one secret; return what is kept then."""
    vendor, name = split(id)
    return write(folder, vendor, lambda all: {**all, name: change(all[name])})[name]


def _create(
    folder: Folder,
    plugin: Rotator,
    api: Rotation,
    admin: Secret,
    kept: Kept,
    today: str,
    tell: Callable[[str], None],
) -> Kept:
    """Make a key at the vendor and stage it; what cannot be staged is revoked again."""
    made = plugin.create(api.base_url, admin, f"modelbook {kept.environment} {kept.id} {today}")
    try:
        key = changes.slot(made.value, today, made.expires_at, made.key_id)
        staged = _step(folder, kept.id, lambda one: changes.stage(one, key))
    except SecretError:
        plugin.revoke(api.base_url, admin, made.key_id)
        raise
    tell("created: the new key is staged")
    return staged


def _verify(
    plugin: Rotator,
    api: Rotation,
    kept: Kept,
    declaration: Declaration,
    tell: Callable[[str], None],
) -> None:
    """Return once the vendor accepts the next key; it may take a moment to know it."""
    assert kept.next is not None  # noqa: S101  # it was staged just now, or before
    hosts = narrowed(kept.id, declaration.allowed_hosts, kept.allowed_hosts)
    key = Secret(kept.next.value, id=kept.id, source="next", allowed_hosts=hosts, slot="next")
    for left in reversed(range(TRIES)):
        try:
            plugin.verify(api.base_url, key)
        except SecretRotationError:
            if not left:
                raise
            time.sleep(PAUSE)
        else:
            tell("verified: the vendor accepts it")
            return


def _without(kept: Kept, key_id: str) -> Kept:
    """Return a secret without its previous key, if that is still the one that was revoked."""
    same = kept.previous is not None and kept.previous.key_id == key_id
    return changes.revoke(kept) if same else kept
