"""What all imports have in common: the group, its options, and how a summary is printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from .shared import F, catalog_option, json_option

SHOWN = 20
"""Most lines of a part of the summary."""


@click.group("import")
def command() -> None:
    """Take in facts from other people's releases, as a diff to review.

    Files that people keep, or have edited since the last import, are reported and never written.
    Nothing is deleted: what a release has no more stays, with the release it was last seen in.

    \b
    Examples:
      modelbook import transformers transformers-5.23.0-py3-none-any.whl --dry-run
      modelbook import transformers transformers-5.23.0-*.whl transformers-4.57.6-*.whl
      modelbook import diffusers diffusers-0.42.1-py3-none-any.whl
      modelbook import runtimes vllm-0.33.0.tar.gz sglang-0.5.23-*.whl
      modelbook import market litellm-*.whl genai_prices-*.whl api.json --dry-run
    """


def shared_options(function: F) -> F:
    """Add what every import takes."""
    function = json_option(function)
    function = click.option("--dry-run", is_flag=True, help="Print the summary, write nothing.")(
        function
    )
    function = click.option(
        "--at",
        metavar="DATE",
        type=click.DateTime(["%Y-%m-%d"]),
        help="The day that changed files say they were read on (default: today, UTC).",
    )(function)
    return catalog_option(function)


def day(at: datetime | None) -> str:
    """Return the day of an import as text."""
    return (at or datetime.now(UTC)).date().isoformat()


def part(name: str, lines: Sequence[str]) -> None:
    """Print one part of the summary, its end cut off."""
    from modelbook_compiler.report.escape import printable

    if lines:
        click.echo(f"{name} ({len(lines):,})")
        click.echo("\n".join(f"  {printable(line)}" for line in lines[:SHOWN]))
        if len(lines) > SHOWN:
            click.echo(f"  and {len(lines) - SHOWN:,} more: --json lists all")
