"""`modelbook show`: every kind of id, in text and JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Refused = Callable[[Done], str]
ALPHA = "acme:alpha-1-2025-08-15"

KINDS = [
    ("acme/alpha-1", "model", "acme/alpha-1"),
    ("acme/alpha-one", "model", "acme/alpha-1"),
    ("acme:alpha-1-2025-08-15", "deployment", "acme:alpha-1-2025-08-15"),
    ("alpha-1-2025-08-15", "deployment", "acme:alpha-1-2025-08-15"),
    ("acme", "provider", "acme"),
    ("text-generation", "pipeline", "text-generation"),
    ("Causal_LM", "pipeline", "text-generation"),
    ("LlamaForCausalLM", "architecture", "LlamaForCausalLM"),
]


@pytest.mark.parametrize(("asked", "kind", "id"), KINDS)
def test_every_kind(ask: Run, answer: Callable[..., Any], asked: str, kind: str, id: str) -> None:
    lines = ask("show", asked).stdout.splitlines()
    assert lines[0] == kind
    assert f"  id: {id}" in lines
    assert answer("show", asked)["id"] == id


def test_json_states_nothing_that_is_not_known(answer: Callable[..., Any]) -> None:
    shown = answer("show", "acme:alpha-1-2025-08-15")
    assert shown["prices"][0]["amounts"]["input"] == "2.50"
    assert shown["capabilities"]["reasoning"] is False
    assert "dimensions" not in shown
    assert "web_search" not in shown["capabilities"]


def test_amounts_and_limits_are_readable(ask: Run) -> None:
    shown = ask("show", "acme:alpha-1-2025-08-15").stdout
    assert "    context: 128,000\n" in shown
    assert "input 2.50, output 10.00" in shown
    assert "    reasoning: no\n" in shown


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("alfa-1", "alpha-1`"),
        ("acme:alpha-2", "did you mean `acme:alpha-1`"),
        ("LlamaForCasualLM", "did you mean `LlamaForCausalLM`"),
        ("conversational", "`conversational` could mean `text-generation` or `image-text-to-text`"),
        ("", "nothing is called ``"),
        ("x" * 100_000, "nothing is called `xxx"),
        ("a\x1b[2Jb", "nothing is called `a"),
    ],
)
def test_what_is_unknown_or_ambiguous(ask: Run, asked: str, said: str) -> None:
    done = ask("show", asked)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert "\x1b" not in done.stderr


def test_policies_and_declared_secrets(modelbook: Run) -> None:
    policy = modelbook("show", "cheap-chat")
    assert (policy.returncode, policy.stdout.startswith("policy\n  id: cheap-chat\n")) == (0, True)
    secret = json.loads(modelbook("show", "openai/api_key", "--json").stdout)
    assert (secret["kind"], secret["env"]) == ("secret", ["OPENAI_API_KEY"])


def test_a_model_and_a_provider_name_their_deployments(modelbook: Run) -> None:
    model = json.loads(modelbook("show", "openai/gpt-4o", "--json").stdout)
    # a gateway's wire name is the same text
    assert {"openai:gpt-4o-2024-08-06", "openrouter:openai/gpt-4o"} <= {*model["deployments"]}
    provider = json.loads(modelbook("show", "groq", "--json").stdout)
    assert "groq:whisper-large-v3" in provider["deployments"]


def test_a_deployment_says_where_its_facts_are_from(hear: Run) -> None:
    own, models = json.loads(hear("show", ALPHA, "--json").stdout)["stated_in"]
    assert own["path"] == "catalog/providers/acme/deployments/alpha-1-2025-08-15.yaml"
    assert (own["by"], own["source"], own["checked"]) == (
        "curated",
        "https://example.com/models",
        "2026-01-02",
    )
    assert {"prices", "capabilities.streaming"} <= {*own["fields"]}
    assert models["path"] == "catalog/models/acme/alpha-1.yaml"
    assert "limits.context" in models["fields"]
    assert not {*own["fields"]} & {*models["fields"]}
    shown = hear("show", "acme/embed-1").stdout
    assert "  stated_in:\n    - path catalog/models/acme/embed-1.yaml, source https" in shown


def test_what_others_say_stands_below(hear: Run) -> None:
    *_, title, head, first, _older, _, _, _, last = hear("show", ALPHA).stdout.splitlines()
    assert (title, head.split()[0], last.split()[0]) == (
        "disputed",
        "field",
        "capabilities.tools",
    )
    assert first.split()[:5] == ["prices.input", "2.50", "(curated)", "900", "(far-book)"]
    (dispute,) = json.loads(hear("show", "acme/embed-1", "--json").stdout)["disputes"]
    assert (dispute["field"], dispute["value"], dispute["won"]) == ("dimensions", 512, 1024)


def test_nothing_is_said_where_no_compiled_catalog_is_beside(
    hear: Run, argued: Path, tmp_path: Path
) -> None:
    package = shutil.copytree(argued / "generated" / "modelbook_catalog", tmp_path / "a" / "mine")
    shown = hear("show", ALPHA, MODELBOOK_PACKAGE="mine", PYTHONPATH=str(package.parent))
    assert (shown.returncode, "disputed" in shown.stdout) == (0, False)
    assert "stated_in" not in shown.stdout
    (package.parent / "catalog.duckdb").write_text("not a database")
    again = hear("show", ALPHA, MODELBOOK_PACKAGE="mine", PYTHONPATH=str(package.parent))
    assert again.stdout == shown.stdout
