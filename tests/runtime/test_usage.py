"""Recorded bodies of each provider's APIs -> reports, held in files beside them.

`tests/usage/<provider>/<case>.{json,sse,ndjson}` is a response as it comes over the wire, and
`<case>.report.json` what is read from it. Set UPDATE_GOLDEN=1 to write the reports; look at each.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from modelbook.errors import (
    ModelbookError,
    NotFoundError,
    NotPricedError,
    RequestError,
    UsageError,
)
from modelbook.usage import UsageReport
from modelbook_catalog import catalog, price_response, provider_ids, usage_from_response

BODIES = Path(__file__).parent.parent / "usage"
CASES = sorted(
    path.relative_to(BODIES).as_posix()
    for path in BODIES.glob("*/*")
    if not path.name.endswith(".report.json")
)


def shown(report: UsageReport) -> dict[str, Any]:
    """Return a report as JSON values; decimals are text."""
    fields = {name: value for name, value in vars(report).items() if value not in (None, ())}
    exact = {unit: str(n) if isinstance(n, Decimal) else n for unit, n in report.usage.items()}
    return {**fields, "usage": exact}


@pytest.mark.parametrize("case", CASES)
def test_recorded_bodies(case: str) -> None:
    path = BODIES / case
    report = usage_from_response(path.read_text(encoding="utf-8"), provider=path.parent.name)
    golden = path.with_name(f"{path.name.rpartition('.')[0]}.report.json")
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(json.dumps(shown(report), indent=1) + "\n", encoding="utf-8")
    assert shown(report) == json.loads(golden.read_text(encoding="utf-8"))


def test_the_same_body_however_it_comes() -> None:
    path = BODIES / "openai" / "chat-stream.sse"
    text = path.read_text(encoding="utf-8")
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]

    class Dumping:
        """What vendors' own libraries hand out."""

        def __init__(self, event: dict[str, Any]) -> None:
            self.event = event

        def model_dump(self) -> dict[str, Any]:
            """Return it as plain values."""
            return self.event

    forms: list[object] = [
        text,
        text.encode(),
        b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
        bytearray(text.encode()),
        text.splitlines(),
        events,
        iter(events),
        [Dumping(event) for event in events],
        json.dumps(events),
        "\n".join(json.dumps(event, ensure_ascii=False) for event in events),
    ]
    reports = {usage_from_response(form, provider="openai") for form in forms}
    assert len(reports) == 1
    assert usage_from_response(Dumping(CHAT), provider="openai") == usage_from_response(
        json.dumps(CHAT, indent=2), provider="openai"
    )


CHAT: dict[str, Any] = {
    "object": "chat.completion",
    "created": 1764720000,
    "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 60, "audio_tokens": None},
    },
}
CREATED = {"type": "response.created", "response": {"object": "response", "usage": None}}
START: dict[str, Any] = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "m", "usage": {"input_tokens": 5, "output_tokens": 1}},
}
GEMINI: dict[str, Any] = {"usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 1}}


def chat(**usage: object) -> dict[str, Any]:
    """Return a chat response with other counts."""
    return {**CHAT, "usage": {**CHAT["usage"], **usage}}


def test_a_null_is_absent_and_a_zero_is_zero() -> None:
    report = usage_from_response(CHAT, provider="openai")
    assert dict(report.usage) == {"input": 100, "output": 20, "cache_read": 60}
    zero = usage_from_response(chat(completion_tokens=0), provider="openai")
    assert zero.usage["output"] == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (chat(completion_tokens=True), "`usage.completion_tokens` should be a number, not a bool"),
        (chat(completion_tokens="20"), "`usage.completion_tokens` should be a number, not text"),
        (chat(completion_tokens=-1), "`usage.completion_tokens` is negative: -1"),
        (chat(completion_tokens=1.5), "1.5 is no whole number of `output`"),
        (chat(completion_tokens=float("nan")), "`usage.completion_tokens` is nan"),
        (chat(completion_tokens=float("inf")), "`usage.completion_tokens` is inf"),
        (chat(completion_tokens=10**15 + 1), "more than 1,000,000,000,000,000: 1000000000000001"),
        (chat(completion_tokens=10**5000), "more than 1,000,000,000,000,000: a huge int"),
        (chat(completion_tokens=Decimal("1e999999")), "more than 1,000,000,000,000,000"),
        (chat(completion_tokens=None), "`usage.completion_tokens` is missing"),
        (
            chat(prompt_tokens_details=5),
            "an object with `cached_tokens` should be where a number is",
        ),
        (
            chat(prompt_tokens_details={"cached_tokens": 101}),
            "impossible: `prompt_tokens_details.cached_tokens` says 101 of `cache_read`, more than "
            "the 100 of `input` (`prompt_tokens`), which it is a part of",
        ),
        ({**CHAT, "usage": [1]}, "`usage` should be an object, not a list"),
        ({**CHAT, "usage": None}, "`usage` is missing"),
        ({**CHAT, "created": "yesterday"}, "`created` is no time: 'yesterday'"),
        ({**CHAT, "created": 10**30}, "`created` is no time"),
        ({**CHAT, "created": True}, "`created` is no time: True"),
        ({**CHAT, "model": 4}, "`model` should be a name, not a number"),
        ({**CHAT, "service_tier": 4}, "`service_tier` should be text, not a number"),
        ({}, "no rule reads this response (chat: `usage` is missing; responses:"),
        ([], "no rule reads this response"),
        ([CHAT, 3], "an event of a stream is an object, not a number"),
        ([{**CHAT, "id": "a"}, {**CHAT, "id": "b"}], "of several responses: `a`, `b`"),
        (3, "a response is an object, text or events, not a number"),
        (None, "a response is an object, text or events, not null"),
        ("", "the response is empty"),
        ("Bad gateway", "line 1 is neither JSON nor a server-sent event"),
        ('{"usage": ', "the response is not JSON that can be read"),
        ('{"usage": {"prompt_tokens": NaN}}', "`NaN` is no number"),
        ('{"a": 1e1000000000000000000000}', "not JSON that can be read"),
        ('{"a": ' + "9" * 5000 + "}", "not JSON that can be read"),
        ("[" * 100_000, "nested too deeply"),
        ('data: {"a"\n\n', "the event at line 1 is not JSON"),
        (b"\xff\xfe", "not UTF-8 text"),
    ],
)
def test_what_cannot_be_read_says_where(body: object, said: str) -> None:
    with pytest.raises(UsageError) as error:
        usage_from_response(body, provider="openai")
    assert said in str(error.value)
    assert str(error.value).startswith("`openai`: ")
    assert error.value.code == "bad-usage"


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("anthropic", [START]),
        ("anthropic", START),
        ("anthropic", "event: message_start\ndata: " + json.dumps(START) + "\n\n"),
        ("openai", [CREATED]),
        ("openai", [{**CHAT, "object": "chat.completion.chunk", "usage": None}]),
        ("google", [GEMINI, GEMINI]),
        ("ollama", {"done": False, "eval_count": 3}),
        ("vllm", [{**CHAT, "usage": None, "choices": [{"finish_reason": "stop"}]}]),
        ("amazon-bedrock", [{"messageStop": {"stopReason": "end_turn"}}]),
    ],
)
def test_a_stream_that_was_cut_is_no_usage(provider: str, body: object) -> None:
    with pytest.raises(UsageError, match=r"cut|missing"):
        usage_from_response(body, provider=provider)


def test_what_the_events_of_a_stream_say_is_put_together() -> None:
    start = {**START, "message": {**START["message"], "usage": {"input_tokens": 5}}}
    start["message"]["usage"]["cache_creation"] = {"ephemeral_1h_input_tokens": 2}
    start["message"]["usage"]["cache_creation_input_tokens"] = 3
    delta = {"input_tokens": None, "output_tokens": 9, "cache_creation": {"other": 1}}
    events = [start, {"type": "message_delta", "usage": delta}, {"type": "message_stop"}]
    report = usage_from_response(events, provider="anthropic")
    counts = {"input": 8, "cache_write": 3, "cache_write_1h": 2, "output": 9}
    assert (report.model, dict(report.usage)) == ("m", counts)


@pytest.mark.parametrize("provider", ["xai", "google"])
def test_reasoning_beside_the_completion_or_in_it(provider: str) -> None:
    details = {"reasoning_tokens": 90} if provider == "xai" else None
    usage = {"prompt_tokens": 30, "completion_tokens": 10, "completion_tokens_details": details}
    beside = {"usage": {**usage, "total_tokens": 130}}
    within = {"usage": {**usage, "completion_tokens": 100, "total_tokens": 130}}
    for body in (beside, within):
        report = usage_from_response(body, provider=provider)
        assert (report.usage["input"], report.usage["output"]) == (30, 100)
    silent = usage_from_response({"usage": usage}, provider=provider)  # no total to tell by
    assert silent.usage["output"] == (100 if provider == "xai" else 10)
    with pytest.raises(UsageError, match=r"impossible: .*make -5 of `output`"):
        usage_from_response({"usage": {**usage, "total_tokens": 25}}, provider=provider)


def test_an_empty_id_is_none() -> None:
    first = {"id": "", "object": "chat.completion.chunk", "choices": []}
    assert usage_from_response([first, {**CHAT, "id": "a"}], provider="openai").api == "chat"


def test_the_api_may_be_said() -> None:
    bare = {"usage": {"prompt_tokens": 9, "completion_tokens": 3}}
    assert usage_from_response(bare, provider="openai").api == "chat"
    said = usage_from_response(bare, provider="openai", api="embeddings")
    assert (said.api, dict(said.usage)) == ("embeddings", {"input": 9})
    with pytest.raises(UsageError, match="has no api `chats`; those it has: `chat`") as error:
        usage_from_response(bare, provider="openai", api="chats")
    assert error.value.nearest[0] == "chat"
    with pytest.raises(UsageError, match=r"api `responses`: `usage.input_tokens` is missing"):
        usage_from_response(bare, provider="openai", api="responses")


def test_two_rules_that_differ_are_no_guess() -> None:
    both = {"usage": {"prompt_tokens": 9, "completion_tokens": 3, "input_tokens": 1}}
    both["usage"]["output_tokens"] = 2
    with pytest.raises(UsageError, match=r"of `chat` or `responses` or .*, which read it"):
        usage_from_response(both, provider="openai")


def test_providers_without_rules_and_unknown_ones() -> None:
    with pytest.raises(UsageError, match="those that have: `amazon-bedrock`, `anthropic`"):
        usage_from_response({}, provider="transformers")
    with pytest.raises(NotFoundError, match="did you mean `openai`"):
        usage_from_response({}, provider="opnai")


def test_rules_of_every_provider_can_be_followed() -> None:
    for provider in provider_ids():
        for rule in catalog().provider_row(provider).get("usage", ()):
            with pytest.raises(ModelbookError):
                usage_from_response({}, provider=provider, api=rule["api"])


TWICE: dict[str, list[dict[str, Any]]] = {
    "openai": [
        {"object": "list", "data": [{"object": "embedding"}], "usage": {"prompt_tokens": 8}},
        CHAT,
        {"object": "response", "usage": {"input_tokens": 1, "output_tokens": 2}},
    ],
    "ollama": [{"model": "m", "done": True, "prompt_eval_count": 5, "eval_count": 2}],
    "amazon-bedrock": [{"usage": {"inputTokens": 5, "outputTokens": 2}, "stopReason": "end_turn"}],
    "cohere": [{"results": [], "meta": {"billed_units": {"search_units": 1}}}],
    "google": [{**GEMINI, "candidates": [{"finishReason": "STOP"}]}],
    "anthropic": [{"type": "message", "usage": {"input_tokens": 5, "output_tokens": 1}}],
    "vllm": [CHAT],
}


@pytest.mark.parametrize(
    ("provider", "body"), [(id, body) for id, all in TWICE.items() for body in all]
)
def test_two_responses_are_not_read_as_the_last_one(provider: str, body: dict[str, Any]) -> None:
    assert usage_from_response(body, provider=provider).usage
    for form in ([body, body], f"{json.dumps(body)}\n{json.dumps(body)}"):
        with pytest.raises(UsageError, match="read each alone"):
            usage_from_response(form, provider=provider)


def test_the_events_of_one_response_name_one_model() -> None:
    one = {**GEMINI, "responseId": "r", "candidates": [{"finishReason": "STOP"}]}
    same = usage_from_response([one, one], provider="google")  # one id: of one response
    assert dict(same.usage) == {"input": 7, "output": 1}
    other = [{**one, "modelVersion": "gemini-2.5-pro"}, {**one, "modelVersion": "gemini-2.5-flash"}]
    with pytest.raises(UsageError, match=r"`gemini-2\.5-flash`, `gemini-2\.5-pro`; read each"):
        usage_from_response(other, provider="google")


@pytest.mark.parametrize("provider", ["xai", "openrouter", "vllm", "mistral"])
def test_usage_that_runs_along_does_not_hide_a_cut(provider: str) -> None:
    chunk = {**CHAT, "object": "chat.completion.chunk", "id": "c", "choices": [{"index": 0}]}
    with pytest.raises(UsageError, match=r"the stream was cut: .*choices\[\]\.finish_reason"):
        usage_from_response([chunk, chunk], provider=provider)
    report = usage_from_response([{**chunk, "choices": CHAT["choices"]}, chunk], provider=provider)
    assert report.usage["input"] == 100


@pytest.mark.parametrize(("api", "said"), [(["chat"], r"api \['chat'\]"), (3, "api 3"), ({}, "{}")])
def test_an_api_that_is_no_text(api: Any, said: str) -> None:
    with pytest.raises(UsageError, match=f"has no .*{said}"):
        usage_from_response(CHAT, provider="openai", api=api)


def gemini(*details: dict[str, Any], **usage: object) -> dict[str, Any]:
    """Return a Gemini response with a breakdown of its prompt."""
    counts = {"promptTokenCount": 100, "candidatesTokenCount": 5, **usage}
    return {"usageMetadata": {**counts, "promptTokensDetails": list(details)}}


@pytest.mark.parametrize("audio", ["AUDIO", "audio", "Modality.AUDIO", "MediaModality.AUDIO", 4])
def test_a_modality_however_it_is_spelt(audio: object) -> None:
    text = {"modality": 1, "tokenCount": 10}
    report = usage_from_response(
        gemini(text, {"modality": audio, "tokenCount": 90}), provider="google"
    )
    assert (report.usage["input_audio"], report.usage["input_image"]) == (90, 0)


@pytest.mark.parametrize("word", ["SMELL", 9, True, None])
def test_a_modality_that_no_count_takes_is_no_text(word: object) -> None:
    body = gemini({"modality": word, "tokenCount": 100})
    with pytest.raises(UsageError, match=r"Details\[\]\.modality` is .* none of `text`, `audio`"):
        usage_from_response(body, provider="google")


BATCH: dict[str, Any] = {"type": "message", "model": "m"}
CREATION = {"ephemeral_5m_input_tokens": 400, "ephemeral_1h_input_tokens": 100}


@pytest.mark.parametrize(
    ("provider", "body", "said"),
    [
        ("openai", chat(total_tokens=130), r"total_tokens` is 130, and .* is 120"),
        (
            "openai",
            {"usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 8}},
            r"`usage\.total_tokens` is 8, and `input_tokens` \+ `output_tokens` is 7",
        ),
        (
            "openai",
            chat(prompt_tokens_details={"cached_tokens": 60, "cache_write_tokens": 60}),
            "60 of `cache_read` and .* 60 of `cache_write`, more than the 100 of `input`",
        ),
        (
            "deepseek",
            chat(prompt_cache_hit_tokens=64, prompt_cache_miss_tokens=30),
            r"prompt_tokens` is 100, and .* is 94",
        ),
        (
            "anthropic",
            {
                **BATCH,
                "usage": {
                    "input_tokens": 1,
                    "output_tokens": 2,
                    "cache_creation_input_tokens": 600,
                    "cache_creation": CREATION,
                },
            },
            r"cache_creation_input_tokens` is 600, and .* is 500",
        ),
        (
            "amazon-bedrock",
            {
                "usage": {
                    "inputTokens": 1,
                    "outputTokens": 2,
                    "cacheWriteInputTokens": 100,
                    "cacheDetails": [{"ttl": "1h", "inputTokens": 60}],
                }
            },
            r"cacheWriteInputTokens` is 100, and .* is 60",
        ),
        (
            "google",
            gemini({"modality": "AUDIO", "tokenCount": 90}),
            r"TokenCount` is 100, .*90",
        ),
        ("google", gemini(totalTokenCount=104), r"totalTokenCount` is 104, and .* is 105"),
    ],
)
def test_counts_that_do_not_add_up(provider: str, body: object, said: str) -> None:
    with pytest.raises(UsageError, match=said) as error:
        usage_from_response(body, provider=provider)
    assert "?" not in str(error.value)


def test_a_breakdown_without_its_total_is_counted() -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "cache_creation": CREATION}
    report = usage_from_response({**BATCH, "usage": usage}, provider="anthropic")
    counts = {"input": 501, "cache_write": 500, "cache_write_1h": 100, "output": 2}
    assert dict(report.usage) == counts


def test_a_stream_that_writes_more_than_its_breakdown_says() -> None:
    start = {**START["message"], "usage": {"input_tokens": 5, "cache_creation": CREATION}}
    start["usage"]["cache_creation_input_tokens"] = 500
    delta = {"output_tokens": 9, "cache_creation_input_tokens": 800}
    events = [{**START, "message": start}, {"type": "message_delta", "usage": delta}]
    with pytest.raises(UsageError, match=r"cache_creation_input_tokens` is 800, and .* is 500"):
        usage_from_response(events, provider="anthropic")


def test_a_difference_is_shown_as_one() -> None:
    usage = {"prompt_tokens": 30, "completion_tokens": 10, "total_tokens": 25}
    with pytest.raises(UsageError) as error:
        usage_from_response({"usage": usage}, provider="google")
    said = "`total_tokens` - `prompt_tokens` or `completion_tokens` make -5 of `output`"
    assert said in str(error.value)


def test_a_search_without_an_action_is_one() -> None:
    calls = [{"type": "web_search_call", "id": "ws"}, {"type": "web_search_call", "action": None}]
    opened = {"type": "web_search_call", "action": {"type": "open_page"}}
    body = {**answer(*calls, opened), "object": "response"}
    for form in (body, [{"type": "response.completed", "response": body}]):
        assert usage_from_response(form, provider="openai").usage["searches"] == 2


def answer(*output: dict[str, Any]) -> dict[str, Any]:
    """Return a Responses body with these items."""
    usage = {"input_tokens": 10, "output_tokens": 4, "total_tokens": 14}
    return {"model": "gpt-5-2025-08-07", "output": list(output), "usage": usage}


ADVISED = [{"type": "message"}, {"type": "advisor_message", "input_tokens": 9}]
SEARCHED = {"groundingMetadata": {"webSearchQueries": ["x"]}, "finishReason": "STOP"}


@pytest.mark.parametrize(
    ("provider", "body", "name"),
    [
        ("openai", answer({"type": "code_interpreter_call"}), "code_interpreter"),
        ("openai", answer({"type": "image_generation_call"}), "image_generation"),
        (
            "google",
            {**GEMINI, "candidates": [SEARCHED], "modelVersion": "gemini-2.5-flash"},
            "grounding",
        ),
        (
            "anthropic",
            {
                "type": "message",
                "model": "claude-sonnet-4-5-20250929",
                "usage": {"input_tokens": 5, "output_tokens": 1, "iterations": ADVISED},
            },
            "advisor",
        ),
    ],
)
def test_what_is_billed_apart_is_no_part_of_a_price_in_silence(
    provider: str, body: dict[str, Any], name: str
) -> None:
    assert usage_from_response(body, provider=provider).uncounted == (name,)
    with pytest.raises(NotPricedError, match=f"the response used `{name}`, which is billed apart"):
        price_response(body, provider=provider)
    cost = price_response(body, provider=provider, partial=True)
    assert (cost.unpriced, cost.total > 0, len(cost.lines)) == ((name,), True, 2)


def test_nothing_is_billed_apart_where_nothing_was_used() -> None:
    silent = {"groundingMetadata": {"webSearchQueries": []}, "finishReason": "STOP"}
    body = {**GEMINI, "candidates": [silent], "modelVersion": "gemini-2.5-flash"}
    assert usage_from_response(body, provider="google").uncounted == ()
    assert price_response(body, provider="google").unpriced == ()


def test_two_samplings_are_no_one_long_context() -> None:
    path = BODIES / "anthropic" / "messages-compaction.json"
    body = json.loads(path.read_text(encoding="utf-8"))
    assert usage_from_response(body, provider="anthropic").usage["requests"] == 2
    with pytest.raises(RequestError, match="of 2 requests; price them one by one"):
        price_response(body, provider="anthropic", at="2026-01-10")
    assert (
        price_response(body, provider="anthropic", at="2026-06-01").total > 0
    )  # one price for all
    body["usage"]["iterations"] = []
    assert "requests" not in usage_from_response(body, provider="anthropic").usage


@pytest.mark.parametrize(
    ("provider", "body", "said"),
    [
        ("openai", {"error": {"message": "Rate limit", "type": "requests"}}, ": `Rate limit`"),
        ("openai", {"error": {"message": None, "code": "no_quota"}}, ": `no_quota`"),
        ("openai", {"error": {"message": "Incorrect key: sk-ab12****cdefghijkl34"}}, "key: …`"),
        ("openai", {"error": {"message": "a\x1b[2J\nb " + "c d " * 999}}, "c d …`"),
        ("openai", {"type": "response.failed", "response": {"error": {"code": "x"}}}, ": `x`"),
        ("openai", [CHAT, {"error": {"message": "Upstream died"}}], "`Upstream died`"),
        ("openai", {"error": 5}, "answered with an error, not a response"),
        ("anthropic", {"type": "error", "error": {"message": "Overloaded"}}, "`Overloaded`"),
        (
            "anthropic",
            f"data: {json.dumps(START)}\n\n"
            + 'event: error\ndata: {"error": {"message": "Busy"}}\n\n',
            "`Busy`",
        ),
        ("google", [{"error": {"code": 429, "message": "Quota"}}], "`Quota`"),
        ("ollama", {"error": "model 'x' not found"}, "`model 'x' not found`"),
        ("vllm", {"object": "error", "message": "Too long", "code": 400}, "`Too long`"),
    ],
)
def test_an_error_of_the_vendor_is_said_to_be_one(provider: str, body: object, said: str) -> None:
    with pytest.raises(UsageError, match="vendor answered with an error") as error:
        usage_from_response(body, provider=provider)
    assert str(error.value).endswith(said)
    assert len(str(error.value)) < 300
    assert str(error.value).isprintable()


def test_a_response_that_failed_and_used_something_is_read() -> None:
    failed = {**answer(), "object": "response", "error": {"message": "Late"}}
    assert usage_from_response(failed, provider="openai").usage["output"] == 4


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("openai", {**answer(), "object": "response.compaction"}),
        ("anthropic", {**answer(), "object": "response"}),
        ("cohere", {"type": "message", "meta": {"billed_units": {"search_units": 1}}}),
    ],
)
def test_a_body_that_says_what_it_is_is_not_read_as_something_else(
    provider: str, body: object
) -> None:
    with pytest.raises(UsageError, match="no rule reads this response"):
        usage_from_response(body, provider=provider)


@pytest.mark.parametrize(
    ("provider", "line", "said"),
    [
        (
            "openai",
            {"id": "b", "custom_id": "1", "response": {"status_code": 200, "body": CHAT}},
            "`response.body`",
        ),
        (
            "anthropic",
            {"custom_id": "1", "result": {"type": "succeeded", "message": START["message"]}},
            "`result.message`",
        ),
    ],
)
def test_a_line_of_a_batch_says_what_to_pass(provider: str, line: object, said: str) -> None:
    for form in (line, [line, line]):
        with pytest.raises(UsageError, match=f'pass its {said} alone, and `tier="batch"`'):
            usage_from_response(form, provider=provider)
