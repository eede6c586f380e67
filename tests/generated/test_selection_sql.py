"""Python and SQL select the same ids in the same order, whatever is required."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modelbook.catalog import Catalog
from modelbook.errors import AmbiguousError
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
        "trains_on_inputs": st.just(False),
        "max_retention_days": st.sampled_from((0, 7, 30)),
        "zero_retention": st.just(True),
        "limit": st.integers(0, 40),
        "sort": st.lists(
            st.sampled_from([f"{sign}{key}" for key in SORTS for sign in ("", "-")]), max_size=3
        ),
    }
    rare = st.sampled_from(sorted(fields)).flatmap(
        lambda name: st.fixed_dictionaries({name: fields[name]})
    )
    some = st.lists(rare, min_size=1, max_size=4).map(lambda parts: {k: v for p in parts for k, v in p.items()})
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
    if {*asked.get("providers", ())} & {*asked.get("exclude_providers", ())}:
        asked = {**asked, "exclude_providers": ()}
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
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SHIPPED)
def test_the_shipped_catalog_agrees(database: Database, asked: tuple[Requirements, str]) -> None:
    agree(catalog(), database, substitute(asked[0]), asked[1])


NEW = "acme:alpha-1-2025-08-15"
RICH = {
    "providers/acme/provider.yaml": (
        "sources:",
        "regions: [eu, us]\ndata_policy: {trains_on_inputs: false, retention_days: 30}\nsources:",
    ),
    "providers/acme/deployments/alpha-1-2025-08-15.yaml": (
        "sources:",
        "regions: [us]\ndata_policy: {retention_days: 0, zero_retention: true}\nsources:",
    ),
    "providers/vllm/deployments/openlab/gamma-7b.yaml": (
        "sources:",
        "quantization: fp8\naliases: ['vllm:shared']\nsources:",
    ),
    "models/openlab/gamma-7b.yaml": ("released:", "aliases: [openlab/alpha-one]\nreleased:"),
    "providers/acme/deployments/embed-1.yaml": (
        "lifecycle:",
        "aliases: ['acme:shared']\nlifecycle:",
    ),
    "models/acme/embed-1.yaml": (
        "dimensions",
        "capabilities: {tools: false}\nweights: {bytes: 900}\nlicense: MIT\ndimensions",
    ),
}
"""File of the small catalog to what is put before a word of it."""

PREVIEW = """\
# yaml-language-server: $schema=../../../../schemas/deployment.schema.json
model: openlab/gamma-7b
lifecycle: {status: preview, released: 2025-06-01, deprecated_on: 2026-03-01}
limits: {max_output: 100}
prices:
  - {input: "2.50", output: "2.50"}
  - {from: 2025-09-01, input: unknown, output: "0.15"}
  - {from: 2026-11-20, input: "1.00", requests: "0.01"}
sources: [{url: "https://example.com/models", checked: 2026-01-02}]
"""


@pytest.fixture(scope="module")
def rich(opener: Any, tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Any]:
    """Return the small catalog with every fact that can be asked for, and its database."""
    folder = Path(
        shutil.copytree(root / "tests/mini/catalog", tmp_path_factory.mktemp("rich") / "catalog")
    )
    for path, (word, text) in RICH.items():
        target = folder / path
        target.write_text(target.read_text().replace(word, text, 1))
    (folder / "providers/acme/deployments/gamma.yaml").write_text(PREVIEW)
    book, file = opener(folder, "rich_models")
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("SET threads = 1")
        yield book, connection


def test_the_rich_catalog_agrees(rich: tuple[Catalog, Database]) -> None:
    book, database = rich
    asks = demands(book, ("text-generation", "feature-extraction"), ("acme", "alpha one", "7B"))
    answered: list[int] = []

    @settings(max_examples=400, deadline=None)
    @given(asks)
    def agreeing(asked: tuple[Requirements, str]) -> None:
        answered.append(agree(book, database, *asked))

    agreeing()
    assert sum(map(bool, answered)) > 50


CALLS: tuple[tuple[dict[str, Any], str, Any, Any, int], ...] = (
    ({"input": 1000, "output": 50}, "2026-12-01", "0.0025", "-cost", 3),
    ({"input": 100_000, "output": 90}, "2025-06-15", None, "cost", 5),
    ({"input": 200_000, "requests": 2}, "2026-12-01", 1, None, 0),
    ({"output": 101}, "2025-10-01", "1e40", ("-cost", "name"), 4),
    ({"input": 70_000, "cache_read": 100}, "2026-12-01", "1e-30", None, 0),
    ({"input_audio_seconds": 1.5}, "2026-12-01", 0, "cost", 1),
    ({}, "2026-12-01", 1, None, 2),
)
"""A call, when it is made, what it may cost, the order, and how many deployments that leaves."""


@pytest.mark.parametrize(("usage", "at", "cap", "sort", "count"), CALLS)
def test_what_a_call_costs_agrees(
    rich: tuple[Catalog, Database],
    usage: dict[str, Any],
    at: str,
    cap: Any,
    sort: Any,
    count: int,
) -> None:
    needs = Requirements(usage=usage, max_cost_per_call=cap, sort=sort)
    assert agree(*rich, needs, at) == count


ASKED: list[tuple[dict[str, Any], set[str]]] = [
    ({"max_memory": 0, "creators": "acme"}, {"acme:alpha-1", NEW, "acme:embed-1"}),
    ({"regions": "eu"}, {"acme:alpha-1", "acme:embed-1", "acme:gamma", "vllm:openlab/gamma-7b"}),
    ({"max_retention_days": 7}, {NEW, "vllm:openlab/gamma-7b"}),
    ({"zero_retention": True}, {NEW, "vllm:openlab/gamma-7b"}),
    ({"max_memory": 7_241_732_096, "include_api": False}, {"vllm:openlab/gamma-7b"}),
    ({"max_memory": 7_241_732_095, "include_api": False}, set()),
    ({"statuses": ["deprecated", "preview"]}, {"acme:gamma"}),
    ({"statuses": "retired"}, {"acme:alpha-1-2025-03-01"}),
    ({"lacks": "tools"}, {"acme:embed-1"}),
    ({"licenses": "apache 2.0"}, {"acme:gamma", "vllm:openlab/gamma-7b"}),
    ({"max_output_cost": "0.15"}, {"acme:gamma", "vllm:openlab/gamma-7b"}),
]


@pytest.mark.parametrize(("fields", "ids"), ASKED)
def test_rare_facts(rich: tuple[Catalog, Database], fields: Any, ids: set[str]) -> None:
    found = select(rich[0], Requirements(**fields), at="2026-11-01")
    assert set(found.ids) == ids


@pytest.mark.parametrize(
    ("at", "status"),
    [("2025-06-01", "preview"), ("2026-02-28", "preview"), ("2026-03-01", "deprecated")],
)
def test_a_status_is_that_of_the_day(
    rich: tuple[Catalog, Database], at: str, status: str
) -> None:
    needs = Requirements(statuses=status, text="gamma", include_self_hosted=False)
    assert select(rich[0], needs, at=at).ids == ("acme:gamma",)
    assert agree(*rich, Requirements(statuses=status), at)


def test_an_alias_that_two_have_is_ambiguous(rich: tuple[Catalog, Database]) -> None:
    book = rich[0]
    with pytest.raises(AmbiguousError) as caught:
        select(book, Requirements(models="alpha-one"))
    assert set(caught.value.nearest) == {"acme/alpha-1", "openlab/gamma-7b"}
    found = select(book, Requirements(models=["acme/alpha-one", "openlab/alpha-one"]))
    assert found.requirements.models == ("acme/alpha-1", "openlab/gamma-7b")
    with pytest.raises(AmbiguousError):
        book.get_deployment("shared")
    assert book.get_deployment("openlab/alpha-one:vllm").id == "vllm:openlab/gamma-7b"
