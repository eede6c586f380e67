"""Compiles that are killed, that meet, and that are read from while they write."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
KILLER = Path(__file__).parent / "killer.py"

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
READER = """
import importlib, os, sys
sys.dont_write_bytecode = True
seen = set()
while not os.path.exists(sys.argv[1]):
    for name in [name for name in sys.modules if name.startswith("modelbook_catalog")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    package = importlib.import_module("modelbook_catalog")
    importlib.import_module("modelbook_catalog._index")
    importlib.import_module("modelbook_catalog.providers.acme")
    seen.add(package.get_provider("acme").name)
print(*sorted(seen))
"""


LAZY = """
import sys
import modelbook_catalog as book
from modelbook.errors import ChangedError, ModelbookError
for loaded, asked in (line.split() for line in sys.stdin):
    for name in loaded.split(","):
        book.catalog().table(name)
    print("ready", flush=True)
    sys.stdin.readline()
    question, _, id = asked.partition("=")
    try:
        print("answer", getattr(book, question)(id), flush=True)
    except ModelbookError as error:
        print(error.code, error, flush=True)
    break
"""
"""Loads some modules, waits for a line, asks for an id with a function, and shows what it says."""
GREEDY = """
import importlib, os, sys
sys.dont_write_bytecode = True
from modelbook.errors import ModelbookError
codes, whole = set(), 0
while not os.path.exists(sys.argv[1]) or not whole:
    for name in [name for name in sys.modules if name.startswith("modelbook_catalog")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    try:
        book = importlib.import_module("modelbook_catalog")
        found = book.get_models_for_pipeline("text-generation", include_retired=True)
        [one.model_name for one in found]
        [book.get_model(id) for id in book.model_ids()]
        [book.get_deployment(id) for id in book.deployment_ids()]
        book.revision()
        whole += 1
    except ModelbookError as error:
        codes.add(error.code)
print(whole > 0, codes <= {"changed"})
"""
"""Opens the package again and again, and reads all of it lazily."""


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


KILLS = {
    "package:every_change": 92,
    "package:any_moment": 300,
    "package:again_and_again": 380,
    "package:full_disk": 100,
    "whole:every_change": 40,
    "whole:any_moment": 40,
    "whole:again_and_again": 30,
    "whole:full_disk": 8,
}
"""What is killed (the generated package alone takes a tenth of the time) and how, and how often."""
SECONDS = 15
"""Most of the processor's time for one kind; a slow machine kills less often."""


@pytest.fixture
def memory(place: Path) -> Iterator[Path]:
    """Return a folder like `place`, in memory where there is such: waiting for a disk is slow."""
    shared = Path("/dev/shm")  # noqa: S108
    fast = shared if os.access(shared, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="modelbook-kill-", dir=fast) as folder:
        yield Path(shutil.copytree(place, folder, dirs_exist_ok=True))


@pytest.mark.parametrize("mode", KILLS)
def test_killed_a_thousand_times(memory: Path, mode: str) -> None:
    """Output is old or new, or a journal tells of the mixture; the next compile mends it."""
    if mode.startswith("package"):
        (memory / "generated/catalog.duckdb").unlink()
    command = [sys.executable, str(KILLER), mode, str(KILLS[mode]), str(SECONDS)]
    done = subprocess.run(command, cwd=memory, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    seen = json.loads(done.stdout)
    assert seen["killed"] >= KILLS[mode] or seen["seconds"] >= SECONDS, seen
    print(mode, seen)
    if mode == "package:every_change":
        assert min(seen["old"], seen["new"], seen["mixture"]) > 0, seen
    if mode.endswith("full_disk"):
        assert seen["failed"] > 0, seen


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
    shown = read_while_compiling(place, READER)
    assert shown == "Acme\n"


def read_while_compiling(place: Path, program: str) -> str:
    """Run a reader while compiles of two catalogs follow each other; return what it prints."""
    stop, pipe = place / "stop", subprocess.PIPE
    command = [sys.executable, "-c", program, str(stop)]
    env = {"PYTHONPATH": str(place / "generated"), "PATH": ""}
    with subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True) as reader:
        try:
            for catalog in ("other", "catalog") * 2:
                compile_(place, catalog)
        finally:
            stop.touch()
        shown, errors = reader.communicate(timeout=60)
    assert (reader.returncode, errors) == (0, "")
    return shown


@pytest.mark.parametrize(
    ("loaded", "asked", "said"),
    [
        ("models", "get_model=openlab/gamma-7b", "changed"),  # its creator's module is gone
        ("models", "find_model=openlab/gamma-7b", "changed"),
        ("models", "get_deployment=vllm:openlab/gamma-7b", "changed"),  # of a model not known yet
        ("providers,_index", "get_deployment=acme:embed-1", "changed"),  # no longer in its module
        ("providers,_index", "find_deployment=acme:embed-1", "changed"),
        ("_index", "get_provider=acme", "answer"),
        ("_index", "get_deployment=acme:alpha-1-2025-08-15", "answer"),
        (
            "_registry",
            "get_deployment=vllm:openlab/gamma-7b",
            "answer",
        ),  # all of it is new
        ("_registry", "get_deployment=acme:embed-1", "not-found"),
    ],
)
def test_a_reader_is_told_that_the_package_changed(
    place: Path, loaded: str, asked: str, said: str
) -> None:
    """What was loaded before a compile and contradicts what is loaded after it is no KeyError."""
    (place / "other/providers/acme/deployments/embed-1.yaml").unlink()
    (place / "other/models/acme/embed-1.yaml").unlink()
    command = [sys.executable, "-B", "-c", LAZY]
    env = {"PYTHONPATH": str(place / "generated"), "PATH": ""}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=env, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write(f"{loaded} {asked}\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "ready\n"
        compile_(place, "other")
        shown, errors = reader.communicate("go\n", timeout=60)
    assert (errors, shown.split(" ")[0]) == ("", said), shown + errors
    if said == "changed":
        assert "`modelbook_catalog` changed on disk while it was read" in shown


def test_a_lazy_reader_meets_no_other_error(place: Path) -> None:
    """While compiles follow each other, a reader of everything sees whole answers or is told."""
    assert read_while_compiling(place, GREEDY) == "True True\n"
