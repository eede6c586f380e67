"""A file of keys -> its names and values, or what is wrong with it and where, never what it says.

Names are environment variables or ids of secrets; every value is text, and a blank one is none.
"""

from __future__ import annotations

import re

from . import dotenv
from .reading import Fault, TwiceError, once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from .reading import Content

    Pairs: TypeAlias = "Mapping[str, object]"


class Values:
    """Names and values of a file, which show themselves in no traceback."""

    __slots__ = ("_held",)

    def __init__(self, held: dict[str, str]) -> None:
        self._held = held

    def get(self, name: str) -> str:
        """Return a value; empty where there is none or a blank one."""
        value = self._held.get(name, "")
        return "" if value.isspace() else value

    def names(self) -> tuple[str, ...]:
        """Return the names whose values are not blank."""
        return tuple(name for name in self._held if self.get(name))


def values(read: Content, path: str) -> Values | Fault:
    """Return what a file says, by the form that its name ends in; any other ending is `.env`."""
    text = read.text()
    if text is None:
        return Fault(words="is no text in UTF-8", path=path)
    parse = FORMS.get(path.lower().rpartition(".")[2], dotenv.parse)
    found = parse(text)
    if isinstance(found, Fault):
        return found.changed(path=path)
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    if len(texts) == len(found):
        return Values(texts)
    hint = "write NAME and value, both as text"
    return Fault(words="holds a value that is no text", hint=hint, path=path)


def _toml(text: str) -> Pairs | Fault:
    """Return what a TOML file says; only the line of a parser's message is repeated."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return _malformed("TOML", re.search(r"at line (\d+)", str(error)))


def parse_json(text: str) -> Pairs | Fault:
    """Return what a JSON object says; a name that stands twice is refused."""
    import json

    try:
        found = json.loads(text, object_pairs_hook=once)
    except TwiceError:
        return Fault(words="has a name twice", hint="keep one of the two")
    except (ValueError, RecursionError) as error:
        return _malformed("JSON", None, getattr(error, "lineno", None))
    return found if isinstance(found, dict) else Fault(words="is no mapping of names to keys")


def _yaml(text: str) -> Pairs | Fault:
    """Return what a YAML file says."""
    from . import keyfile_yaml

    return keyfile_yaml.parse(text)


def _malformed(form: str, found: re.Match[str] | None, line: int | None = None) -> Fault:
    """Return the fault of a file that a parser refuses, with the line where it says one."""
    number = int(found[1]) if found else line
    return Fault(words=f"is no {form} that can be read", hint="mend it", line=number)


FORMS: dict[str, Callable[[str], Pairs | Fault]] = {
    "toml": _toml,
    "json": parse_json,
    "yaml": _yaml,
    "yml": _yaml,
}
"""Ending of a file's name to what reads it."""
