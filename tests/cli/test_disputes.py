"""`modelbook disputes`: what others say, in the order in which it matters."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
ALPHA = "acme:alpha-1-2025-08-15"


def listed(hear: Run, *args: str) -> list[dict[str, Any]]:
    """Return what `--json` lists."""
    done = hear("disputes", *args, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def named(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return ids and fields."""
    return [(one["id"].partition(":")[2] or one["id"], one["field"]) for one in found]


def test_what_is_most_at_stake_comes_first_and_what_nobody_knows_last(hear: Run) -> None:
    found = listed(hear)
    assert named(found) == [
        ("alpha-1-2025-08-15", "prices.input"),  # 897.50 apart
        ("alpha-1-2025-08-15", "prices.input"),  # 4.75
        ("embed-1", "prices.input"),  # 0.50, from nothing
        ("alpha-1-2025-08-15", "prices.reasoning"),  # the book states none
        ("alpha-1-2025-08-15", "limits.max_output"),  # twice
        ("acme/embed-1", "dimensions"),  # half
        ("alpha-1-2025-08-15", "limits.context"),  # a quarter less
        ("alpha-1-2025-08-15", "capabilities.tools"),  # no number
    ]
    assert [one["stake"] for one in found[:4]] == ["897.5", "4.75", "0.5", None]
    percents = [one["difference_percent"] for one in found]
    assert percents == [35900.0, 380.0, None, None, 100.0, -50.0, -25.0, None]


def test_json_says_everything(hear: Run) -> None:
    refused, older, *_ = listed(hear, ALPHA)
    assert (refused["value"], refused["won"], refused["won_source"]) == ("900", "2.50", "curated")
    assert (refused["source"], refused["version"]) == ("far-book", "2")
    assert (refused["quarantine"], refused["reason"]) == ("above-ceiling", "360 times as much")
    assert (older["when"], older["from"], older["until"]) == (
        {"tier": "batch"},
        "2026-01-01T00:00Z",
        None,
    )
    assert (older["url"], older["checked"]) == ("https://example.com/other", "2026-01-02")
    assert (older["kind"], older["quarantine"]) == ("deployment", None)


def test_the_table_has_a_line_for_each_and_ends_with_counts(hear: Run) -> None:
    head, *rows, last = hear("disputes").stdout.splitlines()
    assert head.split() == ["id", "field", "book", "says", "other", "says", "difference", "why"]
    assert len(rows) == 8
    assert rows[0].split()[:6] == [ALPHA, "prices.input", "2.50", "(curated)", "900", "(far-book)"]
    assert rows[0].endswith("+35,900 %  not believed: above-ceiling; 360 times as much")
    assert "prices.input, tier batch, from 2026-01-01  1.25 (curated)" in rows[1]
    assert "limits.context" in rows[6]
    assert "128,000 (curated)" in rows[6]
    assert last == "8 disputes, 2 deployments, 1 model, 4 of prices, 2 not believed"


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        (("acme/embed-1",), ["dimensions"]),
        (("acme:embed-1", "acme/embed-1"), ["prices.input", "dimensions"]),
        (("--field", "limits"), ["limits.max_output", "limits.context"]),
        (("--field", "limits.context"), ["limits.context"]),
        (("--field", "prices", "--quarantined"), ["prices.input", "prices.reasoning"]),
        (("--source", "far-book", "--field", "limits"), ["limits.max_output"]),
        (("--source", "far-book 2", "--field", "limits"), ["limits.max_output"]),
        (("--provider", "acme", "--limit", "1"), ["prices.input"]),
        (("--provider", "vllm"), []),
        (("openlab/gamma-7b",), []),
        (("acme/alpha-one", "--limit", "0"), []),
    ],
)
def test_filters(hear: Run, asked: tuple[str, ...], fields: list[str]) -> None:
    assert [one["field"] for one in listed(hear, *asked)] == fields


def test_a_limit_says_how_many_there_are(hear: Run) -> None:
    *rows, last = hear("disputes", "--limit", "2").stdout.splitlines()
    assert len(rows) == 1 + 2
    assert last.endswith("; 2 shown, --limit 8 shows all")
    assert hear("disputes", "vllm:openlab/gamma-7b").stdout == "no disputes\n"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("acme:alpha-12",), "no deployment or model `acme:alpha-12`; did you mean `acme:alpha-1`"),
        (("alpha-1-2025-08-15",), f"did you mean `{ALPHA}`"),
        (("--field", "prices.inptu"), "no field `prices.inptu`; did you mean `prices.input`"),
        (("--field", "context"), "did you mean `limits.context`"),
        (("--field", ""), "no field ``"),
        (("--source", "farbook"), "did you mean `far-book`"),
        (("--provider", "acne"), "did you mean `acme`"),
        (("--limit", "-1"), "-1"),
        (("--database", "nowhere.duckdb"), "there is no catalog `nowhere.duckdb`"),
        (("--database", "catalog/catalog.yaml"), "not a valid DuckDB database file"),
        (("x" * 100_000,), "no deployment or model `xxx"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(
    hear: Run, refused: Callable[[Done], str], asked: tuple[str, ...], said: str
) -> None:
    assert said in refused(hear("disputes", *asked))


def test_a_terminal_gets_lines_that_fit(terminal: Callable[..., str], argued: Path) -> None:
    for columns in (60, 100, 160):
        database = str(argued / "generated" / "catalog.duckdb")
        shown = terminal("disputes", "--database", database, columns=columns)
        *lines, _counts = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
        assert max(map(len, lines)) <= columns, shown
        assert "8 disputes, 2 deployments" in " ".join(shown.split())


def test_a_catalog_of_an_older_version_says_what_to_do(
    hear: Run, refused: Callable[[Done], str], tmp_path: Path
) -> None:
    import duckdb

    older = tmp_path / "older.duckdb"
    with duckdb.connect(str(older)) as connection:
        connection.execute("CREATE TABLE meta (name VARCHAR)")
    assert "hint: run `modelbook compile`" in refused(hear("disputes", "--database", str(older)))
