"""What is within reach from here: keys, commands, packages, servers; and ids with a modifier."""

from __future__ import annotations

import socket
import time
from decimal import Decimal
from pathlib import Path

import pytest
from modelbook.catalog import Catalog
from modelbook.errors import AmbiguousError, NotFoundError, RequestError
from modelbook.normal import normal
from modelbook.package import find, select
from modelbook.reach import Here, lacking, missing
from modelbook.requirements import Requirements
from modelbook_catalog import catalog, find_deployment, get_deployment

SECRETS = {"a/key": {"env": ("A_KEY", "A_TOKEN")}, "b/key": {"env": ()}}


class There(Here):
    """A machine that has what it is given."""

    def __init__(self, *has: str) -> None:
        self.has = has

    def variable(self, name: str) -> str:
        """Return a value for what it has."""
        return "x" if name in self.has else ""

    def secret(self, id: str, row: object) -> str | None:
        """Tell that no other source has a secret, or what is wrong with it."""
        return "sops-policy: it is weakened" if f"broken {id}" in self.has else ""

    def command(self, name: str) -> bool:
        """Tell whether it has a command."""
        return name in self.has

    def package(self, name: str) -> bool:
        """Tell whether it has a package."""
        return name in self.has

    def listens(self, host: str, port: int) -> bool:
        """Tell whether a server is up."""
        return f"{host}:{port}" in self.has


API = {"method": "api", "base_url": "https://a.example/v1", "secret": "a/key"}
LOCAL = {"method": "api", "base_url": "http://127.0.0.1:8000/v1"}


@pytest.mark.parametrize(
    ("access", "has", "lacks"),
    [
        ([API], ["A_TOKEN"], None),
        ([API], [], "needs A_KEY or A_TOKEN, which are not set"),
        (
            [API],
            ["broken a/key"],
            "needs the secret a/key, which cannot be used: sops-policy: it is weakened",
        ),
        ([{**API, "secret": "b/key"}], [], "needs the secret b/key, of which no variable is known"),
        ([{"method": "sdk", "package": "a", "secret": "a/key"}], ["A_KEY"], None),
        ([{"method": "api", "base_url": "https://open.example"}], [], None),
        ([{"method": "api"}], [], "has no known address"),
        ([LOCAL], ["127.0.0.1:8000"], None),
        ([LOCAL], [], "nothing listens at 127.0.0.1:8000"),
        ([{"method": "cli", "command": "claude"}], ["claude"], None),
        ([API, {"method": "cli", "command": "claude"}], ["claude"], None),
        (
            [API, {"method": "cli", "command": "claude"}],
            [],
            "needs A_KEY or A_TOKEN, which are not set; the command claude is not there",
        ),
        ([{"method": "in-process", "package": "torch"}], ["torch"], None),
        ([{"method": "in-process", "package": "torch"}], [], "the package torch is not there"),
        ([{"method": "sdk", "package": "a"}], ["a"], None),
        ([{"method": "sdk", "package": "a"}], [], "the package a is not there"),
        ([{**LOCAL, "base_url": "http://localhost:99999/v1"}], [], "has no usable address"),
        ([{**LOCAL, "base_url": "https://[::1/v1"}], [], "has no usable address"),
        ([{**LOCAL, "base_url": "http://localhost:0/v1"}], [], "has no usable address"),
        ([], ["A_KEY"], "is not known to be reached in any way"),
    ],
)
def test_what_a_provider_lacks(
    access: list[dict[str, str]], has: list[str], lacks: str | None
) -> None:
    assert lacking({"access": access}, SECRETS, There(*has)) == lacks


def test_a_server_of_yours_is_tried_wherever_it_is() -> None:
    way = {"method": "api", "base_url": "https://vllm.acme.invalid/v1"}
    yours = {"access": [way], "own": True}
    assert lacking(yours, SECRETS, There()) == "nothing listens at vllm.acme.invalid:443"
    assert lacking(yours, SECRETS, There("vllm.acme.invalid:443")) is None
    assert lacking({"access": [way]}, SECRETS, There()) is None


def test_what_is_near_must_be_within_reach_too(
    fifteen: tuple[Catalog, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI", "ANTHROPIC", "GOOGLE", "GROQ", "COHERE"):
        monkeypatch.setenv(f"{name}_API_KEY", " ")
    why = find(fifteen[0], provider="openai", available_only=True).why_empty
    assert why is not None
    assert why.filters == ("unavailable",)
    assert {one.id.partition(":")[0] for one in why.nearest} == {"openai"}
    monkeypatch.setenv("GROQ_API_KEY", "x")
    why = find(fifteen[0], provider="openai", available_only=True, sort="name").why_empty
    assert why is not None
    assert set(why.filters) == {"unavailable", "provider"}


def test_available_only_asks_the_environment(
    fifteen: tuple[Catalog, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = fifteen[0]
    for name in ("OPENAI", "ANTHROPIC", "GOOGLE", "GROQ", "COHERE"):
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)
    before = find(book, "text-generation", available_only=True, at="2026-11-01")
    assert not before
    assert before.why_empty is not None
    assert before.why_empty.filters == ("unavailable",)
    monkeypatch.setenv("GROQ_API_KEY", "not-a-key-at-all")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    found = find(book, "text-generation", available_only=True, at="2026-11-01")
    assert {one.provider for one in found} == {"groq"}
    told = {one.id: one.text for one in found.excluded}
    assert told["openai:gpt-4"] == "needs OPENAI_API_KEY, which is not set"
    assert "not-a-key" not in str(found.excluded) + found.sql
    assert "provider_id IN ('anthropic', 'cohere', 'google', 'openai')" in found.sql
    again = find(book, "text-generation", available_only=True, at="2026-11-01")
    assert again is found  # kept, for as long as the same providers are within reach


def test_only_what_may_be_chosen_is_tried() -> None:
    class Watched(There):
        """A machine that must not be asked."""

        def listens(self, host: str, port: int) -> bool:
            """Refuse."""
            raise AssertionError(f"{host}:{port}")

    asked = Requirements(
        providers=("openai", "vllm"), include_self_hosted=False, available_only=True
    )
    needs = normal(catalog(), asked)
    found = missing(catalog(), needs, Watched("127.0.0.1:1"))
    assert set(found) == {"openai"}


def test_here_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Here()
    monkeypatch.setenv("SOME_KEY", "x")
    assert (here.variable("SOME_KEY"), here.variable("NO_SUCH_KEY")) == ("x", "")
    assert (here.command("python3"), here.command("no-such-command")) == (True, False)
    assert (here.package("json"), here.package("no-such-package")) == (True, False)
    assert here.package("..") is False
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert here.listens("127.0.0.1", port)
    started = time.monotonic()
    assert not here.listens("127.0.0.1", port)
    assert time.monotonic() - started < 1


# Modifiers


def test_where_a_model_costs_least(fifteen: tuple[Catalog, Path]) -> None:
    book = fifteen[0]
    assert book.get_deployment("openai/gpt-4:cheapest").id == "openai:gpt-4"
    assert book.get_deployment("OpenAI/GPT-4:Floor").id == "openai:gpt-4"
    assert book.get_deployment("gpt-4").id == "openai:gpt-4"
    with pytest.raises(NotFoundError, match="no deployment of `cohere/command` has a known price"):
        book.get_deployment("cohere/command:cheapest")
    assert book.find_deployment("cohere/command:cheapest") is None


def test_modifiers_of_the_shipped_book() -> None:
    one = get_deployment("openai/gpt-4o:cheapest")
    others = select(catalog(), Requirements(models="openai/gpt-4o"))
    known = [cost for cost in (other.price("input") for other in others) if cost is not None]
    assert one.model == "openai/gpt-4o"
    assert one.price("input") == min(known)
    assert get_deployment("openai/gpt-4o:openai").id == "openai:gpt-4o"
    assert find_deployment("openai/gpt-4o:openai") is get_deployment("openai:gpt-4o")


def test_what_costs_least_now_is_not_kept(fifteen: tuple[Catalog, Path]) -> None:
    book = Catalog(fifteen[0].package)
    cost = book.costs.price(book, "openai/gpt-4:cheapest", {"input": 1000})
    assert (cost.deployment, cost.total) == ("openai:gpt-4", Decimal("0.03"))
    assert not book.tariffs
    book.costs.price(book, "gpt-4", {"input": 1000})
    assert len(book.tariffs) == 1


@pytest.mark.parametrize("modifier", ["fastest", "nitro", "Nitro"])
def test_nobody_measures_speed(fifteen: tuple[Catalog, Path], modifier: str) -> None:
    for get in (fifteen[0].get_deployment, fifteen[0].find_deployment):
        with pytest.raises(RequestError, match="no source of the catalog measures speed"):
            get(f"openai/gpt-4:{modifier}")


@pytest.mark.parametrize(
    ("id", "nearest"),
    [
        ("openai/gpt-4:cheepest", "openai/gpt-4:cheapest"),
        ("openai/gpt-4:opnai", "openai/gpt-4:openai"),
        ("openai/gpt-4:groq", "openai:gpt-4"),
    ],
)
def test_a_modifier_that_is_none_names_the_nearest(
    fifteen: tuple[Catalog, Path], id: str, nearest: str
) -> None:
    assert fifteen[0].find_deployment(id) is None
    with pytest.raises(NotFoundError) as caught:
        fifteen[0].get_deployment(id)
    assert nearest in caught.value.nearest


@pytest.mark.parametrize("id", ["openai/gpt-4:", "nobody/nothing:cheapest", "/:", "a/b:c:d", "/:/"])
def test_other_ids_are_only_unknown(fifteen: tuple[Catalog, Path], id: str) -> None:
    assert fifteen[0].find_deployment(id) is None
    with pytest.raises(NotFoundError):
        fifteen[0].get_deployment(id)


def test_several_at_one_provider_are_named() -> None:
    with pytest.raises(AmbiguousError, match="could be `amazon-bedrock:") as caught:
        get_deployment("anthropic/claude-3-5-sonnet:amazon-bedrock")
    assert len(caught.value.nearest) > 1
