"""Steps of a key's life: what is kept of a secret -> what is kept of it afterwards.

Pure: `writing` puts the outcome on disk. Days are UTC, YYYY-MM-DD.

    put → current      stage → next      promote → current, previous      revoke → current
"""

from __future__ import annotations

from .errors import SecretStateError
from .record import Kept, Slot, hint_of, shifted
from .secret import valid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

OVERLAP = 7
"""Days for which a previous key stays valid where nothing is said."""

LONGEST = 3650
"""Most days of an overlap."""


def slot(value: str, today: str, expires_at: str | None = None, key_id: str | None = None) -> Slot:
    """Return a new key; raise `SecretValueError` for what cannot be one."""
    value = valid(value)
    return Slot(
        value=value, created_at=today, expires_at=expires_at, hint=hint_of(value), key_id=key_id
    )


def put(kept: Kept | None, made: Kept) -> Kept:
    """Return a secret with the current key of `made`, and its owner, hosts and days.

    Keys of a rotation that is under way stay as they are.
    """
    if kept is None:
        return made
    return made.changed(next=kept.next, previous=kept.previous)


def stage(kept: Kept, key: Slot) -> Kept:
    """Return a secret with a key that will be the next one."""
    if kept.next is not None:
        _refuse(kept, "a next key is staged already", "--promote or --abort it first")
    if kept.current is not None and kept.current.value == key.value:
        _refuse(kept, "the next key is the current one", "make a new key at the vendor")
    return kept.changed(next=key)


def promote(kept: Kept, today: str, overlap: int = OVERLAP) -> Kept:
    """Return a secret whose next key is current, and whose current one previous.

    The previous one should be revoked after `overlap` days.
    """
    if kept.next is None:
        _refuse(kept, "no next key is staged", "--stage one first")
    if kept.previous is not None:
        _refuse(kept, "a previous key is still kept", "revoke it at the vendor, then --revoke")
    if not 0 <= overlap <= LONGEST:
        _refuse(kept, "the overlap is no number of days", f"0 to {LONGEST}")
    if kept.current is None:
        return kept.changed(current=kept.next, next=None, revoked_on=None)
    ends = max(shifted(today, overlap), kept.current.created_at)
    return kept.changed(
        current=kept.next, next=None, previous=kept.current.changed(revoke_after=ends)
    )


def revoke(kept: Kept) -> Kept:
    """Return a secret without its previous key, which the vendor has revoked."""
    if kept.previous is None:
        hint = "--revoke --current takes out the key that is in use"
        _refuse(kept, "no previous key is kept", hint)
    return kept.changed(previous=None)


def revoke_current(kept: Kept, today: str) -> Kept:
    """Return a secret without its current key: whoever asks for it fails until one is promoted."""
    if kept.current is None:
        _refuse(kept, "the current key is revoked already", "--stage and --promote a new one")
    return kept.changed(current=None, revoked_on=today)


def abort(kept: Kept) -> Kept:
    """Return a secret without its next key."""
    if kept.next is None:
        _refuse(kept, "no next key is staged", "there is nothing to abort")
    return kept.changed(next=None)


def _refuse(kept: Kept, message: str, hint: str) -> NoReturn:
    """Raise the error of a step that does not fit what is kept."""
    raise SecretStateError(f"`{kept.id}`: {message}", id=kept.id, hint=hint)
