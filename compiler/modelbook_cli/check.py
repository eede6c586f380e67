"""`modelbook check`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .shared import CLEAN, PROBLEMS, F, catalog_option, colour, fail, known_codes, needs

if TYPE_CHECKING:
    from modelbook_compiler.build import Checked
    from modelbook_compiler.diagnostics import Diagnostic
    from modelbook_compiler.remember import Memory

FORMATS = ("text", "json", "sarif", "github")


def format_option(function: F) -> F:
    """Add `--format`."""
    return click.option(
        "--format",
        "shape",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="How problems are printed.",
    )(function)


@click.command("check")
@catalog_option
@format_option
@click.option(
    "--at",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Also warn of what has become wrong by this day (YYYY-MM-DD).",
)
@click.option(
    "--only", multiple=True, help="Only codes that start so: MB3, MB108; may be repeated."
)
@click.option("--max-problems", type=click.IntRange(min=1), help="Show at most so many.")
@click.option("--fix", "fix", is_flag=True, help="Show what can be mended for certain, and ask.")
@click.option("--yes", is_flag=True, help="With --fix: write without asking.")
@click.option("--watch", "keep_watching", is_flag=True, help="Check again after every save.")
def command(
    catalog: Path,
    shape: str,
    at: datetime | None,
    only: tuple[str, ...],
    max_problems: int | None,
    fix: bool,
    yes: bool,
    keep_watching: bool,
) -> None:
    """Check the catalog files and show every problem of all of them.

    Exit code 0: clean. 1: problems. 2: could not run.

    \b
    Examples:
      modelbook check
      modelbook check --watch              # again after every save
      modelbook check --fix                # shows a diff, then asks
      modelbook check --only MB3 --max-problems 20
      modelbook check --at 2027-01-01      # also what will be out of date by then
      modelbook check --format github      # annotations in a workflow
      modelbook check --format sarif > modelbook.sarif
    """
    if fix and (keep_watching or shape != "text"):
        raise click.UsageError("--fix goes with neither --watch nor --format")
    if keep_watching:
        from .watch import watch

        watch(catalog, lambda: _once(catalog, shape, at, only, max_problems))
        return
    if fix:
        from .fix import mend

        mend(run(catalog, at), catalog, only, yes=yes)
    raise SystemExit(PROBLEMS if _once(catalog, shape, at, only, max_problems) else CLEAN)


def _once(
    catalog: Path,
    shape: str,
    at: datetime | None,
    only: tuple[str, ...],
    most: int | None,
) -> bool:
    """Check once and report; tell whether there are errors among what was asked for."""
    _refuse_unknown(only)
    memory = _memory(catalog)
    if memory and at is None and _known_clean(memory, shape):
        return False
    checked = run(catalog, at, memory)
    found = chosen(checked, only)
    report(checked, found[:most], shape, catalog)
    left = len(checked.diagnostics) - len(found)
    if shape == "text" and left:
        click.echo(f"and {left:,} of other codes, not shown")
    if shape == "text" and len(found) > len(found[:most]):
        click.echo(f"and {len(found) - len(found[:most]):,} more")
    from modelbook_compiler.diagnostics import has_errors

    return has_errors(found)


def _refuse_unknown(only: tuple[str, ...]) -> None:
    """End with a message where no code starts as it is asked for."""
    for prefix in only:
        if not any(code.startswith(prefix.upper()) for code in known_codes()):
            fail(f"no code starts with `{prefix}`", "`modelbook explain` lists them; repeat --only")


def _memory(catalog: Path) -> Memory | None:
    """Return what is remembered of a catalog; None where its folder cannot be read."""
    with needs("compiler"):
        from modelbook_compiler.remember import Memory
    try:
        str(catalog.resolve()).encode()  # what is remembered is text
        return Memory(catalog, time.time_ns()) if catalog.is_dir() else None
    except (OSError, UnicodeEncodeError):
        return None  # the check itself says what is wrong, if anything is


def _known_clean(memory: Memory, shape: str) -> bool:
    """Report a catalog that was clean and has not changed since; tell whether it is one."""
    files = memory.clean_files()
    if files is not None:
        _print((), shape, files, lambda: "")
    return files is not None


def chosen(checked: Checked, only: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics whose codes start with one of some texts; with none, all."""
    wanted = tuple(prefix.upper() for prefix in only)
    return tuple(one for one in checked.diagnostics if not wanted or one.code.startswith(wanted))


def run(catalog: Path, at: datetime | None = None, memory: Memory | None = None) -> Checked:
    """Return the outcome of a check, with progress on a terminal."""
    with needs("compiler"):
        from modelbook_compiler.build import CannotRunError, check
    try:
        known = memory or _memory(catalog)
        return check(catalog, _progress, at.date() if at else None, known)
    except CannotRunError as error:
        fail(str(error), error.hint)
    except OSError as error:
        fail(f"cannot read `{error.filename}`: {error.strerror}")


def report(
    checked: Checked,
    found: tuple[Diagnostic, ...],
    shape: str,
    catalog: Path,
    further: tuple[Diagnostic, ...] = (),
) -> None:
    """Print diagnostics in the format that was asked for, and a summary for people.

    `found` is about files of the catalog, `further` about other files.
    """
    from modelbook_compiler.diagnostics import ordered
    from modelbook_compiler.report import text
    from modelbook_compiler.report.relocate import base_of, relocated

    base = base_of(catalog)
    found = ordered([*relocated(found, base), *further])
    painted = colour()
    _print(
        found,
        shape,
        len(checked.sources),
        lambda: text.render(found, checked.positions, colour=painted, base=base),
    )


def _print(
    found: tuple[Diagnostic, ...], shape: str, files: int, rendered: Callable[[], str]
) -> None:
    """Print located diagnostics in a format; `rendered` makes the text for people."""
    if shape == "text":
        from modelbook_compiler.report.summary import summary

        click.echo(rendered(), nl=bool(found))
        click.echo(summary(found, files))
        return
    from modelbook_compiler.report import machine

    if shape == "json":
        click.echo(machine.as_json(found, files))
    elif shape == "sarif":
        click.echo(machine.as_sarif(found))
    else:
        click.echo(machine.as_github(found), nl=bool(found))


def _progress(stage: str, done: int, total: int) -> None:
    """Show how far a long check is, on a terminal only."""
    if total >= 2000 and sys.stderr.isatty():
        click.echo(f"\r{stage} {done:,} of {total:,} files\x1b[K", err=True, nl=False)
        if done + 200 >= total:
            click.echo("\r\x1b[K", err=True, nl=False)
