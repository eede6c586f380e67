"""What is kept of a secret, and a day -> whether somebody has to do something about it.

No key is needed: dates stand in plain text. So nothing here is authenticated; `verify` does that.
"""

from __future__ import annotations

from ..record import Record
from .errors import SecretError
from .ids import place
from .record import NEVER, shifted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .folder import Folder
    from .record import Kept

SOON = 14
"""Days before its expiry from which a key is due for a new one."""

URGENT = ("unreadable", "expired", "revoked", "overlap-over", "due")
"""States in which somebody has to do something, the worst first."""

STATES = (*URGENT, "rotating", "ok")


class Status(Record):
    """How one secret stands on a day."""

    id: str
    environment: str
    state: str
    """One of `STATES`."""
    told: str
    """Why, in words."""
    owner: str | None = None
    slots: tuple[str, ...] = ()
    created_at: str | None = None
    due_on: str | None = None
    """UTC day from which the current key should be replaced; None where nothing says so."""
    expires_at: str | None = None
    """UTC day on which it ends; `never`; None where nobody said."""
    revoke_after: str | None = None
    """UTC day from which the previous key should be revoked."""

    @property
    def urgent(self) -> bool:
        """Whether somebody has to do something."""
        return self.state in URGENT


def statuses(folder: Folder, today: str) -> Iterator[Status]:
    """Yield how each secret of an environment stands on a day; a bad file is one `unreadable`.

    Raises `SopsConfigError` where `.sops.yaml` itself cannot be read.
    """
    vendors = folder.vendors()
    known = folder.rules() if vendors else None
    for vendor in vendors:
        try:
            records = folder.metadata(vendor, known)
        except SecretError as error:
            where = place(folder.environment, vendor)
            told = str(error).removeprefix(f"{where}: ")
            yield Status(id=vendor, environment=folder.environment, state="unreadable", told=told)
            continue
        for one in records.values():
            yield status(one, today)


def status(kept: Kept, today: str) -> Status:
    """Return how one secret stands on a day."""
    state, told = _state(kept, today)
    current, previous = kept.current, kept.previous
    return Status(
        id=kept.id,
        environment=kept.environment,
        state=state,
        told=told,
        owner=kept.owner,
        slots=tuple(kept.slots()),
        created_at=current.created_at if current else None,
        due_on=due_on(kept),
        expires_at=current.expires_at if current else None,
        revoke_after=previous.revoke_after if previous else None,
    )


def due_on(kept: Kept) -> str | None:
    """Return the day from which the current key should be replaced: by its age, or its expiry."""
    current = kept.current
    if current is None:
        return None
    days = []
    if kept.rotate_every_days is not None:
        days.append(shifted(current.created_at, kept.rotate_every_days))
    if current.expires_at not in (None, NEVER):
        days.append(max(shifted(str(current.expires_at), -SOON), current.created_at))
    return min(days, default=None)


def is_expired(day: str | None, today: str) -> bool:
    """Tell whether a key that expires on a day is refused today."""
    return day is not None and day != NEVER and day <= today


def _state(kept: Kept, today: str) -> tuple[str, str]:
    """Return the worst that is true of a secret, and why."""
    current, previous, due = kept.current, kept.previous, due_on(kept)
    if current is None:
        return "revoked", f"revoked on {kept.revoked_on}; stage and promote a new key"
    if is_expired(current.expires_at, today):
        return "expired", f"expired on {current.expires_at}"
    if previous is not None and (previous.revoke_after or today) <= today:
        since = f" since {previous.revoke_after}" if previous.revoke_after else ""
        return "overlap-over", f"the previous key should be revoked{since}"
    if due is not None and due <= today and kept.next is None:
        return "due", f"due for a new key since {due}"
    if kept.next is not None:
        return "rotating", "a next key is staged"
    if previous is not None:
        return "rotating", f"the previous key is valid until {previous.revoke_after}"
    return "ok", f"due on {due}" if due else "nothing says when it is due"
