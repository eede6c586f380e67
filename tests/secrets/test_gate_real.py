"""`modelbook check` beside files that the real sops wrote: clean, and each fault once, keyless."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from modelbook.secrets import keepers
from modelbook.secrets.folder import Folder
from modelbook.secrets.sops.commands import Tool
from modelbook.secrets.writing import write

from .conftest import CANARY, Person, a_key, rules_text

Run = Callable[..., "CompletedProcess[str]"]
HERE = "secrets/dev/acme.sops.yaml"
ENC = re.compile(r"ENC\[[^\]]*\]")


@pytest.fixture(scope="module")
def written(
    sops: str, people: dict[str, Person], tmp_path_factory: pytest.TempPathFactory, root: Path
) -> Path:
    """Return a repository with the small catalog and a key in dev. Not to be written in."""
    place = tmp_path_factory.mktemp("gate")
    shutil.copytree(root / "tests/mini/catalog", place / "catalog")
    readers = (people["alice"].public, people["bob"].public)
    (place / ".sops.yaml").write_text(rules_text(*readers, environments="(dev|prod)"))
    keep(place, people["alice"], "api_key")
    return place


@pytest.fixture
def team(written: Path, tmp_path: Path) -> Path:
    """Return a copy of it, free to change."""
    return Path(shutil.copytree(written, tmp_path / "team"))


def keep(place: Path, who: Person, name: str) -> None:
    """Keep a key of acme in dev, as somebody."""
    record = a_key("acme", name).changed(environment="dev", allowed_hosts=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOPS_AGE_KEY_FILE", str(who.path))
        write(Folder(place, "dev"), "acme", lambda old: {**old, name: record})


def edit(place: Path, old: str, new: str) -> None:
    """Replace text of the file once."""
    text = (place / HERE).read_text()
    assert old in text
    (place / HERE).write_text(text.replace(old, new, 1))


def add_eve(place: Path, people: dict[str, Person]) -> None:
    """Let eve read the file, with the real sops, and take her out of the rules again."""
    rules = (place / ".sops.yaml").read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOPS_AGE_KEY_FILE", str(people["alice"].path))
        keepers.add_recipient(place, "dev", people["eve"].public, Tool())
    assert people["eve"].public in (place / HERE).read_text()
    (place / ".sops.yaml").write_bytes(rules)


def copy_to_prod(place: Path, _: dict[str, Person]) -> None:
    """Copy the file of dev over one of prod."""
    (place / "secrets/prod").mkdir()
    shutil.copy(place / HERE, place / "secrets/prod/acme.sops.yaml")


def paste(place: Path, _: dict[str, Person]) -> None:
    """Put a key in the clear over an encrypted one."""
    edit(place, ENC.findall((place / HERE).read_text())[0], CANARY)


FAULTS: dict[str, tuple[Callable[[Path, dict[str, Person]], None], str, str]] = {
    "a date": (
        lambda place, _: edit(place, 'expires_at: "2026-12-24"', 'expires_at: "2025-12-24"'),
        "MB502",
        HERE,
    ),
    "a recipient": (add_eve, "MB506", HERE),
    "plaintext": (paste, "MB501", HERE),
    "a narrow rule": (lambda place, _: edit(place, "^(value|seal)$", "^(seal)$"), "MB507", HERE),
    "dev to prod": (copy_to_prod, "MB509", "secrets/prod/acme.sops.yaml"),
    "unknown": (lambda place, people: keep(place, people["alice"], "api_kee"), "MB504", HERE),
    "a stray file": (
        lambda place, _: (place / "secrets/dev/notes.txt").write_text(CANARY) and None,
        "MB510",
        "secrets/dev/notes.txt",
    ),
}


def test_what_sops_wrote_is_clean(modelbook: Run, written: Path) -> None:
    done = modelbook("check", cwd=written)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("no problems")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_where_it_stands_and_without_what_it_says(
    modelbook: Run, team: Path, people: dict[str, Person], fault: str
) -> None:
    make, code, where = FAULTS[fault]
    make(team, people)
    done = modelbook("check", cwd=team)
    assert (done.returncode, done.stderr) == (1, ""), done
    assert set(re.findall(r"MB\d{3}", done.stdout)) == {code}, done.stdout
    place = re.search(rf"{re.escape(where)}:(\d+):(\d+)", done.stdout)
    assert place is not None, done.stdout
    if code not in ("MB509", "MB510"):
        assert int(place[1]) > 1, done.stdout
    for shown in (CANARY, *ENC.findall((team / HERE).read_text())):
        assert shown not in done.stdout


def test_a_broken_declaration_hides_no_other_fault(modelbook: Run, team: Path) -> None:
    (team / "catalog/secrets/acme/api_key.yaml").write_text("env: [\n")
    edit(team, "^(value|seal)$", "^(seal)$")
    done = modelbook("check", cwd=team)
    assert (done.returncode, done.stderr) == (1, ""), done
    assert "MB507" in done.stdout
    assert "api_key.yaml" in done.stdout
    assert "MB504" not in done.stdout
