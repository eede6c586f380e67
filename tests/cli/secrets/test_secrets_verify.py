"""verify: what anybody can see, what an identity proves, and what only git can tell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Call, People, git

FILE = "secrets/dev/openai.sops.yaml"


def test_a_sound_tree_is_proven_as_far_as_one_can_read_it(secrets: Call) -> None:
    assert secrets("verify").out == "2 files, 2 proven, 0 problems\n"
    bob = secrets("verify", who="bob")
    assert (bob.code, bob.out) == (0, "2 files, 1 proven, 0 problems\n")
    assert bob.err == f"not proven: {FILE}: no identity of yours opens it\n"
    must = secrets("verify", "--key", who="bob")
    assert must.code == 1
    assert must.out.startswith("error[sops-key]: ")
    assert f" --> {FILE}:1:1\n" in must.out
    assert secrets("verify", "--no-key", who="nobody").out == "2 files, 0 proven, 0 problems\n"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("owner: platform", "owner: mallory", "sops-tampered"),
        ("owner: platform", "owner: platform\n            note: x", "sops-malformed"),
        ("created_at:", "made_at:", "sops-malformed"),
        ("encrypted_regex: ^(value|seal)$", "encrypted_regex: ^(value)$", "sops-policy"),
        ("dev:", "prod:", "sops-policy"),
    ],
)
def test_what_was_changed_by_hand_is_found(
    secrets: Call, tree: Path, old: str, new: str, code: str
) -> None:
    path = tree / FILE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    done = secrets("verify", "--json")
    assert done.code == 1
    problems = json.loads(done.out)["problems"]
    assert next(one["code"] for one in problems) == code, problems
    assert {one["path"] for one in problems} == {FILE}
    assert secrets("verify", "--no-key").code == (0 if code == "sops-tampered" else 1)


def test_S1_S2_plain_text_is_found_and_not_repeated(secrets: Call, tree: Path) -> None:
    path = tree / FILE
    lines = path.read_text().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if "value: ENC[" in line)
    lines[number] = lines[number].partition("value: ")[0] + "value: sk-" + "CANARY" * 5 + "\n"
    path.write_text("".join(lines))
    (tree / "secrets/dev/groq.sops.yaml").write_text(f"key: {'CANARY' * 5}\n")
    done = secrets("verify")
    assert done.code == 1
    assert f" --> {FILE}:{number + 1}:" in done.out
    assert " --> secrets/dev/groq.sops.yaml:" in done.out
    assert "CANARY" not in done.out + done.err


def test_an_environment_alone(secrets: Call, tree: Path) -> None:
    (tree / "secrets/prod/notes.txt").write_text("x")
    assert secrets("verify", "--env", "dev").code == 0
    whole = secrets("verify")
    assert whole.code == 1
    assert " --> secrets/prod/notes.txt:1:1\n" in whole.out


def test_S13_a_file_that_went_back_is_found_with_git(secrets: Call, tree: Path) -> None:
    old = (tree / FILE).read_text()
    stamp = old.partition('lastmodified: "')[2][:4]
    later = old.replace(f'lastmodified: "{stamp}', f'lastmodified: "{int(stamp) + 1}')
    (tree / FILE).write_text(later)
    git(tree, "commit", "-qam", "later")
    (tree / FILE).write_text(old)
    assert secrets("verify").code == 0, "nothing in the file tells"
    done = secrets("verify", "--since", "HEAD")
    assert done.code == 1
    assert "error[sops-policy]: the file is older than the one before" in done.out
    assert f" --> {FILE}:" in done.out
    assert secrets("verify", "--since", "HEAD~1").code == 0


def test_S23_changes_of_who_can_read_are_for_review(
    secrets: Call, people: People, tree: Path
) -> None:
    eve = people.public("eve")
    assert secrets("add-recipient", eve, "--env", "dev").code == 0
    done = secrets("verify", "--since", "HEAD", "--json")
    assert done.code == 0, done
    review = json.loads(done.out)["review"]
    assert f".sops.yaml: +      - {eve}" in review
    assert f"{FILE}: a recipient was added: {eve}" in review
    (tree / FILE).unlink()
    assert f"review: {FILE} is gone\n" in secrets("verify", "--since", "HEAD").out


def test_S13_a_file_that_was_taken_out_and_put_back_is_for_review(
    secrets: Call, tree: Path
) -> None:
    old = (tree / FILE).read_bytes()
    (tree / FILE).unlink()
    git(tree, "commit", "-qam", "leaked")
    (tree / FILE).write_bytes(old)
    again = secrets("verify", "--since", "HEAD")
    assert (again.code, f"review: {FILE} is new: ask who made it\n" in again.out) == (0, True)
    (tree / FILE).write_bytes(old.replace(b"owner: platform", b"owner: mallorym"))
    assert f"review: {FILE} has changed\n" in secrets("verify", "--since", "HEAD~1").out


def test_since_needs_a_commit(secrets: Call, tree: Path, tmp_path: Path) -> None:
    for rev in ("nope", "--upload-pack=x", "HEAD:secrets"):
        done = secrets("verify", f"--since={rev}")
        assert (done.code, done.out) == (2, "")
        assert "error[git]: there is no such commit" in done.err
    import shutil

    shutil.rmtree(tree / ".git")
    outside = secrets("verify", "--since", "HEAD")
    assert (outside.code, outside.out) == (2, "")
    assert outside.err.startswith("error[git]: ")


def test_a_folder_in_a_repository(secrets: Call, tree: Path) -> None:
    git(tree, "mv", "-k", "secrets", ".sops.yaml", ".")
    inner = tree / "inner"
    inner.mkdir()
    git(tree, "mv", "secrets", ".sops.yaml", "inner")
    git(tree, "commit", "-qm", "moved")
    assert secrets("add-recipient", "x", cwd=inner).code == 2
    done = secrets("verify", "--since", "HEAD", cwd=inner)
    assert (done.code, done.out.count("\n")) == (0, 1), done
