"""What the index says of deployments that are paid by the hour of their machines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from modelbook.decode import price_record
from modelbook.indexing import input_price
from modelbook.records import Throughput

Run = Callable[..., subprocess.CompletedProcess[str]]

FAST = Throughput(accelerators=2, input=7000, output=900)


def indexed(rows: list[dict[str, Any]], speed: Throughput | None = FAST) -> object:
    """Return the input price of an index row."""
    return input_price(tuple(map(price_record, rows)), speed)


def test_tokens_cost_what_the_machines_do_meanwhile() -> None:
    hour = Decimal("2.00") * 2 / 3600  # a second of both
    exact = hour * 10**6 / 7000 * 10**9
    assert indexed([{"gpu_hours": "2.00"}]) == int(exact) + 1  # rounded up to a nano-USD
    whole = Throughput(accelerators=1, input=1000)
    assert indexed([{"gpu_hours": "3.60"}], whole) == 10**9  # 1 USD, nothing to round
    assert indexed([{"gpu_hours": "3.60", "input": "0.5"}], whole) == 15 * 10**8  # both are paid
    assert indexed([{"gpu_hours": "free"}]) == 0


@pytest.mark.parametrize(
    ("rows", "speed"),
    [
        ([{"gpu_hours": "2.00"}], None),
        ([{"gpu_hours": "2.00"}], Throughput(accelerators=1, output=900)),
        ([{"gpu_hours": "unknown"}], FAST),
        ([{"gpu_hours": "2.00", "currency": "EUR"}], FAST),
        ([{"gpu_hours": "2.00", "input": "unknown"}], FAST),
        ([{"when": {"tier": "batch"}, "gpu_hours": "2.00"}], FAST),
    ],
)
def test_what_nobody_knows_stays_unknown(
    rows: list[dict[str, Any]], speed: Throughput | None
) -> None:
    assert indexed(rows, speed) is None


def test_its_steps_in_time() -> None:
    rows = [{"gpu_hours": "3.60"}, {"from": "2026-07-01", "gpu_hours": "7.20"}]
    whole = Throughput(accelerators=1, input=1000)
    assert indexed(rows, whole) == (("", 10**9), ("2026-07-01", 2 * 10**9))


def test_a_cap_asks_for_it(mini: Path, tmp_path: Path, modelbook: Run) -> None:
    (target,) = (mini / "providers/vllm/deployments").rglob("*.yaml")
    with target.open("a", encoding="utf-8") as file:
        file.write('prices: [{gpu_hours: "3.60"}]\nthroughput: {accelerators: 1, input: 1000}\n')
    out = tmp_path / "out"
    done = modelbook("compile", "--catalog", str(mini), "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    package = next(one.parent.name for one in out.glob("*/__init__.py"))
    code = f"""
import sys
sys.path.insert(0, {str(out)!r})
import {package} as book
(id,) = [id for id in book.deployment_ids() if id.startswith("vllm:")]
for cap in ("0.001", "0.000999999"):  # 1 USD for 1M tokens
    print(id in book.get_models_for_pipeline(
        book.get_deployment(id).pipelines[0], max_cost_per_1k=cap).ids)
print(book.price(id, {{"input": 1_000_000}}).total)
"""
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.stdout.split() == ["True", "False", "1"], answer.stderr
