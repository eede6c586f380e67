"""What a million models of a bulk source cost: to compile, on disk, and to look up."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median

from rows import Row

PROFILES = (
    ("text-generation", "LlamaForCausalLM", ["text"], ["text"]),
    ("image-text-to-text", "", ["text", "image"], ["text"]),
    ("automatic-speech-recognition", "", ["audio"], ["text"]),
    ("text-to-image", "", ["text"], ["image"]),
)
LICENSES = ("Apache-2.0", "MIT", "LicenseRef-Llama-3.1")
CREATORS = 5_000
ALONE = """
import duckdb, sys
connection = duckdb.connect(sys.argv[2])
read = "FROM read_json(?, format = 'newline_delimited')"
connection.execute(f"CREATE TABLE models AS {read}", [sys.argv[1]])
connection.close()
"""
LOOKUP = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import made_up_models as it
ids = json.loads(Path(sys.argv[2]).read_text())
for id in ids[:500]:
    it.get_model(id)
out = []
for start in range(500, len(ids), 500):
    begin = time.perf_counter()
    for id in ids[start : start + 500]:
        it.get_model(id)
    out.append((time.perf_counter() - begin) / 500)
print(json.dumps(out))
"""


def write(path: Path, count: int) -> Path:
    """Write made-up models, one a line: the same bytes for the same count; return the path."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(_model(n)) + "\n" for n in range(count))
    return path


def _id(number: int) -> str:
    """Return the id of a made-up model."""
    return f"creator-{number % CREATORS:04}/model-{number:07}-chat"


def _model(number: int) -> dict[str, object]:
    """Return one made-up model; every tenth has an alias, every eighth follows its architecture."""
    pipeline, architecture, read, written = PROFILES[number % len(PROFILES)]
    repository = f"Creator-{number % CREATORS}/Model-{number}"
    row: dict[str, object] = {
        "id": _id(number),
        "name": f"Model {number} Chat",
        "family": f"family-{number // 20}",
        "released": f"{2019 + number % 7}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "modalities": {"input": read, "output": written},
        "limits": {"context": 4096 * 2 ** (number % 8), "max_output": 4096},
        "capabilities": {"streaming": number % 3 > 0, "fine_tuning": number % 2 > 0},
        "parameters": {"total": 1_000_000 * (number % 900 + 1)},
        "license": LICENSES[number % len(LICENSES)],
        "open_weights": True,
        "weights": {"hf": repository, "dtype": "bfloat16"},
        "sources": [{"url": f"https://huggingface.co/{repository}", "checked": "2026-11-01"}],
    }
    if architecture:
        row["architecture"] = architecture
    if number % 8:
        row["pipelines"] = [pipeline]
    if number % 10 == 0:
        row["aliases"] = [f"creator-{number % CREATORS:04}/alias-{number:07}"]
    return row


def rows(count: int, root: Path, scratch: Path) -> Iterator[Row]:
    """Yield the rows for `count` models on top of the catalog in a folder."""
    source = write(scratch / "rows.ndjson", count)
    name, out = f"{count:,} bulk models", scratch / "bulk"
    args = ("--catalog", str(root), "--out", str(out), "--package", "made_up_models")
    ours = _run("-m", "modelbook_cli", "compile", *args, "--bulk", str(source))
    theirs = _run("-c", ALONE, str(source), str(scratch / "alone.duckdb"))
    for what, unit, place, goal in (
        ("compile", "s", 0, "≤ 60 s at 1,000,000"),
        ("compile, CPU", "s", 1, ""),
        ("compile, peak memory of all processes", "MB", 2, "≤ 2,000 MB"),
    ):
        mine, other = ours[place], theirs[place]
        beside = "DuckDB alone, same lines"
        yield Row(f"{what}, {name}", mine, unit, beside, other, mine / other, goal)
    for what, found in (
        ("DuckDB file", out / "catalog.duckdb"),
        ("SQLite file", next((out / "made_up_models").glob("_bulk_*.sqlite"))),
    ):
        mine, other = found.stat().st_size / 1e6, source.stat().st_size / 1e6
        yield Row(f"{what}, {name}", mine, "MB", "the source", other, mine / other)
    yield _lookup(count, out, scratch, name)


def _run(*arguments: str) -> tuple[float, float, float]:
    """Return seconds, CPU seconds, and the peak memory in MB of a process and its children."""
    before, peak = os.times(), 0.0
    start = time.perf_counter()
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(0.1)
    taken, after = time.perf_counter() - start, os.times()
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments[:4])} ended with {process.returncode}")
    used = after.children_user + after.children_system
    return taken, used - before.children_user - before.children_system, peak


def _memory(session: int) -> float:
    """Return what the processes of a session hold now, in MB, shared pages once; Linux only."""
    held = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                text = (folder / "smaps_rollup").read_text()
                held += next(int(one.split()[1]) for one in text.splitlines() if one[:4] == "Pss:")
        except OSError:
            continue
    return held / 1024


def _lookup(count: int, out: Path, scratch: Path, name: str) -> Row:
    """Return the row of a lookup of another model each time, beside SQLite and JSON alone."""
    numbers = Random(1).sample(range(count), min(count, 5_000))  # noqa: S311  # repeatable
    ids = [_id(number) for number in numbers]
    (scratch / "ids.json").write_text(json.dumps(ids))
    command = [sys.executable, "-c", LOOKUP, str(out), str(scratch / "ids.json")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    ours = median(json.loads(done.stdout))
    theirs = _alone(next((out / "made_up_models").glob("_bulk_*.sqlite")), ids)
    beside = "its row by SQLite and json.loads alone"
    return Row(f"warm get_model, {name}", ours, "s", beside, theirs, ours / theirs, "≤ 50 µs")


def _alone(path: Path, ids: list[str]) -> float:
    """Return the seconds that SQLite and `json.loads` need for one row."""
    taken: list[float] = []
    with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True) as connection:
        for start in range(0, len(ids), 500):
            begin = time.perf_counter()
            for id in ids[start : start + 500]:
                found = connection.execute("SELECT row FROM models WHERE id = ?", (id,)).fetchone()
                json.loads(found[0])
            taken.append((time.perf_counter() - begin) / 500)
    return median(taken[1:])
