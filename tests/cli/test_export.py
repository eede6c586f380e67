"""`modelbook export`: the small catalog in other people's shapes, as a user gets it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
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
    shapes = ("litellm", "models-dev", "litellm-router", "openai-models", "csv", "parquet")
    for words in (["export"], *(["export", shape] for shape in shapes)):
        assert "Examples:" in ask(*words, "--help").stdout


SELECTED = {
    "litellm-router.yaml": ["litellm-router", "--provider", "acme", "--routing", "least-busy"],
    "openai-models.json": ["openai-models", "--by", "deployment", "--retired"],
    "deployments.csv": ["csv", "--retired"],
    "deployments.ndjson": ["ndjson", "--retired"],
}


@pytest.mark.parametrize("name", SELECTED)
def test_what_the_filters_choose_in_each_shape(ask: Ask, name: str) -> None:
    """Whole outputs; and no value of a key is in them, though it is in the environment."""
    done = ask("export", *SELECTED[name], *AT, ACME_API_KEY="sk-acme-not-to-be-seen")
    assert done.returncode == 0, done.stderr
    assert "not-to-be-seen" not in done.stdout + done.stderr
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(done.stdout, encoding="utf-8", newline="")
    assert done.stdout == path.read_text(encoding="utf-8").replace("\r\n", "\n")


def test_parquet_is_written_whole_and_not_printed(
    ask: Ask, tmp_path: Path, refused: Callable[[Done], str]
) -> None:
    path = tmp_path / "x.parquet"
    done = ask("export", "parquet", "--provider", "acme", "--output", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found = duckdb.sql(f"SELECT DISTINCT provider_id FROM '{path}'").fetchall()  # noqa: S608
    assert found == [("acme",)]
    assert "--output" in refused(ask("export", "parquet"))


def test_a_proxy_serves_what_somebody_chose(
    ask: Ask, tmp_path: Path, refused: Callable[[Done], str]
) -> None:
    assert "choose what yours serves" in refused(ask("export", "litellm-router"))
    nothing = refused(ask("export", "litellm-router", "--min-context", "9000000"))
    assert "nothing that litellm can reach meets the filters" in nothing
    path = tmp_path / "map.json"
    path.write_text("[1]")
    words = ("--provider", "acme", "--litellm-map", str(path))
    assert "is not litellm's map of models" in refused(ask("export", "litellm-router", *words))
    assert "did you mean `acme`?" in refused(ask("export", "csv", "--provider", "acmee"))


def test_no_folder_is_made_for_a_file(
    ask: Ask, refused: Callable[[Done], str], tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    assert "there is no folder" in refused(ask("export", "csv", "--output", str(gone / "x.csv")))
    assert not gone.exists()
