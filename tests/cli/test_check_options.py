"""`modelbook check` with `--only`, `--max-problems`, `--fix` and `--watch`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
ALPHA = "models/acme/alpha-1.yaml"
PRICED = "providers/acme/deployments/alpha-1-2025-08-15.yaml"


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that is in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def broken(mini: Path) -> Path:
    """Return a catalog with a problem that can be mended for certain and two that cannot."""
    edit(mini / PRICED, 'input: "2.50"', "input: 2.50")
    edit(mini / ALPHA, "name:", "licence: MIT\nname:")
    edit(mini / "models/acme/embed-1.yaml", "context: 8192", "context: 0")
    return mini


def test_only_shows_and_counts_the_codes_asked_for(modelbook: Run, broken: Path) -> None:
    done = modelbook("check", "--only", "mb101", cwd=broken.parent)
    assert done.returncode == 1
    assert done.stdout.count("error[") == done.stdout.count("error[MB101]") == 1
    assert modelbook("check", "--only", "MB3", cwd=broken.parent).returncode == 0


def test_max_problems_says_how_many_more(modelbook: Run, broken: Path) -> None:
    done = modelbook("check", "--max-problems", "1", cwd=broken.parent)
    assert done.returncode == 1
    assert done.stdout.count("error[") == 1
    assert done.stdout.endswith("and 2 more\n")


def test_fix_shows_a_diff_and_writes_nothing_unasked(modelbook: Run, broken: Path) -> None:
    before = (broken / PRICED).read_bytes()
    done = modelbook("check", "--fix", cwd=broken.parent, input="n\n")
    assert '-  - {input: 2.50, output: "10.00"' in done.stdout
    assert '+  - {input: "2.50", output: "10.00"' in done.stdout
    assert (broken / PRICED).read_bytes() == before
    assert done.returncode == 1


def test_fix_mends_what_is_certain_and_leaves_the_rest(modelbook: Run, broken: Path) -> None:
    done = modelbook("check", "--fix", "--yes", cwd=broken.parent)
    assert 'input: "2.50"' in (broken / PRICED).read_text(encoding="utf-8")
    assert "1 file mended\n" in done.stdout
    assert done.stdout.count("error[") == 2


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (ALPHA, "# yaml-language-server: $schema=../../../", "# yaml-language-server: $schema=./"),
        (ALPHA, "# yaml-language-server: $schema=../../../schemas/model.schema.json\n", ""),
        (ALPHA, "name: Alpha 1", "name: 1.10"),
        (ALPHA, "name: Alpha 1", "id: acme/alpha-1\nname: Alpha 1"),
        ("models/openlab/gamma-7b.yaml", "Apache-2.0", "apache-2.0"),
        (PRICED, 'output: "10.00"', "output: 10.00"),
    ],
)
def test_each_certain_mend_makes_the_file_clean(
    modelbook: Run, mini: Path, path: str, old: str, new: str
) -> None:
    edit(mini / path, old, new)
    assert modelbook("check", cwd=mini.parent).returncode == 1
    done = modelbook("check", "--fix", "--yes", cwd=mini.parent)
    assert done.returncode == 0, done.stdout


def test_a_field_inside_a_line_is_not_deleted_with_it(modelbook: Run, mini: Path) -> None:
    first, *_ = (mini / ALPHA).read_text(encoding="utf-8").splitlines(keepends=True)
    (mini / ALPHA).write_text(first + "{id: acme/alpha-1, name: Alpha 1}\n", encoding="utf-8")
    modelbook("check", "--fix", "--yes", cwd=mini.parent)
    assert "name: Alpha 1" in (mini / ALPHA).read_text(encoding="utf-8")


def test_watch_checks_again_after_a_save_and_ends_quietly(mini: Path) -> None:
    command = [sys.executable, "-u", "-m", "modelbook_cli", "check", "--watch"]
    with subprocess.Popen(
        command, cwd=mini.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith("no problems")
            time.sleep(0.3)
            edit(mini / ALPHA, "name:", "nam:")
            assert process.stdout.readline().startswith("error[MB101]")
            process.send_signal(2)
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "text",
    [
        "license: >-\n  apache-2.0\n",
        "id: openlab\n  gamma-7b\n",
        "id: {a: 1}\n",
    ],
    ids=["block", "two lines", "mapping"],
)
def test_fix_leaves_alone_what_it_cannot_mend_for_certain(
    modelbook: Run, mini: Path, text: str
) -> None:
    path = mini / ALPHA
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    before = path.read_bytes()
    done = modelbook("check", "--fix", "--yes", cwd=mini.parent)
    assert (done.returncode, path.read_bytes()) == (1, before)


def test_fix_shows_no_secret_and_keeps_the_mode(modelbook: Run, mini: Path) -> None:
    path, key = mini / ALPHA, "sk-proj-abcdefghijklmnopqrstuvwx123456"
    edit(path, "name: Alpha 1", f"id: acme/alpha-1\nname: Alpha 1  # {key}")
    path.chmod(0o600)
    done = modelbook("check", "--fix", "--yes", cwd=mini.parent)
    assert key not in done.stdout + done.stderr
    assert "id: acme" not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600


def test_fix_does_not_overwrite_what_was_saved_meanwhile(mini: Path) -> None:
    edit(mini / ALPHA, "name: Alpha 1", "id: acme/alpha-1\nname: Alpha 1")
    command = [sys.executable, "-u", "-m", "modelbook_cli", "check", "--fix"]
    with subprocess.Popen(
        command,
        cwd=mini.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("---")
        edit(mini / ALPHA, "name: Alpha 1", "name: Alpha One")
        _, errors = process.communicate("y\n", timeout=20)
    assert (process.returncode, "was changed meanwhile" in errors) == (2, True)
    assert "name: Alpha One" in (mini / ALPHA).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["x\udcff~", "empty.yaml/"])
def test_odd_names_are_no_trouble_to_the_memory(modelbook: Run, mini: Path, name: str) -> None:
    assert modelbook("check", cwd=mini.parent).returncode == 0
    path = mini / "models" / "acme" / name
    path.mkdir() if name.endswith("/") else path.touch()
    done = modelbook("check", cwd=mini.parent)
    assert done.returncode == (1 if name.endswith("/") else 0)
    assert "Traceback" not in done.stderr


def test_a_day_at_the_end_of_time(modelbook: Run, mini: Path) -> None:
    for day in ("0001-01-01", "9999-12-31"):
        done = modelbook("check", "--at", day, cwd=mini.parent)
        assert (done.returncode, done.stderr) == (0, "")


def test_only_refuses_what_no_code_starts_with_and_counts_the_others(
    modelbook: Run, mini: Path
) -> None:
    modelbook("check", cwd=mini.parent)  # clean, and known to be
    done = modelbook("check", "--only", "MB9", cwd=mini.parent)
    assert (done.returncode, "no code starts with `MB9`" in done.stderr) == (2, True)
    edit(mini / ALPHA, "name:", "nam:")
    done = modelbook("check", "--only", "MB3", cwd=mini.parent)
    assert done.returncode == 0
    assert "of other codes, not shown" in done.stdout
