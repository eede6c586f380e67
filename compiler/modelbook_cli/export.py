"""`modelbook export`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .completion import providers
from .export_selected import COMMANDS, write
from .shared import F, needs, package, told

if TYPE_CHECKING:
    from modelbook.catalog import Catalog
    from modelbook_exporters.shapes import Export

Shape = Callable[["Catalog", tuple[str, ...], str], "Export"]


@click.group("export")
def command() -> None:
    """Write the book's rows in other people's shapes, for tools that read those.

    Only what is known is written; what is not known is not there. Self-hosted deployments are left
    out of litellm's and models.dev's lists, but for those of software that these have too. The
    other shapes take the filters of `modelbook models`.

    \b
    Examples:
      modelbook export csv -p text-generation --output models.csv
      modelbook export litellm-router --provider openai --output config.yaml
      modelbook export litellm --output model_prices.json
      modelbook export models-dev --provider openai --provider groq
      modelbook export litellm --at 2026-07-01 | jq '."gpt-4o"'
    """


for _one in COMMANDS:
    command.add_command(_one)


def shared_options(function: F) -> F:
    """Add what every export takes."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON, as it does anyway."),
        click.option(
            "--at",
            metavar="DATE",
            type=click.DateTime(["%Y-%m-%d"]),
            help="Prices of this UTC day, YYYY-MM-DD (default: today).",
        ),
        click.option(
            "--output",
            "-o",
            type=click.Path(path_type=Path, dir_okay=False),
            help="Write this file, whole or not at all, instead of printing.",
        ),
        click.option(
            "--provider",
            multiple=True,
            shell_complete=providers,
            help="Only this provider, by our id; may be repeated.",
        ),
    ):
        function = option(function)
    return function


@command.command("litellm")
@shared_options
def litellm(
    provider: tuple[str, ...], output: Path | None, at: datetime | None, as_json: bool
) -> None:
    """Write litellm's map of models: prices by the token, limits, flags.

    Keys are spelt as litellm spells them. A proxy or `litellm.register_model` takes the file.
    Prices under conditions that its shape has no field for are counted on standard error.

    \b
    Examples:
      modelbook export litellm --output model_prices.json
      LITELLM_MODEL_COST_MAP_URL=https://…/model_prices.json litellm --config config.yaml
      modelbook export litellm --provider openai --at 2026-07-01
    """
    with needs("compiler"):
        from modelbook_exporters.litellm import export
        from modelbook_exporters.shapes import deployments
        from modelbook_exporters.words import table, words_of

    words = words_of(table(), "litellm")
    _write(
        lambda book, of, day: export(deployments(book, of, words), words, day), provider, output, at
    )


@command.command("models-dev")
@shared_options
def models_dev(
    provider: tuple[str, ...], output: Path | None, at: datetime | None, as_json: bool
) -> None:
    """Write models.dev's api.json: providers, their models, prices for a million tokens.

    Prices under conditions that its shape has no field for are counted on standard error.

    \b
    Examples:
      modelbook export models-dev --output api.json
      modelbook export models-dev --provider groq | jq '.groq.models | keys'
    """
    with needs("compiler"):
        from modelbook_exporters.models_dev import export
        from modelbook_exporters.shapes import deployments
        from modelbook_exporters.words import table, words_of

    words = words_of(table(), "models_dev")
    _write(
        lambda book, of, day: export(deployments(book, of, words), words, day, book),
        provider,
        output,
        at,
    )


def _write(
    shape: Shape, provider: tuple[str, ...], output: Path | None, at: datetime | None
) -> None:
    """Print an export or write it to a file, and say what it cannot hold."""
    from modelbook_exporters.text import text

    day = (at or datetime.now(UTC)).strftime("%Y-%m-%dT00:00:00Z")
    with told():
        found = shape(package().catalog(), provider, day)
    write(text(found.data).encode(), output)
    _tell(found.left)


def _tell(left: Counter[str]) -> None:
    """Say how many prices the shape has no field for, and why."""
    if left:
        most = sorted(left.items(), key=lambda pair: (-pair[1], pair[0]))
        named = ", ".join(f"{word} {number:,}" for word, number in most)
        total = left.total()
        click.echo(
            f"{total:,} price{'s' * (total != 1)} that this shape cannot say: {named}", err=True
        )
