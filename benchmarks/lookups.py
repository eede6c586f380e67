"""What asking the catalog costs: one deployment, many of them, and a price."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType

import genai_prices
from genai_prices.data_snapshot import get_snapshot
from rows import Row
from timing import calls, each, interleaved, middle, ratio, told

ID = "openai:gpt-4o-2024-08-06"
TIERED = "google:gemini-2.5-pro"
PEER_FIRST = """
from time import perf_counter
from genai_prices.data_snapshot import get_snapshot
start = perf_counter()
{code}
print(perf_counter() - start)
"""
QUERY = """catalog.get_models_for_pipeline(
    "text-generation", min_context_length=8192, max_cost_per_1k=0.01, limit=50
)"""
COMPREHENSION = """[
    m for p in get_snapshot().providers for m in p.models if (m.context_window or 0) >= 8192
]"""
FIRST = """
import sys
sys.path.insert(0, {folder!r})
import {package} as catalog
from time import perf_counter
start = perf_counter()
{code}
print(perf_counter() - start)
"""


def rows(rounds: int, generated: Path, made: Path) -> Iterator[Row]:
    """Yield the rows for the shipped package and for the made-up one, each in its folder."""
    yield from _one(rounds, generated)
    yield from _many(rounds, "modelbook_catalog", generated)
    yield from _many(rounds, "made_up_catalog", made)
    yield from _price(rounds)


def _one(rounds: int, generated: Path) -> Iterator[Row]:
    """Yield the rows of `get_deployment`."""
    catalog = import_module("modelbook_catalog")
    asked = f"catalog.get_deployment({ID!r})"
    peer = "get_snapshot().find_provider_model('gpt-4o', None, 'openai', None)"
    sides = {
        "ours": told(FIRST.format(folder=str(generated), package="modelbook_catalog", code=asked)),
        "theirs": told(PEER_FIRST.format(code=peer)),
    }
    yield _row("first get_deployment", "first find in genai-prices", sides, rounds, "")
    table = {id: id for id in catalog.catalog().deployment_ids()}
    sides = {
        "ours": calls(partial(catalog.get_deployment, ID), 20_000),
        "theirs": calls(partial(table.__getitem__, ID), 20_000),
    }
    yield _row("warm get_deployment", "lookup in a dict", sides, rounds, "≤ 0.3 µs")


def _many(rounds: int, package: str, folder: Path) -> Iterator[Row]:
    """Yield the rows of `get_models_for_pipeline` for one package."""
    sys.path.insert(0, str(folder))
    catalog = import_module(package)
    name = f"query, {len(catalog.catalog().deployment_ids()):,} deployments"
    beside = "list comprehension over {:,} of genai-prices"
    beside = beside.format(sum(len(provider.models) for provider in get_snapshot().providers))
    for wanted, code in ((", ids", f"{QUERY}.ids"), ("", f"list({QUERY})")):
        sides = {
            "ours": told(FIRST.format(folder=str(folder), package=package, code=code)),
            "theirs": told(PEER_FIRST.format(code=COMPREHENSION)),
        }
        yield _row(f"first {name}{wanted}", f"first {beside}", sides, rounds, "≤ 15 ms at 9,000")
    again = partial(_ask, catalog, 8192)
    sides = {"ours": calls(again, 500), "theirs": calls(_comprehension, 20)}
    yield _row(f"warm {name}, same question", beside, sides, rounds, "≤ 100 µs at 9,000")
    fresh = each(partial(_ask, catalog), range(8193, 10**6))
    sides = {"ours": fresh, "theirs": calls(_comprehension, 20)}
    yield _row(f"warm {name}, new question", beside, sides, rounds, "")


def _ask(catalog: ModuleType, context: int) -> list[object]:
    """Return the records that answer a question; at most 50."""
    found = catalog.get_models_for_pipeline(
        "text-generation", min_context_length=context, max_cost_per_1k=0.01, limit=50
    )
    return list(found)


def _comprehension() -> list[object]:
    """Return the models of genai-prices with enough context; it knows no pipeline types."""
    providers = get_snapshot().providers
    return [m for p in providers for m in p.models if (m.context_window or 0) >= 8192]


def _price(rounds: int) -> Iterator[Row]:
    """Yield the row of one unit's price. genai-prices sums up a whole call: another scope."""
    catalog = import_module("modelbook_catalog")
    deployment = catalog.get_deployment(TIERED)
    at = datetime(2026, 7, 1, tzinfo=UTC)
    usage = genai_prices.Usage(input_tokens=250_000, output_tokens=1_000)
    model, provider = "gemini-2.5-pro", "google"
    theirs: Callable[[], object] = partial(
        genai_prices.calc_price, usage, model, provider_id=provider, genai_request_timestamp=at
    )
    sides = {
        "ours": calls(partial(deployment.price, "input", at, input_tokens=250_000), 2_000),
        "theirs": calls(theirs, 500),
    }
    beside = "genai_prices.calc_price (a whole call)"
    yield _row("price of one unit: date, long context", beside, sides, rounds, "")


def _row(
    what: str, beside: str, sides: dict[str, Callable[[], float]], rounds: int, goal: str
) -> Row:
    """Return the row of two interleaved sides."""
    samples = interleaved(sides, rounds)
    ours, theirs = middle(samples, "ours"), middle(samples, "theirs")
    return Row(what, ours, "s", beside, theirs, ratio(samples, "ours", "theirs"), goal)
