"""The grammar of wire names: a name and the rules of `wire-names.yaml` -> what it says.

Rules run in the order they stand in. One of part `route` or `condition` takes something off the
name that is sent; one of part `name` looks at a lower-case copy, of which the model's name is what
is left in the end. Nothing here is fuzzy, and nothing is looked up but creators by their spelling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from . import patterns

RuleData: TypeAlias = Mapping[str, Any]
"""A rule as the file states it."""

REST = re.compile(r"[^a-z0-9._-]+")
MOST_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Creators:
    """Who makes models, by spelling, family of names, and provider."""

    spellings: Mapping[str, str] = field(default_factory=dict)
    """Spelling in lower case to slug."""
    repackers: frozenset[str] = frozenset()
    """Those who only pack what others made, in lower case."""
    families: Sequence[tuple[str, str]] = ()
    """Pattern and creator, in order."""
    providers: Mapping[str, str] = field(default_factory=dict)
    """Provider that sells one creator's models, and that creator."""
    _made: dict[str, str | None] = field(default_factory=dict, compare=False, repr=False)
    """What has been asked before: names come again at many providers."""

    def of_family(self, name: str) -> str | None:
        """Return who makes models with such names."""
        if name not in self._made:
            fits = (who for text, who in self.families if patterns.found_in(text, name))
            self._made[name] = next(fits, None)
        return self._made[name]


@dataclass(frozen=True, slots=True)
class Read:
    """What a name says so far."""

    source: str
    provider: str
    raw_provider: str
    wire: str
    """What is sent; grows shorter by routes and conditions only."""
    name: str
    """What is left of the lower-case name."""
    creator: str | None = None
    written: bool = False
    """The name itself says who made it."""
    tags: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    """Ids of the rules that had a say."""


def read_name(start: Read, rules: Sequence[RuleData], creators: Creators) -> Read:
    """Return what a name says after all rules; who made it is guessed where it does not say.

    The name that is left has the letters of an id: `a-z 0-9 . _ -`; it is empty if nothing is left.
    """
    now = start
    for rule in rules:
        now = run(rule, now, creators)
    now = replace(now, name=_as_id(now.name))
    named = [rule for rule in rules if rule.get("part", "name") == "name"]
    for _ in range(MOST_REPEATS):  # a name that a rule made may be one that an earlier rule reads
        before = now
        for rule in named:
            now = run(rule, now, creators)
        if now is before:
            break
        now = replace(now, name=_as_id(now.name))
    return replace(now, creator=now.creator or guessed(now, creators))


def _as_id(name: str) -> str:
    """Return a name with the letters of an id only."""
    return REST.sub("-", name).strip("-._")


def run(rule: RuleData, now: Read, creators: Creators) -> Read:
    """Return what a name says after one rule, tried again on what is left if it says so."""
    for _ in range(MOST_REPEATS if rule.get("repeat") else 1):
        after = apply(rule, now, creators)
        if after is now:
            break
        now = after
    return now


def makers(data: Mapping[str, Any]) -> Creators:
    """Return the makers that `creators.yaml` states, ready to ask."""
    rows: Mapping[str, Mapping[str, Any]] = data["creators"]
    spellings = {one: slug for slug, row in rows.items() for one in row.get("spellings", ())}
    spellings |= {slug: slug for slug in rows}
    sold = {provider: slug for slug, row in rows.items() for provider in row.get("providers", ())}
    families = [(row["pattern"], row["creator"]) for row in data.get("families", ())]
    return Creators(spellings, frozenset(data.get("repackers", ())), families, sold)


def guessed(now: Read, creators: Creators) -> str | None:
    """Return who makes models of such a name, else whom the provider sells."""
    return creators.of_family(now.name) or creators.providers.get(now.provider)


def apply(rule: RuleData, now: Read, creators: Creators) -> Read:
    """Return what a name says after one rule; the same object if it says nothing."""
    if not _concerns(rule, now, creators):
        return now
    of_wire = rule.get("part", "name") != "name"
    text = now.wire if of_wire else now.name
    found = patterns.found_in(_pattern(rule["pattern"], now), text)
    if found is None:
        return now
    groups = {name: value or "" for name, value in found.groupdict().items()}
    who = _creator(rule, groups, now, creators)
    if who is None:
        return now
    left = text[: found.start()] + _filled(rule.get("to", ""), groups) + text[found.end() :]
    tags = {name: _filled(value, groups) for name, value in rule.get("tags", {}).items()}
    if left == text and not tags:
        return now
    return replace(
        now,
        wire=left if of_wire else now.wire,
        name=left.lower() if of_wire else left,
        creator=who or now.creator,
        written=bool(who) or now.written,
        tags={**now.tags, **{name: value for name, value in tags.items() if value}},
        rules=(*now.rules, rule["id"]),
    )


def _pattern(text: str, now: Read) -> str:
    """Return a pattern with the catalog's word for the provider in its place."""
    return text.replace("{provider}", re.escape(now.raw_provider)) if "{" in text else text


def concerning(rules: Sequence[RuleData], source: str, provider: str) -> list[RuleData]:
    """Return the rules that are about rows of a source and a provider of ours, in their order."""
    return [
        rule
        for rule in rules
        if source in rule.get("sources", (source,))
        and provider in rule.get("providers", (provider,))
    ]


def _concerns(rule: RuleData, now: Read, creators: Creators) -> bool:
    """Tell whether a rule is about such a row at all."""
    if "sources" in rule and now.source not in rule["sources"]:
        return False
    if "providers" in rule and now.provider not in rule["providers"]:
        return False
    if "creators" not in rule:
        return True
    return (now.creator or guessed(now, creators)) in rule["creators"]


def _creator(
    rule: RuleData, groups: Mapping[str, str], now: Read, creators: Creators
) -> str | None:
    """Return the creator that a rule finds, empty if it looks for none, None if it does not fit."""
    kind, who = rule.get("org"), groups.get("org", "")
    if kind is None:
        return ""
    if kind == "creator":
        return creators.spellings.get(who)
    if kind == "repacker":
        return "" if who in creators.repackers else None
    made = _as_id(who)
    if now.written or {who, made} & creators.repackers or who in creators.spellings:
        return None
    return creators.spellings.get(made, made) or None


def _filled(text: str, groups: Mapping[str, str]) -> str:
    """Return text with the parts of a match in their places: `{major}.{minor}`."""
    for name, value in groups.items():
        text = text.replace(f"{{{name}}}", value)
    return text
