"""Rows of generated modules -> records. The rule of inheritance lives here: see `inherited`."""

from __future__ import annotations

from .record import FrozenDict, Record
from .records import (
    Access,
    Allowance,
    Architecture,
    Capabilities,
    Conditions,
    DataPolicy,
    Deployment,
    Lifecycle,
    Limits,
    Modalities,
    Model,
    Parameters,
    Pipeline,
    Price,
    Provider,
    Source,
    Target,
    Throughput,
    Weights,
    Window,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .rows import Row, Rows

PLAIN_FACTS = (
    "family",
    "released",
    "knowledge_cutoff",
    "dimensions",
    "pipelines",
    "architecture",
    "license",
    "open_weights",
)
"""Facts that are one value; a deployment's replaces the model's."""

NESTED_FACTS: dict[str, type[Record]] = {
    "modalities": Modalities,
    "limits": Limits,
    "capabilities": Capabilities,
    "parameters": Parameters,
    "weights": Weights,
}
"""Facts with parts; a deployment's parts replace the model's one by one."""

FACTS = (*PLAIN_FACTS, *NESTED_FACTS)
"""All facts of a model."""

PRICE_WORDS = frozenset(
    {
        "from",
        "until",
        "when",
        "marginal",
        "multiply",
        "units",
        "currency",
        "minimum",
        "allowance",
        "source",
    }
)
"""Keys of a price entry that are not units."""


def inherited(model: Row, deployment: Row) -> dict[str, Any]:
    """Return the facts of a deployment: what it states, else what its model states."""
    facts: dict[str, Any] = {name: model[name] for name in PLAIN_FACTS if name in model}
    facts.update((name, deployment[name]) for name in PLAIN_FACTS if name in deployment)
    for name in NESTED_FACTS:
        if name in model or name in deployment:
            facts[name] = {**model.get(name, {}), **deployment.get(name, {})}
    return facts


def model_record(id: str, row: Row) -> Model:
    """Return the record of a model from its row."""
    return Model(
        id=id,
        name=row["name"],
        aliases=row.get("aliases", ()),
        sources=_sources(row),
        **_fact_records({name: row[name] for name in FACTS if name in row}),
    )


def deployment_record(
    id: str, row: Row, model: Row, provider: Row, units: Rows | None = None
) -> Deployment:
    """Return the record of a deployment from its row, its model's and its provider's.

    With the registry of units, it knows what it can be asked the price of.
    """
    provider_id, _, wire_name = id.partition(":")
    values: dict[str, Any] = {
        "id": id,
        "provider": provider_id,
        "source_type": "self-hosted" if provider["kind"] == "self-hosted" else "api",
        "model": row["model"],
        "model_name": model["name"],
        "wire_name": row.get("wire_name", wire_name),
        "lifecycle": Lifecycle(**row["lifecycle"]),
        "aliases": row.get("aliases", ()),
        "points_to": tuple(
            Target(from_=step["from"], deployment=step["deployment"])
            for step in row.get("points_to", ())
        ),
        "prices": tuple(map(price_record, row.get("prices", ()))),
        "sources": _sources(row),
    }
    if "quantization" in row:
        values["quantization"] = row["quantization"]
    if "fine_tuned" in row:
        values["fine_tuned"] = row["fine_tuned"]
    if "throughput" in row:
        values["throughput"] = Throughput(**row["throughput"])
    values.update(_where(provider, row))
    made = Deployment(**values, **_fact_records(inherited(model, row)))
    if units is not None:
        made.__dict__["_units"] = tuple(units)
    return made


def price_record(row: Row) -> Price:
    """Return one price entry; amounts become exact decimals."""
    from decimal import Decimal

    words = {"free": Decimal(0), "unknown": None}
    amounts = {
        unit: words[amount] if amount in words else Decimal(amount)
        for unit, amount in row.items()
        if unit not in PRICE_WORDS
    }
    values: dict[str, Any] = {"amounts": FrozenDict(amounts)}
    values.update(
        (name, row[name]) for name in ("until", "currency", "marginal", "units") if name in row
    )
    if "from" in row:
        values["from_"] = row["from"]
    if "when" in row:
        values["when"] = _conditions(row["when"])
    if "multiply" in row:
        values["multiply"] = Decimal(row["multiply"])
    if "minimum" in row:
        values["minimum"] = FrozenDict(row["minimum"])
    if "allowance" in row:
        values["allowance"] = FrozenDict(
            {unit: Allowance(**given) for unit, given in row["allowance"].items()}
        )
    if "source" in row:
        values["source"] = Source(**row["source"])
    return Price(**values)


def provider_record(id: str, row: Row) -> Provider:
    """Return the record of a provider from its row."""
    plain = {name: row[name] for name in ("name", "kind", "runtime", "website") if name in row}
    access = tuple(Access(**way) for way in row.get("access", ()))
    return Provider(id=id, access=access, sources=_sources(row), **plain, **_where(row, {}))


def pipeline_record(id: str, row: Row) -> Pipeline:
    """Return the record of a pipeline type from its row."""
    values = {name: value for name, value in row.items() if name != "sources"}
    for name in ("subtasks", "transformers"):
        if name in values:
            values[name] = FrozenDict(values[name])
    return Pipeline(id=id, sources=_sources(row), **values)


def architecture_record(id: str, row: Row) -> Architecture:
    """Return the record of a model class from its row."""
    return Architecture(id=id, **row)


def _fact_records(facts: dict[str, Any]) -> dict[str, Any]:
    """Return facts with their parts made into records."""
    return {
        name: NESTED_FACTS[name].of(value) if name in NESTED_FACTS else value
        for name, value in facts.items()
    }


def _where(provider: Row, row: Row) -> dict[str, Any]:
    """Return where something is served and what happens to data: what it states, else its provider.

    A deployment's parts of the data policy replace the provider's one by one.
    """
    found: dict[str, Any] = {}
    regions = row.get("regions", provider.get("regions"))
    if regions is not None:
        found["regions"] = regions
    policy = {**provider.get("data_policy", {}), **row.get("data_policy", {})}
    if policy:
        found["data_policy"] = DataPolicy(**policy)
    return found


def _conditions(row: Row) -> Conditions:
    """Return the conditions of a price entry."""
    values: dict[str, Any] = dict(row)
    if "window" in values:
        window = dict(values["window"])
        values["window"] = Window(from_=window.pop("from"), **window)
    return Conditions(**values)


def _sources(row: Row) -> tuple[Source, ...]:
    """Return the sources of a row."""
    return tuple(map(Source.of, row.get("sources", ())))
