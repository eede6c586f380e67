"""`modelbook models`: filters, the table, JSON, why not, and requests without meaning."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner
from modelbook.catalog import Catalog
from modelbook.package import select
from modelbook.requirements import Requirements
from modelbook.selection import Selection
from modelbook_cli.models import command

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Refused = Callable[[Done], str]
GAMMA = "vllm:openlab/gamma-7b"
OLD, NEW, MOVING = "acme:alpha-1-2025-03-01", "acme:alpha-1-2025-08-15", "acme:alpha-1"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], {MOVING, NEW, "acme:embed-1", GAMMA}),
        (["-p", "Causal_LM"], {MOVING, NEW, GAMMA}),
        (["-p", "text-generation", "--no-api"], {GAMMA}),
        (["-p", "text-generation", "--no-self-hosted"], {MOVING, NEW}),
        (["--provider", "acme", "-p", "embeddings"], {"acme:embed-1"}),
        (["--provider", "acme", "--provider", "vllm", "--min-context", "100000"], {MOVING, NEW}),
        (["--max-cost-per-1k", "0.0024"], {"acme:embed-1", GAMMA}),
        (["-r", "tools", "-r", "vision"], {MOVING, NEW}),
        (["-r", "tools, Vision", "--provider", "vllm,acme"], {MOVING, NEW}),
        (["--min-context", "100k"], {MOVING, NEW}),
        (["--at", "2025-06-01", "--retired", "-r", "tools"], {MOVING, OLD}),
        (["--retired"], {MOVING, NEW, OLD, "acme:embed-1", GAMMA}),
        (["--limit", "0"], set()),
    ],
)
def test_filters(answer: Callable[..., Any], options: list[str], expected: set[str]) -> None:
    assert {one["id"] for one in answer("models", *options)} == expected


def test_json_has_exact_amounts_as_text(answer: Callable[..., Any]) -> None:
    (one,) = [one for one in answer("models", "--at", "2026-11-01") if one["id"] == NEW]
    assert (one["input"], one["output"]) == ("2.50", "10.00")
    assert (one["context"], one["status"], one["source_type"]) == (128000, "active", "api")
    amounts = [one[unit] for one in answer("models") for unit in ("input", "output")]
    assert all(amount is None or isinstance(Decimal(amount), Decimal) for amount in amounts)


def test_the_price_is_that_of_the_day(answer: Callable[..., Any]) -> None:
    (one,) = [one for one in answer("models", "--at", "2026-12-01") if one["id"] == NEW]
    assert (one["input"], one["output"]) == ("2.00", "10.00")


def test_the_table_is_plain_when_piped(ask: Run) -> None:
    done = ask("models", "-p", "text-generation", "--at", "2026-11-01")
    assert "\x1b" not in done.stdout
    head, *rows = done.stdout.splitlines()
    assert head.split()[:4] == ["id", "model", "source", "status"]
    assert [row.split()[0] for row in rows] == [GAMMA, MOVING, NEW]
    assert len({row.index("active") for row in rows}) == 1
    assert rows[0].count("not metered") == 2
    assert done.stderr == "3 of 5 deployments\n"


def test_why_not(ask: Run, answer: Callable[..., Any]) -> None:
    left_out = {one["id"]: one for one in answer("models", "-r", "tools", "--why-not")}
    assert set(left_out) == {OLD, "acme:embed-1", GAMMA}
    assert all(one["reason"] and one["text"] for one in left_out.values())
    table = ask("models", "-r", "tools", "--why-not").stdout
    assert all(id in table and one["text"] in table for id, one in left_out.items())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-p", "text-generaton"], "did you mean `text-generation`"),
        (["-p", "conversational"], "could mean `text-generation` or `image-text-to-text`"),
        (["--provider", "acne"], "did you mean `acme`"),
        (["-r", "visoin"], "did you mean `vision`"),
        (["--at", "yesterday"], "'yesterday'; write YYYY-MM-DD"),
        (["--at", "2025-02-30"], "'2025-02-30'"),
        (["--max-cost-per-1k", "cheap"], "'cheap'"),
        (["--max-cost-per-1k", "nan"], "'nan'"),
        (["--max-cost-per-1k", "-1"], "'-1'"),
        (["--min-context", "8q"], "'8q'"),
        (["--min-context", "-1"], "-1"),
        (["--limit", "-1"], "-1"),
        (["--pipline", "ner"], "--pipeline"),
    ],
)
def test_requests_without_meaning(
    ask: Run, refused: Refused, options: list[str], said: str
) -> None:
    assert said in refused(ask("models", *options))
    assert said in refused(ask("models", "--json", *options))


@pytest.mark.parametrize("name", ["no_such_package", "..", "json", "os.path"])
def test_a_package_that_is_none(ask: Run, refused: Refused, name: str) -> None:
    assert f"`{name}`" in refused(ask("models", MODELBOOK_PACKAGE=name))


def test_an_empty_variable_names_no_package(ask: Run) -> None:
    assert ask("models", MODELBOOK_PACKAGE="").returncode == 0


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--exclude-provider", "acme"], [GAMMA]),
        (["--model", "openlab/gamma-7b", "--creator", "openlab"], [GAMMA]),
        (["--text", "ALPHA 1 2025"], [NEW]),
        (["--method", "api", "--min-output", "16.384k", "--lacks", "reasoning"], [MOVING, NEW]),
        (["--takes", "image", "--max-output-cost", "10"], [MOVING, NEW]),
        (["--gives", "embedding", "--max-input-cost", "0"], ["acme:embed-1"]),
        (["--license", "apache-2.0", "--open-weights"], [GAMMA]),
        (["--min-parameters", "7B", "--max-parameters", "7.5B", "--no-training"], [GAMMA]),
        (
            ["--max-memory", "1TiB", "--no-self-hosted", "--sort=-name"],
            ["acme:embed-1", MOVING, NEW],
        ),
        (["--status", "retired"], [OLD]),
        (["--in-region", "eu", "--zero-retention", "--max-retention-days", "0"], [GAMMA]),
        (
            ["--call", "input=1e3", "--call", "output=50", "--max-call-cost", "0.003"],
            [MOVING, NEW, GAMMA],
        ),
        (["--prefer", "vllm", "--limit", "1"], [GAMMA]),
        (["--sort", "context,-provider"], [MOVING, NEW, GAMMA, "acme:embed-1"]),
    ],
)
def test_further_filters(
    answer: Callable[..., Any], options: list[str], expected: list[str]
) -> None:
    found = answer("models", "--at", "2026-11-01", *options)
    assert [one["id"] for one in found] == expected


def test_an_empty_answer_says_why(ask: Run) -> None:
    done = ask("models", "-r", "tools", "--max-cost-per-1k", "0.0001", "--at", "2026-11-01")
    assert done.returncode == 0
    first, second, *others = done.stderr.splitlines()
    assert first == "0 of 5 deployments"
    assert second.startswith("without ")
    assert "nearest is " in second
    assert all(line.startswith("  ") for line in others)


def test_the_question_as_sql(ask: Run) -> None:
    done = ask("models", "-p", "causal_lm", "--text", "it's", "--at", "2026-11-01", "--sql")
    assert "contains(words, 'it''s')" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sort", "contxt"], "did you mean `context`"),
        (["--max-memory", "lots"], "--max-memory"),
        (["--min-parameters", "0.5"], "whole number"),
        (["--call", "inptu=3", "--max-call-cost", "1"], "did you mean `input`"),
        (["--call", "input"], "`--call` takes UNIT=COUNT"),
        (["--max-call-cost", "1"], "`usage`"),
        (["--license", "apache"], "licence"),
        (["--creator", "acne"], "did you mean `acme`"),
    ],
)
def test_further_requests_without_meaning(
    ask: Run, refused: Refused, options: list[str], said: str
) -> None:
    assert said in refused(ask("models", *options))


def test_a_policy_by_name(ask: Run, answer: Callable[..., Any]) -> None:
    assert [one["id"] for one in answer("models", "--policy", "cheap-chat")] == [
        one["id"]
        for one in answer("models", "-p", "causal_lm", "-r", "tools", "--max-cost-per-1k", "0.005")
    ]
    (policy,) = answer("policies")
    assert (policy["id"], policy["fell_back"]) == ("cheap-chat", False)
    assert policy["first"] == answer("models", "--policy", "cheap-chat", "--limit", "1")[0]["id"]
    shown = ask("policies")
    assert shown.returncode == 0
    assert "Cheap chat with tools" in shown.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--policy", "cheap-caht"], "did you mean `cheap-chat`?"),
        (["--policy", "cheap-chat", "-r", "vision"], "says all that is required"),
        (["--policy", "cheap-chat", "--sort", "cost"], "says all that is required"),
        (["--policy", ""], "unknown policy"),
    ],
)
def test_policies_without_meaning(ask: Run, options: list[str], told: str) -> None:
    refused = ask("models", *options)
    assert refused.returncode == 2
    assert told in refused.stderr


def test_how_many_meet_the_filters(ask: Run) -> None:
    done = ask("models", "-p", "causal_lm", "--limit", "1")
    assert done.stderr == "the first 1 of 3 that meet the filters; 5 deployments in all\n"


def test_the_cost_of_the_call_stands_in_the_table(ask: Run) -> None:
    options = ("--provider", "acme", "-r", "tools", "--at", "2026-11-01", "--sort", "cost")
    head, first, *_ = ask("models", *options, "--call", "input=1e3").stdout.splitlines()
    assert head.endswith("call $")
    assert first.split()[-1] == "0.0025"
    assert "call $" not in ask("models", *options[:-2]).stdout


@pytest.mark.parametrize("other", ["--json", "--why-not"])
def test_sql_goes_alone(ask: Run, other: str) -> None:
    done = ask("models", "--sql", other)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--sql" in done.stderr


@pytest.mark.parametrize("how", [["--json"], ["--sql"], []])
def test_a_policy_that_fell_back_says_so(monkeypatch: pytest.MonkeyPatch, how: list[str]) -> None:
    def late(catalog: Catalog, _id: str, **_: Any) -> Selection:
        found = select(catalog, Requirements(min_context_length=10**12))
        return found.falling_back(("openai:gpt-4o",))

    monkeypatch.setattr("modelbook.policies.select_by_policy", late)
    done = CliRunner().invoke(command, ["--policy", "late", *how])
    assert done.exit_code == 0
    assert "openai:gpt-4o" in done.stdout
    assert "nothing meets `late`: this is what it falls back to" in done.stderr
