"""Facts that several rules ask for: what a deployment inherits, and when it is retired."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from modelbook.decision import class_pipelines
from modelbook.decode import PRICE_WORDS, inherited
from modelbook.served import served_by_api

from ..values import Entry, Fragment, Graph, Json


def frozen(value: Json) -> Json:
    """Return plain data with tuples in place of lists."""
    if isinstance(value, dict):
        return {key: frozen(inner) for key, inner in value.items()}
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def facts(entry: Entry, graph: Graph) -> Mapping[str, Json]:
    """Return the facts of a model or deployment, those of its model included."""
    if entry.kind == "model":
        return entry.data
    model = graph.kind("model").get(entry.data["model"])
    return inherited(model.data if model else {}, entry.data)


def pipelines_of(entry: Entry, graph: Graph) -> tuple[str, ...]:
    """Return the pipeline types of a model or deployment: stated, or those of its architecture.

    Of a model without either, those of what it reads and writes.
    """
    known = facts(entry, graph)
    if "pipelines" in known:
        return tuple(known["pipelines"])
    return served(known, graph) or _by_modalities(known, graph)


def served(known: Mapping[str, Json], graph: Graph) -> tuple[str, ...]:
    """Return the pipeline types of the class that facts name, empty if there is none."""
    return class_pipelines(known.get("architecture", ""), graph.class_facts)


def _by_modalities(known: Mapping[str, Json], graph: Graph) -> tuple[str, ...]:
    """Return the pipeline types of what facts say is read and written."""
    table, modalities = (
        graph.kind("api-pipelines").get("api-pipelines"),
        known.get("modalities", {}),
    )
    if table is None or "architecture" in known:
        return ()
    sides = (modalities.get("input", ()), modalities.get("output", ()))
    return served_by_api({}, table.data["modalities"], None, *sides)


def is_retired(entry: Entry) -> bool:
    """Tell whether a deployment no longer answers."""
    return bool(entry.data["lifecycle"]["status"] == "retired")


def amounts(price: Fragment) -> dict[str, Decimal]:
    """Return the known amounts of a price entry by unit; `free` is 0."""
    known = ((unit, price[unit]) for unit in price if unit not in PRICE_WORDS)
    return {
        unit: Decimal(0) if amount == "free" else Decimal(amount)
        for unit, amount in known
        if amount != "unknown"
    }


def units_of(price: Fragment) -> set[str]:
    """Return the units that a price entry speaks of."""
    return set(price) - PRICE_WORDS
