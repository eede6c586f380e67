"""What models behind APIs serve, by mode and modalities: the shipped table, asked as importers do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook.served import served_by_api
from modelbook_catalog import _decision, _pipelines

Names = tuple[str, ...]
CASES: list[tuple[str | None, Names, Names, Names]] = [
    ("chat", ("text",), (), ("text-generation",)),
    ("chat", ("text", "image"), (), ("image-text-to-text", "text-generation")),
    (None, ("text", "document"), ("text",), ("text-generation", "document-question-answering")),
    (None, ("text", "audio"), ("text",), ("audio-text-to-text", "text-generation")),
    (None, ("audio",), ("text",), ("automatic-speech-recognition",)),
    ("audio_transcription", ("audio", "text"), ("text",), ("automatic-speech-recognition",)),
    (None, ("image",), ("text",), ("image-to-text",)),
    (None, ("image", "document"), ("text",), ("image-to-text",)),
    ("embedding", ("text",), (), ("feature-extraction",)),
    ("embedding", ("text", "image"), (), ("feature-extraction", "image-feature-extraction")),
    (None, ("text",), ("embedding",), ("feature-extraction",)),
    ("rerank", ("text", "image"), (), ("text-ranking", "visual-document-retrieval")),
    ("moderation", ("text", "image"), (), ("text-classification", "image-classification")),
    (None, ("text",), ("audio",), ("text-to-speech", "text-to-audio")),
    ("music", ("text",), ("audio",), ("text-to-audio",)),
    (None, ("audio",), ("audio",), ("audio-to-audio",)),
    (None, ("text",), ("video",), ("text-to-video",)),
    (
        "image_generation",
        ("text", "image"),
        ("image", "text"),
        ("text-to-image", "image-text-to-image", "image-to-image"),
    ),
    ("completion", (), (), ("text-generation",)),
    ("vector_store", ("text",), (), ("text-retrieval",)),
    ("never-heard-of", (), (), ()),
    (None, ("text",), (), ()),
    (None, (), ("text",), ()),
    (None, ("state",), ("action",), ()),
]


def served(mode: str | None, reads: Names, writes: Names) -> Names:
    """Return what the shipped table says."""
    return served_by_api(_decision.API_MODES, _decision.API_MODALITIES, mode, reads, writes)


@pytest.mark.parametrize(("mode", "reads", "writes", "expected"), CASES)
def test_the_table_says_what_a_model_serves(
    mode: str | None, reads: Names, writes: Names, expected: Names
) -> None:
    assert served(mode, reads, writes) == expected


@pytest.mark.parametrize("writes", [("text", "image"), ("text", "audio"), ("audio", "video")])
def test_two_in_and_two_out_is_any_to_any_first(writes: Names) -> None:
    assert served("chat", ("text", "image", "document"), writes)[0] == "any-to-any"


MODALITY = st.sampled_from(["text", "image", "audio", "video", "document", "embedding", "labels"])


@given(
    st.sampled_from([None, *_decision.API_MODES]),
    st.lists(MODALITY, unique=True).map(tuple),
    st.lists(MODALITY, unique=True).map(tuple),
)
def test_every_answer_is_official_and_free_of_order(
    mode: str | None, reads: Names, writes: Names
) -> None:
    found = served(mode, reads, writes)
    assert set(found) <= set(_pipelines.PIPELINES)
    assert len(set(found)) == len(found)
    assert found == served(mode, reads[::-1], writes[::-1])
