"""The threat table, row by row: what an attacker writes -> what we say, and never the value."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from modelbook.secrets import keepers
from modelbook.secrets.errors import (
    SecretError,
    SecretStateError,
    SopsConfigError,
    SopsError,
    SopsKeyError,
    SopsMalformedError,
    SopsNotEncryptedError,
    SopsPolicyError,
    SopsTamperedError,
)
from modelbook.secrets.folder import Folder
from modelbook.secrets.gate import gate, since
from modelbook.secrets.record import Slot, plain, sealed
from modelbook.secrets.sops import commands
from modelbook.secrets.sops.commands import Tool
from modelbook.secrets.sops.executable import find
from modelbook.secrets.writing import write

from .conftest import CANARY, Person, a_key, rules_text

ENC = re.compile(r"ENC\[[^\]]*\]")
INJECTED = "CANARY" + "-injected"


def refused(folder: Folder, kind: type[SecretError] | tuple[type[SecretError], ...]) -> SecretError:
    """Return the error of reading; nothing reachable from it holds a value."""
    with pytest.raises(kind) as caught:
        folder.read("openai")
    error = caught.value
    text = "".join(traceback.format_exception(error)) + repr(error.__dict__)
    assert "CANARY" not in text
    assert "MAC mismatch" not in text
    assert error.code
    assert error.path
    return error


def edit(file: Path, old: str, new: str, count: int = 1) -> None:
    """Replace text in a file that must hold it."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, count))


def plain_sops(file: Path) -> subprocess.CompletedProcess[str]:
    """Decrypt a file with sops alone."""
    argv = [find().path, "decrypt", "--input-type", "yaml", "--output-type", "json", str(file)]
    environment = {**os.environ, "SOPS_CONFIG": "/dev/null"}
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


def keyless(folder: Folder, code: str) -> None:
    """Demand that the gate, which has no key, finds it too, and shows no value."""
    found = gate(folder.root)
    assert code in {one.code for one in found}
    assert "CANARY" not in repr(found)


def test_a_good_file_is_read_and_passes_the_gate(folder: Folder, file: Path) -> None:
    current = folder.read("openai")["api_key"].current
    assert current is not None
    assert current.value == CANARY
    assert gate(folder.root, {"openai/api_key": ("api.openai.com", "eu.openai.com")}) == ()
    assert CANARY not in file.read_text()
    assert [path.name for path in folder.path.iterdir()] == [file.name]


def test_S1_a_plain_file_is_found_without_a_key(folder: Folder, file: Path) -> None:
    file.write_text(f"prod:\n  openai:\n    api_key: {INJECTED}\n")
    refused(folder, SopsNotEncryptedError)
    keyless(folder, "sops-not-encrypted")


def test_S2_plaintext_over_ciphertext(folder: Folder, file: Path) -> None:
    file.write_text(ENC.sub(INJECTED, file.read_text(), count=1))
    refused(folder, SopsNotEncryptedError)
    keyless(folder, "sops-not-encrypted")


@pytest.mark.parametrize("literal", ["5", "true", "null", "~", '""', "[]", "{a: b}"])
def test_S3_another_type_over_ciphertext(folder: Folder, file: Path, literal: str) -> None:
    file.write_text(ENC.sub(literal, file.read_text(), count=1))
    refused(folder, (SopsMalformedError, SopsNotEncryptedError, SopsPolicyError))
    assert gate(folder.root)


@pytest.mark.parametrize("part", ["data:", "iv:", "tag:"])
def test_S4_a_flipped_character(folder: Folder, file: Path, part: str) -> None:
    text = file.read_text()
    at = text.index(part) + len(part) + 2
    file.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    refused(folder, SopsTamperedError)


TAMPERED = {
    "S5 a later date": ('expires_at: "2026-12-24"', 'expires_at: "2036-12-24"'),
    "S6 a renamed field": ("expires_at:", "revoke_after:"),
    "S8 a boundary moved": ("- api.openai.com", "- api.openai.co"),
    "S8 hosts shifted": (
        "- api.openai.com\n                - eu.openai.com",
        "- api.openai.co\n                - meu.openai.com",
    ),
    "S8 a number": ('rotate_every_days: "90"', "rotate_every_days: 90"),
    "S9 a duplicate": ("current:", "owner: platform\n            current:"),
    "S10 an empty field": ("current:", 'revoked_on: ""\n            current:'),
    "S10 an empty mapping": ("current:", "next: {}\n            current:"),
    "S10 null": ("current:", "next: null\n            current:"),
    "S15 a renamed vendor": ("    openai:", "    openaj:"),
    "S15 a renamed record": ("api_key:", "api_kez:"),
    "S16 joined keys": ("    openai:\n        api_key:", "    openai:api_key:\n        api_key:"),
    "S21 mac only encrypted": ("    version:", "    mac_only_encrypted: true\n    version:"),
    "S21 no mac": ("    mac: ", "    lac: "),
    "S21 a comment": ("current:", "current: # CANARY"),
    "S21 an older sops": ("version: 3.11.0", "version: 3.9.0"),
    "S21 an unencrypted suffix": ("    version:", "    unencrypted_suffix: _x\n    version:"),
    "Y1 an alias": ("owner: platform", "owner: &a platform"),
    "Y2 a tag": ("owner: platform", "owner: !!python/object/apply:os.system platform"),
}


@pytest.mark.parametrize("row", TAMPERED)
def test_S5_to_S21_edits_of_the_text(folder: Folder, file: Path, row: str) -> None:
    edit(file, *TAMPERED[row])
    refused(folder, (SopsTamperedError, SopsMalformedError, SopsPolicyError))


def test_S7_names_of_two_dates_swapped(folder: Folder, file: Path) -> None:
    days = {"expires_at": "2026-12-24", "revoke_after": "2026-12-01"}
    old = Slot(value=CANARY, created_at="2026-11-01", **days)
    write(folder, "openai", lambda _: {"api_key": a_key().changed(previous=old)})
    text = file.read_text()
    first, second = (f'{name}: "{day}"' for name, day in days.items())
    swapped = f'revoke_after: "{days["expires_at"]}"', f'expires_at: "{days["revoke_after"]}"'
    assert text.count(second) == 1
    head, _, tail = text.rpartition(first)
    file.write_text(head + swapped[0] + tail.replace(second, swapped[1]))
    assert folder.metadata("openai")["api_key"].previous is not None  # by its form it is fine
    assert plain_sops(file).returncode == 0  # and so it is for sops
    assert "seal" in str(refused(folder, SopsTamperedError))


def test_S6_S7_what_sops_itself_accepts_the_seal_does_not(folder: Folder, file: Path) -> None:
    edit(file, "hint: ", "key_id: ")
    assert plain_sops(file).returncode == 0
    assert "seal" in str(refused(folder, SopsTamperedError))


def test_S11_ciphertexts_swapped(folder: Folder, file: Path) -> None:
    write(folder, "openai", lambda now: {**now, "other": a_key(name="other", value=CANARY + "2")})
    text = file.read_text()
    first, second = (one for one in ENC.findall(text)[::2][:2])
    mixed = text.replace(first, "@").replace(second, first).replace("@", second)
    file.write_text(mixed)
    refused(folder, SopsTamperedError)


def test_S12_a_ciphertext_of_an_older_commit(folder: Folder, file: Path) -> None:
    old = ENC.findall(file.read_text())[0]
    write(folder, "openai", lambda _: {"api_key": a_key(value=CANARY + "2")})
    text = file.read_text()
    file.write_text(text.replace(ENC.findall(text)[0], old))
    refused(folder, SopsTamperedError)


def test_S13_a_whole_file_of_an_older_commit_is_shown_by_git_alone(
    folder: Folder, file: Path
) -> None:
    new = file.read_bytes()
    old = re.sub(rb'lastmodified: "\d{4}', b'lastmodified: "2020', new)
    assert since(new, new, "f") == ()
    assert [one.message for one in since(new, old, "f")] == [
        "the file is older than the one before"
    ]


def test_S14_a_file_of_another_environment(folder: Folder, file: Path) -> None:
    rules = folder.root / ".sops.yaml"
    rules.write_text(rules.read_text().replace("/prod/", "/(prod|dev)/"))
    other = Folder(folder.root, "dev")
    other.path.mkdir()
    (other.path / file.name).write_bytes(file.read_bytes())
    refused(other, SopsPolicyError)
    keyless(folder, "sops-policy")


def test_S17_a_recipient_added_in_the_file(
    folder: Folder, file: Path, people: dict[str, Person]
) -> None:
    text = file.read_text()
    stanza = re.search(r"        - recipient: .*?-----END AGE ENCRYPTED FILE-----\n", text, re.S)
    assert stanza is not None
    extra = stanza.group().replace(people["alice"].public, people["eve"].public)
    extra = extra.replace(people["bob"].public, people["eve"].public)
    file.write_text(text.replace(stanza.group(), stanza.group() + extra))
    before = file.read_bytes()
    refused(folder, SopsPolicyError)
    keyless(folder, "sops-policy")
    with pytest.raises(SopsPolicyError):
        write(folder, "openai", lambda _: {"api_key": a_key(value=CANARY + "2")})
    assert file.read_bytes() == before


def test_S18_a_recipient_relabelled(folder: Folder, file: Path, people: dict[str, Person]) -> None:
    edit(file, people["bob"].public, people["eve"].public)
    refused(folder, SopsPolicyError)
    keyless(folder, "sops-policy")


def test_S19_who_was_removed_cannot_read_with_an_old_stanza(
    folder: Folder, file: Path, people: dict[str, Person], act_as: Callable[[str], None]
) -> None:
    old = file.read_text()
    rules = folder.root / ".sops.yaml"
    was = rules.read_text()
    done = keepers.remove_recipient(folder.root, "prod", people["bob"].public, folder.tool)
    assert done == ("secrets/prod/openai.sops.yaml",)
    assert rules.read_text() == was.replace(f"      - {people['bob'].public}\n", "")
    write(folder, "openai", lambda _: {"api_key": a_key(value=CANARY + "after")})
    new = file.read_text()
    stanzas = re.compile(r"    age:\n.*?(?=    lastmodified)", re.S)
    had = stanzas.search(old)
    assert had is not None
    act_as("bob")
    assert "no identity" in str(refused(folder, SopsKeyError))
    assert plain_sops(file).returncode == 128
    file.write_text(stanzas.sub(lambda _: had.group(), new))
    rules.write_text(was)
    refused(folder, SopsTamperedError)  # his data key opens, and it is not the one of this file
    pasted = plain_sops(file)
    assert pasted.returncode == 25
    assert CANARY not in pasted.stdout + pasted.stderr
    file.write_text(old)  # what he could read he still can: the key itself has to be rotated
    assert CANARY in plain_sops(file).stdout


def test_a_file_that_somebody_made_for_himself_too_is_his_no_longer_after_a_write(
    folder: Folder, file: Path, people: dict[str, Person], act_as: Callable[[str], None]
) -> None:
    """Whoever knows the public keys can make a file and keep its data key; not for what follows."""
    rules = folder.root / ".sops.yaml"
    was = rules.read_text()
    rules.write_text(was.replace("    age:\n", f"    age:\n      - {people['eve'].public}\n"))
    forged = {
        "prod": {"openai": {"api_key": plain(sealed(a_key(value="eves-own-key-0123456789")))}}
    }
    made = commands.encrypt(folder.tool, forged, folder.rule("openai"), "x").decode()
    rules.write_text(was)
    stanza = re.compile(rf"        - recipient: {people['eve'].public}\n.*?-----END[^\n]*\n", re.S)
    had = stanza.search(made)
    assert had is not None
    file.write_text(stanza.sub("", made))
    write(folder, "openai", lambda now: {"api_key": a_key(value=CANARY + "real")})
    pasted = file.read_text().replace("    age:\n", f"    age:\n{had.group()}")
    file.write_text(pasted)
    act_as("eve")
    shown = plain_sops(file)
    assert shown.returncode != 0
    assert CANARY not in shown.stdout + shown.stderr


def test_an_error_brings_no_frame_in_which_a_key_stood(
    folder: Folder, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What programs report of an error, with the variables of each frame, has no plain text."""
    bad = a_key(value=CANARY + "bad").changed(owner="")
    rule = folder.rule("openai")
    file.write_bytes(
        commands.encrypt(folder.tool, {"prod": {"openai": {"api_key": plain(bad)}}}, rule, "x")
    )
    found = refused(folder, SopsMalformedError)
    frames = traceback.TracebackException.from_exception(found, capture_locals=True)
    assert CANARY not in "".join(frames.format())
    monkeypatch.setattr(commands, "encrypt", fails)
    file.unlink()
    with pytest.raises(SopsError) as caught:
        write(folder, "openai", lambda _: {"api_key": a_key()})
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert CANARY not in "".join(frames.format())


def fails(*_: object) -> bytes:
    """Fail as sops does without room on the disk."""
    raise SopsError("no room")


@pytest.mark.parametrize(
    "pattern",
    [".?" * 34 + "!", "(.?|.?.?)?" * 15 + "!", "a{99999999999999}", "[[a]zz", ".*.*.*.*x"],
)
def test_S23_a_pattern_that_takes_for_ever_is_refused(folder: Folder, pattern: str) -> None:
    rules = folder.root / ".sops.yaml"
    rules.write_text(
        rules.read_text().replace("^secrets/prod/[a-z0-9-]+\\.sops\\.yaml$", f"'{pattern}'")
    )
    begun = time.monotonic()
    refused(folder, SopsConfigError)
    assert time.monotonic() - begun < 5


def test_S20_a_weakened_regex(folder: Folder, file: Path) -> None:
    edit(file, "^(value|seal)$", "^(seal)$")
    before = file.read_bytes()
    refused(folder, SopsPolicyError)
    with pytest.raises(SopsPolicyError):
        write(folder, "openai", lambda _: {"api_key": a_key(value=CANARY + "2")})
    with pytest.raises(SopsPolicyError):
        keepers.rekey(folder)
    assert file.read_bytes() == before


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine: its address, and the headers it has seen."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            seen.append(str(self.headers))
            self.send_response(400)
            self.end_headers()

        do_POST = do_GET = do_PUT  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    made = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}", seen
    made.shutdown()
    made.server_close()


def vault(address: str, key: str = "k") -> str:
    """Return what sops keeps of a key in a vault."""
    return (
        f"    hc_vault:\n        - vault_address: {address}\n          engine_path: transit\n"
        f'          key_name: {key}\n          created_at: "2026-01-01T00:00:00Z"\n'
        "          enc: vault:v1:AAAA\n"
    )


def test_S22_no_token_goes_to_a_server_that_a_file_names(
    folder: Folder,
    file: Path,
    server: tuple[str, list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, seen = server
    token = "CANARY" + "-vault"
    monkeypatch.setenv("VAULT_TOKEN", token)
    edit(file, "sops:\n", "sops:\n" + vault(address))
    refused(folder, SopsPolicyError)
    keyless(folder, "sops-policy")
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", "/nonexistent")
    refused(folder, SopsPolicyError)
    with_services = Folder(folder.root, "prod", Tool(allow_key_services=True))
    refused(with_services, SopsPolicyError)  # the rule does not name it
    with pytest.raises(SopsPolicyError):
        keepers.rekey(with_services)
    assert seen == []
    rules = folder.root / ".sops.yaml"
    rules.write_text(rules.read_text() + f"    hc_vault_transit_uri: {address}/v1/transit/keys/k\n")
    with pytest.raises(SopsConfigError):
        folder.read("openai")
    assert seen == []
    refused(with_services, SopsKeyError)
    assert any(token in one for one in seen)  # so this is what would have happened


def service(**fields: str) -> str:
    """Return one key of a service, as sops keeps it."""
    fields |= {"created_at": "2026-01-01T00:00:00Z", "enc": "AAAA"}
    return "".join(
        f"{'        - ' if not n else '          '}{name}: '{value}'\n"
        for n, (name, value) in enumerate(fields.items())
    )


V = "https://v.vault.azure.net"
ARN = "arn:aws:kms:eu-west-1:1:key/a"
SERVICES = {
    "kms": (ARN, "kms", {"arn": ARN}, "arn"),
    "kms with a role": (f"{ARN}+arn:r", "kms", {"arn": ARN, "role": "arn:r"}, "role"),
    "gcp_kms": ("projects/p/k", "gcp_kms", {"resource_id": "projects/p/k"}, "resource_id"),
    "azure_keyvault": (
        f"{V}/keys/n/1",
        "azure_kv",
        {"vault_url": V, "name": "n", "version": "1"},
        "vault_url",
    ),
    "hc_vault_transit_uri": (
        "https://v:8200/v1/transit/keys/k",
        "hc_vault",
        {"vault_address": "https://v:8200", "engine_path": "transit", "key_name": "k"},
        "vault_address",
    ),
    "pgp": ("85d7 7543", "pgp", {"fp": "85D77543"}, "fp"),
    "hckms": ("eu:1-2", "hckms", {"key_id": "eu:1-2"}, "key_id"),
}


@pytest.mark.parametrize("name", SERVICES)
def test_S22_key_services_are_those_of_the_rule(folder: Folder, file: Path, name: str) -> None:
    stated, stanza, fields, field = SERVICES[name]
    rules, good = folder.root / ".sops.yaml", file.read_text()
    rules.write_text(rules.read_text() + f"    {name.split()[0]}: {stated}\n")
    allowed = Folder(folder.root, "prod", Tool(allow_key_services=True))

    def message(*keys: dict[str, str], recipients: bool = True) -> str:
        text = "".join(service(**one) for one in keys)
        raw = good.replace("sops:\n", f"sops:\n    {stanza}:\n{text}" if keys else "sops:\n", 1)
        try:
            allowed.checked("openai", raw.encode(), recipients=recipients)
        except SopsPolicyError as error:
            return str(error)
        return ""

    assert message(fields) == ""
    other = {**fields, field: fields[field] + "2"}
    for wrong in ([other], [fields, other], [fields, fields], [{**fields, "context": "x"}]):
        for recipients in (True, False):
            assert "keys of" in message(*wrong, recipients=recipients)
    assert "keys of" in message()
    assert message(recipients=False) == ""  # it is about to be added


def test_S23_a_change_of_recipients_is_shown(
    folder: Folder, file: Path, people: dict[str, Person]
) -> None:
    old = file.read_bytes()
    keepers.add_recipient(folder.root, "prod", people["eve"].public, folder.tool)
    told = [one.message for one in since(old, file.read_bytes(), "f")]
    assert told == [f"a recipient was added: {people['eve'].public}"]


def test_S24_a_broken_config_in_a_parent_folder_does_not_matter(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.root.parent / ".sops.yaml").write_text("creation_rules: [[[")
    inside = folder.root / "deep"
    inside.mkdir()
    (inside / ".sops.yaml").write_text("creation_rules: [[[")
    monkeypatch.chdir(inside)
    assert folder.read("openai")


@pytest.mark.parametrize("what", ["link", "fifo", "folder", "huge", "linked folder"])
def test_S25_what_is_no_plain_file(folder: Folder, file: Path, tmp_path: Path, what: str) -> None:
    kept = tmp_path / "kept"
    file.rename(kept)
    if what == "link":
        file.symlink_to(kept)
    elif what == "fifo":
        os.mkfifo(file)
    elif what == "folder":
        file.mkdir()
    elif what == "huge":
        with file.open("wb") as out:
            out.truncate(2**30)
    else:
        moved = tmp_path / "moved"
        folder.path.rename(moved)
        kept.rename(moved / file.name)
        folder.path.symlink_to(moved)
    refused(folder, SopsPolicyError)
    assert gate(folder.root)


def test_S25_a_name_like_a_flag_is_no_file_of_secrets(folder: Folder, file: Path) -> None:
    (folder.path / "-x.sops.yaml").write_bytes(file.read_bytes())
    assert folder.vendors() == ("openai",)
    assert len(gate(folder.root)) == 1
    with pytest.raises(SopsPolicyError):
        folder.read("-x")


def test_S26_no_command_of_the_environment_is_run(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "ran"
    monkeypatch.setenv("SOPS_AGE_KEY_CMD", f"touch {mark}")
    monkeypatch.setenv("SOPS_EDITOR", f"touch {mark}")
    monkeypatch.setenv("SOPS_GPG_EXEC", f"touch {mark}")
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", "/nonexistent")
    with pytest.raises(SopsKeyError):
        folder.read("openai")
    assert not mark.exists()


FAKES = {
    "hangs": "sleep 300 & sleep 300",
    "closes its output and hangs": "exec >&-; sleep 300",
    "writes without end": "yes",
    "garbage": "echo '{\"prod\": CANARY'; exit 0",
    "twice": 'echo \'{"prod": {"a": "b"}, "prod": {"a": "b"}}\'',
    "numbers": 'echo \'{"prod": {"openai": {"api_key": 1}}}\'',
    "panics": "echo 'panic: CANARY' >&2; exit 2",
    "tells": "echo 'Input string CANARY does not match' >&2; exit 25",
    "reads nothing": "exec <&-; exit 3",
}


@pytest.mark.parametrize("what", FAKES)
def test_S3_a_sops_that_misbehaves(folder: Folder, tmp_path: Path, what: str) -> None:
    fake = tmp_path / "fake"
    version = 'case "$*" in *--version*) echo "sops 3.11.0"; exit 0;; esac'
    fake.write_text(f"#!/bin/sh\n{version}\n{FAKES[what]}\n")
    fake.chmod(0o755)
    refused(Folder(folder.root, "prod", Tool(sops=str(fake), timeout=0.5)), SopsError)


def test_H3_sops_gets_few_variables(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, seen = tmp_path / "fake", tmp_path / "seen"
    version = 'case "$*" in *--version*) echo "sops 3.11.0"; exit 0;; esac'
    fake.write_text(f"#!/bin/sh\n{version}\nenv > {seen}; pwd >> {seen}\nexit 1\n")
    fake.chmod(0o755)
    for name in ("VAULT_TOKEN", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "SOPS_AGE_KEY_CMD"):
        monkeypatch.setenv(name, CANARY)
    with pytest.raises(SopsError):
        Folder(folder.root, "prod", Tool(sops=str(fake))).read("openai")
    assert CANARY not in seen.read_text()
    assert seen.read_text().splitlines()[-1] == "/"
    with pytest.raises(SopsError):
        Folder(folder.root, "prod", Tool(sops=str(fake), allow_key_services=True)).read("openai")
    assert f"VAULT_TOKEN={CANARY}" in seen.read_text()
    assert f"OPENAI_API_KEY={CANARY}" not in seen.read_text()


def test_the_last_recipient_and_oneself_cannot_be_removed(
    folder: Folder, file: Path, people: dict[str, Person]
) -> None:
    before = (file.read_bytes(), (folder.root / ".sops.yaml").read_bytes())
    with pytest.raises(SecretStateError):
        keepers.remove_recipient(folder.root, "prod", people["alice"].public, folder.tool)
    assert before == (file.read_bytes(), (folder.root / ".sops.yaml").read_bytes())
    keepers.remove_recipient(folder.root, "prod", people["bob"].public, folder.tool)
    with pytest.raises(SecretStateError):
        keepers.remove_recipient(folder.root, "prod", people["alice"].public, folder.tool)


@pytest.mark.parametrize(
    "form", ["[{}, {}]  # all", '"{}, {}"', "{},{}", "\n    - {}\n    - {} # b"]
)
def test_recipients_are_edited_as_they_are_written(
    folder: Folder, people: dict[str, Person], form: str
) -> None:
    rules = folder.root / ".sops.yaml"
    alice, bob, eve = (people[name].public for name in ("alice", "bob", "eve"))
    head = rules_text().removesuffix("age:\n")
    rules.write_text(head + "age: " + form.format(alice, bob) + "\n# end\n")
    keepers.add_recipient(folder.root, "prod", eve, folder.tool)
    assert folder.rule("openai").recipients == {alice, bob, eve}
    keepers.remove_recipient(folder.root, "prod", bob, folder.tool)
    assert folder.rule("openai").recipients == {alice, eve}
    assert rules.read_text().startswith(head)
    assert rules.read_text().endswith("\n# end\n")
    assert folder.read("openai")


@pytest.mark.parametrize(
    "line", ["kms: arn", "shamir_threshold: 2", "unencrypted_suffix: _x", "key_groups: []"]
)
def test_a_weak_rule_is_refused(folder: Folder, line: str) -> None:
    rules = folder.root / ".sops.yaml"
    rules.write_text(rules.read_text() + f"    {line}\n")
    refused(folder, SopsConfigError)
