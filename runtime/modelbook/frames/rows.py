"""Deployments -> rows of plain values, and what the columns are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from modelbook.errors import RequestError
from modelbook.instants import instant
from modelbook.records import CAPABILITIES, DERIVED_CAPABILITIES, Deployment, Facts
from modelbook.selection import Selection

Row: TypeAlias = dict[str, Any]
Deployments: TypeAlias = "Selection | Iterable[Deployment]"
"""What a table is made of: a selection, or any records, `[get_deployment(id)]`."""

USD = "USD"
PRICED = ("input", "output", "cache_read", "cache_write")
"""Units that have a column each, `price_input` and so on; other units are in the table `prices`."""
DAYS = ("deprecated_on", "not_retired_before", "retired_on")
POLICY = ("trains_on_inputs", "retention_days", "zero_retention")
LIMITS = ("context", "max_input", "max_output")
PLAIN = ("family", "released", "knowledge_cutoff", "dimensions", "architecture", "license")

COLUMNS: dict[str, str] = {
    **dict.fromkeys(("id", "provider_id", "model_id", "model_name"), "text"),
    **dict.fromkeys(("wire_name", "source_type", "status"), "text"),
    **dict.fromkeys(("deployed", *DAYS), "date"),
    **dict.fromkeys(("successor", "quantization"), "text"),
    "fine_tuned": "boolean",
    **dict.fromkeys(("throughput_accelerators", "throughput_input", "throughput_output"), "whole"),
    "regions": "texts",
    "trains_on_inputs": "boolean",
    "retention_days": "whole",
    "zero_retention": "boolean",
    **dict.fromkeys(("family", "released", "knowledge_cutoff"), "text"),
    **dict.fromkeys(("input", "output"), "texts"),
    **dict.fromkeys(LIMITS, "whole"),
    **dict.fromkeys((*CAPABILITIES, *DERIVED_CAPABILITIES), "boolean"),
    "dimensions": "whole",
    "pipelines": "texts",
    "architecture": "text",
    **dict.fromkeys(("parameters", "active_parameters"), "whole"),
    "license": "text",
    "open_weights": "boolean",
    "hf": "text",
    **dict.fromkeys((f"price_{unit}" for unit in PRICED), "decimal"),
    "currency": "text",
}
"""Column to what it holds: text, texts (a list), whole (a number), boolean, date or decimal.

Names and order are those of the SQL table `deployments`, without what only queries need; prices and
their currency come last.
`price_…` is the standard price per 1M tokens, exact.
"""


def to_dicts(deployments: Deployments, at: object = None) -> list[Row]:
    """Return a row for each deployment: column to value, None where it is not known.

    Prices are those at a UTC date, datetime or ISO text: default the instant of a selection, now
    for other records. Raises `RequestError` for what is no deployment and no instant.
    """
    usual = deployments.at if isinstance(deployments, Selection) else None
    moment = instant(usual if at is None else at)
    return [_row(one, moment) for one in _records(deployments)]


def _records(deployments: Deployments) -> Iterator[Deployment]:
    """Yield the deployments; raise `RequestError` for anything else."""
    if isinstance(deployments, str) or not isinstance(deployments, Iterable):
        raise RequestError(f"a table is made of a selection, not of {type(deployments).__name__}")
    for one in deployments:
        if not isinstance(one, Deployment):
            raise RequestError(f"a table is made of deployments, not of {type(one).__name__}")
        yield one


def _row(one: Deployment, at: str) -> Row:
    """Return a deployment as a row."""
    life, speed = one.lifecycle, one.throughput
    known = {
        "id": one.id,
        "provider_id": one.provider,
        "model_id": one.model,
        "model_name": one.model_name,
        "wire_name": one.wire_name,
        "source_type": one.source_type,
        "status": life.status,
        "deployed": _day(life.released),
        **{name: _day(getattr(life, name)) for name in DAYS},
        "successor": life.successor,
        "quantization": one.quantization,
        "fine_tuned": one.fine_tuned,
        "throughput_accelerators": speed and speed.accelerators,
        "throughput_input": speed and speed.input,
        "throughput_output": speed and speed.output,
        "regions": _list(one.regions),
        **{name: getattr(one.data_policy, name) for name in POLICY},
        **_facts(one),
        **_prices(one, at),
    }
    return {name: known[name] for name in COLUMNS}


def _facts(one: Facts) -> Row:
    """Return the columns of what a model is."""
    return {
        **{name: getattr(one, name) for name in (*PLAIN, "open_weights")},
        **{name: getattr(one.limits, name) for name in LIMITS},
        **{name: one.supports(name) for name in (*CAPABILITIES, *DERIVED_CAPABILITIES)},
        "input": _list(one.modalities.input),
        "output": _list(one.modalities.output),
        "pipelines": list(one.pipelines),
        "parameters": one.parameters.total,
        "active_parameters": one.parameters.active,
        "hf": one.weights.hf,
    }


def _prices(one: Deployment, at: str) -> Row:
    """Return the standard prices, all in one currency: dollars where there are any."""
    named = {unit for entry in one.prices for unit in entry.amounts}
    currencies = dict.fromkeys(entry.currency for entry in one.prices)
    for currency in sorted(currencies, key=lambda name: name != USD):
        found: dict[str, Decimal | None] = {
            f"price_{unit}": one.price(unit, at, currency=currency) if unit in named else None
            for unit in PRICED
        }
        if any(amount is not None for amount in found.values()):
            return {**found, "currency": currency}
    return {**dict.fromkeys((f"price_{unit}" for unit in PRICED), None), "currency": None}


def _day(text: str | None) -> date | None:
    """Return a day of the lifecycle as a date."""
    return None if text is None else date.fromisoformat(text)


def _list(known: tuple[str, ...] | None) -> list[str] | None:
    """Return what is read or written as a list, None where it is not known."""
    return None if known is None else list(known)
