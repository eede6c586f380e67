"""Recorded responses -> what the calls cost, worked out by hand from the counts and the prices."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from modelbook.errors import NotFoundError, NotPricedError, RequestError, UsageError
from modelbook_catalog import get_deployment, price_response

BODIES = Path(__file__).parent.parent / "usage"
M = Decimal(1_000_000)
"""Tokens are paid by the million."""

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
LLAMA = "meta.llama3-8b-instruct-v1:0"


def total(*parts: tuple[int, str]) -> Decimal:
    """Return what so many tokens cost at these prices per million."""
    return sum((tokens * Decimal(paid) for tokens, paid in parts), Decimal(0)) / M


def cost(case: str, **asked: Any) -> Any:
    """Return what the call behind a recorded body cost."""
    body = (BODIES / case).read_text(encoding="utf-8")
    return price_response(body, provider=case.partition("/")[0], **asked)


NAMED = {
    # 2,006 in, 1,920 of them from the cache
    "openai/chat-cached.json": (
        "openai:gpt-4o-2024-08-06",
        total((2006 - 1920, "2.50"), (1920, "1.25"), (300, "10.00")),
    ),
    # 150 in, 110 of them heard; 90 out, 70 of them said
    "openai/chat-audio.json": (
        "openai:gpt-audio-2025-08-28",
        total((40, "2.50"), (110, "32.00"), (20, "10.00"), (70, "64.00")),
    ),
    "openai/embeddings-two.json": ("openai:text-embedding-3-small", total((8, "0.02"))),
    "openai/responses-minimal.json": (
        "openai:gpt-5-2025-08-07",
        total((10, "1.25"), (4, "10.00")),
    ),
    "anthropic/messages-batch.json": (
        "anthropic:claude-sonnet-4-5-20250929",
        total((3, "1.50"), (4, "7.50")),
    ),
    # fast
    "anthropic/messages-fast.json": (
        "anthropic:claude-opus-4-8",
        total((3, "10.00"), (4, "50.00")),
    ),
    # text, text from the cache, audio from the cache, audio, and what came out
    "google/generate-content-cached-audio.json": (
        "google:gemini-2.5-flash",
        total((400, "0.30"), (250, "0.03"), (750, "0.10"), (150, "1.00"), (500, "2.50")),
    ),
    "google/generate-content-stream.sse": (
        "google:gemini-2.5-flash",
        total((7, "0.30"), (15, "2.50")),
    ),
    "groq/chat.json": ("groq:llama-3.3-70b-versatile", total((18, "0.59"), (556, "0.79"))),
    "groq/chat-stream.sse": ("groq:llama-3.3-70b-versatile", total((5, "0.59"), (6, "0.79"))),
    # 100 in, 64 of them from the cache; in December 2025 the name meant DeepSeek-V3.2
    "deepseek/chat-cache.json": (
        "deepseek:deepseek-reasoner",
        total((36, "0.28"), (64, "0.028"), (40, "0.42")),
    ),
    "mistral/chat-cached.json": (
        "mistral:mistral-large-2512",
        total((50 - 32, "0.50"), (32, "0.05"), (8, "1.50")),
    ),
    # 203 seconds at 0.18 an hour; the tokens of a transcript are free
    "mistral/chat-audio.json": ("mistral:voxtral-mini-2602", 203 * Decimal("0.18") / 3600),
    "mistral/embeddings.json": ("mistral:mistral-embed", total((15, "0.10"))),
    # 29 pages at 1.00 a thousand; the response names the model with `-completion`
    "mistral/ocr-pages.json": ("mistral:mistral-ocr-2505", 29 * Decimal("1.00") / 1000),
    # 5 + 7 from the cache, under the name that Anthropic has for it
    "amazon-bedrock/anthropic-invoke.json": (
        f"amazon-bedrock:{SONNET}",
        total((5, "3.00"), (7, "0.30"), (9, "15.00")),
    ),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_response_that_names_its_model(case: str) -> None:
    deployment, expected = NAMED[case]
    found = cost(case)
    assert (found.deployment, found.total) == (deployment, expected)
    assert found.unpriced == ()


def test_a_residency_is_paid_for_tokens_alone() -> None:
    # in the US at 1.1 times the price; 456 tokens written to the cache for five minutes, 100 for an
    # hour; the two searches cost no more there
    new, read, written, hour, out = 21, 188_086, 456, 100, 393
    tokens = total((new, "3"), (read, "0.30"), (written, "3.75"), (hour, "6"), (out, "15"))
    found = cost("anthropic/messages-cache.json")
    assert found.total == tokens * Decimal("1.1") + 2 * Decimal("10") / 1000


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        (SONNET, "1"),
        (f"amazon-bedrock:{SONNET}", "1"),
        (f"global.{SONNET}", "1"),
        (f"us.{SONNET}", "1.1"),
        (f"amazon-bedrock:eu.{SONNET}", "1.1"),
        (f"us-gov.{SONNET}", "1.2"),
        (f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{SONNET}", "1.1"),
        (f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.{SONNET}", "1"),
        (f"arn:aws:bedrock:us-east-1::foundation-model/{SONNET}", "1.1"),
    ],
)
def test_a_converse_response_by_the_name_that_was_called(name: str, factor: str) -> None:
    # 12 new, 1,000 from the cache, 100 written to it: 40 for five minutes and 60 for an hour
    body = {
        "usage": {
            "inputTokens": 12,
            "outputTokens": 30,
            "totalTokens": 1142,
            "cacheReadInputTokens": 1000,
            "cacheWriteInputTokens": 100,
            "cacheDetails": [
                {"inputTokens": 60, "ttl": "1h"},
                {"inputTokens": 40, "ttl": "5m"},
            ],
        }
    }
    found = price_response(body, provider="amazon-bedrock", deployment=name, at="2026-11-01")
    expected = total((12, "3.00"), (1000, "0.30"), (40, "3.75"), (60, "6.00"), (30, "15.00"))
    assert found.total == expected * Decimal(factor)


def test_a_tier_and_a_region_together() -> None:
    body = {"usage": {"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100}}
    found = price_response(
        body, provider="amazon-bedrock", deployment=f"us.{SONNET}", at="2026-11-01", tier="batch"
    )
    assert found.total == total((1000, "1.50"), (100, "7.50")) * Decimal("1.1")


def test_the_region_that_is_asked_for_goes_before_that_of_the_name() -> None:
    found = cost(
        "amazon-bedrock/converse-stream.ndjson", deployment=f"us.{SONNET}", region="global"
    )
    assert found.total == total((5, "3.00"), (6, "15.00"))


@pytest.mark.parametrize(
    ("case", "deployment", "expected"),
    [
        ("llama-invoke.json", LLAMA, total((15, "0.30"), (3, "0.60"))),
        (
            "llama-invoke.json",
            f"arn:aws:bedrock:eu-west-2::foundation-model/{LLAMA}",
            total((15, "0.39"), (3, "0.78")),
        ),
        ("titan-embed.json", "amazon.titan-embed-text-v2:0", total((6, "0.02"))),
        ("converse-stream.ndjson", "eu.amazon.nova-pro-v1:0", total((5, "1.05"), (6, "4.20"))),
    ],
)
def test_other_bodies_of_bedrock(case: str, deployment: str, expected: Decimal) -> None:
    assert cost(f"amazon-bedrock/{case}", deployment=deployment).total == expected


def test_what_a_response_or_a_name_does_not_say() -> None:
    with pytest.raises(UsageError, match="does not name its model"):
        cost("amazon-bedrock/converse-stream.ndjson")
    profile = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3"
    with pytest.raises(NotFoundError, match="does not say which model it is of"):
        cost("amazon-bedrock/converse-stream.ndjson", deployment=profile)
    with pytest.raises(NotFoundError):
        cost("amazon-bedrock/converse-stream.ndjson", deployment="no-such-model")
    with pytest.raises(NotFoundError, match="is text, not int"):
        cost("amazon-bedrock/converse-stream.ndjson", deployment=4)
    with pytest.raises(RequestError, match="no prices for the tier 'flex'"):
        cost("amazon-bedrock/converse-cache.json", deployment=SONNET)
    with pytest.raises(RequestError, match="no prices for the region 'apac'"):
        cost("amazon-bedrock/converse-stream.ndjson", deployment=f"apac.{SONNET}")


def test_a_deployment_of_another_provider_behind_the_same_protocol() -> None:
    found = cost("openai/chat-cached.json", deployment="groq:openai/gpt-oss-120b")
    assert found.deployment == "groq:openai/gpt-oss-120b"
    record = get_deployment("openai:gpt-4o-mini-2024-07-18")
    assert cost("openai/chat-cached.json", deployment=record).deployment == record.id


def test_what_no_price_is_known_for_is_told_and_not_free() -> None:
    for case, unit, known in [
        # 100 in, half of them from the cache; three searches at 5.00 a thousand
        (
            "xai/responses-tools.json",
            "tool_calls",
            total((50, "1.25"), (50, "0.20"), (80, "2.50")) + 3 * Decimal("5.00") / 1000,
        ),
        # what xAI thinks is beside its completion tokens: 9 + 94
        (
            "xai/chat-reasoning.json",
            "searches",
            total((32 - 6, "3.00"), (6, "0.75"), (9 + 94, "15.00")),
        ),
        # 1,290 of the 1,300 tokens out are an image
        (
            "openrouter/chat-images.json",
            "output_image",
            total((94, "0.30"), (100, "0.083333333"), (10, "2.50")) + 2 * Decimal("14.00") / 1000,
        ),
    ]:
        with pytest.raises(NotPricedError, match=unit):
            cost(case)
        found = cost(case, partial=True)
        assert (found.total, found.unpriced) == (known, (unit,))


@pytest.mark.parametrize(
    ("at", "rates"),
    [
        ("2025-02-08T15:59:59Z", ("0.14", "0.014", "0.28")),
        ("2025-02-08T16:00:00Z", ("0.27", "0.07", "1.10")),
        ("2025-03-01T16:29:59Z", ("0.27", "0.07", "1.10")),
        ("2025-03-01T16:30:00Z", ("0.135", "0.035", "0.55")),
        ("2025-09-05T16:00:00Z", ("0.56", "0.07", "1.68")),
        ("2025-09-29T00:00:00Z", ("0.28", "0.028", "0.42")),
        ("2026-04-24T00:00:00Z", ("0.14", "0.0028", "0.28")),
    ],
)
def test_what_deepseek_chat_has_cost(at: str, rates: tuple[str, str, str]) -> None:
    body = {
        "object": "chat.completion",
        "model": "deepseek-chat",
        "usage": {
            "prompt_tokens": 1000,
            "completion_tokens": 100,
            "total_tokens": 1100,
            "prompt_cache_hit_tokens": 600,
            "prompt_cache_miss_tokens": 400,
        },
    }
    new, read, out = rates
    found = price_response(body, provider="deepseek", at=at)
    assert found.total == total((400, new), (600, read), (100, out))


@pytest.mark.parametrize(
    ("at", "peak"),
    [
        ("2026-11-23T00:59:59Z", False),  # a Monday
        ("2026-11-23T01:00:00Z", True),
        ("2026-11-23T03:59:59Z", True),
        ("2026-11-23T04:00:00Z", False),
        ("2026-11-23T09:59:59Z", True),
        ("2026-11-22T01:00:00Z", False),  # a Sunday
    ],
)
def test_the_hours_of_deepseek(at: str, peak: bool) -> None:
    body = {
        "object": "chat.completion",
        "model": "deepseek-flash",
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }
    found = price_response(body, provider="deepseek", at=at)
    assert found.total == total((1000, "0.15"), (100, "0.60")) * (2 if peak else 1)


@pytest.mark.parametrize(("tokens", "factor"), [(199_999, 1), (200_000, 2)])
def test_the_long_contexts_of_xai_begin_at_their_threshold(tokens: int, factor: int) -> None:
    body = {
        "object": "chat.completion",
        "model": "grok-4.7",
        "usage": {"prompt_tokens": tokens, "completion_tokens": 10, "total_tokens": tokens + 10},
    }
    found = price_response(body, provider="xai", at="2026-11-01")
    assert found.total == total((tokens, "2.00"), (10, "6.00")) * factor


def test_what_is_free() -> None:
    body = {
        "object": "chat.completion",
        "model": "openai/gpt-oss-20b:free",
        "usage": {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20},
    }
    assert price_response(body, provider="openrouter", at="2026-11-01").total == 0
