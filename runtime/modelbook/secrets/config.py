"""The user's configuration file -> its `[secrets]` table, checked. No repository can be one."""

from __future__ import annotations

import re

from ..names import nearest
from .errors import SecretSettingsError
from .reading import Content, Fault, content

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

FORMS: Mapping[str, type] = {
    "environment": str,
    "folder": str,
    "sops": str,
    "chain": list,
    "mounts": list,
    "files": list,
    "packages": list,
    "allow_key_services": bool,
}
"""Key of the table to what it holds; lists are of text.

A table in it is for the source that it names.
"""

WORDS = {str: "text", list: "a list of texts", bool: "true or false"}
PATHS = ("folder", "sops", "mounts", "files")


def table(path: str, *, must: bool) -> dict[str, Any]:
    """Return the `[secrets]` table of a file, paths made whole; empty where there is no file.

    Raises `SecretSettingsError` for a file that is not the user's or cannot be understood, and with
    `must` for one that is not there.
    """
    read = content(path, own=False)
    if isinstance(read, Fault):
        raise wrong(path, f"it {read.words}", read.hint)
    if read is None:
        if must:
            raise wrong(path, "there is no such file", "MODELBOOK_CONFIG names it")
        return {}
    found = _parsed(read, path).get("secrets", {})
    if not isinstance(found, dict):
        raise wrong(path, "`secrets` is no table", "write [secrets]")
    for key, value in found.items():
        _check(key, value, path)
    return {key: _whole(key, value, path) for key, value in found.items()}


def wrong(path: str, message: str, hint: str = "") -> SecretSettingsError:
    """Return the error of a configuration file."""
    return SecretSettingsError(f"{path}: {message}", path=path, hint=hint)


def _parsed(read: Content, path: str) -> dict[str, Any]:
    """Return what a file of TOML says; of a parser's message only the line is repeated."""
    import tomllib

    where = ""
    try:
        return tomllib.loads(read.data.decode())
    except UnicodeDecodeError:
        where = "it is not UTF-8"
    except (ValueError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"line {line[1]} is no TOML" if line else "it is no TOML"
    raise wrong(path, where, "see the guide")


def _check(key: str, value: object, path: str) -> None:
    """Refuse a key that has no meaning, or that holds something of another kind."""
    if key not in FORMS and isinstance(value, dict):
        if not all(isinstance(one, str) for one in value.values()):
            raise wrong(path, f"[secrets.{key}] holds what is no text", "quote it")
        return
    if key not in FORMS:
        near = nearest(key, FORMS, 1)
        hint = f"did you mean `{near[0]}`?" if near else f"keys are {', '.join(sorted(FORMS))}"
        raise wrong(path, f"[secrets] has no key `{key}`", hint)
    listed = not isinstance(value, list) or all(isinstance(one, str) for one in value)
    if type(value) is not FORMS[key] or not listed or value in ("", []):
        raise wrong(path, f"`{key}` of [secrets] must be {WORDS[FORMS[key]]}", "or leave it out")


def _whole(key: str, value: Any, path: str) -> Any:
    """Return a value with its paths made absolute; one that depends on where one is, is refused."""
    if key not in PATHS:
        return tuple(value) if isinstance(value, list) else value
    import os.path

    given = [value] if isinstance(value, str) else value
    found = [os.path.expanduser(one) for one in given]  # noqa: PTH111
    if not all(map(os.path.isabs, found)):
        raise wrong(path, f"`{key}` of [secrets] is no whole path", "begin it with / or ~/")
    return found[0] if isinstance(value, str) else tuple(found)
