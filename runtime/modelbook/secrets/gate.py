"""Everything that is wrong with a whole `secrets/` folder, without a key and without sops.

For pull requests: from people who have no key, about files that may be hostile.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from .binding import wider
from .errors import SecretError, SecretHostError, SecretUnknownError, SopsPolicyError
from .folder import FILE, Folder, rules_of
from .ids import ENVIRONMENT, RULES, SECRETS, SUFFIX
from .sops.commands import Tool
from .sops.policy import Fault, faults, recipients_of
from .sops.strict import STANZA, parse
from .writing import LEFT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .record import Kept
    from .sops.rules import Rules
    from .sops.strict import Parsed

IGNORED = re.compile(r"(?:README\.md|\.gitkeep|\.gitattributes|\.gitignore|\.DS_Store)\Z")
"""What may stand in the folders beside files of secrets."""


def gate(
    root: Path | str,
    declared: Mapping[str, tuple[str, ...]] | None = None,
    *,
    allow_key_services: bool = False,
) -> tuple[Fault, ...]:
    """Return all that is wrong below `secrets/` of a folder, sorted by file and line.

    `declared` has the hosts of every secret that the catalog knows; without it references are not
    looked at. No fault repeats a value. A folder without `secrets/` has no faults.
    """
    root, tool = Path(root).absolute(), Tool(allow_key_services=allow_key_services)
    files, found = _walk(root)
    if files:
        try:
            known = rules_of(root)
        except SecretError as error:
            found.append(_fault(error, RULES))
        else:
            for where in files:
                found += _of_file(root, where, known, declared, tool)
    return tuple(sorted(found, key=lambda one: (one.path, one.line, one.column, one.message)))


def since(old: bytes, new: bytes, path: str) -> tuple[Fault, ...]:
    """Return what a reviewer should see in the change of a file: it went back, or others read it.

    A file that is put back as a whole to an earlier state is genuine, and only git can tell.
    """
    before, after = parse(old, path), parse(new, path)
    found: list[Fault] = []
    if _modified(after) < _modified(before):
        message, hint = "the file is older than the one before", "was it put back on purpose?"
        found.append(_policy(message, hint, path, after, "lastmodified"))
    for word, people in (
        ("added", recipients_of(after) - recipients_of(before)),
        ("removed", recipients_of(before) - recipients_of(after)),
    ):
        for one in sorted(people):
            message = f"a recipient was {word}: {one[:80]}"
            found.append(_policy(message, "is that what was agreed?", path, after, "age"))
    return tuple(found)


def _walk(root: Path) -> tuple[list[str], list[Fault]]:
    """Return the files of secrets below a folder, and what has no place there."""
    files: list[str] = []
    found: list[Fault] = []
    for name, kind in _entries(root / SECRETS):
        where = f"{SECRETS}/{name}"
        if kind != "folder" or not ENVIRONMENT.match(name):
            if not IGNORED.match(name):
                found.append(_stray(where))
            continue
        for inner, inner_kind in _entries(root / where):
            if FILE.match(inner) and inner_kind == "file":
                files.append(f"{where}/{inner}")
            elif not IGNORED.match(inner) and not LEFT.match(inner):
                found.append(_stray(f"{where}/{inner}"))
    return files, found


def _entries(folder: Path) -> list[tuple[str, str]]:
    """Return what stands in a folder, sorted, as name and kind: file, folder or other."""
    try:
        with os.scandir(folder) as entries:
            return sorted((one.name, _kind(one)) for one in entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _kind(entry: os.DirEntry[str]) -> str:
    """Return what an entry is; a link is other."""
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


def _stray(where: str) -> Fault:
    """Return the fault of something that has no place."""
    shown = where if where.isascii() and where.isprintable() else ascii(where)
    message = "this has no place under `secrets/`"
    hint = "it holds secrets/<environment>/<vendor>.sops.yaml, plain files, and nothing else"
    return Fault(code=SopsPolicyError.code, message=message, hint=hint, path=shown)


def _of_file(
    root: Path,
    where: str,
    known: Rules,
    declared: Mapping[str, tuple[str, ...]] | None,
    tool: Tool,
) -> Iterator[Fault]:
    """Yield all that is wrong with one file."""
    _, environment, name = where.split("/")
    folder, vendor = Folder(root, environment, tool), name.removesuffix(SUFFIX)
    try:
        raw = folder.raw(vendor)
        parsed = parse(raw, where)
        rule = folder.rule(vendor, known)
    except SecretError as error:
        yield _fault(error, where)
        return
    wrong = list(faults(parsed, rule, environment, vendor))
    yield from (one.changed(path=where) for one in wrong)
    if not wrong:
        try:
            records = folder.records(vendor, parsed.data)
        except SecretError as error:
            pointer = (environment, *error.id.split("/"))
            line, column = parsed.where(pointer)
            yield _fault(error, where).changed(line=line, column=column, pointer=pointer)
        else:
            for one in records.values() if declared is not None else ():
                yield from _of_record(one, parsed, where, declared or {})


def _of_record(
    one: Kept, parsed: Parsed, where: str, declared: Mapping[str, tuple[str, ...]]
) -> Iterator[Fault]:
    """Yield what the catalog says against a record."""
    pointer = (one.environment, *one.id.split("/"))
    code, message, hint = "", "", ""
    if one.id not in declared:
        code, message = SecretUnknownError.code, f"no catalog declares {one.id}"
        hint = f"declare it in catalog/secrets/{one.id}.yaml, or delete the record"
    elif further := wider(declared[one.id], one.allowed_hosts or ()):
        pointer = (*pointer, "allowed_hosts")
        code = SecretHostError.code
        message = f"the record allows {further[0]}, which the catalog does not"
        hint = "a record may allow fewer hosts than the catalog, never more"
    if code:
        line, column = parsed.where(pointer)
        yield Fault(
            code=code,
            message=message,
            hint=hint,
            path=where,
            pointer=pointer,
            line=line,
            column=column,
        )


def _fault(error: SecretError, where: str) -> Fault:
    """Return the fault that an error is; its place stands in the fault, not in its words."""
    line, column = error.position or (1, 1)
    for before in (f"{where}:{line}:{column}: ", f"{where}: "):
        if str(error).startswith(before):
            message = str(error).removeprefix(before)
            break
    else:
        message = str(error)
    return Fault(
        code=error.code, message=message, hint=error.hint, path=where, line=line, column=column
    )


def _policy(message: str, hint: str, path: str, parsed: Parsed, field: str) -> Fault:
    """Return a fault about a field that sops keeps."""
    line, column = parsed.where((STANZA, field))
    return Fault(
        code=SopsPolicyError.code,
        message=message,
        hint=hint,
        path=path,
        pointer=(STANZA, field),
        line=line,
        column=column,
    )


def _modified(parsed: Parsed) -> str:
    """Return when sops wrote a file; texts of this form sort by time."""
    stanza = parsed.data.get(STANZA)
    when = stanza.get("lastmodified") if isinstance(stanza, dict) else None
    return when if isinstance(when, str) else ""
