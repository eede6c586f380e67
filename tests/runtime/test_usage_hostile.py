"""Anything at all as a response or a name: a report, a deployment, or a `ModelbookError`."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.echoed import LONGEST, bindings, filled
from modelbook.errors import ModelbookError
from modelbook.usage.paths import counted, parsed, values
from modelbook_catalog import catalog, get_deployment_by_name, provider_ids, usage_from_response

RULED = [id for id in provider_ids() if "usage" in catalog().provider_row(id)]
RULES = [rule for id in RULED for rule in catalog().provider_row(id)["usage"]]
PATHS = sorted(
    {
        path
        for rule in RULES
        for stated in (*rule["counts"].values(), rule.get("root", "usage"), *rule.get("when", {}))
        for path in re.split(" (?:[+-]|or) ", stated)
    }
)
KEYS = sorted({key for path in PATHS for _, steps in parsed(path)[0] for key, _ in steps})
WORDS = ["chat.completion", "list", "message", "message_delta", "response.done", "tokens", "AUDIO"]

numbers = st.one_of(
    st.integers(0, 50),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.sampled_from([10**15, 10**400, Decimal("1e400"), True]),
)
plain = st.one_of(st.none(), numbers, st.sampled_from(WORDS), st.text(max_size=5))
names = st.sampled_from([*KEYS, "type", "object", "modality", "ttl"])
anything = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4), st.tuples(inner)
    ),
    max_leaves=25,
)


def put(body: dict[str, Any], path: str, value: object) -> None:
    """Set what a path leads to, as far as it can be reached."""
    steps = parsed(path)[0][0][1]
    for key, picks in steps[:-1]:
        inner: dict[str, Any] = {}
        body[key] = [inner] if picks else inner
        body = inner
    body[steps[-1][0]] = value


@st.composite
def bodies(draw: st.DrawFn) -> object:
    """Return a response with the counts of some rule, spoilt here and there."""
    rule = draw(st.sampled_from(RULES))
    body: dict[str, Any] = draw(st.dictionaries(names, anything, max_size=3))
    usage: dict[str, Any] = draw(st.dictionaries(names, anything, max_size=2))
    for paths in rule["counts"].values():
        for path in re.split(" (?:[+-]|or) ", paths):
            if draw(st.booleans()):
                put(usage, path, draw(numbers))
    if "root" in rule:
        put(body, rule["root"], usage)
    return {**usage, **body}


@settings(deadline=None, max_examples=400)
@given(
    st.one_of(anything, bodies(), st.lists(bodies(), max_size=3)),
    st.sampled_from(RULED),
    st.booleans(),
)
def test_any_body(body: object, provider: str, named: bool) -> None:
    rule = next(iter(catalog().provider_row(provider)["usage"]))
    api = rule["api"] if named else None
    try:
        report = usage_from_response(body, provider=provider, api=api)
    except ModelbookError:
        return
    units = catalog().table("_registry").UNITS
    for unit, count in report.usage.items():
        assert count >= 0
        assert type(count) in (int, Decimal)
        for whole in units[unit].get("part_of", ()):
            assert count <= report.usage.get(whole, 0)
    assert hash(report) == hash(report.changed())


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(
        st.text(max_size=40),
        st.binary(max_size=40),
        st.lists(
            st.sampled_from(["data: ", "event: x", "{}", "[", "\n", "\r", ":", '{"a":1}'])
        ).map("".join),
        st.lists(bodies(), max_size=2).map(lambda all: json.dumps(all, default=str)),
    ),
    st.sampled_from(RULED),
)
def test_any_text(body: object, provider: str) -> None:
    with suppress(ModelbookError):
        usage_from_response(body, provider=provider)


def test_a_body_that_holds_itself() -> None:
    body: dict[str, Any] = {"object": "chat.completion"}
    body["usage"] = body
    for form in (body, [body, body]):
        with pytest.raises(ModelbookError):
            usage_from_response(form, provider="openai")


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(PATHS), st.data())
def test_paths_find_what_is_put_there(path: str, data: st.DataObject) -> None:
    path = path.partition("|")[0]
    if "=" in path:
        return
    body: dict[str, Any] = {}
    number = data.draw(st.integers(0, 9))
    put(body, path, number)
    if path.endswith("]"):
        assert values(path, body, body) == []  # a number is no list
    else:
        assert values(path, body, body) == counted(path, body, body) == [number]


@settings(deadline=None, max_examples=300)
@given(
    st.text("abc:-@/.2014us", max_size=40),
    st.text("ab:-./{}nameyrdo", max_size=30),
    st.sampled_from(provider_ids()),
)
def test_any_name_and_pattern(name: str, pattern: str, provider: str) -> None:
    with suppress(ModelbookError):
        get_deployment_by_name(name, provider=provider)
    if pattern.count("{") == pattern.count("}") and "{}" not in pattern:
        bound = bindings(name, pattern)
        if bound is not None and "}" not in pattern.replace("{name}", ""):
            assert filled(pattern, bound) == name


def test_no_name_takes_long() -> None:
    began = time.perf_counter()
    for provider in RULED:
        for name in ("a-" * (LONGEST // 2), "us." * 10_000, "ft:" + ":" * 400, "models/" * 73):
            with pytest.raises(ModelbookError):
                get_deployment_by_name(name, provider=provider)
    assert time.perf_counter() - began < 10
