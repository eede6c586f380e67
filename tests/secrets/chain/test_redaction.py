"""Nothing that is logged or masked holds a key that was loaded, in any form (H6)."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import urllib.parse
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook.secrets import RedactingFormatter, Secret, get, protect_logging, redact
from modelbook.secrets.masking import LOADED, MASK, SHORTEST

KEY = "CANARY" + "log+/=\"'\\0123456789"
Form = Callable[[str], str]


def loaded(value: str) -> Secret:
    """Return a secret that this process has loaded."""
    return Secret(value, id="openai/api_key", source="given", allowed_hosts=("*",))


def basic(value: str) -> str:
    """Return a value as the password of basic authentication."""
    return base64.b64encode(f"user:{value}".encode()).decode()


FORMS: dict[str, Form] = {
    "raw": str,
    "json": lambda v: json.dumps({"k": v}),
    "json in json": lambda v: json.dumps(json.dumps({"k": v})),
    "go's json": lambda v: json.dumps(v).replace("<", "\\u003c").replace("&", "\\u0026"),
    "repr": repr,
    "bytes": lambda v: repr(v.encode()),
    "url": lambda v: urllib.parse.urlencode({"key": v}),
    "url, small": lambda v: urllib.parse.quote(v, safe="/"),
    "html": html.escape,
    "hex": lambda v: v.encode().hex(),
    **{
        f"base64 at {n}": lambda v, n=n: base64.b64encode(b"x" * n + v.encode() + b"end").decode()
        for n in range(4)
    },
    "base64 for urls": lambda v: base64.urlsafe_b64encode(f"a:{v}".encode()).decode(),
    "basic": basic,
}


def middle(written: str) -> str:
    """Return a piece in the middle of a text, which stands for the value alone."""
    return written[len(written) // 2 - 3 : len(written) // 2 + 3]


VALUES = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="*"),
    min_size=SHORTEST,
    max_size=60,
)


@pytest.mark.parametrize("name", FORMS)
def test_H6_each_form_of_a_key_is_masked(name: str) -> None:
    loaded(KEY)
    written = FORMS[name](KEY)
    masked = redact(f"before {written} after")
    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert len(masked) < len("before  after") + 40
    assert middle(written) not in masked


@given(VALUES, st.sampled_from(sorted(FORMS)), st.text(" .,\n\u00e9"), st.text(" .,\n\u00e9"))
def test_H6_any_value_in_any_form_is_gone(value: str, name: str, before: str, after: str) -> None:
    LOADED.clear()
    loaded(value)
    written = FORMS[name](value)
    masked = redact(before + written + after)
    assert value not in masked
    assert MASK in masked
    assert middle(written) not in masked


def test_a_text_without_a_key_stays_as_it_is() -> None:
    loaded(KEY)
    loaded("test")  # too short to be told from a word
    assert redact("a test of CANARY and base64") == "a test of CANARY and base64"


def test_the_longer_of_two_keys_goes_first() -> None:
    loaded("CANARYpart")
    loaded("CANARYpart-and-more")
    assert redact("<CANARYpart-and-more> <CANARYpart>") == f"<{MASK}> <{MASK}>"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """Return a logger of an application and what its handler writes, protected."""
    stream = io.StringIO()
    logger = logging.getLogger("an_application")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    before = {one: one.formatter for one in [*logging.root.handlers, logging.lastResort] if one}
    protect_logging()
    yield logger, stream
    logger.removeHandler(handler)
    for one, formatter in before.items():
        one.setFormatter(formatter)


def test_H6_logs_hold_no_key(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    key = get("openai/api_key", value=KEY).reveal()
    logger.debug("headers %s", {"Authorization": f"Bearer {key}"})
    logger.info("basic %s", basic(key))
    logger.getChild("child").warning(key, stack_info=True)
    try:
        raise ValueError(f"401 for {key}")
    except ValueError:
        logger.exception("it failed")
        logger.getChild("child").error("again", exc_info=True)
    written = stream.getvalue()
    assert key not in written
    assert json.dumps(key)[1:-1] not in written
    assert basic(key)[8:-4] not in written
    assert written.count(MASK) >= 5
    assert "ValueError: 401 for ********" in written
    assert "DEBUG an_application headers" in written


def test_H6_a_line_that_cannot_be_formatted(
    log: tuple[logging.Logger, io.StringIO], capsys: pytest.CaptureFixture[str]
) -> None:
    logger, stream = log
    key = get("openai/api_key", value=KEY).reveal()
    logger.info("%d keys", key)
    assert key not in stream.getvalue() + capsys.readouterr().err
    assert "not formatted, TypeError: '%d keys'" in stream.getvalue()


def test_protecting_twice_wraps_once(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, _ = log
    first = logger.handlers[0].formatter
    assert isinstance(first, RedactingFormatter)
    assert protect_logging() >= 1
    assert logger.handlers[0].formatter is first


def test_H6_what_a_handler_passes_on_is_masked_too() -> None:
    from io import StringIO
    from logging.handlers import MemoryHandler

    out, logger = StringIO(), logging.getLogger("canary.memory")
    held = MemoryHandler(10, target=logging.StreamHandler(out))
    logger.addHandler(held)
    try:
        key = "CANARY" + "memory-0123456789"
        Secret(key, id="a/b", source="given", allowed_hosts=("*",))
        protect_logging()
        logger.error("sent %s", key)
        held.flush()
    finally:
        logger.removeHandler(held)
    assert out.getvalue() == "sent ********\n"
