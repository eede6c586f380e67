"""What is wrong with `secrets/` beside a catalog is told without a key, sops, or a line of it."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., "CompletedProcess[str]"]
AGE = "age1" + "q" * 58
RULES = (
    "creation_rules:\n  - path_regex: ^secrets/dev/[a-z0-9-]+\\.sops\\.yaml$\n"
    f"    encrypted_regex: ^(value|seal)$\n    age: [{AGE}]\n"
)
ENC = "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]"
CANARY = "CANARY" + "plain4711"
ARMOUR = "-----BEGIN AGE ENCRYPTED FILE-----\n" + "A" * 60 + "\n-----END AGE ENCRYPTED FILE-----\n"


def record(**slot: str) -> dict[str, object]:
    """Return a record as it stands in a file."""
    current = {"created_at": "2026-11-01", "value": ENC, **slot}
    return {"owner": "platform", "current": current, "seal": ENC}


def stanza(**other: object) -> dict[str, object]:
    """Return what sops keeps about a file."""
    kept = {"lastmodified": "2026-11-01T00:00:00Z", "mac": ENC, "version": "3.11.0"}
    age = [{"recipient": AGE, "enc": ARMOUR}]
    return {"age": age, "encrypted_regex": "^(value|seal)$", **kept, **other}


def kept(data: object = None, **other: object) -> dict[str, object]:
    """Return a file of secrets."""
    inner = {"api_key": record()} if data is None else data
    return {"dev": {"acme": inner}, "sops": stanza(**other)}


EVE = [{"recipient": "age1" + "p" * 58, "enc": ARMOUR}]
KINDS: dict[str, tuple[object, str]] = {
    "S1 plain file": ({"dev": {"acme": {"api_key": record(value=CANARY)}}}, "MB501"),
    "S2 plaintext over ciphertext": (kept({"api_key": record(value=CANARY)}), "MB501"),
    "S10 no such day": (kept({"api_key": record(created_at="2026-13-01")}), "MB502"),
    "unknown reference": (kept({"api_kee": record()}), "MB504"),
    "wider host": (kept({"api_key": {**record(), "allowed_hosts": ["evil.example"]}}), "MB505"),
    "S18 another recipient": (kept(age=EVE), "MB506"),
    "S20 narrowed": (kept(encrypted_regex="^(value)$"), "MB507"),
    "S21 mac only encrypted": (kept(mac_only_encrypted=True), "MB508"),
    "S22 vault": (kept(hc_vault=[{"vault_address": "https://evil.example"}]), "MB508"),
    "S14 of another environment": ({"prod": {"acme": {}}, "sops": stanza()}, "MB509"),
}


@pytest.fixture
def team(mini: Path) -> Path:
    """Return a repository with a catalog and rules for secrets."""
    place = mini.parent
    (place / ".sops.yaml").write_text(RULES)
    (place / "secrets/dev").mkdir(parents=True)
    write(place, kept())
    return place


def write(place: Path, data: object) -> None:
    """Write a file of secrets; JSON is YAML."""
    path = place / "secrets/dev/acme.sops.yaml"
    path.write_text(json.dumps(data, indent=1))


def test_files_in_order_have_no_problem(modelbook: Run, team: Path) -> None:
    done = modelbook("check", cwd=team)
    assert (done.returncode, done.stdout) == (0, "no problems in 23 files\n")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fault_is_an_error_with_a_place(
    modelbook: Run, team: Path, kind: str
) -> None:
    data, code = KINDS[kind]
    write(team, data)
    for shape in ("text", "sarif"):
        done = modelbook("check", "--format", shape, cwd=team)
        assert done.returncode == 1, done
        assert code in done.stdout
        assert "secrets/dev/acme.sops.yaml" in done.stdout
        assert CANARY not in done.stdout + done.stderr


def test_the_codes_of_secrets_are_explained_and_chosen(modelbook: Run, team: Path) -> None:
    listed = modelbook("explain").stdout
    for number in range(501, 511):
        assert f"MB{number}  " in listed
        page = modelbook("explain", f"mb{number}") if number in (501, 510) else None
        assert page is None or (page.returncode, page.stdout[:9]) == (0, f"# MB{number}: "), page
    write(team, kept(encrypted_regex="^(value)$"))
    model = team / "catalog/models/acme/alpha-1.yaml"
    model.write_text(model.read_text(encoding="utf-8") + "nonsense: 1\n", encoding="utf-8")
    for only, kept_codes in (("MB5", {"MB507"}), ("mb507", {"MB507"}), ("MB501", set())):
        done = modelbook("check", "--only", only, "--format", "json", cwd=team)
        found = set(re.findall(r"MB\d{3}", done.stdout))
        assert (done.stderr, found) == ("", kept_codes)


def test_rules_that_are_gone_and_files_without_a_place(modelbook: Run, team: Path) -> None:
    (team / "secrets/dev/keys.txt").write_text(CANARY)
    assert "MB510" in modelbook("check", cwd=team).stdout
    (team / "secrets/dev/keys.txt").unlink()
    (team / ".sops.yaml").unlink()
    assert "MB503" in modelbook("check", cwd=team).stdout


def test_a_template_without_recipients_is_fine_while_nothing_is_kept(
    modelbook: Run, mini: Path
) -> None:
    (mini.parent / ".sops.yaml").write_text(RULES.replace(AGE, ""))
    assert modelbook("check", cwd=mini.parent).returncode == 0


def test_sops_is_never_started_and_no_key_is_needed(modelbook: Run, team: Path) -> None:
    called = team / "called"
    tools = team / "tools"
    tools.mkdir()
    sops = tools / "sops"
    sops.write_text(f"#!/bin/sh\ntouch {called}\n")
    sops.chmod(0o755)
    found = {"MODELBOOK_SOPS": str(sops), "PATH": f"{tools}:{os.environ['PATH']}"}
    found |= {"HOME": str(team), "SOPS_AGE_KEY": ""}
    for command in (["check"], ["compile", "--out", "out"], ["compile", "--out", "out", "--check"]):
        done = modelbook(*command, cwd=team, **found)
        assert done.returncode == 0, done
    write(team, kept(encrypted_regex="^(value)$"))
    for command in (["check"], ["compile", "--out", "new"], ["compile", "--out", "out", "--check"]):
        done = modelbook(*command, cwd=team, **found)
        assert (done.returncode, "MB507" in done.stdout) == (1, True), done
    assert not (team / "new").exists() or not any((team / "new").rglob("*.py"))
    assert not called.exists()


def test_an_edit_beside_the_catalog_is_never_reported_clean(modelbook: Run, team: Path) -> None:
    def check() -> int:
        cache = {"MODELBOOK_CACHE": str(team / "cache")}
        return modelbook("check", cwd=team, **cache).returncode

    path, rules = team / "secrets/dev/acme.sops.yaml", team / ".sops.yaml"
    time.sleep(0.1)
    assert [check(), check()] == [0, 0]
    good = path.read_bytes()
    path.write_bytes(good.replace(b"2026-11-01", b"2026-13-01"))
    assert [check(), check()] == [1, 1]
    path.write_bytes(good)
    assert [check(), check()] == [0, 0]
    rules.write_text(RULES.replace("qqqq", "pppp"))
    assert check() == 1
    rules.write_text(RULES)
    assert check() == 0
    (team / "secrets/dev/x~").write_text("")
    assert check() == 1
