"""rekey, add-recipient and remove-recipient: who may read an environment."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import OPENAI, PROD, Call, People, git

DEV = ("--env", "dev")
READ = ("get", "openai/api_key", *DEV, "--reveal")


def test_who_is_added_can_read_and_who_is_removed_cannot(
    secrets: Call, people: People, tree: Path
) -> None:
    eve = people.public("eve")
    rules = (tree / ".sops.yaml").read_text()
    done = secrets("add-recipient", eve, "--name", "Eve of ops", *DEV)
    assert (done.code, done.out) == (0, "dev: Eve of ops may read it; 1 file encrypted anew\n")
    assert f"- {eve}  # Eve of ops\n" in (tree / ".sops.yaml").read_text()
    assert secrets(*READ, who="eve").out == f"{OPENAI}\n"
    gone = secrets("remove-recipient", "Eve of ops", *DEV)
    assert gone.code == 0, gone
    assert "modelbook secrets rotate openai/api_key --env dev --stage" in gone.out
    assert (tree / ".sops.yaml").read_text() == rules
    assert secrets(*READ, who="eve").code == 2
    assert secrets(*READ).out == f"{OPENAI}\n"
    assert secrets("verify", "--key").code == 0


def test_a_name_is_written_beside_comments_in_any_language(
    secrets: Call, people: People, tree: Path
) -> None:
    rules = tree / ".sops.yaml"
    rules.write_text(f"# wer was öffnet: 鍵\n{rules.read_text()}", encoding="utf-8")
    before, eve = rules.read_text(encoding="utf-8"), people.public("eve")
    assert secrets("add-recipient", eve, "--name", "Eve of ops", *DEV).code == 0
    assert f"- {eve}  # Eve of ops\n" in rules.read_text(encoding="utf-8")
    assert secrets("remove-recipient", "Eve of ops", *DEV).code == 0
    assert rules.read_text(encoding="utf-8") == before


def test_S19_the_old_data_key_opens_nothing_that_is_new(
    secrets: Call, people: People, tree: Path
) -> None:
    path = tree / "secrets/prod/openai.sops.yaml"
    before = path.read_text()
    assert secrets("remove-recipient", people.public("bob"), "--env", "prod").code == 0
    after = path.read_text()
    assert people.public("bob") not in after
    for line in before.splitlines():
        assert "ENC[" not in line or line not in after, "every value has a new ciphertext"
    assert secrets("get", "openai/api_key", "--env", "prod", "--reveal").out == f"{PROD}\n"


def test_rekey_follows_rules_that_were_edited_by_hand(
    secrets: Call, people: People, tree: Path
) -> None:
    rules = tree / ".sops.yaml"
    alice, eve = people.public("alice"), people.public("eve")
    rules.write_text(rules.read_text().replace(f"- {alice}\n", f"- {alice}\n      - {eve}\n", 1))
    assert secrets("verify").code == 1, "files and rules differ until then"
    done = secrets("rekey", *DEV, "--json")
    assert json.loads(done.out)["rekeyed"] == ["secrets/dev/openai.sops.yaml"]
    assert secrets("verify", "--env", "dev", "--key").code == 0
    assert secrets(*READ, who="eve").out == f"{OPENAI}\n"
    assert git(tree, "diff", "--name-only", "secrets/prod") == ""


def test_progress_is_for_terminals(
    process: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = process("rekey", *DEV)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "who", "code", "words"),
    [
        ("add-recipient", "alice", "secret-state", "nothing to change"),
        ("remove-recipient", "eve", "secret-state", "nothing to change"),
        ("remove-recipient", "alice", "secret-state", "the last recipient"),
    ],
)
def test_what_cannot_be_changed_is_named(
    secrets: Call, people: People, tree: Path, command: str, who: str, code: str, words: str
) -> None:
    before = git(tree, "status", "--porcelain")
    done = secrets(command, people.public(who), *DEV)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error[{code}]: ")
    assert words in done.err
    assert git(tree, "status", "--porcelain") == before


def test_one_cannot_lock_oneself_out(secrets: Call, people: People, tree: Path) -> None:
    before = git(tree, "status", "--porcelain")
    done = secrets("remove-recipient", people.public("alice"), "--env", "prod")
    assert done.code == 2
    assert "could not open the files yourself" in done.err
    assert git(tree, "status", "--porcelain") == before


def test_a_name_that_nobody_has_lists_those_there_are(secrets: Call) -> None:
    done = secrets("remove-recipient", "carol", *DEV)
    assert done.code == 2
    assert "names there are: none" in done.err
    named = secrets("add-recipient", "age1x", "--name", "a\x1b[2J#b", *DEV)
    assert (named.code, named.out) == (2, "")
    assert "\x1b" not in named.err
