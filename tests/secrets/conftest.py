"""Identities, a tree with `.sops.yaml`, and the real sops. No key here is one of anybody's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pyrage = pytest.importorskip("pyrage")

from modelbook.secrets import cache  # noqa: E402
from modelbook.secrets.errors import SopsError  # noqa: E402
from modelbook.secrets.folder import Folder  # noqa: E402
from modelbook.secrets.record import Kept, Slot, hint_of  # noqa: E402
from modelbook.secrets.sops import executable  # noqa: E402
from modelbook.secrets.writing import write  # noqa: E402

TODAY = "2026-11-23"
CANARY = "CANARY" + "sops-0123456789abcdefghij"
"""What stands in place of a key; no scanner takes it for one."""


class Person:
    """Somebody with an age identity of his own."""

    def __init__(self, folder: Path, name: str) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.public = str(identity.to_public())
        self.path = folder / f"{name}.txt"
        self.path.write_text(f"{identity}\n")
        self.path.chmod(0o600)


@pytest.fixture(scope="session")
def sops() -> str:
    """The real sops; without it tests are skipped, or fail if `MODELBOOK_REQUIRE_SOPS` is set."""
    try:
        return executable.find().path
    except SopsError as error:
        if os.environ.get("MODELBOOK_REQUIRE_SOPS"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Person]:
    """alice and bob, who are recipients, and eve, who is not."""
    folder = tmp_path_factory.mktemp("identities")
    return {name: Person(folder, name) for name in ("alice", "bob", "eve")}


@pytest.fixture
def act_as(people: dict[str, Person], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Become somebody."""

    def become(name: str) -> None:
        cache.clear()
        monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(people[name].path))

    for variable in ("SOPS_AGE_KEY", "SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SOPS_AGE_KEY_CMD"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(people["alice"].path.parent))
    become("alice")
    return become


def rules_text(*recipients: str, environments: str = "prod") -> str:
    """Return a `.sops.yaml`."""
    listed = "".join(f"      - {one}\n" for one in recipients)
    return (
        "# who may open what\ncreation_rules:\n"
        f"  - path_regex: ^secrets/{environments}/[a-z0-9-]+\\.sops\\.yaml$\n"
        f"    encrypted_regex: ^(value|seal)$\n    age:\n{listed}"
    )


def a_key(vendor: str = "openai", name: str = "api_key", value: str = CANARY) -> Kept:
    """Return a record with one key."""
    key = Slot(
        value=value,
        created_at=TODAY,
        expires_at="2026-12-24",
        hint=hint_of(value),
    )
    return Kept(
        id=f"{vendor}/{name}",
        environment="prod",
        owner="platform",
        current=key,
        rotate_every_days=90,
        allowed_hosts=("api.openai.com", "eu.openai.com"),
    )


@pytest.fixture
def folder(
    tmp_path: Path, people: dict[str, Person], sops: str, act_as: Callable[[str], None]
) -> Iterator[Folder]:
    """A repository with one encrypted file, secrets/prod/openai.sops.yaml."""
    root = tmp_path / "repository"
    root.mkdir()
    text = rules_text(people["alice"].public, people["bob"].public)
    (root / ".sops.yaml").write_text(text)
    made = Folder(root, "prod")
    write(made, "openai", lambda _: {"api_key": a_key()})
    yield made
    cache.clear()


@pytest.fixture
def file(folder: Folder) -> Path:
    """The encrypted file of the repository."""
    return folder.path / "openai.sops.yaml"
