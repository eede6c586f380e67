"""set, get, list, status and rotate: each as it is meant, and with a stranger's mistakes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from .conftest import OPENAI, PROD, Call, People, environment

KEY = "sk-" + "CANARY" + "command" * 4
NEW = "sk-" + "CANARY" + "newer" * 5
DEV = ("--env", "dev")


def kept(tree: Path, path: str = "dev/openai") -> dict[str, object]:
    """Return what stands in a file of secrets, its values encrypted."""
    environment, vendor = path.split("/")
    data = yaml.safe_load((tree / f"secrets/{path}.sops.yaml").read_text())
    return data[environment][vendor]  # type: ignore[no-any-return]


def test_what_is_set_is_encrypted_and_comes_back(secrets: Call, tree: Path) -> None:
    options = ("--owner", "platform", "--expires", "2031-01-01", "--rotate-every", "90")
    done = secrets("set", "groq/api_key", *DEV, *options, "--host", "api.groq.com", input=KEY)
    assert done == type(done)(0, "groq/api_key: stored in secrets/dev/groq.sops.yaml\n", "")
    record = kept(tree, "dev/groq")["api_key"]
    assert isinstance(record, dict)
    assert record["owner"] == "platform"
    assert record["allowed_hosts"] == ["api.groq.com"]
    assert record["rotate_every_days"] == "90"
    assert record["current"]["expires_at"] == "2031-01-01"
    assert record["current"]["value"].startswith("ENC[")
    assert secrets("get", "groq/api_key", *DEV, "--reveal").out == f"{KEY}\n"


def test_another_key_is_overwritten_only_on_demand(secrets: Call, tree: Path) -> None:
    before = (tree / "secrets/dev/openai.sops.yaml").read_bytes()
    done = secrets("set", "openai/api_key", *DEV, input=KEY)
    assert (done.code, done.out) == (2, "")
    assert "error[secret-state]: `openai/api_key` is stored already\n" in done.err
    assert "rotate openai/api_key --stage" in done.err
    assert (tree / "secrets/dev/openai.sops.yaml").read_bytes() == before
    assert secrets("set", "openai/api_key", *DEV, "--replace", input=KEY).code == 0
    assert secrets("get", "openai/api_key", *DEV, "--reveal").out == f"{KEY}\n"
    record = kept(tree)["api_key"]
    assert isinstance(record, dict)
    assert record["owner"] == "platform"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("openai/api_kye", *DEV), "secret-unknown", "did you mean `openai/api_key`"),
        (("acme/odd_token", *DEV), "secret-unknown", "catalog/secrets/acme/odd_token.yaml"),
        (("OPENAI_API_KEY", *DEV), "secret-name", "vendor/name"),
        (("../../etc/passwd", *DEV), "secret-name", "vendor/name"),
        (("openai/api_key",), "secret-settings", "give --env"),
        (("openai/api_key", "--env", "prud"), "secret-settings", "did you mean `prod`"),
        (("openai/api_key", "--env", "../x"), "secret-name", "lower-case"),
        (("groq/api_key", *DEV, "--expires", "tomorrow"), "usage", "YYYY-MM-DD"),
        (("groq/api_key", *DEV, "--expires", "2026-02-30"), "usage", "YYYY-MM-DD"),
        (("groq/api_key", *DEV, "--expires", "2001-01-01"), "sops-malformed", "before"),
        (("groq/api_key", *DEV, "--host", "evil.example"), "usage", "the catalog allows"),
        (("groq/api_key", *DEV, "--owner", "-"), "usage", "`--owner` is no name"),
        (("groq/api_key", *DEV, "--rotate-every", "0"), "usage", "from 1 to 9999"),
        (("groq/api_key", *DEV, "--root", "nowhere"), "secret-settings", ".sops.yaml"),
    ],
)
def test_a_mistake_in_set_is_named(
    secrets: Call, tree: Path, args: tuple[str, ...], code: str, words: str
) -> None:
    done = secrets("set", *args, input=KEY)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error[{code}]: "), done.err
    assert words in done.err
    assert not (tree / "secrets/dev/groq.sops.yaml").exists()


def test_without_rules_here_or_above_it_says_what_to_do(secrets: Call, tmp_path: Path) -> None:
    for args in (("set", "openai/api_key"), ("status",), ("rekey",), ("verify",), ("list",)):
        done = secrets(*args, cwd=tmp_path, input=KEY)
        assert (done.code, done.out) == (2, "")
        assert "error[sops-config]: there is no folder with .sops.yaml" in done.err
        assert "`modelbook secrets init`" in done.err


def test_rules_that_are_gone_are_missed(secrets: Call, tree: Path) -> None:
    (tree / ".sops.yaml").unlink()
    done = secrets("set", "groq/api_key", *DEV, "--root", str(tree), input=KEY)
    assert done.code == 2
    assert "no `.sops.yaml`" in done.err


def test_it_works_from_a_folder_below_and_from_elsewhere(
    secrets: Call, tree: Path, tmp_path: Path
) -> None:
    (tree / "src/deep").mkdir(parents=True)
    args = ("get", "openai/api_key", *DEV, "--reveal")
    assert secrets(*args, cwd=tree / "src/deep").out == f"{OPENAI}\n"
    assert secrets(*args, "--root", str(tree), cwd=tmp_path).out == f"{OPENAI}\n"
    assert secrets(*args, cwd=tmp_path, MODELBOOK_SECRETS=str(tree)).out == f"{OPENAI}\n"


@pytest.mark.parametrize("who", ["eve", "nobody"])
def test_who_has_no_identity_for_it_reads_and_writes_nothing(
    secrets: Call, tree: Path, who: str
) -> None:
    for args in (
        ("get", "openai/api_key", *DEV, "--reveal"),
        ("set", "openai/api_key", *DEV, "--replace"),
        ("rotate", "openai/api_key", *DEV, "--stage"),
        ("rekey", *DEV),
        ("run", *DEV, "--", "true"),
    ):
        done = secrets(*args, who=who, input=KEY)
        assert (done.code, done.out) == (2, ""), args
        assert done.err.startswith("error[sops-key]: "), done.err
        assert "hint: " in done.err
    assert secrets("status", who=who).code == 0
    assert secrets("list", who=who).code == 0


def test_get_without_reveal_shows_all_but_the_value(secrets: Call) -> None:
    done = secrets("get", "openai/api_key", "--env", "prod", "--json")
    assert done.code == 0
    facts = json.loads(done.out)
    assert facts["answered_by"].endswith("secrets/prod/openai.sops.yaml")
    assert facts["owner"] == "ops"
    assert facts["expires"] == "never"
    assert facts["variables"][0] == "OPENAI_API_KEY"
    assert "CANARY" not in done.out
    shown = secrets("get", "openai/api_key", "--env", "prod").out
    assert "api.openai.com" in shown
    assert "CANARY" not in shown


def test_get_of_what_is_nowhere_is_a_problem(secrets: Call) -> None:
    done = secrets("get", "groq/api_key", *DEV)
    assert done.code == 1
    assert "secret-not-found" in done.out
    revealed = secrets("get", "groq/api_key", *DEV, "--reveal")
    assert (revealed.code, revealed.out) == (2, "")
    assert "error[secret-not-found]" in revealed.err
    both = secrets("get", "groq/api_key", "--reveal", "--json")
    assert "exclude each other" in both.err


def test_a_variable_goes_before_what_is_stored(secrets: Call) -> None:
    args = ("get", "openai/api_key", *DEV, "--reveal")
    assert secrets(*args, OPENAI_API_KEY=KEY).out == f"{KEY}\n"


def test_list_has_every_environment(secrets: Call) -> None:
    rows = json.loads(secrets("list", "--json").out)
    assert [(one["environment"], one["id"], one["owner"]) for one in rows] == [
        ("dev", "openai/api_key", "platform"),
        ("prod", "openai/api_key", "ops"),
    ]
    assert [line.split()[0] for line in secrets("list").out.splitlines()] == [
        "environment",
        "dev",
        "prod",
    ]
    assert len(json.loads(secrets("list", *DEV, "--json").out)) == 1


def test_list_and_status_tell_a_broken_file_and_go_on(secrets: Call, tree: Path) -> None:
    (tree / "secrets/dev/openai.sops.yaml").write_text(f"dev: {{openai: {{api_key: {KEY}}}}}\n")
    listed = secrets("list")
    assert listed.code == 2
    assert "error[sops-" in listed.err
    assert "prod" in listed.out
    status = secrets("status")
    assert status.code == 1
    assert "unreadable" in status.out
    assert "CANARY" not in listed.out + listed.err + status.out + status.err


def test_status_tells_what_is_to_be_done_by_a_day(secrets: Call, tree: Path) -> None:
    options = ("--expires", "2099-03-01", "--rotate-every", "9999")
    assert secrets("set", "groq/api_key", *DEV, *options, input=KEY).code == 0
    assert secrets("status").code == 0
    for day, code, state in (
        ("2099-02-14", 1, "due"),
        ("2099-02-28", 1, "due"),
        ("2099-03-01", 1, "expired"),
    ):
        done = secrets("status", *DEV, "--at", day, "--json")
        assert done.code == code
        states = {one["id"]: one["state"] for one in json.loads(done.out)}
        assert states == {"groq/api_key": state, "openai/api_key": "ok"}
    shown = secrets("status", "--at", "2099-03-01").out.splitlines()
    assert shown[0].split() == (
        ["environment", "id", "owner", "slots", "created", "due", "expires", "state"]
    )
    assert "expired on 2099-03-01" in shown[1]


def test_status_starts_no_sops(secrets: Call, tmp_path: Path) -> None:
    spy = tmp_path / "sops"
    spy.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\nexit 1\n")
    spy.chmod(0o755)
    for args in (("status",), ("list",), ("verify", "--no-key")):
        assert secrets(*args, who="nobody", MODELBOOK_SOPS=str(spy)).code == 0
    assert not (tmp_path / "started").exists()


def test_a_rotation_from_old_to_new(secrets: Call, tree: Path) -> None:
    at = ("openai/api_key", *DEV)
    reveal = ("get", *at, "--reveal")
    staged = secrets("rotate", *at, "--stage", "--expires", "2050-01-01", input=NEW)
    assert staged.code == 0, staged
    assert secrets(*reveal).out == f"{OPENAI}\n"
    assert secrets(*reveal, "--slot", "next").out == f"{NEW}\n"
    assert secrets("rotate", *at, "--promote", "--overlap", "3").code == 0
    assert secrets(*reveal).out == f"{NEW}\n"
    assert secrets(*reveal, "--slot", "previous").out == f"{OPENAI}\n"
    assert json.loads(secrets("status", *DEV, "--json").out)[0]["state"] == "rotating"
    assert secrets("status", *DEV, "--at", "2049-01-01").code == 1
    revoked = secrets("rotate", *at, "--revoke")
    assert revoked.code == 0
    assert "at its vendor" in revoked.out
    assert secrets(*reveal, "--slot", "previous").code == 2
    assert list(kept(tree)) == ["api_key"]


def test_a_rotation_can_be_called_off_and_a_key_revoked(secrets: Call) -> None:
    at = ("openai/api_key", *DEV)
    assert secrets("rotate", *at, "--stage", input=NEW).code == 0
    assert secrets("rotate", *at, "--abort").code == 0
    assert secrets("rotate", *at, "--revoke", "--current").code == 0
    done = secrets("get", *at, "--reveal")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error[secret-revoked]: ")
    assert secrets("status", *DEV).code == 1
    assert secrets("set", *at, input=NEW).code == 0, "a revoked key is no obstacle"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), "usage", "exactly one of --stage"),
        (("--stage", "--promote"), "usage", "exactly one of"),
        (("--promote", "--expires", "2030-01-01"), "usage", "`--expires` goes with --stage"),
        (("--stage", "--overlap", "3"), "usage", "`--overlap` goes with --promote"),
        (("--promote", "--current"), "usage", "`--current` goes with --revoke"),
        (("--promote", "--from-env", "X"), "usage", "`--from-env` goes with --stage"),
        (("--promote",), "secret-state", "no next key is staged"),
        (("--revoke",), "secret-state", "no previous key is kept"),
        (("--abort",), "secret-state", "no next key is staged"),
    ],
)
def test_a_step_that_does_not_fit_is_named(
    secrets: Call, args: tuple[str, ...], code: str, words: str
) -> None:
    done = secrets("rotate", "openai/api_key", *DEV, *args)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error[{code}]: ")
    assert words in done.err


def test_what_is_not_stored_cannot_be_rotated(secrets: Call) -> None:
    done = secrets("rotate", "groq/api_key", *DEV, "--stage", input=NEW)
    assert done.code == 2
    assert "error[secret-not-found]: `groq/api_key` is not stored in dev" in done.err
    same = secrets("rotate", "openai/api_key", *DEV, "--stage", input=OPENAI)
    assert "the next key is the current one" in same.err
    assert PROD not in same.err


def test_two_at_once_lose_nothing(people: People, tree: Path, secrets: Call) -> None:
    names = ("api_key", "coding_plan_key", "token_plan_key")
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "modelbook_cli", "secrets", "set", f"alibaba/{name}", *DEV],
            cwd=tree,
            env=environment(people, "alice"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        for name in names
    ]
    for name, one in zip(names, running, strict=True):
        one.communicate(f"{KEY}{name}".encode(), timeout=60)
    assert [one.returncode for one in running] == [0, 0, 0]
    for name in names:
        done = secrets("get", f"alibaba/{name}", *DEV, "--reveal")
        assert done.out == f"{KEY}{name}\n"
    assert [path.name for path in (tree / "secrets/dev").iterdir() if path.name[0] == "."] == []


def test_a_read_only_folder_is_one_message(
    tree: Path,
    people: People,
    mortal: Callable[..., subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(people.config("alice")))
    monkeypatch.setenv("SOME_KEY", KEY)
    folder = tree / "secrets/dev"
    folder.chmod(0o555)
    done = mortal("secrets", "set", "groq/api_key", *DEV, "--from-env", "SOME_KEY", cwd=tree)
    folder.chmod(0o755)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[")
    assert "Traceback" not in done.stderr
    assert "CANARY" not in done.stderr


def test_a_catalog_of_ones_own_declares_keys_too(
    process: Callable[..., subprocess.CompletedProcess[str]], mini: Path, tree: Path
) -> None:
    shutil.copytree(mini, tree / "catalog")
    for name in ("dev", "prod"):
        (tree / f"secrets/{name}/openai.sops.yaml").unlink()  # which that catalog does not declare
    manifest = tree / "catalog/catalog.yaml"
    manifest.write_text(manifest.read_text() + "package: own_models\n")
    argv = [sys.executable, "-m", "modelbook_cli", "compile", "--package", "own_models"]
    subprocess.run(argv, cwd=tree, check=True, capture_output=True)
    (tree / "below").mkdir()
    done = process("set", "acme/api_key", *DEV, input=KEY, cwd=tree / "below")
    assert done.returncode == 0, done
    shown = process("run", *DEV, "--provider", "acme", "--", "env", cwd=tree / "below")
    assert f"ACME_API_KEY={KEY}\n" in shown.stdout
