"""What is in the wheel and the sdist, and that both work where there is no checkout."""

from __future__ import annotations

import lzma
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from email import message_from_string
from pathlib import Path

import modelbook
import modelbook_compiler
import pytest

pytestmark = pytest.mark.slow

Names = Callable[[Path], set[str]]
Python = Callable[..., "subprocess.CompletedProcess[str]"]
PACKAGES = {
    "modelbook": "runtime",
    "modelbook_catalog": "generated",
    "modelbook_cli": "compiler",
    "modelbook_compiler": "compiler",
    "modelbook_exporters": "compiler",
    "modelbook_importers": "compiler",
}


def sources(root: Path) -> set[str]:
    """Return every file of the packages, as the wheel should name it."""
    return {
        path.relative_to(root / folder).as_posix()
        for name, folder in PACKAGES.items()
        for path in (root / folder / name).rglob("*")
        if path.is_file() and path.suffix in (".py", ".j2", ".typed")
    }


def test_the_wheel_holds_the_packages_and_the_schemas_and_no_more(
    wheel: Path, names: Names, root: Path
) -> None:
    info = f"modelbook-{modelbook.__version__}.dist-info"
    schemas = {f"modelbook_compiler/schemas/{p.name}" for p in (root / "schemas").glob("*.json")}
    meta = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    tables = {"modelbook_exporters/provider-slugs.yaml", "modelbook_catalog/_catalog.ndjson.xz"}
    expected = sources(root) | schemas | tables | {f"{info}/{name}" for name in meta}
    assert names(wheel) == expected
    assert {f"{name}/py.typed" for name in PACKAGES} <= names(wheel)
    assert any(name.endswith(".py.j2") for name in names(wheel))
    assert len(schemas) > 10


def test_no_distribution_holds_a_secret_or_scraps(wheel: Path, sdist: Path, names: Names) -> None:
    scrap = re.compile(
        r"\.sops\.|\.env\b|(^|/)keys\.txt$"
        r"|\.duckdb|\.new$|\.journal|__pycache__|\.git/|\.venv|\.pyc$"
    )
    for path in (wheel, sdist):
        assert not [name for name in names(path) if scrap.search(name)]
        assert not [name for name in names(path) if name.startswith("secrets/")]
    assert not [name for name in names(wheel) if name.startswith(("catalog/", "tests/"))]


def test_a_plain_install_depends_on_nothing(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith("/METADATA")]
        metadata = message_from_string(archive.read(name).decode())
    required = metadata.get_all("Requires-Dist") or []
    assert required
    assert not [one for one in required if "extra == " not in one.partition(";")[2]]
    assert metadata["Version"] == modelbook.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert {"cli", "compiler", "dev"} <= set(metadata.get_all("Provides-Extra") or [])


def test_the_sdist_builds_the_same_wheel(wheel: Path, second_wheel: Path, names: Names) -> None:
    assert names(second_wheel) == names(wheel)
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(second_wheel) as two:
        differing = [name for name in one.namelist() if one.read(name) != two.read(name)]
    assert not differing


def test_the_sdist_holds_what_the_tests_need(sdist: Path, names: Names) -> None:
    held = names(sdist)
    assert {"pyproject.toml", "README.md", "LICENSE", "schemas/model.schema.json"} <= held
    assert {"tests/conftest.py", "tests/mini/catalog/units.yaml", "catalog/units.yaml"} <= held


def test_no_distribution_holds_what_was_left_beside_its_files(
    wheel: Path, sdist: Path, checkout: Path
) -> None:
    assert len([*checkout.rglob("keys.txt")]) == 5
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(sdist) as packed:
        for one in packed:
            file = packed.extractfile(one)
            held[one.name] = b"" if file is None else file.read()
    packed_catalog = [raw for name, raw in held.items() if name.endswith(".ndjson.xz")]
    assert packed_catalog
    held |= {f"unpacked {n}": lzma.decompress(raw) for n, raw in enumerate(packed_catalog)}
    planted = ("CANARY" + "packaging").encode()
    assert not [name for name, raw in held.items() if planted in raw]


def test_building_leaves_no_schemas_in_the_checkout(
    wheel: Path, checkout: Path, root: Path
) -> None:
    assert wheel.is_file()
    assert not (checkout / "compiler/modelbook_compiler/schemas").exists()
    assert Path(modelbook_compiler.__file__).is_relative_to(root)


def test_the_lookup_works_with_nothing_else_installed(
    bare: Python, tmp_path: Path, root: Path
) -> None:
    example = (root / "examples" / "lookup.py").read_text()
    (tmp_path / "lookup.py").write_text(example)
    done = bare("python", "-W", "error", "lookup.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    here = subprocess.run(
        [sys.executable, root / "examples" / "lookup.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == here.stdout
    where = "import modelbook_catalog as m; print(m.__file__); import yaml"
    done = bare("python", "-c", where, cwd=tmp_path)
    assert "site-packages/modelbook_catalog" in done.stdout
    assert str(root) not in done.stdout
    assert "No module named 'yaml'" in done.stderr


def test_an_application_gets_a_key_with_nothing_else_installed(
    bare: Python, tmp_path: Path
) -> None:
    (tmp_path / "keys.env").write_text("OPENAI_API_KEY=" + "CANARY" * 4)
    (tmp_path / "keys.env").chmod(0o600)
    code = (
        "import os; os.environ['MODELBOOK_KEYS_FILE'] = 'keys.env'\n"
        "os.environ.pop('OPENAI_API_KEY', None)\n"
        "from modelbook.secrets import get; key = get('openai/api_key')\n"
        "print(key, len(key.reveal_for('https://api.openai.com/v1')))"
    )
    done = bare("python", "-W", "error", "-c", code, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("******** 24\n", "")


@pytest.mark.parametrize("command", [[], ["check"], ["--help"]])
def test_the_command_line_says_what_to_install(
    bare: Python, tmp_path: Path, command: list[str]
) -> None:
    done = bare("modelbook", *command, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: the command line needs `click` and `rich`\n"
        "hint: pip install 'modelbook[cli,compiler]'\n"
    )


WHERE = "import modelbook, modelbook_catalog, modelbook_cli, modelbook_compiler as c; "
FILES = "print(*(m.__file__ for m in (modelbook, modelbook_catalog, modelbook_cli, c)), sep='\\n')"


def test_the_wheel_checks_and_compiles_away_from_the_checkout(
    full: Python, mini: Path, root: Path, modelbook: Callable[..., object]
) -> None:
    place = mini.parent
    files = full("python", "-c", WHERE + FILES, cwd=place).stdout.splitlines()
    assert len(files) == 4
    assert not [name for name in files if name.startswith(str(root))]
    for command in (["check"], ["compile"], ["compile", "--check"], ["sql", "FROM models"]):
        done = full("modelbook", *command, cwd=place)
        assert (done.returncode, done.stderr) == (0, ""), command
    modelbook("compile", "--out", "theirs", cwd=place)
    ours = {p.relative_to(place / "generated") for p in (place / "generated").rglob("*.py")}
    assert ours
    for path in ours:
        assert (place / "generated" / path).read_bytes() == (place / "theirs" / path).read_bytes()


def test_the_schemas_come_with_the_wheel(full: Python, tmp_path: Path, root: Path) -> None:
    asked = "from modelbook_compiler.resources import schema_folder; print(schema_folder())"
    folder = full("python", "-c", asked, cwd=tmp_path).stdout.strip()
    assert folder.endswith("site-packages/modelbook_compiler/schemas")
    assert full("modelbook", "schemas", "--write", "out", cwd=tmp_path).returncode == 0
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.json")}
    assert written == {path.name: path.read_bytes() for path in (root / "schemas").glob("*.json")}


def test_a_missing_library_of_the_compiler_is_named(
    bare: Python, tmp_path: Path, mini: Path
) -> None:
    """Click alone is there: the command says which package and which extra it needs."""
    import click

    borrowed = Path(click.__file__).parent
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "click").symlink_to(borrowed)
    for command in ('["check"]', '["compile"]', '["sql", "SELECT 1"]'):
        code = (
            "import sys; sys.path.insert(0, 'lib'); sys.argv[1:] = "
            f"{command}; from modelbook_cli import main; main()"
        )
        done = bare("python", "-c", code, cwd=tmp_path)
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("error: this command needs the package `")
        assert "hint: pip install 'modelbook[compiler]'" in done.stderr
    for command in ('["models", "--limit", "1"]', '["show", "openai/gpt-4o"]', '["explain"]'):
        code = (
            "import sys; sys.path.insert(0, 'lib'); sys.argv[1:] = "
            f"{command}; from modelbook_cli import main; main()"
        )
        done = bare("python", "-c", code, cwd=tmp_path)
        assert done.returncode == 0, done.stderr


ASK = """
from acme_models import get_deployment, get_models_for_pipeline
both = get_models_for_pipeline("text-generation", provider=["acme-vllm", "groq"]).ids
assert "acme-vllm:acme/support-20b" in both and "groq:openai/gpt-oss-20b" in both, both
print(get_deployment("groq:openai/gpt-oss-20b").prices[0].amounts["input"])
print(get_deployment("acme-vllm:acme/support-20b").source_type)
"""


def test_a_team_starts_on_top_of_the_installed_book(full: Python, tmp_path: Path) -> None:
    assert full("modelbook", "init", "acme", cwd=tmp_path).returncode == 0
    place = tmp_path / "acme"
    for command in (["compile"], ["check"]):
        done = full("modelbook", *command, cwd=place)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    (place / "generated" / "ask.py").write_text(ASK)
    done = full("python", "generated/ask.py", cwd=place)
    assert (done.returncode, done.stdout) == (0, "0.06\nself-hosted\n"), done.stderr
    done = full("modelbook", "why", "groq:openai/gpt-oss-20b", "prices", cwd=place)
    assert "modelbook_catalog:providers/groq/deployments/openai/gpt-oss-20b.yaml:6" in done.stdout
    (place / "catalog" / "catalog.yaml").rename(place / "catalog" / "gone")
    done = full("modelbook", "why", "openai/gpt-4o", "name", cwd=place)
    assert done.stdout.splitlines()[2].split()[:3] == ["name", "GPT-4o", "public"]
