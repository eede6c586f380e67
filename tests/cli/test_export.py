"""`modelbook export`: the small catalog in other people's shapes, as a user gets it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook_importers.market import sources

Done = subprocess.CompletedProcess[str]
Ask = Callable[..., Done]
GOLDEN = Path(__file__).resolve().parent.parent / "exporters" / "golden"
AT = ("--at", "2026-11-23")


@pytest.mark.parametrize("shape", ["litellm", "models-dev"])
def test_the_small_catalog_in_each_shape(ask: Ask, shape: str) -> None:
    done = ask("export", shape, *AT)
    assert done.returncode == 0, done.stderr
    path = GOLDEN / f"{shape}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(done.stdout)
    assert done.stdout == path.read_text()


def test_a_file_is_what_would_be_printed_and_our_reader_takes_it(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "models.dev-api-2026-11-23.json"
    done = ask("export", "models-dev", *AT, "--output", str(path))
    assert (done.returncode, done.stdout) == (0, "")
    assert path.read_text() == ask("export", "models-dev", *AT, "--json").stdout
    reading = sources.read(path)
    assert not reading.refused or {one.reason for one in reading.refused} == {"zero-price"}
    row = next(row for row in reading.rows if row.raw.key == "alpha-1-2025-08-15")
    assert [dict(one.entry) for one in row.prices] == [
        {"input": "2.50", "output": "10.00", "cache_read": "1.25"},
        {"when": {"context_above": 64000}, "input": "5.00", "output": "20.00"},
    ]
    assert row.value("limits.context") == 128_000


def test_the_day_decides(ask: Ask) -> None:
    done = ask("export", "litellm", "--at", "2026-12-01")
    row = json.loads(done.stdout)["acme/alpha-1-2025-08-15"]
    assert row["input_cost_per_token"] == 2e-06


def test_what_the_shape_cannot_say_is_counted(ask: Ask) -> None:
    done = ask("export", "models-dev", *AT)
    assert "prices that this shape cannot say: tier" in done.stderr
    assert ask("export", "litellm", *AT).stderr == ""


def test_one_provider_and_one_that_is_not_there(ask: Ask, refused: Callable[[Done], str]) -> None:
    assert "vllm" in ask("export", "models-dev", "--provider", "vllm").stdout
    assert "did you mean `acme`?" in refused(ask("export", "litellm", "--provider", "acmee"))


@pytest.mark.parametrize(
    "words", [["--at", "yesterday"], ["--output", "catalog/catalog.yaml/a.json"]]
)
def test_what_cannot_be_done_is_said(
    ask: Ask, refused: Callable[[Done], str], words: list[str]
) -> None:
    assert words[1] in refused(ask("export", "litellm", *words))


def test_help_shows_examples(ask: Ask) -> None:
    for words in (["export"], ["export", "litellm"], ["export", "models-dev"]):
        assert "Examples:" in ask(*words, "--help").stdout
