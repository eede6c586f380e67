"""Named policies: what meets them, in which order, and what they fall back to."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
from modelbook.catalog import Catalog
from modelbook.errors import ModelbookError, NotFoundError, RequestError
from modelbook.package import select
from modelbook.policies import get_policy, policy_ids, select_by_policy
from modelbook.requirements import Requirements

AT = "2026-11-01"
THREE, TURBO, FOUR = "openai:gpt-3.5-turbo", "openai:gpt-4-turbo", "openai:gpt-4"
LLAMA = "groq:llama3-70b-8192"

POLICIES: dict[str, dict[str, Any]] = {
    "tools": {
        "description": "Chat with tools",
        "pipeline": "text-generation",
        "requires": ("tools",),
        "fallback": (LLAMA,),
    },
    "dear": {
        "description": "The dearest first",
        "pipeline": "text-generation",
        "requires": ("tools",),
        "sort": ("-cost",),
        "limit": 2,
    },
    "calls": {
        "description": "By what a call costs",
        "pipeline": "text-generation",
        "usage": {"input": 1000, "output": 1000},
        "max_cost_per_call": "0.0015",
    },
    "nothing": {
        "description": "Nothing meets it",
        "pipeline": "text-generation",
        "min_context_length": 9_000_000,
        "fallback": (LLAMA, "openai:gone", FOUR, THREE),
    },
    "nothing-at-all": {
        "description": "Nothing meets it, and no fallback",
        "pipeline": "text-generation",
        "min_context_length": 9_000_000,
    },
    "reach": {
        "description": "Only what is within reach",
        "pipeline": "text-generation",
        "available_only": True,
        "fallback": (LLAMA, FOUR),
    },
    "odd": {"description": "Contradicts itself", "sort": ("preference",)},
}


class Beside:
    """The tables of a catalog with other policies."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def table(self, name: str) -> ModuleType:
        """Return a table; the registry has the policies."""
        found = self.catalog.table(name)
        if name != "_registry":
            return found
        made = ModuleType(name)
        made.__dict__.update(vars(found), POLICIES=POLICIES)
        return made

    def digest(self, name: str) -> str:
        """Return the digest of a table."""
        return self.catalog.digest(name)


@pytest.fixture(scope="module")
def book(fifteen: tuple[Catalog, Path]) -> Catalog:
    """Return a catalog of fifteen models with policies."""
    return Catalog("fifteen", Beside(fifteen[0]))


def test_a_policy_is_what_its_requirements_select(book: Catalog) -> None:
    assert select_by_policy(book, "tools", at=AT).ids == (THREE, TURBO, FOUR)
    assert select_by_policy(book, "dear", at=AT).ids == (FOUR, TURBO)
    assert select_by_policy(book, "dear", at=AT, limit=1).ids == (FOUR,)
    for id in policy_ids(book):
        if id in ("odd", "nothing", "reach"):
            continue
        asked = select(book, get_policy(book, id).requirements, at=AT)
        found = select_by_policy(book, id, at=AT)
        assert (found.ids, found.fell_back) == (asked.ids, False)


def test_amounts_are_exact(book: Catalog) -> None:
    found = select_by_policy(book, "calls", at=AT)
    assert found.requirements.max_cost_per_call == Decimal("0.0015")
    assert len(found) == 3


def test_where_nothing_fits_the_fallback_comes_in_its_order_and_says_so(book: Catalog) -> None:
    found = select_by_policy(book, "nothing", at=AT)
    assert found.ids == (LLAMA, FOUR, THREE)
    assert found.fell_back
    assert [one.id for one in found] == [LLAMA, FOUR, THREE]
    assert found.why_empty is not None
    assert found.why_empty.filters == ("context",)
    assert found.total == 0
    with duckdb.connect() as connection:
        assert connection.execute(found.sql).fetchall() == [(LLAMA,), (FOUR,), (THREE,)]
        none = found.falling_back(())
        assert connection.execute(none.sql).fetchall() == []
    told = {one.id: one.reason for one in found.excluded}
    assert told.keys() == {*book.deployment_ids()}
    assert told[LLAMA] == told[FOUR] == "context"
    assert select_by_policy(book, "nothing", at=AT, limit=1).ids == (LLAMA,)
    assert select_by_policy(book, "nothing", at=AT, limit=0).ids == ()
    alone = select_by_policy(book, "nothing-at-all", at=AT)
    assert (alone.ids, alone.fell_back) == ((), False)


def test_the_fallback_too_must_be_within_reach(
    book: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "GROQ_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert select_by_policy(book, "reach", at=AT).ids == ()


def test_a_policy_can_be_looked_at(book: Catalog) -> None:
    policy = get_policy(book, "tools")
    assert policy.description == "Chat with tools"
    assert policy.fallback == (LLAMA,)
    assert policy.requirements == Requirements(pipeline="text-generation", requires=("tools",))
    assert hash(get_policy(book, "calls"))


@pytest.mark.parametrize("id", ["toosl", "", 3, None, "tools\n", ["tools"]])
def test_unknown_names_are_refused(book: Catalog, id: Any) -> None:
    with pytest.raises(NotFoundError) as caught:
        select_by_policy(book, id)
    assert id != "toosl" or caught.value.nearest == ("tools",)


def test_what_contradicts_itself_is_an_error_that_says_why(book: Catalog) -> None:
    with pytest.raises(RequestError, match="needs `prefer`"):
        select_by_policy(book, "odd")
    with pytest.raises(ModelbookError):
        select_by_policy(book, "tools", at="yesterday")
    with pytest.raises(ModelbookError):
        select_by_policy(book, "tools", limit=-1)
