"""Compiles that are killed, that meet, and that are read from while they write."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
KILLS = 60

COMPILER = """
import sys
from pathlib import Path
from modelbook_cli.compile import _locked, _write_all
from modelbook_cli.places import Further
from modelbook_compiler.build import check
from modelbook_compiler.compilation import Output
output = Output(Path("generated"))
with _locked(output):
    _write_all(check(Path(sys.argv[1])).book(), output, Further())
"""
KILLER = """
import os, signal, sys, time
from pathlib import Path
from modelbook_cli.compile import _locked, _write_all
from modelbook_cli.places import Further
from modelbook_compiler.build import check
from modelbook_compiler.compilation import Output
import duckdb  # loaded before, so that it is the writing that is killed
books = {name: check(Path(name)).book() for name in ("catalog", "other")}
for line in sys.stdin:
    catalog, seconds = line.split()
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        output = Output(Path("generated"))
        with _locked(output):
            _write_all(books[catalog], output, Further())
        os._exit(0)
    if seconds != "whole":
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Takes a catalog and a time; kills a compile of the one after the other, or lets it end."""
READER = """
import importlib, sys, time
sys.dont_write_bytecode = True
seen = set()
while time.monotonic() < float(sys.argv[1]):
    for name in [name for name in sys.modules if name.startswith("modelbook_catalog")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    package = importlib.import_module("modelbook_catalog")
    importlib.import_module("modelbook_catalog._index")
    importlib.import_module("modelbook_catalog.providers.acme")
    seen.add(package.get_provider("acme").name)
print(*sorted(seen))
"""


@pytest.fixture
def place(mini: Path) -> Path:
    """Return a folder with two catalogs that differ in several files, compiled from the first."""
    other = shutil.copytree(mini, mini.parent / "other")
    for name in ("provider.yaml", "deployments/alpha-1.yaml"):
        path = other / "providers/acme" / name
        path.write_text(path.read_text().replace("example.com/models", "example.com/other"))
    shutil.copytree(other / "providers/vllm", other / "providers/tgi")
    shutil.move(other / "models/openlab", other / "models/newlab")
    for path in other.rglob("gamma-7b.yaml"):
        path.write_text(path.read_text().replace("model: openlab", "model: newlab"))
    compile_(mini.parent, "catalog")
    return mini.parent


def start(place: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a Python program."""
    command, pipe = [sys.executable, "-c", *arguments], subprocess.PIPE
    return subprocess.Popen(command, cwd=place, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def compile_(place: Path, catalog: str) -> None:
    """Compile, and see it end well."""
    process = start(place, COMPILER, catalog)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


RECOVERED = "generated: finished an interrupted compile\n"


def package(place: Path) -> dict[str, bytes]:
    """Return the files of the generated package, without what is prepared."""
    root = place / "generated" / "modelbook_catalog"
    paths = [path for path in root.rglob("*") if path.suffix in (".py", ".typed")]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


@pytest.fixture
def kill(place: Path) -> Iterator[Callable[[str, object], int]]:
    """Return a function that kills a compile after some time and returns its exit code."""
    with start(place, KILLER) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asks, answers = process.stdin, process.stdout

        def run(catalog: str, seconds: object) -> int:
            asks.write(f"{catalog} {seconds}\n")
            asks.flush()
            return int(answers.readline())

        yield run
        process.communicate()


def test_killed_at_any_moment(place: Path, kill: Callable[[str, object], int]) -> None:
    """Output is old or new, or a journal tells of the mixture; the next compile mends it."""
    chance, states = random.Random(7), {"old": 0, "new": 0, "mixture": 0}  # noqa: S311
    wanted = {"catalog": package(place)}
    started = time.monotonic()
    assert kill("other", "whole") == 0
    longest = time.monotonic() - started
    wanted["other"] = package(place)
    assert wanted["other"] != wanted["catalog"]
    old, new = "other", "catalog"
    for _ in range(KILLS):
        if time.monotonic() - started > 40:  # a slow machine
            break
        ended = kill(new, chance.random() ** 2 * longest)
        seen = package(place)
        state = "old" if seen == wanted[old] else "new" if seen == wanted[new] else "mixture"
        states[state] += 1
        assert state != "mixture" or (place / "generated/.journal.json").exists()
        if state != "old":
            assert ended == 0 or kill(new, "whole") == 0
            assert package(place) == wanted[new]
            assert not list((place / "generated").rglob("*.new"))
            old, new = new, old
    assert states["old"], states
    assert states["new"] + states["mixture"], states


def test_a_killed_compile_and_the_commands_that_follow(modelbook: Run, place: Path) -> None:
    """A journal left over is refused by `--check` and finished by the next compile."""
    names = ("modelbook_catalog/__init__.py", "modelbook_catalog/providers/acme.py")
    for name in names:
        (place / "generated" / f"{name}.modelbook.new").write_bytes(b"# half\n")
    written = ", ".join(f'"{name}"' for name in names)
    (place / "generated/.journal.json").write_text(f'{{"write": [{written}], "remove": []}}')
    checked = modelbook("compile", "--check", cwd=place)
    assert (checked.returncode, "MB403" in checked.stdout) == (1, True)
    done = modelbook("compile", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(RECOVERED)
    assert modelbook("compile", "--check", cwd=place).returncode == 0


def test_compiles_at_once_leave_the_work_of_one(place: Path) -> None:
    wanted = {"catalog": package(place)}
    compile_(place, "other")
    wanted["other"] = package(place)
    for _ in range(3):
        many = [
            start(place, COMPILER, catalog) for catalog in ("catalog", "other", "catalog", "other")
        ]
        for process in many:
            _, errors = process.communicate(timeout=60)
            assert (process.returncode, errors) == (0, "")
        assert package(place) in wanted.values()


def test_a_reader_never_meets_a_broken_module(place: Path) -> None:
    """Every module is whole at every moment; a mixture of two sets of modules is possible."""
    end = time.monotonic() + 6
    command = [sys.executable, "-c", READER, str(end)]
    env = {"PYTHONPATH": str(place / "generated"), "PATH": ""}
    reader = subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    turns = 0
    while time.monotonic() < end - 1:
        compile_(place, ("other", "catalog")[turns % 2])
        turns += 1
    shown, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors, shown) == (0, "", "Acme\n")
    assert turns >= 2
