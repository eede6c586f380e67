"""The folder of a catalog, and the secrets it declares -> what is wrong with `secrets/` beside it.

Without a key, without sops, and without any line of those files in what is told.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from modelbook.secrets.ids import RULES, SECRETS

from . import codes
from .diagnostics import Diagnostic, Span
from .files import TICK, Stamp, stamp
from .values import Graph

if TYPE_CHECKING:
    from modelbook.secrets.sops.policy import Fault

FILE = "secrets/dev/openai.sops.yaml"

PLAIN = codes.register(
    "MB501",
    "a secret that is not encrypted",
    """What is committed stays in git for ever, and everybody with the repository can read it. The
    key must be revoked at its vendor; taking it out of the file is not enough.""",
    bad=f'# {FILE}\ndev: {{openai: {{api_key: {{current: {{value: "the key itself"}}}}}}}}',
    good="modelbook secrets set openai/api_key",
)
MALFORMED = codes.register(
    "MB502",
    "a file of secrets that does not hold records",
    """Such files are strict: plain YAML whose every value is quoted text, no key twice, no anchors,
    known fields, real days in their order. What is looser, sops and other readers take for
    different things, and sops does not notice.""",
    bad='current: {created_at: "2026-13-01", value: ENC[…]}',
    good='current: {created_at: "2026-11-01", value: ENC[…]}',
)
NO_RULES = codes.register(
    "MB503",
    "rules for secrets that are missing or not understood",
    """`.sops.yaml` says who may open which file. Without a rule that fits, nobody can tell whether
    a file is open to the wrong people.""",
    bad="secrets/dev/openai.sops.yaml, and no .sops.yaml",
    good="creation_rules:\n  - path_regex: ^secrets/dev/[a-z0-9-]+\\.sops\\.yaml$\n"
    "    encrypted_regex: ^(value|seal)$\n    age: [age1…]",
)
UNDECLARED = codes.register(
    "MB504",
    "a kept secret that no catalog declares",
    """The catalog says which hosts a secret may be sent to. One that it does not know is never
    used, or its name is misspelt.""",
    bad="dev: {openai: {api_kee: {…}}}",
    good="dev: {openai: {api_key: {…}}}",
)
WIDER = codes.register(
    "MB505",
    "a kept secret with a host that the catalog does not allow",
    """A record may allow fewer hosts than the catalog, never more: a host is added in the catalog,
    where its owner sees it.""",
    bad="allowed_hosts: [api.evil.example]",
    good="allowed_hosts: [api.openai.com]",
)
RECIPIENTS = codes.register(
    "MB506",
    "a file of secrets that others can open than its rule says",
    """sops encrypts to whoever is listed in the file itself, and does not protect that list. One
    more recipient in a pull request reads all secrets after the next rotation; one fewer is locked
    out. The list must be that of `.sops.yaml`.""",
    bad="a recipient that is not in .sops.yaml",
    good="modelbook secrets rekey",
)
WEAKENED = codes.register(
    "MB507",
    "a file of secrets whose rule of encryption was changed",
    """`encrypted_regex` in the file decides what the next write encrypts, and sops does not protect
    it. Narrowed, the next key is written as plain text.""",
    bad="encrypted_regex: ^(value)$",
    good="encrypted_regex: ^(value|seal)$",
)
POLICY = codes.register(
    "MB508",
    "a file of secrets that sops would treat in another way",
    """Only age recipients, an encrypted digest over everything, a version that takes values on its
    standard input. Anything else makes sops ask services for keys (and send them your tokens), or
    check less than you think.""",
    bad="sops: {hc_vault: [{vault_address: https://evil.example}]}",
    good="sops: {age: […], mac: ENC[…], encrypted_regex: ^(value|seal)$, version: 3.11.0}",
)
ELSEWHERE = codes.register(
    "MB509",
    "a file of secrets that belongs elsewhere",
    """Environment and vendor stand in the file, where sops authenticates them, and in its path. A
    file of dev copied over one of prod would otherwise be taken for it.""",
    bad="# secrets/prod/openai.sops.yaml\ndev: {openai: {…}}",
    good="# secrets/prod/openai.sops.yaml\nprod: {openai: {…}}",
)
STRAY = codes.register(
    "MB510",
    "something that has no place under secrets/",
    """It holds encrypted files, secrets/<environment>/<vendor>.sops.yaml, and nothing else: not a
    plain file, a link or a pipe that nobody checks.""",
    bad="secrets/dev/keys.txt",
    good=FILE,
)
BY_ERROR = {
    "sops-not-encrypted": PLAIN,
    "sops-malformed": MALFORMED,
    "sops-config": NO_RULES,
    "secret-unknown": UNDECLARED,
    "secret-host": WIDER,
}
"""Code of an error of the runtime to ours; a fault against the policy is told by its place."""


def guarded(root: Path, graph: Graph) -> Iterator[Diagnostic]:
    """Yield what is wrong with the secrets beside a catalog folder; nothing where there are none.

    Paths are told from the folder that holds both.
    """
    above = root.resolve().parent
    if not os.path.lexists(above / SECRETS):
        return
    from modelbook.secrets.gate import gate

    declared = {id: tuple(one.data["allowed_hosts"]) for id, one in graph.kind("secret").items()}
    broken = any(kind == "secret" for kind, _ in graph.broken)
    try:
        found = gate(above, None if broken else declared)
    except OSError as error:
        yield Diagnostic(SECRETS, STRAY, f"cannot be read: {error.strerror}", hint="mend its mode")
        return
    yield from map(_diagnostic, found)


def stamps(root: Path, now: int | None = None) -> dict[str, Stamp]:
    """Return path and stamp of all that `guarded` looks at; of most catalogs, nothing."""
    above = root.parent
    if not os.path.lexists(above / SECRETS):
        return {}
    paths = [RULES, SECRETS]
    for folder, folders, names in os.walk(above / SECRETS):
        below = os.path.relpath(folder, above)
        paths += [f"{below}/{name}" for name in (*folders, *names)]
    settled = None if now is None else now - TICK
    found = {path: _stat(above / path) for path in paths}
    return {path: stamp(one, settled) for path, one in found.items() if one}


def _stat(path: Path) -> os.stat_result | None:
    """Return the state of a path itself, None where there is nothing."""
    try:
        return path.lstat()
    except OSError:
        return None


def _diagnostic(fault: Fault) -> Diagnostic:
    """Return a fault as a diagnostic; lines and columns count from 1."""
    span = Span(fault.line, fault.column, fault.line, fault.column + 1)
    return Diagnostic(fault.path, _code(fault), fault.message, span=span, hint=fault.hint or None)


def _code(fault: Fault) -> str:
    """Return the code of a fault."""
    if fault.code in BY_ERROR:
        return BY_ERROR[fault.code]
    place = fault.pointer[:2]
    if place == ("sops", "age"):
        return RECIPIENTS
    if place == ("sops", "encrypted_regex"):
        return WEAKENED
    if place[:1] == ("sops",) or len(fault.pointer) > 2:
        return POLICY
    return ELSEWHERE if fault.message.startswith("the ") else STRAY
