"""Where a key comes from: a pipe, a hidden prompt, a variable or a file, never argv."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import click
from modelbook.secrets.secret import LONGEST, valid

from ..shared import F
from .telling import refuse

LINE = 4095
"""Characters that a terminal hands over of one line; it drops the rest and says nothing."""


def value_options(function: F) -> F:
    """Add `--from-env NAME` and `--from-file PATH`."""
    function = click.option(
        "--from-file",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Read the value from a file.",
    )(function)
    return click.option(
        "--from-env", metavar="NAME", help="Read the value from an environment variable."
    )(function)


def read_value(prompt: str, from_env: str | None, from_file: Path | None) -> str:
    """Return the value that a user gives, valid; raise `SecretValueError` if it cannot be a key.

    Without a variable or a file it is standard input, or a hidden prompt where that is a terminal.
    """
    if from_env is not None and from_file is not None:
        refuse("usage", "`--from-env` and `--from-file` exclude each other", "give one of the two")
    if from_env is not None:
        return valid(_variable(from_env))
    if from_file is not None:
        return valid(_text(_file(from_file)))
    if sys.stdin is not None and sys.stdin.isatty():
        return valid(_prompt(prompt))
    return valid(_text(_pipe()))


def looks_like_key(text: str) -> bool:
    """Tell whether a text that is stored unencrypted looks like a key."""
    from modelbook_compiler.credentials import holds_secret

    return holds_secret(text)


def _variable(name: str) -> str:
    """Return what an environment variable holds. Its name is not repeated: it may be the key."""
    found = os.environ.get(name) if name and "=" not in name and "\0" not in name else None
    if found is None:
        refuse("usage", "the variable that --from-env names is not set", "export it first")
    return found


def _file(path: Path) -> bytes:
    """Return the beginning of a file, longer than a key can be. Its path is not repeated."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST + 3)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be the name of a file"
        refuse("usage", f"the file that --from-file names cannot be read: {reason}")


def _pipe() -> bytes:
    """Return the beginning of standard input, longer than a key can be."""
    if sys.stdin is None:
        refuse("usage", "there is no standard input to read the value from", "pipe it in")
    try:
        return sys.stdin.buffer.read(LONGEST + 3)
    except OSError:
        refuse("usage", "standard input cannot be read", "pipe the value in")


def _text(content: bytes) -> str:
    """Return bytes as text; what is not UTF-8 becomes what no key may hold."""
    return content.decode("utf-8", "replace")


def _prompt(prompt: str) -> str:
    """Return what is typed without being shown."""
    from getpass import GetPassWarning, getpass

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)
            typed = getpass(f"{prompt} (not shown): ")
    except GetPassWarning:
        refuse("usage", "this terminal would show the value", "pipe it in")
    except (KeyboardInterrupt, EOFError):
        click.echo(err=True)
        refuse("aborted", "no value was given; nothing is changed")
    if len(typed) >= LINE:
        refuse("usage", "a terminal cuts so long a line", "pipe it in, or use --from-file")
    return typed
