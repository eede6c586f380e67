"""`modelbook sources`: what a reviewer of the public catalogs sees."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
DATA = Path(__file__).parent.parent / "importers" / "market" / "data"
API, MODELS, FEED = (
    str(DATA / name)
    for name in (
        "models.dev-api-2026-07-02.json",
        "models.dev-models-2026-07-02.json",
        "openrouter-models-2026-05-12.json",
    )
)


def test_sources_counts_what_was_read_and_says_what_was_not(modelbook: Run) -> None:
    done = modelbook("sources", API, MODELS, FEED)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    titles = "source data of rows providers deployments models unresolved no models refused"
    assert lines[0].split() == titles.split()
    assert lines[1].split()[:4] == ["models-dev", "2026-07-02", "2026-07-02", "6"]
    assert any(line.startswith("together") for line in lines)
    assert "a price of 0 that nothing declares free" in done.stdout
    assert "it names a row that is not there" in done.stdout
    assert "no-creator" in done.stdout


def test_sources_as_json_names_every_value_and_place(modelbook: Run) -> None:
    done = modelbook("sources", API, MODELS, "--json")
    said = json.loads(done.stdout)
    api = said["sources"][0]
    assert (api["source"], api["rows"], api["dated"]) == ("models_dev", 6, "2026-07-02")
    assert {"provider", "key", "field", "value", "reason", "at"} == set(api["refused_values"][0])
    assert said["dangling"][0]["base"] == "nobody/nothing"
    assert said["together"]["rows"] == 7


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("prices.json", "{}", "does not say which source it is"),
        ("models.dev.json", '{"a": 1, "a": 2}', "has the key `a` twice"),
        ("models.dev.json", '{"a": {', "is no JSON"),
        ("openrouter.json", "[]", "has no list `data`"),
        ("litellm.json", "{}", "is no wheel of litellm"),
    ],
)
def test_sources_that_cannot_be_read_end_in_a_message(
    name: str, text: str, message: str, modelbook: Run, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    done = modelbook("sources", str(tmp_path / name))
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_sources_need_the_tables_of_a_catalog(modelbook: Run, mini: Path) -> None:
    done = modelbook("sources", FEED, "--catalog", str(mini))
    assert done.returncode == 2
    assert "the catalog has no `provider-slugs.yaml`" in done.stderr
    done = modelbook("sources", FEED, "--catalog", str(mini.parent))
    assert "is no catalog" in done.stderr
