"""`modelbook compile --package`: a team's own package, beside others in one process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_two_packages_work_side_by_side(modelbook: Run, mini: Path) -> None:
    done = modelbook("compile", "--package", "acme_models", "--out", "src", cwd=mini.parent)
    assert done.returncode == 0, done.stderr
    program = (
        "import acme_models, modelbook_catalog\n"
        "print(acme_models.get_model('acme/alpha-1').name)\n"
        "print(modelbook_catalog.find_model('acme/alpha-1'))\n"
        "print(acme_models.find_model('openai/gpt-4o'))\n"
        "print(acme_models.revision() != modelbook_catalog.revision())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=mini.parent / "src",
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split("\n") == ["Alpha 1", "None", "None", "True", ""]


def test_commands_ask_the_package_of_the_environment(modelbook: Run, mini: Path) -> None:
    modelbook("compile", "--package", "acme_models", "--out", ".", cwd=mini.parent)
    env = {"MODELBOOK_PACKAGE": "acme_models", "PYTHONPATH": str(mini.parent)}
    again = modelbook("compile", "--package", "acme_models", "--out", ".", cwd=mini.parent, **env)
    assert again.returncode == 0, again.stderr  # its own name is not taken
    done = modelbook("show", "acme:alpha-1", cwd=mini.parent, **env)
    assert (done.returncode, "model: acme/alpha-1" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    "name",
    [
        "acme-models",
        "class",
        "1st",
        "",
        "modelbook",
        "modelbook_importers",
        "a.b",
        "../x",
        "ä",
        "click",
    ],
)
def test_a_name_that_cannot_be_imported_is_refused(modelbook: Run, mini: Path, name: str) -> None:
    done = modelbook("compile", "--package", name, cwd=mini.parent)
    assert done.returncode == 2
    assert "cannot be the name of a generated package" in done.stderr
    assert not (mini.parent / "generated").exists()
