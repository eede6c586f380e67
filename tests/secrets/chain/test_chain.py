"""Which source answers: the first that has the secret; what is broken ends the search (R1)."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook.secrets import (
    Secret,
    SecretError,
    SecretNameError,
    SecretNotFoundError,
    SecretSettingsError,
    SecretSourceError,
    SecretUnknownError,
    SecretValueError,
    SecretWarning,
    chain,
    explain,
    get,
    sources,
)
from modelbook.secrets.declared import declared, every
from modelbook.secrets.sources import Context, Found

ID = "openai/api_key"
NAME = "OPENAI_API_KEY"


def key(kind: str) -> str:
    """Return a value that tells where it was put."""
    return "CANARY" + f"{kind}-0123456789"


class Last:
    """A source of a plug-in."""

    name = "last"
    fresh = 0.0

    def get(self, declaration: object, context: Context) -> Found | None:
        """Return a key."""
        return Found(value=key("last"), where="last")

    def looked(self, declaration: object, context: Context) -> str:
        """Return where it looks."""
        return "in itself"


class Machine:
    """A machine on which sources are given keys, or broken."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tmp_path, self.monkeypatch = tmp_path, monkeypatch
        self.mounts, self.keys = tmp_path / "mounts", tmp_path / "keys.env"
        self.mounts.mkdir()
        path = tmp_path / "config" / "modelbook" / "config.toml"
        path.parent.mkdir(parents=True)
        path.write_text(f'[secrets]\nmounts = ["{self.mounts}"]\n')
        monkeypatch.setitem(sources._known, "last", Last())
        monkeypatch.setenv("MODELBOOK_CHAIN", "environment,mounted,file,last")

    def has(self, source: str) -> None:
        """Give a source a key of its own."""
        if source == "environment":
            self.monkeypatch.setenv(NAME, key(source))
        if source == "mounted":
            (self.mounts / NAME).write_text(key(source) + "\n")
        if source == "file":
            self.keys.write_text(f"{NAME}={key(source)}\n")
            self.keys.chmod(0o600)
            self.monkeypatch.setenv("MODELBOOK_KEYS_FILE", str(self.keys))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a machine whose chain ends in a source that always answers."""
    return Machine(tmp_path, monkeypatch)


ORDER = ("environment", "mounted", "file", "last")


@pytest.mark.parametrize(("first", "second"), [*itertools.combinations(ORDER, 2)])
def test_of_two_sources_the_earlier_answers(machine: Machine, first: str, second: str) -> None:
    machine.has(second)
    machine.has(first)
    found = get(ID)
    assert (found.reveal(), found.source.partition(":")[0]) == (key(first), first)
    told = {step.source: step for step in explain(ID).steps}
    assert told[first].state == "answers"
    assert [s.state for s in explain(ID).steps[: ORDER.index(first)]] == ["absent"] * ORDER.index(
        first
    )
    if second != "last":
        assert "ANOTHER value" in told[second].words
    assert "CANARY" not in str(explain(ID)) + repr(explain(ID))


def test_an_explicit_value_goes_before_all(machine: Machine) -> None:
    machine.has("environment")
    found = get(ID, value=key("given"))
    assert (found.reveal(), found.source) == (key("given"), "given")
    assert found.allowed_hosts == ("api.openai.com",)
    with pytest.raises(SecretValueError):
        get(ID, value="")
    with pytest.raises(SecretValueError):
        get(ID, value=b"x" * 20)  # type: ignore[arg-type]
    with pytest.raises(SecretUnknownError):
        get("openai/nothing_such", value=key("given"))


def breakages() -> dict[str, Callable[[Machine], object]]:
    """Return ways in which a source can hold a secret and not be believed."""

    def bad_file(text: bytes, mode: int = 0o600, name: str = "keys.env") -> Callable[..., None]:
        def broken(machine: Machine) -> None:
            path = machine.tmp_path / name
            path.write_bytes(text)
            path.chmod(mode)
            machine.monkeypatch.setenv("MODELBOOK_KEYS_FILE", str(path))

        return broken

    def bad_mount(text: bytes, mode: int = 0o400) -> Callable[..., None]:
        def broken(machine: Machine) -> None:
            (machine.mounts / NAME).write_bytes(text)
            (machine.mounts / NAME).chmod(mode)

        return broken

    good = f"{NAME}={key('broken')}\n".encode()
    return {
        "variable: no header": lambda m: m.monkeypatch.setenv(NAME, key("broken") + " x"),
        "mounted: no header": bad_mount(key("broken").encode() + b"\r\nX-Evil: 1\r\n"),
        "mounted: empty": bad_mount(b""),
        "mounted: no text": bad_mount(b"\xff\xfe" + key("broken").encode()),
        "mounted: too large": bad_mount(b"x" * 300_000),
        "mounted: anybody may write it": bad_mount(key("broken").encode(), 0o666),
        "mounted: folder": lambda m: (m.mounts / NAME).mkdir(),
        "mounted: fifo": lambda m: os.mkfifo(m.mounts / NAME),
        "mounted: loop": lambda m: (m.mounts / NAME).symlink_to(m.mounts / NAME),
        "mounted: named, not there": lambda m: m.monkeypatch.setenv(f"{NAME}_FILE", "/no/such"),
        "file: not there": lambda m: m.monkeypatch.setenv("MODELBOOK_KEYS_FILE", "/no/such.env"),
        "file: others may read it": bad_file(good, 0o640),
        "file: others may write it": bad_file(good, 0o602),
        "file: no line of a .env": bad_file(good + b"what is this\n"),
        "file: twice": bad_file(good + good),
        "file: value": bad_file(f"{NAME}='{key('broken')} x'".encode()),
        "file: toml": bad_file(f'{NAME} = "{key("broken")}'.encode(), name="k.toml"),
        "file: toml, no text": bad_file(b"X = 5", name="k.toml"),
        "file: json": bad_file(f'{{"{NAME}": "{key("broken")}"'.encode(), name="k.json"),
        "file: json, twice": bad_file(b'{"A": "x", "A": "y"}', name="k.json"),
        "file: json, deep": bad_file(b"[" * 100_000, name="k.json"),
        "file: json, list": bad_file(b'["x"]', name="k.json"),
        "file: yaml": bad_file(f"{NAME}: 'x\n{key('broken')}: [".encode(), name="k.yaml"),
        "file: yaml, deep": bad_file(b"[" * 100_000, name="k.yaml"),
        "file: yaml, tag": bad_file(b"A: !!python/name:os.system x", name="k.yaml"),
        "file: yaml, alias": bad_file(b"A: &a x\nB: *a", name="k.yaml"),
        "file: yaml, twice": bad_file(b"A: x\nA: y", name="k.yaml"),
        "file: yaml, number": bad_file(b"A: 12345678", name="k.yaml"),
        "file: yaml, two": bad_file(b"A: x\n---\nB: y", name="k.yaml"),
    }


def whole(error: BaseException) -> str:
    """Return everything that an error and its traceback show of our frames."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    shown = [str(one.locals) for one in told.stack if "modelbook/secrets" in one.filename]
    here: BaseException | None = error
    while here is not None:
        shown += [str(here), repr(here), repr(here.__dict__), getattr(here, "hint", "")]
        shown.append(str(getattr(here, "doc", "")))
        here = here.__context__
    return "\n".join(shown)


@pytest.mark.parametrize("how", breakages())
def test_after_a_source_that_fails_nobody_is_asked(machine: Machine, how: str) -> None:
    breakages()[how](machine)
    with pytest.raises(SecretError) as caught:
        get(ID)
    assert caught.value.code in ("secret-source", "secret-value")
    assert "CANARY" not in whole(caught.value)
    told = explain(ID)
    assert told.code == caught.value.code
    assert (told.answer, told.steps[-1].state) == (None, "not asked")
    assert [step.code for step in told.steps if step.state == "fails"] == [caught.value.code]
    assert "CANARY" not in str(told)


def test_what_is_absent_is_told(alone: Path) -> None:
    with pytest.raises(SecretNotFoundError) as caught:
        get(ID)
    for word in (NAME, f"{NAME}_FILE", "/run/secrets", "MODELBOOK_KEYS_FILE", ".sops.yaml"):
        assert word in str(caught.value)
    assert NAME in caught.value.hint


def test_a_blank_variable_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " \n")
    with pytest.raises(SecretNotFoundError):
        get(ID)
    step = explain(ID).steps[0]
    assert (step.state, step.words) == ("absent", f"{NAME} ({NAME} set, but blank)")


def test_a_changed_variable_is_seen_at_once(machine: Machine) -> None:
    machine.has("file")
    assert get(ID).reveal() == key("file")
    assert get(ID) is get(ID)  # kept for a moment
    machine.has("environment")
    assert get(ID).reveal() == key("environment")
    machine.monkeypatch.setenv(NAME, key("changed"))
    assert get(ID).reveal() == key("changed")
    machine.monkeypatch.delenv(NAME)
    assert get(ID).reveal() == key("file")
    machine.monkeypatch.delenv("MODELBOOK_KEYS_FILE")
    assert get(ID).reveal() == key("last")


def test_clear_forgets(machine: Machine) -> None:
    machine.has("file")
    assert get(ID).reveal() == key("file")
    machine.keys.write_text(f"{NAME}={key('newer')}")
    chain.clear()
    assert get(ID).reveal() == key("newer")


def test_two_variables_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", key("gemini"))
    monkeypatch.setenv("GOOGLE_API_KEY", key("google"))
    with pytest.warns(SecretWarning, match="GEMINI_API_KEY is taken") as caught:
        assert get("google/api_key").reveal() == key("gemini")
    assert "CANARY" not in str(caught[0].message)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get("google/api_key")  # once is enough
    assert "hold different values" in explain("google/api_key").steps[0].words
    monkeypatch.setenv("GOOGLE_API_KEY", key("gemini"))
    assert "different" not in str(explain("google/api_key"))


@pytest.mark.parametrize(
    "reference",
    [
        "../../etc/passwd",
        "openai/../x",
        "/abs",
        "openai/api_key\n",
        "open\u0430i/api_key",
        "%2e%2e",
        "a/b/c",
        "",
        "CANARY" + "pasted-in-the-wrong-place",
        None,
        [ID],
        b"openai/api_key",
    ],
)
def test_R1_what_is_no_name_is_not_looked_for(reference: str) -> None:
    for call in (get, explain):
        with pytest.raises(SecretNameError) as caught:
            call(reference)
        assert "CANARY" not in str(caught.value) + repr(caught.value.__dict__)


@pytest.mark.parametrize("name", ["../dev", "Prod", "", "a/b", "prod\n"])
def test_R1_what_is_no_environment(name: str) -> None:
    with pytest.raises(SecretNameError):
        get(ID, environment=name)


def test_no_such_slot_or_day() -> None:
    for wrong in ({"slot": "last"}, {"at": "2026-02-30"}, {"at": "today"}):
        with pytest.raises(SecretNameError):
            get(ID, **wrong)  # type: ignore[arg-type]


def test_only_the_source_of_the_current_key_is_asked_for_another(machine: Machine) -> None:
    machine.has("environment")
    with pytest.raises(SecretNotFoundError, match="has no next key: it comes from environment"):
        get(ID, slot="next")


def test_an_unknown_secret_names_the_nearest() -> None:
    with pytest.raises(SecretUnknownError) as caught:
        get("openai/apikey")
    assert caught.value.nearest[0] == ID


def test_an_unknown_source_names_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELBOOK_CHAIN", "environment,keyrin")
    with pytest.raises(SecretSettingsError) as caught:
        get(ID)
    assert "`keyring`" in caught.value.hint


# Declarations

PACKAGE = """
class catalog:
    class table:
        def __init__(self, name): self.SECRETS = {rows}
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, ...]]:
    """Return a function that installs catalog packages which declare some secrets."""

    def installed(*tables: object) -> tuple[str, ...]:
        names = tuple(f"own_catalog_{os.urandom(4).hex()}" for _ in tables)
        for name, rows in zip(names, tables, strict=True):
            (tmp_path / f"{name}.py").write_text(PACKAGE.format(rows=rows))
        monkeypatch.syspath_prepend(tmp_path)
        return names

    return installed


ROW = {"env": ("A_KEY",), "allowed_hosts": ("a.example",)}


def test_declarations_of_two_packages(packages: Callable[..., tuple[str, ...]]) -> None:
    both = packages({"a/key": ROW}, {"a/key": ROW, "b/key": {**ROW, "env": ("B_KEY",)}})
    assert declared("b/key", both).env == ("B_KEY",)
    assert declared("a/key", both).allowed_hosts == ("a.example",)
    assert [id for id, _ in every(both)] == ["a/key", "b/key"]
    with pytest.raises(SecretUnknownError):
        declared("c/key", both)


@pytest.mark.parametrize(
    "other",
    [
        {"a/key": {**ROW, "allowed_hosts": ("a.example", "evil.example")}},
        {"a/key": {**ROW, "env": ("A_KEY", "OPENAI_API_KEY")}},
        {"evil/key": {**ROW, "allowed_hosts": ("evil.example",)}},
    ],
)
def test_B2_packages_that_do_not_agree(
    packages: Callable[..., tuple[str, ...]], other: object
) -> None:
    both = packages({"a/key": ROW}, other)
    with pytest.raises(SecretSettingsError, match="do not agree"):
        declared("a/key", both)


@pytest.mark.parametrize("name", ["no_such_catalog", "json", "../x", "modelbook_catalog;"])
def test_no_such_package(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("MODELBOOK_PACKAGE", name)
    with pytest.raises(SecretSettingsError):
        get(ID)


def test_importing_is_cheap() -> None:
    code = (
        "import sys, modelbook.secrets as s; import os; os.environ['OPENAI_API_KEY']='x'*20;"
        "late = {'logging', 'tomllib', 'yaml', 'subprocess', 'pathlib', 'keyring', 'boto3'};"
        "before = late & {*sys.modules}; s.get('openai/api_key');"
        "print(sorted(before), sorted(late & {*sys.modules}), s.get)"
    )
    told = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stdout.startswith("[] []"), told.stdout + told.stderr


def test_the_public_names() -> None:
    import modelbook.secrets as package

    assert package.Secret is Secret
    for name in (*package.WHERE, "SopsTamperedError", "SecretSourceError"):
        assert getattr(package, name)
    with pytest.raises(AttributeError):
        package.SecretNothing  # noqa: B018
    assert issubclass(SecretSourceError, SecretError)
