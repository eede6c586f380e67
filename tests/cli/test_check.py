"""`modelbook check`: exit codes, formats, and catalogs that cannot be read."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Refused = Callable[[Done], str]
ALPHA = "models/acme/alpha-1.yaml"


@pytest.fixture
def broken(mini: Path) -> Path:
    """Return a catalog with an unknown field in one file."""
    (mini / ALPHA).write_text((mini / ALPHA).read_text() + "licence: MIT\n")
    return mini


def test_a_clean_catalog_ends_with_0(modelbook: Run, mini: Path) -> None:
    done = modelbook("check", cwd=mini.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("no problems in ")


def test_problems_end_with_1_and_show_place_and_hint(modelbook: Run, broken: Path) -> None:
    done = modelbook("check", cwd=broken.parent)
    assert done.returncode == 1
    assert done.stdout.startswith("error[MB101]: unknown field `licence`\n")
    assert f"--> catalog/{ALPHA}:11:1\n" in done.stdout
    assert "\n11 | licence: MIT\n   | ^^^^^^^\n" in done.stdout
    assert "  hint: did you mean `license`?\n" in done.stdout
    assert done.stdout.endswith("1 error in 1 of 23 files\n")


@pytest.mark.parametrize("way", ["elsewhere", "inside"])
def test_paths_in_messages_lead_to_the_file_from_wherever_one_stands(
    modelbook: Run, broken: Path, way: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place, name = (broken, ".") if way == "inside" else (tmp_path_factory.mktemp("x"), str(broken))
    shown = modelbook("check", "--catalog", name, cwd=place).stdout
    path, line, column = shown.splitlines()[1].partition("--> ")[2].split(":")
    assert ((place / path).resolve(), line, column) == ((broken / ALPHA).resolve(), "11", "1")
    assert "\n11 | licence: MIT\n" in shown


def test_json(modelbook: Run, broken: Path) -> None:
    done = modelbook("check", "--format", "json", cwd=broken.parent)
    (problem,) = json.loads(done.stdout)["problems"]
    assert (done.returncode, problem["code"], problem["line"]) == (1, "MB101", 11)


def test_sarif(modelbook: Run, broken: Path) -> None:
    done = modelbook("check", "--format", "sarif", cwd=broken.parent)
    log = json.loads(done.stdout)
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (done.returncode, log["version"], result["ruleId"]) == (1, "2.1.0", "MB101")
    assert place["artifactLocation"]["uri"] == f"catalog/{ALPHA}"
    assert place["region"]["startLine"] == 11


def test_github(modelbook: Run, broken: Path) -> None:
    done = modelbook("check", "--format", "github", cwd=broken.parent)
    start = f"::error file=catalog/{ALPHA},line=11,col=1,endLine=11,endColumn=8,title=MB101::"
    assert done.stdout == f"{start}unknown field `licence`%0Ahint: did you mean `license`?\n"


@pytest.mark.parametrize("shape", ["json", "sarif", "github"])
def test_formats_for_machines_say_nothing_else_when_clean(
    modelbook: Run, mini: Path, shape: str
) -> None:
    done = modelbook("check", "--format", shape, cwd=mini.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert shape == "github" or json.loads(done.stdout)
    assert shape != "github" or not done.stdout


@pytest.mark.parametrize("place", ["nowhere", ".", "catalog/units.yaml", "catalog/models"])
def test_what_is_no_catalog_ends_with_2_and_a_hint(
    modelbook: Run, mini: Path, place: str, refused: Refused
) -> None:
    words = refused(modelbook("check", "--catalog", place, cwd=mini.parent))
    assert f"`{place}` is no catalog" in words
    assert "hint: name its folder with `--catalog`" in words


@pytest.mark.parametrize("place", ["catalog", "catalog/models/acme"])
def test_a_folder_that_may_not_be_read_ends_with_2(
    mortal: Run, mini: Path, place: str, refused: Refused
) -> None:
    folder = mini.parent / place
    folder.chmod(0)
    try:
        words = refused(mortal("check", cwd=mini.parent))
    finally:
        folder.chmod(0o755)
    assert "not readable" in words or "cannot read" in words
    assert place in words


def test_a_file_that_may_not_be_read_is_a_problem_of_that_file(mortal: Run, mini: Path) -> None:
    (mini / ALPHA).chmod(0)
    done = mortal("check", cwd=mini.parent)
    assert done.returncode == 1
    assert "error[MB003]: cannot be read: Permission denied" in done.stdout
