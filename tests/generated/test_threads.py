"""Many threads at once: lookups and selections agree with those of one thread."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from modelbook.catalog import Catalog
from modelbook.package import find as select
from modelbook.selection import Selection
from modelbook_catalog import deployment_ids, get_deployment, get_models_for_pipeline, model_ids

COLD = """
import sys, threading
sys.setswitchinterval(1e-6)
import modelbook_catalog as it
wait, seen = threading.Barrier(8), []
def work():
    wait.wait()
    one = it.get_deployment("openai:gpt-4o")
    ids = it.get_models_for_pipeline("text-generation", at="2026-01-01", max_cost_per_1k=0.01).ids
    seen.append((one, it.get_model("meta/llama-2-13b"), ids, it.revision()))
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(seen), all(one == seen[0] for one in seen))
"""


def test_threads_on_an_open_catalog_agree() -> None:
    catalog = Catalog("modelbook_catalog")
    days = [f"20{year}-{month:02}-01" for year in range(22, 27) for month in range(1, 13)]

    def work(start: int) -> int:
        agreed = 0
        for n, day in enumerate(days[start:] + days[:start]):
            found = select(catalog, "text-generation", at=day, limit=n, max_cost_per_1k=0.01)
            alone = get_models_for_pipeline("text-generation", at=day, max_cost_per_1k=0.01)
            agreed += found.ids == alone.ids[:n]
            agreed += all(catalog.get_deployment(id) == get_deployment(id) for id in found.ids)
        return agreed

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(work, range(0, 48, 6))) == [2 * len(days)] * 8
    finally:
        sys.setswitchinterval(before)


class Forgetful(dict[object, Selection]):
    """A cache that another thread empties at the worst moment."""

    def __setitem__(self, key: object, value: Selection) -> None:
        """Forget at once."""


def test_an_answer_outlives_its_cache() -> None:
    catalog = Catalog("modelbook_catalog")
    catalog._selections = Forgetful()
    assert select(catalog, "text-generation", limit=1).ids


def test_every_thread_finds_everything() -> None:
    catalog = Catalog("modelbook_catalog")
    with ThreadPoolExecutor(8) as pool:
        deployments = pool.map(catalog.get_deployment, [*deployment_ids()] * 4)
        models = pool.map(catalog.get_model, [*model_ids()] * 4)
        assert [one.id for one in deployments] == [*deployment_ids()] * 4
        assert [one.id for one in models] == [*model_ids()] * 4


@pytest.mark.parametrize("attempt", range(3))
def test_a_first_question_from_many_threads(attempt: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COLD], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "8 True\n", done.stderr
