"""`modelbook models`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from .completion import policies, providers
from .filters import chosen, filter_options, tell_why_empty
from .shared import json_option, package, print_json, table, told

if TYPE_CHECKING:
    from modelbook.records import Deployment
    from modelbook.selection import Selection


PLAIN = frozenset({"pipeline", "limit"})
"""Reasons that say nothing about a deployment which the filters do not; counted, not listed."""


@click.command("models")
@filter_options
@click.option("--sort", metavar="KEYS", help="cost, output_cost, context, …: best first; -KEY.")
@click.option(
    "--prefer",
    multiple=True,
    shell_complete=providers,
    help="This provider before others; repeat, the best first.",
)
@click.option("--policy", shell_complete=policies, help="What a named policy of the book asks.")
@click.option("--limit", type=int, help="Show at most so many.")
@click.option("--why-not", is_flag=True, help="List what is left out, and why.")
@click.option("--sql", is_flag=True, help="Print the question as SQL for catalog.duckdb.")
@json_option
def command(
    sort: str | None,
    prefer: tuple[str, ...],
    policy: str | None,
    limit: int | None,
    why_not: bool,
    sql: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """List deployments that meet all filters: primary pipeline first, then the cheapest input.

    What is not known of a deployment meets no filter. Sort keys: cost, output_cost, context,
    output, parameters, released, preference, name, provider; several with commas. Prices are USD
    per 1M tokens, or per another unit where it is named. `-` stands for not known, `not metered`
    for a self-hosted deployment without a price.

    \b
    Examples:
      modelbook models --pipeline text-generation --min-context 8192 --max-cost-per-1k 0.01
      modelbook models -p embeddings --no-self-hosted --json
      modelbook models --provider groq --retired
      modelbook models -p ner --why-not
      modelbook models -p causal_lm --license Apache-2.0 --max-memory 24GB --sort=-parameters
      modelbook models --text "claude sonnet" --call input=12k --call output=800 --sort cost
      modelbook models -p causal_lm -r tools --available --prefer groq --limit 5
      modelbook models -p embeddings --max-input-cost 0.05 --sql
      modelbook models --policy cheap-chat --limit 5
    """
    if sql and (as_json or why_not):
        raise click.UsageError("--sql prints a question: it goes with neither --json nor --why-not")
    catalog = package().catalog()
    with told():
        selection = chosen(catalog, options, limit, sort, prefer, policy)
    if sql:
        click.echo(selection.sql)
    elif why_not:
        _excluded(selection, as_json)
    elif as_json:
        print_json([summary(one, selection.at) for one in selection])
    else:
        _table(selection)
        click.echo(_counted(selection, len(catalog.deployment_ids())), err=True)
    if selection.fell_back:
        click.echo(f"nothing meets `{policy}`: this is what it falls back to", err=True)
    if not (sql or why_not or as_json):
        tell_why_empty(selection)


def _counted(selection: Selection, every: int) -> str:
    """Return in words how many of all deployments there are, and how many meet the filters."""
    shown, met = len(selection), selection.total
    if shown < met:
        return f"the first {shown} of {met} that meet the filters; {every} deployments in all"
    return f"{shown} of {every} deployments"


def summary(one: Deployment, at: str) -> dict[str, Any]:
    """Return what the table shows, as plain data.

    Prices are decimal text in USD; `input` and `output` per 1M tokens, `prices` holds all units.
    """
    return {
        "id": one.id,
        "model": one.model,
        "model_name": one.model_name,
        "provider": one.provider,
        "source_type": one.source_type,
        "pipelines": list(one.pipelines),
        "status": one.lifecycle.status,
        "context": one.limits.context,
        "max_output": one.limits.max_output,
        "input": _dollars(one, "input", at),
        "output": _dollars(one, "output", at),
        "prices": _standard(one, at),
    }


def _table(selection: Selection) -> None:
    """Print the deployments as a table."""
    columns = [
        ("id", False),
        ("model", False),
        ("source", False),
        ("status", False),
        ("context", True),
        ("input $/1M", True),
        ("output $/1M", True),
    ]
    rows = [_row(one, selection.at) for one in selection]
    if selection.requirements.usage is not None:
        columns.append(("call $", True))
        costs = (selection.call_cost(one.id) for one in selection)
        cells = ["-" if cost is None else f"{cost:f}" for cost in costs]
        rows = [[*row, cell] for row, cell in zip(rows, cells, strict=True)]
    table(columns, rows)


def _row(one: Deployment, at: str) -> list[str]:
    """Return a deployment as the cells of the table."""
    return [
        one.id,
        one.model_name,
        one.source_type,
        one.lifecycle.status,
        f"{one.limits.context:,}" if one.limits.context else "-",
        *_price_cells(one, at),
    ]


def _price_cells(one: Deployment, at: str) -> tuple[str, str]:
    """Return the cells for input and output; one priced in another unit names it."""
    if one.source_type == "self-hosted" and not one.prices:
        return "not metered", "not metered"
    prices = {unit: "free" if text == "0.00" else text for unit, text in _standard(one, at).items()}
    if prices and not {"input", "output"} & prices.keys():
        unit, text = next(iter(prices.items()))
        return f"{text} {unit}", "-"
    return prices.get("input", "-"), prices.get("output", "-")


def _standard(one: Deployment, at: str) -> dict[str, str]:
    """Return the standard prices in USD of all units that have one, as text."""
    units = dict.fromkeys(unit for entry in one.prices for unit in entry.amounts)
    prices = {unit: _dollars(one, unit, at) for unit in units}
    return {unit: text for unit, text in prices.items() if text is not None}


def _excluded(selection: Selection, as_json: bool) -> None:
    """Print what was left out, and why."""
    left_out = selection.excluded
    if as_json:
        print_json([{"id": one.id, "reason": one.reason, "text": one.text} for one in left_out])
    else:
        told = [one for one in left_out if one.reason not in PLAIN]
        rows = [[one.id, one.reason, one.text] for one in told]
        table([("id", False), ("reason", False), ("", False)], rows)
        further = len(left_out) - len(told)
        if further:
            click.echo(f"and {further:,} of another pipeline type or beyond the limit", err=True)


def _dollars(one: Deployment, unit: str, at: str) -> str | None:
    """Return a standard price in USD as text, None where it is not known in dollars."""
    amount = one.price(unit, at)
    if amount is None:
        return None
    cents = amount.quantize(Decimal("0.01"))
    return f"{cents if cents == amount else amount.normalize():f}"
