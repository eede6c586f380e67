"""Where `modelbook compile` writes: behind its lock, and never among files that are not its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Refused = Callable[[Done], str]
PRICED = "catalog/providers/acme/deployments/alpha-1-2025-08-15.yaml"


@pytest.fixture
def place(mini: Path, shop: Path, root: Path) -> Path:
    """Return a folder with the small catalog, what it compiles to, and the schemas."""
    shutil.copytree(shop / "generated", mini.parent / "generated")
    shutil.copytree(root / "schemas", mini.parent / "schemas")
    return mini.parent


def state(place: Path) -> dict[str, bytes]:
    """Return all files below a folder."""
    paths = (path for path in place.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(place)): path.read_bytes() for path in paths}


def wait_until_it_waits(folder: Path) -> None:
    """Return once another process waits for the lock of a folder."""
    for _ in range(200):
        time.sleep(0.05)
        locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
        if any("->" in line and f":{folder.stat().st_ino} " in line for line in locks):
            return
    raise AssertionError("nothing waits")


def test_a_compile_that_waited_writes_the_newest_catalog(modelbook: Run, place: Path) -> None:
    folder = os.open(place / "generated", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # as a compile does that is writing
    command = [sys.executable, "-m", "modelbook_cli", "compile"]
    with subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, text=True) as second:
        wait_until_it_waits(place / "generated")
        checked = modelbook("compile", "--check", cwd=place)  # waits for nobody
        path = place / PRICED
        path.write_text(path.read_text().replace('input: "2.50"', 'input: "2.25"'))
        os.close(folder)
        shown, _ = second.communicate(timeout=60)
    assert (second.returncode, checked.returncode) == (0, 0), shown
    assert "generated: 3 written" in shown
    assert "'2.25'" in (place / "generated/modelbook_catalog/providers/acme.py").read_text()
    assert modelbook("compile", "--check", cwd=place).returncode == 0


@pytest.mark.parametrize("broken", [True, False], ids=["broken catalog", "no catalog"])
def test_a_compile_that_writes_nothing_leaves_no_folders(
    modelbook: Run, mini: Path, broken: bool
) -> None:
    (mini / "catalog.yaml").write_text("broken") if broken else (mini / "catalog.yaml").unlink()
    done = modelbook("compile", "--out", "a/b", cwd=mini.parent)
    assert done.returncode == (1 if broken else 2)
    assert [path.name for path in mini.parent.iterdir()] == ["catalog"]


def test_a_folder_taken_away_by_the_one_waited_for_is_made_again(
    modelbook: Run, mini: Path
) -> None:
    out = mini.parent / "generated"
    out.mkdir()
    folder = os.open(out, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    command = [sys.executable, "-m", "modelbook_cli", "compile"]
    with subprocess.Popen(command, cwd=mini.parent, stdout=subprocess.PIPE) as second:
        wait_until_it_waits(out)
        out.rmdir()
        os.close(folder)
        second.communicate(timeout=60)
    assert second.returncode == 0
    assert modelbook("compile", "--check", cwd=mini.parent).returncode == 0


@pytest.mark.parametrize("option", ["--json", "--parquet"])
@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("generated/modelbook_catalog/all.json", "the generated package"),
        ("generated/modelbook_catalog", "the generated package"),
        ("generated/catalog.duckdb", "the database"),
        ("generated/.journal.json", "the journal of a compile"),
        ("catalog/models/acme/x.json", "the catalog"),
        ("catalog", "the catalog"),
        ("schemas/deployment.schema.json", "the schemas"),
        ("linked/x", "the catalog"),
        ("out.modelbook.new", "unfinished files"),
    ],
)
def test_nothing_is_written_among_files_that_are_not_its_own(
    modelbook: Run, place: Path, refused: Refused, option: str, path: str, what: str
) -> None:
    (place / "linked").symlink_to("catalog/models")
    before = state(place)
    words = refused(modelbook("compile", option, path, cwd=place))
    assert f"{option} cannot" in words
    assert what in words
    assert state(place) == before


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--out", "catalog/out"), "--out cannot be at or inside the catalog"),
        (("--out", "schemas"), "--out cannot be at or inside the schemas"),
        (("--out", ".", "--package", "catalog"), "--package cannot be at or inside the catalog"),
        (("--out", ".", "--package", "schemas"), "--package cannot be at or inside the schemas"),
        (("--check", "--json", "x"), "--json cannot go with them"),
        (("--diff", "--parquet", "x"), "--parquet cannot go with them"),
    ],
)
def test_the_package_itself_has_a_folder_of_its_own(
    modelbook: Run, place: Path, refused: Refused, options: tuple[str, ...], what: str
) -> None:
    before = state(place)
    assert what in " ".join(refused(modelbook("compile", *options, cwd=place)).split())
    assert state(place) == before


def test_a_loop_of_links_is_no_traceback(modelbook: Run, place: Path, refused: Refused) -> None:
    (place / "loop").symlink_to("loop")
    for option in ("--json", "--parquet", "--out"):
        done = modelbook("compile", option, "loop/x", cwd=place)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
