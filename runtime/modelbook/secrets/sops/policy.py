"""A parsed file and the rule for it -> what is wrong with it, without a key and without sops.

What is checked here is what sops does not authenticate, or what makes it do harm: who can open the
file, which fields are encrypted, whom sops would ask for a key. It is done on the very bytes that
sops is given afterwards.
"""

from __future__ import annotations

import re

from ...record import Record
from ..errors import SopsError, SopsMalformedError, SopsNotEncryptedError, SopsPolicyError
from ..ids import NAME
from ..record import ENCRYPTED, FIELDS, SLOT_FIELDS, SLOTS
from .rules import ENCRYPTED_REGEX, SERVICES
from .strict import STANZA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..record import Plain
    from .rules import Rule
    from .strict import Parsed, Pointer

_B64 = r"[A-Za-z0-9+/]*={0,2}"
CIPHERTEXT = re.compile(
    rf"ENC\[AES256_GCM,data:(?!,){_B64},iv:(?!,){_B64},tag:(?!,){_B64},type:str\]\Z"
)
ARMOUR = re.compile(
    r"-----BEGIN AGE ENCRYPTED FILE-----\n[A-Za-z0-9+/=\n]{40,20000}\n"
    r"-----END AGE ENCRYPTED FILE-----\n?\Z"
)
WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)
VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})\Z", re.ASCII)
OLDEST = (3, 11, 0)
"""The first sops that takes values on its standard input."""

RECORD = re.compile(rf"{NAME}\Z", re.ASCII)
NEEDED = ("age", "lastmodified", "mac", "encrypted_regex", "version")
STANZAS = {"azure_keyvault": "azure_kv", "hc_vault_transit_uri": "hc_vault"}
"""What sops calls services in a file where it is not as in a rule."""

IDS = {
    "kms": "{arn}",
    "gcp_kms": "{resource_id}",
    "azure_keyvault": "{vault_url}/keys/{name}/{version}",
    "hc_vault_transit_uri": "{vault_address}/v1/{engine_path}/keys/{key_name}",
    "pgp": "{fp}",
    "hckms": "{key_id}",
}
"""How the fields of a service in a file make up what stands in a rule."""

EXTRA = {"created_at", "enc"}
"""What a file has besides, for each key of a service."""

REKEY = "if `.sops.yaml` is right, run `modelbook secrets rekey`; if not, restore it from git"
RESTORE = "restore the file from git, and look at who changed it"


class Fault(Record):
    """One thing that is wrong with a file. Nothing in it repeats a value."""

    code: str
    """The stable code of the error that it is: sops-policy, sops-not-encrypted, …"""
    message: str
    hint: str = ""
    pointer: Pointer = ()
    path: str = ""
    """The file, from the folder that holds `.sops.yaml`."""
    line: int = 1
    column: int = 1


def faults(
    parsed: Parsed, rule: Rule, environment: str, vendor: str, *, recipients: bool = True
) -> Iterator[Fault]:
    """Yield what is wrong with a file; not whether its recipients are right, if told so."""
    checks = (
        _stanza(parsed, rule, recipients),
        _place(parsed, environment, vendor),
        _leaves(parsed, environment, vendor),
    )
    if not isinstance(parsed.data.get(STANZA), dict):
        message, hint = "the file is not encrypted", "take it out of git, revoke what is in it"
        yield Fault(code=SopsNotEncryptedError.code, message=message, hint=hint)
        return
    for found in checks:
        for one in found:
            line, column = parsed.where(one.pointer)
            pointer = _named(one.pointer, {environment, vendor})
            yield one.changed(line=line, column=column, pointer=pointer)


def demand(
    parsed: Parsed, rule: Rule, environment: str, vendor: str, path: str, *, recipients: bool = True
) -> None:
    """Raise the error of the first thing that is wrong with a file; return if nothing is."""
    for one in faults(parsed, rule, environment, vendor, recipients=recipients):
        raise error_of(one.changed(path=path))


def error_of(fault: Fault) -> SopsError:
    """Return the error that a fault is."""
    known = (SopsNotEncryptedError, SopsMalformedError, SopsPolicyError)
    kind = next((one for one in known if one.code == fault.code), SopsError)
    told = f"{fault.path}:{fault.line}:{fault.column}: {fault.message}"
    return kind(told, path=fault.path, hint=fault.hint, position=(fault.line, fault.column))


def is_ciphertext(text: str) -> bool:
    """Tell whether a text is what sops makes of a text that it encrypts."""
    return CIPHERTEXT.match(text) is not None


def recipients_of(parsed: Parsed) -> frozenset[str]:
    """Return who the file itself says can open it; nobody has checked whether they can."""
    stanza = parsed.data.get(STANZA)
    listed = stanza.get("age", []) if isinstance(stanza, dict) else []
    named = [one.get("recipient") for one in listed if isinstance(one, dict)]
    return frozenset(one for one in named if isinstance(one, str))


def _named(pointer: Pointer, own: set[str]) -> Pointer:
    """Return a pointer up to the first part that is no name of ours: it may be a pasted key."""
    for at, part in enumerate(pointer):
        if isinstance(part, int) or part in own or part in KNOWN:
            continue
        if at != 2 or not RECORD.match(part):
            return pointer[:at]
    return pointer


def _policy(message: str, hint: str, *pointer: str | int) -> Fault:
    """Return a fault against the policy."""
    return Fault(code=SopsPolicyError.code, message=message, hint=hint, pointer=pointer)


def _stanza(parsed: Parsed, rule: Rule, recipients: bool) -> Iterator[Fault]:
    """Yield what is wrong with what sops keeps about the file."""
    stanza = parsed.data[STANZA]
    assert isinstance(stanza, dict)  # noqa: S101  # `faults` has seen to it
    opened = {STANZAS.get(name, name) for name in rule.services}
    for name in stanza:
        if name not in NEEDED and name not in opened and stanza[name] != []:
            told = f"`{name}`" if name in TOLD else "a field"
            yield _policy(f"the file has {told}, which is not allowed", RESTORE, STANZA, name)
    for name in NEEDED:
        if name not in stanza:
            yield _policy(f"`{name}` of the stanza is missing", RESTORE, STANZA)
        elif name in FORMS and not FORMS[name](stanza[name]):
            yield _policy(f"`{name}` of the stanza is not what it must be", RESTORE, STANZA, name)
    for name, ids in rule.services.items():
        yield from _service(stanza.get(STANZAS.get(name, name), []), name, ids, recipients)
    yield from _recipients(parsed, stanza.get("age"))
    if recipients and recipients_of(parsed) != rule.recipients:
        message = "the recipients of the file are not those of `.sops.yaml`"
        yield _policy(message, REKEY, STANZA, "age")


def _recipients(parsed: Parsed, listed: Plain | None) -> Iterator[Fault]:
    """Yield what is wrong with the list of recipients, whoever they are."""
    if not isinstance(listed, list) or not listed:
        yield _policy("the file has no age recipients", RESTORE, STANZA)
        return
    for index, one in enumerate(listed):
        form = isinstance(one, dict) and set(one) == {"recipient", "enc"}
        enc = one.get("enc") if isinstance(one, dict) else None
        if not form or not isinstance(enc, str) or not ARMOUR.match(enc):
            yield _policy("a recipient is not as sops writes it", RESTORE, STANZA, "age", index)
    if len(recipients_of(parsed)) != len(listed):
        yield _policy("a recipient is there twice", RESTORE, STANZA, "age")


def _service(listed: Plain, name: str, ids: frozenset[str], recipients: bool) -> Iterator[Fault]:
    """Yield what is wrong with the keys of one service; sops would send its token to any server.

    None may be there that the rule does not name; where recipients count, none may be missing.
    """
    found = [_id(one, name) for one in listed] if isinstance(listed, list) else [None]
    wanted = {_plain_id(one, name) for one in ids}
    ok = len(set(found)) == len(found) and wanted.issuperset(found)
    if not ok or (recipients and len(found) != len(wanted)):
        message = f"the keys of `{STANZAS.get(name, name)}` are not those of `.sops.yaml`"
        yield _policy(message, REKEY, STANZA, STANZAS.get(name, name))


def _id(data: Plain, name: str) -> str | None:
    """Return what a rule would say of a key of a service in a file; None if it is none."""
    fields = data if isinstance(data, dict) else {}
    needed = set(re.findall(r"{(\w+)}", IDS[name])) | EXTRA
    optional = {"role"} if name == "kms" else set()
    if not needed <= set(fields) <= needed | optional:
        return None
    texts = {one: value for one, value in fields.items() if isinstance(value, str) and value}
    if len(texts) != len(fields):
        return None
    role = f"+{texts['role']}" if "role" in texts else ""
    return _plain_id(IDS[name].format(**texts) + role, name)


def _plain_id(text: str, name: str) -> str:
    """Return how a key of a service is called, without what means nothing."""
    text = text.replace(" ", "")
    return text.upper() if name == "pgp" else text.rstrip("/")


def _is_cipher(data: Plain) -> bool:
    """Tell whether something is a ciphertext."""
    return isinstance(data, str) and is_ciphertext(data)


def _is_when(data: Plain) -> bool:
    """Tell whether something is a moment as sops writes it."""
    return isinstance(data, str) and WHEN.match(data) is not None


def _is_new(data: Plain) -> bool:
    """Tell whether something is a version of sops that is new enough."""
    found = VERSION.match(data) if isinstance(data, str) else None
    return found is not None and tuple(map(int, found.groups())) >= OLDEST


FORMS: dict[str, Callable[[Plain], bool]] = {
    "mac": _is_cipher,
    "lastmodified": _is_when,
    "version": _is_new,
    "encrypted_regex": lambda data: data == ENCRYPTED_REGEX,
}
TOLD = (
    *("kms", "gcp_kms", "azure_kv", "hc_vault", "pgp", "hckms", "key_groups", *SERVICES),
    *("shamir_threshold", "mac_only_encrypted", "encrypted_suffix", "unencrypted_suffix"),
    *("unencrypted_regex", "encrypted_comment_regex", "unencrypted_comment_regex"),
)
"""Fields of sops that may be named in a message."""

KNOWN = {STANZA, *NEEDED, *TOLD, *FIELDS, *SLOTS, *SLOT_FIELDS, "allowed_hosts", "recipient", "enc"}
"""Fields that a pointer may name."""


def _place(parsed: Parsed, environment: str, vendor: str) -> Iterator[Fault]:
    """Yield what is wrong with the two keys that say where a file belongs."""
    own = [name for name in parsed.data if name != STANZA]
    if own != [environment]:
        message = "the first key is not the environment that the folder says"
        yield _policy(message, f"it must be `{environment}` alone", *own[:1])
        return
    below = parsed.data[environment]
    if not isinstance(below, dict) or list(below) != [vendor]:
        message = "the second key is not the vendor that the file's name says"
        yield _policy(message, f"it must be `{vendor}` alone", environment)
        return
    records = below[vendor]
    if not isinstance(records, dict) or not records:
        yield _policy("the vendor has no records", RESTORE, environment, vendor)
        return
    for name in records:
        if not RECORD.match(name):
            message = "a record's name is no name of a secret"
            yield _policy(message, "a-z, 0-9 and `_`", environment, vendor, name)


def _leaves(parsed: Parsed, environment: str, vendor: str) -> Iterator[Fault]:
    """Yield the values that are not encrypted and should be, and the other way about."""
    for pointer, text in leaves(parsed.data.get(environment, {}), (environment,)):
        name = next((part for part in reversed(pointer) if isinstance(part, str)), "")
        if name in ENCRYPTED and name == pointer[-1]:
            if not is_ciphertext(text):
                code = SopsNotEncryptedError.code
                message = f"a `{name}` is not encrypted"
                hint = "if it is a key, revoke it; restore the file from git"
                yield Fault(code=code, message=message, hint=hint, pointer=pointer)
        elif text.startswith("ENC["):
            yield _policy("a field is encrypted that should be readable", RESTORE, *pointer)


def leaves(data: Plain, pointer: Pointer = ()) -> Iterator[tuple[Pointer, str]]:
    """Yield every text in nested data with its pointer; a mapping in place of a value is one."""
    if isinstance(data, str):
        yield pointer, data
    elif isinstance(data, dict):
        for name, value in data.items():
            if name in ENCRYPTED and not isinstance(value, str):
                yield (*pointer, name), ""
            else:
                yield from leaves(value, (*pointer, name))
    else:
        for index, value in enumerate(data):
            yield from leaves(value, (*pointer, index))
