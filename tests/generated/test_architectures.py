"""Model classes, model types, categories and spellings of the shipped catalog, as Python and SQL."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import modelbook_catalog
import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook.errors import AmbiguousError, ModelbookError, NotFoundError
from modelbook.names import fits
from modelbook_catalog import (
    _architectures,
    _decision,
    find_pipeline,
    get_architecture,
    get_architectures_for_pipeline,
    get_pipeline,
    get_pipelines_for_architecture,
    get_pipelines_for_category,
    pipeline_ids,
)
from modelbook_compiler.build import check
from modelbook_compiler.emit import duckdb as emitter

NAMES = tuple(_architectures.ARCHITECTURES)
CATEGORIES = ("text", "vision", "audio", "multimodal", "tabular", "rl", "other")


@pytest.fixture(scope="module")
def db(shipped_file: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection to the shipped catalog."""
    return duckdb.connect(str(shipped_file), read_only=True)


def test_the_classes_of_both_versions_of_transformers_are_there() -> None:
    records = [get_architecture(name) for name in NAMES]
    ours = [one for one in records if one.library == "transformers"]
    assert len(ours) > 1600
    assert sum(one.last_seen is None for one in ours) > 1500
    assert len(_decision.MODEL_TYPES) > 650
    assert all(one.model_types for one in ours)
    assert Counter(one.basis for one in ours)["official"] > 1400
    assert all(one.reason for one in records if one.basis in ("override", "proposal"))


@pytest.mark.parametrize(
    ("name", "pipelines"),
    [
        ("LlamaForCausalLM", ("text-generation",)),
        ("ViTModel", ("image-feature-extraction",)),
        ("CLIPModel", ("zero-shot-image-classification",)),
        ("FuyuForCausalLM", ("image-text-to-text", "text-generation")),
        ("T5ForConditionalGeneration", ("text-generation", "summarization", "translation")),
        ("DiaForConditionalGeneration", ("text-to-speech", "text-to-audio")),
        ("StableDiffusionPipeline", ("text-to-image",)),
        ("DDPMPipeline", ("unconditional-image-generation",)),
        ("CrossEncoder", ("text-ranking", "text-classification")),
        ("TFBertModel", ("feature-extraction",)),
        ("FlaxBertForMaskedLM", ("fill-mask",)),
    ],
)
def test_a_class_says_what_it_is_for(name: str, pipelines: tuple[str, ...]) -> None:
    assert get_pipelines_for_architecture(name) == pipelines


def test_classes_and_types_are_two_sides_of_one_table(db: duckdb.DuckDBPyConnection) -> None:
    for id in pipeline_ids():
        found = get_architectures_for_pipeline(id)
        assert {*found} == {n for n in NAMES if id in get_pipelines_for_architecture(n)}
        primary = [get_pipelines_for_architecture(name)[0] == id for name in found]
        assert primary == sorted(primary, reverse=True)
        query = """SELECT architecture_id FROM architecture_pipelines WHERE pipeline_id = ?
                   ORDER BY seq > 0, architecture_id"""
        assert db.execute(query, [id]).fetchall() == [(name,) for name in found]


def test_categories_part_the_types(db: duckdb.DuckDBPyConnection) -> None:
    found = [id for word in CATEGORIES for id in get_pipelines_for_category(word)]
    assert sorted(found) == sorted(pipeline_ids())
    assert get_pipelines_for_category("NLP") == get_pipelines_for_category("text")
    assert get_pipelines_for_category("Computer Vision") == get_pipelines_for_category("cv")
    query = """SELECT p.id FROM pipelines p JOIN categories c ON p.modality = c.id
               WHERE c.word = ? ORDER BY p."order" """
    for word in CATEGORIES:
        found = [id for (id,) in db.execute(query, [word]).fetchall()]
        assert tuple(found) == get_pipelines_for_category(word)


def test_sql_has_the_other_tables_too(db: duckdb.DuckDBPyConnection) -> None:
    for table, rows in (
        ("model_types", _decision.MODEL_TYPES),
        ("auto_classes", _decision.AUTO_CLASSES),
        ("libraries", {id: row.get("pipelines", ()) for id, row in _decision.LIBRARIES.items()}),
    ):
        found = dict(db.execute(f"SELECT id, pipelines FROM {table}").fetchall())  # noqa: S608
        assert {id: tuple(value) for id, value in found.items()} == dict(rows)


@pytest.mark.parametrize(
    ("ask", "name", "near"),
    [
        (get_pipelines_for_architecture, "LlamaForCasualLM", "LlamaForCausalLM"),
        (get_pipelines_for_architecture, "TFBertMdel", "TFBertModel"[2:]),
        (get_architectures_for_pipeline, "text-generatoin", "text-generation"),
        (get_pipelines_for_category, "visoin", "vision"),
    ],
)
def test_an_unknown_name_names_the_nearest(ask: Any, name: str, near: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        ask(name)
    assert near in caught.value.nearest


@pytest.mark.parametrize("bad", [None, 7, ("a",), "", "x" * 10_000])
def test_odd_names_are_refused(bad: Any) -> None:
    for ask in (
        get_pipelines_for_architecture,
        get_architectures_for_pipeline,
        get_pipelines_for_category,
    ):
        with pytest.raises(ModelbookError):
            ask(bad)


def test_an_ambiguous_type_names_its_candidates() -> None:
    with pytest.raises(AmbiguousError, match="summarization"):
        get_architectures_for_pipeline("AutoModelForSeq2SeqLM")


def test_every_auto_class_is_a_spelling_of_its_types() -> None:
    for name, pipelines in _decision.AUTO_CLASSES.items():
        try:
            assert get_pipeline(name).id == pipelines[0]
        except AmbiguousError as error:
            assert {*pipelines} <= {*error.nearest}


@pytest.mark.parametrize(
    "name",
    [
        "translation_en_to_fr",
        "translation-en-to-fr",
        "Translation EN to DE",
        "translation_eng_Latn_to_zho_Hans",
        "translation_pt-BR_to_zh-TW",
    ],
)
def test_a_translation_names_two_languages(name: str) -> None:
    assert get_pipeline(name).id == "translation"


@pytest.mark.parametrize(
    "name",
    [
        "translation_en_to_",
        "translation__to_fr",
        "translation_en_fr",
        "translation_english_to_french",
        "x_translation_en_to_fr",
        "translation_en_to_fr_",
        "translation_e_to_f",
        "translation_en_to_fr\n",
    ],
)
def test_other_translations_are_none(name: str) -> None:
    assert find_pipeline(name) is None


@given(st.text(max_size=30))
def test_any_text_fits_or_does_not(name: str) -> None:
    assert fits(name, "translation_{language}_to_{language}") in (True, False)
