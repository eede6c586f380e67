"""The page about keys: its commands, typed in order in a new repository, and its Python."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from modelbook_compiler.discover import place
from modelbook_compiler.parse import parse
from modelbook_compiler.shape import Shapes
from modelbook_compiler.values import Document, SourceFile

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)
BLOCKS = BLOCK.findall((ROOT / "docs" / "secrets.md").read_text(encoding="utf-8"))
SETUP = """\
set -euo pipefail
git init -q .
git config user.name test && git config user.email test@example.com
modelbook() { "$PYTHON" -m modelbook_cli "$@"; }
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Return the environment of somebody who has never used any of this."""
    gone = ("SOPS_", "MODELBOOK_S", "MODELBOOK_E", "MODELBOOK_C", "OPENAI_", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(gone)}
    (tmp_path / "home").mkdir()
    return {**kept, "HOME": str(tmp_path / "home"), "PYTHON": sys.executable}


def test_the_commands_of_the_page_run_in_order(tmp_path: Path, env: dict[str, str]) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    script = SETUP + "".join(text for language, text in BLOCKS if language == "sh")
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kept = (folder / "secrets" / "dev" / "openai.sops.yaml").read_text()
    shown = next(text for language, text in BLOCKS if language == "text" and "ENC[" in text)
    names = re.findall(r"^ +(\w+):", shown, re.M)
    assert set(names) - {"expires_at"} <= set(re.findall(r"^ +(\w+):", kept, re.M))


@pytest.mark.parametrize("text", [text for language, text in BLOCKS if language == "python"])
def test_the_python_of_the_page_says_what_it_says(
    text: str, tmp_path: Path, env: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    promised = [line.rpartition("# ")[2] for line in text.splitlines() if "print(" in line]
    for line, promise in zip(done.stdout.splitlines(), promised, strict=True):
        assert promise.startswith(line)


@pytest.mark.parametrize("text", [text for language, text in BLOCKS if language == "yaml"])
def test_the_files_of_the_page_have_the_shape_of_their_kind(text: str) -> None:
    modeline, comment, content = text.split("\n", 2)
    path = comment.removeprefix("# ↑ ")
    placed = place(path.removeprefix("catalog/"))
    assert isinstance(placed, tuple)
    source = SourceFile(path, *placed, "acme", f"{modeline}\n{content}".encode())
    read = parse(source)
    assert isinstance(read, Document), read
    assert Shapes(None).problems(read) == ()
