"""`modelbook compile`: writes, compares, shows; nothing twice and nothing by halves."""

from __future__ import annotations

import json
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Refused = Callable[[Done], str]
PACKAGE = "generated/modelbook_catalog"


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return bytes and time of every file below a folder, the database aside."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".duckdb"]
    return {str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_mtime_ns) for p in paths}


@pytest.fixture
def place(mini: Path, shop: Path) -> Path:
    """Return a folder with the small catalog and what it compiles to, free to edit."""
    shutil.copytree(shop / "generated", mini.parent / "generated")
    return mini.parent


def cheaper(place: Path) -> None:
    """Change a price in a catalog."""
    path = place / "catalog/providers/acme/deployments/alpha-1-2025-08-15.yaml"
    path.write_text(path.read_text().replace('input: "2.50"', 'input: "2.25"'))


def test_it_writes_and_says_what(modelbook: Run, mini: Path) -> None:
    done = modelbook("compile", cwd=mini.parent)
    assert (done.returncode, done.stderr) == (0, "")
    written = len(state(mini.parent / "generated"))
    assert done.stdout.splitlines() == [
        f"generated: {written} written, 0 removed",
        "generated/catalog.duckdb: 3 models, 5 deployments",
    ]
    assert sorted(path.name for path in (mini.parent / "generated").iterdir()) == [
        "catalog.duckdb",
        "modelbook_catalog",
    ]


def test_a_second_run_writes_nothing(modelbook: Run, place: Path) -> None:
    before = state(place / "generated")
    assert "generated: up to date\n" in modelbook("compile", cwd=place).stdout
    assert state(place / "generated") == before


def test_only_what_changed_is_written(modelbook: Run, place: Path) -> None:
    before = state(place / "generated")
    cheaper(place)
    modelbook("compile", cwd=place)
    after = state(place / "generated")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"modelbook_catalog/_index.py", "modelbook_catalog/providers/acme.py"}


def test_out_names_another_folder(modelbook: Run, mini: Path, shop: Path) -> None:
    assert modelbook("compile", "--out", "a/b", cwd=mini.parent).returncode == 0
    assert not (mini.parent / "generated").exists()
    ours, theirs = state(mini.parent / "a/b"), state(shop / "generated")
    assert {name: one[0] for name, one in ours.items()} == {n: o[0] for n, o in theirs.items()}


@pytest.mark.parametrize("name", [".", "../catalog", "catalog"])
def test_the_output_does_not_depend_on_how_the_catalog_is_named(
    modelbook: Run, mini: Path, shop: Path, name: str
) -> None:
    cwd = mini.parent if name == "catalog" else mini
    out = str(mini.parent / "generated")
    modelbook("compile", "--catalog", name, "--out", out, "--json", f"{out}/all.json", cwd=cwd)
    paths = {row["path"] for row in json.loads(Path(out, "all.json").read_text())["provenance"]}
    assert all(path.startswith("catalog/") for path in paths)


def test_a_catalog_with_problems_is_not_compiled(modelbook: Run, place: Path) -> None:
    before = state(place)
    (place / "catalog/units.yaml").write_text("units: {}\n")
    done = modelbook("compile", cwd=place)
    assert done.returncode == 1
    assert "error[MB" in done.stdout
    assert state(place / "generated") == {
        name.removeprefix("generated/"): one
        for name, one in before.items()
        if name.startswith("generated/")
    }


def test_check_accepts_what_was_just_compiled(modelbook: Run, place: Path) -> None:
    done = modelbook("compile", "--check", cwd=place)
    assert (done.returncode, done.stdout) == (0, "no problems in 23 files\n")


def test_check_finds_every_kind_of_drift_and_writes_nothing(modelbook: Run, place: Path) -> None:
    package = place / PACKAGE
    package.joinpath("_ids.py").write_text("stale\n")
    package.joinpath("orphan.py").write_text("left over\n")
    package.joinpath("models/acme.py").unlink()
    package.parent.joinpath(".journal.json").write_text("{}")
    before = state(place)
    done = modelbook("compile", "--check", cwd=place)
    assert done.returncode == 1
    found = set(re.findall(r"error\[(MB\d+)\][^\n]*\n *--> ([^:]+):", done.stdout))
    assert found == {
        ("MB401", f"{PACKAGE}/_ids.py"),
        ("MB401", f"{PACKAGE}/models/acme.py"),
        ("MB402", f"{PACKAGE}/orphan.py"),
        ("MB403", "generated/.journal.json"),
    }
    assert "hint: run `modelbook compile`" in done.stdout
    assert state(place) == before
    assert modelbook("compile", cwd=place).returncode == 0
    assert modelbook("compile", "--check", cwd=place).returncode == 0


def test_check_as_annotations(modelbook: Run, place: Path) -> None:
    (place / PACKAGE / "_ids.py").write_text("stale\n")
    done = modelbook("compile", "--check", "--format", "github", cwd=place)
    assert done.stdout.startswith(f"::error file={PACKAGE}/_ids.py,line=1,")


def test_caches_and_files_of_others_are_let_be(modelbook: Run, place: Path) -> None:
    cache = place / PACKAGE / "__pycache__" / "x.pyc"
    cache.parent.mkdir(exist_ok=True)
    for path in (cache, place / "generated" / "notes.new", place / "generated" / "other.py"):
        path.write_text("not ours")
    assert modelbook("compile", "--check", cwd=place).returncode == 0
    cheaper(place)
    assert modelbook("compile", cwd=place).returncode == 0
    assert (place / "generated" / "notes.new").read_text() == "not ours"
    assert cache.exists()


def test_diff_shows_and_writes_nothing(modelbook: Run, place: Path) -> None:
    cheaper(place)
    (place / PACKAGE / "orphan.py").write_text("left over\n")
    before = state(place)
    done = modelbook("compile", "--diff", cwd=place)
    assert done.returncode == 0
    assert f"--- {PACKAGE}/providers/acme.py\n+++ {PACKAGE}/providers/acme.py\n" in done.stdout
    assert re.search(r"^-.*2\.50", done.stdout, re.M)
    assert re.search(r"^\+.*2\.25", done.stdout, re.M)
    assert "\n-left over\n" in done.stdout
    assert state(place) == before
    modelbook("compile", cwd=place)
    assert modelbook("compile", "--diff", cwd=place).stdout == ""


def test_parquet_and_json_hold_the_same_tables(modelbook: Run, place: Path) -> None:
    import duckdb

    done = modelbook("compile", "--parquet", "pq", "--json", "all.json", cwd=place)
    assert done.returncode == 0, done.stderr
    tables = json.loads((place / "all.json").read_text())
    assert {path.name for path in (place / "pq").iterdir()} == {f"{one}.parquet" for one in tables}
    for name, rows in tables.items():
        path = str(place / "pq" / f"{name}.parquet")
        counted = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [path]).fetchone()
        assert counted == (len(rows),)
    first = {path.name: path.read_bytes() for path in (place / "pq").iterdir()}
    modelbook("compile", "--parquet", "pq", cwd=place)
    assert {path.name: path.read_bytes() for path in (place / "pq").iterdir()} == first


def test_schemas_beside_the_catalog_follow_its_units(
    modelbook: Run, place: Path, root: Path
) -> None:
    shutil.copytree(root / "schemas", place / "schemas")
    modelbook("compile", cwd=place)
    units = place / "catalog/units.yaml"
    units.write_text(units.read_text() + "  smiles: {name: smiles, quantity: calls, per: 1}\n")
    stale = modelbook("compile", "--check", cwd=place)
    assert "--> schemas/deployment.schema.json" in stale.stdout
    assert "schemas: 1 written, 0 removed" in modelbook("compile", cwd=place).stdout
    assert '"smiles"' in (place / "schemas/deployment.schema.json").read_text()


def test_a_folder_that_may_not_be_written(mortal: Run, place: Path, refused: Refused) -> None:
    cheaper(place)
    before = state(place / "generated")
    for folder in (place / "generated", place / PACKAGE, place / PACKAGE / "providers"):
        folder.chmod(0o555)
        try:
            words = refused(mortal("compile", cwd=place))
        finally:
            folder.chmod(0o755)
        assert "cannot write" in words
        assert "hint: " in words
        assert state(place / "generated").items() >= before.items()
    assert mortal("compile", cwd=place).returncode == 0
    assert mortal("compile", "--check", cwd=place).returncode == 0


def test_an_out_that_is_a_file(modelbook: Run, mini: Path, refused: Refused) -> None:
    words = refused(modelbook("compile", "--out", "catalog/units.yaml", cwd=mini.parent))
    assert "catalog/units.yaml" in words


def limited(place: Path, size: int) -> Done:
    """Run a compile in which no file may grow past a size, as on a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    command = [sys.executable, "-B", "-m", "modelbook_cli", "compile"]
    return subprocess.run(
        command, cwd=place, capture_output=True, text=True, check=False, preexec_fn=limit
    )


@pytest.mark.parametrize("size", [100, 2_000, 40_000])
def test_a_file_that_cannot_grow(modelbook: Run, place: Path, refused: Refused, size: int) -> None:
    cheaper(place)
    done = limited(place, size)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done
    assert "cannot write" in done.stderr
    whole_or_reported(modelbook, place)


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 24 KiB, or skip to the limit above where mounting is refused."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    yield folder
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(modelbook: Run, mini: Path, tiny: Path, refused: Refused) -> None:
    if not tiny.is_mount():  # no right to mount here: the test above has the same cause
        return
    done = modelbook("compile", "--out", str(tiny), cwd=mini.parent)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done
    assert "No space left on device" in done.stderr
    checked = modelbook("compile", "--check", "--out", str(tiny), cwd=mini.parent)
    assert checked.returncode == 1


def whole_or_reported(modelbook: Run, place: Path) -> None:
    """Check that output is good or known not to be, and that the next compile mends it."""
    assert modelbook("compile", "--check", cwd=place).returncode in (0, 1)
    assert modelbook("compile", cwd=place).returncode == 0
    assert modelbook("compile", "--check", cwd=place).returncode == 0
    assert not [*(place / "generated").rglob("*.new"), *(place / "generated").glob(".*")]
