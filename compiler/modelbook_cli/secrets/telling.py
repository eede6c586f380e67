"""How the commands about secrets say what is wrong: `error[code]: message`, `hint:`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import click

from ..shared import CANNOT_RUN

INSTALL = "pip install 'modelbook[secrets]'"


def refuse(code: str, message: str, hint: str | None = None) -> NoReturn:
    """End with exit code 2, saying what is wrong and what to do."""
    say(code, message, hint)
    raise SystemExit(CANNOT_RUN)


def say(code: str, message: str, hint: str | None = None) -> None:
    """Print an error, each of its parts on one line of standard error."""
    from modelbook_compiler.report.escape import printable

    click.echo(f"error[{code}]: {printable(message)}", err=True)
    if hint:
        click.echo(f"hint: {printable(hint)}", err=True)


@contextmanager
def told() -> Iterator[None]:
    """Turn what can go wrong with secrets into a message; nothing in it repeats a value."""
    from modelbook.errors import ModelbookError

    try:
        yield
    except ModelbookError as error:
        refuse(error.code, str(error), _hint(error))
    except BrokenPipeError:
        raise  # whoever read us has enough
    except OSError as error:
        place = f" `{error.filename2 or error.filename}`" if error.filename else ""
        refuse("system", f"the system refused{place}: {error.strerror}")
    except ImportError as error:
        name = (error.name or "").partition(".")[0]
        if name in ("", "modelbook", "modelbook_compiler", "modelbook_cli"):
            raise
        refuse("not-installed", f"this command needs the package `{name}`", INSTALL)
    except KeyboardInterrupt:
        click.echo(err=True)
        refuse("aborted", "you stopped it")


def _hint(error: Exception) -> str | None:
    """Return what an error says to do: its own hint, or the nearest names."""
    from modelbook.names import hint

    words: str = getattr(error, "hint", "")
    return words or hint(getattr(error, "nearest", ())).removeprefix("; ") or None


def aligned(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns without titles; nothing is cut."""
    from modelbook_compiler.report.escape import printable

    safe = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*safe, strict=True)]
    for row in safe:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
