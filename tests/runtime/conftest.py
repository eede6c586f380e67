"""A market to compare on: the small catalog with offers in other currencies, per call, by hour."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

MINI = Path(__file__).resolve().parent.parent / "mini" / "catalog"
LIFE = "lifecycle: {status: active, released: 2025-01-01}\n"
REST = """\
sources: [{url: "https://example.com/models", checked: 2026-01-02}]
"""
OFFERS = {
    "acme/deployments/euro-1.yaml": """\
model: acme/alpha-1
prices:
  - {currency: EUR, input: "1.00", output: "3.00"}
""",
    "acme/deployments/euro-0.yaml": """\
model: acme/alpha-1
lifecycle: {status: retired, released: 2025-03-01, retired_on: 2025-12-01}
prices:
  - {currency: EUR, input: "1.00", output: "3.00"}
""",
    "acme/deployments/per-call.yaml": """\
model: acme/alpha-1
prices:
  - {input: free, output: free, requests: "0.01", allowance: {requests: {quantity: 50, per: day}}}
""",
    "vllm/deployments/openlab/hourly-7b.yaml": """\
model: openlab/gamma-7b
throughput: {accelerators: 1, input: 10000, output: 1000}
prices:
  - {gpu_hours: "3.60"}
""",
}
"""Deployments beside those of the small catalog; "hourly" costs a tenth of a cent a second."""


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Return the generated package of the market."""
    place = tmp_path_factory.mktemp("market")
    shutil.copytree(MINI, place / "catalog")
    for path, text in OFFERS.items():
        up = "../" * (path.count("/") + 2)
        head = f"# yaml-language-server: $schema={up}schemas/deployment.schema.json\n"
        text += LIFE * ("lifecycle" not in text) + REST
        (place / "catalog" / "providers" / path).write_text(head + text, encoding="utf-8")
    command = [sys.executable, "-m", "modelbook_cli", "compile", "--package", "market_models"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(place / "generated"))
    yield importlib.import_module("market_models")
    sys.path.remove(str(place / "generated"))
