"""`modelbook compile --wheel`: a team's catalog as pip installs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import modelbook
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook_compiler.build import check
from modelbook_compiler.emit.wheel import REQUIRES_PYTHON, runtimes, wheel
from packaging.metadata import Metadata
from packaging.specifiers import SpecifierSet
from packaging.utils import parse_wheel_filename
from packaging.version import Version

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
MINI = Path(__file__).resolve().parent.parent / "mini" / "catalog"
BOOK = check(MINI).book()
TEAM = ("--package", "acme_models", "--out", "src", "--wheel", "dist")

PROGRAM = """\
import acme_models
import beta_models
import modelbook_catalog
from modelbook.records import Deployment

one: Deployment = acme_models.find_deployment("acme:alpha-1-2025-08-15")
two: Deployment = beta_models.get_deployment("acme:alpha-1-2025-08-15")
print(one.price("input"), two.price("input"), "site-packages" in acme_models.__file__)
print(modelbook_catalog.find_model("acme/alpha-1"), acme_models.find_model("openai/gpt-4o"))
print(modelbook_catalog.get_model("openai/gpt-4o").name)
print(len({one.revision() for one in (acme_models, beta_models, modelbook_catalog)}))
"""


def metadata(content: bytes, folder: Path) -> Metadata:
    """Return the validated metadata of a wheel."""
    (folder / "x.whl").write_bytes(content)
    with zipfile.ZipFile(folder / "x.whl") as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
        return Metadata.from_email(archive.read(name), validate=True)


@pytest.mark.slow
def test_two_teams_and_the_public_book_in_one_process(
    team: tuple[Run, Path], tmp_path: Path
) -> None:
    run, place = team
    (tmp_path / "program.py").write_text(PROGRAM)
    done = run("python", "-W", "error", "program.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["2.50 2.25 True", "None None", "GPT-4o", "3"]
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin/python")]
    checked = subprocess.run([*pip, "check"], capture_output=True, text=True, check=False)
    assert "No broken requirements found." in checked.stdout, checked.stdout
    removed = subprocess.run(
        [*pip, "uninstall", "--yes", "beta-models"], capture_output=True, text=True, check=False
    )
    assert removed.returncode == 0
    assert not list(place.glob("lib/python*/site-packages/beta_models*"))


@pytest.mark.slow
def test_types_come_with_the_wheel(team: tuple[Run, Path], tmp_path: Path) -> None:
    program = PROGRAM.replace("import beta_models\n", "").replace("beta_models", "acme_models")
    (tmp_path / "program.py").write_text(program)
    (tmp_path / "wrong.py").write_text(
        "import acme_models\nprint(acme_models.find_model('acme/alpha-7').name)\n"
    )
    python = str(team[1] / "bin/python")
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python]
    told = {
        name: subprocess.run(
            [*command, name], cwd=tmp_path, capture_output=True, text=True, check=False
        ).stdout
        for name in ("program.py", "wrong.py")
    }
    assert told["program.py"].startswith("Success"), told
    assert '"None" of "Model | None" has no attribute "name"' in told["wrong.py"]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_bytes_depend_on_the_catalog_alone(mini: Path, seed: str) -> None:
    env = {"PYTHONHASHSEED": seed, "TZ": f"Etc/GMT+{seed}", "LC_ALL": "C"}
    mini.rename(mini.parent / f"catalog{seed}")
    subprocess.run(
        [sys.executable, "-m", "modelbook_cli", "compile", "--catalog", f"catalog{seed}", *TEAM],
        cwd=mini.parent,
        env={**os.environ, **env},
        check=True,
        capture_output=True,
        preexec_fn=lambda: os.umask(0o077 if seed == "1" else 0),
    )
    (built,) = (mini.parent / "dist").iterdir()
    expected = wheel(BOOK, "acme_models")
    assert (built.name, built.read_bytes()) == (expected.path, expected.content)


def test_what_is_in_it(tmp_path: Path) -> None:
    made = wheel(BOOK, "acme_models")
    name, version, _, tags = parse_wheel_filename(made.path)
    assert (name, str(version)[:3], {str(tag) for tag in tags}) == (
        "acme-models",
        "0+r",
        {"py3-none-any"},
    )
    (tmp_path / "x.whl").write_bytes(made.content)
    with zipfile.ZipFile(tmp_path / "x.whl") as archive:
        entries = archive.infolist()
        assert {one.date_time[0] for one in entries} == {1980}
        assert {oct(one.external_attr >> 16) for one in entries} == {"0o100644"}
        record = archive.read(entries[-1].filename).decode()
    assert entries[-1].filename.endswith("/RECORD")
    assert [line.partition(",")[0] for line in record.splitlines()] == [e.filename for e in entries]
    assert "acme_models/py.typed" in record


def test_other_facts_another_version_and_a_stated_one_is_kept(tmp_path: Path) -> None:
    other = replace(BOOK, title="Other")
    assert wheel(other, "a").path != wheel(BOOK, "a").path
    stated = wheel(BOOK, "a", "1!2026.11.01rc1+team.1")
    assert stated.path == "a-1!2026.11.1rc1+team.1-py3-none-any.whl"
    assert str(metadata(stated.content, tmp_path).version) == "1!2026.11.1rc1+team.1"


def test_the_runtime_it_asks_for(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = metadata(wheel(BOOK, "a").content, tmp_path)
    (needed,) = found.requires_dist or []
    assert (needed.name, str(found.requires_python)) == ("modelbook", REQUIRES_PYTHON)
    assert f'requires-python = "{REQUIRES_PYTHON}"' in (root / "pyproject.toml").read_text()
    cases = {"0.1.0": ("0.1.9", "0.2.0"), "0.12.3": ("0.12.4", "0.13"), "1.2.0": ("1.9", "2.0")}
    for version, (reads, does_not) in cases.items():
        monkeypatch.setattr("modelbook.__version__", version)
        range = SpecifierSet(runtimes())
        assert (version in range, reads in range, does_not in range) == (True, True, False)


def test_the_format_changes_only_where_wheels_expect_it() -> None:
    """A new version has a line of its own here; the format of a line that is released stays."""
    formats = {"0.1": 1}
    major, minor = Version(modelbook.__version__).release[:2]
    series = f"{major}" if major else f"0.{minor}"
    assert formats[series] == modelbook.FORMAT


@pytest.mark.parametrize(
    "license", ["Apache-2.0", "LicenseRef-Acme", "apache-2.0", "Nonsense", None]
)
def test_the_licence_of_the_facts(tmp_path: Path, license: str | None) -> None:
    found = metadata(wheel(replace(BOOK, license=license), "a").content, tmp_path)
    spdx = license and license.replace("apache", "Apache")
    assert found.license_expression == (None if license == "Nonsense" else spdx)


@given(
    st.text()
    | st.sampled_from(["x\nRequires-Dist: evil", "x\r\n\r\nbody", "Modèle 模型", "\u2028y"])
)
def test_a_title_cannot_add_to_the_metadata(title: str) -> None:
    made = wheel(replace(BOOK, title=title), "a").content
    start = made.index(b"Metadata-Version")
    stated = made[start : made.index(b"Catalog `mini`")]
    found = Metadata.from_email(stated, validate=True)
    assert len(found.requires_dist or []) == 1
    names = re.findall(rb"(?m)^[A-Za-z-]+(?=: )", stated)
    assert set(names) <= {
        b"Metadata-Version",
        b"Name",
        b"Version",
        b"Summary",
        b"Requires-Python",
        b"Requires-Dist",
    }
    kept = "".join(char for char in " ".join(title.split()) if char.isprintable())[:512].strip()
    assert (found.summary or "").strip() == kept


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--package", "modelbook_catalog"), "comes with modelbook itself"),
        (("--package", "ModelBook_Catalog"), "comes with modelbook itself"),
        (("--package", "acme_"), "cannot be the name of a wheel"),
        (("--wheel-version", "1.0.x"), "is no version"),
        (("--wheel-version", "1.0\nEvil: yes"), "is no version"),
        (("--check",), "--wheel cannot go with them"),
        (("--diff",), "--wheel cannot go with them"),
        (("--wheel", "src/acme_models"), "the generated package"),
        (("--wheel", "catalog/dist"), "the catalog"),
    ],
)
def test_what_cannot_be_a_wheel_is_refused(
    modelbook: Run, mini: Path, options: tuple[str, ...], said: str
) -> None:
    done = modelbook("compile", *TEAM, *options, cwd=mini.parent)
    assert (done.returncode, said in " ".join(done.stderr.split())) == (2, True), done.stderr
    assert [path.name for path in mini.parent.iterdir()] == ["catalog"]


def test_a_version_without_a_wheel(modelbook: Run, mini: Path) -> None:
    done = modelbook("compile", "--wheel-version", "1.0", cwd=mini.parent)
    assert (done.returncode, "goes with --wheel DIR" in done.stderr) == (2, True)
