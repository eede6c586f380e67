"""Names: what folds together, and which known names are near."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook.names import fold, hint, nearest, unknown_capability

IDS = ("anthropic:claude-2.0", "openai:gpt-4", "openai:gpt-4o", "vllm:qwen/qwen3-8b")


@pytest.mark.parametrize(
    "name",
    ["text-generation", "text_generation", "Text-Generation", "TEXT GENERATION", "text.generation"],
)
def test_fold(name: str) -> None:
    assert fold(name) == "textgeneration"


@given(st.text())
def test_fold_is_settled_at_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    assert fold(name.replace("-", "_")) == fold(name)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("openai:gpt-4o", "openai:gpt-4o"),
        ("opnai:gpt-4o", "openai:gpt-4o"),
        (" OpenAI:GPT-4o ", "openai:gpt-4o"),
        ("gpt-4o", "openai:gpt-4o"),
        ("gpt4o", "openai:gpt-4o"),
        ("claude-2", "anthropic:claude-2.0"),
        ("qwen3-8b", "vllm:qwen/qwen3-8b"),
    ],
)
def test_nearest(name: str, first: str) -> None:
    assert nearest(name, IDS)[0] == first


@pytest.mark.parametrize("name", ["", "   ", "xyzzy", "?", "\u2603" * 10_000])
def test_nothing_is_near(name: str) -> None:
    assert nearest(name, IDS) == ()


@given(st.text(), st.lists(st.text(min_size=1), unique=True, max_size=8))
def test_nearest_are_known_and_few(name: str, known: list[str]) -> None:
    found = nearest(name, known, 3)
    assert set(found) <= set(known)
    assert len(found) == len(set(found)) <= 3


def test_names_that_differ_in_case_only_are_all_found() -> None:
    assert set(nearest("abc", ["ABC", "Abc"])) == {"ABC", "Abc"}


def test_hint() -> None:
    assert hint(()) == ""
    assert hint(("a", "b", "c", "d")) == "; did you mean `a` or `b` or `c`?"


def test_unknown_capability_names_the_nearest() -> None:
    error = unknown_capability("visoin")
    assert error.nearest[0] == "vision"
    assert error.code == "bad-request"
    assert str(error) == "unknown capability `visoin`; did you mean `vision`?"
