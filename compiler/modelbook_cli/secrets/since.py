"""Files of secrets at a commit and now -> what went back, and what a reviewer should look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from modelbook.secrets.ids import RULES, SECRETS, SUFFIX

from .telling import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelbook.secrets.sops.policy import Fault


def compared(root: Path, rev: str, environment: str | None) -> tuple[list[Fault], list[str]]:
    """Return what is wrong with the way from a commit to what is there now, and what to review.

    Wrong is a file that went back to an older state, which nothing in the file itself can tell.
    Every file that is new, gone or changed is for review: whoever knows the public keys can write
    one that opens.
    """
    before = _at(root, rev)
    wanted = f"{SECRETS}/{environment}/" if environment else f"{SECRETS}/"
    files = [path for path in before if path.startswith(wanted) and path.endswith(SUFFIX)]
    wrong: list[Fault] = []
    review = _rules(before.get(RULES), _now(root, RULES))
    review += [f"{path} is new: ask who made it" for path in _new(root, wanted, files)]
    for path in files:
        now = _now(root, path)
        if now is None:
            review.append(f"{path} is gone")
        elif now != before[path]:
            told = _changed(path, before[path], now)
            wrong += [one for one in told if not _for_review(one)]
            review.append(f"{path} has changed")
            review += [f"{path}: {one.message}" for one in told if _for_review(one)]
    return wrong, review


def _new(root: Path, wanted: str, before: list[str]) -> list[str]:
    """Return the files of secrets that were not there before."""
    now = (path.relative_to(root).as_posix() for path in (root / SECRETS).glob(f"*/*{SUFFIX}"))
    return sorted(path for path in now if path.startswith(wanted) and path not in before)


def _at(root: Path, rev: str) -> Mapping[str, bytes]:
    """Return the files of secrets at a commit, and the rules, by their paths below the root."""
    from modelbook_compiler import git

    try:
        commit = git.run(root, "rev-parse", "--verify", "--end-of-options", f"{rev}^{{commit}}")
        prefix = git.run(root, "rev-parse", "--show-prefix").decode().strip()
        tree = f"{commit.decode().strip()}:{prefix}"
        paths = [
            one for one in git.walk(root, tree) if one.startswith(f"{SECRETS}/") or one == RULES
        ]
        return git.read(root, tree, paths)
    except git.NoGitError as error:
        refuse("git", str(error))
    except git.GitError:
        hint = "give a branch, tag or commit that is here; CI has to fetch it (fetch-depth: 0)"
        refuse("git", "there is no such commit in this repository", hint)


def _now(root: Path, path: str) -> bytes | None:
    """Return the bytes of a file as it is now; None if it is gone or is no file."""
    from modelbook.secrets.errors import SecretError
    from modelbook.secrets.folder import read_regular

    try:
        return read_regular(root, path)
    except SecretError:
        return None


def _changed(path: str, old: bytes, new: bytes) -> tuple[Fault, ...]:
    """Return what there is to say of a change; of a file that cannot be read the gate says it."""
    from modelbook.secrets.errors import SecretError
    from modelbook.secrets.gate import since

    try:
        return since(old, new, path)
    except SecretError:
        return ()


def _for_review(one: Fault) -> bool:
    """Tell whether a change may well be meant: another recipient."""
    return one.pointer[-1:] == ("age",)


def _rules(old: bytes | None, new: bytes | None) -> list[str]:
    """Return the lines of .sops.yaml that have changed, for review."""
    from difflib import unified_diff

    before, now = ((raw or b"").decode("utf-8", "replace").splitlines() for raw in (old, new))
    diff = list(unified_diff(before, now, lineterm="", n=0))[2:]
    return [f"{RULES}: {line}" for line in diff if not line.startswith("@@")]
