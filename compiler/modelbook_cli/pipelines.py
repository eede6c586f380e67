"""`modelbook pipelines`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from .shared import json_option, package, print_json, table, told

if TYPE_CHECKING:
    from modelbook.catalog import Catalog
    from modelbook.records import Pipeline

ALIASES = 3
"""Most aliases that the table shows of a type."""


@click.command("pipelines")
@click.option("--modality", help="Only of this category: text, vision, audio, multimodal, …")
@json_option
def command(modality: str | None, as_json: bool) -> None:
    """List the pipeline types: what goes in, what comes out, how many deployments there are.

    The order is the official one. `modelbook show ID` tells all of one type.

    \b
    Examples:
      modelbook pipelines
      modelbook pipelines --modality vision
      modelbook pipelines --json
    """
    from modelbook.architectures import pipelines_in

    with told():
        catalog = package().catalog()
        ids = pipelines_in(catalog, modality) if modality is not None else catalog.pipeline_ids()
    known = [catalog.get_pipeline(id) for id in ids]
    counts = _deployments(catalog, ids)
    if as_json:
        print_json([_plain(one, counts) for one in known])
        return
    columns = [
        ("id", False),
        ("name", False),
        ("category", False),
        ("in -> out", False),
        ("deployments", True),
        ("aliases", False),
    ]
    table(columns, [_row(one, counts) for one in known])


def _deployments(catalog: Catalog, ids: Iterable[str]) -> dict[str, int]:
    """Return how many deployments serve each pipeline type now, as `modelbook models` counts."""
    from modelbook.package import find

    return {id: len(find(catalog, id)) for id in ids}


def _row(one: Pipeline, counts: Mapping[str, int]) -> list[str]:
    """Return a type as the cells of the table."""
    from modelbook.architectures import CATEGORIES

    spoken = sorted(one.aliases, key=lambda name: name.startswith("auto-model"))
    shown = ", ".join(spoken[:ALIASES])
    further = len(one.aliases) - ALIASES
    return [
        one.id,
        one.name,
        CATEGORIES[one.modality][0],
        f"{' + '.join(one.input) or 'nothing'} -> {' + '.join(one.output) or 'nothing'}",
        f"{counts[one.id]:,}",
        f"{shown} and {further} more" if further > 0 else shown,
    ]


def _plain(one: Pipeline, counts: Mapping[str, int]) -> dict[str, object]:
    """Return a type as plain data."""
    from modelbook.architectures import CATEGORIES

    return {
        "id": one.id,
        "name": one.name,
        "modality": one.modality,
        "category": CATEGORIES[one.modality][0],
        "input": list(one.input),
        "output": list(one.output),
        "deployments": counts[one.id],
        "aliases": list(one.aliases),
        "hidden_in_models": one.hidden_in_models,
    }
