"""`modelbook stats`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import click

from .chart import bars
from .database import AGAIN, database_option, opened
from .figures import Figures, figures
from .shared import json_option, print_json, unicode, width

MOST = 10
"""Most lines of what may be many: fields, sources."""

WIDEST = 100
"""Columns beyond which a bar says no more."""


@click.command("stats")
@click.option(
    "--at",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day from which ages count (default: today, UTC).",
)
@database_option
@json_option
def command(at: datetime | None, database: Path, as_json: bool) -> None:
    """Show how large the book is, how whole, how old, and on whose word it rests.

    Read from what `modelbook compile` wrote. A deployment is as old as the newest of its sources;
    prices count where a deployment behind an API has one, under any condition, at any time.

    \b
    Examples:
      modelbook stats
      modelbook stats --at 2027-06-30
      modelbook stats --json
    """
    day = (at or datetime.now(UTC)).date().isoformat()
    with opened(database, AGAIN) as connection:
        found = figures(connection, day)
    if as_json:
        print_json(found)
        return
    _size(found["size"])
    for name, fields in found["coverage"].items():
        total = fields["total"]
        _bars(
            f"known of {total:,} {'deployments behind APIs' if name == 'deployments' else name}",
            {one: count for one, count in fields.items() if one != "total"},
            total,
        )
    ages = found["age"]
    told = {one: count for one, count in ages.items() if one != "unknown" or count}
    _bars(f"deployments by age of their newest source on {day}", told, sum(ages.values()))
    _files(found["files"])
    sources = {one["source"]: one["files"] for one in found["sources"]}
    files = sum(sum(one.values()) for one in found["files"].values())
    _bars(f"sources of {files:,} files", sources, files)


def _size(size: Figures) -> None:
    """Print how much there is."""
    disputes, refused = size["disputes"], size["quarantined"]
    parts = {
        "providers": (sum(size["providers"].values()), _listed(size["providers"])),
        "deployments": (sum(size["deployments"].values()), _listed(size["deployments"])),
        "models": (size["models"], f"{size['open_weight_models']:,} with open weights"),
        "prices": (size["prices"], ""),
        "disputes": (sum(disputes.values()), f"{refused:,} not believed" if disputes else ""),
    }
    widest = max(len(f"{count:,}") for count, _ in parts.values())
    for name, (count, words) in parts.items():
        click.echo(f"{name:<12} {count:>{widest},}  {words}".rstrip())
    _bars("disputes by field", disputes, sum(disputes.values()))


def _listed(counts: Mapping[str, int]) -> str:
    """Return counts in one line."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _files(files: Mapping[str, Mapping[str, int]]) -> None:
    """Print who keeps the files."""
    kept = {
        "by hand": sum(one["by_hand"] for one in files.values()),
        "imported": sum(one["imported"] for one in files.values()),
    }
    _bars("files", kept, sum(kept.values()))


def _bars(title: str, counts: Mapping[str, int], whole: int) -> None:
    """Print counts as bars that are full at the whole; what is too much to list is summed up."""
    from modelbook_compiler.report.escape import printable

    if not counts:
        return
    shown = dict(list(counts.items())[:MOST] if len(counts) > MOST + 1 else counts.items())
    widest = max(len(f"{count:,}") for count in shown.values())
    lines = [
        (printable(name), Decimal(count), f"{count:>{widest},} {_share(count, whole):>6}")
        for name, count in shown.items()
    ]
    room = min(width(), WIDEST) - 2
    click.echo(f"\n{title}")
    click.echo("\n".join(f"  {line}" for line in bars(lines, room, unicode(), Decimal(whole))))
    if len(shown) < len(counts):
        click.echo(f"  and {len(counts) - len(shown):,} more: --json lists all")


def _share(count: int, whole: int) -> str:
    """Return a count as a share of the whole; never 0 % or 100 % for what is not."""
    if not whole:
        return "-"
    percent = Decimal(count) * 100 / whole
    if 0 < percent < 1:
        return "<1 %"
    return ">99 %" if 99 < percent < 100 else f"{percent:.0f} %"
