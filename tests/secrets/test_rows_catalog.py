"""Threat rows of the catalog: hostile YAML, code in texts, and SQL that reaches beyond it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., "CompletedProcess[str]"]
BOMB = "a0: &a0 x\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
ROWS = {
    "Y1 alias bomb": (BOMB.encode(), "MB007"),
    "Y2 python tag": (b'family: !!python/object/apply:os.system ["id"]\n', "MB007"),
    "Y3 brackets": (b"family: " + b"[" * 20_000, "MB009"),
    "Y4 huge number": (b"family: " + b"9" * 5_000 + b"\n", "MB008"),
    "Y4 not a number": (b"family: .nan\n", "MB008"),
    "Y5 a key twice": (b"family: a\nfamily: b\n", "MB006"),
    "Y6 a word of YAML 1.1": (b"family: NO\n", "MB008"),
    "Y6 octal": (b"family: 010\n", "MB008"),
    "Y7 two documents": (b"---\nfamily: a\n", "MB007"),
    "Y7 not UTF-8": (b"family: caf\xe9\n", "MB004"),
    "Y7 a nul": (b"family: a\x00\n", "MB004"),
    "J6 bidirectional": ("family: a\u202eb\n".encode(), "MB004"),
}


@pytest.mark.parametrize("row", ROWS)
def test_Y_hostile_yaml_is_an_error_of_its_own(modelbook: Run, mini: Path, row: str) -> None:
    raw, code = ROWS[row]
    path = mini / "models/acme/alpha-1.yaml"
    path.write_bytes(path.read_bytes() + raw)
    done = modelbook("check", cwd=mini.parent)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"error[{code}]" in done.stdout


@pytest.mark.parametrize(
    "name", ['x"; __import__("os").system("touch owned"); y="', "{{ 7 * 7 }}{__import__('os')}\\"]
)
def test_J_text_of_the_catalog_is_never_run(modelbook: Run, mini: Path, name: str) -> None:
    path = mini / "models/acme/alpha-1.yaml"
    quoted = name.replace("'", "''")
    text = path.read_text(encoding="utf-8")
    assert "name: Alpha 1" in text
    path.write_text(text.replace("name: Alpha 1", f"name: '{quoted}'"), encoding="utf-8")
    done = modelbook("compile", "--out", "out", "--package", "hostile_book", cwd=mini.parent)
    assert done.returncode == 0, done
    shown = modelbook("show", "acme/alpha-1", "--json", cwd=mini.parent)
    assert "Traceback" not in shown.stderr
    assert not (mini.parent / "owned").exists()


@pytest.mark.parametrize(
    "query",
    [
        "select content from read_text('{key}')",
        "select * from glob('{folder}/*')",
        "attach '{folder}/other.duckdb' as other",
        "copy (select 1) to '{folder}/out.csv'",
        "install httpfs",
    ],
)
def test_D3_no_query_reaches_beyond_the_catalog(modelbook: Run, tmp_path: Path, query: str) -> None:
    key = tmp_path / "keys.txt"
    key.write_text("CANARY" + "agekey")
    done = modelbook("sql", query.format(key=key, folder=tmp_path))
    assert done.returncode != 0
    assert "CANARY" + "agekey" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"keys.txt"}
