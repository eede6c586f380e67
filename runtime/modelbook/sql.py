"""Requirements -> the same question as one query of DuckDB over `catalog.duckdb`.

Every value is in the text as a literal. The conditions are those of `checks.py` and `rare.py`, the
orders those of `sort.py`; a test holds both equal.
"""

from __future__ import annotations

from .checks import input_cap, nano
from .sort import unsaid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from .requirements import Requirements

OWN = "source_type = 'self-hosted'"
ENDED = "CASE WHEN retired_on IS NULL THEN status = 'retired' ELSE retired_on::VARCHAR <= {at} END"
STANDS = f"""CASE WHEN {ENDED} THEN 'retired'
    WHEN CASE WHEN deprecated_on IS NULL THEN status = 'deprecated'
         ELSE deprecated_on::VARCHAR <= {{at}} END THEN 'deprecated'
    WHEN status = 'preview' THEN 'preview' ELSE 'active' END"""
"""How a lifecycle stands at an instant; the same as `facts.Known.status`."""

MOST_CALL = 10**12
"""Most USD of one call that SQL compares; no total is larger."""

ORDERS = {
    "cost": "input_cost ASC",
    "output_cost": "output_cost ASC",
    "context": "context DESC",
    "output": "max_output DESC",
    "parameters": "parameters DESC",
    "released": "coalesce(deployed::VARCHAR, released) DESC",
    "name": "sort_name ASC",
    "provider": "provider_id ASC",
    "closeness": "length(model_id) ASC",
}
"""Sort key to what it stands for, the best first."""


def query(needs: Requirements, at: str, missing: Mapping[str, str] | None = None) -> str:
    """Return the query: one column, `id`, in the order of the selection."""
    moment = f"TIMESTAMP {quoted(at.replace('T', ' ').removesuffix('Z'))}"
    tables = [
        _standard("input_costs", "input", moment),
        _standard("output_costs", "output", moment),
    ]
    where = "\n      AND ".join(_conditions(needs, quoted(at), missing or {}))
    picked = (
        "picked AS (\n    SELECT d.*, i.amount AS input_cost, o.amount AS output_cost\n"
        "    FROM deployments d LEFT JOIN input_costs i ON i.deployment_id = d.id\n"
        "         LEFT JOIN output_costs o ON o.deployment_id = d.id\n"
        f"    WHERE {where}\n)"
    )
    source = "picked"
    if needs.usage is not None:
        picked = f"{picked}, {_calls(needs, moment)}"
        source = "priced"
    text = f"WITH {', '.join([*tables, picked])}\nSELECT id FROM {source}"
    if needs.max_cost_per_call is not None:
        text += f"\nWHERE {_call_cap(needs.max_cost_per_call)}"
    text += f"\nORDER BY {', '.join(_order(needs))}"
    return text if needs.limit is None else f"{text}\nLIMIT {needs.limit}"


def listed(ids: Iterable[str]) -> str:
    """Return the query of ids that are known already, in their order."""
    rows = ", ".join(f"({n}, {quoted(id)})" for n, id in enumerate(ids)) or "(0, NULL)"
    return f"SELECT id FROM (VALUES {rows}) listed(n, id)\nWHERE id IS NOT NULL\nORDER BY n"


def quoted(text: object) -> str:
    """Return a text as a SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def _among(column: str, values: Iterable[object]) -> str:
    """Return the condition that a column has one of some values."""
    listed = ", ".join(map(quoted, values))
    return f"{column} IN ({listed})" if listed else "false"


def _standard(name: str, unit: str, moment: str) -> str:
    """Return the table of what 1M standard tokens cost at an instant."""
    return f"""{name} AS (
    SELECT deployment_id, amount FROM standard_costs
    WHERE unit = {quoted(unit)} AND ("from" IS NULL OR "from" <= {moment})
    QUALIFY row_number() OVER (PARTITION BY deployment_id ORDER BY "from" DESC NULLS LAST) = 1
)"""


def _conditions(needs: Requirements, at: str, missing: Mapping[str, str]) -> Iterator[str]:
    """Yield what a deployment must meet, all but the cost of a call; `at` is a literal."""
    yield "NOT d.fine_tuned"
    yield f"coalesce(deployed::VARCHAR, released, '') <= {at}"
    if not needs.include_retired:
        yield f"coalesce(retired_on::VARCHAR > {at}, true)"
    for kept, kind in ((needs.include_api, "api"), (needs.include_self_hosted, "self-hosted")):
        if not kept:
            yield f"source_type <> {quoted(kind)}"
    cap = input_cap(needs)
    if cap is not None:
        yield _cap("i.amount", cap)
    if needs.available_only and missing:
        yield f"NOT {_among('provider_id', sorted(missing))}"
    for name, make in CONDITIONS.items():
        value = getattr(needs, name)
        if value is not None:
            yield from make(value)
    if needs.statuses is not None:
        yield _among(f"({STANDS.format(at=at)})", needs.statuses)


def _cap(column: str, most: int) -> str:
    """Return the condition that a price is known and not above a cap, or nothing is metered."""
    return f"(NOT metered OR {column} <= {most // 10**9}.{most % 10**9:09})"


def _text(words: str) -> Iterator[str]:
    return (f"contains(words, {quoted(word)})" for word in words.split(" "))


def _all(column: str) -> Callable[[Any], Iterator[str]]:
    return lambda wanted: (f'list_contains(d."{column}", {quoted(one)})' for one in wanted)


def _one(condition: str) -> Callable[[Any], Iterator[str]]:
    return lambda value: iter([condition.format(value)])


def _in(column: str) -> Callable[[Any], Iterator[str]]:
    return lambda values: iter([_among(column, values)])


def _methods(values: Any) -> Iterator[str]:
    ways = f"SELECT provider_id FROM access_methods WHERE {_among('method', values)}"
    yield f"provider_id IN ({ways})"


def _regions(values: Any) -> Iterator[str]:
    listed = ", ".join(map(quoted, values))
    yield f"({OWN} OR list_has_any(regions, [{listed}]::VARCHAR[]))"


CONDITIONS: dict[str, Callable[[Any], Iterator[str]]] = {
    "pipeline": lambda id: iter([f"list_contains(pipelines, {quoted(id)})"]),
    "providers": _in("provider_id"),
    "exclude_providers": lambda ids: iter([f"NOT {_among('provider_id', ids)}"]),
    "models": _in("model_id"),
    "creators": _in("split_part(model_id, '/', 1)"),
    "text": _text,
    "methods": _methods,
    "min_context_length": _one("context >= {}"),
    "min_output_tokens": _one("max_output >= {}"),
    "max_output_cost": lambda cap: iter([_cap("o.amount", nano(cap))]),
    "requires": lambda names: (f"{name}" for name in sorted(names)),
    "lacks": lambda names: (f"NOT {name}" for name in sorted(names)),
    "input": _all("input"),
    "output": _all("output"),
    "licenses": _in("license"),
    "open_weights": _one("open_weights = {}"),
    "min_parameters": _one("parameters >= {}"),
    "max_parameters": _one("parameters <= {}"),
    "max_memory": _one("(source_type = 'api' OR memory <= {})"),
    "regions": _regions,
    "trains_on_inputs": _one(f"({OWN} OR trains_on_inputs = {{}})"),
    "max_retention_days": _one(f"({OWN} OR retention_days <= {{}})"),
    "zero_retention": _one(f"({OWN} OR zero_retention = {{}})"),
}
"""Field to the conditions that its value makes."""


def _calls(needs: Requirements, moment: str) -> str:
    """Return the tables that price a call at each deployment that is picked."""
    usage: Any = needs.usage
    counts = "".join(f', {_number(count)} AS "{unit}"' for unit, count in usage.items())
    many = max(int(usage.get("requests", 1)), 1)
    fits = " AND ".join(
        f"coalesce({_number(usage.get(unit, 0))} <= {limit} * {many}::HUGEINT, true)"
        for unit, limit in (("input", "least(max_input, context)"), ("output", "max_output"))
    )
    return f"""calls AS MATERIALIZED (
    SELECT id AS deployment_id, {moment} AS "at"{counts} FROM picked
), spent AS MATERIALIZED (
    SELECT deployment_id, total FROM cost_of('calls')
    WHERE problem IS NULL AND coalesce(currency, 'USD') = 'USD'
), priced AS (
    SELECT p.*, ({fits}) AS fits, CASE WHEN {fits} THEN s.total END AS call_cost
    FROM picked p LEFT JOIN spent s ON s.deployment_id = p.id
)"""


def _number(count: object) -> str:
    """Return a count as a literal; a fraction as a decimal of as many places as SQL takes."""
    return str(count) if isinstance(count, int) else f"{quoted(f'{count:f}')}::DECIMAL(38,20)"


def _call_cap(cap: Any) -> str:
    """Return the condition on what a call costs."""
    from decimal import ROUND_FLOOR, Context, Decimal

    bounded = min(cap, Decimal(MOST_CALL))
    most = bounded.quantize(Decimal("1E-24"), context=Context(prec=50, rounding=ROUND_FLOOR))
    return f"fits AND (NOT metered OR call_cost <= {quoted(f'{most:f}')}::DECIMAL(38,24))"


def _order(needs: Requirements) -> Iterator[str]:
    """Yield what to order by."""
    keys: Any = needs.sort
    for key in keys or unsaid(needs):
        yield f"{_key(key.removeprefix('-'), needs, turned=key[0] == '-')} NULLS LAST"
    if not keys:
        if needs.pipeline is not None:
            yield f"pipelines[1] <> {quoted(needs.pipeline)}"
        yield "input_cost ASC NULLS LAST"
    yield "id"


def _key(name: str, needs: Requirements, *, turned: bool) -> str:
    """Return a sort key with its direction."""
    if name == "preference":
        found = f"{_preference(needs.prefer)} ASC"
    elif name == "cost" and needs.usage is not None:
        found = "call_cost ASC"
    else:
        found = ORDERS[name]
    what, _, way = found.rpartition(" ")
    return f"{what} { ({'ASC': 'DESC', 'DESC': 'ASC'}[way] if turned else way) }"


def _preference(prefer: Any) -> str:
    """Return the place of a provider among those preferred, NULL for others."""
    cases = " ".join(f"WHEN {quoted(id)} THEN {n}" for n, id in enumerate(prefer))
    return f"CASE provider_id {cases} END"
