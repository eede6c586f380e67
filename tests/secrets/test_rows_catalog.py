"""Threat rows of the catalog: hostile YAML, code in texts, and SQL that reaches beyond it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from subprocess import CompletedProcess

import duckdb
import pytest
from click.testing import CliRunner
from modelbook_cli.commands import cli
from modelbook_compiler.build import check

Run = Callable[..., "CompletedProcess[str]"]
BOMB = "a0: &a0 x\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
ROWS = {
    "Y1 alias bomb": (BOMB.encode(), "MB007"),
    "Y2 python tag": (b'family: !!python/object/apply:os.system ["id"]\n', "MB007"),
    "Y3 brackets": (b"family: " + b"[" * 20_000, "MB009"),
    "Y4 huge number": (b"family: " + b"9" * 5_000 + b"\n", "MB008"),
    "Y4 not a number": (b"family: .nan\n", "MB008"),
    "Y5 a key twice": (b"family: a\nfamily: b\n", "MB006"),
    "Y6 a word of YAML 1.1": (b"family: NO\n", "MB008"),
    "Y6 octal": (b"family: 010\n", "MB008"),
    "Y7 two documents": (b"---\nfamily: a\n", "MB007"),
    "Y7 not UTF-8": (b"family: caf\xe9\n", "MB004"),
    "Y7 a nul": (b"family: a\x00\n", "MB004"),
    "J6 bidirectional": ("family: a\u202eb\n".encode(), "MB004"),
}


def test_Y_hostile_yaml_is_an_error_of_its_own(modelbook: Run, mini: Path) -> None:
    good = (mini / "models/acme/alpha-1.yaml").read_bytes()
    for number, (raw, _) in enumerate(ROWS.values()):
        (mini / f"models/acme/y{number}.yaml").write_bytes(good + raw)
    done = modelbook("check", cwd=mini.parent)
    assert (done.returncode, done.stderr) == (1, "")
    found = dict.fromkeys(ROWS, "")
    for code, number in re.findall(r"error\[(\w+)\].*\n +--> \S+/y(\d+)\.yaml:", done.stdout):
        found[[*ROWS][int(number)]] += code
    assert found == {row: code for row, (_, code) in ROWS.items()}


@pytest.mark.parametrize(
    "query",
    [
        "select content from read_text('{key}')",
        "select * from glob('{folder}/*')",
        "attach '{folder}/other.duckdb' as other",
        "copy (select 1) to '{folder}/out.csv'",
        "install httpfs",
    ],
)
def test_D3_no_query_reaches_beyond_the_catalog(modelbook: Run, tmp_path: Path, query: str) -> None:
    key = tmp_path / "keys.txt"
    key.write_text("CANARY" + "agekey")
    done = modelbook("sql", query.format(key=key, folder=tmp_path))
    assert done.returncode != 0
    assert "CANARY" + "agekey" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"keys.txt"}


MORE = {
    "Y3 maps": (b"family: " + b"{a: " * 3_000, "MB009"),
    "Y6 sexagesimal": (b"family: 12:30:45\n", "MB008"),
    "Y6 thousands": (b"family: 1_000\n", "MB008"),
    "Y6 a number": (b"family: 1.10\n", "MB104"),
    "Y7 a tab": (b"\tfamily: a\n", "MB005"),
    "Y7 a surrogate": (b'family: "\\ud800"\n', "MB005"),
    "Y7 a surrogate in UTF-8": (b"family: \xed\xa0\x80\n", "MB004"),
    "Y7 a BOM inside": ("family: a\ufeff\n".encode(), "MB004"),
    "Y7 10 MB": (b"family: " + b"a" * 10_000_000 + b"\n", "MB003"),
    "Y7 10 MB of comment": (b"# " + b"a" * 10_000_000 + b"\n", "MB003"),
}
"""Rows that need no process of their own each: a file is added, and the code of its problem."""


def test_Y_more_hostile_yaml(mini: Path) -> None:
    path = mini / "models/acme/alpha-1.yaml"
    good = path.read_bytes()
    found = {}
    for row, (raw, _) in MORE.items():
        path.write_bytes(good + raw)
        found[row] = {one.code for one in check(mini).diagnostics}
    assert found == {row: {code} for row, (_, code) in MORE.items()}
    path.write_bytes(good + b"family: 2026-01-01\n")  # Y6: a date is text here
    assert check(mini).sound


@pytest.mark.parametrize("change", ["CRLF", "BOM"])
def test_Y7_ends_of_lines_change_no_fact_and_a_BOM_is_refused(mini: Path, change: str) -> None:
    path = mini / "models/acme/alpha-1.yaml"
    good = path.read_bytes()
    before = check(mini).book()
    path.write_bytes(good.replace(b"\n", b"\r\n") if change == "CRLF" else b"\xef\xbb\xbf" + good)
    checked = check(mini)
    if change == "BOM":
        assert [one.code for one in checked.diagnostics] == ["MB004"]
    else:
        assert checked.book().models == before.models


ACTS = '__import__("pathlib").Path("owned").touch()'
TEXTS = {
    "J1 quotes": f'x"; {ACTS}; y="',
    "J1 single": f"x'; {ACTS}; y='".replace('"', "'"),
    "J1 triple": f'"""; {ACTS}; """',
    "J2 line": f"x\n{ACTS}",
    "J2 return": f"x\r{ACTS}",
    "J2 separators": f"x\u2028{ACTS}\x85{ACTS}\x0c{ACTS}",
    "J3 docstring": f'"""\n    {ACTS}\n    """',
    "J3 docstring in a line": f'""" + str({ACTS}) + """',
    "J4 braces": "{" + ACTS + "}",
    "J4 format": "{0.__class__.__mro__} %(x)s %s {}",
    "J5 template": "{{ " + ACTS + " }}{% for x in y %}{# #}",
    "J5 globals": "{{ cycler.__init__.__globals__.os.getpid() }}",
    "J6 backslash": "ends with \\",
    "J6 backslash quote": 'ends with \\"',
    "J6 nul": "a\x00b",
    "J6 surrogate": "a\ud800b",
    "J6 bidi": "a\u202eb",
    "J6 BOM": "a\ufeffb",
    "J6 long": "long " * 400_000,
    "J8 nan": "nan",
    "J8 inf": "inf",
    "D1 drop": "x','p'); drop table models; --",
    "D2 copy": "'; copy (select content from read_text('keys.txt')) to 'owned'; --",
    "plain": "模型 é 😀 'x' \"y\" `z` $w",
}
IMPORT = r"""
import importlib, json, pkgutil, sys
import hostile_book
for one in pkgutil.walk_packages(hostile_book.__path__, "hostile_book."):
    importlib.import_module(one.name)
json.dump({id: hostile_book.find_model(id).name for id in sys.argv[1:]}, sys.stdout)
"""
MODELINE = "# yaml-language-server: $schema=../../../schemas/model.schema.json\n"


def deployed(mini: Path, id: str) -> None:
    """Write a deployment of a model, without which nobody refers to it."""
    path = mini / f"providers/acme/deployments/{id.removeprefix('acme/')}.yaml"
    good = (mini / "providers/acme/deployments/embed-1.yaml").read_text()
    path.write_text(re.sub("(?m)^model: .*$", f"model: {id}", good))


def model(mini: Path, id: str, name: str) -> Path:
    """Write a model with a name; JSON is YAML."""
    path = mini / f"models/{id}.yaml"
    deployed(mini, id)
    source = '{url: "https://example.com/m", checked: 2026-01-02}'
    rest = f"\npipelines: [text-generation]\nsources: [{source}]\n"
    text = json.dumps(name, ensure_ascii=max(name) < "\U00010000")
    path.write_text(f"{MODELINE}name: {text}{rest}", encoding="utf-8")
    return path


def imported(modelbook: Run, place: Path, ids: Iterable[str]) -> dict[str, str]:
    """Compile a hostile catalog, import all of its package, and return the names of models."""
    options = ("--out", "out", "--package", "hostile_book", "--wheel", "dist")
    done = modelbook("compile", *options, cwd=place)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    asked = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT, *ids],
        cwd=place,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(place / "out")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    names: dict[str, str] = json.loads(asked.stdout)
    return names


def refused(mini: Path, written: Mapping[str, Path]) -> set[str]:
    """Return which of some files the check refuses, and take them away."""
    found = {one.path for one in check(mini).diagnostics if one.code != "MB330"}
    wrong = {row for row, path in written.items() if any(f"/{path.name}" in one for one in found)}
    for row in wrong:
        written[row].unlink()
        (mini / "providers/acme/deployments" / written[row].name).unlink(missing_ok=True)
    return wrong


def test_J_D_texts_are_kept_as_they_are_or_refused_and_never_run(
    modelbook: Run, mini: Path
) -> None:
    ids = {row: f"acme/h{number}" for number, row in enumerate(TEXTS)}
    (mini.parent / "keys.txt").write_text("CANARY" + "row")
    wrong = refused(mini, {row: model(mini, id, TEXTS[row]) for row, id in ids.items()})
    for path in (mini / "secrets/acme/api_key.yaml", mini / "catalog.yaml"):
        text, hostile = path.read_text(), json.dumps(TEXTS["J1 quotes"] + TEXTS["J5 template"])
        text = text.replace("A catalog for tests", hostile).replace("Acme API key", hostile)
        path.write_text(text)
    kept = {row: id for row, id in ids.items() if row not in wrong}
    names = imported(modelbook, mini.parent, kept.values())
    assert names == {id: TEXTS[row] for row, id in kept.items()}
    assert wrong == {row for row in TEXTS if row in CONTROLS}
    with duckdb.connect(str(next(mini.parent.rglob("*.duckdb"))), read_only=True) as opened:
        rows = opened.execute("select id, name from models where id like 'acme/h%'").fetchall()
    assert dict(rows) == names
    assert not [*mini.parent.rglob("owned")]


CONTROLS = {"J2 line", "J2 return", "J2 separators", "J3 docstring", "J6 nul", "J6 surrogate"}
CONTROLS |= {"J6 bidi", "J6 BOM", "J6 long"}
"""Texts that no file may hold."""
IDS = (
    "class",
    "None",
    "__class__",
    "ﬁne",
    "fine",
    "\u0430",
    "a",
    "4o",
    "print",
    "import",
    "__init__",
)
APART = ("gpt-4o", "gpt_4o", "gpt.4o", "GPT-4o")


def test_J7_D1_ids_are_kept_apart_or_refused(modelbook: Run, mini: Path) -> None:
    quoted = "x'; drop table models; --"
    ids = {
        one: f"acme/{one}" for one in (*IDS, *APART, quoted, 'x"]["y', "-h", "--config=x", "a b")
    }
    wrong = refused(mini, {one: model(mini, id, f"Named {id}") for one, id in ids.items()})
    kept = {id: f"Named {id}" for one, id in ids.items() if one not in wrong}
    assert wrong >= {"ﬁne", "\u0430", quoted, 'x"]["y', "-h", "--config=x", "a b", "None"}
    assert {"acme/class", "acme/print", "acme/4o", "acme/gpt-4o"} <= {*kept}
    assert imported(modelbook, mini.parent, kept) == kept


ARGUMENTS = (
    "$(touch owned)",
    "; touch owned",
    "`touch owned`",
    "-h",
    "--config=/x",
    'x"]["y',
    "x'; drop table models; --",
    "../../../etc/passwd",
    "a\nb",
    "\u0430/b",
    "",
    "%2e%2e/x",
)
COMMANDS = (
    ("show",),
    ("models", "--provider"),
    ("price",),
    ("secrets", "get"),
    ("secrets", "explain"),
    ("secrets", "run", "--secret"),
    ("secrets", "rotate", "--promote"),
)


def test_H1_D1_no_argument_is_anything_but_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H7 (core dumps) has no test: what a process leaves on a crash is the system's to forbid."""
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        for argument in ARGUMENTS:
            args = (*command, argument)
            done = CliRunner().invoke(cli, args)
            assert done.exception is None or isinstance(done.exception, SystemExit), args
            assert done.exit_code == (0 if argument == "-h" and "Usage:" in done.output else 2), (
                args
            )
            assert "Traceback" not in done.output
    assert not [*tmp_path.iterdir()]
    listed = CliRunner().invoke(cli, ["models", "--limit", "1", "--json"])
    assert listed.exit_code == 0
