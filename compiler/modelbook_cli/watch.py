"""`modelbook check --watch`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

PAUSE = 0.1
"""Seconds between two looks at the folder."""


def watch(catalog: Path, check: Callable[[], object]) -> None:
    """Run a check now and after every change below a folder, until interrupted.

    A catalog that cannot be checked for a moment, as during a `git checkout`, is checked again.
    """
    from modelbook_compiler.files import walk

    seen: object = object()  # like nothing that can be there
    try:
        while True:
            there: object = None
            with suppress(OSError):  # a folder that cannot be read: the check says so
                there = walk(catalog)
            if there != seen:
                seen = there
                if sys.stdout.isatty():
                    click.clear()
                with suppress(SystemExit):  # its message is printed
                    check()
                click.echo("watching; Ctrl-C ends", err=True)
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        click.echo(err=True)
