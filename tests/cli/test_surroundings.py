"""Pipes, terminals, locales: what a shell does to a command."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize(
    "command",
    ["explain", "models", "check --format json", "sql 'FROM range(200000)'", "compile --check"],
)
def test_a_reader_that_stops_early(shop: Path, command: str) -> None:
    line = f"set -o pipefail; {sys.executable} -m modelbook_cli {command} | head -1"
    done = subprocess.run(
        ["bash", "-c", line], cwd=shop, capture_output=True, text=True, check=False
    )
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_a_closed_output(shop: Path) -> None:
    line = f"{shlex.quote(sys.executable)} -m modelbook_cli explain >&-"
    done = subprocess.run(
        ["bash", "-c", line], cwd=shop, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr


def test_piped_output_is_plain(modelbook: Run, mini: Path) -> None:
    (mini / "units.yaml").write_text("units: {}\n")
    done = modelbook("check", cwd=mini.parent, NO_COLOR="", TERM="xterm-256color")
    assert done.returncode == 1
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_a_terminal_has_colour_unless_told_not_to(terminal: Callable[..., str], mini: Path) -> None:
    (mini / "units.yaml").write_text("units: {}\n")
    coloured = terminal("check", "--catalog", str(mini))
    plain = terminal("check", "--catalog", str(mini), NO_COLOR="1")
    assert COLOUR.search(coloured)
    assert "\x1b" not in plain
    assert COLOUR.sub("", coloured) == plain


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("command", [("models",), ("models", "-r", "tools", "--why-not")])
def test_a_table_fits_its_terminal(
    terminal: Callable[..., str], command: tuple[str, ...], columns: int
) -> None:
    lines = COLOUR.sub("", terminal(*command, columns=columns)).splitlines()
    assert max(map(len, lines)) <= columns
    assert columns < 80 or not [line for line in lines if "…" in line]


def test_columns_may_be_told(terminal: Callable[..., str]) -> None:
    shown = COLOUR.sub("", terminal("models", columns=200, COLUMNS="70"))
    assert max(map(len, shown.splitlines())) <= 70


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}]
)
def test_a_locale_without_the_letters(modelbook: Run, mini: Path, locale: dict[str, str]) -> None:
    path = mini / "models/acme/alpha-1.yaml"
    text = path.read_text(encoding="utf-8").replace("name: Alpha 1", "name: Älpha 一")
    path.write_text(text, encoding="utf-8")
    place = mini.parent
    env = {"PYTHONPATH": str(place / "generated"), **locale}
    assert modelbook("compile", cwd=place, **env).returncode == 0
    for command in (
        ["models"],
        ["show", "acme/alpha-1"],
        ["models", "--json"],
        ["sql", "SELECT name FROM models"],
        ["compile", "--diff"],
    ):
        done = modelbook(*command, cwd=place, **env)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    path.write_text(text + "größe: 一\n", encoding="utf-8")
    done = modelbook("check", cwd=place, **env)
    assert (done.returncode, done.stderr) == (1, "")
    assert "unknown field" in done.stdout


def test_the_output_is_the_same_in_every_locale(modelbook: Run, mini: Path, shop: Path) -> None:
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    modelbook("compile", cwd=mini.parent, **env)
    for path in (shop / "generated").rglob("*.py"):
        copy = mini.parent / path.relative_to(shop)
        assert copy.read_bytes() == path.read_bytes()
