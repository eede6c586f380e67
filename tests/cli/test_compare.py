"""`modelbook compare`: table, bars, JSON, SVG, what is left out, and workloads that cannot be."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook_cli.chart import LEAST, bars, sparkline
from modelbook_cli.svg import document

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Refused = Callable[[Done], str]
OLD, NEW, MOVING = "acme:alpha-1-2025-03-01", "acme:alpha-1-2025-08-15", "acme:alpha-1"
GAMMA, FREE = "vllm:openlab/gamma-7b", "acme:embed-1"
AT = ("--at", "2026-11-01")
GOLDEN = Path(__file__).parent.parent / "golden" / "compare.svg"
WORKLOAD = [
    {"usage": {"input": 12000, "cache_read": 2000, "output": 800}, "count": 1000},
    {"usage": {"input": 1000000, "output": 10}, "tier": "batch", "count": 1},
    {"input": 1, "output": 1},
]

TABLE = """\
deployment               model    total USD  input  output  times
acme:alpha-1-2025-08-15  Alpha 1      35.50  27.50    8.00   1.00
acme:alpha-1-2025-03-01  Alpha 1      72.00  60.00   12.00   2.03

acme:alpha-1-2025-08-15 ########################                          35.50
acme:alpha-1-2025-03-01 ################################################# 72.00
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Any], str]:
    """Return a function that writes a workload and returns the path of its file."""

    def write(value: Any) -> str:
        path = tmp_path / "workload.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return str(path)

    return write


def test_the_table(ask: Run, file: Callable[[Any], str]) -> None:
    path = file(WORKLOAD[:1])
    done = ask("compare", NEW, OLD, "--usage", path, *AT, PYTHONIOENCODING="ascii", COLUMNS="80")
    assert (done.returncode, done.stdout) == (0, TABLE)
    assert done.stderr == "2 of 2 deployments, 1,000 calls each, prices of 2026-11-01\n"


def test_bars_of_a_terminal_that_knows_them(ask: Run) -> None:
    done = ask("compare", NEW, OLD, "--input", "1k", *AT, COLUMNS="60", PYTHONIOENCODING="utf-8")
    assert done.stdout.splitlines()[-2:] == [
        "acme:alpha-1-2025-08-15 ██████████████               0.0025",
        "acme:alpha-1-2025-03-01 ████████████████████████████ 0.0050",
    ]


def test_json(answer: Callable[..., Any], file: Callable[[Any], str]) -> None:
    found = answer("compare", NEW, OLD, FREE, "--usage", file(WORKLOAD[::2]), *AT, "--excluded")
    assert found["excluded"][0].pop("text").startswith("takes at most 8,192 input tokens")
    assert found == {
        "at": "2026-11-01T00:00:00Z",
        "currency": "USD",
        "calls": 1001,
        "costs": [
            {
                "deployment": NEW,
                "model": "acme/alpha-1",
                "model_name": "Alpha 1",
                "source_type": "api",
                "total": "35.5000125",
                "currency": "USD",
                "lines": [
                    {
                        "unit": "input",
                        "direction": "input",
                        "quantity": 10000001,
                        "amount": "25.0000025",
                    },
                    {
                        "unit": "output",
                        "direction": "output",
                        "quantity": 800001,
                        "amount": "8.00001",
                    },
                    {
                        "unit": "cache_read",
                        "direction": "input",
                        "quantity": 2000000,
                        "amount": "2.5",
                    },
                ],
                "converted": [],
                "allowances": {},
            },
            {
                "deployment": OLD,
                "model": "acme/alpha-1",
                "model_name": "Alpha 1",
                "source_type": "api",
                "total": "72.00002",
                "currency": "USD",
                "lines": [
                    {
                        "unit": "input",
                        "direction": "input",
                        "quantity": 12000001,
                        "amount": "60.000005",
                    },
                    {
                        "unit": "output",
                        "direction": "output",
                        "quantity": 800001,
                        "amount": "12.000015",
                    },
                ],
                "converted": [],
                "allowances": {},
            },
        ],
        "compared": 2,
        "excluded": [{"id": FREE, "reason": "context"}],
    }


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-p", "causal_lm"], [MOVING, NEW]),
        (["-p", "causal_lm", "--retired"], [MOVING, NEW, OLD]),
        (["--provider", "acme", "--limit", "1"], [MOVING]),
        (["-r", "tools", "--tier", "batch"], [MOVING, NEW]),
        (["--min-context", "100q"], None),
        ([MOVING, "alpha-1-2025-03-01"], [MOVING, OLD]),
        (["-p", "causal_lm", "--max-cost-per-1k", "0.0024"], []),
    ],
)
def test_what_is_compared(ask: Run, options: list[str], expected: list[str] | None) -> None:
    done = ask("compare", *options, "--input", "1k", "--output", "10", *AT, "--json")
    if expected is None:
        assert (done.returncode, "'100q'" in done.stderr) == (2, True)
        return
    found = json.loads(done.stdout)
    assert [one["deployment"] for one in found["costs"]] == expected
    assert done.returncode == (0 if expected else 1)


def test_the_day_and_the_currency(answer: Callable[..., Any]) -> None:
    options = ("compare", NEW, "--input", "1k")
    assert answer(*options, "--at", "2026-12-01")["costs"][0]["total"] == "0.002"
    found = answer(*options, "--currency", "EUR", *AT)["costs"][0]
    assert (found["currency"], found["converted"]) == ("EUR", ["USD"])
    assert Decimal(found["total"]).quantize(Decimal("1e-6")) == Decimal("0.002273")


def test_an_amount_too_small_to_show_is_not_0(ask: Run) -> None:
    done = ask(
        "compare", NEW, OLD, "--input", "100k", "--unit", "output=1", "--currency", "EUR", *AT
    )
    assert re.search(rf"^{OLD} .* 0\.4545  <0\.0001  +1\.00$", done.stdout, re.M), done.stdout
    assert "converted from USD by the catalog's rates\n" in done.stderr


def test_what_is_left_out_is_told(ask: Run) -> None:
    asked = ("compare", "-p", "causal_lm", "--input", "1k", *AT)
    done = ask(*asked)
    assert done.stderr.endswith("1 could not be compared; --excluded says why\n")
    told = ask(*asked, "--excluded").stdout
    assert re.search(rf"^{GAMMA}  not_metered  `{GAMMA}` .*not metered$", told, re.M)


def test_nothing_to_compare_is_exit_code_1(ask: Run, shop: Path) -> None:
    done = ask("compare", GAMMA, "--input", "1k")
    assert (done.returncode, "not_metered" in done.stdout) == (1, True)
    asked = ("compare", GAMMA, "--input", "1k", "--json", "--svg", "none.svg")
    assert json.loads(ask(*asked).stdout)["costs"] == []
    assert not (shop / "none.svg").exists()


def test_the_workload_may_come_through_a_pipe(modelbook: Run, shop: Path) -> None:
    env = {"PYTHONPATH": str(shop / "generated")}
    text = json.dumps(WORKLOAD)
    done = modelbook("compare", NEW, "--usage", "-", *AT, "--json", cwd=shop, input=text, **env)
    assert json.loads(done.stdout)["excluded_count"] == 1  # 1,000,000 tokens do not fit


WRONG = {
    "[": "workload.json:1:2: it is not JSON: expecting value",
    '[{"input": 5},\n {"input" 5}]': "workload.json:2:11: it is not JSON",
    "[]": "workload.json: the workload has no calls",
    "5": "a workload is a usage or a list of them, not 5",
    "null": "a workload is a usage or a list of them, not None",
    '"input"': "a workload is a usage or a list of them",
    '[{"input": 5}, {"inptu": 5}]': "workload.json: item 2 of the workload: unknown unit 'inptu'",
    '[{"usage": {"input": 5}, "cuont": 5}]': "item 1 of the workload: unknown field 'cuont'",
    '[{"usage": {"input": 5}, "count": 0}]': "item 1 of the workload: `count` takes a whole number",
    '[{"usage": {"input": 5}, "count": 1e400}]': "`count` takes a whole number",
    '[{"usage": {"input": 5}, "count": "5"}]': "`count` takes a whole number",
    '[{"usage": {"input": 5}, "tier": 5}]': "item 1 of the workload: `tier` takes a text",
    '[{"usage": {"input": 5, "input": 6}}]': "the key `input` stands twice",
    '[{"usage": {"input": NaN}}]': "`NaN` is not a number in JSON",
    '[{"usage": {"input": Infinity}}]': "`Infinity` is not a number in JSON",
    '[{"usage": {"input": -1}}]': "item 1 of the workload: `input` cannot be below 0",
    '[{"usage": {"input": 5, "cache_read": 6}}]': "`cache_read` is more than `input`",
    '[{"usage": null}]': "item 1 of the workload: a usage is a mapping",
    "[[[[[[]]]]]]": "item 1 of the workload: it is a usage",
    '{"usage":' * 60_000: "nested too deeply",
    json.dumps([{"input": n} for n in range(10_001)]): "10,001 kinds of call",
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:40])
def test_workloads_that_cannot_be(
    ask: Run, refused: Refused, file: Callable[[Any], str], text: str
) -> None:
    words = refused(ask("compare", NEW, "--usage", file(text)))
    assert WRONG[text] in words
    assert words.count("\n") == 1


def test_a_huge_workload_of_few_kinds(
    answer: Callable[..., Any], file: Callable[[Any], str]
) -> None:
    items = [{"usage": {"input": n % 7, "output": 1}, "count": 10**15} for n in range(20_000)]
    found = answer("compare", NEW, "--usage", file(items), *AT)
    spent = sum(Decimal(n % 7) * Decimal("2.5") + 10 for n in range(20_000))
    assert Decimal(found["costs"][0]["total"]) == spent * 10**9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([NEW], "there is no workload"),
        ([NEW, "--input", "5", "--usage", "w.json"], "not from both"),
        ([NEW, "-p", "ner", "--input", "5"], "ids and filters do not go together"),
        ([NEW, "--no-api", "--input", "5"], "ids and filters do not go together"),
        (["acme:alpha-2", "--input", "5"], "did you mean `acme:alpha-1`"),
        (["-p", "text-generaton", "--input", "5"], "did you mean `text-generation`"),
        (["-r", "visoin", "--input", "5"], "did you mean `vision`"),
        ([NEW, "--input", "5", "--limit", "-1"], "`--limit` takes a whole number"),
        ([NEW, "--input", "5", "--currency", "GBP"], "the catalog knows USD, EUR"),
        ([NEW, "--input", "5", "--at", "soon"], "'soon'; write YYYY-MM-DD"),
        ([NEW, "--input", "5k5"], "`--input` takes a count"),
    ],
)
def test_requests_without_meaning(
    ask: Run, refused: Refused, arguments: list[str], said: str
) -> None:
    assert said in refused(ask("compare", *arguments))


def test_svg(ask: Run, tmp_path: Path, file: Callable[[Any], str]) -> None:
    path = tmp_path / "folder" / "costs.svg"
    asked = ["compare", NEW, OLD, "--usage", file(WORKLOAD[:1]), *AT, "--svg", str(path)]
    assert ask(*asked).returncode == 0
    first = path.read_bytes()
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_bytes(first)
    assert first == GOLDEN.read_bytes()
    again = ask(*asked, LC_ALL="C", PYTHONHASHSEED="3", TZ="Asia/Tokyo", COLUMNS="40")
    assert (again.returncode, path.read_bytes()) == (0, first)
    assert [one.name for one in path.parent.iterdir()] == ["costs.svg"]


def test_svg_where_nothing_can_be_written(ask: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "costs.svg"):
        done = ask("compare", NEW, "--input", "1k", "--svg", str(place))
        assert done.returncode == 2
        assert done.stderr.startswith("error: ")
        assert "Traceback" not in done.stderr


amounts = st.decimals(0, 10**6, places=6)
names = st.text(max_size=60)


@given(names, st.lists(st.tuples(names, names, st.tuples(amounts, amounts, amounts)), max_size=5))
def test_svg_is_xml_whatever_the_names(title: str, rows: list[Any]) -> None:
    root = ElementTree.fromstring(document(title, title, rows).encode())  # noqa: S314  # our own
    space = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{space}svg"
    assert root.get("role") == "img"
    assert {root.find(f"{space}title").get("id"), root.find(f"{space}desc").get("id")} == {  # type: ignore[union-attr]
        *root.get("aria-labelledby", "").split()
    }
    for rect in root.iter(f"{space}rect"):
        assert float(rect.get("x", 0)) + float(rect.get("width", 0)) <= 800
    assert len(root.findall(f"{space}g")) == len(rows)


@given(st.lists(st.tuples(names, amounts), max_size=8), st.integers(20, 220), st.booleans())
def test_bars_fit(rows: list[tuple[str, Decimal]], width: int, unicode: bool) -> None:
    lines = bars([(name, amount, f"{amount:f}") for name, amount in rows], width, unicode)
    assert len(lines) == len(rows)
    assert all(len(line) <= width for line in lines)
    assert all(line.endswith(f"{amount:f}") for line, (_, amount) in zip(lines, rows, strict=True))
    if unicode is False:
        drawn = "".join(lines)
        assert not {*"█▏…"} & {*drawn} - {*"".join(name for name, _ in rows)}


def test_bars_are_as_long_as_their_amounts() -> None:
    rows = [("a", Decimal(1), "1"), ("b", Decimal(4), "4"), ("c", Decimal(0), "0")]
    lengths = [line.count("#") for line in bars([*rows], 24, False)]
    assert lengths == [5, 20, 0]
    assert bars([("a" * 90, Decimal(1), "1")], 24, True)[0].count("█") == LEAST
    assert sparkline([Decimal(0), Decimal(1), Decimal(7)], True) == "▁▂█"
    assert sparkline([Decimal(0), Decimal(0)], False) == "__"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_it_fits_the_terminal(terminal: Callable[..., str], columns: int) -> None:
    shown = terminal("compare", NEW, OLD, GAMMA, "--input", "1k", *AT, columns=columns)
    assert "\x1b[36m" in shown
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown).splitlines()
    told = ("deployments, 1 call each", "could not be compared")  # lines of words; they may wrap
    assert max(len(line) for line in lines if not any(one in line for one in told)) <= columns
    assert ("  total USD: 0.0025" in lines) == (columns == 40)
    assert max(len(line) for line in lines if "█" in line) <= columns
    assert "\x1b" not in terminal("compare", NEW, OLD, "--input", "1k", NO_COLOR="1").replace(
        "\x1b[1m", ""
    ).replace("\x1b[0m", "")
