"""`modelbook stats`: every figure is what a count of the same catalog says, and parts add up."""

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


def told(hear: Run, *args: str) -> dict[str, Any]:
    """Return what `--json` says."""
    done = hear("stats", "--json", *args)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_size_of_the_small_catalog(hear: Run) -> None:
    size = told(hear, "--at", "2026-01-02")["size"]
    assert size["providers"] == {"api": 1, "self-hosted": 1}
    assert size["deployments"] == {"api": 3, "retired": 1, "self-hosted": 1}
    assert (size["models"], size["open_weight_models"]) == (3, 1)
    assert size["prices"] == 2 + 10 + 1 + (2 + 10)  # a moving name has those of its targets
    assert size["quarantined"] == 2
    assert sum(size["disputes"].values()) == 8
    assert size["disputes"]["prices.input"] == 3
    assert next(iter(size["disputes"])) == "prices.input"


def test_a_deployment_is_retired_from_its_day_on(hear: Run) -> None:
    for day, retired in (("2026-05-31", 1), ("2026-06-01", 2)):
        deployments = told(hear, "--at", day)["size"]["deployments"]
        assert deployments == {"api": 4 - retired, "retired": retired, "self-hosted": 1}


def test_coverage_counts_what_is_known(hear: Run) -> None:
    coverage = told(hear)["coverage"]
    models = coverage["models"]
    assert models["total"] == 3
    assert (models["context"], models["max_output"], models["modalities"]) == (3, 1, 3)
    assert (models["released"], models["knowledge_cutoff"], models["license"]) == (2, 1, 1)
    assert (models["parameters"], models["open_weights"], models["tools"]) == (1, 1, 1)
    assert coverage["deployments"] == {
        "total": 4,
        "any price": 4,
        "input price": 4,
        "output price": 3,
        "cache price": 2,
    }
    assert coverage["providers"] == {"total": 2, "base_url": 2, "secret": 1}


@pytest.mark.parametrize(
    ("day", "bucket"),
    [
        ("2025-06-01", "up to 30 days"),
        ("2026-01-02", "up to 30 days"),
        ("2026-02-01", "up to 30 days"),
        ("2026-02-02", "up to 90 days"),
        ("2026-07-01", "up to 180 days"),
        ("2027-01-02", "up to 365 days"),
        ("2027-01-03", "older"),
    ],
)
def test_ages_count_from_the_day(hear: Run, day: str, bucket: str) -> None:
    found = told(hear, "--at", day)
    assert found["at"] == day
    assert {name: count for name, count in found["age"].items() if count} == {bucket: 5}


def test_all_parts_add_up(hear: Run, argued: Path) -> None:
    found = told(hear)
    size, files = found["size"], found["files"]
    assert sum(size["deployments"].values()) == sum(found["age"].values()) == 5
    assert sum(size["providers"].values()) == found["coverage"]["providers"]["total"]
    assert size["models"] == found["coverage"]["models"]["total"]
    there = list((argued / "catalog").rglob("*.yaml"))
    assert sum(one["by_hand"] + one["imported"] for one in files.values()) == len(there)
    assert files["architecture"] == {"by_hand": 1, "imported": 1}
    assert files["deployment"] == {"by_hand": 5, "imported": 0}
    sources = {one["source"]: one["files"] for one in found["sources"]}
    named = [one for one in there if "https://example.com/models" in one.read_text()]
    assert sources["https://example.com/models"] == len(named)
    for fields in found["coverage"].values():
        assert all(count <= fields["total"] for count in fields.values())


def test_a_page_of_bars_that_fits(hear: Run, terminal: Callable[..., str], argued: Path) -> None:
    shown = hear("stats", "--at", "2026-01-02").stdout
    assert shown.startswith("providers     2  api 1, self-hosted 1\n")
    assert "deployments   5  api 3, retired 1, self-hosted 1\n" in shown
    assert "disputes      8  2 not believed\n" in shown
    assert re.search(r"\n  knowledge_cutoff █+\S? +1   33 %\n", shown)
    assert re.search(r"\n  older +0    0 %\n", shown)
    assert "unknown" not in shown
    for columns in (30, 80, 200):
        database = str(argued / "generated" / "catalog.duckdb")
        lines = terminal("stats", "--database", database, columns=columns).splitlines()
        assert max(len(line) for line in lines if line.startswith("  ")) <= min(columns, 100)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--database", "nowhere.duckdb"), "there is no catalog `nowhere.duckdb`"),
        (("--at", "soon"), "soon"),
        (("--at", "2026-02-30"), "2026-02-30"),
    ],
)
def test_what_cannot_be_told(
    hear: Run, refused: Callable[[Done], str], asked: tuple[str, ...], said: str
) -> None:
    assert said in refused(hear("stats", *asked))


def test_a_catalog_of_an_older_version_says_what_to_do(
    hear: Run, refused: Callable[[Done], str], tmp_path: Path
) -> None:
    import duckdb

    older = tmp_path / "older.duckdb"
    with duckdb.connect(str(older)) as connection:
        connection.execute("CREATE TABLE meta (name VARCHAR)")
    assert "hint: run `modelbook compile`" in refused(hear("stats", "--database", str(older)))
