"""Shared by all tests: a small catalog to break, and the command line as a user runs it."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from modelbook.catalog import Catalog
from modelbook_compiler.book import Book
from modelbook_compiler.build import check
from modelbook_compiler.emit import duckdb, python

ROOT = Path(__file__).resolve().parent.parent
MINI = ROOT / "tests" / "mini" / "catalog"
FIFTEEN = ROOT / "tests" / "fifteen" / "catalog"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_configure(config: pytest.Config) -> None:
    """Compile our modules once, not in each of a thousand processes.

    Where `PYTHONDONTWRITEBYTECODE` is set, and in a fresh checkout, each would do it for itself.
    """
    if not hasattr(config, "workerinput"):  # the workers of xdist find what their master made
        for folder in ("compiler", "generated", "runtime"):
            compileall.compile_dir(ROOT / folder, quiet=2)


FIRST = ("generated/test_types.py", "docs/", "differential/", "generated/")
"""Tests whose fixtures take long: nobody takes them from the worker that begins with them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those first that share what takes long to make; the order is otherwise as it was."""

    def place(item: pytest.Item) -> int:
        name = item.nodeid.removeprefix("tests/")
        return next((n for n, one in enumerate(FIRST) if name.startswith(one)), len(FIRST))

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker one half of the tests, so that what a folder shares is made once.

    A worker that is done takes tests from the end of the other's half. What is chosen with `--dist`
    is left alone.
    """
    from xdist.scheduler import WorkStealingScheduling

    stealing = config.getoption("dist") == "load"
    return WorkStealingScheduling(config, log) if stealing else None


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shipped() -> Book:
    """Return the shipped catalog, checked and lowered: once, since it takes some seconds."""
    checked = check(ROOT / "catalog")
    assert checked.sound
    return checked.book()


@pytest.fixture(scope="session")
def shipped_file(shipped: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the DuckDB file of the shipped catalog, which nobody may write."""
    target = tmp_path_factory.mktemp("duckdb") / "catalog.duckdb"
    duckdb.write(shipped, target)
    target.chmod(0o444)
    return target


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """Return a copy of the small catalog's folder, free to edit."""
    return Path(shutil.copytree(MINI, tmp_path / "catalog"))


Opened = tuple[Catalog, Path]
Opener = Callable[[Path, str], Opened]


@pytest.fixture(scope="session")
def opener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Return a function that compiles a catalog folder in this process, under a package name.

    It returns the opened package and the DuckDB file.
    """
    place = tmp_path_factory.mktemp("opened")
    sys.path.insert(0, str(place))

    def opened(folder: Path, name: str) -> Opened:
        checked = check(folder)
        assert checked.sound, checked.diagnostics
        book = checked.book()
        for artifact in python.package(book, name):
            target = place / artifact.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(artifact.content)
        duckdb.write(book, place / f"{name}.duckdb")
        return Catalog(name), place / f"{name}.duckdb"

    yield opened
    sys.path.remove(str(place))


@pytest.fixture(scope="session")
def fifteen(opener: Opener) -> Opened:
    """Return the catalog of fifteen well-known models, opened, and its DuckDB file."""
    return opener(FIFTEEN, "fifteen_models")


@pytest.fixture(scope="session")
def modelbook() -> Run:
    """Return a function that runs `modelbook` in a process of its own and returns its outcome."""

    def run(
        *args: str, cwd: Path = ROOT, input: str = "", **env: str
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "modelbook_cli", *args]
        whole = {**os.environ, "NO_COLOR": "1", **env}
        return subprocess.run(
            command,
            cwd=cwd,
            env=whole,
            input=input,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
