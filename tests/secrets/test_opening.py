"""Finding and running sops: which one, how often, what it gets, and how it is stopped."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from modelbook.secrets import cache
from modelbook.secrets.errors import (
    SecretError,
    SopsError,
    SopsNotInstalledError,
    SopsTimeoutError,
    SopsTooOldError,
)
from modelbook.secrets.folder import Folder
from modelbook.secrets.sops import executable
from modelbook.secrets.sops.commands import Tool
from modelbook.secrets.writing import write

from .conftest import CANARY, a_key

ASKED = 'case "$*" in *--version*) echo "sops 3.11.0"; exit 0;; esac'


def program(path: Path, *lines: str) -> str:
    """Write a shell script; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return str(path)


def with_sops(folder: Folder, path: str, timeout: float = 20.0) -> Folder:
    """Return the same folder, opened by another program."""
    return Folder(folder.root, "prod", Tool(sops=path, timeout=timeout))


@pytest.fixture
def counted(folder: Folder, sops: str, tmp_path: Path) -> tuple[Folder, Callable[[], int]]:
    """A folder whose sops is counted, and how often it was started to decrypt."""
    log = tmp_path / "starts"
    log.touch()
    path = program(
        tmp_path / "counted", ASKED, f"echo x >> {log}", "sleep 0.1", f'exec {sops} "$@"'
    )
    return with_sops(folder, path), lambda: len(log.read_text().splitlines())


def test_threads_that_ask_at_once_start_sops_once(
    counted: tuple[Folder, Callable[[], int]],
) -> None:
    folder, starts = counted
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(cache.read(folder, "openai")))
        for _ in range(10)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert starts() == 1
    assert len(found) == 10
    assert all(one is found[0] for one in found)


def test_a_changed_file_is_seen_and_the_same_one_is_not_opened_again(
    counted: tuple[Folder, Callable[[], int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, starts = counted
    now = [1000.0]
    monkeypatch.setattr(cache.time, "monotonic", lambda: now[0])
    first = cache.read(folder, "openai")
    argv = [sys.executable, str(Path(__file__).with_name("writers.py")), "many"]
    (folder.path / "round-0.sops.yaml").unlink(missing_ok=True)
    subprocess.run([*argv, str(folder.root), "1", "1", "together"], check=True, capture_output=True)
    shutil.copyfile(folder.path / "openai.sops.yaml", folder.root / "same")
    now[0] += cache.FRESH
    assert cache.read(folder, "openai") is first
    assert starts() == 1
    Path(folder.root / "same").replace(folder.path / "openai.sops.yaml")  # another file, same bytes
    now[0] += cache.FRESH / 2
    assert cache.read(folder, "openai") is first
    now[0] += cache.FRESH / 2
    assert cache.read(folder, "openai") == first
    assert starts() == 2
    (folder.root / ".sops.yaml").write_text("creation_rules: []\n")
    now[0] += cache.FRESH
    for _ in range(2):  # an error is not kept, and neither is what was there before
        with pytest.raises(SecretError):
            cache.read(folder, "openai")


def test_a_write_of_ours_is_seen_at_once(folder: Folder) -> None:
    cache.read(folder, "openai")
    write(folder, "openai", lambda now: {**now, "more": a_key(name="more")})
    assert "more" in cache.read(folder, "openai")


FORKED = """
import os, sys
from modelbook.secrets import cache
from modelbook.secrets.folder import Folder
folder = Folder(sys.argv[1], "prod")
cache.read(folder, "openai")
assert cache._entries
child = os.fork()
if not child:
    os._exit(len(cache._entries))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_fork_keeps_no_decrypted_key(folder: Folder) -> None:
    argv = [sys.executable, "-c", FORKED, str(folder.root)]
    assert subprocess.run(argv, check=False).returncode == 0


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache of the user, and nothing found before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    executable.forget()
    yield tmp_path / "cache" / "modelbook"
    executable.forget()


@pytest.mark.usefixtures("fresh")
def test_the_path_is_searched_in_order_and_never_the_folder_one_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = program(tmp_path / "here" / "sops", f"touch {tmp_path}/ran; {ASKED}")
    first = program(tmp_path / "a" / "sops", ASKED)
    second = program(tmp_path / "b" / "sops", 'echo "sops 3.12.1"')
    monkeypatch.chdir(Path(here).parent)
    monkeypatch.setenv("PATH", f":.:here:{tmp_path}/none:{tmp_path}/a:{tmp_path}/b")
    assert executable.find().path == first
    monkeypatch.setenv("PATH", f".:{tmp_path}/b:{tmp_path}/a")
    assert executable.find() == executable.Executable(path=second, version=(3, 12, 1))
    assert executable.find(first).path == first
    for wrong in ("sops", "./sops", "here/sops", f"{tmp_path}/none/sops", str(tmp_path)):
        with pytest.raises(SopsNotInstalledError):
            executable.find(wrong)
    assert not (tmp_path / "ran").exists()


SAYS = {
    "too old": ('echo "sops 3.9.0"', "older than 3.11.0"),
    "not sops": ('echo "hello 3.11.0"', "does not say"),
    "garbage": ("head -c 1000 /dev/urandom", "does not say"),
    "fails": ('echo "sops 3.11.0"; exit 1', "does not say"),
    "silent": ("exit 0", "does not say"),
}


@pytest.mark.parametrize("what", SAYS)
def test_a_program_that_is_no_sops_of_ours(fresh: Path, tmp_path: Path, what: str) -> None:
    script, message = SAYS[what]
    path = program(tmp_path / "fake", script)
    for _ in range(2):  # a refusal is not remembered
        with pytest.raises(SopsTooOldError, match=message) as caught:
            executable.find(path)
        assert caught.value.hint
    assert not (fresh / "sops.json").exists()


def test_the_version_is_asked_once_and_again_when_the_program_changes(
    fresh: Path, tmp_path: Path
) -> None:
    log = tmp_path / "asked"
    path = program(tmp_path / "fake", f"echo x >> {log}", ASKED)
    for _ in range(3):
        executable.forget()
        executable.find(path)
    assert log.read_text() == "x\n"
    assert (fresh / "sops.json").stat().st_mode & 0o077 == 0
    program(tmp_path / "fake", f"echo x >> {log}", 'echo "sops 3.12.0"')
    executable.forget()
    assert executable.find(path).version == (3, 12, 0)
    for bad in ("{", "[]", json.dumps({path: {"stamp": [], "version": [9, 9, 9]}}), '{"a": 1}'):
        (fresh / "sops.json").write_text(bad)
        executable.forget()
        assert executable.find(path).version == (3, 12, 0)
    assert len(log.read_text()) == 2 * 6


@pytest.mark.usefixtures("sops")
def test_a_packaged_sops_that_must_not_be_run_is_copied(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / executable.BUNDLED
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    inside = package / "bin" / "sops"
    inside.write_text(f"#!/bin/sh\n{ASKED}\n")
    inside.chmod(0o644)
    monkeypatch.delitem(sys.modules, executable.BUNDLED, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    monkeypatch.setenv("PATH", "/nonexistent")

    real = Path.chmod

    def chmod(path: Path, mode: int) -> None:
        if path == inside:
            raise PermissionError(1, "Operation not permitted")
        real(path, mode)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "chmod", chmod)
        found = Path(executable.find().path)
        assert found.parent == fresh
        assert found.stat().st_mode & 0o777 == 0o700
        found.write_text("#!/bin/sh\ntouch /nonexistent/evil\n")  # its digest is another one now
        executable.forget()
        assert Path(executable.find().path).read_text() == inside.read_text()
    executable.forget()
    assert executable.find().path == str(inside)  # where we may, it is made to run in place


def sleepers(mark: str) -> list[str]:
    """Return the processes that have a mark in their arguments."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = one.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if mark in text:
            found.append(text)
    return found


def test_a_timeout_ends_all_that_sops_has_started(folder: Folder, tmp_path: Path) -> None:
    mark = f"300.{os.getpid()}{time.monotonic_ns() % 10**9}"
    script = (f"sleep {mark} &", f"(sleep {mark} & sleep {mark}) &", f"sleep {mark}")
    path = program(tmp_path / "fake", ASKED, *script)
    begun = time.monotonic()
    with pytest.raises(SopsTimeoutError):
        with_sops(folder, path, 0.4).read("openai")
    assert time.monotonic() - begun < 5
    until = time.monotonic() + 3
    while sleepers(mark) and time.monotonic() < until:
        time.sleep(0.02)
    assert sleepers(mark) == []


def test_a_file_that_is_refused_ends_sops_before_it_gets_anything(
    folder: Folder, tmp_path: Path
) -> None:
    got = tmp_path / "got"
    path = program(tmp_path / "fake", ASKED, f"cat > {got}.part; cp {got}.part {got}")
    target = folder.path / "openai.sops.yaml"
    target.write_text(target.read_text().replace("owner:", "other: x\n            owner:"))
    target.write_text(target.read_text().replace("^(value|seal)$", "^(seal)$"))
    for _ in range(5):
        with pytest.raises(SopsError, match="encrypted_regex"):
            with_sops(folder, path).read("openai")
    time.sleep(0.1)
    assert not got.exists()
    part = Path(f"{got}.part")
    assert not part.exists() or part.read_bytes() == b""


def test_a_flood_is_cut_off(folder: Folder, tmp_path: Path) -> None:
    path = program(tmp_path / "fake", ASKED, "exec yes 0123456789012345678901234567890123456789")
    begun = time.monotonic()
    with pytest.raises(SopsError, match="far more") as caught:
        with_sops(folder, path).read("openai")
    assert time.monotonic() - begun < 5
    assert not isinstance(caught.value, SopsTimeoutError)


@pytest.mark.parametrize("code", [0, 1, 2, 25, 51, 100, 128, 203])
def test_nothing_that_sops_says_comes_out(
    folder: Folder,
    tmp_path: Path,
    code: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    says = f"echo 'panic: {CANARY}' >&2; echo '{{\"prod\": \"{CANARY}\"'; exit {code}"
    path = program(tmp_path / "fake", ASKED, "cat > /dev/null", says)
    with pytest.raises(SopsError) as caught:
        with_sops(folder, path).read("openai")
    error: BaseException | None = caught.value
    text = "".join(traceback.format_exception(caught.value)) + caplog.text
    while error is not None:
        text += repr(error) + repr(error.args) + repr(error.__dict__)
        error = error.__cause__ or error.__context__
    out, err = capfd.readouterr()
    assert "CANARY" not in text + out + err
    assert caught.value.hint or code == 0


def test_sops_gets_these_variables_and_no_others(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    path = program(tmp_path / "fake", ASKED, f"cat /proc/$$/environ > {seen}; exit 1")
    for name in ("LD_PRELOAD_", "AWS_PROFILE", "SOPS_AGE_KEY_CMD", "SOPS_EDITOR", "PYTHONPATH"):
        monkeypatch.setenv(name, CANARY)
    with pytest.raises(SopsError):
        with_sops(folder, path).read("openai")
    names = {one.partition("=")[0] for one in seen.read_text().split("\0") if one}
    fixed = {"PATH", "SOPS_CONFIG", "SOPS_DISABLE_VERSION_CHECK", "SOPS_GPG_EXEC"}
    own = {"HOME", "XDG_CONFIG_HOME", "SOPS_AGE_KEY_FILE"}
    shell = {"PWD", "OLDPWD", "SHLVL", "_"}
    assert fixed <= names <= fixed | own | shell


LIES = {
    "writes nothing": ("cat > /dev/null", "no mapping"),
    "writes plain text": ("cat", "openai.sops.yaml"),
    "gives back the old file": ("cat > /dev/null; cat {target}", "something else"),
}


@pytest.mark.parametrize("what", LIES)
def test_what_sops_made_is_opened_before_it_takes_the_place_of_the_old_file(
    folder: Folder, sops: str, tmp_path: Path, what: str
) -> None:
    step, message = LIES[what]
    target = folder.path / "openai.sops.yaml"
    step = step.format(target=target)
    path = program(
        tmp_path / "fake",
        ASKED,
        f'case "$1" in encrypt) {step}; exit 0;; esac',
        f'exec {sops} "$@"',
    )
    before = target.read_bytes()
    with pytest.raises(SopsError, match=message):
        write(with_sops(folder, path), "openai", lambda now: {**now, "b": a_key(name="b")})
    assert target.read_bytes() == before
    assert [one.name for one in folder.path.iterdir()] == [target.name]
