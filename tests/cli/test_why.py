"""`modelbook why`: who states a field, where, and what it replaced."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
MANIFEST = """\
# yaml-language-server: $schema=../schemas/manifest.schema.json
schema: 1
name: team
title: On top of the small catalog
layers: [{folder: ../base}]
"""
MODEL = """\
# yaml-language-server: $schema=../../../schemas/overlay/model.schema.json
set:
  limits: {context: 64000}
remove: {knowledge_cutoff: all}
reason: our gateway cuts it
"""


@pytest.fixture
def place(mini: Path) -> Path:
    """Return the folder of a catalog on top of the small one, which changes two fields."""
    mini.rename(mini.with_name("base"))
    (mini / "models" / "acme").mkdir(parents=True)
    (mini / "catalog.yaml").write_text(MANIFEST)
    (mini / "models/acme/alpha-1.yaml").write_text(MODEL)
    return mini.parent


def test_a_field_has_its_layer_its_place_and_what_it_replaced(modelbook: Run, place: Path) -> None:
    done = modelbook("why", "acme/alpha-one", "--json", cwd=place)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["kind"], found["id"]) == ("model", "acme/alpha-1")
    fields = {one["field"]: one for one in found["fields"]}
    assert fields["limits.context"] == {
        "field": "limits.context",
        "value": 64000,
        "layer": "team",
        "path": "catalog/models/acme/alpha-1.yaml",
        "line": 3,
        "operation": "set",
        "reason": "our gateway cuts it",
        "replaces": [
            {"value": 128000, "layer": "mini", "path": "base/models/acme/alpha-1.yaml", "line": 7}
        ],
    }
    gone = fields["knowledge_cutoff"]
    assert (gone["value"], gone["operation"]) == (None, "remove")
    assert gone["replaces"][0]["value"] == "2024-10"
    assert fields["limits.max_output"]["replaces"] == []


def test_a_deployment_says_what_it_has_from_its_model(modelbook: Run, place: Path) -> None:
    id = "acme:alpha-1-2025-08-15"
    found = json.loads(modelbook("why", id, "--json", cwd=place).stdout)
    fields = {one["field"]: one for one in found["fields"]}
    assert fields["limits.context"]["inherited_from"] == "acme/alpha-1"
    assert fields["limits.context"]["value"] == 64000
    assert "inherited_from" not in fields["prices"]
    text = modelbook("why", id, "limits", cwd=place).stdout.splitlines()
    assert text[0] == f"deployment {id}"
    assert text[2].split()[:5] == ["limits.context", "(of", "the", "model)", "64000"]
    assert text[3].split() == [
        "replaces",
        "128000",
        "mini",
        "base/models/acme/alpha-1.yaml:7",
    ]


def test_a_moving_name_has_prices_through_what_it_points_to(modelbook: Run, place: Path) -> None:
    done = modelbook("why", "acme:alpha-1", "prices", "--json", cwd=place)
    assert done.returncode == 0, done.stderr
    old, new = json.loads(done.stdout)["fields"]
    assert (old["field"], old["through"]) == ("prices", "acme:alpha-1-2025-03-01")
    assert (new["value"][0]["input"], new["through"]) == ("2.50", "acme:alpha-1-2025-08-15")
    path = "base/providers/acme/deployments/alpha-1-2025-08-15.yaml"
    assert (new["path"], new["line"]) == (path, 5)
    text = modelbook("why", "acme:alpha-1", "prices", cwd=place).stdout
    assert "(through points_to, acme:alpha-1-2025-08-15)" in " ".join(text.split())


def test_all_kinds_of_ids_are_known_and_seen_from_anywhere(modelbook: Run, place: Path) -> None:
    done = modelbook("why", "acme", "name", "--catalog", "../catalog", cwd=place / "base")
    assert "provider.yaml:2" in done.stdout
    assert "../base/providers/acme/provider.yaml" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("acme/alpha-2",), "there is no id `acme/alpha-2`; did you mean `acme/alpha-1`"),
        (
            ("acme/alpha-1", "limits.contxt"),
            "nobody states `limits.contxt` of model acme/alpha-1; did you mean `limits.context`",
        ),
        (("x", "--catalog", "nowhere"), "is no catalog"),
    ],
)
def test_what_is_not_known_names_the_nearest(
    modelbook: Run, place: Path, words: tuple[str, ...], said: str
) -> None:
    done = modelbook("why", *words, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_layers_that_cannot_be_had_are_told(modelbook: Run, place: Path) -> None:
    (place / "catalog/catalog.yaml").write_text(MANIFEST.replace("../base", "../gone"))
    done = modelbook("why", "acme/alpha-1", cwd=place)
    assert (done.returncode, "MB212" in done.stdout) == (1, True)
