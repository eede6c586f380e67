"""What looks like a secret, or is one that is known, is found in the bytes of any file."""

from __future__ import annotations

import base64
import json
import random
from urllib.parse import quote

import pytest
from modelbook_compiler.scanning import known, scan

RANDOM = random.Random(7)  # noqa: S311  # no key of anybody
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
BARE = "".join(RANDOM.choices(LETTERS, k=32))
HEX = "".join(RANDOM.choices("0123456789abcdef", k=32))
FORMS = {
    "openai": "sk-proj-" + BARE,
    "groq": "gsk_" + BARE,
    "cerebras": "csk-" + BARE.lower() + "ab",
    "together": "tgp_v1_" + BARE,
    "gitlab": "glpat-" + BARE[:20],
    "slack": "xoxb-" + "1" * 12 + "-" + BARE,
    "github": "ghp_" + BARE + "abcd",
    "age": "AGE-SECRET-" + "KEY-1" + BARE.upper() * 2,
    "aws": "AKI" + "A" + "Q3EGRIVBX2LD7K5M",
    "private key": "-----BEGIN " + "PRIVATE KEY-----",
}
NAMED = {
    "yaml": f"api_key: {BARE}",
    "comment": f"# api_key: {BARE}",
    "json": json.dumps({"apiKey": HEX}),
    "json in json": json.dumps(json.dumps({"api_key": HEX})),
    "env": f"export MISTRAL_API_KEY={BARE}",
    "python": f'client = Client(api_key="{BARE}")',
    "header": f"Authorization: Bearer {BARE}",
    "toml": f'password = "{BARE}"',
    "block": f"token: >-\n  {BARE}\n",
    "ini": f"aws_secret_access_key = {BARE}",
    "item": f'os.environ["COHERE_API_KEY"] = "{BARE}"',
}
HARMLESS = (
    "secret: openai/api_key",
    "api_key: OPENAI_API_KEY_2",
    "api_key=settings.get_secret_value()",
    "token: your-api-key-here-1234abcd",
    "max_tokens: 1234567890123456789",
    "api_key = os.environ['A_LONG_ENOUGH_NAME_4']",
    "tokenizer: meta-llama/Llama-3.1-70B-Instruct",
    "secret: ENC[AES256_GCM,data:abc123def456ghi789,type:str]",
    "password: <at-least-16-characters>",
    "token: 2026-11-01T12:00:00",
    "api_key: ${OPENAI_API_KEY_FROM_1PASSWORD}",
    f"sha256:{HEX}",
    f"checksum: {HEX}",
)


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_vendor_is_found(form: str) -> None:
    (found,) = scan(f"one\nté {FORMS[form]} x".encode())
    assert (found.rule, found.severity, found.span.line) == ("form", "error", 2)
    assert found.span.column == 4


@pytest.mark.parametrize("place", NAMED)
def test_what_stands_after_a_secret_like_name_is_found(place: str) -> None:
    (found,) = scan(NAMED[place].encode())
    assert (found.rule, found.severity) == ("name", "error")
    line = NAMED[place].split("\n")[found.span.line - 1]
    assert line[found.span.column - 1 : found.span.end_column - 1] in (BARE, HEX)


@pytest.mark.parametrize("text", HARMLESS)
def test_names_examples_and_digests_are_let_be(text: str) -> None:
    assert scan(text.encode()) == ()


def test_randomness_alone_is_a_warning_and_only_where_asked_for() -> None:
    text = f"value {BARE}".encode()
    assert scan(text) == ()
    (found,) = scan(text, random=True)
    assert (found.rule, found.severity) == ("entropy", "warning")


@pytest.mark.parametrize("lead", ["", "a", "ab", "abc"])
def test_a_known_secret_is_found_however_it_is_written(lead: str) -> None:
    value = 'CANARY/known+"value"&4711'
    given = known({"acme/api_key": value})
    written = {
        "raw": value,
        "JSON": json.dumps({"x": value}),
        "URL": f"?x={quote(value, safe='')}",
        "base64": base64.b64encode((lead + value + lead).encode()).decode(),
    }
    for form, text in written.items():
        found = scan(f"ééé\n{lead}{text}".encode(), given)
        assert [(one.id, one.rule, one.form) for one in found] == [("acme/api_key", "known", form)]
        assert found[0].span.line == 2
    urlsafe = base64.urlsafe_b64encode((lead + value).encode())
    assert [one.form for one in scan(urlsafe, given)] == ["base64"]


def test_a_known_secret_is_found_in_what_is_no_text() -> None:
    given = known({"acme/api_key": "CANARY-known-4711"})
    for raw in (b"\xff\xfd\x00CANARY-known-4711", b"\x00\x80\xc3CANARY-known-4711\xff"):
        assert [one.id for one in scan(raw, given)] == ["acme/api_key"]
    utf16 = b"\xff\xfe" + "x CANARY-known-4711".encode("utf-16-le")
    assert [one.id for one in scan(utf16, given)] == ["acme/api_key"]


def test_a_short_known_value_is_not_looked_for() -> None:
    assert known({"acme/pin": "1234567"}) == ()


def test_nothing_that_is_returned_repeats_a_secret() -> None:
    value = "CANARY-known-4711"
    given = known({"acme/api_key": value})
    assert value not in repr(given) + repr(scan(f"api_key: {value} {BARE}".encode(), given))


def test_a_line_may_say_that_it_holds_no_secret_but_not_of_a_known_one() -> None:
    reason = "  # modelbook: no secret: a value of the tests"
    assert scan((NAMED["yaml"] + reason).encode()) == ()
    assert len(scan((NAMED["yaml"] + "  # modelbook: no secret: x").encode())) == 1
    assert len(scan((NAMED["yaml"] + reason).encode(), known({"a/b": BARE}))) == 1


def test_hostile_texts_take_no_time() -> None:
    for text in ("api_key:" * 50_000, "secret" * 60_000, "a_" * 200_000, "://a:" * 80_000):
        scan(text.encode(), random=True)
