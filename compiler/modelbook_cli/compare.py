"""`modelbook compare`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .completion import deployments
from .counts import asked, asks_options, typed, usage_file, usage_options
from .filters import chosen, filter_options, filtered, tell_why_empty
from .priced import amount, number
from .shared import (
    PROBLEMS,
    colour,
    fail,
    json_option,
    package,
    print_json,
    table,
    told,
    unicode,
    width,
)

if TYPE_CHECKING:
    from modelbook.catalog import Catalog
    from modelbook.compare import Comparison, PlanCost, PlanLine

DIRECTIONS = ("input", "output", None)
DIGITS = 4
"""Significant digits of the smallest amount that a table shows; JSON has all."""


@click.command("compare")
@click.argument("ids", nargs=-1, shell_complete=deployments)
@usage_file("The workload as JSON: a usage, or a list of them with counts; - is standard input.")
@usage_options
@filter_options
@asks_options
@click.option("--currency", default="USD", show_default=True, help="Currency of the totals.")
@click.option("--limit", type=int, default=20, show_default=True, help="Show at most so many.")
@click.option("--excluded", is_flag=True, help="List what could not be compared, and why.")
@click.option("--svg", type=click.Path(path_type=Path), help="Write the chart to this file.")
@json_option
def command(
    ids: tuple[str, ...],
    file: Path | None,
    currency: str,
    limit: int,
    excluded: bool,
    svg: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare what a workload costs at many deployments, cheapest first.

    A workload is a usage, {"input": 12000, "output": 800}, or a list whose items may be {"usage":
    {…}, "count": 1000, "tier": "batch"}. Deployments come from the filters, or are the IDS. One
    whose cost is not known is left out, and `--excluded` says why; it is never 0.

    \b
    Examples:
      modelbook compare -p text-generation --input 12k --output 800
      modelbook compare openai:gpt-4o groq:llama-3.3-70b-versatile --input 100k --output 5k
      modelbook compare -p causal_lm -r tools --usage workload.json --tier batch --excluded
      modelbook compare -p embeddings --input 5k --no-self-hosted --json
      modelbook compare -p text-generation --usage workload.json --svg costs.svg
    """
    from modelbook.compare import compare

    if limit < 0:
        fail(f"`--limit` takes a whole number, zero or more, not {limit}")
    with told():
        catalog = package().catalog()
        found = compare(
            catalog,
            _deployments(catalog, ids, options),
            _workload(catalog, file, options),
            options["at"],
            currency=currency,
            **asked(options),
        )
    if svg and found.costs:
        _write(svg, found, limit)
    if as_json:
        print_json(_data(found, limit, excluded))
    else:
        _show(found, limit, excluded)
    if not found.costs:
        raise SystemExit(PROBLEMS)


def _deployments(catalog: Catalog, ids: tuple[str, ...], options: dict[str, Any]) -> Any:
    """Return what to compare: the deployments of some ids, or those that meet the filters."""
    if ids and filtered(options):
        fail("ids and filters do not go together", "give one or the other")
    if ids:
        return ids
    selection = chosen(catalog, options, None)
    tell_why_empty(selection)
    return selection


def _workload(catalog: Catalog, file: Path | None, options: dict[str, Any]) -> Any:
    """Return the workload of a file, or the usage that the options state."""
    from modelbook.compare import Call, planned
    from modelbook.errors import RequestError
    from modelbook.record import FrozenDict

    from .json_input import name_of, read_json

    usage = typed(options)
    if file is None:
        if not usage:
            fail("there is no workload", "give --usage FILE, or --input 12k --output 800")
        return usage
    if usage:
        fail("a workload comes from a file or from options, not from both")
    try:
        return planned(catalog, read_json(file), Call(usage=FrozenDict()))
    except RequestError as error:
        fail(f"{name_of(file)}: {error}")


def _show(found: Comparison, limit: int, excluded: bool) -> None:
    """Print a comparison for people; what was left out, if nothing else is there."""
    if found.costs:
        _table(found, limit)
        _bars(found, limit)
    if excluded or not found.costs:
        _excluded(found)
    click.echo(_summary(found, limit), err=True)


def _table(found: Comparison, limit: int) -> None:
    """Print the totals as a table."""
    shown = found.costs[:limit]
    places = _places([one.total for one in found.costs])
    heads = ["input", "output", "other"]
    used = [n for n in range(3) if any(one.part(DIRECTIONS[n]) for one in shown)]
    titles = [("deployment", False), ("model", False), (f"total {found.currency}", True)]
    titles += [(heads[n], True) for n in used] + [("times", True)]
    rows = [
        [
            one.deployment,
            one.model_name,
            _rounded(one.total, places),
            *(_rounded(one.part(DIRECTIONS[n]), places) for n in used),
            _times(one, found),
        ]
        for one in shown
    ]
    table(titles, rows)


def _bars(found: Comparison, limit: int) -> None:
    """Print the chart of the totals."""
    from .chart import bars

    shown, places = found.costs[:limit], _places([one.total for one in found.costs])
    rows = [(one.deployment, one.total, _rounded(one.total, places)) for one in shown]
    if len(rows) < 2:
        return
    click.echo()
    for line in bars(rows, width() - 1, unicode()):
        click.echo(click.style(line, fg="cyan") if colour() else line)


def _summary(found: Comparison, limit: int) -> str:
    """Return how many there are, and what else to know."""
    calls = sum(call.count for call in found.calls)
    shown = min(len(found.costs), limit)
    each = f"{calls:,} call{'s' * (calls != 1)} each"
    compared = len(found.costs) + len(found.excluded)
    lines = [f"{shown} of {compared} deployments, {each}, prices of {found.at[:10]}"]
    other = sorted({name for one in found.costs[:limit] for name in one.converted})
    lines += [f"converted from {' and '.join(other)} by the catalog's rates"] if other else []
    left = len(found.excluded)
    lines += [f"{left} could not be compared; --excluded says why"] if left else []
    return "\n".join(lines)


def _times(one: PlanCost, found: Comparison) -> str:
    """Return how often a total holds the cheapest one that is not free."""
    least = next((cost.total for cost in found.costs if cost.total), None)
    if least is None or not one.total:
        return "free"
    return f"{one.total / least:.2f}"


def _places(totals: list[Decimal]) -> int:
    """Return how many decimal places show every amount, the smallest with so many digits."""
    least = min((total for total in totals if total), default=Decimal(1))
    exact = max((-int(total.as_tuple().exponent) for total in totals), default=0)
    return max(2, min(exact, DIGITS - 1 - least.adjusted()))


def _rounded(value: Decimal, places: int) -> str:
    """Return an amount as a table shows it; one that is too small to show is not 0."""
    from decimal import Context

    least = Decimal((0, (1,), -places))
    shown = value.quantize(least, context=Context(prec=400))
    return f"<{least:f}" if value and not shown else f"{shown:,f}"


def _excluded(found: Comparison) -> None:
    """Print what could not be compared, and why."""
    rows = [[one.id, one.reason, one.text] for one in found.excluded]
    if found.costs and rows:
        click.echo()
    if rows:
        table([("deployment", False), ("reason", False), ("", False)], rows)


def _write(path: Path, found: Comparison, limit: int) -> None:
    """Write the chart to a file, whole or not at all."""
    from modelbook_compiler.files import write_file

    from .svg import document

    shown = found.costs[:limit]
    places = _places([one.total for one in found.costs])
    rows = []
    for one in shown:
        split = (one.part("input"), one.part("output"), one.part(None))
        rows.append((one.deployment, f"{_rounded(one.total, places)} {found.currency}", split))
    calls = sum(call.count for call in found.calls)
    title = f"Cost of {calls:,} call{'s' * (calls != 1)} at {len(rows)} deployments"
    listed = "; ".join(f"{name} {text}" for name, text, _ in rows)
    words = f"Totals in {found.currency}, prices of {found.at}, cheapest first: {listed}."
    write_file(path, document(title, words, rows).encode())


def _data(found: Comparison, limit: int, excluded: bool) -> dict[str, Any]:
    """Return a comparison as plain data; amounts are exact decimal text."""
    left = [{"id": one.id, "reason": one.reason, "text": one.text} for one in found.excluded]
    return {
        "at": found.at,
        "currency": found.currency,
        "calls": sum(call.count for call in found.calls),
        "costs": [_cost(one) for one in found.costs[:limit]],
        "compared": len(found.costs),
        **({"excluded": left} if excluded else {"excluded_count": len(left)}),
    }


def _cost(one: PlanCost) -> dict[str, Any]:
    """Return what a workload costs at a deployment, as plain data."""
    return {
        "deployment": one.deployment,
        "model": one.model,
        "model_name": one.model_name,
        "source_type": one.source_type,
        "total": amount(one.total),
        "currency": one.currency,
        "lines": [_line(line) for line in one.lines],
        "converted": list(one.converted),
        "allowances": dict(one.allowances),
    }


def _line(line: PlanLine) -> dict[str, Any]:
    """Return what a unit contributes, as plain data."""
    return {
        "unit": line.unit,
        "direction": line.direction,
        "quantity": number(line.quantity),
        "amount": amount(line.amount),
    }
