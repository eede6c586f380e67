"""Several packages in one process, and a package that is compiled anew while a program runs."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
from modelbook import package, snapshot
from modelbook.errors import ChangedError, RequestError
from modelbook.manager import ModelManager

ID = "acme:alpha-1-2025-08-15"
AT = "2026-01-01"

Compile = Callable[..., None]
Import = Callable[[str], ModuleType]


def price(one: ModuleType) -> Decimal | None:
    found: Decimal | None = one.get_deployment(ID).price("input", AT)
    return found


def test_packages_with_the_same_ids_answer_each_for_itself(
    compiled: Compile, imported: Import
) -> None:
    compiled("one_models", "2.50")
    compiled("two_models", "7.00")
    one, two = imported("one_models"), imported("two_models")

    def ask(n: int) -> list[object]:
        first, second = (one, two) if n % 2 else (two, one)
        answers = {it.__name__: price(it) for it in (first, second)}
        cheap = {
            it.__name__: ID in it.get_models_for_pipeline("causal_lm", at=AT, max_cost_per_1k=0.003)
            for it in (first, second)
        }
        return [answers["one_models"], answers["two_models"], *sorted(cheap.items())]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(64)))
    expected = [Decimal("2.50"), Decimal("7.00"), ("one_models", True), ("two_models", False)]
    assert answers == [expected] * 64
    assert one.revision() != two.revision()


def test_a_reload_gives_what_was_compiled_since_and_old_answers_stay(
    compiled: Compile, imported: Import
) -> None:
    compiled("it_models", "2.50")
    it = imported("it_models")
    first = it.reload()
    assert first == it.revision()
    before = it.get_models_for_pipeline("text-generation", at=AT)
    ids, record = before.ids, it.get_deployment(ID)
    compiled("it_models", "7.00")
    assert (it.revision(), price(it)) == (first, Decimal("2.50"))  # until it is asked for
    second = package.reload("it_models")
    assert second == it.revision() != first
    assert price(it) == Decimal("7.00")
    assert record.price("input", AT) == Decimal("2.50")
    assert {one.id: one.price("input", AT) for one in before}[ID] == Decimal("2.50")
    assert before.ids == ids
    assert before.excluded  # modules that it never asked for come from what was read then
    compiled("it_models", "2.50")
    assert it.reload() == first


def test_a_snapshot_needs_no_files(compiled: Compile, imported: Import, tmp_path: Path) -> None:
    compiled("it_models")
    it = imported("it_models")
    it.reload()
    for path in (tmp_path / "out" / "it_models").rglob("*.py"):
        path.unlink()
    assert price(it) == Decimal("2.50")
    assert it.get_model("openlab/gamma-7b").id in it.model_ids()
    assert it.get_provider("vllm").kind == "self-hosted"


def test_what_an_import_had_not_loaded_is_never_mixed_with_newer_files(
    compiled: Compile, imported: Import
) -> None:
    compiled("it_models", "2.50")
    it = imported("it_models")
    seen = it.get_models_for_pipeline("text-generation", at=AT)  # has loaded the index alone
    compiled("it_models", "7.00")
    it.reload()
    with pytest.raises(ChangedError, match="call `reload\\(\\)` when the program starts"):
        list(seen)
    assert price(it) == Decimal("7.00")


def test_an_import_is_completed_where_nothing_has_changed(
    compiled: Compile, imported: Import, tmp_path: Path
) -> None:
    compiled("it_models")
    it = imported("it_models")
    seen = it.get_models_for_pipeline("text-generation", at=AT)
    it.reload()
    compiled("it_models", "7.00")
    assert {one.id: one.price("input", AT) for one in seen}[ID] == Decimal("2.50")


@pytest.mark.parametrize("damage", ["changed", "gone", "cut", "unlisted", "no list"])
def test_files_that_do_not_fit_together_are_refused(
    compiled: Compile,
    imported: Import,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: str,
) -> None:
    compiled("it_models")
    it = imported("it_models")
    folder = tmp_path / "out" / "it_models"
    module, listed = folder / "providers" / "acme.py", folder / "_digests.py"
    if damage == "changed":
        module.write_text(module.read_text().replace("2.50", "9.99"))
    elif damage == "gone":
        module.unlink()
    elif damage == "cut":
        listed.write_bytes(listed.read_bytes()[:-3])
    elif damage == "unlisted":
        listed.write_text("FILES = 3\n")
    else:
        listed.unlink()
    monkeypatch.setattr(snapshot, "PATIENCE", 0.05)
    with pytest.raises(ChangedError, match="do not fit together") as caught:
        it.reload()
    assert "_digests.py" in str(caught.value) or "acme.py" in str(caught.value)


def test_a_manager_takes_over_a_reloaded_package_when_it_is_told_to(
    compiled: Compile, imported: Import
) -> None:
    compiled("it_models", "2.50")
    it = imported("it_models")
    it.reload()
    manager = ModelManager("it_models")
    manager.register({"id": "acme:mine", "model": "acme/alpha-1"})
    compiled("it_models", "7.00")
    it.reload()
    assert manager.get_deployment(ID).price("input", AT) == Decimal("2.50")
    assert manager.refresh()
    assert manager.get_deployment(ID).price("input", AT) == Decimal("7.00")
    assert "acme:mine" in manager
    assert not manager.refresh()


def test_what_is_no_generated_package_is_refused() -> None:
    with pytest.raises(RequestError, match="no generated package"):
        package.reload("json")
    for name in ("nope", "nope.deeper", "", ".x"):
        with pytest.raises(RequestError, match="there is no package"):
            package.reload(name)


def test_reloads_while_compiles_write_are_always_whole(compiled: Compile, imported: Import) -> None:
    compiled("it_models", "2.50")
    it = imported("it_models")
    it.reload()
    known = {it.revision(): Decimal("2.50")}
    compiled("it_models", "7.00")
    known[it.reload()] = Decimal("7.00")
    done = threading.Event()

    def write() -> None:
        for n in range(6):
            compiled("it_models", ("2.50", "7.00")[n % 2])
        done.set()

    def read() -> int:
        asked = 0
        while not done.is_set():
            it.reload()
            one = it.catalog()
            assert one.get_deployment(ID).price("input", AT) == known[package.revision(one)]
            asked += 1
        return asked

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(read) for _ in range(3)]
            pool.submit(write).result()
            assert all(one.result() for one in asked)
    finally:
        sys.setswitchinterval(before)
