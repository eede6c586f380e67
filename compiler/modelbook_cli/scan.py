"""`modelbook scan`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from shutil import get_terminal_size
from time import monotonic
from typing import TYPE_CHECKING

import click

from .shared import CLEAN, PROBLEMS, fail, json_option, package, print_json, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelbook.catalog import Catalog
    from modelbook.scan.found import Found, Report

ROOMY = 100
"""Columns of a terminal from which on the table has all of its own."""
SPARED = ("dtype", "KV/token")
"""Columns of the table that a narrow terminal is spared; JSON has them always."""
QUIET = 0.3
"""Seconds before and between signs of life on a terminal."""


@click.command("scan")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]…")
@click.option("--url", "urls", multiple=True, help="Also ask the server at this address.")
@click.option(
    "--context",
    type=click.IntRange(1, 10**9),
    help="Tokens that memory is estimated for; default 4,096.",
)
@json_option
@click.option(
    "--yaml",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a catalog of what was found to a folder.",
)
def command(
    paths: tuple[Path, ...],
    urls: tuple[str, ...],
    context: int | None,
    as_json: bool,
    folder: Path | None,
) -> None:
    """Show which models are installed here: what they do, how large they are, what they need.

    Without a PATH or a URL it reads the HuggingFace cache (HF_HUB_CACHE, HF_HOME and so on). A PATH
    is a cache, a model's folder, a folder of those, or a GGUF file. Headers and configuration are
    read, weights never are. Only a URL that is given is asked: OpenAI's /v1/models or Ollama's
    /api/tags, without a key. What is not known is `-`, and null in JSON.

    Memory is an estimate: weights, a fifth more, and the cache of one request of that context.
    Exit codes: 0 fine, 1 something could not be read or fits no id, 2 could not run.

    \b
    Examples:
      modelbook scan
      modelbook scan ~/models model.Q4_K_M.gguf --context 32768
      modelbook scan --url http://localhost:11434 --json
      modelbook scan --yaml local && modelbook compile --catalog local --package local_models
    """
    if as_json and folder is not None:
        raise click.UsageError("--json and --yaml cannot be used together")
    catalog: Catalog = package().catalog()
    report = _report(paths, _addresses(urls), catalog, context)
    if folder is not None:
        report = _write(report, catalog, folder)
    elif as_json:
        from modelbook.scan.report import as_data

        print_json(as_data(report))
        raise SystemExit(PROBLEMS if report.all_problems else CLEAN)
    else:
        _table(report)
    _tell(report)


def _addresses(urls: tuple[str, ...]) -> list[str]:
    """Return the addresses to ask, each once; end with a message for one that is none."""
    from modelbook.scan.servers import checked

    try:
        return list(dict.fromkeys(map(checked, urls)))
    except ValueError as error:
        fail(str(error), "write an address such as http://localhost:11434")


def _report(
    paths: tuple[Path, ...], urls: list[str], catalog: Catalog, context: int | None
) -> Report:
    """Return what is at some paths and servers; without either, in the HuggingFace cache."""
    from modelbook.scan.found import Report
    from modelbook.scan.roots import hub_cache
    from modelbook.scan.search import scan
    from modelbook.scan.servers import ask

    if not paths and not urls:
        root = hub_cache(os.environ)
        if not root.exists():
            click.echo(f"there is no HuggingFace cache at `{root}`", err=True)
            return Report(places=(str(root),), models=(), problems=())
        paths = (root,)
    show, clear = _progress()
    report = scan(paths, catalog, context, show)
    models, problems = list(report.models), list(report.problems)
    for url in urls:
        show(url)
        found, wrong = ask(url)
        models += found
        problems += wrong
    clear()
    return report.changed(
        places=(*report.places, *urls), models=tuple(models), problems=tuple(problems)
    )


def _progress() -> tuple[Callable[[str], None], Callable[[], None]]:
    """Return functions that show what is being read, on a terminal, and that wipe it away."""
    from modelbook_compiler.report.escape import printable

    if not sys.stderr.isatty():
        return lambda _: None, lambda: None
    last, count = monotonic(), 0

    def show(name: str) -> None:
        nonlocal last, count
        count += 1
        if monotonic() - last > QUIET:
            last = monotonic()
            click.echo(f"\r\x1b[K{count:,}: {printable(name)[:60]}", nl=False, err=True)

    return show, lambda: click.echo("\r\x1b[K", nl=False, err=True)


def _table(report: Report) -> None:
    """Print the models as a table."""
    columns = [
        ("model", False),
        ("pipeline", False),
        ("params", True),
        ("dtype", True),
        ("context", True),
        ("weights", True),
        ("KV/token", True),
        ("memory", True),
    ]
    narrow = sys.stdout.isatty() and get_terminal_size().columns < ROOMY
    shown = [n for n, (title, _) in enumerate(columns) if not (narrow and title in SPARED)]
    rows = [_row(one) for one in report.models]
    if rows:
        table([columns[n] for n in shown], [[row[n] for n in shown] for row in rows])


def _row(one: Found) -> list[str]:
    """Return a model as the cells of the table."""
    from modelbook.scan.report import amount, size

    state = "" if one.state in ("complete", None) else f" ({one.state})"
    return [
        one.name + state,
        one.pipelines[0] if one.pipelines else "-",
        amount(one.parameters),
        one.dtype or "-",
        f"{one.context:,}" if one.context else "-",
        size(one.weight_bytes),
        size(one.cache.per_token) if one.cache else "-",
        size(one.memory),
    ]


def _tell(report: Report) -> None:
    """Print every problem and how many models there are; end with the exit code."""
    from modelbook_compiler.report.escape import printable

    problems = report.all_problems
    for problem in problems:
        click.echo(f"warning: {printable(problem.place)}: {printable(problem.text)}", err=True)
    counts = [_counted(len(report.models), "model"), _counted(len(problems), "problem")]
    if report.others:
        counts.insert(1, _counted(report.others, "other repository", "other repositories"))
    click.echo(", ".join(counts), err=True)
    raise SystemExit(PROBLEMS if problems else CLEAN)


def _counted(count: int, one: str, many: str = "") -> str:
    """Return a number of things in words."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _write(report: Report, catalog: Catalog, folder: Path) -> Report:
    """Write what was found as a catalog folder; return the report with what could not be put in."""
    from modelbook.scan.layer import layer
    from modelbook_compiler.files import write_file

    _refuse_foreign(folder)
    made = layer(report, catalog, datetime.now(UTC).date().isoformat())
    try:
        for path, text in sorted(made.files.items()):
            write_file(folder / path, text.encode())
        for old in sorted(folder.rglob("*.yaml")):
            if old.relative_to(folder).as_posix() not in made.files:
                old.unlink()
    except OSError as error:
        fail(f"cannot write `{error.filename}`: {error.strerror}", "mend this and scan again")
    counts = _counted(made.models, "model"), _counted(made.deployments, "deployment")
    click.echo(f"{folder}: {', '.join(counts)}")
    return report.changed(problems=(*report.problems, *made.problems))


def _refuse_foreign(folder: Path) -> None:
    """End with a message if a folder holds what no scan wrote."""
    from modelbook.scan.layer import MARK

    manifest = folder / "catalog.yaml"
    try:
        if not folder.exists() or not any(folder.iterdir()):
            return
        ours = manifest.is_file() and MARK in manifest.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        ours = False
    if not ours:
        fail(f"`{folder}` holds files that no scan wrote", "name an empty or a new folder")
