"""Models known only at run time: `python benchmarks/managing.py [--models 10000]`.

A manager over the public book takes in made-up models, a deployment each, and keeps them in a file;
turning the same facts into JSON text, in the same process, is what each step is held against.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from modelbook.manager import ModelManager


def main() -> None:
    """Measure once each and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=10_000)
    facts = [_facts(number) for number in range(parser.parse_args().models)]
    usual = _seconds(lambda: json.dumps(facts))
    print(f"{len(facts):,} models with a deployment each; as JSON text {usual * 1e3:.0f} ms")
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as folder:
        for storage in ("duckdb", "json"):
            for step, took in _steps(facts, Path(folder, f"models.{storage}"), storage):
                print(f"{storage:7} {step:28} {took * 1e3:9.1f} ms {took / usual:8.1f} x")


def _steps(facts: list[dict[str, Any]], path: Path, storage: Any) -> list[tuple[str, float]]:
    """Return what each step of a manager's life takes, in seconds."""
    manager = ModelManager(path=path, storage=storage)
    further = _facts(len(facts))
    return [
        ("register all", _seconds(lambda: manager.register_many(facts))),
        ("ask for a pipeline type", _seconds(lambda: _ask(manager))),
        ("register one more", _seconds(lambda: manager.register(further))),
        ("ask again", _seconds(lambda: _ask(manager))),
        ("save", _seconds(manager.save)),
        ("open", _seconds(lambda: ModelManager(path=path, storage=storage))),
    ]


def _ask(manager: ModelManager) -> int:
    """Ask what a program would ask."""
    return len(manager.get_models_for_pipeline("text-generation", requires="tools", limit=50))


def _facts(number: int) -> dict[str, Any]:
    """Return the facts of a made-up model with a deployment."""
    return {
        "id": f"acme/made-{number}",
        "name": f"Made {number}",
        "modalities": {"input": ["text"], "output": ["text"]},
        "limits": {"context": 8192 + number},
        "capabilities": {"tools": number % 2 == 0},
        "pipelines": ["text-generation"],
        "deployments": [{"id": f"vllm:acme/made-{number}", "prices": [{"input": "0.10"}]}],
    }


def _seconds(step: Callable[[], object]) -> float:
    """Return how long a step takes."""
    start = perf_counter()
    step()
    return perf_counter() - start


if __name__ == "__main__":
    main()
