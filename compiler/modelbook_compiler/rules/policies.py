"""Rules about named policies: what they ask can be had, and what they fall back to answers."""

from __future__ import annotations

from collections.abc import Iterator

from modelbook.requirements import Requirements

from ..link import dangling
from ..values import Entry, Graph
from .base import Finding, rule
from .facts import frozen, is_retired, pipelines_of


@rule(
    "MB370",
    "a policy that contradicts itself",
    "policy",
    bad="requires: [tools]\nlacks: [tools]",
    good="requires: [tools]",
)
def contradiction(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """What a policy asks is asked by every application that names it, and each would get this error
    instead of a model.
    """
    needs = asked(entry, graph)
    if isinstance(needs, str):
        yield Finding(needs, (), "mend or leave out one of the fields")


@rule(
    "MB371",
    "a policy that nothing meets",
    "policy",
    bad='requires: [tools]\nmax_cost_per_1k: "0.0000001"',
    good='requires: [tools]\nmax_cost_per_1k: "0.001"',
)
def nothing_meets(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A policy is there to choose among deployments. Each is asked as of the day on which its
    sources were last read; where none meets the policy, applications only ever get the fallback, or
    nothing. `modelbook models` with the same filters says what stands in the way.
    """
    needs = asked(entry, graph)
    if isinstance(needs, str) or graph.broken or any(dangling(entry, graph)):
        return
    if not any_meets(needs, entry, graph):
        hint = "loosen it; `modelbook models` with the same filters says what is nearest"
        yield Finding("no deployment meets this policy", (), hint)


@rule(
    "MB372",
    "a policy that falls back to what no longer answers",
    "policy",
    bad="fallback: [openai:gpt-4-32k]",
    good="fallback: [openai:gpt-4o-mini]",
)
def dead_fallback(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """The fallback is the last resort. A retired deployment is passed over, so that the list is
    shorter than it looks.
    """
    for position, id in enumerate(entry.data.get("fallback", ())):
        target = graph.kind("deployment").get(id)
        if target is not None and is_retired(target):
            successor = target.data["lifecycle"].get("successor")
            hint = f"its successor is `{successor}`" if successor else "name one that answers"
            yield Finding(f"`{id}` is retired", ("fallback", position), hint)


@rule(
    "MB373",
    "a policy that falls back to another pipeline type",
    "policy",
    bad="pipeline: text-generation\nfallback: [openai:text-embedding-3-small]",
    good="pipeline: text-generation\nfallback: [openai:gpt-4o-mini]",
)
def other_pipeline(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """An application that asks for text and gets a model for embeddings breaks. All else that a
    policy asks may be given up for its fallback, not what the model is for.
    """
    wanted = entry.data.get("pipeline")
    for position, id in enumerate(entry.data.get("fallback", ())):
        target = graph.kind("deployment").get(id)
        serves = pipelines_of(target, graph) if target is not None else ()
        if wanted is not None and serves and wanted not in serves:
            hint = f"it serves {', '.join(serves)}"
            yield Finding(f"`{id}` does not serve {wanted}", ("fallback", position), hint)


def asked(entry: Entry, graph: Graph) -> Requirements | str:
    """Return what a policy asks, or what is wrong with that.

    Selection loads here and not above: few checks look at a policy.
    """
    from modelbook.errors import ModelbookError
    from modelbook.policies import policy_record

    from .trial import checked

    stated = {key: value for key, value in entry.data.items() if key != "exceptions"}
    try:
        return checked(policy_record(entry.id, frozen(stated)).requirements, graph)
    except ModelbookError as error:
        return str(error)


def any_meets(needs: Requirements, entry: Entry, graph: Graph, at: str | None = None) -> bool:
    """Tell whether any deployment meets a policy; those that it names itself are asked first.

    The others are asked provider by provider, so that one that does is soon found.
    """
    from .trial import meets

    if meets(entry.data.get("fallback", ()), needs, graph, at):
        return True
    by_provider: dict[str, list[str]] = {}
    for id in graph.kind("deployment"):
        by_provider.setdefault(id.partition(":")[0], []).append(id)
    wanted = needs.providers if needs.providers is not None else by_provider
    return any(meets(by_provider.get(one, ()), needs, graph, at) for one in wanted)
