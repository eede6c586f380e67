"""Echoed names: what vendors write in their responses, and which deployment that is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from modelbook.echoed import bindings, read_name, readings
from modelbook.errors import AmbiguousError, NotFoundError, RequestError
from modelbook_catalog import (
    catalog,
    deployment_ids,
    get_deployment,
    get_deployment_by_name,
    get_provider,
    provider_ids,
)


def test_every_wire_name_and_alias_is_itself() -> None:
    for id in deployment_ids():  # in one test: ten thousand take longer to start than to run
        one = get_deployment(id)
        for name in (one.wire_name, one.wire_name.upper(), *one.aliases):
            bare = name.removeprefix(f"{one.provider}:")
            assert get_deployment_by_name(bare, provider=one.provider).id == id


@pytest.mark.parametrize(
    ("provider", "name", "wire"),
    [
        ("openai", "ft:gpt-4o-2024-08-06:acme::AbC123", "ft:gpt-4o-2024-08-06"),
        ("openai", "ft:gpt-4o-mini-2024-07-18:acme:support:x1", "ft:gpt-4o-mini-2024-07-18"),
        (
            "openai",
            "ft:gpt-4.1-2025-04-14:acme:support:x1:ckpt-step-200",
            "ft:gpt-4.1-2025-04-14",
        ),
        ("openai", "gpt-4o-20240806", "gpt-4o-2024-08-06"),
        ("anthropic", "anthropic/claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5-2025-09-29", "claude-sonnet-4-5-20250929"),
        ("anthropic", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5-20250929"),
        ("google", "models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("google", "publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash"),
        (
            "google",
            "projects/p-1/locations/us-central1/publishers/google/models/gemini-2.5-pro",
            "gemini-2.5-pro",
        ),
    ],
)
def test_names_as_vendors_echo_them(provider: str, name: str, wire: str) -> None:
    assert get_deployment_by_name(name, provider=provider).id == f"{provider}:{wire}"


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("openai", "gpt-4o-2031-01-01"),
        ("openai", "gpt-4o-20310101"),
        ("openai", "gpt-4o-99999999"),
        ("openai", "ft:gpt-4o-2031-01-01:acme::x"),
        ("openai", "ft:gpt-9:acme::x"),
        ("openai", "gpt-4o-2024-08-06-extra"),
        ("openai", ""),
        ("anthropic", "claude-sonnet-4-5-20310101"),
        ("google", "publishers/google/models/"),
        ("google", "tunedModels/mine-1"),
        ("amazon-bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"),
    ],
)
def test_nothing_is_folded_into_another_model(provider: str, name: str) -> None:
    with pytest.raises(NotFoundError) as error:
        get_deployment_by_name(name, provider=provider)
    assert all(near.startswith(f"{provider}:") for near in error.value.nearest)


def test_errors_name_what_is_near() -> None:
    with pytest.raises(NotFoundError, match="did you mean `openai:gpt-4o-2024-08-06`"):
        get_deployment_by_name("gpt-4o-2024-08-07", provider="openai")
    with pytest.raises(NotFoundError, match="did you mean `openai`"):
        get_deployment_by_name("gpt-4o", provider="opnai")
    with pytest.raises(NotFoundError, match="is text, not int"):
        get_deployment_by_name(4, provider="openai")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_moving_name_means_what_it_meant_then() -> None:
    assert get_deployment_by_name("gpt-4o", provider="openai").id == "openai:gpt-4o"
    then = get_deployment_by_name("gpt-4o", provider="openai", at="2024-06-01")
    assert then.id == "openai:gpt-4o-2024-05-13"
    fixed = get_deployment_by_name("gpt-4o-2024-08-06", provider="openai", at="2024-06-01")
    assert fixed.id == "openai:gpt-4o-2024-08-06"
    with pytest.raises(NotFoundError, match="means nothing before"):
        get_deployment_by_name("gpt-4o", provider="openai", at="2020-01-01")


BEDROCK = catalog().provider_row("amazon-bedrock")["names"]
WIRES = {
    "anthropic.claude-sonnet-4-5-20250929-v1:0": "base",
    "us.anthropic.claude-opus-4-6-v1": "us-opus",
    "anthropic.claude-opus-4-6-v1": "opus",
    "amazon.nova-pro-v1:0": "nova",
}
"""Names at a provider, one of them a profile with prices of its own."""


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", {("base", None)}),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", {("base", "us")}),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", {("base", "global")}),
        ("us-gov.amazon.nova-pro-v1:0", {("nova", "us-gov")}),
        (
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0",
            {("nova", "eu")},
        ),
        (
            "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0",
            {("nova", "us-gov-west-1")},
        ),
        # a profile with prices of its own is not read further
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-6-v1",
            {("us-opus", "us-east-1")},
        ),
        ("claude-sonnet-4-5-20250929", {("base", None)}),
        ("claude-opus-4-6", {("opus", None)}),
        ("us.us.us.us.us.amazon.nova-pro-v1:0", set()),
    ],
)
def test_bedrock_names(name: str, found: set[tuple[str, str | None]]) -> None:
    assert set(readings(name, BEDROCK, WIRES.get)) == found


SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
LLAMA = "meta.llama3-8b-instruct-v1:0"
EAST = "arn:aws:bedrock:us-east-1:123456789012"


@pytest.mark.parametrize(
    ("name", "wire", "region", "input_price"),
    [
        (SONNET, SONNET, None, "3.00"),
        (SONNET.upper(), SONNET, None, "3.00"),
        (f"global.{SONNET}", SONNET, "global", "3.00"),
        (f"us.{SONNET}", SONNET, "us", "3.30"),
        (f"eu.{SONNET}", SONNET, "eu", "3.30"),
        (f"us-gov.{SONNET}", SONNET, "us-gov", "3.60"),
        (f"{EAST}:inference-profile/us.{SONNET}", SONNET, "us", "3.30"),
        (f"{EAST}:inference-profile/eu.{SONNET}", SONNET, "eu", "3.30"),
        (f"{EAST}:inference-profile/global.{SONNET}", SONNET, "global", "3.00"),
        # prices speak of geographies, an ARN of one region in them
        (f"arn:aws:bedrock:us-west-2::foundation-model/{SONNET}", SONNET, "us", "3.30"),
        (
            f"arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/{SONNET}",
            SONNET,
            "us-gov",
            "3.60",
        ),
        # a price of the very region goes first
        (f"arn:aws:bedrock:eu-west-2::foundation-model/{LLAMA}", LLAMA, "eu-west-2", "0.39"),
        (f"arn:aws:bedrock:us-west-2::foundation-model/{LLAMA}", LLAMA, "us", "0.30"),
        # where no price depends on a region, none is asked for
        ("eu.cohere.embed-v4:0", "cohere.embed-v4:0", None, "0.12"),
    ],
)
def test_bedrock_prices_by_name(name: str, wire: str, region: str | None, input_price: str) -> None:
    named = read_name(catalog(), name, provider="amazon-bedrock")
    assert (named.deployment.id, named.region) == (f"amazon-bedrock:{wire}", region)
    paid = named.deployment.price("input", "2026-11-01", region=named.region)
    assert paid == Decimal(input_price)


@pytest.mark.parametrize("place", ["ap-northeast-1", "us-gov-east-9", "mars-north-1"])
def test_a_region_without_a_known_price_is_not_that_of_another(place: str) -> None:
    named = read_name(
        catalog(), f"arn:aws:bedrock:{place}::foundation-model/{LLAMA}", provider="amazon-bedrock"
    )
    assert named.region == place
    with pytest.raises(RequestError, match="has no prices for the region"):
        named.deployment.price("input", "2026-11-01", region=named.region)


@pytest.mark.parametrize("kind", ["application-inference-profile", "provisioned-model"])
def test_names_that_say_nothing_of_the_model(kind: str) -> None:
    with pytest.raises(NotFoundError, match="does not say which model it is of"):
        read_name(catalog(), f"{EAST}:{kind}/a1b2c3d4", provider="amazon-bedrock")


def test_two_readings_are_an_error() -> None:
    patterns = [
        {"match": "a/{name}", "means": "{name}"},
        {"match": "a/{name}", "means": "b-{name}"},
    ]
    assert len(readings("A/x", patterns, {"x": "p:x", "b-x": "p:b-x"}.get)) == 2


@pytest.mark.parametrize(
    ("name", "pattern", "bound"),
    [
        ("a-b-c", "{name}-{x}", {"name": "a-b", "x": "c"}),
        ("a-b-c", "{x}-{name}", {"x": "a", "name": "b-c"}),
        ("a/b:c", "{x}:{name}", None),  # a word holds no `/`
        ("-b", "{x}-{name}", None),  # nor is it empty
        ("a-", "{x}-{name}", None),
        ("m-2024-05-13", "{name}-{year}-{month}-{day}", {"name": "m", "year": "2024"}),
        ("m-2024-13-13", "{name}-{year}-{month}-{day}", None),
        ("m-20240513", "{name}-{year}{month}{day}", {"name": "m", "day": "13"}),
        ("x-x", "{a}-{a}", {"a": "x"}),
        ("x-y", "{a}-{a}", None),
        ("fixed", "fixed", {}),
        ("fixed-not", "fixed", None),
        ("aXb", "a{name}b", {"name": "X"}),
        ("ab", "a{name}b", None),
        ("aba", "ab{name}ba", None),
    ],
)
def test_patterns(name: str, pattern: str, bound: dict[str, str] | None) -> None:
    found = bindings(name, pattern)
    assert (found is None) == (bound is None)
    assert (bound or {}).items() <= (found or {}).items()


def test_a_name_carries_its_region() -> None:
    named = read_name(catalog(), "Models/gemini-2.5-flash", provider="google")
    assert (named.name, named.region) == ("Models/gemini-2.5-flash", None)
    assert named.deployment == get_deployment("google:gemini-2.5-flash")


PATTERNS = ({"match": "x.{name}", "means": "{name}"}, {"match": "x.{name}", "means": "gpt-4"})


def test_ambiguous_names_name_the_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    book = catalog()
    row = {**book.provider_row("openai"), "names": PATTERNS}
    monkeypatch.setattr(book, "provider_row", lambda _: row)
    with pytest.raises(AmbiguousError, match="could be `openai:gpt-4o` or `openai:gpt-4`") as error:
        read_name(book, "x.gpt-4o", provider="openai")
    assert error.value.nearest == ("openai:gpt-4o", "openai:gpt-4")


def test_providers_read_names_or_say_that_they_know_none() -> None:
    for provider in provider_ids():
        assert get_provider(provider).id == provider
        with pytest.raises(NotFoundError):
            get_deployment_by_name("no such model", provider=provider)
