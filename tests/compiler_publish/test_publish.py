"""plan, check, diff, carry_out and recover: interrupted at every step, and lied to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from modelbook_compiler import files, publish
from modelbook_compiler.artifacts import Artifact
from modelbook_compiler.files import SUFFIX
from modelbook_compiler.publish import GENERATED, JOURNAL, carry_out, check, diff, plan, recover

G = GENERATED + b"\n"
OLD = {"p/a.py": G + b"a1", "p/b.py": G + b"b1", "p/sub/gone.py": G + b"g1", "p/same.py": G}
NEW = {"p/a.py": G + b"a2", "p/b.py": G + b"b2", "p/new/c.py": G + b"c2", "p/same.py": G}


class Killed(BaseException):
    """Stands for the end of the process: nothing that handles errors sees it."""


def artifacts(content: dict[str, bytes]) -> list[Artifact]:
    """Return some content as artefacts."""
    return [Artifact(path, data) for path, data in content.items()]


def put(folder: Path, content: dict[str, bytes]) -> None:
    """Write files as they are."""
    for path, data in content.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def present(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with old output, and a file of somebody else."""
    put(tmp_path / "out", {**OLD, "theirs.py": b"t"})
    return tmp_path / "out"


def test_a_plan_lists_what_differs_and_what_is_left_over(folder: Path) -> None:
    found = plan(folder, artifacts(NEW), owned=["p"])
    assert [one.path for one in found.write] == ["p/a.py", "p/b.py", "p/new/c.py"]
    assert (found.remove, found.changes) == (("p/sub/gone.py",), 4)


def test_what_no_compile_wrote_is_told_and_never_removed(folder: Path) -> None:
    put(folder, {"p/notes.txt": b"mine", "p/mine.py": b"x = 1", "p/sub/py.typed": b""})
    found = plan(folder, artifacts(NEW), owned=["p"])
    assert found.remove == ("p/sub/gone.py", "p/sub/py.typed")
    assert found.foreign == ("p/mine.py", "p/notes.txt")
    told = [(one.code, one.path) for one in check(found, "out")][-2:]
    assert told == [("MB402", "out/p/mine.py"), ("MB402", "out/p/notes.txt")]
    carry_out(found)
    assert (folder / "p/notes.txt").read_bytes() == b"mine"
    assert plan(folder, artifacts(NEW), owned=[]).remove == ()


def test_caches_journals_and_prepared_files_are_no_output(folder: Path) -> None:
    for path in (f"p/{JOURNAL}", "p/__pycache__/a.pyc", f"p/x.py{SUFFIX}", f"p/y{SUFFIX}/z"):
        put(folder, {path: b""})
    assert plan(folder, artifacts(OLD), owned=["p"]).changes == 0


def test_carrying_out_writes_removes_and_leaves_the_rest(folder: Path) -> None:
    put(folder, {"p/sub/__pycache__/gone.pyc": b""})
    carry_out(plan(folder, artifacts(NEW), owned=["p"]))
    assert present(folder) == {**NEW, "theirs.py": b"t"}
    assert not (folder / "p/sub").exists()
    assert plan(folder, artifacts(NEW), owned=["p"]).changes == 0


def test_what_is_the_same_is_not_touched(folder: Path) -> None:
    before = (folder / "p/same.py").stat()
    carry_out(plan(folder, artifacts(NEW), owned=["p"]))
    assert (folder / "p/same.py").stat() == before


def test_check_says_what_is_wrong_with_each_file(folder: Path) -> None:
    put(folder, {JOURNAL: b"{}"})
    found = [(one.code, one.path) for one in check(plan(folder, artifacts(NEW), ["p"]), "out")]
    assert found == [
        ("MB403", f"out/{JOURNAL}"),
        ("MB401", "out/p/a.py"),
        ("MB401", "out/p/b.py"),
        ("MB401", "out/p/new/c.py"),
        ("MB402", "out/p/sub/gone.py"),
    ]


def test_diff_shows_all_of_it(folder: Path) -> None:
    shown = diff(plan(folder, artifacts(NEW), ["p"]), "out")
    assert "--- out/p/a.py\n+++ out/p/a.py\n@@ -1,2 +1,2 @@\n" in shown
    assert "-a1+a2" in shown
    assert "-g1" in shown
    assert "+c2" in shown


STEPS = [
    (publish, "write_whole"),
    (publish, "sync_folder"),
    (files.os, "fsync"),
    (Path, "mkdir"),
    (Path, "replace"),
    (Path, "unlink"),
    (publish.shutil, "rmtree"),
]


def interrupted(
    patch: pytest.MonkeyPatch, place: Any, name: str, nth: int, after: bool
) -> Callable[[], bool]:
    """Let the nth call of a function end the process, before or after its work."""
    real = getattr(place, name)
    calls = 0

    def fake(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            raise Killed
        outcome = real(*args, **options)
        if calls == nth:
            raise Killed
        return outcome

    patch.setattr(place, name, fake)
    return lambda: calls >= nth


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("place", "name"), STEPS, ids=lambda one: getattr(one, "__name__", one))
def test_interrupted_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, after: bool
) -> None:
    for nth in range(1, 40):
        folder = tmp_path / str(nth)
        put(folder, OLD)
        with monkeypatch.context() as patch:
            reached = interrupted(patch, place, name, nth, after)
            with suppress(Killed):
                carry_out(plan(folder, artifacts(NEW), ["p"]))
        seen = {k: v for k, v in present(folder).items() if not k.endswith(SUFFIX)}
        accepted = not list(check(plan(folder, artifacts(NEW), ["p"]), "out"))
        assert accepted == (seen == NEW)
        assert seen in (OLD, NEW) or JOURNAL in seen
        recover(folder, ["p"])
        assert present(folder) in (OLD, NEW)
        carry_out(plan(folder, artifacts(NEW), ["p"]))
        assert present(folder) == NEW
        if not reached():
            assert nth > 1
            return
    pytest.fail("the steps do not end")


def test_recovery_may_be_interrupted_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("replace", "unlink"):
        with monkeypatch.context() as patch:
            interrupted(patch, Path, name, 2, after=True)
            with pytest.raises(Killed):
                carry_out(plan(folder, artifacts(NEW), ["p"]))
        with monkeypatch.context() as patch:
            interrupted(patch, Path, "unlink", 1, after=False)
            with pytest.raises(Killed):
                recover(folder, ["p"])
        recover(folder, ["p"])
        assert present(folder) == {**NEW, "theirs.py": b"t"}
        put(folder, OLD)
        (folder / "p/new/c.py").unlink()


def test_recovery_forgets_what_was_prepared_without_a_journal(folder: Path) -> None:
    put(folder, {f"p/a.py{SUFFIX}": b"half", f".x{SUFFIX}/models.ndjson": b"", "p/b.new": b"t"})
    assert not recover(folder, ["p"])
    assert present(folder) == {**OLD, "theirs.py": b"t", "p/b.new": b"t"}


def test_recovery_of_nothing(tmp_path: Path) -> None:
    assert not recover(tmp_path, ["p"])
    assert not recover(tmp_path / "nowhere", ["p"])
    assert not list(tmp_path.iterdir())


HOSTILE: list[Any] = [
    "../victim",
    "p/../../victim",
    "/etc/hostname",
    "link/victim",
    ".",
    "..",
    "",
    "p",
    "p/",
    "p//a.py",
    "p/a.py/x",
    "p/a\0.py",
    7,
    None,
    ["p/a.py"],
]
DAMAGED = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[]",
    b"7",
    b"null",
    b"{}",
    b'{"write": []}',
    b'{"write": 1, "remove": 1}',
    b'{"write": {}, "remove": "p"}',
    b"[" * 100_000,
]


def journals() -> Iterator[bytes]:
    """Yield journals that nobody should follow."""
    yield from DAMAGED
    for path in HOSTILE:
        yield json.dumps({"write": [path], "remove": []}).encode()
        yield json.dumps({"write": [], "remove": [path]}).encode()
        yield json.dumps({"write": ["p/a.py", path], "remove": ["p/b.py", path]}).encode()


@pytest.mark.parametrize("content", list(journals()), ids=lambda one: repr(one[:60]))
def test_a_damaged_or_hostile_journal_touches_nothing_outside(folder: Path, content: bytes) -> None:
    outside = {"victim": b"v", f"victim{SUFFIX}": b"bad", "elsewhere/victim": b"v"}
    put(folder.parent, outside)
    (folder / "link").symlink_to(folder.parent / "elsewhere")
    put(folder, {f"p/a.py{SUFFIX}": b"a1", JOURNAL: content})
    assert recover(folder, ["p"])
    kept = present(folder.parent)
    assert {path: kept.get(path) for path in outside} == outside
    assert not (folder / JOURNAL).exists()
    assert (folder / "theirs.py").read_bytes() == b"t"
    carry_out(plan(folder, artifacts(NEW), ["p"]))
    assert plan(folder, artifacts(NEW), ["p"]).changes == 0


def test_a_folder_where_a_file_belongs_is_an_error_not_a_mixture(folder: Path) -> None:
    put(folder, {"p/new/c.py/x": b""})
    with pytest.raises(OSError, match=r"c\.py"):
        carry_out(plan(folder, artifacts(NEW), ["p"]))
    assert list(check(plan(folder, artifacts(NEW), ["p"]), "out"))


def pipe(path: Path) -> None:
    """Put a named pipe there: who opens it to read waits for ever."""
    os.mkfifo(path)


def endless(path: Path) -> None:
    """Put a file there that is larger than the memory."""
    path.touch()
    os.truncate(path, 2**40)


def zeros(path: Path) -> None:
    """Put a link to a device there that never ends."""
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", [pipe, endless, zeros])
@pytest.mark.parametrize("name", ["p/a.py", JOURNAL, f"p/a.py{SUFFIX}", f"{JOURNAL}{SUFFIX}"])
def test_what_never_ends_is_not_read(folder: Path, kind: Callable[[Path], None], name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    kind(folder / name)
    found = plan(folder, artifacts(NEW), owned=["p"])
    assert list(check(found, "out"))
    assert "+a2" in diff(found, "out")
    carry_out(found)
    assert present(folder) == {**NEW, "theirs.py": b"t"}
    assert not os.path.lexists(folder / JOURNAL)


def test_what_others_prepare_below_a_folder_is_not_cleared(tmp_path: Path) -> None:
    for name in ("notes/deep", "p/sub"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / f"report{SUFFIX}").write_text("x")
    assert not recover(tmp_path, ["p"])
    assert (tmp_path / "notes/deep" / f"report{SUFFIX}").exists()
    assert not (tmp_path / "p/sub" / f"report{SUFFIX}").exists()
