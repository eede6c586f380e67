"""`modelbook explain`, `schemas`, `completion`, and what all commands have in common."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import modelbook as runtime
import modelbook_compiler.build  # noqa: F401  # loads every stage, and so every code
import pytest
from modelbook_cli.commands import COMMANDS
from modelbook_compiler.codes import REGISTER

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Refused = Callable[[Done], str]


def test_explain_lists_every_code(modelbook: Run) -> None:
    lines = modelbook("explain").stdout.splitlines()
    assert lines == [f"{id}  {REGISTER[id].title}" for id in sorted(REGISTER)]


def test_explain_explains_every_code(modelbook: Run) -> None:
    from modelbook_compiler.report.explain import page

    for code in REGISTER.values():
        shown = page(code)
        assert shown.startswith(f"# {code.id}: {code.title}\n")
        assert "## Wrong" in shown
        assert "## Right" in shown
        assert all((code.why, code.bad, code.good))
    for asked in ("MB101", "mb301", "Mb403"):
        done = modelbook("explain", asked)
        assert (done.returncode, done.stdout) == (0, page(REGISTER[asked.upper()]))


def test_explain_of_no_code(modelbook: Run, refused: Refused) -> None:
    words = refused(modelbook("explain", "MB999"))
    assert words == "error: there is no code `MB999`\nhint: run `modelbook explain` for the list\n"


def test_schemas_are_those_of_the_checkout(modelbook: Run, tmp_path: Path, root: Path) -> None:
    done = modelbook("schemas", "--write", "a/schemas", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    written = {path.name: path.read_bytes() for path in (tmp_path / "a/schemas").glob("*.json")}
    assert written == {path.name: path.read_bytes() for path in (root / "schemas").glob("*.json")}


def test_schemas_with_nowhere_to_go(modelbook: Run, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "file").write_text("")
    words = refused(modelbook("schemas", "--write", "file", cwd=tmp_path))
    assert "cannot write to `file`" in words


OPENAI = ["openai:gpt-4o-2024-05-13", "openai:gpt-4o-2024-08-06"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("modelbook ex", ["export", "explain"]),
        ("modelbook co", ["compile", "compare", "completion"]),
        ("modelbook price openai:gpt-4o-2024-0", OPENAI),
        ("modelbook compare cohere:rerank-v3.5 openai:gpt-4o-2024-0", OPENAI),
        (
            "modelbook price openai:gpt-4o --unit cache_write_",
            ["cache_write_1h=", "cache_write_12h="],
        ),
        ("modelbook compare --provider sg", ["sglang"]),
        ("modelbook models -p text-cl", ["text-classification"]),
        ("modelbook check --fo", ["--format"]),
        ("modelbook check --format g", ["github"]),
        ("modelbook completion ", ["bash", "zsh", "fish"]),
    ],
)
def test_bash_completes(modelbook: Run, tmp_path: Path, typed: str, offered: list[str]) -> None:
    script = modelbook("completion", "bash").stdout
    command = tmp_path / "modelbook"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m modelbook_cli "$@"\n')
    command.chmod(0o755)
    words = typed.split(" ")
    asked = (
        f"{script}\nPATH={tmp_path}:$PATH\nCOMP_WORDS=({typed})\nCOMP_CWORD={len(words) - 1}\n"
        "compopt() { :; }\n_modelbook_completion modelbook\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", asked], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == offered


def test_bash_takes_an_id_for_one_word(modelbook: Run) -> None:
    script = modelbook("completion", "bash").stdout
    asked = f"COMP_WORDBREAKS=' =:'\n{script}\nprintf '<%s>' \"$COMP_WORDBREAKS\""
    done = subprocess.run(["bash", "--norc", "-c", asked], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("< =>", "")


@pytest.mark.parametrize(
    ("shell", "mark"), [("zsh", "#compdef modelbook"), ("fish", "complete --no-files --command")]
)
def test_other_shells(modelbook: Run, shell: str, mark: str, refused: Refused) -> None:
    script = modelbook("completion", shell).stdout
    assert mark in script
    assert f"_MODELBOOK_COMPLETE={shell}_complete" in script
    refused(modelbook("completion", "tcsh"))


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_examples_that_start_a_line(modelbook: Run, command: str) -> None:
    done = modelbook(*command.split(), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\b" not in done.stdout
    examples = done.stdout.partition("\n  Examples:\n")[2].partition("\n\n")[0]
    assert re.search(rf"^ +(source <\()?modelbook {command}".rstrip(), examples, re.M)
    assert modelbook(*command.split(), "-h").stdout == done.stdout


def test_help_lists_every_command(modelbook: Run) -> None:
    shown = modelbook("--help").stdout
    assert re.findall(r"^  (\w+)  ", shown.partition("Commands:\n")[2], re.M) == list(COMMANDS)


def test_version(modelbook: Run) -> None:
    assert modelbook("--version").stdout == f"modelbook, version {runtime.__version__}\n"


def test_an_unknown_command_names_the_nearest(modelbook: Run, refused: Refused) -> None:
    words = refused(modelbook("comple"))
    assert "there is no command `comple`; did you mean `compile`" in words
    assert "there is no command `xyzzy`\n" in refused(modelbook("xyzzy"))


def test_no_command_shows_the_help(modelbook: Run) -> None:
    done = modelbook()
    assert done.returncode == 2
    assert "Commands:" in done.stdout + done.stderr


def test_the_installed_script_is_the_same(root: Path, modelbook: Run) -> None:
    script = Path(sys.executable).with_name("modelbook")
    done = subprocess.run([script, "explain"], capture_output=True, text=True, check=True)
    assert done.stdout == modelbook("explain").stdout
