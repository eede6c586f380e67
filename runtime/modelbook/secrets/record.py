"""What is kept of one secret: a plain mapping of a `*.sops.yaml` file -> checked, frozen `Kept`.

    prod:                     # the environment and the vendor are part of what sops authenticates
      openai:
        api_key:
          owner: platform
          allowed_hosts: [api.openai.com]      # optional: fewer than the catalog declares
          rotate_every_days: "90"              # optional
          current: {created_at: "2026-08-01", expires_at: "2026-12-01", hint: "x4Qz", value: ENC[…]}
          next: {…}                            # while a rotation is under way
          previous: {…, revoke_after: "2026-08-08"}   # while both keys are valid
          revoked_on: "2026-11-01"             # instead of `current`, when no key is left
          seal: ENC[…]

Everything is quoted text: sops rewrites numbers and dates. A field is there or absent, never empty.
`value` and `seal` are encrypted; without a key they are `ENC[…]` and all else can be read.
"""

from __future__ import annotations

import json
import re

from ..record import Record
from .errors import SopsMalformedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"

SLOTS = ("current", "next", "previous")
ENCRYPTED = ("value", "seal")
"""Fields that sops encrypts: what `encrypted_regex` of every rule must say."""

NEVER = "never"
"""What `expires_at` says of a key that does not expire; absent means that nobody knows."""

DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@+-]{0,99}\Z", re.ASCII)
HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\Z", re.ASCII)
DAYS = re.compile(r"[1-9][0-9]{0,3}\Z", re.ASCII)
TAIL = re.compile(r"[\x21-\x7e]{4}\Z")
KEY_ID = re.compile(r"(?!<<\Z)[\x21-\x7e]{1,200}\Z")  # sops writes << with a tag


class Slot(Record):
    """One key of a secret, and its dates."""

    value: str
    """The key; `ENC[…]` while it is encrypted."""
    created_at: str
    """UTC day on which it was made or first kept, YYYY-MM-DD."""
    expires_at: str | None = None
    """UTC day from which the vendor refuses it; `never`; None where nobody said."""
    revoke_after: str | None = None
    """UTC day from which it should be revoked: of a previous key, the end of the overlap."""
    hint: str | None = None
    """Its last four characters, by which people tell it from others; None for a short one."""
    key_id: str | None = None
    """How the vendor calls this key, by which it is revoked there; no secret."""

    def __repr__(self) -> str:
        """Show the dates, never the value."""
        return f"Slot(created_at={self.created_at!r}, expires_at={self.expires_at!r})"


class Kept(Record):
    """What is kept of one secret in one environment."""

    id: str
    environment: str
    owner: str
    """Who is asked about it: a team or a person."""
    allowed_hosts: tuple[str, ...] | None = None
    """Fewer hosts than the catalog declares; None where all of those are meant."""
    rotate_every_days: int | None = None
    """Age in days at which the current key is due for a new one."""
    current: Slot | None = None
    next: Slot | None = None
    previous: Slot | None = None
    revoked_on: str | None = None
    """UTC day on which the last key was revoked; there is no current one then."""
    seal: str | None = None
    """What it says about everything else that is not encrypted; `ENC[…]` while encrypted."""

    def slots(self) -> dict[str, Slot]:
        """Return the keys there are, by slot."""
        found = {name: getattr(self, name) for name in SLOTS}
        return {name: slot for name, slot in found.items() if slot is not None}


SLOT_FIELDS = {
    "created_at": DATE,
    "expires_at": re.compile(rf"{DATE.pattern[:-2]}\Z|{NEVER}\Z", re.ASCII),
    "revoke_after": DATE,
    "hint": TAIL,
    "key_id": KEY_ID,
    "value": re.compile(r"[\x20-\x7e]+\Z"),
}
FIELDS = {
    "owner": OWNER,
    "rotate_every_days": DAYS,
    "revoked_on": DATE,
    "seal": re.compile(r"[\x20-\x7e]+\Z"),
}


def kept(environment: str, id: str, data: Plain) -> Kept:
    """Return the record in a plain mapping; raise `SopsMalformedError` naming the first fault.

    The message names fields and never repeats what they hold.
    """
    fields = _mapping(data, id, "the record")
    _known(fields, {*FIELDS, *SLOTS, "allowed_hosts"}, id, "the record")
    _texts(fields, FIELDS, id, "the record")
    if "owner" not in fields:
        raise _malformed(id, "`owner` is missing", "say who is asked about this key")
    slots: dict[str, Any] = {
        name: _slot(fields[name], id, name) for name in SLOTS if name in fields
    }
    if ("current" in slots) == ("revoked_on" in fields):
        raise _malformed(id, "there is either `current` or `revoked_on`", "keep one of the two")
    if "revoked_on" in fields and not is_day(str(fields["revoked_on"])):
        raise _malformed(id, "`revoked_on` is no day", "write YYYY-MM-DD")
    days = fields.get("rotate_every_days")
    own: dict[str, Any] = {name: fields.get(name) for name in ("owner", "revoked_on", "seal")}
    hosts = _hosts(fields["allowed_hosts"], id) if "allowed_hosts" in fields else None
    every = int(str(days)) if days is not None else None
    return Kept(
        id=id, environment=environment, allowed_hosts=hosts, rotate_every_days=every, **own, **slots
    )


def plain(one: Kept) -> dict[str, Plain]:
    """Return a record as the mapping that is written; `kept` reads it back."""
    days = one.rotate_every_days
    fields: dict[str, Plain | None] = {
        "owner": one.owner,
        "allowed_hosts": None if one.allowed_hosts is None else list(one.allowed_hosts),
        "rotate_every_days": None if days is None else str(days),
        **{name: _plain_slot(slot) for name, slot in one.slots().items()},
        "revoked_on": one.revoked_on,
        "seal": one.seal,
    }
    return {name: value for name, value in fields.items() if value is not None}


def sealed(one: Kept) -> Kept:
    """Return a record with the seal that its other fields ask for."""
    return one.changed(seal=seal_of(one))


def seal_of(one: Kept) -> str:
    """Return the seal of a record: a digest of its place and of every field not encrypted.

    sops authenticates values and their places, but neither the names of fields nor where one value
    ends and the next begins. The seal is encrypted, so whoever changes a file that he cannot open
    cannot make one for it. It does not say who wrote a file: public keys are public.
    """
    import hashlib  # here, since it takes long; `Folder.opened` has it while sops starts

    told = [one.environment, one.id, _unencrypted(plain(one))]
    text = json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"v1:{hashlib.sha256(text.encode()).hexdigest()}"


def hint_of(value: str) -> str | None:
    """Return the last four characters of a key; None for one so short that they tell much."""
    return value[-4:] if len(value) >= 24 else None


def _unencrypted(data: Plain) -> Plain:
    """Return what is left of a mapping without the fields that are encrypted."""
    if not isinstance(data, dict):
        return data
    return {name: _unencrypted(value) for name, value in data.items() if name not in ENCRYPTED}


def _slot(data: Plain, id: str, name: str) -> Slot:
    """Return one key of a record."""
    fields = _mapping(data, id, f"`{name}`")
    _known(fields, set(SLOT_FIELDS), id, f"`{name}`")
    _texts(fields, SLOT_FIELDS, id, f"`{name}`")
    for field in ("value", "created_at"):
        if field not in fields:
            raise _malformed(id, f"`{field}` of `{name}` is missing", "add it, or the whole key")
    if name != "previous" and "revoke_after" in fields:
        raise _malformed(id, f"`revoke_after` has no place in `{name}`", "only `previous` has one")
    slot = Slot.of(fields)
    _check_order(slot, id, name)
    return slot


def _check_order(slot: Slot, id: str, name: str) -> None:
    """Refuse a key with a date that is none, or that ends before it begins."""
    for field in ("created_at", "expires_at", "revoke_after"):
        value = getattr(slot, field)
        if value in (None, NEVER):
            continue
        if not is_day(value):
            raise _malformed(id, f"`{field}` of `{name}` is no day", "write YYYY-MM-DD")
        if value < slot.created_at:
            raise _malformed(id, f"`{field}` of `{name}` is before `created_at`", "mend one")


def is_day(text: str) -> bool:
    """Tell whether a text is a day of the calendar, YYYY-MM-DD."""
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(DATE.match(text))


def shifted(day: str, days: int) -> str:
    """Return the day that is some days later, or earlier; the same one at the calendar's end."""
    from datetime import date, timedelta

    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:
        return day


def _plain_slot(slot: Slot) -> Plain:
    """Return one key as the mapping that is written."""
    fields = {name: getattr(slot, name) for name in SLOT_FIELDS}
    return {name: value for name, value in fields.items() if value is not None}


def _mapping(data: Plain, id: str, what: str) -> dict[str, Plain]:
    """Return a mapping that is not empty; refuse anything else."""
    if not isinstance(data, dict) or not data:
        raise _malformed(id, f"{what} is no mapping of fields", "write it with `secrets set`")
    return data


def _known(fields: Mapping[str, Plain], known: set[str], id: str, what: str) -> None:
    """Refuse a field that has no meaning."""
    for name in fields:
        if name not in known:
            raise _malformed(id, f"{what} has a field that means nothing", _near(name, known))


def _texts(
    fields: Mapping[str, Plain], forms: Mapping[str, re.Pattern[str]], id: str, what: str
) -> None:
    """Refuse a field of text that is no text, or not of its form."""
    for name, form in forms.items():
        if name in fields:
            value = fields[name]
            if not isinstance(value, str) or not form.match(value):
                raise _malformed(id, f"`{name}` of {what} is not what it must be", "see the guide")


def _hosts(data: Plain, id: str) -> tuple[str, ...]:
    """Return the hosts of a record: at least one, each once."""
    if not isinstance(data, list) or not data:
        raise _malformed(id, "`allowed_hosts` is no list of hosts", "leave it out to allow all")
    hosts = [one for one in data if isinstance(one, str) and HOST.match(one)]
    if len(hosts) != len(data) or len(set(hosts)) != len(hosts):
        raise _malformed(id, "`allowed_hosts` holds what is no host", "lower case, no port or path")
    return tuple(hosts)


def _near(name: str, known: set[str]) -> str:
    """Return a hint with the field that is most like an unknown one; a key is not repeated."""
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(known), 1)
    return f"did you mean `{near[0]}`?" if near else f"fields are {', '.join(sorted(known))}"


def _malformed(id: str, message: str, hint: str) -> SopsMalformedError:
    """Return the error of a record that is not as it must be."""
    return SopsMalformedError(f"{id}: {message}", id=id, hint=hint)
