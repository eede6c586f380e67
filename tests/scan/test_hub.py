"""Caches are read as huggingface_hub reads them, and broken ones further than it does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import scan_cache_dir
from modelbook.scan import hub

Seen = set[tuple[Any, ...]]
OTHER = "f" * 40


def theirs(root: Path) -> Seen:
    """Return what huggingface_hub sees in a cache."""
    return {
        (
            *(one.repo_id, one.repo_type, one.size_on_disk, one.nb_files),
            frozenset(
                (
                    *(rev.commit_hash, rev.size_on_disk, frozenset(rev.refs)),
                    frozenset(
                        (
                            file.file_path.relative_to(rev.snapshot_path).as_posix(),
                            file.size_on_disk,
                        )
                        for file in rev.files
                    ),
                )
                for rev in one.revisions
            ),
        )
        for one in scan_cache_dir(root).repos
    }


def repositories(root: Path) -> list[hub.Repository]:
    """Return the repositories of a cache."""
    return [hub.repository(one) for one in sorted(root.iterdir()) if hub.is_repository(one)]


def ours(root: Path) -> Seen:
    """Return what we see in a cache, in the same shape."""
    return {
        (
            *(one.id, one.kind, one.size, one.files),
            frozenset(
                (
                    *(rev.commit, rev.size, frozenset(rev.refs)),
                    frozenset((name, file.size) for name, file in rev.files.items()),
                )
                for rev in one.revisions
            ),
        )
        for one in repositories(root)
    }


@pytest.fixture
def cache(tmp_path: Path, make: Any) -> Path:
    """Return a cache with every sound layout."""
    make.cached(tmp_path, "org/linked", make.llama())
    make.cached(tmp_path, "org/plain", make.llama(), links=False)
    make.cached(tmp_path, "gpt2", make.llama())
    make.cached(tmp_path, "org/data", {"a/b/c.csv": "1"}, kind="datasets")
    make.cached(tmp_path, "org/room", {"app.py": "1"}, kind="spaces")
    make.cached(tmp_path, "org/core", {"build/k.py": "1"}, kind="kernels")
    make.cached(tmp_path, "org/many--dashes", make.llama(), refs=("refs/pr/1", "v1.0"))
    two = make.cached(tmp_path, "org/two", make.llama())
    make.cached(tmp_path / "two", "org/two", make.llama(hidden_size=32), OTHER, refs=())
    (tmp_path / "two/models--org--two/snapshots" / OTHER).rename(two / "snapshots" / OTHER)
    for blob in (tmp_path / "two/models--org--two/blobs").iterdir():
        blob.rename(two / "blobs" / blob.name)
    make.write(two, {f".no_exist/{OTHER}/adapter_config.json": ""})
    make.write(tmp_path, {".locks/x/y.lock": "", "CACHEDIR.TAG": "Signature"})
    for path in sorted((tmp_path / "two").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (tmp_path / "two").rmdir()
    return tmp_path


def test_we_see_what_huggingface_hub_sees(cache: Path) -> None:
    assert not scan_cache_dir(cache).warnings
    assert len(ours(cache)) == 8
    assert ours(cache) == theirs(cache)
    assert not [p for one in repositories(cache) for p in one.problems]


def test_a_store_of_shared_blobs_is_no_repository(tmp_path: Path, make: Any) -> None:
    folder = make.cached(tmp_path, "org/shared", make.llama())
    store = tmp_path / "blobs"
    make.write(store, {".huggingface-shared-blobs": "1", "ab/" + "ab" * 32: "x" * 100})
    blob = next((folder / "blobs").iterdir())
    blob.unlink()
    blob.symlink_to(os.path.relpath(store / "ab" / ("ab" * 32), blob.parent))
    assert ours(tmp_path) == theirs(tmp_path)
    (one,) = repositories(tmp_path)
    assert not one.problems


def test_main_is_read_before_what_is_newer(cache: Path) -> None:
    (one,) = (r for r in repositories(cache) if r.id == "org/two")
    assert len(one.revisions) == 2
    chosen = one.chosen()
    assert chosen is not None
    assert "main" in chosen.refs
    (cache / "models--org--two/refs/main").unlink()
    newer = cache / "models--org--two/snapshots" / OTHER / "config.json"
    os.utime(newer, (2e9, 2e9))
    again = hub.repository(cache / "models--org--two").chosen()
    assert again is not None
    assert again.commit == OTHER


def broken_link(folder: Path) -> None:
    next((folder / "blobs").iterdir()).unlink()


def no_snapshots(folder: Path) -> None:
    (folder / "snapshots").rename(folder / "elsewhere")


def dangling_ref(folder: Path) -> None:
    (folder / "refs/dev").write_text(OTHER)


def file_among_snapshots(folder: Path) -> None:
    (folder / "snapshots/notes.txt").write_text("x")


@pytest.mark.parametrize(
    ("damage", "said", "left"),
    [
        (broken_link, "the content of", 1),
        (no_snapshots, "No such file", 0),
        (dangling_ref, "not cached", 1),
        (file_among_snapshots, "stands where only snapshots should", 1),
    ],
)
def test_what_huggingface_hub_calls_corrupted_is_told(
    tmp_path: Path, make: Any, damage: Any, said: str, left: int
) -> None:
    folder = make.cached(tmp_path, "org/broken", make.llama())
    make.cached(tmp_path, "org/sound", make.llama())
    damage(folder)
    assert len(scan_cache_dir(tmp_path).warnings) == 1
    found = {one.id: one for one in repositories(tmp_path)}
    problem, *_ = found["org/broken"].problems
    assert said in problem.text
    assert len(found["org/broken"].revisions) == left
    assert not found["org/sound"].problems


def test_interrupted_downloads_are_told(tmp_path: Path, make: Any) -> None:
    folder = make.cached(tmp_path, "org/partial", make.llama())
    make.write(folder, {"blobs/abc.incomplete": "12345"})
    (one,) = repositories(tmp_path)
    assert [p.text for p in one.problems] == ["interrupted downloads: 1, 5 bytes"]
    (file,) = scan_cache_dir(tmp_path).incomplete_files
    assert file.size_on_disk == 5


def test_links_in_a_circle_end(tmp_path: Path, make: Any) -> None:
    folder = make.cached(tmp_path, "org/loop", make.llama())
    snapshot = folder / "snapshots" / make.commit
    (snapshot / "again").symlink_to(snapshot)
    (snapshot / "self").symlink_to("self")
    (one,) = repositories(tmp_path)
    assert one.revisions[0].missing == ("self",)
    assert set(one.revisions[0].files) == {"config.json", "model.safetensors"}


def test_a_pipe_is_not_waited_for(tmp_path: Path, make: Any) -> None:
    folder = make.cached(tmp_path, "org/pipe", make.llama())
    os.mkfifo(folder / "snapshots" / make.commit / "README.md")
    (one,) = repositories(tmp_path)
    assert "README.md" not in one.revisions[0].files
