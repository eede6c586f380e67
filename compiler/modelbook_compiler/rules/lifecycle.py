"""Rules about the life of a deployment."""

from __future__ import annotations

from collections.abc import Iterator

from ..values import Entry, Graph
from .base import Finding, rule
from .facts import is_retired


@rule(
    "MB304",
    "a retired deployment without the day it ended",
    "deployment",
    bad="lifecycle: {status: retired}",
    good="lifecycle: {status: retired, retired_on: 2025-12-01}",
)
def retired_without_date(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Nothing is deleted here, so that past calls can be priced and dated questions answered. That
    needs the day on which the deployment stopped answering.
    """
    if is_retired(entry) and "retired_on" not in entry.data["lifecycle"]:
        hint = "add `retired_on: YYYY-MM-DD`, the first day it no longer answered"
        yield Finding("a retired deployment needs `retired_on`", ("lifecycle",), hint, "key")


@rule(
    "MB305",
    "a successor that is retired, or the deployment itself",
    "deployment",
    bad="lifecycle: {status: deprecated, successor: openai:gpt-4-32k}",
    good="lifecycle: {status: deprecated, successor: openai:gpt-4o}",
)
def dead_successor(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """The successor is where callers are sent. One that no longer answers sends them nowhere; name
    the one that answers today.
    """
    successor = entry.data["lifecycle"].get("successor")
    target = graph.kind("deployment").get(successor or "")
    if target is None:
        return
    pointer = ("lifecycle", "successor")
    if successor == entry.id:
        yield Finding("the successor is the deployment itself", pointer, "name another, or none")
    elif is_retired(target):
        further = target.data["lifecycle"].get("successor")
        hint = f"its own successor is `{further}`" if further else "name one that still answers"
        yield Finding(f"the successor `{successor}` is itself retired", pointer, hint)


@rule(
    "MB306",
    "a moving name that points at another moving name or another provider",
    "deployment",
    bad="points_to: [{from: 2024-05-13, deployment: azure:gpt-4o}]  # in …/openai/…",
    good="points_to: [{from: 2024-05-13, deployment: openai:gpt-4o-2024-05-13}]",
)
def bad_target(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A moving name is the provider's own word for one of its fixed deployments. Chains of moving
    names have no answer at a date.
    """
    for position, step in enumerate(entry.data.get("points_to", [])):
        pointer = ("points_to", position, "deployment")
        target = graph.kind("deployment").get(step["deployment"])
        if target is None:
            continue
        if target.id.partition(":")[0] != entry.id.partition(":")[0]:
            yield Finding(f"`{target.id}` is at another provider", pointer, "name one of its own")
        elif "points_to" in target.data:
            yield Finding(f"`{target.id}` itself moves", pointer, "name a dated deployment")
