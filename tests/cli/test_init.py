"""`modelbook init` writes a catalog, and never over anything.

That what it writes is checked, compiled and answers is tested with the wheel in tests/packaging.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook_compiler.discover import discover, folder
from modelbook_compiler.files import walk
from modelbook_compiler.parse import parse
from modelbook_compiler.shape import Shapes
from modelbook_compiler.values import Document

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_it_writes_all_a_repository_needs(modelbook: Run, tmp_path: Path, root: Path) -> None:
    done = modelbook("init", "acme-models", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    place = tmp_path / "acme-models"
    assert "from acme_models import" in done.stdout
    assert {
        "README.md",
        ".gitignore",
        ".sops.yaml",
        ".pre-commit-config.yaml",
        "requirements.txt",
    } <= {path.name for path in place.iterdir()}
    found = discover(folder(place / "catalog"), walk(place / "catalog"))
    assert found.problems == ()
    documents = [parse(one) for one in found.files]
    assert all(isinstance(one, Document) for one in documents), documents
    shapes = Shapes(None)
    assert [shapes.problems(one) for one in documents if isinstance(one, Document)] == [()] * 5
    schemas = {
        path.relative_to(place / "schemas").as_posix() for path in place.glob("schemas/**/*.json")
    }
    assert {"model.schema.json", "overlay/model.schema.json", "common.schema.json"} <= schemas
    again = modelbook("init", "acme-models", cwd=tmp_path)
    assert (again.returncode, "and " in again.stderr) == (2, True)
    assert "are there already" in again.stderr


def test_nothing_is_written_where_one_file_is_there(modelbook: Run, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("ours")
    done = modelbook("init", "--name", "acme", cwd=tmp_path)
    assert done.returncode == 2
    assert "`.gitignore` is there already" in done.stderr
    (tmp_path / "requirements.txt").write_text("ours")
    done = modelbook("init", "--name", "acme", cwd=tmp_path)
    assert "`.gitignore`, `requirements.txt` are there already" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {".gitignore", "requirements.txt"}


def test_a_fresh_repository_keeps_its_page(modelbook: Run, tmp_path: Path) -> None:
    place = tmp_path / "two words"
    place.mkdir()
    (place / "README.md").write_text("ours")
    done = modelbook("init", "two words", "--name", "acme", cwd=tmp_path)
    assert (done.returncode, "cd 'two words'" in done.stdout) == (0, True), done.stderr
    assert "README.md was there" in done.stdout
    assert (place / "README.md").read_text() == "ours"
    overlay = (place / "catalog/providers/groq/deployments/openai/gpt-oss-20b.yaml").read_text()
    assert "replaces the whole list" in overlay


def test_a_link_to_nothing_is_no_folder(modelbook: Run, tmp_path: Path) -> None:
    (tmp_path / "lnk").symlink_to("nowhere")
    done = modelbook("init", "lnk", cwd=tmp_path)
    assert (done.returncode, "`lnk` is there already, and it is not a folder" in done.stderr) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--name", "Acme Inc"), "`Acme Inc` cannot be the name of a catalog"),
        (("--name", ""), "`` cannot be the name of a catalog"),
        (("--name", "public"), "the public book has the name `public` already"),
        (("--name", "acme", "--package", "modelbook"), "cannot be the name of a generated package"),
        (("--name", "acme", "--package", "Acme"), "cannot be the name of a generated package"),
        (("--name", "acme", "--package", "duckdb"), "a library is installed here under that name"),
        (("--name", "acme", "--package", "click"), "a library is installed here under that name"),
        (("1",), "`1` cannot be the name of a catalog"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(
    modelbook: Run, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    done = modelbook("init", *words, cwd=tmp_path)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert list(tmp_path.iterdir()) == []
