"""The same catalog gives the same bytes on any machine: hash seed, locale, zone, order of files."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook_compiler.build import check
from modelbook_compiler.emit import duckdb, json, python

MACHINES: tuple[dict[str, str], ...] = (
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", "PYTHONUTF8": "0"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Kiritimati"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "TZ": "America/St_Johns"},
)


def copy_backwards(source: Path, target: Path) -> None:
    """Copy a folder, its files made in the opposite order."""
    for path in sorted(source.rglob("*.yaml"), reverse=True):
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
        os.utime(copied, (0, 0))


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file but the database, whose header is not reproducible."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".duckdb"
    }


def test_every_machine_writes_the_same_bytes(
    mini: Path, tmp_path: Path, modelbook: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    found = []
    for number, env in enumerate(MACHINES):
        home = tmp_path / f"machine-{number}" / "somewhere"
        copy_backwards(mini, home / "catalog") if number else shutil.copytree(
            mini, home / "catalog"
        )
        command = ("compile", "--out", "out", "--parquet", "out/tables", "--json", "out/all.json")
        run = modelbook(*command, cwd=home, **env)
        assert run.returncode == 0, run.stderr
        found.append(contents(home / "out"))
    first = found[0]
    assert {"all.json", "tables/prices.parquet", "modelbook_catalog/_index.py"} <= first.keys()
    assert len(first) > 20
    for other in found[1:]:
        assert [path for path in first if first[path] != other.get(path)] == []
        assert other.keys() == first.keys()


def test_the_order_of_the_folder_is_no_matter(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = check(mini)
    scan = os.scandir

    class Backwards:
        """`os.scandir` of a file system that lists names the other way round."""

        def __init__(self, path: Path) -> None:
            self.entries = sorted(scan(path), key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *_: object) -> None:
            """Close nothing."""

    monkeypatch.setattr("modelbook_compiler.files.os.scandir", Backwards)
    after = check(mini)
    monkeypatch.undo()
    assert after.sources == before.sources
    one, other = before.book(), after.book()
    assert list(python.package(one, "x")) == list(python.package(other, "x"))
    assert json.document(one) == json.document(other)
    duckdb.parquet(one, tmp_path / "one")
    duckdb.parquet(other, tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_problems_are_told_in_the_same_order(
    mini: Path, modelbook: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for number in range(6):
        (mini / "models" / "acme" / f"beta-{number}.yaml").write_text("name: x\n")
        (mini / "policies" / f"policy-{number}.yaml").write_text(
            "# yaml-language-server: $schema=../../schemas/policy.schema.json\n"
            "description: x\npipeline: z\nproviders: [b, a]\nzz: 1\nyy: 1\n"
        )
    runs = [modelbook("check", "--catalog", str(mini), **env) for env in MACHINES[:2]]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout.count("error[") == 18
