"""Keys from the operating system's keyring, through the library's own API."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from modelbook.secrets import SecretNotFoundError, SecretSourceError, explain, get

ID = "openai/api_key"
KEY = "CANARY" + "keyring-0123456789"


class Memory(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep something."""
        self.kept[service, username] = password


class Locked(Memory):
    """A keyring that nobody opens."""

    def get_password(self, service: str, username: str) -> str | None:
        """Refuse."""
        raise keyring.errors.KeyringLocked(KEY)


@pytest.fixture(autouse=True)
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ask the keyring alone, and put back the one there was."""
    before = keyring.get_keyring()
    monkeypatch.setenv("MODELBOOK_CHAIN", "environment,keyring")
    yield
    keyring.set_keyring(before)


def test_a_key_by_environment() -> None:
    keyring.set_keyring(Memory())
    with pytest.raises(SecretNotFoundError, match="service modelbook, user openai/api_key"):
        get(ID)
    keyring.set_password("modelbook", ID, KEY)
    keyring.set_password("modelbook/prod", ID, KEY + "prod")
    assert get(ID).reveal() == KEY
    assert get(ID).source == "keyring: modelbook"
    assert get(ID, environment="prod").reveal() == KEY + "prod"
    with pytest.raises(SecretNotFoundError):
        get(ID, environment="dev")


def test_no_keyring_stops_the_chain() -> None:
    keyring.set_keyring(fail.Keyring())
    with pytest.raises(SecretSourceError, match="there is none on this machine"):
        get(ID)
    assert explain(ID).code == "secret-source"


def test_a_locked_keyring_stops_the_chain() -> None:
    keyring.set_keyring(Locked())
    with pytest.raises(SecretSourceError, match="KeyringLocked") as caught:
        get(ID)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__context__ is None


def test_it_is_asked_only_where_the_chain_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(Locked())
    monkeypatch.delenv("MODELBOOK_CHAIN")
    with pytest.raises(SecretNotFoundError):
        get(ID)
