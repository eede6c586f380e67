"""Our rules against genai-prices' extractors: the same bodies, the same counts."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from genai_prices import extract_usage
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook_catalog import usage_from_response

BODIES = Path(__file__).parent.parent / "usage"

PAIRS = {
    "openai/chat-cached": ("openai", "chat"),
    "openai/chat-flex": ("openai", "chat"),
    "openai/chat-audio": ("openai", "chat"),
    "openai/responses-tools": ("openai", "responses"),
    "openai/responses-minimal": ("openai", "responses"),
    "openai/embeddings-two": ("openai", "embeddings"),
    "openai/images-gpt-image": ("openai", "images"),
    "openai/realtime-done": ("openai", "realtime"),
    "anthropic/messages-cache": ("anthropic", "default"),
    "anthropic/messages-batch": ("anthropic", "default"),
    "anthropic/chat-compatible": ("anthropic", "chat"),
    "google/generate-content-cached-audio": ("google", "default"),
    "google/generate-content-image": ("google", "default"),
    "google/publishers-anthropic": ("google", "anthropic"),
    "amazon-bedrock/converse-cache": ("aws", "default"),
    "amazon-bedrock/anthropic-invoke": ("aws", "anthropic"),
    "cohere/chat-v2": ("cohere", "default"),
    "cohere/embed-v2": ("cohere", "embeddings"),
    "mistral/ocr-pages": ("mistral", "ocr"),
    "groq/chat": ("groq", "default"),
    "deepseek/chat-cache": ("deepseek", "chat"),
    "openrouter/chat-images": ("openrouter", "chat"),
    "xai/chat-reasoning": ("x-ai", "chat"),
    "xai/responses-tools": ("x-ai", "responses"),
}
"""Our body to their provider and flavour."""

UNITS = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
    "cache_write_1h_tokens": "cache_write_1h",
    "cache_audio_read_tokens": "cache_read_audio",
    "cache_image_read_tokens": "cache_read_image",
    "cache_video_read_tokens": "cache_read_video",
    "input_audio_tokens": "input_audio",
    "input_image_tokens": "input_image",
    "input_video_tokens": "input_video",
    "output_audio_tokens": "output_audio",
    "output_image_tokens": "output_image",
    "output_video_tokens": "output_video",
    "output_reasoning_tokens": "reasoning",
    "input_document_pages": "input_pages",
}
"""Their unit to ours."""

OURS_ALONE = {
    "openai/images-gpt-image": {"output_image"},  # theirs asks for details that are not always sent
    "openrouter/chat-images": {"output_image"},
    "xai/chat-reasoning": {"input_image"},
}
"""What only our rules count; the vendors' bodies state it."""


def body_of(case: str) -> dict[str, Any]:
    """Return a recorded body."""
    body: dict[str, Any] = json.loads((BODIES / f"{case}.json").read_text(encoding="utf-8"))
    return body


def scaled(value: Any, by: int) -> Any:
    """Return JSON with all its counts multiplied: parts stay within their wholes."""
    if isinstance(value, dict):
        return {key: scaled(inner, by) for key, inner in value.items()}
    if isinstance(value, list):
        return [scaled(inner, by) for inner in value]
    return value * by if isinstance(value, int) and not isinstance(value, bool) else value


def counted(theirs: object, unit: str) -> object:
    """Return their count of a unit; they refuse to say one that others could be part of."""
    try:
        return getattr(theirs, unit) or 0
    except ValueError:
        return 0


@pytest.mark.parametrize("case", PAIRS)
@settings(deadline=None, max_examples=25)
@given(by=st.integers(0, 10**6), bare=st.booleans())
def test_both_read_the_same(case: str, by: int, bare: bool) -> None:
    body = copy.deepcopy(body_of(case))
    for key in ("usage", "usageMetadata", "usage_info", "response", "meta"):
        if key in body:
            body[key] = scaled(body[key], by)
    if bare:  # as they are kept: without what was said
        gone = ("candidates", "choices", "content", "message", "pages", "data", "object", "type")
        body = {key: value for key, value in body.items() if key not in gone or "realtime" in case}
    ours = usage_from_response(body, provider=case.partition("/")[0])
    provider, flavour = PAIRS[case]
    theirs = extract_usage(body, provider_id=provider, api_flavor=flavour).usage
    alone = OURS_ALONE.get(case, set())
    for their_unit, unit in UNITS.items():
        if unit not in alone:
            assert ours.usage.get(unit, 0) == counted(theirs, their_unit), unit
