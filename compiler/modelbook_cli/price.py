"""`modelbook price`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .completion import deployments, providers
from .counts import asked, asks_options, at_option, typed, usage_file, usage_options
from .priced import amount, applied, as_data, even, quantity, rate
from .shared import fail, json_option, package, print_json, table, told, unicode, width

if TYPE_CHECKING:
    from modelbook.catalog import Catalog
    from modelbook.costs import Cost
    from modelbook.history import Step


@click.command("price")
@click.argument("id", required=False, shell_complete=deployments)
@usage_options
@usage_file("A usage as a JSON object, unit to count; - is standard input.")
@click.option(
    "--response",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A vendor's response, or a stream of it, in place of counts; - is standard input.",
)
@click.option("--provider", shell_complete=providers, help="Whose response it is.")
@click.option("--api", help="Which API it is of, where the response alone does not tell.")
@at_option
@asks_options
@click.option("--currency", help="Currency of the cost, by the catalog's rates of that day.")
@click.option("--partial", is_flag=True, help="Price what has a price, and name what has none.")
@click.option("--history", is_flag=True, help="The cost at every change of price, announced too.")
@json_option
def command(
    id: str | None,
    file: Path | None,
    response: Path | None,
    provider: str | None,
    api: str | None,
    at: str | None,
    currency: str | None,
    partial: bool,
    history: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Show what one call costs at a deployment, exactly, line by line.

    Counts are inclusive: `--input 12k --cached 10k` has 2,000 new input tokens. They may be written
    12000, 12_000, 12,000, 12k or 1.5M. Exit code 2 where the price is not known: never 0 instead.

    \b
    Examples:
      modelbook price openai:gpt-4o --input 12k --output 800 --cached 10k
      modelbook price openai:gpt-4o --input 100k --output 2k --tier batch --at 2026-11-01
      modelbook price openai:gpt-4o --input 12k --history
      modelbook price anthropic:claude-sonnet-4-5 --usage usage.json --json
      modelbook price cohere:rerank-v3.5 --unit searches=3
      modelbook price --response answer.json --provider openai
    """
    from .json_input import read_json

    stated = {} if file is None else _object(read_json(file), file)
    with told():
        catalog = package().catalog()
        how = {**asked(options), "currency": currency, "partial": partial}
        usage = _both(stated, typed(options))
        if response is not None:
            _alone(file or usage or history)
            cost = _answered(catalog, response, id, provider, api, {**how, "at": at})
            _shown(catalog, cost, as_json)
            return
        if id is None or provider or api:
            _lost(id, provider)
        known = _id(catalog, id)
        if history:
            _past(catalog, known, usage, at, as_json, how)
        else:
            cost = catalog.costs.price(catalog, known, usage, at, **how)
            _shown(catalog, cost, as_json)


def _answered(
    catalog: Catalog,
    file: Path,
    id: str | None,
    provider: str | None,
    api: str | None,
    how: dict[str, Any],
) -> Cost:
    """Return what the call behind a response cost."""
    from modelbook.responses import price_response

    from .json_input import read_bytes

    deployment = None if id is None else _id(catalog, id)
    whose = provider or (deployment or "").partition(":")[0]
    if not whose:
        fail("nobody says whose response it is", "add --provider, such as --provider openai")
    body = read_bytes(file)
    return price_response(catalog, body, provider=whose, api=api, deployment=deployment, **how)


def _alone(others: object) -> None:
    """End where a response is not all that was given."""
    if others:
        fail("`--response` says what was used: leave out counts, --usage and --history")


def _lost(id: str | None, provider: str | None) -> NoReturn:
    """End where there is no deployment, or something that only a response needs."""
    if id is None:
        fail("no deployment is named", "add its id, or --response FILE --provider NAME")
    fail(f"`{'--provider' if provider else '--api'}` is for `--response`")


def _id(catalog: Catalog, id: str) -> str:
    """Return the id of a deployment; end where it is a model, naming where that runs."""
    found = catalog.find_deployment(id)
    if found is None:
        model = catalog.find_model(id)
        if model:
            ids = [one for one in catalog.deployment_ids() if _model(catalog, one) == model.id]
            runs = f"did you mean {' or '.join(f'`{one}`' for one in ids[:5])}?" if ids else None
            fail(f"`{id}` is a model, and prices are those of a deployment", runs)
    return (found or catalog.get_deployment(id)).id


def _model(catalog: Catalog, id: str) -> object:
    """Return the id of a deployment's model."""
    return catalog.deployment_row(id)["model"]


def _object(stated: object, file: Path) -> dict[str, Any]:
    """Return what a file says, if that is an object."""
    from .json_input import name_of

    if not isinstance(stated, dict):
        fail(f'{name_of(file)}: a usage is a JSON object, unit to count, such as {{"input": 1200}}')
    return stated


def _both(stated: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the usage of a file and of the options together."""
    for unit in options:
        if unit in stated:
            fail(f"`{unit}` is given twice, in the file and as an option")
    return {**stated, **options}


def _shown(catalog: Catalog, cost: Cost, as_json: bool) -> None:
    """Print a cost."""
    if as_json:
        print_json(as_data(cost))
        return
    from modelbook.instants import instant

    click.echo(f"{cost.deployment}\nat {cost.at}")
    *amounts, total = even([*(line.amount for line in cost.lines), cost.total])
    rows = [
        [
            line.unit,
            quantity(line.quantity),
            rate(line, cost.currency, catalog.units),
            money,
            applied(line),
        ]
        for line, money in zip(cost.lines, amounts, strict=True)
    ]
    columns = [("unit", False), ("quantity", True), ("rate", True)]
    columns += [(f"amount {cost.currency}", True), ("price", False)]
    table(columns, [*rows, ["total", "", "", total, ""]])
    gone = catalog.get_deployment(cost.deployment).lifecycle.retired_on
    ended = gone if gone and instant(gone) <= cost.at else None
    for line in _notes(cost, ended):
        click.echo(line)


def _notes(cost: Cost, ended: str | None) -> list[str]:
    """Return what else there is to know of a cost, one thing a line."""
    from modelbook_compiler.report.escape import printable

    free = [f"{unit} {text}" for unit, text in cost.allowances.items()]
    notes = [f"not priced: {', '.join(cost.unpriced)}"] if cost.unpriced else []
    notes += [f"it no longer answers since {ended}: these are its last prices"] if ended else []
    notes += [f"free, not subtracted: {', '.join(free)}"] if free else []
    notes += [f"source: {one.url} (checked {one.checked})" for one in cost.sources]
    return [printable(one) for one in notes]


def _past(
    catalog: Catalog, id: str, usage: Any, at: str | None, as_json: bool, how: dict[str, Any]
) -> None:
    """Print what a call cost from when to when."""
    from modelbook.history import history
    from modelbook.instants import instant

    now = instant(at)
    steps = history(catalog, id, usage, **how)
    if as_json:
        data = [_step(one, now) for one in steps]
        print_json({"deployment": id, "at": now, "steps": data})
        return
    columns = [("from", True), ("until", True), ("cost", True), ("", False), ("", False)]
    costs = iter(even([step.cost.total for step in steps if step.cost]))
    rows = [
        [
            _day(step.from_),
            _day(step.until),
            *((next(costs), step.cost.currency) if step.cost else ("-", "not known")),
            _state(step, now),
        ]
        for step in steps
    ]
    click.echo(id)
    table(columns, rows)
    totals = [step.cost.total for step in steps if step.cost]
    if len(totals) > 1:
        from .chart import sparkline

        click.echo(sparkline(totals[-width() :], unicode()))  # the last, where there are many


def _day(instant: str | None) -> str:
    """Return an instant as the table shows it."""
    return "-" if instant is None else instant.removesuffix("T00:00:00Z")


def _state(step: Step, now: str) -> str:
    """Tell whether a step is past, in force or announced."""
    if step.from_ and step.from_ > now:
        return "announced"
    return "" if step.until and step.until <= now else "in force"


def _step(step: Step, now: str) -> dict[str, Any]:
    """Return a step as plain data."""
    cost = step.cost
    return {
        "from": step.from_,
        "until": step.until,
        "state": _state(step, now) or "past",
        "total": amount(cost.total) if cost else None,
        "currency": cost.currency if cost else None,
        "unpriced": list(cost.unpriced) if cost else [],
        **({"reason": step.reason} if step.reason else {}),
    }
