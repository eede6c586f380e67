"""A small package to lay registered rows over, and providers to register with."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from modelbook.manager import ModelManager
from modelbook_compiler import publish
from modelbook_compiler.build import check
from modelbook_compiler.compilation import Output, targets

MINI = Path(__file__).resolve().parent.parent / "mini" / "catalog"
PACKAGE = "managed_models"


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the import name of the small catalog, compiled."""
    place = tmp_path_factory.mktemp("managed")
    for target in targets(check(MINI).book(), Output(place, PACKAGE)):
        publish.carry_out(target.plan)
    sys.path.insert(0, str(place))
    importlib.invalidate_caches()
    yield PACKAGE
    sys.path.remove(str(place))


@pytest.fixture
def over(package: str) -> ModelManager:
    """Return a manager over the small catalog."""
    return ModelManager(package)


@pytest.fixture
def alone() -> ModelManager:
    """Return a manager over nothing, with one provider."""
    made = ModelManager(None)
    made.register(HERE)
    return made


HERE: dict[str, Any] = {
    "id": "here",
    "name": "Our machines",
    "kind": "self-hosted",
    "runtime": "vllm",
}


def model(n: int, **facts: Any) -> dict[str, Any]:
    """Return the facts of a model with one deployment."""
    return {
        "id": f"me/m-{n}",
        "name": f"M {n}",
        "pipelines": ["text-generation"],
        "limits": {"context": 1000 + n},
        "deployments": {f"here:m-{n}": {}},
        **facts,
    }
