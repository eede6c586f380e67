"""Files encrypted with sops: `secrets/<environment>/<vendor>.sops.yaml` -> the key of a slot."""

from __future__ import annotations

from ..errors import (
    SecretExpiredError,
    SecretNotFoundError,
    SecretRevokedError,
    SopsFileMissingError,
)
from ..ids import place, split
from ..record import NEVER
from . import Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from ..declared import Declaration
    from ..folder import Folder
    from ..record import Kept
    from ..settings import Settings
    from . import Context


class Sops:
    """Asks the encrypted files. Anything but a file, or a record, that is not there stops."""

    name = "sops"
    fresh = 1.0

    def get(self, declaration: Declaration, context: Context) -> Found | None:
        """Return the key in the slot that is asked for, of the environment that is meant.

        Raises `SopsError` for a file that cannot be believed or opened, `SecretExpiredError`,
        `SecretRevokedError`, and `SecretNotFoundError` for a slot that is empty.
        """
        from .. import places

        found = places.find(context.settings)
        if found is None:
            return None
        environment = places.environment(context.settings, found.root, context.environment)
        from .. import cache

        vendor, name = split(declaration.id)
        folder = folder_of(context.settings, found.root, environment)
        try:
            kept = cache.read(folder, vendor).get(name)
        except SopsFileMissingError:
            return None
        where = f"sops: {found.root / place(environment, vendor)}"
        return None if kept is None else chosen(kept, context.slot, context.today, where)

    def looked(self, declaration: Declaration, context: Context) -> str:
        """Return the file that is asked, or why there is none."""
        from .. import places

        found = places.find(context.settings)
        if found is None:
            return "no folder with `.sops.yaml` and `secrets/` from here upward"
        environment = places.environment(context.settings, found.root, context.environment)
        there = places.environments(found.root)
        if environment not in there:
            return f"{found.root} has no environment `{environment}`: {', '.join(there) or 'none'}"
        return str(found.root / place(environment, split(declaration.id)[0]))


def folder_of(settings: Settings, root: Path, environment: str) -> Folder:
    """Return the encrypted files of an environment, to be opened with the user's sops."""
    from ..folder import Folder
    from ..sops.commands import Tool

    tool = Tool(sops=settings.sops, allow_key_services=settings.allow_key_services)
    return Folder(root, environment, tool)


def chosen(kept: Kept, slot: str, today: str, where: str) -> Found:
    """Return the key of a slot, if it still holds on a day; its value need not be decrypted.

    Raises `SecretExpiredError` from the day of expiry on, and for a previous key from the end of
    the overlap on; `SecretRevokedError` where no key is left; `SecretNotFoundError` for an empty
    slot.
    """
    if kept.revoked_on is not None:
        raise SecretRevokedError(
            f"`{kept.id}` of {kept.environment} was revoked on {kept.revoked_on}",
            id=kept.id,
            path=where,
            hint=f"make a new key and keep it: modelbook secrets set {kept.id}",
        )
    key = kept.slots().get(slot)
    if key is None:
        raise SecretNotFoundError(
            f"`{kept.id}` of {kept.environment} has no {slot} key", id=kept.id, path=where
        )
    for day, what in ((key.expires_at, "expired on"), (key.revoke_after, "was to be revoked on")):
        if day is not None and day != NEVER and today >= day:
            raise SecretExpiredError(
                f"the {slot} key of `{kept.id}` of {kept.environment} {what} {day}",
                id=kept.id,
                path=where,
                hint=f"rotate it: modelbook secrets rotate {kept.id}",
            )
    return Found(value=key.value, where=where, slot=slot, allowed_hosts=kept.allowed_hosts)


SOURCE = Sops()
