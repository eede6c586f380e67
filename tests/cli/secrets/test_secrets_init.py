"""`secrets init`: what it makes, what it leaves alone, and what it refuses."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from modelbook_cli.secrets.creation_rules import rule, with_rule

from .conftest import Call, People, call_as, git

BOTH = ("dev", "prod")


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    root = tmp_path / "fresh"
    root.mkdir()
    return root


def test_it_makes_an_identity_rules_and_folders_and_says_so(fresh: Path, tmp_path: Path) -> None:
    people = People(tmp_path)
    git(fresh, "init", "-q")
    done = call_as(people)("init", cwd=fresh, who="new")
    assert done.code == 0, done
    keys = people.keys("new")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.parent.stat().st_mode) == 0o700
    assert "AGE-SECRET-KEY" not in done.out + done.err
    rules = yaml.safe_load((fresh / ".sops.yaml").read_text())["creation_rules"]
    assert rules == [
        {
            "path_regex": r"^secrets/dev/[a-z0-9-]+\.sops\.yaml$",
            "encrypted_regex": "^(value|seal)$",
            "age": [people.public("new")],
        }
    ]
    assert (fresh / ".gitignore").read_text().split() == [".*.tmp.yaml", "keys.txt", ".env"]
    assert (fresh / ".gitattributes").read_text() == "*.sops.yaml text eol=lf\n"
    assert (fresh / "secrets/dev").is_dir()
    assert "keep a copy of the identity" in done.out
    assert "modelbook secrets set openai/api_key --env dev" in done.out


def test_again_changes_nothing(secrets: Call, tree: Path) -> None:
    before = git(tree, "status", "--porcelain")
    done = secrets("init", "--env", "dev", "--json")
    assert done.code == 0, done
    assert {one["did"] for one in json.loads(done.out)["steps"]} == {"there"}
    assert git(tree, "status", "--porcelain") == before


def test_another_environment_keeps_comments_and_rules(secrets: Call, tree: Path) -> None:
    path = tree / ".sops.yaml"
    path.write_text(path.read_text() + "# the end\nstores: {}\n")
    before = path.read_text()
    assert secrets("init", "--env", "ci").code == 0
    after = path.read_text()
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert len(yaml.safe_load(after)["creation_rules"]) == 3
    assert secrets("init", "--env", "ci").code == 0
    assert path.read_text() == after


def test_who_is_left_out_of_a_rule_is_told_how_to_come_in(secrets: Call, people: People) -> None:
    done = secrets("init", "--env", "dev", who="eve")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error[sops-config]: ")
    assert f"add-recipient {people.public('eve')} --env dev" in done.err


def test_outside_a_repository_it_says_so(fresh: Path, people: People) -> None:
    done = call_as(people)("init", cwd=fresh)
    assert done.code == 0
    assert "is no git repository" in done.out


def test_a_rule_that_is_too_wide_is_refused_with_its_place(fresh: Path, people: People) -> None:
    (fresh / ".sops.yaml").write_text(
        f"creation_rules:\n  - path_regex: .*\n    age: {people.public('alice')}\n"
    )
    done = call_as(people)("init", cwd=fresh)
    assert done.code == 2
    assert "error[sops-config]: .sops.yaml:2:" in done.err
    assert not (fresh / "secrets").exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("AGE-SECRET-KEY-1" + "CANARY" * 9, "the secret half"),
        ("age1" + "canary" * 5, "no public key"),
        ("sk-" + "CANARY" * 5, "no public key"),
    ],
)
def test_a_recipient_that_is_none_is_not_repeated(
    fresh: Path, people: People, given: str, words: str
) -> None:
    done = call_as(people)("init", "--recipient", given, cwd=fresh)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "canary" not in done.err.lower()
    assert not list(fresh.iterdir())


def test_keys_of_another_kind_are_left_alone(fresh: Path, tmp_path: Path) -> None:
    people = People(tmp_path)
    keys = people.keys("odd")
    keys.parent.mkdir(parents=True)
    keys.write_text("AGE-PLUGIN-YUBIKEY-1" + "CANARY" * 4 + "\n")
    done = call_as(people)("init", cwd=fresh, who="odd")
    assert done.code == 2
    assert "holds no identity that can be used here" in done.err
    assert "--recipient" in done.err
    assert keys.read_text().startswith("AGE-PLUGIN")


def test_an_identity_of_the_variable_is_used(fresh: Path, people: People, tmp_path: Path) -> None:
    keys = str(people.keys("bob"))
    done = call_as(People(tmp_path))("init", cwd=fresh, who="none", SOPS_AGE_KEY_FILE=keys)
    assert done.code == 0, done
    assert people.public("bob") in (fresh / ".sops.yaml").read_text()
    assert not (tmp_path / "none").exists()


def test_a_read_only_folder_is_one_message(
    fresh: Path, mortal: Callable[..., object], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(people.config("alice")))
    fresh.chmod(0o555)
    done = mortal("secrets", "init", cwd=fresh)
    fresh.chmod(0o755)
    assert done.returncode == 2  # type: ignore[attr-defined]
    assert done.stderr.startswith("error[system]: the system refused `")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "creation_rules: []\n",
        "creation_rules: []  # none yet\nstores: {}\n",
        "creation_rules:\n",
        "creation_rules:\n  # none\n",
        "creation_rules:\n- path_regex: ^a$\n  age: age1x  # hers\n",
        "creation_rules:\n- path_regex: ^a$\n  age:\n  - age1x\n  - age1y  # his",
        "creation_rules:\n    - path_regex: a\n      age: >-\n       age1x,\n       age1y\nx: y\n",
        "stores: {}\n",
    ],
)
def test_a_rule_is_added_and_all_else_is_as_it_was(text: str) -> None:
    made = with_rule(text, "dev", ("age1z",))
    before = yaml.safe_load(text) or {}
    added = yaml.safe_load(rule("dev", ("age1z",)))
    rules = [*(before.get("creation_rules") or []), *added]
    assert yaml.safe_load(made) == {**before, "creation_rules": rules}
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert all(comment in made for comment in comments)
