"""Python and SQL select the same ids in the same order, whatever is required."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modelbook.catalog import Catalog
from modelbook.facts import known
from modelbook.normal import METHODS, SORTS, STATUSES
from modelbook.package import select
from modelbook.records import CAPABILITIES, DERIVED_CAPABILITIES, MODALITIES
from modelbook.requirements import Requirements
from modelbook_catalog import catalog

Database: TypeAlias = duckdb.DuckDBPyConnection

NAMES = (*CAPABILITIES, *DERIVED_CAPABILITIES)
COUNTS = (0, 1, 4096, 8192, 16384, 128_000, 10**6, 7 * 10**9, 14 * 10**9, 10**18)
DAYS = ("2023-01-01", "2025-06-01", "2025-09-01", "2026-03-01", "2026-11-20", "2026-12-01T00:00:01")
PRICES = (0, "0.15", 1, "2.5", "2.4999999999", 10.0, "1e30")


def few(values: Any, most: int = 3) -> Any:
    """Return a strategy for some of several values."""
    return st.lists(st.sampled_from(tuple(values)), max_size=most, unique=True)


def demands(book: Catalog, pipelines: tuple[str, ...], words: tuple[str, ...]) -> Any:
    """Return a strategy for requirements that a catalog may meet."""
    providers = st.sampled_from(book.provider_ids())
    models = st.sampled_from(book.model_ids())
    flags = st.booleans()
    fields: dict[str, Any] = {
        "include_api": flags,
        "include_self_hosted": flags,
        "providers": st.lists(providers, max_size=4),
        "exclude_providers": st.lists(providers, max_size=4),
        "prefer": st.lists(providers, max_size=3),
        "models": st.lists(models, max_size=3),
        "creators": st.lists(models.map(lambda id: id.partition("/")[0]), max_size=3),
        "text": st.sampled_from(words),
        "methods": few(METHODS),
        "min_context_length": st.sampled_from(COUNTS),
        "min_output_tokens": st.sampled_from(COUNTS),
        "max_cost_per_1k": st.sampled_from(("0.0025", 0.001, 0)),
        "max_input_cost": st.sampled_from(PRICES),
        "max_output_cost": st.sampled_from(PRICES),
        "requires": few(NAMES, 2),
        "lacks": few(NAMES, 1),
        "input": few(MODALITIES[:4], 2),
        "output": few(MODALITIES[:8], 1),
        "licenses": few(known(book).licenses),
        "open_weights": flags,
        "min_parameters": st.sampled_from(COUNTS),
        "max_parameters": st.sampled_from(COUNTS),
        "max_memory": st.sampled_from(COUNTS),
        "statuses": few(STATUSES),
        "include_retired": flags,
        "regions": few(("eu", "us", "it's")),
        "trains_on_inputs": flags,
        "max_retention_days": st.sampled_from((0, 7, 30)),
        "zero_retention": flags,
        "limit": st.integers(0, 40),
        "sort": st.lists(
            st.sampled_from([f"{sign}{key}" for key in SORTS for sign in ("", "-")]), max_size=3
        ),
    }
    rare = st.sampled_from(sorted(fields)).flatmap(
        lambda name: st.fixed_dictionaries({name: fields[name]})
    )
    some = st.lists(rare, max_size=4).map(lambda parts: {k: v for p in parts for k, v in p.items()})
    return st.tuples(
        some, st.sampled_from((*pipelines, None)), st.sampled_from(DAYS), fields["prefer"]
    ).map(whole)


def whole(parts: tuple[dict[str, Any], str | None, str, list[str]]) -> tuple[Requirements, str]:
    """Return requirements that can be, and an instant."""
    asked, pipeline, at, prefer = parts
    if any("preference" in key for key in asked.get("sort", ())):
        asked = {**asked, "prefer": prefer or ["acme"]}
    both = {*asked.get("requires", ())} & {*asked.get("lacks", ())}
    if both:
        asked = {**asked, "lacks": ()}
    return Requirements(pipeline=pipeline, **asked), at


def agree(book: Catalog, database: Database, needs: Requirements, at: str) -> int:
    """Hold the answers of Python and SQL equal; return how many there are."""
    found = select(book, needs, at=at)
    rows = database.execute(found.sql).fetchall()
    assert [id for (id,) in rows] == list(found.ids), found.sql
    return len(rows)


@pytest.fixture(scope="module")
def database(shipped_file: Path) -> Iterator[Database]:
    """Return the shipped catalog, read-only."""
    with duckdb.connect(str(shipped_file), read_only=True) as connection:
        connection.execute("SET threads = 1")
        yield connection


SHIPPED = demands(
    catalog(),
    ("text-generation", "image-text-to-text", "feature-extraction"),
    ("gpt 4o", "Llama-3.3", "mini", "it's", "%", "claude sonnet"),
)


def substitute(needs: Requirements) -> Requirements:
    """Return requirements whose stand-in provider is one of the shipped catalog."""
    return needs.changed(prefer=("openai", "groq")) if needs.prefer == ["acme"] else needs


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SHIPPED)
def test_the_shipped_catalog_agrees(database: Database, asked: tuple[Requirements, str]) -> None:
    agree(catalog(), database, substitute(asked[0]), asked[1])
