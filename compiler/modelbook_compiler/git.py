"""A folder at a commit of a local git repository -> its files, without checkout or network."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from .files import IGNORED, STAMP, Stamp

QUIET = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
"""Nothing is fetched, asked for or written; and what git says is English."""

ELSEWHERE = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""What a hook of git has in its environment: it names the hook's repository, not the layer's."""

REGULAR = ("100644", "100755")
SECONDS = 60
"""Longest that git may take for one answer."""


class GitError(Exception):
    """Git does not have what was asked for; the text says why."""


class NoGitError(GitError):
    """Git itself cannot be run."""


def walk(repository: Path, tree: str) -> dict[str, Stamp]:
    """Return path and stamp of the files in a folder of a commit; the stamp is the content's id."""
    ids = _ids(repository, tree)
    return {path: bytes.fromhex(id).ljust(STAMP.size, b"\1") for path, id in ids.items()}


def read(repository: Path, tree: str, paths: Iterable[str]) -> Mapping[str, bytes]:
    """Return the bytes of files in a folder of a commit, by path below it; of those it has."""
    ids = _ids(repository, tree)
    wanted = [path for path in paths if path in ids]
    asked = "".join(f"{ids[path]}\n" for path in wanted).encode()
    out = run(repository, "cat-file", "--batch", input=asked)
    found: dict[str, bytes] = {}
    start = 0
    for path in wanted:
        end = out.index(b"\n", start)
        _, what, *sizes = out[start:end].split(b" ")
        if what != b"blob":  # `missing`, most likely
            raise GitError(f"it has not the content of `{path}`, object {ids[path][:12]}")
        size = int(sizes[0])
        found[path] = out[end + 1 : end + 1 + size]
        start = end + 2 + size
    return found


def _ids(repository: Path, tree: str) -> dict[str, str]:
    """Return path and content id of the regular files in a folder of a commit."""
    out = run(repository, "ls-tree", "-r", "-z", "--full-tree", tree)
    found: dict[str, str] = {}
    for line in out.split(b"\0")[:-1]:
        about, _, path = line.partition(b"\t")
        mode, _, id = about.decode().split(" ")
        name = path.decode("utf-8", "replace")
        if mode in REGULAR and not name.endswith(IGNORED):
            found[name] = id
    return found


def run(repository: Path, *command: str, input: bytes = b"") -> bytes:
    """Return what a git command prints; raise `GitError` where it fails."""
    try:
        done = subprocess.run(  # noqa: S603  # git alone, with our own words and checked ones
            ["git", "--no-replace-objects", "-C", str(repository), *command],  # noqa: S607
            input=input,
            capture_output=True,
            env={**_environment(), **QUIET},
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoGitError(f"git cannot be run: {error}") from error
    if done.returncode:
        raise GitError(f"git says: {_reason(done.stderr.decode('utf-8', 'replace'))}")
    return done.stdout


def _environment() -> dict[str, str]:
    """Return our environment without what would lead git to another repository."""
    return {name: text for name, text in os.environ.items() if name not in ELSEWHERE}


def _reason(told: str) -> str:
    """Return why git failed, of all that it says: not a warning, if there is anything else."""
    lines = told.strip().splitlines()
    grave = [one for one in lines if one.startswith(("fatal: ", "error: "))]
    first = next(iter([*grave, *lines]), "no reason given")
    return first.removeprefix("fatal: ").removeprefix("error: ")
