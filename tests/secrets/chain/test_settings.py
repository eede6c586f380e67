"""What the user has chosen: variables before the configuration file, and nothing from anywhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook.secrets import SecretNameError, SecretSettingsError, SecretSourceError, places
from modelbook.secrets.settings import CHAIN, MOUNTS, Settings, load

Config = Callable[[str], Path]


def test_nothing_is_chosen() -> None:
    found = load()
    assert (found.environment, found.folder, found.files, found.sops) == (None, None, (), None)
    assert (found.chain, found.mounts) == (CHAIN, MOUNTS)
    assert (found.packages, found.allow_key_services) == (("modelbook_catalog",), False)
    assert not found.origins
    assert load() is found


def test_everything_is_chosen(config: Config) -> None:
    path = config(
        '[other]\nx = 1\n[secrets]\nenvironment = "prod"\nfolder = "/srv/keys"\n'
        'chain = ["environment", "aws"]\nmounts = ["/a"]\nfiles = ["~/keys.env"]\nsops = "/s"\n'
        'packages = ["a", "b"]\nallow_key_services = true\n[secrets.aws]\nprefix = "p/"\n'
    )
    found = load()
    assert (found.environment, found.folder, found.sops) == ("prod", "/srv/keys", "/s")
    assert (found.chain, found.mounts) == (("environment", "aws"), ("/a",))
    assert found.files == (str(Path("~/keys.env").expanduser()),)
    assert (found.packages, found.allow_key_services) == (("a", "b"), True)
    assert found.plugins == {"aws": {"prefix": "p/"}}
    assert set(found.origins.values()) == {str(path)}


def test_a_variable_goes_before_the_file(
    config: Config, monkeypatch: pytest.MonkeyPatch, alone: Path
) -> None:
    config('[secrets]\nenvironment = "prod"\nfolder = "/srv"\n')
    assert load().environment == "prod"
    monkeypatch.setenv("MODELBOOK_ENV", "dev")
    monkeypatch.setenv("MODELBOOK_SECRETS", "keys")
    monkeypatch.setenv("MODELBOOK_CHAIN", " file , sops ")
    monkeypatch.setenv("MODELBOOK_PACKAGE", "  ")
    found = load()
    assert (found.environment, found.folder) == ("dev", str(alone / "keys"))
    assert (found.chain, found.packages) == (("file", "sops"), ("modelbook_catalog",))
    assert found.origins["environment"] == "MODELBOOK_ENV"
    monkeypatch.chdir("/")
    assert load().folder == "/keys"
    config('[secrets]\nsops = "/other"\n')
    assert load().sops == "/other"


WRONG = {
    "no toml": "[secrets\nkey = 'CANARY'",
    "not utf-8": b"[secrets]\nenvironment = '\xff'",
    "no table": "secrets = 1",
    "unknown": '[secrets]\nenvironmnet = "prod"',
    "no text": "[secrets]\nenvironment = 1",
    "no list": '[secrets]\nchain = "sops"',
    "no texts": "[secrets]\nchain = [1]",
    "no truth": '[secrets]\nallow_key_services = "yes"',
    "empty": '[secrets]\nfolder = ""',
    "relative": '[secrets]\nfolder = "keys"',
    "twice": '[secrets]\nchain = ["sops", "sops"]',
    "plug-in": "[secrets.aws]\nprefix = 1",
    "deep": "[secrets]\nchain = " + "[" * 5000,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_configuration_without_meaning(write: Callable[..., Path], name: str) -> None:
    path = write("config/modelbook/config.toml", WRONG[name])
    with pytest.raises(SecretSettingsError) as caught:
        load()
    assert str(path) in str(caught.value)
    assert "CANARY" not in str(caught.value)
    assert caught.value.hint


def test_a_configuration_that_is_not_the_users(config: Config, tmp_path: Path) -> None:
    path = config("[secrets]\n")
    path.chmod(0o646)
    with pytest.raises(SecretSettingsError, match="can be written by everybody"):
        load()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SecretSettingsError, match="no regular file"):
        load()


def test_wrong_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELBOOK_CONFIG", "/no/such.toml")
    with pytest.raises(SecretSettingsError, match="no such file"):
        load()
    monkeypatch.delenv("MODELBOOK_CONFIG")
    monkeypatch.setenv("MODELBOOK_CHAIN", ",")
    with pytest.raises(SecretSettingsError, match="MODELBOOK_CHAIN"):
        load()
    monkeypatch.delenv("MODELBOOK_CHAIN")
    monkeypatch.setenv("MODELBOOK_ENV", "../dev")
    with pytest.raises(SecretNameError):
        load()


# Places


def tree(root: Path, *environments: str) -> Path:
    """Make a folder of encrypted files without files."""
    root.mkdir(exist_ok=True)
    (root / ".sops.yaml").write_text("creation_rules: []\n")
    for name in ("", *environments):
        (root / "secrets" / name).mkdir()
    return root


def test_the_first_folder_upward(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert places.find(Settings()) is None
    tree(alone, "dev")
    below = alone / "a" / "secrets"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    found = places.find(Settings())
    assert found is not None
    assert found.root == alone
    assert places.environment(Settings(), alone) == "dev"


def test_a_named_folder_goes_before(alone: Path, tmp_path: Path) -> None:
    tree(alone)
    named = tree(tmp_path / "named", "dev", "prod")
    chosen = Settings(folder=str(named), origins={"folder": "MODELBOOK_SECRETS"})  # type: ignore[arg-type]
    found = places.find(chosen)
    assert found is not None
    assert (found.root, found.how) == (named, "MODELBOOK_SECRETS")
    explicit = places.find(chosen, alone)
    assert explicit is not None
    assert explicit.root == alone
    with pytest.raises(SecretSettingsError, match=r"has no `\.sops\.yaml`"):
        places.find(Settings(), tmp_path)


def test_which_environment(tmp_path: Path) -> None:
    root = tree(tmp_path / "root", "dev", "prod")
    (root / "secrets" / "Not-A-Name").mkdir()
    (root / "secrets" / "file").write_text("")
    (root / "secrets" / "link").symlink_to("dev")
    assert places.environments(root) == ("dev", "prod")
    with pytest.raises(SecretSettingsError, match="which of dev, prod"):
        places.environment(Settings(), root)
    assert places.environment(Settings(environment="prod"), root) == "prod"
    assert places.environment(Settings(environment="prod"), root, "dev") == "dev"
    with pytest.raises(SecretSettingsError) as caught:
        places.present(root, "prd")
    assert "prod" in caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("part", ["", ".sops.yaml", "secrets"])
def test_a_folder_of_others_is_refused(alone: Path, part: str) -> None:
    tree(alone, "dev")
    os.chown(alone / part, 65534, -1)
    with pytest.raises(SecretSourceError, match="another user"):
        places.find(Settings())
    assert places.find(Settings(), alone) is not None


@pytest.mark.parametrize("part", ["", ".sops.yaml", "secrets"])
def test_a_folder_that_everybody_can_write_is_refused(alone: Path, part: str) -> None:
    tree(alone, "dev")
    (alone / part).chmod(0o777)
    with pytest.raises(SecretSourceError, match="by everybody"):
        places.find(Settings())


def test_a_link_in_the_way_is_refused(alone: Path, tmp_path: Path) -> None:
    other = tree(tmp_path / "other", "dev")
    (alone / ".sops.yaml").symlink_to(other / ".sops.yaml")
    (alone / "secrets").symlink_to(other / "secrets")
    with pytest.raises(SecretSourceError, match="not what it is called"):
        places.find(Settings())
