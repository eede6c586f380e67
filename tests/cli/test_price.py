"""`modelbook price`: counts as people type them, the table, JSON, history, and what cannot be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook.errors import RequestError
from modelbook_cli.counts import count
from modelbook_cli.priced import amount, even

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Refused = Callable[[Done], str]
OLD, NEW, MOVING = "acme:alpha-1-2025-03-01", "acme:alpha-1-2025-08-15", "acme:alpha-1"
GAMMA = "vllm:openlab/gamma-7b"
AT = ("--at", "2026-11-01")
USED = ("--input", "12k", "--cached", "10k", "--output", "800")

TABLE = """\
acme:alpha-1-2025-08-15
at 2026-11-01T00:00:00Z
unit        quantity          rate  amount USD  price
input          2,000   2.50 per 1M      0.0050  standard
output           800  10.00 per 1M      0.0080  standard
cache_read    10,000   1.25 per 1M      0.0125  standard
total                                   0.0255
source: https://example.com/models (checked 2026-01-02)
"""
STANDARD = {"from": None, "until": None, "when": {}, "currency": "USD"}


def line(unit: str, quantity: int, rate: str, amount: str) -> dict[str, Any]:
    """Return a line as JSON has it."""
    same = {"per": 1_000_000, "entry": STANDARD, "factors": []}
    return {"unit": unit, "quantity": quantity, "rate": rate, "amount": amount, **same}


DATA = {
    "deployment": NEW,
    "at": "2026-11-01T00:00:00Z",
    "currency": "USD",
    "total": "0.0255",
    "lines": [
        line("input", 2000, "2.50", "0.005"),
        line("output", 800, "10.00", "0.008"),
        line("cache_read", 10000, "1.25", "0.0125"),
    ],
    "sources": [{"url": "https://example.com/models", "checked": "2026-01-02"}],
    "unpriced": [],
    "allowances": {},
}


def test_the_table(ask: Run) -> None:
    done = ask("price", NEW, *USED, *AT)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", TABLE)


def test_json(answer: Callable[..., Any]) -> None:
    found = answer("price", NEW, *USED, *AT)
    assert found == {**DATA, "lines": found["lines"]}
    assert sorted(found["lines"], key=str) == sorted(DATA["lines"], key=str)


@pytest.mark.parametrize(
    ("options", "total"),
    [
        (["--input", "1.5M"], None),
        (["--input", "64k"], "0.16"),
        (["--input", "64_001"], "0.320005"),
        (["--input", "1,000", "--tier", "batch"], "0.00125"),
        (["--input", "1", "--tier", "batch"], "0.00000125"),
        (["--input", "1000", "--at", "2026-12-01"], "0.002"),
        (["--input", "1000", "--at", "2026-11-30T23:59:59Z"], "0.0025"),
        (["--unit", "input=1k", "--unit", "cache_read=1k"], "0.00125"),
        (["--input", "0"], "0"),
        (["--input", "1k", "--currency", "EUR"], "0.002272727272727272727272727273"),
    ],
)
def test_totals(ask: Run, options: list[str], total: str | None) -> None:
    at = [] if "--at" in options else AT
    done = ask("price", NEW, *options, *at, "--json")
    if total is None:
        assert done.returncode == 0
        assert json.loads(done.stdout)["total"] == "7.5"
    else:
        assert json.loads(done.stdout)["total"] == total
    assert not re.search(r'"\d+(\.\d+)?E', done.stdout)


@pytest.mark.parametrize("name", [NEW, NEW.upper(), "alpha-1-2025-08-15", MOVING])
def test_names(answer: Callable[..., Any], name: str) -> None:
    found = answer("price", name, *USED, *AT)
    assert found["total"] == "0.0255"
    assert found["deployment"] == (MOVING if name == MOVING else NEW)


def test_a_usage_file(modelbook: Run, shop: Path, tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(shop / "generated")}
    text = '{"input": 12000, "cache_read": 10000.0, "output": 8E+2}'
    path = tmp_path / "usage.json"
    path.write_text(text)
    for name, given_text in ((str(path), ""), ("-", text)):
        done = modelbook(
            "price", NEW, "--usage", name, *AT, "--json", cwd=shop, input=given_text, **env
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["total"] == "0.0255"
    more = modelbook("price", NEW, "--usage", str(path), "--searches", "1", cwd=shop, **env)
    assert "`searches`" in more.stderr


HOSTILE = {
    "": "1:1: it is not JSON: expecting value",
    "{": "1:2: it is not JSON",
    '{"input":\n 1,,}': "2:4: it is not JSON",
    '{"input": NaN}': "`NaN` is not a number in JSON",
    '{"input": -Infinity}': "`-Infinity` is not a number in JSON",
    '{"input": 1, "input": 2}': "the key `input` stands twice",
    "[" * 100_000: "nested too deeply",
    '{"input": ' + "9" * 5000 + "}": "is no number that can be counted",
    '{"input": 1e99999999999999999999}': "is no number that can be counted",
    '{"input": 1e400}': "that is a mistake",
    '{"input": 1e-400}': "decimal places",
    '{"input": "12k"}': "`input` takes a number of tokens, not '12k'",
    '{"input": true}': "takes a number of tokens, not True",
    '{"input": [1]}': "takes a number of tokens, not [1]",
    '{"input": 1.5}': "`input` counts whole tokens",
    '{"inptu": 1}': "did you mean `input`",
    '{"output": 1, "reasoning": 2}': "`reasoning` is more than `output`",
    '{"\\u001b[2J": 1}': "unknown unit",
    "[1]": "a usage is a JSON object",
    '"input"': "a usage is a JSON object",
    "null": "a usage is a JSON object",
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:30])
def test_hostile_usage_files(ask: Run, tmp_path: Path, refused: Refused, text: str) -> None:
    path = tmp_path / "usage.json"
    path.write_text(text)
    words = refused(ask("price", NEW, "--usage", str(path), *AT))
    assert HOSTILE[text] in words
    assert len(words) < 2000
    assert "\x1b" not in words


def test_files_that_cannot_be_read(ask: Run, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "latin").write_bytes(b'{"\xff": 1}')
    (tmp_path / "large").write_bytes(b" " * 16_000_001)
    for name, said in (
        ("none", "no such file"),
        (".", "is a directory"),
        ("latin", "it is not UTF-8, from byte 2 on"),
        ("large", "more than 16,000,000 bytes"),
    ):
        assert said in refused(ask("price", NEW, "--usage", str(tmp_path / name)))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([NEW], "the usage counts nothing"),
        ([NEW, "--input", "12kk"], "`--input` takes a count such as 800, 12k, 1.5M or 12,000"),
        ([NEW, "--input", "1e400"], "takes a count"),
        ([NEW, "--input", "NaN"], "takes a count"),
        ([NEW, "--input", "9" * 5000], "takes a count"),
        ([NEW, "--input", "1,00"], "takes a count"),
        ([NEW, "--cache-write", "x"], "`--cache-write` takes a count"),
        ([NEW, "--input", "-5"], "cannot be below 0, and is -5"),
        ([NEW, "--input", "1.5"], "counts whole tokens"),
        ([NEW, "--input", "9" * 17], "that is a mistake"),
        ([NEW, "--input", "1k", "--cached", "2k"], "`cache_read` is more than `input`"),
        ([NEW, "--cached", "2k"], "counts towards `input`, whose count is missing"),
        ([NEW, "--unit", "inptu=5"], "did you mean `input`"),
        ([NEW, "--unit", "input"], "`--unit` takes UNIT=COUNT"),
        ([NEW, "--unit", "=5"], "`--unit` takes UNIT=COUNT"),
        ([NEW, "--unit", "input=5", "--input", "5"], "`input` is given twice"),
        ([NEW, "--input", "5", "--tier", "bacth"], "it has some for `batch`"),
        ([NEW, "--input", "5", "--region", "mars"], "none of its prices depends on a region"),
        ([NEW, "--input", "5", "--currency", "GBP"], "the catalog knows USD, EUR"),
        ([NEW, "--input", "5", "--currency", "EUR", "--at", "2025-10-01"], "exchange rate"),
        ([NEW, "--input", "5", "--at", "2020-01-01"], "from 2025-08-15 on"),
        ([NEW, "--input", "5", "--at", "soon"], "'soon'; write YYYY-MM-DD"),
        ([NEW, "--input", "5", "--images", "1"], "no known price for `output_images`"),
        ([NEW, "--images", "1", "--partial"], "no known price for `output_images`"),
        ([GAMMA, "--input", "5"], "is not metered"),
        (["acme:alpha-2", "--input", "5"], "did you mean `acme:alpha-1`"),
        (["acme/alpha-1", "--input", "5"], "is a model"),
        (["", "--input", "5"], "unknown deployment"),
    ],
)
def test_requests_without_meaning(
    ask: Run, refused: Refused, arguments: list[str], said: str
) -> None:
    for further in ([], ["--json"], ["--history"]):
        if further == ["--history"] and {"--at", "--currency"} & {*arguments}:
            continue
        words = refused(ask("price", *arguments, *further))
        assert said in words
        assert len(words.splitlines()) <= 2


def test_what_is_not_priced_is_named(answer: Callable[..., Any], ask: Run) -> None:
    options = [NEW, "--input", "1k", "--images", "2", "--partial", *AT]
    found = answer("price", *options)
    assert (found["total"], found["unpriced"]) == ("0.0025", ["output_images"])
    assert "not priced: output_images\n" in ask("price", *options).stdout


HISTORY = """\
acme:alpha-1
      from       until    cost
2025-03-01  2025-09-01  0.0050  USD
2025-09-01  2026-12-01  0.0025  USD  in force
2026-12-01           -  0.0020  USD  announced
█▄▃
"""


def test_history(ask: Run, answer: Callable[..., Any]) -> None:
    asked = ["price", MOVING, "--input", "1k", "--history", *AT]
    done = ask(*asked)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", HISTORY)
    found = answer(*asked)
    assert (found["deployment"], found["at"]) == (MOVING, "2026-11-01T00:00:00Z")
    assert [(one["total"], one["state"]) for one in found["steps"]] == [
        ("0.005", "past"),
        ("0.0025", "in force"),
        ("0.002", "announced"),
    ]


def test_a_price_is_in_force_from_its_first_instant(answer: Callable[..., Any]) -> None:
    for at, states in (
        ("2026-11-30T23:59:59Z", ["past", "in force", "announced"]),
        ("2026-12-01", ["past", "past", "in force"]),
    ):
        found = answer("price", MOVING, "--input", "1k", "--history", "--at", at)
        assert [one["state"] for one in found["steps"]] == states


def test_amounts_are_plain_text() -> None:
    texts = {"2E-7": "0.0000002", "1E+3": "1000", "0E-9": "0.000000000", "2.50": "2.50"}
    assert {text: amount(Decimal(text)) for text in texts} == texts
    assert even([Decimal("2E-7"), Decimal(5)]) == ["0.0000002", "5.0000000"]


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("further", [[], ["--history"]])
def test_it_fits_the_terminal(
    terminal: Callable[..., str], columns: int, further: list[str]
) -> None:
    shown = terminal("price", NEW, *USED, *AT, *further, columns=columns)
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown).splitlines()
    assert max(len(one) for one in lines if not one.startswith("source:")) <= columns
    assert "…" not in shown
    assert ("  amount USD: 0.0125" in lines) == (columns == 40 and not further)
    for text in ("0.0255",) if further else ("10,000", "0.0125", "0.0255"):
        assert text in shown


@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_a_locale_without_the_letters(ask: Run, locale: dict[str, str]) -> None:
    done = ask("price", MOVING, "--input", "1k", "--history", *AT, **locale)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == HISTORY.replace("█▄▃", "#=-")


@given(
    st.integers(0, 10**15),
    st.sampled_from(["{}", "{:_}", "{:,}"]),
    st.sampled_from([("", 0), ("k", 3), ("K", 3), ("m", 6), ("M", 6), ("b", 9)]),
)
def test_counts_read_as_they_are_written(number: int, shape: str, word: tuple[str, int]) -> None:
    found = count(shape.format(number) + word[0], "--input")
    assert (found, type(found)) == (number * 10 ** word[1], int)


@given(st.decimals(0, 10**9, places=7), st.sampled_from([("", 0), ("k", 3), ("M", 6)]))
def test_fractions_are_exact(number: Decimal, word: tuple[str, int]) -> None:
    found = count(f"{number:f}{word[0]}", "--input")
    assert found == number * 10 ** word[1]
    assert isinstance(found, int) == (found == int(found))


@given(st.text(max_size=80))
def test_any_text_is_a_count_or_an_error(text: str) -> None:
    with suppress(RequestError):
        found = count(text, "--input")
        assert isinstance(found, int | Decimal)
        assert re.fullmatch(r"-?[\d_,.]+[kmbKMB]?", text.strip(), re.A)


@pytest.mark.parametrize("command", ["price openai:gpt-4o --input 1k", "models", "compare -h"])
def test_a_closed_standard_output_is_no_traceback(command: str) -> None:
    shell = ["sh", "-c", f"{sys.executable} -m modelbook_cli {command} >&-"]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
