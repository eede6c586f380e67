"""What looks like a secret is found wherever it stands, and shown nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., "CompletedProcess[str]"]
KEY = "sk-proj-abcdefghijklmnopqrstuvwx123456"
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
