"""`modelbook price --response`: what the call behind a vendor's answer cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Run

BODY = {
    "object": "chat.completion",
    "created": 1764720000,  # 2025-12-03
    "model": "gpt-4o-2024-08-06",
    "usage": {
        "prompt_tokens": 2006,
        "completion_tokens": 300,
        "prompt_tokens_details": {"cached_tokens": 1920},
    },
}


@pytest.fixture
def answer(tmp_path: Path) -> str:
    """Return the path of a recorded answer."""
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(BODY), encoding="utf-8")
    return str(path)


def test_an_answer_says_all(modelbook: Run, answer: str) -> None:
    done = modelbook("price", "--response", answer, "--provider", "openai", "--json")
    cost = json.loads(done.stdout)
    assert (cost["deployment"], cost["at"]) == ("openai:gpt-4o-2024-08-06", "2025-12-03T00:00:00Z")
    assert cost["total"] == "0.005615"  # 86 x 2.50 + 1920 x 1.25 + 300 x 10.00, a million each


def test_it_may_come_on_standard_input_and_elsewhere(modelbook: Run) -> None:
    args = ("--response", "-", "--tier", "priority", "--at", "2026-01-01", "--json")
    done = modelbook("price", "openai:gpt-4o-2024-08-06", *args, input=json.dumps(BODY))
    cost = json.loads(done.stdout)
    assert (cost["total"], cost["at"]) == ("0.0095455", "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--response", "FILE"], "nobody says whose response it is"),
        (["--response", "FILE", "--provider", "opnai"], "did you mean `openai`"),
        (["--response", "FILE", "--provider", "vllm"], "has no deployment that echoes `gpt-4o"),
        (["--response", "FILE", "--provider", "anthropic"], "error: `anthropic`"),
        (["--response", "FILE", "--provider", "openai", "--api", "chatt"], "has no api `chatt`"),
        (["--response", "FILE", "--provider", "openai", "--input", "5"], "leave out counts"),
        (["--response", "FILE", "--provider", "openai", "--history"], "leave out counts"),
        (["--response", "nowhere.json", "--provider", "openai"], "no such file"),
        (["openai:gpt-4o", "--input", "5", "--provider", "openai"], "`--provider` is for"),
        (["openai:gpt-4o", "--input", "5", "--api", "chat"], "`--api` is for"),
        (["--input", "5"], "no deployment is named"),
        (["openai/gpt-4o", "--response", "FILE"], "is a model, and prices are those of a deploy"),
    ],
)
def test_what_does_not_go_together(modelbook: Run, answer: str, args: list[str], told: str) -> None:
    done = modelbook("price", *(answer if one == "FILE" else one for one in args))
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_that_the_book_does_not_know(modelbook: Run) -> None:
    unknown = json.dumps({**BODY, "model": "gpt-4o-2031-01-01"})
    done = modelbook("price", "--response", "-", "--provider", "openai", input=unknown)
    assert done.returncode == 2
    assert "has no deployment that echoes `gpt-4o-2031-01-01`" in done.stderr
