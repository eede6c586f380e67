"""run: the program gets the keys it was given, and nothing else; row H3 of the threat table."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook_cli.secrets.run import assigned, without

from .conftest import OPENAI, PROD, Call, People, environment

Process = Callable[..., subprocess.CompletedProcess[str]]
DEV = ("--env", "dev")
OTHER = "gsk-" + "CANARY" + "ofours" * 3


def test_H3_the_program_gets_the_stored_keys_alone(process: Process, people: People) -> None:
    done = process(
        *("run", *DEV, "--", "env"),
        GROQ_API_KEY=OTHER,
        GROQ_API_KEY_FILE="CANARY-path",
        OPENAI_API_KEY=OTHER,
        SOPS_AGE_KEY=people.keys("alice").read_text(),
        SOPS_AGE_KEY_FILE=str(people.keys("alice")),
        MINE="stays",
    )
    assert (done.returncode, done.stderr) == (0, "")
    got = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert got["OPENAI_API_KEY"] == OPENAI, "what is stored goes before what is around"
    assert got["MINE"] == "stays"
    assert not {"GROQ_API_KEY", "GROQ_API_KEY_FILE"} & set(got)
    assert not [name for name in got if name.startswith(("SOPS_", "MODELBOOK_"))]
    assert OTHER not in done.stdout
    assert "AGE-SECRET-KEY" not in done.stdout


def test_one_key_of_several_and_of_other_sources(process: Process) -> None:
    show = ("--", "sh", "-c", 'echo "$OPENAI_API_KEY $GROQ_API_KEY"')
    own = {"GROQ_API_KEY": OTHER}
    prod = process("run", "--env", "prod", "--secret", "openai/api_key", *show, **own)
    assert prod.stdout == f"{PROD} \n"
    groq = process("run", *DEV, "--provider", "groq", *show, **own)
    assert groq.stdout == f" {OTHER}\n"
    none = process("run", *DEV, "--provider", "groq", *show)
    assert (none.returncode, none.stdout) == (2, "")
    assert none.stderr.startswith("error[secret-not-found]: ")


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (("sh", "-c", "exit 7"), 7),
        (("sh", "-c", "kill -TERM $$"), -15),
        (("no-such-program-here",), 127),
        (("./secrets",), 126),
        (("true", "--env", "prod", "--reveal", "-h"), 0),
    ],
)
def test_the_exit_code_is_the_programs(
    process: Process, program: tuple[str, ...], code: int
) -> None:
    done = process("run", *DEV, "--", *program)
    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    if code in (126, 127):
        assert "the program cannot be run: " in done.stderr


def test_it_becomes_the_program(people: People, tree: Path) -> None:
    argv = [sys.executable, "-m", "modelbook_cli", "secrets", "run", *DEV, "--", "sleep", "60"]
    with subprocess.Popen(argv, cwd=tree, env=environment(people, "alice")) as running:
        line = Path(f"/proc/{running.pid}/cmdline")
        until = time.monotonic() + 20
        while line.read_bytes() != b"sleep\x0060\x00" and time.monotonic() < until:
            time.sleep(0.02)
        assert line.read_bytes() == b"sleep\x0060\x00"
        running.terminate()
        assert running.wait(20) == -15


def test_a_pipe_that_breaks_ends_the_program_quietly(process: Process) -> None:
    done = process("run", *DEV, "--", "sh", "-c", "yes | head -1")
    assert (done.stdout, done.stderr) == ("y\n", "")


def test_options_of_the_program_are_its_own(process: Process) -> None:
    done = process("run", *DEV, "echo", "--env", "x", "--", "-h")
    assert done.stdout == "--env x -- -h\n"


def test_nothing_to_run_is_a_mistake(secrets: Call) -> None:
    for args in (("run", *DEV), ("run", *DEV, "--")):
        done = secrets(*args)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error[usage]: ")
    unknown = secrets("run", *DEV, "--provider", "opnai", "--", "true")
    assert "error[not-found]" in unknown.err
    assert "`openai`" in unknown.err


def test_each_key_goes_into_its_own_variables() -> None:
    names = {"a/x": ("A", "SHARED"), "b/y": ("SHARED",), "c/z": ()}
    assert assigned(names, {"a/x": "1", "b/y": "2", "c/z": "3"}) == {"A": "1", "SHARED": "2"}
    same = {"a/x": ("K",), "b/y": ("K",)}
    assert assigned(same, {"a/x": "1", "b/y": "1"}) == {"K": "1"}
    with pytest.raises(SystemExit):
        assigned(same, {"a/x": "1", "b/y": "2"})
    ours = {"K": "1", "K_FILE": "2", "SOPS_AGE_KEY_CMD": "3", "KEEP": "4"}
    assert without(ours, ["K"]) == {"KEEP": "4"}
