"""Diagnostics as text, JSON, SARIF and GitHub commands: exact, escaped, and all the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook_compiler.build import Checked, check
from modelbook_compiler.codes import REGISTER
from modelbook_compiler.diagnostics import Diagnostic, Note, Span, ordered
from modelbook_compiler.positions import Positions
from modelbook_compiler.report import machine, text
from modelbook_compiler.report.escape import UNSAFE, printable
from modelbook_compiler.report.explain import contents, page
from modelbook_compiler.values import Json

Found = tuple[Diagnostic, ...]
Place = tuple[str, str, int, int]
LINE = "# yaml-language-server: $schema=../../../schemas/model.schema.json\n"
SOURCES = 'sources: [{url: "https://example.com/models", checked: 2026-01-02}]\n'


@pytest.fixture
def checked(mini: Path) -> Checked:
    """Return the check of a catalog with problems of many kinds, awkward to print."""
    models = mini / "models" / "acme"
    (models / "a.yaml").write_text(f'{LINE}name: "\U0001f600 \u6a21"\nlicence: 1\n{SOURCES}')
    (models / "b.yaml").write_text(f"{LINE}name: 'a\u202eb'\n{SOURCES}")
    (models / "c.yaml").write_text(f"{LINE}{'x' * 200}: {'y' * 300}\r\nname: A\r\n{SOURCES}")
    (models / "d.yaml").write_text(f"{LINE}name: !!map\n  a: 1\n{SOURCES}")
    (models / "e.yaml").write_text(f"{LINE}name:\nfamily: 100%, a::b\n{SOURCES}")
    (models / "alpha.1.yaml").write_text(f"{LINE}name: A\npipelines: [nlp]\n{SOURCES}")
    (models / "100%,a:b\n\x1b.yaml").write_text("x")
    (models / os.fsdecode(b"caf\xe9.yaml")).write_text("x")
    return check(mini)


def shown(checked: Checked) -> str:
    """Return the report for people."""
    return text.render(checked.diagnostics, checked.positions, colour=False)


def problems(checked: Checked) -> list[dict[str, Json]]:
    """Return the problems of the JSON report."""
    found: list[dict[str, Json]] = json.loads(machine.as_json(checked.diagnostics, 3))["problems"]
    return found


def results(checked: Checked) -> list[dict[str, Json]]:
    """Return the results of the SARIF report."""
    found: list[dict[str, Json]] = json.loads(machine.as_sarif(checked.diagnostics))["runs"][0][
        "results"
    ]
    return found


COMMAND = re.compile(
    r"::(error|warning) file=([^,:]*),line=(\d+),col=(\d+),endLine=(\d+),endColumn=(\d+),"
    r"title=(MB\d{3})::(.*)"
)


def decoded(value: str) -> str:
    """Return a value as GitHub's runner reads it."""
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        value = value.replace(code, character)
    return value


def test_json_names_the_exact_characters(checked: Checked) -> None:
    marked = {}
    for one in problems(checked):
        line = checked.positions.lines(one["path"])[one["line"] - 1 : one["line"]]
        if line and one["line"] == one["end_line"]:
            marked[one["path"].rpartition("/")[2], one["code"]] = line[0][
                one["column"] - 1 : one["end_column"] - 1
            ]
    assert marked["a.yaml", "MB101"] == "licence"
    assert marked["b.yaml", "MB004"] == "\u202e"
    assert marked["c.yaml", "MB101"] == "x" * 200
    assert marked["alpha.1.yaml", "MB201"] == "nlp"
    assert marked["alpha.1.yaml", "MB202"] == "name"
    assert json.loads(machine.as_json((), 3)) == {"files": 3, "problems": []}


def test_sarif_holds_together(checked: Checked) -> None:
    log = json.loads(machine.as_sarif(checked.diagnostics))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    ids = [rule["id"] for rule in rules]
    assert ids == sorted(set(ids))
    assert {one["ruleId"] for one in run["results"]} == set(ids)
    for rule in rules:
        assert rule["shortDescription"]["text"] == REGISTER[rule["id"]].title
    for one in run["results"]:
        assert ids[one["ruleIndex"]] == one["ruleId"]
        assert one["level"] in ("error", "warning")
        assert one["message"]["text"]
        for location in (*one["locations"], *one.get("relatedLocations", ())):
            place = location["physicalLocation"]
            assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", place["artifactLocation"]["uri"])
            region = place["region"]
            start = (region["startLine"], region["startColumn"])
            assert (1, 1) <= start <= (region["endLine"], region["endColumn"])
    assert any("relatedLocations" in one for one in run["results"])


def test_github_commands_are_one_line_each_and_escaped(checked: Checked) -> None:
    lines = machine.as_github(checked.diagnostics).split("\n")
    assert len(lines) == len(checked.diagnostics)
    for line in lines:
        match = COMMAND.fullmatch(line)
        assert match, line
        assert not UNSAFE.search(line)
    paths = {decoded(match[2]) for line in lines if (match := COMMAND.fullmatch(line))}
    assert {"catalog/models/acme/100%,a:b\\u000a\\u001b.yaml"} <= paths


def test_github_escapes_messages_and_properties() -> None:
    one = Diagnostic("a,b:c%.yaml", "MB001", "50%: a,\r\nb", span=Span(1, 1, 1, 2), hint="x%0A")
    match = COMMAND.fullmatch(machine.as_github([one]))
    assert match
    assert match[2] == "a%2Cb%3Ac%25.yaml"
    assert match[8] == "50%25: a,\\u000d\\u000ab%0Ahint: x%250A"


def test_all_formats_tell_the_same_problems(checked: Checked) -> None:
    expected = [
        (one.code, printable(one.path), one.span.line, one.span.column)
        for one in checked.diagnostics
        if one.span
    ]
    assert len(expected) == len(checked.diagnostics) >= 9
    assert [
        (one["code"], printable(one["path"]), one["line"], one["column"])
        for one in problems(checked)
    ] == expected
    places: list[Place] = []
    for one in results(checked):
        place = one["locations"][0]["physicalLocation"]
        path, region = unquote(place["artifactLocation"]["uri"]), place["region"]
        places.append((one["ruleId"], path, region["startLine"], region["startColumn"]))
    assert places == expected
    commands = [
        COMMAND.fullmatch(one) for one in machine.as_github(checked.diagnostics).split("\n")
    ]
    assert [(m[7], decoded(m[2]), int(m[3]), int(m[4])) for m in commands if m] == expected
    heads = re.findall(r"(?m)^error\[(\w+)\]: .*\n +--> (.*):(\d+):(\d+)$", shown(checked))
    assert [(code, path, int(line), int(column)) for code, path, line, column in heads] == expected


def excerpts(report: str) -> list[tuple[str, str]]:
    """Return each line shown, and the line of marks under it, both without the gutter."""
    found = re.findall(r"(?m)^(\d+) \| (.*)\n *\| ( *\^+)$", report)
    return [(line, marks) for _, line, marks in found]


def test_text_marks_the_exact_characters_and_nothing_odd_gets_out(checked: Checked) -> None:
    report = shown(checked)
    assert not UNSAFE.search(report.replace("\n", ""))
    marked = [line[marks.index("^") : len(marks)] for line, marks in excerpts(report)]
    assert "licence" in marked
    assert "\\u202e" in marked
    assert "nlp" in marked
    assert max(map(len, report.splitlines())) < 300


def test_colour_changes_nothing_but_colour(checked: Checked) -> None:
    painted = text.render(checked.diagnostics, checked.positions, colour=True)
    assert re.sub("\x1b\\[[0-9;]*m", "", painted) == shown(checked)


def test_a_secret_does_not_go_on_to_the_report(mini: Path) -> None:
    secret = "sk-ant-" + "a1b2c3d4e5" * 3
    (mini / "policies" / "leak.yaml").write_text(
        "# yaml-language-server: $schema=../../schemas/policy.schema.json\n"
        f"description: key {secret}\npipeline: text-generation\n"
    )
    checked = check(mini)
    assert [one.code for one in checked.diagnostics] == ["MB310"]
    for report in (
        shown(checked),
        machine.as_json(checked.diagnostics, 1),
        machine.as_sarif(checked.diagnostics),
        machine.as_github(checked.diagnostics),
    ):
        assert secret not in report


@given(
    st.text(st.characters(exclude_characters="\r\n"), max_size=300),
    st.integers(1, 310),
    st.integers(0, 310),
    st.booleans(),
)
@settings(deadline=None)
def test_any_line_and_range_can_be_shown(line: str, start: int, length: int, more: bool) -> None:
    start = min(start, len(line) + 1)
    raw = f"{line}\nmore\n".encode("utf-8", "surrogatepass")
    positions = Positions({"a.yaml": raw})
    known = positions.lines("a.yaml")[0]
    span = Span(1, start, 2, 1) if more else Span(1, start, 1, start + length)
    report = text.render([Diagnostic("a.yaml", "MB001", line, span=span)], positions, colour=False)
    assert not UNSAFE.search(report.replace("\n", ""))
    ((seen, marks),) = excerpts(report)
    end = max(len(known) if more else start + length - 1, start)
    if len(known) <= text.WIDTH:
        assert seen == printable(known)
        assert marks == " " * len(printable(known[: start - 1])) + "^" * max(
            1, len(printable(known[start - 1 : end]))
        )
    else:
        assert len(seen) <= text.WIDTH * len("\\u0000")
        assert seen in printable(known)


def test_diagnostics_are_sorted_and_each_is_there_once(checked: Checked) -> None:
    found = checked.diagnostics
    assert ordered([*found[::-1], *found]) == found
    assert len(set(found)) == len(found)
    keys = [(one.path, one.span) for one in found]
    assert keys == sorted(keys, key=lambda key: (key[0], key[1] or Span(1, 1, 1, 1)))


def test_notes_are_told_apart_from_the_problem(mini: Path) -> None:
    span = Span(2, 1, 2, 2)
    note = Note("b.yaml", "first declared here", span=span)
    plain = Diagnostic("a.yaml", "MB202", "`x` is taken already", span=span)
    noted = Diagnostic("a.yaml", "MB202", "`x` is taken already", span=span, notes=(note,))
    assert len(ordered([plain, noted])) == 2
    assert json.loads(machine.as_json([noted], 1))["problems"][0]["notes"] == [
        {"path": "b.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 2}
        | {"message": "first declared here"}
    ]


@pytest.mark.parametrize("shape", ["text", "json", "sarif", "github"])
def test_the_command_prints_each_format(
    checked: Checked,
    mini: Path,
    modelbook: Callable[..., subprocess.CompletedProcess[str]],
    shape: str,
) -> None:
    run = modelbook("check", "--catalog", str(mini), "--format", shape, PYTHONUTF8="0", LC_ALL="C")
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert run.stdout.count("MB004") >= 1


def test_every_code_has_a_page() -> None:
    assert len(contents().splitlines()) == len(REGISTER)
    for code in REGISTER.values():
        assert code.title in page(code)
        assert code.bad in page(code)
        assert code.why.endswith(".")
        assert not code.title.endswith(".")
