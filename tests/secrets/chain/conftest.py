"""A user with nothing: no variables, no configuration, an empty folder to stand in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from modelbook.secrets import chain, sources
from modelbook.secrets.masking import LOADED

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Take away what this machine's user has; forget afterwards what was read."""
    for name in list(os.environ):
        if name.startswith(("MODELBOOK_", "AWS_")) or "_API_KEY" in name:
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    known = dict(sources._known)
    chain.clear()
    chain._noted.clear()
    yield here
    chain.clear()
    sources._known.clear()
    sources._known.update(known)
    LOADED.clear()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file that only its owner can read."""

    def written(name: str, text: str | bytes, mode: int = 0o600) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)
        return path

    return written


@pytest.fixture
def config(write: Write) -> Callable[[str], Path]:
    """Return a function that writes the user's configuration."""
    return lambda text: write("config/modelbook/config.toml", text)
