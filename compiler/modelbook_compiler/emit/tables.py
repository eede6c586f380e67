"""Book -> tables: the names, types and rows that DuckDB, Parquet and JSON all show.

Prices are in the stated currency per the unit's `per`; limits are in tokens; dates are text or DATE
in UTC. NULL always means not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from modelbook import FORMAT
from modelbook.architectures import CATEGORIES
from modelbook.checks import NANO
from modelbook.indexing import standard_price
from modelbook.names import fold
from modelbook.offers import memory
from modelbook.records import (
    CAPABILITIES,
    DERIVED_CAPABILITIES,
    Deployment,
    Facts,
    Model,
    Price,
    Provider,
    Window,
)
from modelbook.units import Units

from ..book import Book
from ..digests import revision
from ..values import Json

TableRow = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: columns with their DuckDB types, the key its rows are sorted by, and its rows."""

    name: str
    comment: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    rows: Callable[[Book], Iterable[TableRow]]


FACTS = {
    "family": "VARCHAR",
    "released": "VARCHAR",
    "knowledge_cutoff": "VARCHAR",
    "input": "VARCHAR[]",
    "output": "VARCHAR[]",
    "context": "BIGINT",
    "max_input": "BIGINT",
    "max_output": "BIGINT",
    **dict.fromkeys((*CAPABILITIES, *DERIVED_CAPABILITIES), "BOOLEAN"),
    "dimensions": "BIGINT",
    "pipelines": "VARCHAR[]",
    "architecture": "VARCHAR",
    "parameters": "BIGINT",
    "active_parameters": "BIGINT",
    "license": "VARCHAR",
    "open_weights": "BOOLEAN",
    "hf": "VARCHAR",
}


POLICY = {"trains_on_inputs": "BOOLEAN", "retention_days": "BIGINT", "zero_retention": "BOOLEAN"}
"""Columns of what happens to data sent."""


def _facts(one: Facts) -> dict[str, Json]:
    """Return the columns that models and deployments share."""
    plain = ("family", "released", "knowledge_cutoff", "dimensions", "architecture", "license")
    return {
        **{name: getattr(one, name) for name in (*plain, "open_weights")},
        **{name: getattr(one.limits, name) for name in ("context", "max_input", "max_output")},
        **{name: one.supports(name) for name in (*CAPABILITIES, *DERIVED_CAPABILITIES)},
        "input": one.modalities.input,
        "output": one.modalities.output,
        "pipelines": one.pipelines,
        "parameters": one.parameters.total,
        "active_parameters": one.parameters.active,
        "hf": one.weights.hf,
    }


def _models(book: Book) -> Iterator[TableRow]:
    for one in book.models:
        model: Model = one.record
        yield {"id": model.id, "creator": model.creator, "name": model.name, **_facts(model)}


def _deployments(book: Book) -> Iterator[TableRow]:
    for one in book.deployments:
        record: Deployment = one.record
        speed = record.throughput
        yield {
            "id": record.id,
            "provider_id": record.provider,
            "model_id": record.model,
            "model_name": record.model_name,
            "wire_name": record.wire_name,
            "source_type": record.source_type,
            "status": record.lifecycle.status,
            "deployed": record.lifecycle.released,
            "deprecated_on": record.lifecycle.deprecated_on,
            "not_retired_before": record.lifecycle.not_retired_before,
            "retired_on": record.lifecycle.retired_on,
            "successor": record.lifecycle.successor,
            "quantization": record.quantization,
            "fine_tuned": record.fine_tuned,
            "throughput_accelerators": speed and speed.accelerators,
            "throughput_input": speed and speed.input,
            "throughput_output": speed and speed.output,
            "metered": record.source_type == "api" or bool(record.prices),
            "memory": memory(one.row, one.record),
            "words": _words(record),
            "sort_name": record.model_name.casefold(),
            **_where(record),
            **_facts(record),
        }


def _words(one: Deployment) -> str:
    """Return what free text is looked for in, folded; the same as `facts.Known.words`."""
    return " ".join(fold(part) for part in (one.id, one.model, one.model_name, one.family or ""))


def _where(one: Deployment | Provider) -> dict[str, Json]:
    """Return the columns of where something is served, and what happens to data sent."""
    policy = one.data_policy
    return {"regions": one.regions, **{name: getattr(policy, name) for name in POLICY}}


def _standard_costs(book: Book) -> Iterator[TableRow]:
    for one in book.deployments:
        for unit in ("input", "output"):
            found = standard_price(one.record.prices, unit, one.record.throughput)
            steps = found if isinstance(found, tuple) else ((None, found),)
            for start, nano in steps if found is not None else ():
                amount = None if nano is None else f"{nano // NANO}.{nano % NANO:09}"
                begun = _instant(start or None)
                yield {"deployment_id": one.id, "unit": unit, "from": begun, "amount": amount}


def _prices(book: Book) -> Iterator[TableRow]:
    for one in book.deployments:
        for seq, price in enumerate(one.record.prices):
            yield from _entry(book, one.id, seq, price)


def _entry(book: Book, id: str, seq: int, price: Price) -> Iterator[TableRow]:
    """Yield a row for each unit of a price entry, and one without a unit for its factor."""
    entry = {
        "deployment_id": id,
        "seq": seq,
        "currency": price.currency,
        "from": _instant(price.from_),
        "until": _instant(price.until),
        **_conditions(price),
        "marginal": price.marginal,
    }
    for unit, amount in price.amounts.items():
        stated = None if amount is None else f"{amount:f}"
        yield {**entry, **_bounds(book, unit, price), "role": "price", "amount": stated}
    for unit in sorted((price.minimum.keys() | price.allowance.keys()) - price.amounts.keys()):
        yield {**entry, **_bounds(book, unit, price), "role": "bounds"}
    if price.multiply is not None:
        factor = {"multiply": f"{price.multiply:f}", "units": price.units}
        yield {**entry, **factor, "role": "factor"}
    elif not price.amounts and not price.minimum and not price.allowance:
        yield {**entry, "role": "none"}


def _bounds(book: Book, unit: str, price: Price) -> dict[str, Json]:
    """Return the columns of a unit: what a price pays for, the least and the free quantity."""
    free = price.allowance.get(unit)
    return {
        "unit": unit,
        "per": book.units[unit]["per"],
        "minimum": price.minimum.get(unit),
        "allowance": free and free.quantity,
        "allowance_per": free and free.per,
    }


def _conditions(price: Price) -> dict[str, Json]:
    """Return the columns of what must hold for an entry to apply."""
    names = ("tier", "context_above", "region", "speed", "size", "quality")
    window = price.when.window
    return {
        **{name: getattr(price.when, name) for name in names},
        "window": window and _window(window),
        "window_days": window and window.days,
        "window_from": window and window.from_,
        "window_until": window and window.until,
        "window_zone": window and window.zone,
    }


def _window(window: Window) -> str:
    """Return a part of the day as one text: `mon,tue 16:30-00:30 UTC`."""
    return f"{','.join(window.days or ())} {window.from_}-{window.until} {window.zone}".strip()


def _instant(text: str | None) -> str | None:
    """Return a date or instant as a timestamp that DuckDB reads."""
    return text and text.replace("T", " ").removesuffix("Z") + (" 00:00" if len(text) == 10 else "")


def _pipelines(book: Book) -> Iterator[TableRow]:
    for one in book.pipelines:
        names = ("id", "name", "modality", "order", "input", "output", "canonical")
        hidden = {"hidden_in_models": one.record.hidden_in_models}
        yield {**{name: getattr(one.record, name) for name in names}, **hidden}


def _architectures(book: Book) -> Iterator[TableRow]:
    for one in book.architectures:
        names = ("id", "library", "model_types", "pipelines", "basis", "reason", "last_seen")
        yield {name: getattr(one.record, name) for name in names}


def _architecture_pipelines(book: Book) -> Iterator[TableRow]:
    for one in book.architectures:
        for seq, id in enumerate(one.record.pipelines):
            yield {"architecture_id": one.id, "seq": seq, "pipeline_id": id}


def _model_types(book: Book) -> Iterator[TableRow]:
    for id, pipelines in book.model_types.items():
        yield {"id": id, "pipelines": pipelines}


def _auto_classes(book: Book) -> Iterator[TableRow]:
    for id, row in book.auto_classes.items():
        names = ("pipelines", "basis", "tag", "reason")
        yield {"id": id, **{name: row.get(name) for name in names}}


def _libraries(book: Book) -> Iterator[TableRow]:
    for id, row in book.libraries.items():
        plain = {"pipelines": row.get("pipelines", ()), "files": row.get("files", ())}
        yield {"id": id, "name": row["name"], "decides": row.get("decides", False), **plain}


def _categories(_book: Book) -> Iterator[TableRow]:
    for id, (word, name) in CATEGORIES.items():
        yield {"id": id, "word": word, "name": name}


def _aliases(book: Book) -> Iterator[TableRow]:
    for kind, listed in (("model", book.models), ("deployment", book.deployments)):
        for one in listed:
            for alias in one.record.aliases:
                yield {"kind": kind, "alias": alias, "id": one.id}
    for alias, id in book.pipeline_aliases.items():
        yield {"kind": "pipeline", "alias": alias, "id": id}


def _providers(book: Book) -> Iterator[TableRow]:
    for one in book.providers:
        names = ("id", "name", "kind", "runtime", "website")
        yield {**{name: getattr(one.record, name) for name in names}, **_where(one.record)}


def _access(book: Book) -> Iterator[TableRow]:
    for one in book.providers:
        for seq, way in enumerate(one.record.access):
            names = ("method", "protocol", "base_url", "command", "package", "secret")
            yield {
                "provider_id": one.id,
                "seq": seq,
                **{name: getattr(way, name) for name in names},
            }


def _units(book: Book) -> Iterator[TableRow]:
    units = Units(book.units)
    for seq, (id, facts) in enumerate(book.units.items()):
        names = (
            "name",
            "quantity",
            "per",
            "direction",
            "modality",
            "cache",
            "cache_ttl",
            "part_of",
        )
        more = {"seq": seq, "own_price": units[id].own_price, "wholes": sorted(units[id].wholes)}
        yield {"id": id, **more, **{name: facts.get(name) for name in names}}


def _disputes(book: Book) -> Iterator[TableRow]:
    for one in book.disputes:
        plain = {name: getattr(one, name) for name in one.__slots__ if name != "from_"}
        yield {**plain, "from": _instant(one.from_), "until": _instant(one.until)}


def _provenance(book: Book) -> Iterator[TableRow]:
    for one in book.provenance:
        yield {name: getattr(one, name) for name in one.__slots__}


def _kept_files(book: Book) -> Iterator[TableRow]:
    for one in book.files:
        yield {name: getattr(one, name) for name in one.__slots__}


def _meta(book: Book) -> Iterator[TableRow]:
    yield {"name": book.name, "title": book.title, "revision": revision(book), "format": FORMAT}


def _text(*names: str) -> dict[str, str]:
    """Return text columns."""
    return dict.fromkeys(names, "VARCHAR")


TABLES: tuple[Table, ...] = (
    Table(
        "pipelines",
        "HuggingFace task types",
        {
            **_text("id", "name", "modality"),
            "order": "BIGINT",
            "input": "VARCHAR[]",
            "output": "VARCHAR[]",
            "canonical": "VARCHAR",
            "hidden_in_models": "BOOLEAN",
        },
        ("order",),
        _pipelines,
    ),
    Table(
        "architectures",
        "Model classes and the pipeline types they serve",
        {
            **_text("id", "library"),
            "model_types": "VARCHAR[]",
            "pipelines": "VARCHAR[]",
            **_text("basis", "reason", "last_seen"),
        },
        ("id",),
        _architectures,
    ),
    Table(
        "architecture_pipelines",
        "Model classes and pipeline types, one pair a row; seq 0 is the primary type",
        {"architecture_id": "VARCHAR", "seq": "BIGINT", "pipeline_id": "VARCHAR"},
        ("architecture_id", "seq"),
        _architecture_pipelines,
    ),
    Table(
        "model_types",
        "`model_type`s of config.json and what their classes serve",
        {"id": "VARCHAR", "pipelines": "VARCHAR[]"},
        ("id",),
        _model_types,
    ),
    Table(
        "auto_classes",
        "Auto classes of transformers, as `auto_map` in config.json names them",
        {"id": "VARCHAR", "pipelines": "VARCHAR[]", **_text("basis", "tag", "reason")},
        ("id",),
        _auto_classes,
    ),
    Table(
        "libraries",
        "Libraries of the Hub and what their models are for",
        {
            **_text("id", "name"),
            "pipelines": "VARCHAR[]",
            "decides": "BOOLEAN",
            "files": "VARCHAR[]",
        },
        ("id",),
        _libraries,
    ),
    Table(
        "categories",
        "Families of pipeline types; join `id` with `pipelines.modality`",
        _text("id", "word", "name"),
        ("id",),
        _categories,
    ),
    Table(
        "models",
        "Models, wherever they run; limits in tokens",
        {**_text("id", "creator", "name"), **FACTS},
        ("id",),
        _models,
    ),
    Table(
        "deployments",
        "One model at one provider, the model's facts merged in",
        {
            **_text("id", "provider_id", "model_id", "model_name", "wire_name", "source_type"),
            "status": "VARCHAR",
            "deployed": "DATE",
            "deprecated_on": "DATE",
            "not_retired_before": "DATE",
            "retired_on": "DATE",
            **_text("successor", "quantization"),
            "fine_tuned": "BOOLEAN",
            "throughput_accelerators": "BIGINT",
            "throughput_input": "BIGINT",
            "throughput_output": "BIGINT",
            "metered": "BOOLEAN",
            "memory": "BIGINT",
            **_text("words", "sort_name"),
            "regions": "VARCHAR[]",
            **POLICY,
            **FACTS,
        },
        ("id",),
        _deployments,
    ),
    Table(
        "prices",
        "Price entries; for each unit the last one (by seq) that applies wins. role: price (a "
        "unit's), bounds (its least and free quantity alone), factor (on units or all), none",
        {
            "deployment_id": "VARCHAR",
            "seq": "BIGINT",
            "unit": "VARCHAR",
            "amount": "DECIMAL(18,9)",
            "per": "BIGINT",
            "currency": "VARCHAR",
            "from": "TIMESTAMP",
            "until": "TIMESTAMP",
            "tier": "VARCHAR",
            "context_above": "BIGINT",
            **_text("region", "speed", "size", "quality", "window"),
            "marginal": "BOOLEAN",
            "multiply": "DECIMAL(18,9)",
            "units": "VARCHAR[]",
            "role": "VARCHAR",
            "minimum": "BIGINT",
            "allowance": "BIGINT",
            "allowance_per": "VARCHAR",
            "window_days": "VARCHAR[]",
            **_text("window_from", "window_until", "window_zone"),
        },
        ("deployment_id", "seq", "unit"),
        _prices,
    ),
    Table(
        "standard_costs",
        "What 1M standard input and output tokens cost in USD, from when on; no row or NULL where "
        "that is not known. Machines that are paid by the hour are counted in",
        {
            **_text("deployment_id", "unit"),
            "from": "TIMESTAMP",
            "amount": "DECIMAL(18,9)",
        },
        ("deployment_id", "unit", "from"),
        _standard_costs,
    ),
    Table(
        "aliases",
        "Other spellings of ids",
        _text("kind", "alias", "id"),
        ("kind", "alias"),
        _aliases,
    ),
    Table(
        "providers",
        "Who runs the models",
        {
            **_text("id", "name", "kind", "runtime", "website"),
            "regions": "VARCHAR[]",
            **POLICY,
        },
        ("id",),
        _providers,
    ),
    Table(
        "access_methods",
        "Ways to reach a provider, the preferred one first",
        {
            "provider_id": "VARCHAR",
            "seq": "BIGINT",
            **_text("method", "protocol", "base_url", "command", "package", "secret"),
        },
        ("provider_id", "seq"),
        _access,
    ),
    Table(
        "units",
        "Billable units; an amount pays for `per` of the quantity",
        {
            **_text("id", "name", "quantity"),
            "per": "BIGINT",
            **_text("direction", "modality", "cache", "cache_ttl"),
            "part_of": "VARCHAR[]",
            "seq": "BIGINT",
            "own_price": "BOOLEAN",
            "wholes": "VARCHAR[]",
        },
        ("id",),
        _units,
    ),
    Table(
        "disputes",
        "Claims that lost against another and say something else, or were not believed "
        "(quarantine). stake: USD that two prices are apart, for as much as one pays for",
        {
            **_text("kind", "id", "field", "value", "source", "won", "won_source", "when"),
            "from": "TIMESTAMP",
            "until": "TIMESTAMP",
            **_text("reason", "url"),
            "checked": "DATE",
            "quarantine": "VARCHAR",
            "stake": "DECIMAL(18,9)",
        },
        ("kind", "id", "field", "source", "when", "from", "until", "value"),
        _disputes,
    ),
    Table(
        "provenance",
        "Which file and source states each field",
        {**_text("kind", "id", "field", "layer", "path", "source"), "checked": "DATE"},
        ("kind", "id", "field"),
        _provenance,
    ),
    Table(
        "files",
        "Files of the catalog, and on whose word; imported is null where people keep it",
        {
            **_text("path", "kind", "id", "layer"),
            "imported": "VARCHAR[]",
            "sources": "VARCHAR[]",
            "checked": "DATE",
        },
        ("path",),
        _kept_files,
    ),
    Table(
        "meta",
        "What this catalog is",
        {**_text("name", "title", "revision"), "format": "BIGINT"},
        ("name",),
        _meta,
    ),
)
"""All tables, in the order they are written."""
