"""`modelbook check --watch`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

PAUSE = 0.1
"""Seconds between two looks at the folder."""

Stamp = tuple[str, int, int]


def watch(catalog: Path, check: Callable[[], object]) -> None:
    """Run a check now and after every change below a folder, until interrupted."""
    seen: list[Stamp] = []
    try:
        while True:
            there = sorted(_stamps(str(catalog)))
            if there != seen:
                seen = there
                if sys.stdout.isatty():
                    click.clear()
                check()
                click.echo("watching; Ctrl-C ends", err=True)
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        click.echo(err=True)


def _stamps(folder: str) -> Iterator[Stamp]:
    """Yield path, time of change and size of every file below a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _stamps(entry.path)
                continue
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # an editor replaced it just now
                continue
            yield entry.path, found.st_mtime_ns, found.st_size
