"""S27: writers beside writers and readers, killed writers, a full disk, a closed folder."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from modelbook.secrets import keepers
from modelbook.secrets.errors import SopsError, SopsTimeoutError
from modelbook.secrets.folder import Folder
from modelbook.secrets.writing import LEFT, alone, temporary, write

from .conftest import Person, a_key

WRITERS = 20
ROUNDS = 5
READS = 60
SCRIPT = Path(__file__).with_name("writers.py")


@contextmanager
def started(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Start writers in processes of their own; wait for them."""
    argv = [sys.executable, str(SCRIPT), *map(str, arguments)]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process


def output(*arguments: object) -> str:
    """Return what a writer prints; it prints nothing to standard error."""
    with started(*arguments) as process:
        out, err = process.communicate(timeout=60)
    assert err == ""
    assert process.returncode == 0
    return out


def left(folder: Folder) -> list[str]:
    """Return what is in the folder of the environment beside files of secrets."""
    return [one.name for one in folder.path.iterdir() if not one.name.endswith(".sops.yaml")]


def opened_meanwhile(folder: Folder, vendor: str, process: subprocess.Popen[str]) -> int:
    """Read a file, past the cache, while a process runs; return how often, at most `READS`."""
    reads = 0
    while reads < READS and process.poll() is None:
        if (folder.path / f"{vendor}.sops.yaml").exists():
            assert folder.read(vendor)
            reads += 1
    return reads


@pytest.mark.slow
def test_S27_writers_of_one_file_lose_nothing_and_readers_never_fail(folder: Folder) -> None:
    with started("many", folder.root, WRITERS, ROUNDS, "together") as process:
        reads = opened_meanwhile(folder, "round-0", process)
        out, err = process.communicate(timeout=60)
    assert (out, err) == (f"{WRITERS}\n", "")
    wanted = [f"name_{number:02}" for number in range(WRITERS)]
    for turn in range(ROUNDS):
        assert sorted(folder.read(f"round-{turn}")) == wanted
    assert reads == READS
    assert left(folder) == []


def test_S27_writers_of_different_files(folder: Folder) -> None:
    assert output("many", folder.root, WRITERS, 1, "apart") == f"{WRITERS}\n"
    assert len(folder.vendors()) == WRITERS + 1
    assert list(folder.read("round-0-7")) == ["name_07"]
    assert left(folder) == []


def test_S27_a_writer_killed_at_any_moment_leaves_a_whole_file(folder: Folder) -> None:
    found, bad = map(int, output("killed", folder.root, 15, 1).split())
    assert bad == 0
    assert found <= 15
    write(folder, "openai", lambda now: {**now, "last": a_key(name="last")})
    assert "last" in folder.read("openai")
    assert left(folder) == []


@pytest.mark.parametrize(("call", "number"), [("fsync", 1), ("fsync", 2), ("replace", 1)])
def test_S27_a_writer_killed_at_a_step(folder: Folder, file: Path, call: str, number: int) -> None:
    before = file.read_bytes()
    assert output("killed_at", folder.root, call, number) == "9\n"
    rest = left(folder)
    assert len(rest) == (0 if (call, number) == ("fsync", 2) else 1)  # after the rename
    for name in rest:
        assert LEFT.match(name)
        assert "CANARY" not in (folder.path / name).read_text()
        assert (folder.path / name).stat().st_mode & 0o077 == 0
    assert (file.read_bytes() == before) is bool(rest)
    assert "api_key" in folder.read("openai")
    write(folder, "openai", lambda now: {**now, "last": a_key(name="last")})
    assert left(folder) == []


def test_S27_a_full_disk_leaves_the_old_file(folder: Folder, file: Path) -> None:
    before = file.read_bytes()
    for room in (0, 100, len(before) - 1, len(before) + 100):
        kind, message, hint = output("full", folder.root, room).splitlines()
        assert kind == "SopsError"
        assert "openai" in message
        assert "disk" in hint
        assert file.read_bytes() == before
        assert left(folder) == []
    assert output("full", folder.root, 10 * len(before)) == ""
    assert sorted(folder.read("openai")) == ["api_key", "more"]


def test_S27_a_folder_that_must_not_be_written(folder: Folder, file: Path) -> None:
    before = file.read_bytes()
    folder.path.chmod(0o500)
    try:
        kind, message, hint = output("closed", folder.root).splitlines()
    finally:
        folder.path.chmod(0o700)
    assert kind == "SopsError"
    assert "Permission denied" in message
    assert hint
    assert file.read_bytes() == before


def test_S27_who_waits_for_another_writer_too_long_is_told(folder: Folder) -> None:
    descriptor = os.open(folder.path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(SopsTimeoutError, match="somebody else") as caught, alone(folder, 0.05):
            pass
    finally:
        os.close(descriptor)
    assert caught.value.hint
    with alone(folder, 0.05):
        pass


def test_S27_left_overs_of_others_are_removed_and_nothing_else(folder: Folder) -> None:
    temporary(folder, "openai").write_text("old")
    (folder.path / ".mine.tmp.yaml").write_text("kept")
    with alone(folder):
        assert left(folder) == [".mine.tmp.yaml"]


def test_a_write_has_a_data_key_that_nobody_has_seen(folder: Folder, file: Path) -> None:
    def ciphertexts() -> set[str]:
        return set(re.findall(r"ENC\[[^\]]*\]|\n +[A-Za-z0-9+/=]{64}\n", file.read_text()))

    before = ciphertexts()
    write(folder, "openai", lambda now: {**now, "other": a_key(name="other")})
    assert not before & ciphertexts()


def test_readers_beside_a_change_of_recipients_never_fail(
    folder: Folder, people: dict[str, Person]
) -> None:
    for number in range(8):
        vendor = f"vendor-{number}"
        write(folder, vendor, lambda _, vendor=vendor: {"api_key": a_key(vendor)})
    failed: list[BaseException] = []
    reads = 0
    done = threading.Event()

    def read() -> None:
        nonlocal reads
        while not done.is_set():
            try:
                folder.read("vendor-7")
                reads += 1
            except SopsError as error:
                failed.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    keepers.add_recipient(folder.root, "prod", people["eve"].public, folder.tool)
    keepers.remove_recipient(folder.root, "prod", people["eve"].public, folder.tool)
    done.set()
    reader.join()
    assert (failed, reads > 3) == ([], True)
