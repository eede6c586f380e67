"""The bytes of `.sops.yaml` -> the one rule that holds for a file of secrets.

sops takes the first rule whose `path_regex` is found in the path. Rules for other paths may be what
they like: a repository may use sops for more than this. The one for our files must be plain.
"""

from __future__ import annotations

import re

from ...record import Record
from ..errors import SopsConfigError, SopsMalformedError
from ..ids import RULES, SUFFIX
from .strict import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from ..record import Plain
    from .strict import Parsed, Pointer, Position

ENCRYPTED_REGEX = "^(value|seal)$"
"""What every rule and every file must say: these fields are encrypted, the rest is reviewed."""

RECIPIENT = re.compile(
    r"age1[0-9a-z]{20,2000}\Z|ssh-(?:ed25519|rsa) [A-Za-z0-9+/=]{40,2000}(?: [\x21-\x7e]{1,100})?\Z"
)
SERVICES = ("kms", "gcp_kms", "azure_keyvault", "hc_vault_transit_uri", "pgp", "hckms")
"""What else may open a file, where the user's own settings allow it."""

FIELDS = ("path_regex", "encrypted_regex", "age")
INTRICATE = re.compile(r"\)[*+?{]|\(\?|\\[0-9]|\{|\[\[|--|&&|~~|\|\|")
"""What no path of ours needs: a repeated group, which can take for ever, and what Python reads in
another way than sops does, or warns of."""

REPEATED = re.compile(r"(?<!\\)[*+?]")
MOST = 3
"""Most repetitions in one pattern: with more, looking through one path may take for ever."""


class Rule(Record):
    """How the files of some path are encrypted."""

    index: int
    """Its place in the list, from 0."""
    recipients: frozenset[str]
    """Who can open the files: age public keys, or SSH keys."""
    services: dict[str, frozenset[str]]
    """Other ways to open the files, by field of the rule; empty unless the user allows them."""


class Rules(Record):
    """The rules of a `.sops.yaml`, in order."""

    path: str
    parsed: Parsed
    raw: bytes

    def rule_for(self, place: str, *, allow_key_services: bool = False) -> Rule:
        """Return the rule for a path such as `secrets/prod/openai.sops.yaml`.

        Raises `SopsConfigError` where none matches, or where it is not what our files need.
        """
        for index, one in enumerate(self._listed()):
            if self._matches(index, one, place):
                return self._rule(index, one, allow_key_services)
        raise SopsConfigError(
            f"{self.path}: no rule is for {place}",
            path=self.path,
            hint=rf"add one, such as `path_regex: ^secrets/prod/[a-z0-9-]+{re.escape(SUFFIX)}$`",
        )

    def recipients(self, index: int) -> frozenset[str]:
        """Return who can open the files of a rule, by its place in the list."""
        one = self._listed()[index]
        return self._recipients(("creation_rules", index), one if isinstance(one, dict) else {})

    def _listed(self) -> list[Plain]:
        """Return the rules as they stand there."""
        listed = self.parsed.data.get("creation_rules")
        if not isinstance(listed, list) or not listed:
            self._refuse((), "there are no `creation_rules`", "run `modelbook secrets init`")
        return listed

    def _matches(self, index: int, one: Plain, place: str) -> bool:
        """Tell whether a rule is for a path."""
        at: Pointer = ("creation_rules", index)
        if not isinstance(one, dict):
            self._refuse(at, "a rule is no mapping of fields", "give it `path_regex` and `age`")
        pattern = one.get("path_regex", "")
        at = (*at, "path_regex")
        if not isinstance(pattern, str) or len(pattern) > 200 or INTRICATE.search(pattern):
            self._refuse(at, "a `path_regex` is too intricate", "write one rule per environment")
        if len(REPEATED.findall(pattern)) > MOST:
            self._refuse(at, "a `path_regex` is too intricate", "write one rule per environment")
        try:
            return re.search(pattern, place) is not None
        except (re.error, OverflowError, RecursionError):
            wrong = True
        return wrong and self._refuse(at, "a `path_regex` is no regular expression", "mend it")

    def _rule(self, index: int, one: Plain, allow_key_services: bool) -> Rule:
        """Return a rule that is for files of ours."""
        at = ("creation_rules", index)
        fields = one if isinstance(one, dict) else {}
        known = (*FIELDS, *SERVICES) if allow_key_services else FIELDS
        for name in fields:
            if name not in known:
                told = f"has `{name}`" if name in SERVICES or name in OTHERS else "has a field"
                hint = "keep only path_regex, encrypted_regex and age; key services need a setting"
                self._refuse((*at, name), f"the rule {told} that is not allowed here", hint)
        if fields.get("encrypted_regex") != ENCRYPTED_REGEX:
            message = f"the rule's `encrypted_regex` is not {ENCRYPTED_REGEX}"
            self._refuse((*at, "encrypted_regex"), message, "write exactly that")
        services = {name: frozenset(_texts(fields[name])) for name in SERVICES if fields.get(name)}
        return Rule(index=index, recipients=self._recipients(at, fields), services=services)

    def _recipients(self, at: Pointer, fields: dict[str, Plain]) -> frozenset[str]:
        """Return who can open the files of a rule."""
        at = (*at, "age")
        found = _texts(fields.get("age", []))
        if not found:
            self._refuse(at, "the rule has no `age` recipients", "list public keys: age1…")
        if not all(RECIPIENT.match(one) for one in found):
            self._refuse(at, "a recipient is no public key", "they begin with age1 or ssh-")
        if len(set(found)) != len(found):
            self._refuse(at, "a recipient is there twice", "take one out")
        return frozenset(found)

    def _refuse(self, at: Pointer, message: str, hint: str) -> NoReturn:
        """Raise the error of what stands somewhere in the file."""
        position: Position = self.parsed.where(at)
        told = f"{self.path}:{position[0]}:{position[1]}: {message}"
        raise SopsConfigError(told, path=self.path, hint=hint, position=position)


OTHERS = (
    "key_groups",
    "shamir_threshold",
    "encrypted_suffix",
    "unencrypted_suffix",
    "unencrypted_regex",
    "encrypted_comment_regex",
    "unencrypted_comment_regex",
    "mac_only_encrypted",
)
"""Fields of sops that would weaken a file; they may be named in a message, others may not."""


def rules(raw: bytes, path: str = RULES) -> Rules:
    """Return the rules in the bytes of a `.sops.yaml`; raise `SopsConfigError`."""
    try:
        return Rules(path=path, parsed=parse(raw, path, written_by_people=True), raw=raw)
    except SopsMalformedError as error:
        failed = error
    raise SopsConfigError(str(failed), path=path, hint=failed.hint, position=failed.position)


def _texts(data: Plain) -> list[str]:
    """Return the texts of a list, or of one text with commas."""
    if isinstance(data, str):
        return [one.strip() for one in data.split(",") if one.strip()]
    listed = data if isinstance(data, list) else []
    return [one.strip() if isinstance(one, str) else "" for one in listed]
