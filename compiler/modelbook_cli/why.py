"""`modelbook why`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .chart import cut
from .check import report, run
from .shared import PROBLEMS, fail, json_option, needs, print_json, table, unicode

if TYPE_CHECKING:
    from modelbook_compiler.positions import Positions
    from modelbook_compiler.values import Graph, Json
    from modelbook_compiler.why import Asked, Known, Word

BOOK = "modelbook_catalog"
FOLDER = Path("catalog")
COLUMNS = [("field", False), ("value", False), ("layer", False), ("stated in", False)]
ROOM = 60
"""Characters of a value that a table shows, where several fields are asked for."""


@click.command("why")
@click.argument("id")
@click.argument("field", required=False)
@click.option(
    "--catalog",
    type=click.Path(path_type=Path),
    help="Folder of the catalog.  [default: catalog, or else the installed public book]",
)
@json_option
def command(id: str, field: str | None, catalog: Path | None, as_json: bool) -> None:
    """Show who says what of an id: each field's value, layer, file and line, and what it replaced.

    An id is that of a model, deployment, provider, pipeline type, architecture, policy or secret,
    or an alias; `units` and the like are tables. A deployment has what it does not state itself
    from its model, and a name that moves has prices through what it points to.

    \b
    Examples:
      modelbook why openai/gpt-4o                    # a model
      modelbook why openai:gpt-4o limits.context     # one field of a deployment
      modelbook why openai:gpt-4o prices --json
      modelbook why units units.gpu_hours            # one row of a table
      modelbook why openai --catalog org/catalog     # a provider
    """
    graph, positions, base = _graph(catalog)
    with needs("compiler"):
        from modelbook.names import hint
        from modelbook_compiler.why import find, known, near, relocated
    asked = find(id, graph)
    if asked is None:
        fail(f"there is no id `{id}`{hint(near(id, graph))}")
    fields = _chosen([relocated(one, base) for one in known(asked, graph, positions)], field, asked)
    if as_json:
        own = asked.entry
        listed = [_plain(one) for one in fields]
        print_json({"kind": own.kind, "id": own.id, "fields": listed})
        return
    click.echo(f"{asked.entry.kind} {asked.entry.id}")
    table(COLUMNS, [row for one in fields for row in _rows(one, whole=len(fields) == 1)])


def _graph(catalog: Path | None) -> tuple[Graph, Positions, str]:
    """Return the catalog in a folder, or the public book as it is installed.

    The last is what stands before the paths of its files, seen from here.
    """
    with needs("compiler"):
        from modelbook_compiler.report.relocate import base_of
    folder = catalog or FOLDER
    if catalog is None and not (folder / "catalog.yaml").is_file():
        with needs("compiler"):
            from modelbook_compiler.layers import NoLayerError, installed
            from modelbook_compiler.packed import DamagedError
            from modelbook_compiler.why import unpacked
        try:
            layer = installed(BOOK)
            if layer.kind == "packed":
                return (*unpacked(layer), "")
        except (NoLayerError, DamagedError) as error:
            fail(str(error), "name the folder of a catalog with --catalog")
        folder = layer.place
    checked = run(folder)
    if checked.diagnostics:
        if not checked.graph.entries:
            report(checked, checked.diagnostics, "text", folder)
            raise SystemExit(PROBLEMS)
        count = len(checked.diagnostics)
        noun = "problem" if count == 1 else "problems"
        click.echo(f"{count:,} {noun}: see `modelbook check`", err=True)
    return checked.graph, checked.positions, base_of(folder)


def _chosen(fields: list[Known], wanted: str | None, asked: Asked) -> list[Known]:
    """Return the fields that are asked for: one, or all below it."""
    if wanted is None:
        return fields
    found = [one for one in fields if f"{one.field}.".startswith(f"{wanted}.")]
    if not found:
        from modelbook.names import hint, nearest

        names = {one.field for one in fields} | {one.field.partition(".")[0] for one in fields}
        own = asked.entry
        fail(f"nobody states `{wanted}` of {own.kind} {own.id}{hint(nearest(wanted, names))}")
    return found


def _rows(one: Known, *, whole: bool) -> list[list[str]]:
    """Return the lines of a field: what stands, and what it replaced."""
    name = f"{one.field} (of the model)" if one.inherited else one.field
    name = f"{name} (through points_to, {one.through})" if one.through else name
    rows = [_row(name, one.said, whole=whole)]
    return rows + [_row("  replaces", word, whole=whole) for word in one.replaced]


def _row(name: str, word: Word, *, whole: bool) -> list[str]:
    """Return one line."""
    text = "(taken away)" if word.value is None else _text(word.value)
    where = f"{word.path}:{word.line}"
    told = f"{where}  {word.reason}" if word.reason else where
    return [name, text if whole else cut(text, ROOM, unicode()), word.layer, told]


def _text(value: Json) -> str:
    """Return a value as a table shows it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _plain(one: Known) -> dict[str, Any]:
    """Return a field as JSON."""
    out = {"field": one.field, **_word(one.said)}
    out |= {"inherited_from": one.inherited} if one.inherited else {}
    out |= {"through": one.through} if one.through else {}
    return {**out, "replaces": [_word(word) for word in one.replaced]}


def _word(word: Word) -> dict[str, Any]:
    """Return what one file says, as JSON."""
    told = {"operation": word.operation, "reason": word.reason}
    out = {"value": word.value, "layer": word.layer, "path": word.path, "line": word.line}
    return {**out, **{name: text for name, text in told.items() if text}}
