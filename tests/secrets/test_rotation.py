"""Keys made and revoked at a vendor: a server on loopback that manages keys as OpenRouter does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner
from modelbook.secrets import rotation
from modelbook.secrets.changes import promote, slot
from modelbook.secrets.declared import Declaration, Rotation
from modelbook.secrets.errors import (
    SecretHostError,
    SecretRotationError,
    SecretSettingsError,
    SecretStateError,
    SecretValueError,
)
from modelbook.secrets.folder import Folder
from modelbook.secrets.record import Kept
from modelbook.secrets.secret import Secret
from modelbook.secrets.writing import write
from modelbook_cli.commands import cli

ID = "openrouter/api_key"
ADMIN = "CANARY-admin-0123456789abcdef"
TODAY = "2026-11-23"


class Vendor(ThreadingHTTPServer):
    """The vendor: the keys that are valid there, by the hash that names them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.keys: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.shy = 0
        """How often a key that exists is not known yet."""
        self.odd: Callable[[dict[str, object]], object] = lambda answer: answer
        self.redirect: str | None = None

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"http://127.0.0.1:{self.server_address[1]}/api/v1"


class Handler(BaseHTTPRequestHandler):
    """One call of its API."""

    server: Vendor

    def answer(self, status: int, body: object = None) -> None:
        """Answer with a status and JSON."""
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if self.server.redirect:
            self.send_header("Location", self.server.redirect)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        """Make a key."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(("POST", body["name"]))
        if self.server.redirect:
            self.answer(307)
        elif self.headers["Authorization"] != f"Bearer {ADMIN}":
            self.answer(401, {"error": self.headers["Authorization"]})
        else:
            hash = f"hash-{len(self.server.asked)}"
            self.server.keys[hash] = key = f"CANARY-made-{hash}-0123456789abcdef"
            self.answer(201, self.server.odd({"key": key, "data": {"hash": hash}}))

    def do_GET(self) -> None:
        """Describe the key that asks."""
        self.server.asked.append(("GET", self.path))
        key = self.headers["Authorization"].removeprefix("Bearer ")
        self.server.shy -= 1
        known = key in self.server.keys.values() and self.server.shy < 0
        self.answer(200 if known else 401, {"data": {"label": key}})

    def do_DELETE(self) -> None:
        """End a key."""
        self.server.asked.append(("DELETE", self.path))
        gone = self.server.keys.pop(self.path.rpartition("/")[2], None)
        self.answer(200 if gone else 404, {"deleted": True})

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Return a folder with one key that somebody made by hand."""
    identity = pyrage.x25519.Identity.generate()
    monkeypatch.setenv("SOPS_AGE_KEY", str(identity))
    monkeypatch.setattr(rotation, "PAUSE", 0.01)
    root = tmp_path / "keys"
    (root / "secrets" / "dev").mkdir(parents=True)
    (root / ".sops.yaml").write_text(
        "creation_rules:\n"
        "  - path_regex: ^secrets/dev/[a-z0-9-]+\\.sops\\.yaml$\n"
        "    encrypted_regex: ^(value|seal)$\n"
        f"    age: [{identity.to_public()}]\n"
    )
    folder = Folder(root, "dev")
    current = slot("CANARY-by-hand-0123456789abcdef", "2026-08-01", key_id="hash-by-hand")
    kept = Kept(id=ID, environment="dev", owner="platform", current=current)
    write(folder, "openrouter", lambda _: {"api_key": kept})
    return folder


def declared(url: str) -> Declaration:
    managed_by = "openrouter/management_key"
    api = Rotation(plugin="openrouter", base_url=url, secret=managed_by)
    hosts = ("127.0.0.1",)
    return Declaration(id=ID, env=("OPENROUTER_API_KEY",), allowed_hosts=hosts, rotation=api)


def admin(host: str = "127.0.0.1") -> Secret:
    return Secret(ADMIN, id="openrouter/management_key", source="test", allowed_hosts=(host,))


def kept(folder: Folder) -> Kept:
    return folder.read("openrouter")["api_key"]


def test_a_key_is_created_verified_switched_to_and_the_old_one_revoked(
    vendor: Vendor, folder: Folder
) -> None:
    vendor.keys["hash-by-hand"] = "CANARY-by-hand-0123456789abcdef"
    told: list[str] = []
    first = rotation.rotate(folder, declared(vendor.url), admin(), today=TODAY, tell=told.append)
    assert [line.partition(":")[0] for line in told] == ["created", "verified", "switched"]
    assert first == kept(folder)
    assert first.current is not None
    assert vendor.keys[str(first.current.key_id)] == first.current.value
    assert first.previous is not None
    assert first.previous.revoke_after == "2026-11-30"
    assert "hash-by-hand" in vendor.keys  # machines may still use it
    assert vendor.asked[0] == ("POST", f"modelbook dev {ID} {TODAY}")

    with pytest.raises(SecretStateError, match="valid until 2026-11-30"):
        rotation.rotate(folder, declared(vendor.url), admin(), today="2026-11-29")
    second = rotation.rotate(folder, declared(vendor.url), admin(), today="2026-11-30", overlap=0)
    assert list(vendor.keys) == [second.current.key_id if second.current else None]
    assert second.previous is None


def test_a_key_that_the_vendor_knows_only_later_is_waited_for(
    vendor: Vendor, folder: Folder
) -> None:
    vendor.shy = 3
    rotation.rotate(folder, declared(vendor.url), admin(), today=TODAY)
    assert [method for method, _ in vendor.asked] == ["POST", "GET", "GET", "GET", "GET"]


def test_what_was_interrupted_goes_on_where_it_stopped(vendor: Vendor, folder: Folder) -> None:
    vendor.shy = 1000
    with pytest.raises(SecretRotationError, match="answered 401") as caught:
        rotation.rotate(folder, declared(vendor.url), admin(), today=TODAY)
    assert "CANARY" not in f"{caught.value} {caught.value.__context__} {caught.value.__cause__}"
    half = kept(folder)
    assert half.next is not None
    assert half.current is not None
    assert half.current.value == "CANARY-by-hand-0123456789abcdef"  # what works is still in use
    vendor.shy = 0
    done = rotation.rotate(folder, declared(vendor.url), admin(), today=TODAY)
    assert done.current is not None
    assert done.current.value == half.next.value
    assert [method for method, _ in vendor.asked].count("POST") == 1


def test_a_key_that_cannot_be_kept_is_revoked_again(vendor: Vendor, folder: Folder) -> None:
    vendor.odd = lambda answer: {**answer, "key": "two words"}
    before = kept(folder)
    with pytest.raises(SecretValueError):
        rotation.rotate(folder, declared(vendor.url), admin(), today=TODAY)
    assert vendor.keys == {}
    assert kept(folder) == before


@pytest.mark.parametrize("odd", [[], {}, {"key": "x"}, {"key": 1, "data": {"hash": "h"}}, "text"])
def test_an_answer_that_makes_no_sense_changes_nothing(
    vendor: Vendor, folder: Folder, odd: object
) -> None:
    vendor.odd = lambda _: odd
    before = kept(folder)
    with pytest.raises(SecretRotationError):
        rotation.rotate(folder, declared(vendor.url), admin(), today=TODAY)
    assert kept(folder) == before


def test_a_wrong_management_key_is_told_without_what_the_vendor_repeats(
    vendor: Vendor, folder: Folder
) -> None:
    wrong = Secret("CANARY-wrong", id="x/y", source="test", allowed_hosts=("127.0.0.1",))
    with pytest.raises(SecretRotationError, match="answered 401") as caught:
        rotation.rotate(folder, declared(vendor.url), wrong, today=TODAY)
    assert caught.value.status == 401
    assert "CANARY" not in repr(caught.value.__dict__) + str(caught.value)
    assert caught.value.__context__ is None


def test_a_redirect_is_not_followed(vendor: Vendor, folder: Folder) -> None:
    other = Vendor()
    vendor.redirect = other.url
    with pytest.raises(SecretRotationError, match="answered 307"):
        rotation.rotate(folder, declared(vendor.url), admin(), today=TODAY)
    assert other.asked == []
    other.server_close()


def test_the_management_key_goes_to_its_hosts_alone(vendor: Vendor, folder: Folder) -> None:
    with pytest.raises(SecretHostError):
        rotation.rotate(folder, declared(vendor.url), admin("openrouter.ai"), today=TODAY)
    assert vendor.asked == []


def test_a_key_made_by_hand_is_revoked_by_hand(vendor: Vendor, folder: Folder) -> None:
    key = slot("CANARY-second-0123456789abcdef", TODAY)
    first = slot("CANARY-first-0123456789abcdef", "2026-01-01")
    write(
        folder,
        "openrouter",
        lambda all: {"api_key": promote(all["api_key"].changed(current=first, next=key), TODAY)},
    )
    with pytest.raises(SecretStateError, match="not known") as caught:
        rotation.revoke(folder, declared(vendor.url), admin())
    assert "console" in caught.value.hint
    assert vendor.asked == []


def test_a_key_that_is_gone_at_the_vendor_is_taken_out(vendor: Vendor, folder: Folder) -> None:
    rotation.rotate(folder, declared(vendor.url), admin(), today=TODAY)
    assert rotation.revoke(folder, declared(vendor.url), admin()).previous is None
    assert vendor.asked[-1] == ("DELETE", "/api/v1/keys/hash-by-hand")


def test_no_answer_and_no_plugin_are_told(folder: Folder) -> None:
    with pytest.raises(SecretRotationError, match="no usable answer"):
        rotation.rotate(folder, declared("http://127.0.0.1:1/v1"), admin(), today=TODAY)
    with pytest.raises(SecretSettingsError, match="acme"):
        rotation.rotator("acme")
    bare = declared("http://127.0.0.1:1/v1").changed(rotation=None)
    with pytest.raises(SecretStateError, match="no API"):
        rotation.rotate(folder, bare, admin(), today=TODAY)


DECLARED = """\
# yaml-language-server: $schema=../../../schemas/secret.schema.json
description: Acme API key
env: [ACME_API_KEY]
allowed_hosts: ["127.0.0.1", api.acme.example]
rotation: {{plugin: openrouter, base_url: "{url}", secret: acme/management_key}}
"""
MANAGING = """\
# yaml-language-server: $schema=../../../schemas/secret.schema.json
description: Acme management key
env: [ACME_MANAGEMENT_KEY]
allowed_hosts: ["127.0.0.1"]
"""


def test_the_command_line_rotates_by_what_the_catalog_says(
    vendor: Vendor,
    folder: Folder,
    mini: Path,
    opener: Callable[[Path, str], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (mini / "secrets/acme/api_key.yaml").write_text(DECLARED.format(url=vendor.url))
    (mini / "secrets/acme/management_key.yaml").write_text(MANAGING)
    opener(mini, "rotating_models")
    monkeypatch.setenv("MODELBOOK_PACKAGE", "rotating_models")
    monkeypatch.setenv("ACME_MANAGEMENT_KEY", ADMIN)
    monkeypatch.chdir(folder.root)
    rotate = ["secrets", "rotate", "acme/api_key", "--root", str(folder.root)]
    none = CliRunner().invoke(cli, [*rotate, "--vendor"])
    assert (none.exit_code, vendor.asked) == (2, [])
    assert "error[sops-file-missing]" in none.stderr

    hand = slot("CANARY-by-hand-0123456789abcdef", "2026-08-01")
    kept = Kept(id="acme/api_key", environment="dev", owner="platform", current=hand)
    write(folder, "acme", lambda _: {"api_key": kept})
    done = CliRunner().invoke(cli, [*rotate, "--vendor", "--overlap", "3"])
    assert done.exit_code == 0, done.output
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [
        "created",
        "verified",
        "switched",
    ]
    assert "CANARY" not in done.output
    current = folder.read("acme")["api_key"].current
    assert current is not None
    assert current.value in vendor.keys.values()

    by_hand = CliRunner().invoke(cli, [*rotate, "--revoke", "--vendor"])
    assert (by_hand.exit_code, "console" in by_hand.stderr) == (2, True)
    both = CliRunner().invoke(cli, [*rotate, "--stage", "--vendor"])
    assert (both.exit_code, "error[usage]" in both.stderr) == (2, True)
