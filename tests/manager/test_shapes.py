"""The shapes that travel with a package say what the schemas say, and so does what reads them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook.manager.facts import plain
from modelbook.manager.shape import KEYWORDS, problems
from modelbook_catalog import catalog
from modelbook_compiler.schemas import authored, bundled
from modelbook_compiler.shapes import FILES_ONLY, NAMED

SHAPES = catalog().table("_shapes").SHAPES

SAMPLES: dict[str, dict[str, Any]] = {
    "model": {
        "name": "M",
        "family": "m-1",
        "aliases": ["me/other"],
        "released": "2025-02",
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "limits": {"context": 8192, "max_output": 100},
        "capabilities": {"tools": True, "reasoning": False},
        "dimensions": 3,
        "pipelines": ["text-generation"],
        "architecture": "LlamaForCausalLM",
        "parameters": {"total": 10, "active": 3},
        "license": "Apache-2.0",
        "open_weights": True,
        "weights": {"hf": "Org/M", "bytes": 10, "dtype": "int4"},
        "sources": [{"url": "https://example.com/x", "checked": "2026-01-02", "fields": ["name"]}],
    },
    "deployment": {
        "model": "me/m",
        "wire_name": "M",
        "points_to": [{"from": "2024-10-02", "deployment": "here:m-1"}],
        "fine_tuned": True,
        "lifecycle": {"status": "active", "released": "2024-02-29", "successor": "here:n"},
        "quantization": "fp8",
        "throughput": {"accelerators": 8, "input": 100},
        "prices": [
            {"input": "2.50", "output": "free", "currency": "EUR"},
            {"from": "2026-12-01T10:00Z", "until": "2027-01-01", "input": "unknown"},
            {
                "when": {
                    "tier": "batch",
                    "context_above": 100,
                    "window": {"from": "22:00", "until": "06:00", "zone": "UTC", "days": ["mon"]},
                },
                "marginal": True,
                "multiply": "0.5",
                "units": ["input"],
                "minimum": {"input": 3},
                "allowance": {"searches": {"quantity": 10, "per": "day"}},
                "source": {"url": "https://example.com/x", "checked": "2026-01-02"},
            },
        ],
        "sources": [{"url": "https://example.com/x", "checked": "2026-01-02", "note": "n"}],
    },
    "provider": {
        "name": "P",
        "kind": "self-hosted",
        "runtime": "vllm",
        "website": "https://example.com/",
        "access": [
            {"method": "api", "protocol": "openai", "base_url": "http://localhost:8000/v1"},
            {"method": "cli", "command": "p", "secret": "p/api_key"},
            {"method": "in-process", "package": "p"},
        ],
        "sources": [{"url": "https://example.com/x", "checked": "2026-01-02"}],
    },
}

ODD = st.sampled_from(
    [
        *[None, True, False, 0, 1, -1, 3, 2.5, 1e400, 10**30, "", " ", "x", "X y", "\u00e9", "\n"],
        *["free", "2.50", "0", "0.00", "1e3", "2024-02-30", "2024", "10:00", "2.5\n", "active"],
        *["api", "text", "me/m", "here:m", "https://x.example/"],
        "http://10.0.0.5:8000/v1",
        *[[], {}, [1], ["x"], ["x", "x"], {"x": 1}, {"input": 1}],
    ]
)


def validator(kind: str) -> Any:
    """Return the validator of a kind's schema, for the fields that can be registered."""
    schema = copy.deepcopy(bundled(authored(kind)))
    for name in FILES_ONLY & schema["properties"].keys():
        del schema["properties"][name]
    return jsonschema_rs.Draft202012Validator(schema)


VALID = {kind: validator(kind) for kind in SAMPLES}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a value with each of its keys."""
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_samples_are_sound(kind: str) -> None:
    assert VALID[kind].is_valid(SAMPLES[kind])
    assert list(problems(plain(SAMPLES[kind]), kind, SHAPES)) == []


ALL = ("https://api.example/v1", "http://127.0.0.2:8000/v1", "http://localhost", "http://[::1]/v1")
OWN = (
    *(
        "http://10.0.0.5:8000/v1",
        "http://172.16.0.1",
        "http://172.31.255.1/",
        "http://192.168.1.9:1",
    ),
    *(
        "http://[fd00::5]:8000/v1",
        "http://rack.local/v1",
        "http://a.b.internal",
        "http://gpu1:8000",
    ),
)
NEVER = (
    *("http://8.8.8.8/v1", "http://172.32.0.1", "http://192.169.0.1", "http://10.0.0.256"),
    *(
        "http://10.0.0.5.example.com",
        "http://api.example.com",
        "http://2130706433/",
        "http://0x7f/",
    ),
    *("http://[2001:db8::1]/", "http://user:hidden@10.0.0.5/", "http://10.0.0.5@evil.example/"),
    *("http://gpu1:0/", "http://x.local.evil.example/", "http://[::1].evil.example/", "ftp://gpu1"),
)


@pytest.mark.parametrize("url", [*ALL, *OWN, *NEVER])
def test_plain_http_stays_at_home(url: str) -> None:
    way = {"method": "api", "protocol": "openai", "base_url": url}
    hosted = {**SAMPLES["provider"], "access": [way]}
    api = {**hosted, "kind": "api"}
    del api["runtime"]
    for facts, fits in ((hosted, url in (*ALL, *OWN)), (api, url in ALL)):
        assert VALID["provider"].is_valid(facts) == fits
        found = dict(problems(plain(facts), "provider", SHAPES))
        assert {*found} == (set() if fits else {"access[0].base_url"})
        assert fits or "write an https:// address; http:// only" in str(found)


@settings(max_examples=400, deadline=None)
@given(kind=st.sampled_from(sorted(SAMPLES)), data=st.data())
def test_what_the_schemas_refuse_is_refused_and_nothing_else(kind: str, data: Any) -> None:
    value = copy.deepcopy(SAMPLES[kind])
    for _ in range(data.draw(st.integers(1, 2))):
        container, key = data.draw(st.sampled_from(list(places(value))))
        match data.draw(st.sampled_from(["odd", "drop", "add", "twice"])):
            case "odd":
                container[key] = copy.deepcopy(data.draw(ODD))  # not the list of another draw
            case "drop":
                del container[key]
            case "add" if isinstance(container, dict):
                name = data.draw(st.sampled_from(["x", "input", "from", "tier"]))
                container[name] = copy.deepcopy(data.draw(ODD))
            case "twice" if isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
    told = list(problems(plain(value), kind, SHAPES))
    days = [one for one in told if "no such day" not in one[1]]
    whole = json.dumps(value) if "1e+400" not in repr(value) else ""
    if "Infinity" not in whole:  # JSON has no such number
        assert VALID[kind].is_valid(value) == (not days), told


def test_nothing_is_in_the_shapes_that_is_not_understood() -> None:
    def keywords(shape: Any, named: bool = False) -> Iterator[str]:
        for key, inner in shape.items() if isinstance(shape, dict) else ():
            if not named:
                yield key
            deeper = key in {*NAMED, "dependentRequired"} and not named
            yield from keywords(inner, deeper)
        for inner in shape if isinstance(shape, tuple) else ():
            yield from keywords(inner)

    assert {word for shape in SHAPES.values() for word in keywords(shape)} <= KEYWORDS
