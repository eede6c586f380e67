"""`modelbook pipelines`, and `show` of model types and libraries."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

from modelbook_catalog import get_models_for_pipeline, pipeline_ids

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


def test_the_table_has_every_type(modelbook: Run) -> None:
    lines = modelbook("pipelines").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(pipeline_ids())
    (line,) = [one for one in lines if one.startswith("document-question-answering ")]
    assert "document + text -> text" in line


def test_json_says_what_the_lookup_says(modelbook: Run) -> None:
    rows = json.loads(modelbook("pipelines", "--json").stdout)
    assert [row["id"] for row in rows] == list(pipeline_ids())
    for row in rows:
        assert row["deployments"] == len(get_models_for_pipeline(row["id"]))
    assert "ner" in next(row["aliases"] for row in rows if row["id"] == "token-classification")


def test_a_category_is_a_part(modelbook: Run) -> None:
    found = json.loads(modelbook("pipelines", "--modality", "Vision", "--json").stdout)
    assert {row["modality"] for row in found} == {"cv"}
    done = modelbook("pipelines", "--modality", "visoin")
    assert (done.returncode, "did you mean `vision`" in done.stderr) == (2, True)
    done = modelbook("pipelines", "--modality", "")
    assert (done.returncode, "they are text, audio" in done.stderr) == (2, True)


def test_a_model_type_shows_its_classes(modelbook: Run) -> None:
    shown = json.loads(modelbook("show", "qwen2", "--json").stdout)
    assert shown["kind"] == "model type"
    assert shown["classes"]["Qwen2ForCausalLM"] == ["text-generation"]
    assert "text-generation" in shown["pipelines"]
    assert "Qwen2ForCausalLM: text-generation" in modelbook("show", "qwen2").stdout


def test_a_library_shows_what_it_is_for(modelbook: Run) -> None:
    shown = json.loads(modelbook("show", "open_clip", "--json").stdout)
    assert (shown["kind"], shown["name"]) == ("library", "OpenCLIP")
    assert "zero-shot-image-classification" in shown["pipelines"]
