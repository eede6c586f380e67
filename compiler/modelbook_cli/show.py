"""`modelbook show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import claims
from .database import beside, rows
from .shared import fail, fitted, json_option, package, print_json, table, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection
    from modelbook.catalog import Catalog
    from modelbook.record import Record

STATED = """
    SELECT path, source, facts.checked::VARCHAR AS checked,
           CASE WHEN files.path IS NULL THEN NULL WHEN imported IS NULL THEN 'curated'
                ELSE array_to_string(imported, ', ') END AS "by",
           list(field ORDER BY field) AS fields
    FROM (
        FROM provenance WHERE (kind = 'deployment' AND id = $1) OR (kind = 'model' AND id = $2)
        QUALIFY row_number() OVER (PARTITION BY field ORDER BY kind) = 1
    ) AS facts LEFT JOIN files USING (path)
    GROUP BY ALL ORDER BY facts.path DESC, source"""
"""Files and sources of what is known of a deployment and its model; its own word comes first."""


@click.command("show")
@click.argument("id")
@json_option
def command(id: str, as_json: bool) -> None:
    """Show all that is known about an id: a model, deployment, provider, pipeline type and so on.

    \b
    Examples:
      modelbook show openai/gpt-4o          # a model
      modelbook show openai:gpt-4o          # a deployment: provider:wire-name
      modelbook show groq                   # a provider
      modelbook show causal_lm              # a pipeline type, in any spelling
      modelbook show LlamaForCausalLM       # an architecture
      modelbook show qwen2                  # a model type: its classes and what they serve
      modelbook show open_clip              # a library of the Hub
      modelbook show cheap-chat             # a policy; openai/api_key is a declared secret
    """
    with told():
        catalog = package().catalog()
        found = _find(catalog, id)
    known = found if isinstance(found, dict) else {**plain(found), **_deployments(catalog, found)}
    stated, argued = _recorded(found)
    known = {**known, **({"stated_in": stated} if stated else {})}
    if as_json:
        listed = [claims.plain(one) for one in argued]
        print_json({**known, **({"disputes": listed} if listed else {})})
        return
    click.echo(known.pop("kind") if isinstance(found, dict) else type(found).__name__.lower())
    click.echo("\n".join(_lines(known, 2)))
    if argued:
        click.echo("\ndisputed")
        lines = list(map(claims.cells, argued))
        table(claims.COLUMNS, fitted(claims.COLUMNS, lines))


def _recorded(found: Record | dict[str, Any]) -> tuple[list[dict[str, Any]], list[claims.Claim]]:
    """Return where the facts of a deployment or model are from, and what others say of them.

    Both are in `catalog.duckdb` beside the package alone; nothing where that is not.
    """
    from modelbook.records import Deployment, Model

    if not isinstance(found, Deployment | Model):
        return [], []
    model = found.model if isinstance(found, Deployment) else found.id

    def read(connection: DuckDBPyConnection) -> tuple[list[dict[str, Any]], list[claims.Claim]]:
        stated = rows(connection, STATED, found.id, model)
        known = [{name: value for name, value in row.items() if value} for row in stated]
        return known, claims.claims(connection, found.id)

    return beside(package(), read) or ([], [])


def _deployments(catalog: Catalog, found: Record) -> dict[str, list[str]]:
    """Return the ids of a model's or a provider's deployments; nothing for other records."""
    from modelbook.records import Model, Provider

    if isinstance(found, Model):
        ids = [
            id for id in catalog.deployment_ids() if catalog.deployment_row(id)["model"] == found.id
        ]
    elif isinstance(found, Provider):
        ids = [id for id in catalog.deployment_ids() if id.partition(":")[0] == found.id]
    else:
        return {}
    return {"deployments": ids}


def _find(catalog: Catalog, id: str) -> Record | dict[str, Any]:
    """Return the record of an id, whatever kind it is of; for policies and secrets, plain data."""
    finders: list[Callable[[str], Record | None]] = [
        catalog.find_deployment,
        catalog.find_model,
        catalog.find_provider,
        catalog.find_architecture,
        catalog.find_pipeline,
    ]
    if "/" in id and ":" not in id:  # a model, though a gateway's wire name may be the same text
        finders.insert(0, catalog.find_model)
    for find in finders:
        record = find(id)
        if record is not None:
            return record
    registry = catalog.table("_registry")
    for kind, held in (("policy", registry.POLICIES), ("secret", registry.SECRETS)):
        if id in held:
            return {"kind": kind, "id": id, **plain(held[id])}
    tables = catalog.table("_decision")
    if id in tables.MODEL_TYPES:
        return _model_type(catalog, id)
    if id in tables.LIBRARIES:
        return {"kind": "library", "id": id, **plain(tables.LIBRARIES[id])}
    from modelbook.echoed import meaning
    from modelbook.names import hint, nearest

    named = meaning(catalog, id)
    if named is not None:
        return fail(named.words(id))
    known = (
        *catalog.deployment_ids(),
        *catalog.near_models(id),
        *catalog.provider_ids(),
        *catalog.pipeline_ids(),
        *catalog.table("_architectures").ARCHITECTURES,
        *tables.MODEL_TYPES,
        *tables.LIBRARIES,
        *registry.POLICIES,
        *registry.SECRETS,
    )
    return fail(f"nothing is called `{id}`{hint(nearest(id, known))}")


def _model_type(catalog: Catalog, id: str) -> dict[str, Any]:
    """Return what is known of a `model_type` of `config.json`."""
    from modelbook.architectures import classes_of

    rows = catalog.table("_architectures").ARCHITECTURES
    classes = {name: list(rows[name]["pipelines"]) for name in classes_of(catalog, id)}
    serves = list(catalog.table("_decision").MODEL_TYPES[id])
    return {"kind": "model type", "id": id, "pipelines": serves, "classes": classes}


def plain(value: Any) -> Any:
    """Return a record as plain data without what is not known; prices as decimal text."""
    from decimal import Decimal

    from modelbook.record import Record

    if isinstance(value, Record):
        fields = ((name.rstrip("_"), plain(getattr(value, name))) for name in value._fields)
        return {name: inner for name, inner in fields if inner not in (None, {}, [])}
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return f"{value:f}" if isinstance(value, Decimal) else value


def _lines(value: dict[str, Any], indent: int) -> list[str]:
    """Return plain data as indented text, one field a line."""
    from modelbook_compiler.report.escape import printable

    out: list[str] = []
    for name, inner in value.items():
        lead = f"{' ' * indent}{name}:"
        if isinstance(inner, dict):
            out += [lead, *_lines(inner, indent + 2)]
        elif name == "prices":
            out += [lead, *(f"{' ' * indent}  - {_price(entry)}" for entry in inner)]
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            out += [lead, *(f"{' ' * indent}  - {printable(_flat(item))}" for item in inner)]
        else:
            shown = ", ".join(map(str, inner)) if isinstance(inner, list) else _scalar(inner)
            out.append(f"{lead} {printable(shown)}")
    return out


def _price(entry: dict[str, Any]) -> str:
    """Return a price entry as one line: amounts first, then when they apply."""
    amounts = {
        unit: {"0": "free", None: "unknown"}.get(amount, amount)
        for unit, amount in entry.get("amounts", {}).items()
    }
    hidden = {"amounts", "currency", "marginal"}
    further = {name: value for name, value in entry.items() if name not in hidden}
    money = _flat(amounts) + (f" {entry['currency']}" if amounts else "")
    marginal = "marginal" if entry["marginal"] else ""
    return "; ".join(part for part in (money, marginal, _flat(further)) if part)


def _flat(value: Any) -> str:
    """Return nested plain data as one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flat(inner)}" for key, inner in value.items())
    return " ".join(map(_flat, value)) if isinstance(value, list) else _scalar(value)


def _scalar(value: Any) -> str:
    """Return a number, text or truth value as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
