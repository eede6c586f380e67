"""The lookup of bulk models: every way to name one, threads, forks, and what it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from modelbook.errors import AmbiguousError, FormatError, NotFoundError, RegistrationError
from modelbook.manager import ModelManager

from .conftest import MINI, Rows, line, row

Done = subprocess.CompletedProcess[str]
MANY = 12_000
PACKAGE = "many_models"
EXTRA = ("one/same", "two/same", "one/unique", "one/alpha-1", "two/alpha-one")


def many(number: int) -> str:
    """Return one of many rows; every tenth has an alias."""
    aliases = {"aliases": [f"many/other-{number}"]} if number % 10 == 0 else {}
    return line(f"many-{number % 7}/model-{number}", name=f"{'N' * 700} {number}", **aliases)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of many rows, so many that processes of their own read them."""
    path = tmp_path_factory.mktemp("many") / "rows.ndjson"
    extra = [line(id) for id in EXTRA]
    path.write_text("\n".join([*map(many, range(MANY)), *extra]))
    assert path.stat().st_size > 8 * 1024 * 1024
    return path


@pytest.fixture(scope="session")
def folder(source: Path, modelbook: Callable[..., Done]) -> Path:
    """Return the folder of a package with many bulk models."""
    out = source.parent / "out"
    args = ("--catalog", str(MINI), "--out", str(out), "--package", PACKAGE)
    done = modelbook("compile", *args, "--bulk", str(source), cwd=source.parent)
    assert (done.returncode, done.stderr) == (0, ""), done
    return out


@pytest.fixture
def package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Return the package, just opened."""
    monkeypatch.syspath_prepend(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    yield import_module(PACKAGE)
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_processes_of_their_own_find_the_same(
    source: Path, rows: Rows, package: ModuleType
) -> None:
    import modelbook_compiler.bulk.run as run

    wanted = package.catalog().table("models").BULK
    before, run.MANY_BYTES = run.MANY_BYTES, 10**12
    try:
        assert rows(paths=(source,)).staged.digest == wanted
    finally:
        run.MANY_BYTES = before


def test_every_way_to_name_a_model(package: ModuleType) -> None:
    one = package.get_model("many-3/model-10")
    assert (one.id, one.aliases, one.pipelines) == (
        "many-3/model-10",
        ("many/other-10",),
        ("text-generation",),
    )
    assert one.sources[0].url == row("x/y")["sources"][0]["url"]
    names = ("many/other-10", "model-10", "other-10", "Many-3/MODEL-10", "MODEL-10", "Other-10")
    assert [package.find_model(name) for name in names] == [one] * len(names)
    assert package.find_model("many-3/model-10") is one
    assert package.get_model("acme/alpha-one").id == "acme/alpha-1"
    assert package.find_model("model-nothing") is None


def test_a_bare_name_of_two_creators_is_ambiguous(package: ModuleType) -> None:
    with pytest.raises(AmbiguousError) as caught:
        package.find_model("same")
    assert caught.value.nearest == ("one/same", "two/same")


@pytest.mark.parametrize("name", ["alpha-1", "ALPHA-1", "alpha-one"])
def test_a_bare_name_of_a_file_is_not_lost_to_bulk_models(package: ModuleType, name: str) -> None:
    assert package.get_model(name).id == "acme/alpha-1"
    assert package.get_model("one/alpha-1").id == "one/alpha-1"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("many-3/model-1O", "many-3/model-10"),
        ("mny-3/model-10", "many-3/model-10"),
        ("modl-11", ""),
        ("many-3/", ""),
        ("", ""),
        ("one/uniqeu", "one/unique"),
        ("acme/alpha-2", "acme/alpha-1"),
        ("%", ""),
        ("' OR 1=1 --", ""),
        ("x" * 10_000, ""),
        ("\ud800/\x00", ""),
    ],
)
def test_an_unknown_id_names_near_ones(package: ModuleType, name: str, near: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        package.get_model(name)
    assert near in caught.value.nearest or not near


@pytest.mark.parametrize("name", [None, 7, b"many-3/model-10", ["x"]])
def test_what_is_no_text_is_refused(package: ModuleType, name: object) -> None:
    with pytest.raises(NotFoundError):
        package.get_model(name)


def test_all_ids_are_there_once(package: ModuleType) -> None:
    ids = package.model_ids()
    assert len(ids) == len(set(ids)) == MANY + len(EXTRA) + 3
    assert list(ids) == sorted(ids)


def test_threads_agree(package: ModuleType) -> None:
    ids = [f"many-{n % 7}/model-{n}" for n in range(0, MANY, 40)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(package.get_model, ids * 4))
    finally:
        sys.setswitchinterval(before)
    assert [one.id for one in found] == ids * 4
    assert [one.name for one in found] == [f"{'N' * 700} {id.rpartition('-')[2]}" for id in ids * 4]


FORK = """
import os, sys
sys.path.insert(0, sys.argv[1])
import many_models as it
assert it.get_model("many-3/model-10")
for n in range(8):
    if not os.fork():
        ok = all(it.get_model(f"many-{k % 7}/model-{k}").id for k in range(n, 800, 3))
        os._exit(0 if ok else 1)
print([os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(8)], it.get_model("model-11").id)
"""


def test_children_of_a_fork_have_connections_of_their_own(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.stdout == f"{[0] * 8} many-4/model-11\n", done.stderr


LOADED = """
import sys
sys.path.insert(0, sys.argv[1])
import many_models as it
it.get_deployment("acme:alpha-1"), it.get_model("acme/alpha-1")
print([name for name in ("json", "sqlite3", "modelbook.bulk") if name in sys.modules])
it.find_model("many-3/model-10")
print([name for name in ("json", "sqlite3", "modelbook.bulk") if name in sys.modules])
"""


def test_nothing_is_loaded_before_a_bulk_model_is_asked_for(folder: Path) -> None:
    command = [sys.executable, "-c", LOADED, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['json', 'sqlite3', 'modelbook.bulk']"]


def test_the_command_line_shows_one(folder: Path, modelbook: Callable[..., Done]) -> None:
    surroundings = {"PYTHONPATH": str(folder), "MODELBOOK_PACKAGE": PACKAGE}
    done = modelbook("show", "model-10", "--json", **surroundings)
    assert json.loads(done.stdout)["id"] == "many-3/model-10"
    done = modelbook("show", "many-3/model-1O", **surroundings)
    assert done.returncode == 2
    assert "many-3/model-10" in done.stderr


def test_a_file_that_is_gone_or_damaged_is_told(package: ModuleType, folder: Path) -> None:
    (path,) = (folder / PACKAGE).glob("*.sqlite")
    whole = path.read_bytes()
    try:
        for raw in (None, b"", b"not a database, at all" * 100, whole[:5000]):
            path.unlink(missing_ok=True)
            if raw is not None:
                path.write_bytes(raw)
            package._opened.clear()
            assert package.get_model("acme/alpha-1").id == "acme/alpha-1"
            with pytest.raises(FormatError) as caught:
                package.find_model("many-3/model-10")
            assert "modelbook compile" in str(caught.value)
    finally:
        path.write_bytes(whole)


def test_a_manager_lays_its_rows_over_bulk_models(package: ModuleType) -> None:
    manager = ModelManager(PACKAGE)
    made = manager.register({"id": "acme:of-many", "model": "many-3/model-10"})
    assert made == manager.get_deployment("of-many")
    assert manager.get_model("model-10") == package.get_model("many-3/model-10")
    with pytest.raises(RegistrationError, match="known already"):
        manager.register({"id": "many-3/model-10", "name": "Other"})
    with pytest.raises(RegistrationError, match="unknown model `many-3/model-x`"):
        manager.register({"id": "acme:none", "model": "many-3/model-x"})
    manager.register({"id": "many-3/model-10", "name": "Other"}, replace=True)
    assert manager.get_deployment("acme:of-many").model_name == "Other"
    assert manager.revision() != package.revision()
    manager.unregister("acme:of-many")
    manager.unregister("many-3/model-10")
    assert manager.revision() == package.revision()
    assert package.reload() == package.revision()
    assert package.get_model("many-3/model-10").id == "many-3/model-10"
