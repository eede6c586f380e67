"""What the commands about recipients share: progress, and names beside public keys."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from modelbook.secrets.ids import RULES, SUFFIX

from .telling import refuse
from .values import looks_like_key

if TYPE_CHECKING:
    from modelbook.secrets.folder import Folder

NAMED = re.compile(r"^ *- *(?P<key>age1[0-9a-z]+|ssh-\S+ \S+) +#[ \t]*(?P<name>\S.*?)[ \t]*$", re.M)
"""A line of .sops.yaml with a public key, and whose it is."""


def progress(path: str, number: int, total: int) -> None:
    """Show on a terminal how far a rekeying has come."""
    if sys.stderr.isatty():
        end = "\n" if number == total else ""
        click.echo(f"\r\033[K{number:,}/{total:,} {path}{end}", err=True, nl=False)


def checked_name(name: str) -> str:
    """Return a name that may stand in a comment; end with a message for what may not."""
    from modelbook.secrets.record import OWNER

    if not OWNER.match(name) or looks_like_key(name):
        refuse("usage", "`--name` is no name", "write a person or a machine, up to 100 characters")
    return name


def write_name(root: Path, recipient: str, name: str) -> bool:
    """Write whose a public key is beside it; return false where it does not stand on its own line.

    A name that is there already is kept.
    """
    from modelbook_compiler.files import write_file

    path = root / RULES
    text = path.read_text(encoding="utf-8")
    line = re.compile(rf"^( *- *{re.escape(recipient)})[ \t]*$", re.M)
    named = line.sub(lambda match: f"{match[1]}  # {name}", text)
    if named != text:
        write_file(path, named.encode())
    return named != text or any(one["key"] == recipient for one in NAMED.finditer(text))


def meant(root: Path, environment: Folder, text: str) -> str:
    """Return the public key that is meant by itself or by the name beside it."""
    from .identities import valid_recipient

    if text.startswith(("age1", "ssh-")) or looks_like_key(text):
        return valid_recipient(text)
    listed = (root / RULES).read_text(encoding="utf-8", errors="replace")
    readers = environment.rule("any").recipients
    found = {one["key"]: one["name"] for one in NAMED.finditer(listed) if one["key"] in readers}
    keys = [key for key, name in found.items() if name == text]
    if len(keys) == 1:
        return keys[0]
    if keys:
        refuse("sops-config", "several public keys have that name", "give the key, age1…")
    names = ", ".join(sorted(set(found.values()))) or "none"
    hint = f"names there are: {names}; or give age1…"
    return refuse("sops-config", "no recipient has that name", hint)


def rekeyed(paths: tuple[str, ...]) -> str:
    """Return how many files have a new data key, in words."""
    return f"{len(paths):,} file{'s' * (len(paths) != 1)} encrypted anew"


def keys_in(root: Path, paths: tuple[str, ...]) -> list[str]:
    """Return the keys in some files, each with its environment."""
    from modelbook.secrets.folder import Folder

    found: list[str] = []
    for path in paths:
        _, environment, name = path.split("/")
        records = Folder(root, environment).metadata(name.removesuffix(SUFFIX))
        found += [f"{one.id} --env {environment}" for one in records.values()]
    return found
