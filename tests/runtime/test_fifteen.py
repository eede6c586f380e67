"""Fifteen well-known models, with answers that can be counted by hand; SQL gives the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pytest
from modelbook.catalog import Catalog
from modelbook.package import select
from modelbook.requirements import Requirements
from modelbook.selection import Selection

Database: TypeAlias = duckdb.DuckDBPyConnection

TURBO, FOUR, THREE = "openai:gpt-4-turbo", "openai:gpt-4", "openai:gpt-3.5-turbo"
LARGE, WHISPER, SPEECH = "openai:text-embedding-3-large", "openai:whisper-1", "openai:tts-1"
OPUS = "anthropic:claude-3-opus-20240229"
SONNET = "anthropic:claude-3-sonnet-20240229"
HAIKU = "anthropic:claude-3-haiku-20240307"
PRO, SEEING = "google:gemini-pro", "google:gemini-pro-vision"
LLAMA, MIXTRAL = "groq:llama3-70b-8192", "groq:mixtral-8x7b-32768"
COMMAND, ENGLISH = "cohere:command", "cohere:embed-english-v3.0"

CHEAPEST_FIRST = [HAIKU, PRO, SEEING, THREE, SONNET, TURBO, OPUS, FOUR, COMMAND, LLAMA, MIXTRAL]

ANSWERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, CHEAPEST_FIRST),
    (
        {"min_context_length": 8192, "max_cost_per_1k": 0.01},
        [HAIKU, PRO, SEEING, THREE, SONNET, TURBO],
    ),
    ({"min_context_length": 8193}, [HAIKU, PRO, SEEING, THREE, SONNET, TURBO, OPUS, MIXTRAL]),
    ({"max_cost_per_1k": 0}, []),
    ({"max_cost_per_1k": "0.00025"}, [HAIKU, PRO, SEEING]),
    ({"max_cost_per_1k": "0.000249999999"}, []),
    ({"max_input_cost": 3, "max_cost_per_1k": 1}, [HAIKU, PRO, SEEING, THREE, SONNET]),
    ({"max_output_cost": "1.25"}, [HAIKU, PRO, SEEING]),
    ({"max_output_cost": "1.2499999999"}, [PRO, SEEING]),
    ({"requires": "tools"}, [THREE, TURBO, FOUR]),
    ({"requires": {"tools", "vision"}}, [TURBO]),
    ({"requires": {"tools": True, "vision": False}}, [THREE, FOUR]),
    ({"requires": {"vision": False}}, [PRO, THREE, FOUR, COMMAND, LLAMA, MIXTRAL]),
    ({"lacks": "tools"}, []),
    ({"input": "image"}, [SEEING, SONNET, TURBO, OPUS]),
    ({"providers": ["groq", "cohere"]}, [COMMAND, LLAMA, MIXTRAL]),
    ({"exclude_providers": {"openai", "google", "groq", "cohere"}}, [HAIKU, SONNET, OPUS]),
    ({"prefer": ["groq", "openai"], "limit": 4}, [LLAMA, MIXTRAL, THREE, TURBO]),
    ({"creators": "Meta"}, [LLAMA]),
    ({"models": ["mistral/mixtral-8x7b-32768"]}, [MIXTRAL]),
    ({"text": "GPT 4"}, [FOUR, TURBO]),
    ({"text": "claude-3 o"}, [OPUS, HAIKU, SONNET]),
    ({"include_api": False}, []),
    ({"sort": "-cost", "limit": 3}, [FOUR, OPUS, TURBO]),
    ({"sort": "context", "limit": 4}, [HAIKU, OPUS, SONNET, TURBO]),
    ({"sort": "-context", "limit": 3}, [COMMAND, LLAMA, FOUR]),
    ({"sort": "output_cost,-context", "limit": 3}, [SEEING, PRO, HAIKU]),
    ({"sort": ("provider", "-name"), "limit": 4}, [SONNET, OPUS, HAIKU, COMMAND]),
    ({"sort": "name", "limit": 2}, [HAIKU, OPUS]),
    ({"sort": "preference", "prefer": "cohere", "limit": 2}, [COMMAND, HAIKU]),
    (
        {"usage": {"input": 1000, "output": 1000}, "max_cost_per_call": "0.0015"},
        [HAIKU, PRO, SEEING],
    ),
    ({"usage": {"input": 10_000, "output": 10}, "sort": "cost", "limit": 2}, [PRO, SEEING]),
    (
        {"usage": {"input": 10_000}, "max_cost_per_call": 9},
        [HAIKU, PRO, SEEING, THREE, SONNET, TURBO, OPUS],
    ),
    ({"limit": 0}, []),
]
"""What is asked of text generation, and the answer."""


@pytest.fixture(scope="module")
def asked(fifteen: tuple[Catalog, Path]) -> Iterator[tuple[Catalog, Database]]:
    """Return the catalog and a connection to its database."""
    with duckdb.connect(str(fifteen[1]), read_only=True) as connection:
        yield fifteen[0], connection


def ask(asked: tuple[Catalog, Database], pipeline: str | None, **fields: Any) -> Selection:
    """Return a selection, once SQL has given the same."""
    found = select(asked[0], Requirements(pipeline=pipeline, **fields), at="2026-11-01")
    assert [id for (id,) in asked[1].execute(found.sql).fetchall()] == list(found.ids)
    return found


@pytest.mark.parametrize(("fields", "ids"), ANSWERS)
def test_text_generation(
    asked: tuple[Catalog, Database], fields: dict[str, Any], ids: list[str]
) -> None:
    assert list(ask(asked, "text-generation", **fields).ids) == ids


@pytest.mark.parametrize(
    ("pipeline", "ids"),
    [
        ("feature-extraction", [LARGE, ENGLISH]),
        ("automatic-speech-recognition", [WHISPER]),
        ("text-to-speech", [SPEECH]),
        ("image-to-text", [SEEING]),
        ("Visual_Question_Answering", [SEEING]),
        ("image-text-to-text", [SONNET, TURBO, OPUS]),
        ("text-to-audio", []),
    ],
)
def test_other_types(asked: tuple[Catalog, Database], pipeline: str, ids: list[str]) -> None:
    assert list(ask(asked, pipeline).ids) == ids


def test_what_is_out_says_why(asked: tuple[Catalog, Database]) -> None:
    found = ask(asked, "text-generation", requires={"tools", "vision"}, max_cost_per_1k="0.02")
    told = {one.id: (one.reason, one.text) for one in found.excluded}
    assert len(told) == 14
    assert told[FOUR] == ("cost", "costs 0.03 USD per 1,000 standard input tokens")
    assert told[LLAMA] == ("cost", "has no known input price in USD")
    assert told[THREE] == ("requires", "has no vision")
    assert told[OPUS] == ("requires", "is not known to have tools")
    assert told[HAIKU] == ("requires", "is not known to have tools, vision")
    assert told[PRO] == ("requires", "has no vision and is not known to have tools")
    assert told[WHISPER][0] == "pipeline"


RARE: list[tuple[dict[str, Any], str, str, str]] = [
    (
        {"exclude_providers": "groq"},
        LLAMA,
        "excluded_provider",
        "is at a provider that was left out",
    ),
    ({"models": "openai/gpt-4"}, PRO, "model", "is google/gemini-pro"),
    ({"creators": "openai"}, PRO, "creator", "is made by google"),
    ({"text": "gpt 9"}, FOUR, "text", "has no `9` in its names"),
    ({"methods": "cli"}, FOUR, "method", "is not reached by cli, but by api"),
    ({"statuses": "preview"}, FOUR, "status", "is active"),
    ({"min_output_tokens": 1}, FOUR, "output_tokens", "has no known limit of output"),
    ({"max_output_cost": 1}, FOUR, "output_cost", "costs 60 USD per 1M standard output tokens"),
    ({"max_output_cost": 1}, LLAMA, "output_cost", "has no known output price in USD"),
    ({"lacks": "tools"}, HAIKU, "lacks", "is not known to lack tools"),
    ({"lacks": "tools"}, FOUR, "lacks", "has tools"),
    ({"input": "image"}, HAIKU, "modality", "is not known to take image"),
    ({"output": ["audio", "text"]}, FOUR, "modality", "does not give audio"),
    ({"open_weights": True}, LLAMA, "open_weights", "has weights that are not known to be"),
    ({"max_parameters": 1}, LLAMA, "parameters", "has no known number of parameters"),
    ({"regions": "EU"}, LLAMA, "region", "is not known to be served in eu"),
    ({"trains_on_inputs": False}, LLAMA, "data_policy", "is not known not to train"),
    ({"max_retention_days": 0}, LLAMA, "data_policy", "is not known for how long it keeps"),
    ({"zero_retention": True}, LLAMA, "data_policy", "is not known to keep nothing"),
    (
        {"usage": {"input": 1000, "output": 1}, "max_cost_per_call": 0},
        FOUR,
        "call_cost",
        "costs 0.03006 USD a call",
    ),
    (
        {"usage": {"input": 9000, "output": 1}, "max_cost_per_call": 1},
        FOUR,
        "call_cost",
        "takes at most 8,192 input tokens",
    ),
]


@pytest.mark.parametrize(("fields", "id", "reason", "text"), RARE)
def test_every_rare_filter_says_why(
    asked: tuple[Catalog, Database], fields: dict[str, Any], id: str, reason: str, text: str
) -> None:
    told = {one.id: one for one in ask(asked, None, **fields).excluded}
    assert told[id].reason == reason
    assert text in told[id].text


def test_why_nothing_is_left(asked: tuple[Catalog, Database]) -> None:
    assert ask(asked, "text-generation").why_empty is None
    why = ask(
        asked, "text-generation", max_cost_per_1k="0.0001", min_context_length=30_000
    ).why_empty
    assert why is not None
    assert why.filters == ("cost",)
    assert [one.id for one in why.nearest[:2]] == [HAIKU, PRO]
    assert why.nearest[0].text == "costs 0.00025 USD per 1,000 standard input tokens"
    assert why.text.startswith(
        "without the cap on the standard input price there would be 6; nearest is"
    )


def test_the_nearest_context_is_the_largest(asked: tuple[Catalog, Database]) -> None:
    why = ask(asked, "text-generation", min_context_length=10**6).why_empty
    assert why is not None
    assert {one.id for one in why.nearest[:3]} == {HAIKU, OPUS, SONNET}


def test_filters_that_empty_it_together(asked: tuple[Catalog, Database]) -> None:
    why = ask(
        asked, "text-generation", requires="reasoning", max_cost_per_1k=0, open_weights=True
    ).why_empty
    assert why is not None
    assert why.filters == ("cost", "requires", "open_weights")
    assert "is not known to have reasoning and has weights" in why.nearest[0].text


def test_two_that_each_empty_it(asked: tuple[Catalog, Database]) -> None:
    why = ask(
        asked, "text-generation", providers="groq", requires="tools", include_api=True
    ).why_empty
    assert why is not None
    assert set(why.filters) == {"provider", "requires"}


def test_a_type_that_nobody_serves(asked: tuple[Catalog, Database]) -> None:
    why = ask(asked, "text-to-audio", max_cost_per_1k=1).why_empty
    assert why is not None
    assert (why.filters, why.nearest) == (("pipeline",), ())
    assert ask(asked, "text-generation", limit=0).why_empty.filters == ("limit",)  # type: ignore[union-attr]
