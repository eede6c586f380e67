"""The generated package under strict type checkers, and what a misspelt id looks like in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from modelbook_catalog import _ids, deployment_ids, model_ids, pipeline_ids, provider_ids
from modelbook_catalog._aliases import DEPLOYMENTS, MODELS

PROGRAM = Path(__file__).with_name("user_program.py")

MISSPELT = {
    "deployment": """\
from modelbook_catalog import find_deployment

name: str = find_deployment("opnai:gpt-4o").model_name
""",
    "model": """\
from modelbook_catalog import find_model

name: str = find_model("openai/gtp-4o").name
""",
}

REVEALED = """\
from modelbook_catalog import find_deployment, find_model, find_pipeline, find_provider

reveal_type(find_model("openai/gpt-4o"))
reveal_type(find_model("anthropic/claude-3-5-sonnet"))
reveal_type(find_deployment("openai:gpt-4o"))
reveal_type(find_provider("openai"))
reveal_type(find_pipeline("text-generation"))
reveal_type(find_model(input()))
reveal_type(find_deployment(input()))
"""
TYPES = [
    "Model",
    "Model",
    "Deployment",
    "Provider",
    "Pipeline",
    "Model | None",
    "Deployment | None",
]


def mypy(root: Path, scratch: Path, *targets: Path) -> list[str]:
    """Return the messages of mypy in strict mode, notes too."""
    command = [
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--no-pretty",
        "--show-column-numbers",
    ]
    options = ["--config-file=", f"--cache-dir={scratch / 'mypy'}", "--python-version=3.11"]
    return run(root, *command, *options, *map(str, targets)).splitlines()


def basedpyright(root: Path, scratch: Path, *targets: Path) -> list[str]:
    """Return the messages of basedpyright in strict mode."""
    config = {
        "include": [str(target) for target in targets],
        "extraPaths": [str(root / folder) for folder in ("runtime", "generated")],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    project = scratch / "pyrightconfig.json"
    project.write_text(json.dumps(config))
    out = run(root, "-m", "basedpyright", "--outputjson", "--project", str(project))
    found: list[dict[str, Any]] = json.loads(out)["generalDiagnostics"]
    return [f"{Path(one['file']).name}: {one['severity']}: {one['message']}" for one in found]


def run(root: Path, *command: str) -> str:
    """Return what a Python process prints."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


CHECKERS = {"mypy": mypy, "basedpyright": basedpyright}


@pytest.fixture(params=CHECKERS, scope="module")
def messages(
    request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[str]]:
    """Return the messages of one checker, run once over everything, by file."""
    scratch = tmp_path_factory.mktemp("types")
    programs = {**MISSPELT, "revealed": REVEALED}
    for name, text in programs.items():
        (scratch / f"{name}.py").write_text(text)
    written = [scratch / f"{name}.py" for name in programs]
    package = root / "generated" / "modelbook_catalog"
    found = CHECKERS[request.param](root, scratch, package, PROGRAM, *written)
    groups: dict[str, list[str]] = {name: [] for name in programs}
    for message in found:
        groups.setdefault(Path(message.partition(":")[0]).stem, []).append(message)
    return groups


def test_package_and_program_are_strictly_typed(messages: dict[str, list[str]]) -> None:
    others = {
        name: found for name, found in messages.items() if name not in (*MISSPELT, "revealed")
    }
    assert others == {}


@pytest.mark.parametrize("kind", MISSPELT)
def test_a_misspelt_id_is_one_short_error(messages: dict[str, list[str]], kind: str) -> None:
    (message,) = messages[kind]
    assert "error" in message
    assert "None" in message
    assert "\n" not in message
    assert len(message) - len(message.partition(":")[0]) < 300


def test_a_known_id_is_found_for_sure(messages: dict[str, list[str]]) -> None:
    revealed = [one.partition(" is ")[2].strip('"') for one in messages["revealed"]]
    plain = [one.replace("modelbook.records.", "") for one in revealed]
    assert plain == TYPES


def test_the_program_runs(root: Path) -> None:
    printed = run(root, str(PROGRAM)).splitlines()
    assert printed[0].startswith("not-found")
    assert printed[1].startswith("GPT-4o 128000 None True 1.25")


def test_literal_ids_are_complete() -> None:
    assert set(get_args(_ids.ModelId)) == {*model_ids(), *MODELS}
    assert set(get_args(_ids.DeploymentId)) == {*deployment_ids(), *DEPLOYMENTS}
    assert get_args(_ids.ProviderId) == provider_ids()
    assert set(get_args(_ids.PipelineId)) >= set(pipeline_ids())
