"""What checking and compiling cost, beside our own YAML loader alone on the same files."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from modelbook_compiler.book import Book
from modelbook_compiler.build import check
from modelbook_compiler.emit import duckdb
from modelbook_compiler.emit.tables import TABLES
from rows import Row
from timing import calls, interleaved, middle, process, ratio

LOADER = """
import gc, sys
from pathlib import Path
from modelbook_compiler.discover import discover
from modelbook_compiler.files import walk
from modelbook_compiler.parse import parse
gc.disable()
kept = [parse(one) for one in discover(Path(sys.argv[1]), "", walk(Path(sys.argv[1]))).files]
"""
"""Read and parse every file, keep what they say, and nothing more."""

CLI = ("-m", "modelbook_cli")
GOALS = {
    "check, nothing known": "",
    "check, nothing changed": "≤ 150 ms",
    "check, one edit": "≤ 300 ms",
    "compile": "≤ 2 (ratio)",
}
"""What is measured beside the loader, and its goal."""


def rows(rounds: int, root: Path, scratch: Path) -> Iterator[Row]:
    """Yield the rows for the catalog in a folder; outputs go to a scratch folder."""
    checked = check(root)
    name = f"{len(checked.sources):,} files"
    out, memory = scratch / "cold", scratch / "memory"
    os.environ["MODELBOOK_CACHE"] = str(memory)
    checks = (*CLI, "check", "--catalog", str(root))
    sides = {
        "loader": process("-c", LOADER, str(root)),
        "check, nothing known": process(
            *checks, before=partial(shutil.rmtree, memory, ignore_errors=True)
        ),
        "check, nothing changed": process(*checks),
        "check, one edit": process(*checks, before=partial(_edit, root)),
        "compile": process(
            *(*CLI, "compile", "--catalog", str(root), "--out", str(out)),
            before=partial(_forget, out, memory),
        ),
    }
    samples = interleaved(sides, rounds)
    for side, goal in GOALS.items():
        ours, theirs = middle(samples, side), middle(samples, "loader")
        times = ratio(samples, side, "loader")
        yield Row(f"modelbook {side}, {name}", ours, "s", "loader alone", theirs, times, goal)
    yield _database(max(3, rounds // 2), checked.book(), scratch, name)


def _edit(root: Path) -> None:
    """Give the first model of a catalog another name, or its own again."""
    path = min(root.glob("models/*/*.yaml"))
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub("(?m)^name: (.*?)( anew)?$", _renamed, text))


def _renamed(line: re.Match[str]) -> str:
    """Return the line of a name with another ending."""
    return f"name: {line[1]}{'' if line[2] else ' anew'}"


def _forget(*folders: Path) -> None:
    """Remove folders."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _database(rounds: int, book: Book, scratch: Path, name: str) -> Row:
    """Return the row of the DuckDB file, beside its rows as JSON text."""
    sides = {
        "ours": calls(partial(duckdb.write, book, scratch / "catalog.duckdb"), 1),
        "theirs": calls(partial(_as_json, book), 1),
    }
    samples = interleaved(sides, rounds)
    ours, theirs = middle(samples, "ours"), middle(samples, "theirs")
    times = ratio(samples, "ours", "theirs")
    return Row(f"DuckDB file, {name}", ours, "s", "its rows as JSON text", theirs, times)


def _as_json(book: Book) -> int:
    """Return the length of all rows as JSON text."""
    return sum(len(json.dumps(row)) for table in TABLES for row in table.rows(book))
