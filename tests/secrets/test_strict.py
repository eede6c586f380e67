"""Hostile bytes for the strict reader, and plain mappings for the record reader."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modelbook.secrets.errors import SopsConfigError, SopsError, SopsMalformedError
from modelbook.secrets.folder import Folder
from modelbook.secrets.record import Kept, Slot, kept, plain, sealed
from modelbook.secrets.sops.policy import faults
from modelbook.secrets.sops.rules import rules
from modelbook.secrets.sops.strict import parse

from .conftest import rules_text

OURS = re.compile(r"f:\d+:\d+: ([a-z0-9 ,`.^$()|A-Z_:-]+)\Z")
MANY = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORDS = [
    *("CANARY-in-it", "a: ", "- ", "\n", "  ", "&a ", "*a", "!!str ", "|\n", ">-\n", "'", '"', "{"),
    *("}", "[", "]", ", ", "#", "%YAML 1.2\n", "---\n", "...\n", "? ", "<<: ", "\t", "sops:\n"),
    *("\x00", "é", "\r\n", "\\u0000", "1", "true", "~", "\\x41", "@", "`"),
]


def error_of(step: Callable[[], object]) -> SopsError | None:
    """Return the error of a step, if any: one of ours, that repeats nothing of what was given."""
    failed: SopsError | None = None
    try:
        step()
    except SopsError as error:
        failed = error
        text = "".join(traceback.format_exception(error))
    if failed is not None:
        assert "CANARY" not in text + repr(failed.__dict__)
        assert failed.__cause__ is None
        assert failed.__context__ is None
    return failed


def told(raw: bytes) -> bool:
    """Parse; demand that an error is in words of ours. Tell whether there was one."""
    error = error_of(lambda: parse(raw, "f"))
    if error is not None:
        assert type(error) is SopsMalformedError
        assert OURS.match(str(error))
        assert error.hint
    return error is not None


@MANY
@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(raw: bytes) -> None:
    told(raw)


@MANY
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
def test_pieces_of_yaml_are_read_or_refused(text: str) -> None:
    told(text.encode())


@MANY
@given(data=st.data())
def test_a_real_file_with_any_edit_is_read_or_refused(
    data: st.DataObject, folder: Folder, request: pytest.FixtureRequest
) -> None:
    raw = request.node.__dict__.setdefault("raw", folder.raw("openai"))
    begin = data.draw(st.integers(0, len(raw)))
    length = data.draw(st.sampled_from([0, 1, 5, 40]))
    new = data.draw(st.sampled_from(WORDS).map(str.encode) | st.binary(max_size=3))
    changed = raw[:begin] + new + raw[begin + length :]
    if told(changed):
        return
    parsed = parse(changed, "f")
    found = list(faults(parsed, folder.rule("openai"), "prod", "openai"))
    assert "CANARY" not in repr(found)
    if not found:
        error_of(lambda: folder.records("openai", parsed.data))


@MANY
@given(data=st.data())
def test_rules_with_any_edit_are_read_or_refused(data: st.DataObject) -> None:
    raw = rules_text("age1" + "q" * 58, "age1" + "p" * 58).encode()
    begin = data.draw(st.integers(0, len(raw)))
    new = data.draw(st.sampled_from(WORDS).map(str.encode) | st.binary(max_size=3))
    changed = raw[:begin] + new + raw[begin + data.draw(st.sampled_from([0, 1, 9])) :]
    error = error_of(lambda: rules(changed).rule_for("secrets/prod/openai.sops.yaml"))
    assert error is None or type(error) is SopsConfigError


PATTERNS = [
    "(a+)+$",
    "(?i)a",
    r"(a)\1",
    "[[a]",
    "[a--b]",
    "[a&&b]",
    "[a||b]",
    "[a~~b]",
    "a*b*c*d*e*",
    "[",
]


@pytest.mark.parametrize("pattern", [*PATTERNS, "a{99999999999}", "x" * 201])
def test_a_pattern_that_no_path_needs_is_refused(pattern: str) -> None:
    text = rules_text("age1" + "q" * 58).replace(
        "^secrets/prod/[a-z0-9-]+\\.sops\\.yaml$", f"'{pattern}'"
    )
    assert pattern in text
    with pytest.raises(SopsConfigError, match="path_regex"):
        rules(text.encode()).rule_for("secrets/prod/openai.sops.yaml")


DAYS = st.dates().map(str)
PRINTED = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
KEY_IDS = st.text(PRINTED, min_size=1, max_size=20).filter(lambda one: one != "<<")
HOSTS = st.from_regex(r"\A[a-z0-9]{1,8}(\.[a-z0-9-]{0,4}[a-z0-9]){0,3}\Z").filter(
    lambda one: ".-" not in one
)


@st.composite
def slots(draw: st.DrawFn, previous: bool = False) -> Slot:
    """Any key that may be kept."""
    day = draw(st.dates())
    made, later = str(day), st.dates(min_value=day).map(str)
    return Slot(
        value=draw(st.text(PRINTED, min_size=1, max_size=60)),
        created_at=made,
        expires_at=draw(st.none() | st.just("never") | later),
        revoke_after=draw(st.none() | later) if previous else None,
        hint=draw(st.none() | st.text(PRINTED, min_size=4, max_size=4)),
        key_id=draw(st.none() | KEY_IDS),
    )


@st.composite
def records(draw: st.DrawFn) -> Kept:
    """Any record that may be kept."""
    current = draw(st.none() | slots())
    return sealed(
        Kept(
            id="openai/api_key",
            environment="prod",
            owner=draw(st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9 ._@+-]{0,99}\Z")),
            allowed_hosts=draw(
                st.none() | st.lists(HOSTS, min_size=1, max_size=3, unique=True).map(tuple)
            ),
            rotate_every_days=draw(st.none() | st.integers(1, 9999)),
            current=current,
            next=draw(st.none() | slots()),
            previous=draw(st.none() | slots(previous=True)),
            revoked_on=draw(DAYS) if current is None else None,
        )
    )


@MANY
@given(records())
def test_a_record_is_read_back_as_it_was(one: Kept) -> None:
    assert kept("prod", one.id, plain(one)) == one


NESTED = st.recursive(
    st.text(max_size=8) | st.sampled_from(["CANARY", "2026-01-01", "never"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["owner", "current", "value", "created_at", "seal", "CANARYX", "hint"])
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@MANY
@given(NESTED)
def test_any_mapping_is_a_record_or_refused(data: object) -> None:
    error = error_of(lambda: kept("prod", "openai/api_key", data))  # type: ignore[arg-type]
    assert error is None or type(error) is SopsMalformedError
