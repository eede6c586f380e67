"""Every example of the README and the docs runs, and shows what the README says it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from modelbook_compiler.discover import place
from modelbook_compiler.parse import parse
from modelbook_compiler.shape import Shapes
from modelbook_compiler.values import Document, SourceFile

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/guide.md", "docs/reference.md")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the page and text of every block in a language."""
    return [
        (page, text)
        for page in PAGES
        for name, text in BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
        if name == language
    ]


def run_python(text: str) -> str:
    """Return what a Python example prints."""
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("page", "text"), blocks("python"))
def test_python_examples_run(page: str, text: str) -> None:
    assert run_python(text).strip(), page


COMMANDS = [
    line.partition("  #")[0].strip()
    for _, text in blocks("sh")
    for line in text.splitlines()
    if line.startswith("modelbook ")
]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkout-like folder in which commands may write."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("catalog", "schemas", "generated"):
        subprocess.run(["cp", "-r", ROOT / name, folder], check=True)
    workload, rows = (text for _, text in blocks("json"))
    (folder / "workload.json").write_text(workload, encoding="utf-8")
    (folder / "hub.ndjson").write_text(rows, encoding="utf-8")
    answer = ROOT / "tests" / "usage" / "openai" / "chat-cached.json"
    subprocess.run(["cp", answer, folder / "answer.json"], check=True)
    (folder / "models" / "tiny").mkdir(parents=True)
    (folder / "models" / "tiny" / "config.json").write_text('{"model_type": "llama"}')
    command = [sys.executable, "-m", "modelbook_cli", "compile"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command: str, database: Path) -> None:
    argv = [sys.executable, "-m", "modelbook_cli", *shlex.split(command)[1:]]
    env = {**os.environ, "HF_HUB_CACHE": str(database / "models")}  # not whatever is cached here
    done = subprocess.run(argv, cwd=database, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stdout + done.stderr


def test_readme_output_is_what_its_example_prints() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    example = dict(BLOCK.findall(text))["python"]
    shown = dict(BLOCK.findall(text))["text"]
    assert shown == run_python(example)


def test_readme_adds_a_model_as_it_says(database: Path) -> None:
    """The two files of the README, at the paths they name, are clean."""
    files = [text for page, text in blocks("yaml") if page == "README.md"]
    added: list[Path] = []
    for text in files:
        path = re.search(r"# ↑ (\S+) is", text)
        assert path is not None
        target = database / path.group(1)
        assert not target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        added.append(target)
    command = [sys.executable, "-m", "modelbook_cli", "check"]
    done = subprocess.run(command, cwd=database, capture_output=True, text=True, check=False)
    for target in added:
        target.unlink()
    assert (done.returncode, done.stdout.startswith("no problems")) == (0, True), done.stdout


def test_the_price_grammar_of_the_guide_is_accepted(mini: Path) -> None:
    guide = [text for page, text in blocks("yaml") if page == "docs/guide.md"]
    (prices,) = (text for text in guide if text.startswith("prices:"))
    target = mini / "providers/acme/deployments/embed-1.yaml"
    kept = target.read_text(encoding="utf-8").split("prices:")
    target.write_text(kept[0] + prices + "sources:" + kept[1].split("sources:")[1])
    command = [sys.executable, "-m", "modelbook_cli", "check", "--catalog", str(mini)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_operations_of_the_guide_are_accepted() -> None:
    (text,) = (text for _, text in blocks("yaml") if "overlay/" in text)
    path, _, content = text.partition("\n")
    placed = place(path.removeprefix("# catalog/"))
    assert isinstance(placed, tuple)
    source = SourceFile(path.removeprefix("# "), *placed, "acme", content.encode())
    read = parse(source)
    assert isinstance(read, Document), read
    assert Shapes(None).problems(read) == ()
