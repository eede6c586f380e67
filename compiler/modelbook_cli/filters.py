"""The options that choose deployments, the same for every command that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from .completion import pipelines, providers
from .shared import F

if TYPE_CHECKING:
    from modelbook.catalog import Catalog
    from modelbook.selection import Selection

OPTIONS = (
    click.option(
        "--pipeline",
        "-p",
        shell_complete=pipelines,
        help="Pipeline type, in any spelling: text-generation, ner, …",
    ),
    click.option(
        "--provider",
        multiple=True,
        shell_complete=providers,
        help="Only at this provider; may be repeated.",
    ),
    click.option("--api/--no-api", default=True, help="Include APIs and gateways."),
    click.option("--self-hosted/--no-self-hosted", default=True, help="Include self-hosted ones."),
    click.option("--min-context", type=int, help="Least context, in tokens."),
    click.option("--max-cost-per-1k", help="Most that 1,000 input tokens may cost, in USD."),
    click.option("--requires", "-r", multiple=True, help="A capability: tools, vision, …; repeat."),
    click.option("--at", help="As of this UTC date, YYYY-MM-DD; default now."),
    click.option("--retired", is_flag=True, help="Include deployments that no longer answer."),
)


def filter_options(function: F) -> F:
    """Add the options that choose deployments."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def chosen(catalog: Catalog, options: Mapping[str, Any], limit: int | None) -> Selection:
    """Return the deployments that meet the options."""
    from modelbook.package import find

    return find(
        catalog,
        options["pipeline"],
        include_api=options["api"],
        include_self_hosted=options["self_hosted"],
        provider=options["provider"] or None,
        min_context_length=options["min_context"],
        max_cost_per_1k=options["max_cost_per_1k"],
        requires=options["requires"],
        at=options["at"],
        limit=limit,
        include_retired=options["retired"],
    )


def filtered(options: Mapping[str, Any]) -> bool:
    """Tell whether any of the options leaves something out."""
    both = options["api"] and options["self_hosted"]
    names = ("pipeline", "provider", "min_context", "max_cost_per_1k", "requires", "retired")
    return not both or any(options[name] not in (None, (), False) for name in names)
