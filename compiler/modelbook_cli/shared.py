"""What several commands share: options, output, and errors in one shape.

Exit codes: 0 clean, 1 problems found, 2 could not run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from modelbook_compiler.codes import Code

F = TypeVar("F", bound=Callable[..., Any])

LEAST = 12
"""Characters of a column of text below which nobody reads it."""

CLEAN, PROBLEMS, CANNOT_RUN = 0, 1, 2


def fail(message: str, hint: str | None = None) -> NoReturn:
    """End with exit code 2, saying what is wrong and what to do."""
    from modelbook_compiler.report.escape import printable

    first, *further = message.splitlines() or [""]
    click.echo("\n".join([f"error: {printable(first)}", *map(printable, further)]), err=True)
    if hint:
        click.echo(f"hint: {printable(hint)}", err=True)
    raise SystemExit(CANNOT_RUN)


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Turn a missing package of an extra into a message that names the extra."""
    try:
        yield
    except ImportError as error:
        name = (error.name or "").partition(".")[0]
        if name in ("", "modelbook", "modelbook_compiler", "modelbook_cli"):
            raise
        fail(f"this command needs the package `{name}`", f"pip install 'modelbook[{extra}]'")


def known_codes() -> Mapping[str, Code]:
    """Return every diagnostic code there is."""
    with needs("compiler"):
        import modelbook_compiler.credentials
        import modelbook_compiler.guarded
        import modelbook_compiler.link
        import modelbook_compiler.merge
        import modelbook_compiler.rules  # noqa: F401  # each registers its codes
        from modelbook_compiler.codes import REGISTER
    return REGISTER


@contextmanager
def told() -> Iterator[None]:
    """Turn an error of the lookup, which names the nearest ids, into a message."""
    from modelbook.errors import ModelbookError

    try:
        yield
    except ModelbookError as error:
        fail(str(error))


def catalog_option(function: F) -> F:
    """Add `--catalog DIR`."""
    return click.option(
        "--catalog",
        type=click.Path(path_type=Path),
        default=Path("catalog"),
        show_default=True,
        help="Folder of the catalog.",
    )(function)


def json_option(function: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def colour() -> bool:
    """Tell whether standard output shows colour: a terminal, and no NO_COLOR."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def unicode() -> bool:
    """Tell whether standard output can show what charts are drawn with."""
    try:
        "█▁…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def width() -> int:
    """Return how many columns standard output has; 80 where it is no terminal."""
    from shutil import get_terminal_size

    return max(get_terminal_size().columns, 20)


def print_json(value: object) -> None:
    """Print plain data as JSON."""
    import json  # which takes a while, and not every command needs it

    click.echo(json.dumps(value, indent=1, ensure_ascii=True, allow_nan=False))


def package(folder: Path | None = None) -> ModuleType:
    """Return the generated package that commands ask.

    `MODELBOOK_PACKAGE`, or what the catalog in a folder (this one) was compiled to, or the public
    book.
    """
    from importlib import import_module

    here = folder or Path()
    asked, own = os.environ.get("MODELBOOK_PACKAGE"), own_package(here)
    if own and asked in (None, "", own):
        sys.path.insert(0, str((here / "generated").resolve()))
    name = asked or own or "modelbook_catalog"
    try:
        found = import_module(name)
    except (ImportError, TypeError, ValueError):  # the latter two: a name like `..`
        fail(f"there is no generated package `{name}`", "run `modelbook compile`, or install it")
    if not hasattr(found, "catalog"):
        fail(f"`{name}` is not a generated package", "set MODELBOOK_PACKAGE to one, or to nothing")
    return found


def own_package(here: Path) -> str | None:
    """Return the package that the catalog in a folder was compiled to."""
    import re

    try:
        text = (here / "catalog/catalog.yaml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    stated = re.search(r"^package: ([a-z][a-z0-9_]*)\s*(?:#.*)?$", text, re.M)
    if stated is None or not (here / "generated" / stated[1] / "__init__.py").is_file():
        return None
    return stated[1]


def table(columns: list[tuple[str, bool]], rows: list[list[str]]) -> None:
    """Print a table: rich's on a terminal, plain aligned text when piped.

    A column is its title and whether it is a number, which stands to the right.
    """
    from modelbook_compiler.report.escape import printable

    columns = [(printable(title), number) for title, number in columns]
    safe = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        draw = _rich_table if _fits(columns, safe) else _records
        draw(columns, safe)
    else:
        _plain_table(columns, safe)


def fitted(columns: Sequence[tuple[str, bool]], rows: list[list[str]]) -> list[list[str]]:
    """Return rows whose last column is cut to what the others leave of a terminal."""
    from .chart import cut

    if not sys.stdout.isatty():
        return rows
    taken = sum(
        max(len(columns[n][0]), *(len(row[n]) for row in rows)) + 1 for n in range(len(columns) - 1)
    )
    room = max(width() - taken - 1, 2 * LEAST)
    return [[*row[:-1], cut(row[-1], room, unicode())] for row in rows]


def _fits(columns: list[tuple[str, bool]], rows: list[list[str]]) -> bool:
    """Tell whether a table of these columns can be read on this terminal."""
    taken = 0
    for n, (title, number) in enumerate(columns):
        widest = max(len(text) for text in (title, *(row[n] for row in rows)))
        taken += 1 + (widest if number else min(widest, LEAST))
    return taken <= width()


def _records(columns: list[tuple[str, bool]], rows: list[list[str]]) -> None:
    """Print each row as a block of lines, for a terminal that is too narrow for a table."""
    for row in rows:
        click.echo(row[0])
        for (title, _), cell in zip(columns[1:], row[1:], strict=True):
            if cell:
                click.echo(f"  {title}: {cell}" if title else f"  {cell}")


def _rich_table(columns: list[tuple[str, bool]], rows: list[list[str]]) -> None:
    """Print a table that fits the terminal: text that does not fit goes on below, uncut."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for title, number in columns:
        if number:
            drawn.add_column(title, justify="right", no_wrap=True, overflow="ellipsis")
        else:
            drawn.add_column(title, overflow="fold")
    for row in rows:
        drawn.add_row(*map(Text, row))
    Console().print(drawn)


def _plain_table(columns: list[tuple[str, bool]], rows: list[list[str]]) -> None:
    """Print a table as aligned text of whatever width it needs."""
    grid = [[title for title, _ in columns], *rows]
    widths = [max(len(row[n]) for row in grid) for n in range(len(columns))]
    for row in grid:
        cells = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, (_, number) in zip(row, widths, columns, strict=True)
        )
        click.echo("  ".join(cells).rstrip())
