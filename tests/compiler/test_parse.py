"""The YAML front end: one meaning for every reader, and a diagnostic for everything else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from modelbook_compiler.diagnostics import Diagnostic, Span
from modelbook_compiler.operations import is_overlay
from modelbook_compiler.parse import FORBIDDEN, MAX_DEPTH, parse
from modelbook_compiler.positions import Positions
from modelbook_compiler.values import Document, Json, SourceFile

LINE = "# yaml-language-server: $schema=../../../schemas/model.schema.json\n"
TIMESTAMP = "tag:yaml.org,2002:timestamp"

plain_text = st.text(st.characters(codec="utf-8"), max_size=20).filter(
    lambda text: not FORBIDDEN.search(text)
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**16), 10**16) | plain_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_text, inner, max_size=4),
    max_leaves=12,
)


def positions(text: str | bytes) -> Positions:
    """Return the positions in a file with a text."""
    return Positions({source(text).path: source(text).raw})


def source(text: str | bytes) -> SourceFile:
    """Return a model's file with a modeline and a text below it."""
    raw = text if isinstance(text, bytes) else (LINE + text).encode("utf-8", "surrogatepass")
    return SourceFile("catalog/models/acme/beta.yaml", "model", "acme/beta", "catalog", raw)


def read(text: str | bytes) -> Json:
    """Return the value of a sound file."""
    outcome = parse(source(text))
    assert isinstance(outcome, Document), outcome
    return outcome.data


def refused(text: str | bytes) -> tuple[str, Span]:
    """Return code and range of the problem of a file."""
    outcome = parse(source(text))
    assert isinstance(outcome, Diagnostic), outcome
    located = positions(text).located(outcome)
    assert located.span is not None
    return located.code, located.span


def core(text: str) -> Json:
    """Return what the core rules of YAML 1.2 (section 10.3.2) make of a plain scalar."""
    if re.fullmatch(r"null|Null|NULL|~|", text):
        return None
    if re.fullmatch(r"true|True|TRUE|false|False|FALSE", text):
        return text.lower() == "true"
    for pattern, base in ((r"[-+]?[0-9]+", 10), (r"0o[0-7]+", 8), (r"0x[0-9a-fA-F]+", 16)):
        if re.fullmatch(pattern, text):
            return int(text.removeprefix("0o") if base == 8 else text, base)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text):
        return float(text.lower().replace(".", ""))
    return text


def old(text: str) -> tuple[str, Json]:
    """Return tag and value that PyYAML's YAML 1.1 rules give to a plain scalar."""
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    if tag == TIMESTAMP:
        return tag, text
    try:
        return tag, yaml.safe_load(f"x: {text}\n")["x"]
    except (yaml.YAMLError, ValueError):
        return tag, NotImplemented


def same(one: Json, other: Json) -> bool:
    """Tell whether two values are equal and of one type; whole floats count as integers."""
    number = (int, float)
    if type(one) in number and type(other) in number:
        return bool(one == other)
    return type(one) is type(other) and bool(one == other)


WHOLE = st.dictionaries(plain_text, json_values, max_size=5).filter(lambda one: not is_overlay(one))


@given(WHOLE, st.sampled_from([None, 2]))
@settings(deadline=None, max_examples=200)
def test_quoted_values_are_what_yaml_says(value: dict[str, Json], indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    assert read(text) == yaml.safe_load(text) == value


SCALARS = (
    st.from_regex(r"[-+]?[0-9_]{1,8}(\.[0-9_]{0,4})?([eE][-+]?[0-9]{1,3})?", fullmatch=True)
    | st.from_regex(r"[-+]?0[box]?[0-9a-fA-F_]{0,6}", fullmatch=True)
    | st.from_regex(r"[-+]?[0-9]{1,3}(:[0-9]{1,2}){1,3}(\.[0-9_]*)?", fullmatch=True)
    | st.from_regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9:.]{1,12}Z?)?", fullmatch=True)
    | st.from_regex(r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN|[0-9_]{1,4})", fullmatch=True)
    | st.from_regex(r"(?i)(y|n|yes|no|on|off|true|false|null|~|=|<<)x?", fullmatch=True)
    | st.from_regex(r"[-+.0-9_:eExobn~=<>]{1,8}", fullmatch=True)
    | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ._/@+-]{0,12}", fullmatch=True)
)


def plain(text: str) -> bool:
    """Tell whether a text, written plain as a value, is one scalar with just this text."""
    try:
        node = yaml.compose(f"x: {text}\n")
    except yaml.YAMLError:
        return False
    if not isinstance(node, yaml.MappingNode) or len(node.value) != 1:
        return False
    value = node.value[0][1]
    return isinstance(value, yaml.ScalarNode) and value.style is None and value.value == text


@given(SCALARS)
@settings(deadline=None, max_examples=800)
def test_a_plain_scalar_means_one_thing_or_is_refused(text: str) -> None:
    assume(plain(text))
    outcome = parse(source(f"x: {text}\n"))
    tag, before = old(text)
    if isinstance(outcome, Diagnostic):
        assert outcome.code == "MB008"
        return
    assert same(outcome.data["x"], core(text)), "YAML 1.2 reads it differently"
    assert tag == TIMESTAMP or same(before, core(text)), "YAML 1.1 reads it differently"


@pytest.mark.parametrize("text", ["y", "Y", "n", "N", "yes", "Off", "=", "1:30", "0o7", ".nan"])
def test_words_of_the_old_specification_are_refused(text: str) -> None:
    assert refused(f"x: {text}\n") == ("MB008", Span(2, 4, 2, 4 + len(text)))


@pytest.mark.parametrize("text", ["2024-05-13", "2024-05", "gpt-4o", "1.2.3", "a:b", "7b", "-x"])
def test_ordinary_plain_text_is_text(text: str) -> None:
    assert read(f"x: {text}\n") == {"x": text}


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("-7", -7), ("1.5", 1.5), ("128000.0", 128000), ("~", None)]
)
def test_ordinary_numbers_are_numbers(text: str, value: Json) -> None:
    found = read(f"x: {text}\n")["x"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\na: 2\n", "MB006", 3, 1),
        ("a: {b: 1, 'b': 2}\n", "MB006", 2, 11),
        ("a: &x 1\n", "MB007", 2, 4),
        ("a: *x\n", "MB007", 2, 4),
        ("a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n", "MB007", 2, 4),
        ("a: !x 1\n", "MB007", 2, 4),
        ("a: !!python/object:os.system {}\n", "MB007", 2, 4),
        ("a: !!map\n  b: 1\n", "MB007", 2, 4),
        ("!x a: 1\n", "MB007", 2, 1),
        ("<<: {a: 1}\n", "MB007", 2, 1),
        ("a: 1\n---\nb: 2\n", "MB007", 3, 1),
        ("# 5 % off\n%YAML 1.1\n---\na: 1\n", "MB007", 3, 1),
        ("a: '%\n%b'\n", "MB007", 3, 1),
        ("? {a: 1}\n: 2\n", "MB007", 2, 3),
        ("null: 1\n", "MB008", 2, 1),
        (": 1\n", "MB005", 2, 1),
        ("a:\n\tb: 1\n", "MB005", 3, 1),
        ("a: b: c\n", "MB005", 2, 5),
        ("a: @b\n", "MB005", 2, 4),
        ("a: '\n", "MB005", 2, 4),
        ("a: b\r\nc: d\re\n", "MB004", 3, 5),
        ('a: "\\e[2J"\n', "MB004", 2, 4),
        ('a: "\\u202e"\n', "MB004", 2, 4),
        ('"\\x1b": 1\n', "MB004", 2, 1),
        ("a: \ufffe\n", "MB004", 2, 4),
        ("a: \U0001f600\u0007\n", "MB004", 2, 5),
        ("- a\n", "MB104", 2, 1),
    ],
)
def test_refused(text: str, code: str, line: int, column: int) -> None:
    found, span = refused(text)
    assert (found, span.line, span.column) == (code, line, column)


def test_bytes_that_are_not_text() -> None:
    assert refused(LINE.encode() + b"a: b\nc: \xff\n") == ("MB004", Span(3, 4, 3, 5))
    assert refused(b"\xef\xbb\xbf" + LINE.encode())[0] == "MB004"
    assert refused(b"")[0] == "MB010"


def test_windows_line_ends_and_empty_files() -> None:
    text = "a: b\nc: |\n  d\n  e\n"
    whole = (LINE + text).replace("\n", "\r\n").encode()
    assert read(whole) == read(text) == {"a": "b", "c": "d\ne\n"}
    assert read("") == {}
    assert read("---\na: b\n...\n") == {"a": "b"}


def test_depth_bound_is_exact() -> None:
    deepest = MAX_DEPTH - 1
    assert read(f"a: {'[' * deepest}{']' * deepest}\n")
    assert refused(f"a: {'[' * MAX_DEPTH}{']' * MAX_DEPTH}\n")[0] == "MB009"


DEEP = {
    "brackets": "a: {b}",
    "brackets and an anchor": "a: {b}\nc: &x 1",
    "braces": "a: {m}",
    "dashes": "{d}",
    "dashes and an alias": "{d}*x",
    "questions": "{q}",
    "rising lines": "{r}",
    "closed": "a: {c}",
}
"""Texts so deep that a recursive reader would end the process."""

CHILD = """
import sys, time
from modelbook_compiler.parse import parse
from modelbook_compiler.values import SourceFile
if sys.argv[1] == "slow":
    from modelbook_compiler import parse as module, yaml_nodes
    from modelbook_compiler.yaml_slow import SlowParser
    kept = {name: vars(yaml_nodes.Parser)[name] for name in
            ("resolve", "descend_resolver", "ascend_resolver")}
    yaml_nodes.Parser = type("Parser", (SlowParser,), kept)
for text in sys.stdin.read().split("\\0"):
    start = time.process_time()
    found = parse(SourceFile("catalog/models/a/b.yaml", "model", "a/b", "catalog", text.encode()))
    print(getattr(found, "code", "sound"), time.process_time() - start)
"""


@pytest.mark.parametrize("parser", ["fast", "slow"])
def test_deep_files_are_refused_at_once(parser: str) -> None:
    count = 100_000 if parser == "fast" else 1_000
    parts = {
        "{b}": "[" * count,
        "{m}": "{a: " * count,
        "{d}": "- " * count,
        "{q}": "? " * count,
        "{r}": "\n".join(" " * depth + "a:" for depth in range(min(count, 1000))),
        "{c}": "[" * count + "]" * count,
    }
    texts = [LINE + re.sub("{.}", lambda m: parts[m.group()], text) for text in DEEP.values()]
    run = subprocess.run(
        [sys.executable, "-c", CHILD, parser],
        input="\0".join(texts),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-500:]
    for name, line in zip(DEEP, run.stdout.splitlines(), strict=True):
        code, seconds = line.split()
        assert code == "MB009", name
        assert float(seconds) < 1, name


@given(
    st.binary(max_size=400) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore"))
)
@settings(deadline=None, max_examples=150)
def test_any_bytes_give_a_document_or_a_diagnostic(raw: bytes) -> None:
    start = time.process_time()
    for text in (raw, LINE.encode() + raw):
        outcome = parse(source(text))
        if isinstance(outcome, Diagnostic):
            assert positions(text).located(outcome).span is not None
    assert time.process_time() - start < 1


@given(st.lists(st.sampled_from(list("ab01:-[]{},#&*!|>'\"%@?~ \t\n")), max_size=40).map("".join))
@settings(deadline=None, max_examples=300)
def test_any_yaml_like_text_gives_a_document_or_a_diagnostic(text: str) -> None:
    outcome = parse(source(text))
    if isinstance(outcome, Document):
        keys = yaml.load(text, yaml.CBaseLoader) or {}  # noqa: S506  # reads everything as text
        assert keys.keys() == outcome.data.keys()
    else:
        assert positions(text).located(outcome).span is not None
