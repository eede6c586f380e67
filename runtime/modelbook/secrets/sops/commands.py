"""What sops is asked to do: encrypt and decrypt; bytes and plain mappings in and out.

Each is one run, with bytes that were checked before (`policy`). Its exit code becomes an error of
ours; nothing that it says is repeated.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, contextmanager

from ...record import Record
from ..errors import SopsError, SopsKeyError, SopsTamperedError
from ..reading import once
from . import process
from .executable import find
from .rules import ENCRYPTED_REGEX
from .strict import DEEPEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from ..record import Plain
    from .rules import Rule

NO_KEY = 128
TAMPERED = (24, 25, 51, 52)
"""Exit codes: what was encrypted, its place, or a value beside it has changed since."""

TYPES = ("--input-type", "yaml", "--output-type")
FLAGS = {
    "kms": "--kms",
    "gcp_kms": "--gcp-kms",
    "azure_keyvault": "--azure-kv",
    "hc_vault_transit_uri": "--hc-vault-transit",
    "pgp": "--pgp",
    "hckms": "--hckms",
}


class Tool(Record):
    """How sops is run: the user's own settings, never a repository's."""

    sops: str | None = None
    """Absolute path of the sops to use; None for the one on the PATH or the bundled one."""
    allow_key_services: bool = False
    """Whether files may be opened by KMS, Vault or PGP; sops then gets their variables."""
    timeout: float = 20.0
    """Seconds that one run may take."""


def decrypt(tool: Tool, raw: bytes, path: str) -> dict[str, Plain]:
    """Return what stands in an encrypted file, in plain text."""
    with opening(tool) as opened:
        return opened(raw, path)


@contextmanager
def opening(tool: Tool) -> Iterator[Callable[[bytes, str], dict[str, Plain]]]:
    """Start sops, which waits, and is killed in the end; what is yielded decrypts one file.

    So the file can be checked meanwhile. sops gets nothing before that; that it is not there is
    told only then, too: what is wrong with the file goes first.
    """
    failed: SopsError | None = None
    child: process.Child | None = None
    with ExitStack() as stack:
        try:
            argv = [find(tool.sops).path, "decrypt", *TYPES, "json"]
            child = stack.enter_context(process.started(argv, _variables(tool)))
        except SopsError as error:
            failed = error

        def opened(raw: bytes, path: str) -> dict[str, Plain]:
            """Return what stands in the bytes of a file; to be called once."""
            if failed is not None or child is None:
                raise failed or SopsError("sops was not started", path=path)
            return _decrypted(*process.finished(child, raw, tool.timeout), path)

        yield opened


def _decrypted(code: int, out: bytes, path: str) -> dict[str, Plain]:
    """Return what sops answers, as a plain mapping."""
    out = _answer(code, out, path)
    data: dict[str, Plain] | None = None
    try:
        data = json.loads(out, object_pairs_hook=once)
    except (ValueError, RecursionError):
        data = None
    if data is None or not _is_plain(data, 0):  # raised here: its context would hold the plain text
        raise SopsError(f"{path}: sops answered with what is no plain mapping", path=path)
    return data


def encrypt(tool: Tool, data: Mapping[str, Plain], rule: Rule, path: str) -> bytes:
    """Return the encrypted file for plain data, for the recipients of a rule."""
    argv = ["encrypt", "--input-type", "json", "--output-type", "yaml"]
    argv += ["--filename-override", "secrets.yaml", "--encrypted-regex", ENCRYPTED_REGEX]
    argv += ["--age", ",".join(sorted(rule.recipients))]
    for name, ids in rule.services.items():
        argv += [FLAGS[name], ",".join(sorted(ids))]
    return _run(tool, argv, json.dumps(data).encode(), path)


def _run(tool: Tool, arguments: list[str], given: bytes, path: str) -> bytes:
    """Return what one run of sops writes."""
    argv = [find(tool.sops).path, *arguments]
    return _answer(*process.run(argv, given, _variables(tool), tool.timeout), path)


def _variables(tool: Tool) -> dict[str, str]:
    """Return the variables that sops gets."""
    return process.environment(os.environ, allow_key_services=tool.allow_key_services)


def _answer(code: int, out: bytes, path: str) -> bytes:
    """Return what sops wrote; raise the error that its exit code is."""
    if code == 0:
        return out
    if code == NO_KEY:
        hint = "run `modelbook secrets doctor`; ask a recipient to add you and to rekey"
        raise SopsKeyError(f"{path}: no identity of yours opens it", path=path, hint=hint)
    if code in TAMPERED:
        hint = "restore the file from git, and look at who changed it"
        message = f"{path}: it was changed by something else than sops"
        raise SopsTamperedError(message, path=path, hint=hint)
    hint = "run `modelbook secrets doctor`; is there room on the disk?"
    raise SopsError(f"{path}: sops failed with exit code {code}", path=path, hint=hint)


def _is_plain(data: Any, depth: int) -> bool:
    """Tell whether data is nested text and nothing else."""
    if depth > DEEPEST:
        return False
    if isinstance(data, dict):
        return all(_is_plain(value, depth + 1) for value in data.values())
    if isinstance(data, list):
        return depth > 0 and all(_is_plain(value, depth + 1) for value in data)
    return depth > 0 and isinstance(data, str)
