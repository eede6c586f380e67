"""`modelbook compile --bulk`: what it writes, compares, reports and leaves behind."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from modelbook_compiler.book import BulkModels
from modelbook_compiler.bulk.scratch import PREFIX, scratch
from modelbook_compiler.bulk.sqlite import holds, write

from .conftest import Rows, line

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
ASKED = """
import modelbook_catalog as it
old, new = it.find_model("acme/b") is not None, it.find_model("acme/n7") is not None
print(old, new, len(it.model_ids()))
"""


@pytest.fixture
def place(mini: Path) -> Path:
    """Return a folder with the small catalog and a file of two rows."""
    (mini.parent / "rows.ndjson").write_text(
        line("acme/b", aliases=["acme/bb"]) + "\n" + line("acme/c")
    )
    return mini.parent


def compiled(modelbook: Run, place: Path, *args: str) -> str:
    """Compile, see it end well, and return what it says."""
    done = modelbook("compile", *args, cwd=place)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def bulk_files(place: Path) -> list[str]:
    """Return the names of the files of bulk models."""
    return [one.name for one in (place / "generated/modelbook_catalog").glob("*.sqlite*")]


def test_rows_are_in_every_table(place: Path, modelbook: Run) -> None:
    assert "2 models of bulk sources" in compiled(modelbook, place, "--bulk", "rows.ndjson")
    with duckdb.connect(str(place / "generated/catalog.duckdb"), read_only=True) as connection:
        ids = connection.execute("SELECT id FROM models").fetchall()
        assert ids == sorted(ids)
        assert {("acme/b",), ("acme/c",), ("acme/alpha-1",)} <= set(ids)
        query = "SELECT alias FROM aliases WHERE id = 'acme/b'"
        assert connection.execute(query).fetchall() == [("acme/bb",)]
        query = "SELECT field, layer, path, source, checked::VARCHAR FROM provenance WHERE id = ?"
        assert connection.execute(query, ["acme/c"]).fetchall() == [
            ("*", "mini", "rows.ndjson", "https://example.com/models", "2026-01-02")
        ]


def test_the_revision_covers_the_rows_in_every_output(place: Path, modelbook: Run) -> None:
    asked = "import modelbook_catalog as it; print(it.revision(), it.get_model('acme/bb').id)"
    seen = []
    for texts in ([], ["acme/b", "acme/c"], ["acme/c", "acme/b"]):
        rows = [line(id, aliases=["acme/bb"]) if id == "acme/b" else line(id) for id in texts]
        (place / "rows.ndjson").write_text("\n".join(rows))
        compiled(modelbook, place, *(["--bulk", "rows.ndjson"] if texts else []))
        code = asked if texts else asked.replace("acme/bb", "acme/alpha-1")
        command = [sys.executable, "-c", code]
        environment = {**os.environ, "PYTHONPATH": str(place / "generated")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        with duckdb.connect(str(place / "generated/catalog.duckdb"), read_only=True) as connection:
            (stored,) = connection.execute("SELECT revision FROM meta").fetchall()
        assert done.stdout.split()[0] == stored[0]
        seen.append(stored[0])
    assert seen[0] != seen[1] == seen[2]


def test_check_compares_and_a_compile_without_rows_leaves_none(place: Path, modelbook: Run) -> None:
    compiled(modelbook, place, "--bulk", "rows.ndjson")
    first = bulk_files(place)
    assert len(first) == 1
    compiled(modelbook, place, "--bulk", "rows.ndjson", "--check")
    with (place / "rows.ndjson").open("a") as file:
        file.write("\n" + line("acme/d"))
    done = modelbook("compile", "--bulk", "rows.ndjson", "--check", cwd=place)
    assert done.returncode == 1
    assert "models/__init__.py" in done.stdout
    assert "catalog.duckdb" in done.stdout
    assert bulk_files(place) == first
    assert "removed" in modelbook("compile", "--diff", cwd=place).stdout
    compiled(modelbook, place)
    assert bulk_files(place) == []
    compiled(modelbook, place, "--check")


def broken(path: Path, how: str) -> None:
    """Break a file of bulk models."""
    if how == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif how == "no database":
        path.write_bytes(b"not a database, at all" * 100)
    elif how == "gone":
        path.unlink()
    else:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(how)


@pytest.mark.parametrize(("how", "words"), [("gone", "not been written"), ("cut", "is damaged")])
def test_check_looks_at_the_bulk_file(how: str, words: str, place: Path, modelbook: Run) -> None:
    compiled(modelbook, place, "--bulk", "rows.ndjson")
    (name,) = bulk_files(place)
    broken(place / "generated/modelbook_catalog" / name, how)
    done = modelbook("compile", "--bulk", "rows.ndjson", "--check", cwd=place)
    assert (done.returncode, done.stderr) == (1, "")
    assert all(one in done.stdout for one in ("MB401", f"modelbook_catalog/{name}", words))
    compiled(modelbook, place, "--bulk", "rows.ndjson")
    compiled(modelbook, place, "--bulk", "rows.ndjson", "--check")


BROKEN = (
    "gone",
    "cut",
    "no database",
    "UPDATE meta SET digest = substr(digest, 1, 32)",
    "UPDATE meta SET format = 0",
    "UPDATE meta SET count = 3",
    "DELETE FROM models WHERE id = 'acme/b'",
    "DELETE FROM meta",
    "DROP TABLE models",
)


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_file_is_not_that_of_the_rows(how: str, rows: Rows, tmp_path: Path) -> None:
    staged, path = rows(line("acme/b"), line("acme/c")).staged, tmp_path / "models.sqlite"
    wanted = BulkModels(staged.digest, staged.count)
    write(staged, path)
    assert holds(path, wanted)
    broken(path, how)
    assert not holds(path, wanted)


def test_the_file_says_what_it_is(place: Path, modelbook: Run) -> None:
    compiled(modelbook, place, "--bulk", "rows.ndjson")
    (name,) = bulk_files(place)
    with sqlite3.connect(place / "generated/modelbook_catalog" / name) as connection:
        ((layout, count, digest, sources),) = connection.execute("SELECT * FROM meta").fetchall()
        rows = dict(connection.execute("SELECT id, row FROM models"))
    assert (layout, count, sources) == (1, 2, '["rows.ndjson"]')
    assert name == f"_bulk_{digest[:32]}.sqlite"
    known = json.loads(line("acme/b", aliases=["acme/bb"]))
    assert {"id": "acme/b", **json.loads(rows["acme/b"])} == known


def test_parquet_output_has_the_rows_too(place: Path, modelbook: Run) -> None:
    compiled(modelbook, place, "--bulk", "rows.ndjson", "--parquet", "out")
    with duckdb.connect() as connection:
        found = connection.read_parquet(f"{place}/out/models.parquet").filter("id = 'acme/c'")
        assert len(found.fetchall()) == 1


@pytest.mark.parametrize("shape", ["json", "github"])
def test_any_problem_means_nothing_is_written(place: Path, modelbook: Run, shape: str) -> None:
    compiled(modelbook, place)
    before = {one: one.stat().st_mtime_ns for one in place.rglob("*") if one.is_file()}
    (place / "bad.ndjson").write_text(line("acme/b") + "\n" + line("acme/c", licence="MIT"))
    done = modelbook("compile", "--bulk", "bad.ndjson", "--format", shape, cwd=place)
    assert (done.returncode, done.stderr) == (1, "")
    assert "bad.ndjson" in done.stdout
    assert "MB101" in done.stdout
    (place / "bad.ndjson").unlink()
    assert {one: one.stat().st_mtime_ns for one in place.rglob("*") if one.is_file()} == before


def test_the_excerpt_is_a_window_of_the_row(place: Path, modelbook: Run) -> None:
    text = line("acme/b", name="N" * 5000, licence="MIT")
    (place / "bad.ndjson").write_text(text)
    done = modelbook("compile", "--bulk", "bad.ndjson", cwd=place)
    column = text.index('"licence"') + 1
    assert f" --> bad.ndjson:1:{column}" in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 140
    assert '"licence": "MIT"' in done.stdout
    assert "1 error in 1 of 24 files" in done.stdout


REFUSED = {
    "absent": (["--bulk", "nothing.ndjson"], "does not exist"),
    "a folder": (["--bulk", "catalog"], "is a directory"),
    "of an unknown kind": (["--bulk", "catalog/catalog.yaml"], "does not end in"),
    "as JSON": (["--bulk", "rows.ndjson", "--json", "out.json"], "--parquet"),
    "as a wheel": (
        ["--bulk", "rows.ndjson", "--package", "acme_models", "--wheel", "dist"],
        "does not hold",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_taken_is_refused(kind: str, place: Path, modelbook: Run) -> None:
    args, words = REFUSED[kind]
    done = modelbook("compile", *args, cwd=place)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (place / "generated").exists()


def test_what_is_no_regular_file_is_refused_and_not_waited_for(place: Path, modelbook: Run) -> None:
    os.mkfifo(place / "pipe.ndjson")
    (place / "device.ndjson").symlink_to("/dev/zero")
    (place / "folder.ndjson").mkdir()
    for name in ("pipe", "device", "folder"):
        done = modelbook("compile", "--bulk", f"{name}.ndjson", cwd=place)
        assert (done.returncode, done.stdout) == (2, "")
        assert "is a directory" in done.stderr or "is not a regular file" in done.stderr
    (place / "link.ndjson").symlink_to("rows.ndjson")
    assert "2 models" in compiled(modelbook, place, "--bulk", "link.ndjson")


def test_what_a_dead_compile_left_is_cleared_and_a_living_one_is_not(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}dead"
    left.mkdir()
    (left / "models-0.ndjson").write_text("{}")
    with scratch(tmp_path) as first:
        assert not left.exists()
        with scratch(tmp_path) as second:
            assert first.is_dir()
            assert second.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_compiles_that_sweep_at_the_same_time_leave_each_other_their_folders(
    tmp_path: Path,
) -> None:
    def work(number: int) -> None:
        for _ in range(300):
            with scratch(tmp_path) as folder:
                (folder / "rows").write_text(str(number))
                assert (folder / "rows").read_text() == str(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert list(tmp_path.iterdir()) == []


def test_no_folder_to_work_in_ends_in_words(place: Path, modelbook: Run) -> None:
    done = modelbook("compile", "--bulk", "rows.ndjson", "--out", "/proc", cwd=place)
    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot make a folder to work in `/proc/")
    assert "Traceback" not in done.stderr


def test_killed_at_any_moment(place: Path, modelbook: Run) -> None:
    """Output is old or new, nothing is left over, and no process lives on."""
    compiled(modelbook, place, "--bulk", "rows.ndjson")
    new = "\n".join(line(f"acme/n{n}", name="N" * 600) for n in range(14_000))
    (place / "new.ndjson").write_text(new)
    environment = {**os.environ, "PYTHONPATH": str(place / "generated")}
    outcomes = set()
    for seconds in (0.7, 1.6, 2.5):
        command = [sys.executable, "-m", "modelbook_cli", "compile", "--bulk", "new.ndjson"]
        process = subprocess.Popen(
            command, cwd=place, stdout=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (place / "generated/.journal.json").exists():
            continue
        done = subprocess.run(
            [sys.executable, "-c", ASKED],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout in ("True False 5\n", "False True 14003\n"), done.stderr
        outcomes.add(done.stdout)
        deadline = time.monotonic() + 5
        while _group(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _group(process.pid)
    assert outcomes
    compiled(modelbook, place, "--bulk", "rows.ndjson")
    compiled(modelbook, place, "--bulk", "rows.ndjson", "--check")
    assert len(bulk_files(place)) == 1
    assert not list((place / "generated").glob(f"{PREFIX}*"))


def _group(leader: int) -> bool:
    """Tell whether a process group still has a member that is not just waited for."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == leader and state != "Z":
            return True
    return False
