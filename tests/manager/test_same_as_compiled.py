"""What is registered answers as it would if it had been compiled."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from modelbook.errors import ModelbookError
from modelbook.manager import ModelManager
from modelbook_compiler.build import check
from modelbook_compiler.values import Entry

from .conftest import MINI

AT = ("2025-06-01", "2025-10-01", "2026-01-01", "2026-12-24")
FILTERS: list[dict[str, Any]] = [
    {},
    {"include_api": False},
    {"include_self_hosted": False, "include_retired": True},
    {"min_context_length": 50_000},
    {"max_cost_per_1k": 0.0025},
    {"requires": {"tools", "vision"}},
    {"provider": "acme", "limit": 1},
]


def stated() -> Iterator[dict[str, Any]]:
    """Yield what the files of the small catalog say, by id."""
    graph = check(MINI).graph
    for kind in ("provider", "model", "deployment"):
        entries: dict[str, Entry] = dict(graph.kind(kind))
        for id, entry in entries.items():
            facts = dict(entry.data)
            for way in facts.get("access", ()):
                way.pop("secret", None)  # the public book does not declare it
            yield {"id": id, **facts}


@pytest.fixture(scope="module")
def registered() -> ModelManager:
    """Return the small catalog, registered over nothing."""
    manager = ModelManager(None)
    manager.register_many(stated())
    return manager


def test_records_are_the_same(registered: ModelManager, package: str) -> None:
    book = import_module(package)
    ours = registered.catalog
    assert ours.deployment_ids() == book.deployment_ids()
    assert ours.model_ids() == book.model_ids()
    for id in book.deployment_ids():
        assert registered.get_deployment(id) == book.get_deployment(id)
    for id in (*book.model_ids(), "acme/alpha-one", "alpha-1", "gamma-7b"):
        assert registered.get_model(id) == book.get_model(id)


def test_the_index_is_the_same(registered: ModelManager, package: str) -> None:
    book = import_module(package).catalog()
    listed = [(traits, [*lines]) for traits, lines in registered.catalog.index()]
    assert listed == [(traits, [*lines]) for traits, lines in book.index()]
    tables = [one.table("_aliases") for one in (registered.catalog, book)]
    assert dict(tables[0].MODELS) == dict(tables[1].MODELS)


@pytest.mark.parametrize("at", AT)
def test_selections_are_the_same(registered: ModelManager, package: str, at: str) -> None:
    book = import_module(package)
    for filters in FILTERS:
        ours = registered.get_models_for_pipeline("text-generation", at=at, **filters)
        theirs = book.get_models_for_pipeline("text-generation", at=at, **filters)
        assert (ours.ids, ours.excluded) == (theirs.ids, theirs.excluded)
        assert [*ours] == [*theirs]


@pytest.mark.parametrize("name", ["alpha-9", "acme:alpha", "nope/x", "", "acme:"])
def test_errors_are_the_same(registered: ModelManager, package: str, name: str) -> None:
    told = []
    for one in (registered, import_module(package)):
        for ask in (one.get_deployment, one.get_model):
            with pytest.raises(ModelbookError) as caught:
                ask(name)
            told.append((str(caught.value), caught.value.nearest))
    assert told[:2] == told[2:]


def test_one_by_one_is_the_same_as_at_once(registered: ModelManager) -> None:
    manager = ModelManager(None)
    later: list[dict[str, Any]] = list(stated())
    for _ in range(4):  # what refers to something that is not there yet waits
        waiting, later = later, []
        for facts in waiting:
            try:
                manager.register(facts)
            except ModelbookError:
                later.append(facts)
    assert later == []
    assert manager.revision() == registered.revision()
    assert [*manager] == [*registered]
