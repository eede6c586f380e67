"""Mounted files, files of keys in four forms, plug-ins, and what `available_only` sees of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook.catalog import Catalog
from modelbook.package import find
from modelbook.secrets import SecretNotFoundError, SecretSourceError, dotenv, get
from modelbook.secrets.keyfile import values
from modelbook.secrets.reading import Content, Fault

ID, NAME = "openai/api_key", "OPENAI_API_KEY"
KEY = "CANARY" + "source-0123456789"
Write = Callable[..., Path]
Config = Callable[[str], Path]


@pytest.mark.parametrize("name", [NAME, NAME.lower(), "openai_api_key"])
def test_a_mounted_file(config: Config, write: Write, tmp_path: Path, name: str) -> None:
    config(f'[secrets]\nmounts = ["{tmp_path}/mounts"]\n')
    path = write(f"mounts/{name}", KEY + "\n", 0o444)
    found = get(ID)
    assert (found.reveal(), found.source) == (KEY, f"mounted: {path}")


def test_a_mounted_file_may_be_a_link_as_kubernetes_makes_them(
    config: Config, write: Write, tmp_path: Path
) -> None:
    config(f'[secrets]\nmounts = ["{tmp_path}/mounts"]\n')
    write(f"mounts/..data/{NAME}", KEY, 0o644)
    (tmp_path / "mounts" / NAME).symlink_to(f"..data/{NAME}")
    assert get(ID).reveal() == KEY


def test_a_file_that_a_variable_names(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{NAME}_FILE", str(write("key", KEY, 0o400)))
    assert get(ID).reveal() == KEY


def test_credentials_of_systemd(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(write(f"creds/{NAME}", KEY, 0o400).parent))
    assert get(ID).reveal() == KEY
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "creds")
    with pytest.raises(SecretNotFoundError):
        get(ID)


FORMS = {
    "k.env": "# ours\nexport {name}='{key}' # new\nOTHER=x\n",
    ".env": '{name}="{key}"\r\n',
    "keys": "{name}={key}",
    "k.toml": '"{name}" = "{key}"\nOTHER = "x"\n',
    "k.json": '{{"{name}": "{key}", "OTHER": ""}}',
    "k.yaml": "# ours\n{name}: {key}\nOTHER:\n",
    "k.yml": '"{name}": "{key}"\n',
}


@pytest.mark.parametrize("name", [NAME, ID])
@pytest.mark.parametrize("file", FORMS)
def test_a_file_of_keys(
    write: Write, monkeypatch: pytest.MonkeyPatch, file: str, name: str
) -> None:
    path = write(file, FORMS[file].format(name=name, key=KEY))
    monkeypatch.setenv("MODELBOOK_KEYS_FILE", str(path))
    found = get(ID)
    assert (found.reveal(), found.source) == (KEY, f"file: {path} ({name})")


@pytest.mark.parametrize("file", FORMS)
def test_a_file_of_keys_may_lack_one(
    write: Write, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    path = write(file, FORMS[file].format(name=NAME, key=""))
    monkeypatch.setenv("MODELBOOK_KEYS_FILE", str(path))
    with pytest.raises(SecretNotFoundError):
        get(ID)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_keys_of_somebody_else(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("k.env", f"{NAME}={KEY}")
    os.chown(path, 65534, -1)
    monkeypatch.setenv("MODELBOOK_KEYS_FILE", str(path))
    with pytest.raises(SecretSourceError, match="another user"):
        get(ID)


def test_the_line_is_told_and_not_repeated(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    for file, text, line in [
        ("k.env", f"A=1\n\n{NAME}={KEY} {KEY}\n", 3),
        ("k.toml", f'A = "1"\n{NAME} = {KEY}\n', 2),
        ("k.json", f'{{"A": "1",\n"{NAME}": {KEY}}}', 2),
        ("k.yaml", f"A: '1'\n{NAME}: [{KEY}]\n", 2),
    ]:
        path = write(file, text)
        monkeypatch.setenv("MODELBOOK_KEYS_FILE", str(path))
        with pytest.raises(SecretSourceError) as caught:
            get(ID)
        assert f"{path}:{line}" in str(caught.value)
        assert "CANARY" not in str(caught.value)


@given(st.one_of(st.text(), st.text("AB_=\"' #$\\\n\rexport\t;`")), st.sampled_from([*FORMS]))
def test_any_text_is_values_or_a_fault(text: str, file: str) -> None:
    found = values(Content(text.encode("utf-8", "surrogatepass")), file)
    assert isinstance(found, Fault) or all(found.get(name) for name in found.names())


@given(st.binary(), st.sampled_from([*FORMS]))
def test_any_bytes_are_values_or_a_fault(data: bytes, file: str) -> None:
    assert values(Content(data), file) is not None


SHELL = st.lists(
    st.sampled_from(
        [
            "A=x", "export B=y#z", "C='a b $x \\ \"'", 'D="a\\"b \\$x"', "E=", "F=x # note",
            "# note", "", "G='x'# no", "H=x;echo", "I=$HOME", "J=a b", "K='x'y", "L=~x", "M=#x",
            "N=-._/+=:,@%^", "O=a=b", 'P="x\\y"', "Q=x\\y", "R=(x)", "S='un", "T=`id`",
        ]
    ),
    max_size=4,
    unique=True,
)  # fmt: skip


@given(SHELL)
def test_what_is_read_of_a_dotenv_is_what_a_shell_reads(lines: list[str]) -> None:
    found = dotenv.parse("\n".join(lines))
    if isinstance(found, Fault) or not found:
        return
    script = "set -a\n" + "\n".join(lines) + "\nexec env -0"
    told = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True, env={})
    shell = dict(one.split("=", 1) for one in told.stdout.decode().split("\0") if one)
    assert {name: shell[name] for name in found} == found


def test_a_dotenv_of_one_long_line_takes_no_time() -> None:
    assert isinstance(dotenv.parse("A=" + "x " * 100_000 + "'"), Fault)
    assert dotenv.parse("A=" + "x" * 100_000) == {"A": "x" * 100_000}


# Plug-ins


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that installs a plug-in with some code, and puts it into the chain."""

    def installed(code: str) -> None:
        module = f"a_plugin_{os.urandom(4).hex()}"
        folder = tmp_path / "site"
        info = folder / "a_plugin-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / f"{module}.py").write_text(code)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a-plugin\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            f"[modelbook.secret_sources]\nvault = {module}:Source\nsops = {module}:Source\n"
        )
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setenv("MODELBOOK_CHAIN", "environment,vault")

    return installed


CODE = """
from modelbook.secrets.sources import Found
class Source:
    name, fresh = "vault", 0.0
    def get(self, declaration, context):
        {body}
    def looked(self, declaration, context):
        return "in the vault"
"""


def test_a_plugin_answers(plugin: Callable[[str], None]) -> None:
    plugin(CODE.format(body=f"return Found(value={KEY!r}, where='vault: ' + declaration.id)"))
    found = get(ID)
    assert (found.reveal(), found.source) == (KEY, f"vault: {ID}")


def test_a_plugin_has_nothing(plugin: Callable[[str], None]) -> None:
    plugin(CODE.format(body="return None"))
    with pytest.raises(SecretNotFoundError, match="vault: in the vault"):
        get(ID)


@pytest.mark.parametrize(
    "code",
    [
        CODE.format(body=f"raise RuntimeError({KEY!r})"),
        CODE.format(body=f"return {KEY!r}"),
        "Source = 5",
        "class Source:\n    def __init__(self, x): pass",
        f"raise ValueError({KEY!r})",
        "",
    ],
)
def test_a_plugin_that_fails_stops_the_chain(plugin: Callable[[str], None], code: str) -> None:
    plugin(code)
    with pytest.raises(SecretSourceError, match="the plug-in failed") as caught:
        get(ID)
    error: BaseException | None = caught.value
    while error is not None:
        assert "CANARY" not in repr(error)
        error = error.__context__


def test_a_plugin_does_not_take_the_name_of_ours(
    plugin: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin("raise SystemExit('loaded')")
    monkeypatch.setenv("MODELBOOK_CHAIN", "sops")
    with pytest.raises(SecretNotFoundError):
        get(ID)


# What is within reach


def providers(book: Catalog) -> set[str]:
    """Return the providers within reach."""
    found = find(book, "text-generation", available_only=True, include_self_hosted=False)
    return {one.provider for one in found}


def test_reach_sees_a_mounted_file_and_a_file_of_keys(
    fifteen: tuple[Catalog, Path],
    config: Config,
    write: Write,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = fifteen[0]
    assert not providers(book)
    config(f'[secrets]\nmounts = ["{tmp_path}/mounts"]\n')
    write(f"mounts/{NAME}", KEY)
    assert providers(book) == {"openai"}
    path = write("k.env", f"GROQ_API_KEY={KEY}\n")
    monkeypatch.setenv("MODELBOOK_KEYS_FILE", str(path))
    assert providers(book) == {"openai", "groq"}
    path.chmod(0o644)
    found = find(book, "text-generation", provider="groq", available_only=True)
    assert not found
    told = [one.text for one in found.excluded if one.id.startswith("groq:")]
    assert "cannot be used: secret-source" in str(told)
    assert "CANARY" not in str(found.excluded)


def test_reach_imports_nothing_of_secrets_when_a_variable_answers(root: Path) -> None:
    code = (
        "import os, sys; os.environ['OPENAI_API_KEY'] = 'x'\n"
        "from modelbook_catalog import get_models_for_pipeline as g\n"
        "g('text-generation', provider='openai', available_only=True, include_self_hosted=False)\n"
        "print([name for name in sys.modules if 'modelbook.secrets' in name])\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.stdout == "[]\n", told.stderr
