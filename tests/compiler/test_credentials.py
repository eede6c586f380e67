"""What looks like a secret is found wherever it stands, and shown nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., "CompletedProcess[str]"]
KEY = "sk-proj-abcdefghijklmnopqrstuvwx123456"
BARE = "Zq7" + "rT2mWx9LbN4vKs8DyH3" * 2
"""A key without a form of its own, as several vendors give out."""
PLACES = {
    "value": ("name: Alpha 1", f"name: {KEY}"),
    "comment": ("name: Alpha 1", f"name: Alpha 1  # {KEY}"),
    "unknown field": ("name: Alpha 1", f"name: Alpha 1\napi_key: {KEY}"),
    "key": ("name: Alpha 1", f"name: Alpha 1\n{KEY}: yes"),
    "wrong form": ("released: 2025-03-01", f"released: {KEY}"),
    "broken file": ("name: Alpha 1", f"name: [{KEY}"),
    "duplicate key": ("name: Alpha 1", f"name: Alpha 1\n{KEY}: 1\n{KEY}: 2"),
    "without modeline": ("# yaml-language-server", f"# {KEY} yaml-language-server"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("shape", ["text", "json", "sarif", "github"])
def test_it_is_named_and_never_shown(modelbook: Run, mini: Path, place: str, shape: str) -> None:
    path = mini / "models/acme/alpha-1.yaml"
    old, new = PLACES[place]
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    done = modelbook("check", "--format", shape, cwd=mini.parent)
    assert done.returncode == 1
    assert "MB310" in done.stdout
    assert KEY not in done.stdout + done.stderr
    assert "abcdefghijklmnop" not in done.stdout + done.stderr


def test_its_range_is_exact(modelbook: Run, mini: Path) -> None:
    path = mini / "models/acme/alpha-1.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] += f"  # é {KEY}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = modelbook("check", "--format", "json", cwd=mini.parent)
    (problem,) = json.loads(done.stdout)["problems"]
    start = lines[3].index(KEY) + 1
    assert (problem["line"], problem["column"]) == (4, start)
    assert problem["end_column"] == start + len(KEY)


NAMED = {
    "a comment": ("name: Alpha 1", f"name: Alpha 1  # api_key: {BARE}"),
    "an unknown field": ("name: Alpha 1", f"name: Alpha 1\napi_key: {BARE}"),
    "a block": ("name: Alpha 1", f"name: Alpha 1\ntoken: >-\n  {BARE}"),
    "a short one": ("name: Alpha 1", "name: Alpha 1\npassword: hunter2&hunter2"),
    "with blanks": ("name: Alpha 1", "name: Alpha 1\nopenai_api_key: correct horse battery"),
    "in quotes": ("name: Alpha 1", "name: Alpha 1\nauthorization: 'Basic hunter2hunter2'"),
}
SHOWS = (BARE, BARE[:12], "hunter2", "horse")


@pytest.mark.parametrize("place", NAMED)
@pytest.mark.parametrize("shape", ["text", "json", "sarif", "github"])
def test_what_stands_after_a_secret_like_name_is_never_shown(
    modelbook: Run, mini: Path, place: str, shape: str
) -> None:
    path = mini / "models/acme/alpha-1.yaml"
    old, new = NAMED[place]
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    done = modelbook("check", "--format", shape, cwd=mini.parent)
    assert done.returncode == 1
    assert "MB310" in done.stdout
    assert not any(one in done.stdout + done.stderr for one in SHOWS)


VALUES = {
    "of a form": ("sk-" + "ant-" + "a1B2" * 8, True),
    "of no form": (BARE, True),
    "short": ("hunter2", False),
    "in words": ("correct horse battery", False),
    "cut in two": ("Bearer " + BARE, True),
    "quoted": ('"hunter2/hunter2 "', False),
}
"""What somebody writes in the place of a reference, and whether it is a secret for certain."""


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("shape", ["text", "json", "sarif", "github"])
def test_R2_a_value_in_the_place_of_a_reference_is_an_error_and_masked(
    modelbook: Run, mini: Path, kind: str, shape: str
) -> None:
    path = mini / "providers/acme/provider.yaml"
    value, sure = VALUES[kind]
    text = path.read_text(encoding="utf-8")
    assert "secret: acme/api_key" in text
    path.write_text(text.replace("secret: acme/api_key", f"secret: {value}"), encoding="utf-8")
    done = modelbook("check", "--format", shape, cwd=mini.parent)
    assert done.returncode == 1
    assert "MB105" in done.stdout
    assert ("MB310" in done.stdout) == sure
    for part in (value.strip('" '), *value.strip('" ').split()):
        assert part not in done.stdout + done.stderr
