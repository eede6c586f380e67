"""Rules about the tables by which rows of public catalogs are known for what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..names import did_you_mean
from ..patterns import fault, found_in
from ..references import at
from ..values import Entry, Graph, Json, Pointer
from ..wire_names import Creators, Read, RuleData, makers, run
from .base import Finding, rule

SOURCES = ("litellm", "genai_prices", "models_dev", "openrouter", "xinference")
PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "provider-slugs": ("splits.*.slug", "providers.*.address_of"),
    "creators": ("creators.*.providers.*",),
    "wire-names": ("rules.*.providers.*",),
    "same-models": ("same.*.providers.*",),
}
"""Where the tables name a provider of `provider-slugs.yaml`."""

MAKERS: Mapping[str, tuple[str, ...]] = {
    "creators": ("families.*.creator",),
    "wire-names": ("rules.*.creators.*",),
    "same-models": ("same.*.model",),
}
"""Where they name a maker of `creators.yaml`, or a model of one."""

PATTERNS: Mapping[str, tuple[str, ...]] = {
    "provider-slugs": ("splits.*.pattern",),
    "creators": ("families.*.pattern",),
    "wire-names": ("rules.*.pattern", "no_models.*.pattern", "modes.*.pattern"),
}

TOLD = {"gives": "leaves", "tags": "sets the tags", "creator": "finds the maker"}
"""How a message says what a rule does."""


def _values(entry: Entry, paths: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Pointer, str]]:
    """Yield what stands at some paths of an entry, each with its place."""
    for path in paths.get(entry.kind, ()):
        steps = path.split(".")
        if steps[0] in entry.data:
            yield from at(entry.data, steps)


@rule(
    "MB360",
    "a word of a public catalog that stands for two providers",
    "provider-slugs",
    bad="alpha: {kind: api, litellm: [acme]}\nbeta: {kind: api, litellm: [acme]}",
    good="alpha: {kind: api, litellm: [acme]}\nbeta: {kind: api, litellm: [acme_beta]}",
)
def word_of_two(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """A row is of one provider. Were a word given to two, whichever stands last would get all of
    its rows. Where one word truly stands for two, `splits` says by which names to tell them apart.
    """
    seen: dict[tuple[str, str], str] = {}
    for slug, facts in entry.data["providers"].items():
        for source in SOURCES:
            for position, word in enumerate(facts.get(source, ())):
                first = seen.setdefault((source, word), slug)
                if first != slug:
                    message = f"`{word}` of {source} stands for `{first}` already"
                    where = ("providers", slug, source, position)
                    yield Finding(message, where, "keep one of the two, or add a row to `splits`")


@rule(
    "MB361",
    "a provider or maker that the tables do not have",
    *PROVIDERS,
    bad="rules: [{id: R10, providers: [azur], …}]",
    good="rules: [{id: R10, providers: [azure], …}]",
)
def unknown_to_tables(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """The tables of providers, makers and names are read together. A word that none of them
    explains makes a rule that never fits, and rows that end under nobody.
    """
    for kind, field, paths in (
        ("provider-slugs", "providers", PROVIDERS),
        ("creators", "creators", MAKERS),
    ):
        table = graph.kind(kind).get(kind)
        known: Mapping[str, Json] = table.data[field] if table else {}
        for pointer, value in _values(entry, paths) if table else ():
            name = value.partition("/")[0]
            if name not in known:
                hint = did_you_mean(name, known) or f"add it to {kind}.yaml"
                yield Finding(f"`{name}` is not in {kind}.yaml", pointer, hint)


@rule(
    "MB362",
    "a pattern outside the language of patterns",
    *PATTERNS,
    bad="pattern: '^(?:[a-z]+)+$'",
    good="pattern: '^[a-z]+$'",
)
def bad_pattern(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Patterns meet names that strangers wrote. They are a part of regular expressions that cannot
    be made to run for ever: letters, digits, `.`, classes, groups, `|`, `^`, `$`, `(?=…)`, `(?!…)`
    and `(?P<name>…)`; `+` and `*` after a single character or class only, at most three times; `?`
    after a group too; `{m,n}` up to 20. Case does not count.
    """
    for pointer, text in _values(entry, PATTERNS):
        wrong = fault(text.replace("{provider}", "x"))
        if wrong:
            yield Finding(f"this pattern cannot be used: {wrong}", pointer)


@rule(
    "MB363",
    "an example that a rule does not hold",
    "wire-names",
    bad="{id: R25, pattern: '-latest$', examples: [{name: gpt-4o, gives: gpt-4o}], …}",
    good="{id: R25, pattern: '-latest$', examples: [{name: a-latest, gives: a}], …}",
)
def broken_example(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A rule of the grammar is known by what it does to names, and by names it leaves alone. Its
    examples are run each time, by the rule alone, so that they cannot say one thing and the pattern
    another. `route` and `condition` come before `name`, and no id stands twice.
    """
    table = graph.kind("creators").get("creators")
    known = makers(table.data) if table else Creators()
    if any(fault(text.replace("{provider}", "x")) for _, text in _values(entry, PATTERNS)):
        return  # MB362 says so
    if any(fault(text) for text, _ in known.families):
        return
    seen: set[str] = set()
    names_begun = False
    for position, one in enumerate(entry.data["rules"]):
        where: Pointer = ("rules", position)
        if one["id"] in seen:
            yield Finding(f"`{one['id']}` stands twice", (*where, "id"), "give it another id")
        seen.add(one["id"])
        if names_begun and one.get("part", "name") != "name":
            yield Finding("it comes after rules of part `name`", (*where, "part"), "put it above")
        names_begun = names_begun or one.get("part", "name") == "name"
        yield from _examples(one, where, known)
    for position, row in enumerate(entry.data.get("no_models", ())):
        for place, name in enumerate(row["examples"]):
            if found_in(row["pattern"], name) is None:
                pointer = ("no_models", position, "examples", place)
                yield Finding(f"the pattern does not fit `{name}`", pointer)


def _examples(one: RuleData, where: Pointer, known: Creators) -> Iterator[Finding]:
    """Yield the examples of a rule that it does not hold."""
    for position, example in enumerate(one["examples"]):
        got = _run(one, example, known)
        of_wire = one.get("part", "name") != "name"
        told: dict[str, Json] = {"gives": got.wire if of_wire else got.name, "tags": dict(got.tags)}
        if "org" in one and "creator" in example:
            told["creator"] = got.creator
        for name, value in told.items():
            if name in example and example[name] != value:
                said = _said(value)
                message = f"`{one['id']}` {TOLD[name]} `{said}` of `{example['name']}`"
                place = (*where, "examples", position, name)
                yield Finding(message, place, "mend the example or the pattern")
    for position, example in enumerate(one.get("leaves", ())):
        got = _run(one, example, known)
        if got.rules:
            message = f"`{one['id']}` does not leave `{example['name']}` alone"
            yield Finding(message, (*where, "leaves", position), "mend the example or the pattern")


def _said(value: Json) -> str:
    """Return what a rule makes of a name, in words."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {tag}" for name, tag in value.items()) or "none"
    return str(value or "nobody")


def _run(one: RuleData, example: Mapping[str, Json], known: Creators) -> Read:
    """Return what a rule by itself makes of an example."""
    provider = example.get("provider", next(iter(one.get("providers", ())), ""))
    source = next(iter(one.get("sources", ())), SOURCES[0])
    creator = None if "org" in one else example.get("creator")
    name = example["name"]
    return run(one, Read(source, provider, provider, name, name.lower(), creator), known)


@rule(
    "MB364",
    "a spelling that stands for two makers",
    "creators",
    bad="alpha: {spellings: [acme]}\nbeta: {spellings: [acme]}",
    good="alpha: {spellings: [acme]}\nbeta: {spellings: [acme-labs]}",
)
def spelling_of_two(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """A spelling says who made a model, and a provider in this table sells one maker's models.
    Given twice, whichever stands last would win in silence. A repacker is no maker.
    """
    packers = set(entry.data.get("repackers", ()))
    seen: dict[tuple[str, str], str] = {
        ("spellings", slug): slug for slug in entry.data["creators"]
    }
    for slug, row in entry.data["creators"].items():
        for field in ("spellings", "providers"):
            for position, word in enumerate(row.get(field, ())):
                pointer = ("creators", slug, field, position)
                first = seen.setdefault((field, word), slug)
                if first != slug or (field == "spellings" and word == slug):
                    yield Finding(f"`{word}` stands for `{first}` already", pointer)
                elif field == "spellings" and word in packers:
                    yield Finding(f"`{word}` is among the repackers", pointer)


@rule(
    "MB365",
    "names of one model that contradict each other",
    "same-models",
    bad="same: [{model: acme/a, names: [acme/b], …}, {model: acme/b, names: [acme/c], …}]",
    good="same: [{model: acme/a, names: [acme/b, acme/c], …}]",
)
def contradiction(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """A name is looked up once. So what it leads to must be a model, not another name; it leads to
    one model only, at a provider; and nothing is the same as what `different` says it is not.
    """
    rows = entry.data["same"]
    named = {name for row in rows if "providers" not in row for name in row["names"]}
    apart = [set(row["models"]) for row in entry.data.get("different", ())]
    seen: set[tuple[str, str | None]] = set()
    for place, row in enumerate(rows):
        if row["model"] in named:
            message = f"`{row['model']}` is itself a name of another model"
            yield Finding(message, ("same", place, "model"), "name that model here")
        for position, name in enumerate(row["names"]):
            pointer = ("same", place, "names", position)
            places = {(name, provider) for provider in row.get("providers", (None,))}
            if places & seen or name == row["model"]:
                yield Finding(f"`{name}` leads somewhere already", pointer, "keep one of the two")
            if any({name, row["model"]} <= models for models in apart):
                yield Finding(f"`different` says that `{name}` is another model", pointer)
            seen |= places


@rule(
    "MB366",
    "a provider that is of another kind in its own file",
    "provider-slugs",
    bad="# providers/acme/provider.yaml: `kind: api`\nproviders: {acme: {kind: gateway}}",
    good="# providers/acme/provider.yaml: `kind: api`\nproviders: {acme: {kind: api}}",
)
def other_kind(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """What is imported is judged by the kind of its provider: a gateway's word on a model counts
    less than that of whoever runs it. The table and the provider's own file must agree.
    """
    there = graph.kind("provider")
    for slug, facts in entry.data["providers"].items():
        own = there[slug].data["kind"] if slug in there else facts["kind"]
        if own != facts["kind"]:
            message = f"`{slug}` is `{own}` in its own file"
            yield Finding(message, ("providers", slug, "kind"), "mend one of the two")
