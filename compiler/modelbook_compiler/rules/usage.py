"""Rules about how a provider's usage records and echoed names are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from modelbook.echoed import bindings, filled, pieces, readings

from ..groups import Member
from ..names import did_you_mean
from ..usage import rule_of, rules_of
from ..values import Entry, Fragment, Graph, Json
from .base import Finding, group_rule, rule

SAMPLE = {"year": "2024", "month": "05", "day": "13"}
"""What a placeholder that a wire name says nothing of stands for in an example; else `x`."""


@rule(
    "MB341",
    "two usage rules for one API",
    "provider",
    bad="usage: [{api: chat, …}, {api: chat, …}]",
    good="usage: [{api: chat, …}, {api: embeddings, …}]",
)
def same_api(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Who asks for the rule of an API by its name must get one. The second would never be used."""
    seen: set[str] = set()
    for position, stated in enumerate(entry.data.get("usage", ())):
        if stated["api"] in seen:
            message = f"there is a rule for `{stated['api']}` already"
            yield Finding(message, ("usage", position, "api"), "name the API apart, or delete it")
        seen.add(stated["api"])


@rule(
    "MB342",
    "a usage rule like one that is not there",
    "provider",
    bad="usage: [{api: chat, like: openai:chats}]",
    good="usage: [{api: chat, like: openai:chat}]",
)
def like_nothing(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """`like` takes a rule over from where it is written down. It leads there in one step, so that a
    reader finds the whole rule in two places and no more.
    """
    for position, stated in enumerate(entry.data.get("usage", ())):
        target = stated.get("like")
        if target is None or ("provider", target.partition(":")[0]) in graph.broken:
            continue
        other, pointer = rule_of(target, graph), ("usage", position, "like")
        if other is None:
            hint = did_you_mean(target, _named(target, graph)) or "write `provider:api`"
            yield Finding(f"there is no usage rule `{target}`", pointer, hint)
        elif "like" in other:
            message = f"`{target}` is itself like another rule"
            itself = other["like"] == f"{entry.id}:{stated['api']}"
            hint = "state the rule itself" if itself else f"write `like: {other['like']}`"
            yield Finding(message, pointer, hint)


@rule(
    "MB343",
    "a count of a unit that does not exist",
    "provider",
    bad="counts: {inputs: prompt_tokens}",
    good="counts: {input: prompt_tokens}",
)
def unknown_unit(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """What is counted is priced by unit. A unit that the registry does not have would have no
    price, and its count would be lost.
    """
    units = _units(graph)
    for position, stated in enumerate(entry.data.get("usage", ())):
        for unit in stated.get("counts", {}):
            if units and unit not in units:
                hint = did_you_mean(unit, units) or "add it to catalog/units.yaml"
                pointer = ("usage", position, "counts", unit)
                yield Finding(f"there is no unit `{unit}`", pointer, hint, "key")


@rule(
    "MB344",
    "a count of a part without its whole",
    "provider",
    bad="counts: {cache_read: cached_tokens?}",
    good="counts: {input: prompt_tokens, cache_read: cached_tokens?}",
)
def part_without_whole(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """Counts are inclusive: what is read from the cache is part of the input. A rule that counts
    the part alone leaves nothing to take it from, and the rest would cost nothing.
    """
    units = _units(graph)
    for position, stated in enumerate(entry.data.get("usage", ())):
        known = _whole_rule(stated, graph).get("counts", {})
        for unit in stated.get("counts", {}):
            for whole in units.get(unit, {}).get("part_of", ()):
                if whole not in known:
                    message = f"`{unit}` is part of `{whole}`, which this rule does not count"
                    pointer = ("usage", position, "counts", unit)
                    yield Finding(message, pointer, f"add `{whole}: …`", "key")


@rule(
    "MB345",
    "a name pattern whose placeholders do not fit",
    "provider",
    bad='names: [{match: "models/{name}", means: "{model}"}]',
    good='names: [{match: "models/{name}", means: "{name}"}]',
)
def unbound(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """`means` is filled with what `match` found, so it can only name what is there. `{name}` may
    stand for anything and so stands once; two placeholders side by side have no border, and a
    pattern that means what it matches reads nothing.
    """
    for position, stated in enumerate(entry.data.get("names", ())):
        parts = pieces(stated["match"])
        holders = [text for text, kind in parts if kind]
        for field, text in _unbound(stated):
            hint = did_you_mean(text, holders) or "add it there"
            yield Finding(f"`{{{text}}}` is not in `match`", ("names", position, field), hint)
        kinds = [(one, other) for (_, one), (_, other) in pairwise(parts)]
        border = not any(one and other and "word" in (one, other) for one, other in kinds)
        if not border or holders.count("name") > 1 or stated["match"] == stated.get("means"):
            message = "this pattern cannot be read in one way"
            hint = "part the placeholders, and let `{name}` stand once"
            yield Finding(message, ("names", position, "match"), hint)


def _wire_names(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the provider of an entry, and the names that its deployments have there."""
    if entry.kind == "deployment":
        names = [entry.id, *map(str.lower, entry.data.get("aliases", ()))]
        yield entry.id.partition(":")[0], [name.partition(":")[2] for name in names]
    elif "names" in entry.data:
        yield entry.id, None


@group_rule(
    "MB346",
    "a name that two patterns read as different deployments",
    "deployment",
    "provider",
    keys=_wire_names,
    bad='names: [{match: "us.{name}", means: "{name}"}, {match: "us.{name}", means: "eu.{name}"}]',
    good='names: [{match: "us.{name}", means: "{name}"}]',
)
def overlap(members: Sequence[Member], graph: Graph) -> Iterator[tuple[Member, Finding]]:
    """A vendor echoes one name for one deployment. Where patterns lead to two, the lookup refuses
    to guess, so every use of that name would go without a price.
    """
    owner = members[-1]
    if owner.kind != "provider":
        return
    wires = {name: one.id for one in members[:-1] for name in one.value}
    stated_all = owner.entry(graph).data["names"]
    patterns = [one for one in stated_all if _sound(one)]
    for position, stated in enumerate(stated_all):
        for wire in wires if _sound(stated) else ():
            example = _example(stated, wire)
            found = readings(example, patterns, wires.get) if example else {}
            if len({id for id, _ in found}) > 1:
                listed = " and ".join(sorted(f"`{id}`" for id, _ in found))
                message = f"`{example}` could be {listed}"
                pointer = ("names", position, "match")
                yield owner, Finding(message, pointer, "make one of the patterns more exact")
                break


def _unbound(pattern: Fragment) -> Iterator[tuple[str, str]]:
    """Yield the placeholders that nothing fills, each with its field."""
    holders = {text for text, kind in pieces(pattern["match"]) if kind}
    for field in ("means", "region"):
        for text, kind in pieces(pattern.get(field, "")):
            if kind and text not in holders:
                yield field, text


def _sound(pattern: Fragment) -> bool:
    """Tell whether a pattern can be read: what it cannot is told apart."""
    return not any(_unbound(pattern)) and pattern["match"].count("{name}") < 2


def _example(pattern: Fragment, wire: str) -> str | None:
    """Return a name that a pattern reads as a wire name; None if there is none."""
    bound = bindings(wire, pattern["means"]) if "means" in pattern else None
    if bound is None:
        return None
    rest = {text: SAMPLE.get(text, "x") for text, kind in pieces(pattern["match"]) if kind}
    return filled(pattern["match"], {**rest, **bound})


def _units(graph: Graph) -> Mapping[str, Fragment]:
    """Return the registry of units, empty if its file dropped out."""
    entry = graph.kind("units").get("units")
    return entry.data["units"] if entry else {}


def _whole_rule(stated: Fragment, graph: Graph) -> Fragment:
    """Return a rule with what it takes over, as far as that is there."""
    other = rule_of(stated.get("like", ""), graph)
    return {**stated, "counts": {**(other or {}).get("counts", {}), **stated.get("counts", {})}}


def _named(target: str, graph: Graph) -> list[str]:
    """Return the rules that a hint may suggest."""
    entry = graph.kind("provider").get(target.partition(":")[0])
    if entry is not None:
        return [f"{entry.id}:{one['api']}" for one in rules_of(entry)]
    return [f"{id}:{target.partition(':')[2]}" for id in graph.kind("provider")]
