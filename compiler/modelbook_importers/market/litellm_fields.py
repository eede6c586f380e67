"""Name of a field of litellm's map -> what it means in our words: unit, scale, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

MILLION = 1_000_000
TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")

LIMITS = {"max_input_tokens": "limits.max_input", "max_output_tokens": "limits.max_output"}
FLAGS = {
    "supports_function_calling": "capabilities.tools",
    "supports_parallel_function_calling": "capabilities.parallel_tools",
    "supports_response_schema": "capabilities.json_schema",
    "supports_reasoning": "capabilities.reasoning",
    "supports_native_streaming": "capabilities.streaming",
    "supports_system_messages": "capabilities.system_prompt",
    "supports_prompt_caching": "capabilities.prompt_cache",
    "supports_web_search": "capabilities.web_search",
    "supports_computer_use": "capabilities.computer_use",
}
MODALITIES = {"supported_modalities": "input", "supported_output_modalities": "output"}
READS = {
    "supports_vision": "image",
    "supports_audio_input": "audio",
    "supports_video_input": "video",
    "supports_pdf_input": "document",
}
"""Flags to what they say is read besides text."""

TOKENS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "input_cost_per_token_cache_hit": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
    "cache_read_input_audio_token_cost": "cache_read_audio",
    "input_cost_per_image_token": "input_image",
    "output_cost_per_image_token": "output_image",
    "cache_read_input_image_token_cost": "cache_read_image",
    "input_cost_per_video_token": "input_video",
    "output_cost_per_video_token": "output_video",
    "input_cost_per_character": "input_characters",
    "output_cost_per_character": "output_characters",
    "output_cost_per_pixel": "output_pixels",
}
"""What costs something by the single one, and our unit, which counts a million."""

OTHERS = {
    "input_cost_per_image": ("input_images", 1),
    "output_cost_per_image": ("output_images", 1),
    "input_cost_per_query": ("searches", 1000),
    "input_cost_per_request": ("requests", 1),
    "ocr_cost_per_page": ("input_pages", 1000),
    "output_cost_per_video_per_second": ("output_video_seconds", 1),
    "input_cost_per_audio_per_second": ("input_audio_seconds", 3600),
}
"""What costs something by the piece: our unit, and how many pieces it counts."""

BY_MODE = {
    ("input_cost_per_second", "audio_transcription"): ("input_audio_seconds", 3600),
    ("input_cost_per_second", "realtime"): ("input_audio_seconds", 3600),
    ("output_cost_per_second", "video_generation"): ("output_video_seconds", 1),
    ("output_cost_per_second", "audio_speech"): ("output_audio_seconds", 3600),
    ("input_cost_per_image", "image_generation"): ("output_images", 1),
    ("input_cost_per_pixel", "image_generation"): ("output_pixels", MILLION),
    ("output_cost_per_image", "audio_speech"): ("requests", 1),
    ("output_cost_per_image", "music"): ("requests", 1),
}
"""Fields that mean something else in some modes: seconds of what is heard or made; litellm itself
charges a picture that it makes by the field named `input_cost_per_image`, and a song by that of a
picture."""

CACHE_TIMES = {"_above_1hr": "cache_write_1h", "_above_12hr": "cache_write_12h"}
TIERS = {
    "batches": "batch",
    "flex": "flex",
    "priority": "priority",
    "balanced": "balanced",
    "ultrafast": "ultrafast",
    "decisions": "decisions",
}
HEIGHTS = "480p|720p|768p|1080p|2k|4k"
NAME = re.compile(
    r"(?P<what>[a-z_]+?)(?P<time>_above_(?:1|12)hr)?(?:_above_(?P<above>\d+)k_tokens)?"
    rf"(?:_(?P<quality>{HEIGHTS}))?(?:_(?P<tier>{'|'.join(TIERS)}))?"
)
SILENT = frozenset({"output", "output_pixels", "output_audio_seconds"})
"""Units of which litellm writes 0 where there is nothing to charge for."""

COSTS = re.compile(r".*(?:cost|pricing|multiplier).*")
READ_ELSEWHERE = frozenset(
    {"tiered_pricing", "search_context_cost_per_query", "off_peak_pricing"}
    | {f"regional_processing_uplift_multiplier_{region}" for region in ("us", "eu")}
)


@dataclass(frozen=True, slots=True)
class PriceField:
    """What a price field means."""

    unit: str
    scale: int
    """How many of what litellm counts our unit holds."""
    when: Mapping[str, str | int]
    silent: bool
    """A 0 says that there is nothing to pay for, and is passed over."""


@cache
def price_field(name: str, mode: str | None) -> PriceField | None:
    """Return what a field says a price of, None for what is none, or has no unit of ours."""
    found = NAME.fullmatch(name)
    unit = _unit(found["what"], found["time"], mode) if found else None
    if found is None or unit is None:
        return None
    when: dict[str, str | int] = {}
    if found["tier"]:
        when["tier"] = TIERS[found["tier"]]
    if found["above"]:
        when["context_above"] = int(found["above"]) * 1000
    if found["quality"]:
        when["quality"] = found["quality"]
    return PriceField(*unit, when, unit[0] in SILENT)


def _unit(what: str, time: str | None, mode: str | None) -> tuple[str, int] | None:
    """Return our unit for a price without its conditions, and its scale."""
    if time:
        whole = what == "cache_creation_input_token_cost"
        return (CACHE_TIMES[time], MILLION) if whole else None
    if mode is not None and (what, mode) in BY_MODE:
        return BY_MODE[what, mode]
    return (TOKENS[what], MILLION) if what in TOKENS else OTHERS.get(what)


def unread(data: Mapping[str, object]) -> Iterator[str]:
    """Yield the price fields of a row that no claim is made of."""
    mode = data.get("mode")
    known = mode if isinstance(mode, str) else None
    for name in data:
        if (
            COSTS.fullmatch(name)
            and name not in READ_ELSEWHERE
            and price_field(name, known) is None
        ):
            yield name
