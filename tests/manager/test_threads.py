"""Many threads that register and ask at once: each answer is of one moment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from modelbook.manager import ModelManager

from .conftest import model


@pytest.fixture(autouse=True)
def _busy() -> Iterator[None]:
    """Let threads change places as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def test_twenty_threads_register_and_ask(alone: ModelManager) -> None:
    def work(thread: int) -> int:
        for n in range(10):
            number = thread * 100 + n
            alone.register(model(number))
            chosen = alone.get_models_for_pipeline("text-generation")
            assert f"here:m-{number}" in chosen  # what was registered is there at once
            assert [one.id for one in chosen] == [*chosen.ids]
            catalog = alone.catalog
            assert len(catalog.deployment_ids()) == len(catalog.model_ids())
            assert len(catalog.select(chosen.requirements, chosen.at)) == len(
                catalog.deployment_ids()
            )
            if n % 2:
                alone.unregister(f"me/m-{number}", with_deployments=True)
                assert f"me/m-{number}" not in alone
        return thread

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(work, range(20))) == [*range(20)]
    assert len(alone) == 100


def test_a_replaced_price_is_never_half_there(alone: ModelManager) -> None:
    alone.register(model(1, deployments={"here:m": {"prices": [{"input": "1", "output": "1"}]}}))

    def write(n: int) -> None:
        facts = {"prices": [{"input": str(n), "output": str(n)}]}
        alone.register({"id": "here:m", "model": "me/m-1", **facts}, replace=True)

    def read(_: int) -> bool:
        catalog = alone.catalog
        one = catalog.get_deployment("here:m")
        line = catalog.index()[0][1][0]
        return one.price("input") == one.price("output") == line[2] // 10**9  # type: ignore[operator]

    with ThreadPoolExecutor(20) as pool:
        writing = [pool.submit(write, n % 9 + 1) for n in range(60)]
        assert all(pool.map(read, range(200)))
        assert not [one.exception() for one in writing if one.exception()]
