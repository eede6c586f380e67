"""Usage rules as stated -> whole ones, with what `like` takes over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .values import Entry, Fragment, Graph


def rules_of(entry: Entry) -> list[Fragment]:
    """Return the usage rules that a provider states."""
    rules: list[Fragment] = entry.data.get("usage", [])
    return rules


def rule_of(target: str, graph: Graph) -> Fragment | None:
    """Return the rule that `provider:api` names, as it is stated; None if there is none."""
    provider, _, api = target.partition(":")
    entry = graph.kind("provider").get(provider)
    rules = rules_of(entry) if entry else []
    return next((one for one in rules if one["api"] == api), None)


def resolved(entry: Entry, graph: Graph) -> Iterator[dict[str, Any]]:
    """Yield the usage rules of a provider, each whole; counts are taken over one by one."""
    for stated in rules_of(entry):
        other = rule_of(stated.get("like", ""), graph) or {}
        made = {
            **other,
            **stated,
            "counts": {**other.get("counts", {}), **stated.get("counts", {})},
        }
        yield {key: value for key, value in made.items() if key != "like"}
