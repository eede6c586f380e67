"""Every kind of bad row: its code, its row and the column of the exact place."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modelbook_compiler.bulk.run import Outcome
from modelbook_compiler.bulk.spans import places
from modelbook_compiler.suspects import LOOKS, may_have_form

from .conftest import Rows, line, row, told

KEY = "gsk_" + "a" * 30

BAD: dict[str, tuple[str | bytes, str, str]] = {
    "not UTF-8": (b'{"id": "acme/b\xff"}', "MB004", ""),
    "a hidden character": (line("acme/b", name="Be@ta").replace("@", "\u202e"), "MB004", "\u202e"),
    "a hidden escape": (line("acme/b", name="Be@").replace("@", "\\u001b"), "MB004", '"Be\\u001b"'),
    "half a character": (line("acme/b", name="@").replace("@", "\\ud800"), "MB004", '"\\ud800"'),
    "a nul": (line("acme/b", name="Be@").replace("@", "\x00"), "MB004", "\x00"),
    "a byte order mark": ("\ufeff" + line("acme/b"), "MB004", "\ufeff"),
    "not JSON": ('{"id": "acme/b", name: 1}', "MB011", "name"),
    "a trailing comma": ('{"id": "acme/b",}', "MB011", "}"),
    "two objects": (line("acme/b") + " {}", "MB011", "{}"),
    "cut off": (line("acme/b")[:-20], "MB011", ""),
    "NaN": ('{"id": "acme/b", "dimensions": NaN}', "MB011", "NaN"),
    "minus infinity": ('{"id": "acme/b", "dimensions": -Infinity}', "MB011", "-Infinity"),
    "not an object": ('  ["acme/b"]', "MB104", "["),
    "a bare text": ('"acme/b"', "MB104", '"acme/b"'),
    "the same key twice": ('{"id": "acme/b", "id": "acme/c"}', "MB006", '"id": "acme/c"'),
    "a key twice, deeper": (
        '{"id": "acme/b", "limits": {"context": 1, "context": 2}}',
        "MB006",
        '"context": 2',
    ),
    "too deep": ('{"id": ' + "[" * 40 + "]" * 40 + "}", "MB009", ""),
    "much too deep": ("[" * 100_000, "MB009", ""),
    "too many items": (line("acme/b", aliases=list(range(6000))), "MB009", "[0, 1"),
    "too many digits": ('{"id": "acme/b", "dimensions": ' + "9" * 5000 + "}", "MB009", "999"),
    "no id": (json.dumps({k: v for k, v in row("x/y").items() if k != "id"}), "MB102", '"name"'),
    "an id of the wrong form": (line("Acme/B"), "MB105", '"Acme/B"'),
    "an unknown field": (line("acme/b", licence="MIT"), "MB101", '"licence"'),
    "a wrong type": (line("acme/b", limits={"context": "4096"}), "MB104", '"4096"'),
    "null": (line("acme/b", family=None), "MB104", "null"),
    "out of range": (line("acme/b", limits={"context": 0}), "MB106", "0}"),
    "not a choice": (line("acme/b", modalities={"input": ["smell"]}), "MB103", '"smell"'),
    "a repeated item": (
        line("acme/b", pipelines=["text-generation", "text-generation"]),
        "MB109",
        '"text-generation"], "s',
    ),
    "no such pipeline": (line("acme/b", pipelines=["text-generaton"]), "MB201", '"text-generaton"'),
    "no such class": (line("acme/b", architecture="Lama"), "MB201", '"Lama"'),
    "an id of the catalog": (line("acme/alpha-1"), "MB204", '"acme/alpha-1"'),
    "an alias of the catalog": (
        line("acme/b", aliases=["acme/alpha-1"]),
        "MB204",
        '"acme/alpha-1"',
    ),
    "too like one": (line("acme/alpha.1"), "MB202", '"acme/alpha.1"'),
    "no such day": (line("acme/b", released="2024-02-30"), "MB302", '"2024-02-30"'),
    "a limit above the context": (
        line("acme/b", limits={"context": 10, "max_output": 20}),
        "MB301",
        "20}",
    ),
    "no pipeline": (
        line("acme/b").replace('"pipelines": ["text-generation"], ', ""),
        "MB309",
        '"id"',
    ),
    "a secret": (line("acme/b", name=KEY), "MB310", KEY),
    "an escaped secret": (
        line("acme/b", name=KEY).replace("gsk", "\\u0067sk"),
        "MB310",
        '"\\u0067',
    ),
    "a secret in a key": (line("acme/b").replace('"name"', f'"{KEY}"'), "MB310", KEY),
    "no such licence": (line("acme/b", license="Apache2"), "MB325", '"Apache2"'),
    "a catalog model's weights": (
        line("acme/b", weights={"hf": "OpenLab/gamma-7b"}),
        "MB329",
        '"OpenLab/gamma-7b"',
    ),
    "an exception for nothing": (
        line("acme/b", exceptions=[{"rule": "MB301", "reason": "R"}]),
        "MB390",
        '"MB301"',
    ),
    "one against others": (
        line("acme/b", exceptions=[{"rule": "MB202", "reason": "R"}]),
        "MB390",
        '"MB202"',
    ),
    "one from a rule that rows do not meet": (
        line("acme/b", exceptions=[{"rule": "MB330", "reason": "R"}]),
        "MB390",
        '"MB330"',
    ),
    "too long": (line("acme/b", name="x" * 1_100_000), "MB009", "{"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_row_is_told_with_row_and_column(kind: str, rows: Rows) -> None:
    text, code, place = BAD[kind]
    outcome = rows(line("acme/first"), "", text, line("acme/last"))
    found = [one for one in told(outcome) if one[0] == code]
    assert [(one[0], one[1]) for one in found] == [(code, 3)], outcome.problems
    if place:
        shown = text.decode() if isinstance(text, bytes) else text
        assert shown[found[0][2] - 1 :].startswith(place), (shown, found)
    assert KEY not in str([(one.message, one.hint, one.pointer) for one in outcome.problems])
    assert {one.path for one in outcome.problems} == {"rows.ndjson"}


def test_sound_rows_are_kept_and_blank_lines_are_nothing(rows: Rows) -> None:
    outcome = rows("", line("acme/b"), "   ", line("acme/c"), end=b"\r\n")
    assert (outcome.problems, outcome.staged.count) == ((), 2)


def test_the_last_line_needs_no_end(rows: Rows) -> None:
    outcome = rows(line("acme/b") + "\n" + line("acme/c"), end=b"")
    assert (outcome.problems, outcome.staged.count) == ((), 2)


def test_a_truncated_file_is_told_at_its_last_row(rows: Rows) -> None:
    whole = "\n".join(line(f"acme/b{n}") for n in range(50))
    outcome = rows(whole[:-30], end=b"")
    assert [one[:2] for one in told(outcome)] == [("MB011", 50)]


def test_a_row_longer_than_a_block_does_not_move_the_others(rows: Rows) -> None:
    long = line("acme/long", name="x" * 5_000_000)
    outcome = rows(line("acme/b"), long, long, line("Acme/C"))
    assert told(outcome) == [("MB009", 2, 1), ("MB009", 3, 1), ("MB105", 4, 8)]


def test_two_rows_with_one_name_name_each_other(rows: Rows) -> None:
    outcome = rows(line("acme/b"), line("acme/c", aliases=["acme/b"]), line("acme/d"))
    (found,) = outcome.problems
    assert (found.code, found.pointer) == ("MB204", ("aliases", 0))
    (note,) = found.notes
    assert note.span is not None
    assert (note.path, note.span.line, note.span.column) == ("rows.ndjson", 1, 8)


def test_the_note_about_a_file_of_the_catalog_is_exact(rows: Rows) -> None:
    (found,) = rows(line("acme/alpha-1")).problems
    (note,) = found.notes
    assert note.path == "catalog/models/acme/alpha-1.yaml"
    assert note.span is not None
    assert note.span.line == 2


def test_names_of_one_row_that_are_alike_are_no_clash(rows: Rows) -> None:
    assert rows(line("acme/b-1", aliases=["acme/b.1", "acme/b1"])).problems == ()


def test_an_alias_that_is_the_id_itself_is_told(rows: Rows) -> None:
    assert told(rows(line("acme/b", aliases=["acme/b"])))[0][0] == "MB204"


def test_exceptions_that_are_needed_are_honoured(rows: Rows) -> None:
    excuse = [{"rule": "MB202", "reason": "R"}, {"rule": "MB329", "reason": "R"}]
    weights = {"hf": "acme/b"}
    outcome = rows(
        line("acme/b1", weights=weights), line("acme/b-1", weights=weights, exceptions=excuse)
    )
    assert outcome.problems == ()


def test_a_second_exception_from_one_rule_is_left_over(rows: Rows) -> None:
    excuse = [{"rule": "MB202", "reason": one} for one in "RS"]
    (found,) = rows(line("acme/b1"), line("acme/b-1", exceptions=excuse)).problems
    assert (found.code, found.pointer) == ("MB390", ("exceptions", 1, "rule"))


def test_an_exception_is_not_judged_while_rows_are_lost(rows: Rows) -> None:
    excuse = [{"rule": "MB202", "reason": "R"}]
    assert [one[0] for one in told(rows("{", line("acme/b-1", exceptions=excuse)))] == ["MB011"]


def test_many_problems_are_counted(rows: Rows) -> None:
    def worst(outcome: Outcome) -> tuple[int, str]:
        last = outcome.problems[-1]
        return len({one.span.line for one in outcome.problems[:-1] if one.span}), last.message

    texts = [line("acme/b" + "x" * n, nonsense=1) for n in range(1500)]
    assert worst(rows(*texts)) == (100, "and 1,400 more rows with problems")
    same = [line("acme/b") for _ in range(1500)]  # the first of them is in order
    assert worst(rows(*same)) == (100, "and 1,399 more rows with problems")
    mixed = [line("acme/b", released="2024-02-30") for _ in range(102)]
    outcome = rows(*mixed)
    assert worst(outcome) == (100, "and 2 more rows with problems")
    assert told(outcome)[-1] == ("MB012", 101, 1)


def test_the_first_hundred_are_the_first_by_row(rows: Rows) -> None:
    texts = [line(f"acme/b{n}") for n in range(300)]
    texts[250] = line("acme/c", nonsense=1)
    texts[3] = line("acme/b2")
    assert told(rows(*texts)) == [("MB204", 4, 8), ("MB101", 251, told(rows(texts[250]))[0][2])]


@settings(deadline=None, max_examples=200)
@given(st.from_regex(LOOKS.replace("}+", "}")))  # hypothesis knows no possessive repeats
def test_whatever_is_a_secret_is_looked_for(text: str) -> None:
    assert may_have_form(text)


SHOWN = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")) | st.just("\\"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**20) | SHOWN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SHOWN, inner),
    max_leaves=20,
)


@settings(deadline=None, max_examples=200)
@given(JSON, st.sampled_from([(", ", ": "), (",", ":"), (" ,\t", " : ")]), st.booleans())
def test_every_value_is_where_it_is_said_to_be(
    value: object, separators: tuple[str, str], ascii: bool
) -> None:
    text = " " + json.dumps(value, separators=separators, ensure_ascii=ascii) + "\t"
    found = places(text)
    for pointer, place in found.items():
        inner: object = value
        for step in pointer:
            inner = inner[step]  # type: ignore[index]
        assert json.loads(text[slice(*place.value)]) == inner
        if place.key:
            assert json.loads(text[slice(*place.key)]) == pointer[-1]


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=60)
    | st.text(alphabet='{}[]",:\\ue0n1.-tfa \t\r', max_size=40).map(str.encode)
)
def test_any_bytes_are_taken_for_rows(rows: Callable[..., Outcome], raw: bytes) -> None:
    outcome = rows(raw)
    filled = sum(bool(part.strip()) for part in raw.split(b"\n"))
    assert len({one.span.line for one in outcome.problems if one.span}) == filled
