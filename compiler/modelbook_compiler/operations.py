"""What a file of operations does to the record below it: changes, field by field, and its faults.

`set` replaces what is stated, `add` states what is not (or appends to a list), `remove` takes away,
`retire` ends a deployment. All are measured against what stands below, so their order in the file
is no matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from . import codes
from .diagnostics import Diagnostic
from .names import did_you_mean
from .speaking import spoken
from .values import Entry, Graph, Json, Pointer, at

OPERATIONS = ("set", "add", "remove", "retire")
FIELDS = (*OPERATIONS, "reason")
"""Fields that no whole record has."""

KEPT = ("sources", "exceptions", "imported")
"""Fields of a record that operations do not set or remove: they speak for a file."""

ALL = "all"
"""In `remove`: take the whole field away."""

NOT_BELOW = codes.register(
    "MB208",
    "an operation on what no lower layer states",
    """`set` replaces and `remove` takes away what a lower layer states. Where it states nothing,
    the name is misspelt, or the layer has changed; what is new there is said with `add`.""",
    bad="set: {limits: {contxt: 64000}}",
    good="set: {limits: {context: 64000}}",
)
THERE_ALREADY = codes.register(
    "MB209",
    "an addition of what a lower layer states",
    """`add` states what is absent below, or appends to a list. Where a lower layer states it by
    now, say whether you replace that: with `set`.""",
    bad="add: {limits: {context: 64000}}  # and the public book states 128000",
    good="set: {limits: {context: 64000}}",
)
NO_CHANGE = codes.register(
    "MB210",
    "an operation that changes nothing",
    """The layer below says the same. The operation would hide its next change, though nobody asked
    for another value.""",
    bad="set: {limits: {context: 128000}}  # as the public book says",
    good="no operation",
)
TWICE = codes.register(
    "MB211",
    "two operations on one field in one file",
    """All operations of a file are measured against what stands below, so two of them on one field
    contradict each other. Taking items out of a list and adding others is no contradiction.""",
    bad="set: {limits: {context: 64000}}\nremove: {limits: all}",
    good="set: {limits: {context: 64000}}\nremove: {limits: {max_output: all}}",
)
HIDES = codes.register(
    "MB214",
    "prices added to a name that moves",
    """A name with `points_to` has the prices of what it points to, through time. With prices of its
    own it has those alone: dated, batch and priority prices of its targets no longer hold for it.
    A warning; an exception says that it is meant.""",
    bad='add: {prices: [{input: "2.00"}]}  # openai:gpt-4o, which has `points_to`',
    good='set: {prices: [{input: "2.00"}]}  # openai:gpt-4o-2024-08-06',
)
OTHER_UNIT = codes.register(
    "MB215",
    "a unit that means something else than in a lower layer",
    """All prices below are for as much of a unit as its registry says. Other words for `per`,
    `quantity`, `part_of` or `direction` would change every one of them without a word. A unit of
    your own has an id of its own.""",
    bad="set: {units: {input: {per: 1000}}}",
    good="add: {units: {input_thousands: {name: …, per: 1000, …}}}",
)
MEANING = frozenset({"per", "quantity", "part_of", "direction"})
"""Fields of a unit that its prices depend on."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one field."""

    field: Pointer
    pointer: Pointer
    """Where the file says so."""
    value: Json
    """None where the field is taken away."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an operation."""

    code: str
    message: str
    pointer: Pointer
    hint: str | None = None

    def diagnostic(self, path: str) -> Diagnostic:
        """Return it as the diagnostic of a file."""
        return Diagnostic(path, self.code, self.message, self.pointer, "key", hint=self.hint)


Outcome: TypeAlias = Iterator[Change | Fault]


def is_overlay(data: Mapping[str, Json]) -> bool:
    """Tell whether a file holds operations, not a whole record."""
    return any(name in data for name in FIELDS)


def changes(data: Mapping[str, Json], below: Mapping[str, Json]) -> Outcome:
    """Yield what the operations of a file do to a record, and what is wrong with them."""
    outcome = [*_twice(data), *_operations(data, below)]
    yield from outcome
    yield from _sources(data, below, [one for one in outcome if isinstance(one, Change)])


def _operations(data: Mapping[str, Json], below: Mapping[str, Json]) -> Outcome:
    """Yield what the operations of a file do to all fields but the sources."""
    yield from _set(data.get("set", {}), below, ())
    taken, added = (
        list(make(data.get(name, {}), below, ()))
        for make, name in ((_remove, "remove"), (_add, "add"))
    )
    yield from (one for one in [*taken, *added] if isinstance(one, Fault))
    yield from _together(_by_field(taken), _by_field(added), data)
    yield from _retire(data, below)


def other_units(made: Iterable[Change], below: Mapping[str, Json]) -> Iterator[Fault]:
    """Yield the changes of a unit registry that give prices below another meaning."""
    for one in made:
        unit, facts = one.field[:2], one.field[2:]
        if facts[:1] and facts[0] in MEANING and at(below, unit) is not None:
            message = f"{_named(one.field)} changes what prices below are for"
            yield Fault(OTHER_UNIT, message, one.pointer, "add a unit with an id of its own")


def hidden(entry: Entry, _graph: Graph) -> Iterator[Diagnostic]:
    """Yield a warning where an operation hides the prices of what a name points to."""
    said = entry.history.get(("prices",), ())
    if "points_to" not in entry.data or not said or said[0].pointer[0] != "add":
        return
    path, pointer = entry.place_of(("prices",))
    targets = ", ".join(f"`{one['deployment']}`" for one in entry.data["points_to"])
    message = f"these prices hide all those of {targets}"
    hint = "say it there, or make an exception: it is meant"
    if entry.data.get("prices"):
        yield Diagnostic(path, HIDES, message, pointer, "key", severity="warning", hint=hint)


def _by_field(outcome: Iterable[Change | Fault]) -> dict[Pointer, Change]:
    """Return the changes of an outcome by field."""
    return {one.field: one for one in outcome if isinstance(one, Change)}


def _together(
    taken: Mapping[Pointer, Change], added: Mapping[Pointer, Change], data: Mapping[str, Json]
) -> Iterator[Change]:
    """Yield what `remove` and `add` do; from a list one may take items and the other add some."""
    for field, one in taken.items():
        more = added.get(field)
        if more:
            both = [*(one.value or ()), *at(data, more.pointer)]
            one = Change(field, more.pointer, both)
        yield one
    yield from (one for field, one in added.items() if field not in taken)


def _set(values: Mapping[str, Json], below: Json, field: Pointer) -> Outcome:
    """Yield what `set` does."""
    for name, value in values.items():
        here, pointer = (*field, name), ("set", *field, name)
        if name not in below:
            near = did_you_mean(name, [one for one in below if field or one not in KEPT])
            hint = f"state it with `add`: the record below does not have `{name}`"
            hint = f"{near} Else {hint}" if near else hint
            yield Fault(NOT_BELOW, f"there is no {_named(here)} to replace", pointer, hint)
        elif isinstance(value, dict) and isinstance(below[name], dict):
            yield from _set(value, below[name], here)
        elif value == below[name]:
            yield Fault(NO_CHANGE, f"{_named(here)} is so already", pointer, "delete it")
        else:
            for leaf in _leaves(below[name], here) if isinstance(below[name], dict) else ():
                yield Change(leaf, pointer, None)
            yield Change(here, pointer, value)


def _add(values: Mapping[str, Json], below: Json, field: Pointer) -> Outcome:
    """Yield what `add` does."""
    for name, value in values.items():
        here, pointer = (*field, name), ("add", *field, name)
        if name not in below:
            yield from (
                Change(leaf, ("add", *leaf), at(value, leaf[len(here) :]))
                for leaf in _leaves(value, here)
            )
        elif isinstance(value, dict) and isinstance(below[name], dict):
            yield from _add(value, below[name], here)
        elif isinstance(value, list) and isinstance(below[name], list):
            yield from _append(value, below[name], here)
        else:
            hint = f"replace it with `set`; a layer below says {_shown(below[name])}"
            yield Fault(THERE_ALREADY, f"{_named(here)} is stated already", pointer, hint)


def _append(items: list[Json], below: list[Json], field: Pointer) -> Outcome:
    """Yield what appending to a list does."""
    there = [position for position, item in enumerate(items) if item in below]
    for position in there:
        message = f"{_shown(items[position])} is in {_named(field)} already"
        yield Fault(THERE_ALREADY, message, ("add", *field, position), "delete it")
    if not there:
        yield Change(field, ("add", *field), [*below, *items])


def _remove(values: Mapping[str, Json], below: Json, field: Pointer) -> Outcome:
    """Yield what `remove` does."""
    for name, value in values.items():
        here, pointer = (*field, name), ("remove", *field, name)
        if name not in below:
            hint = did_you_mean(name, below) or "delete it"
            yield Fault(NOT_BELOW, f"there is no {_named(here)} to take away", pointer, hint)
        elif isinstance(value, dict) and isinstance(below[name], dict):
            yield from _remove(value, below[name], here)
        elif isinstance(value, list) and isinstance(below[name], list):
            yield from _take_out(value, below[name], here)
        else:
            yield from (Change(leaf, pointer, None) for leaf in _leaves(below[name], here))


def _take_out(items: list[Json], below: list[Json], field: Pointer) -> Outcome:
    """Yield what taking items out of a list does; without any left the field is gone."""
    for position, item in enumerate(items):
        if item not in below:
            message = f"there is no {_shown(item)} in {_named(field)} to take away"
            known = [one for one in below if isinstance(one, str)]
            near = did_you_mean(item, known) if isinstance(item, str) else None
            yield Fault(NOT_BELOW, message, ("remove", *field, position), near or "delete it")
    left = [one for one in below if one not in items]
    yield Change(field, ("remove", *field), left or None)


def _retire(data: Mapping[str, Json], below: Mapping[str, Json]) -> Outcome:
    """Yield what `retire` does to a deployment's lifecycle: nothing is deleted."""
    if "retire" not in data:
        return
    wanted, now = data["retire"], below.get("lifecycle", {})
    becomes = {"status": _ended(data, now), "retired_on": wanted["on"]}
    becomes |= {"successor": wanted["successor"]} if "successor" in wanted else {}
    mended = at(data, ("set", "lifecycle", "deprecated_on"))
    if not mended and now.get("deprecated_on", "") > wanted["on"]:
        becomes["deprecated_on"] = None
    names = {"retired_on": ("on",), "successor": ("successor",)}
    if all(now.get(name) == value for name, value in becomes.items()):
        yield Fault(NO_CHANGE, "it is retired so already", ("retire",), "delete it")
        return
    for name, value in becomes.items():
        if now.get(name) != value:
            yield Change(("lifecycle", name), ("retire", *names.get(name, ())), value)


def _ended(data: Mapping[str, Json], now: Mapping[str, Json]) -> str:
    """Return the status that `retire` states: without a clock, only a source can say it is so."""
    day = data["retire"]["on"]
    if any(one["checked"] >= day for one in data.get("sources", ())):
        return "retired"
    same = now.get("status") == "retired" and now.get("retired_on") == day
    return "retired" if same else "deprecated"


def _sources(data: Mapping[str, Json], below: Mapping[str, Json], made: list[Change]) -> Outcome:
    """Yield what becomes of the sources of a record: those of the file come to them."""
    lost = [one for one in made if one.value is None or one.pointer[0] in ("set", "retire")]
    now = spoken(data, below, [one.field for one in made], [one.field for one in lost])
    if now != below.get("sources", []):
        pointer = ("sources",) if "sources" in data else lost[0].pointer
        yield Change(("sources",), pointer, now)


def _twice(data: Mapping[str, Json]) -> Iterator[Fault]:
    """Yield the fields that two operations of a file speak of."""
    seen: dict[Pointer, str] = {}
    for operation in OPERATIONS:
        for field, value in _spoken(operation, data.get(operation, {})):
            for other in (one for one in seen if field[: len(one)] == one[: len(field)]):
                apart = (seen[other], operation) == ("add", "remove") and other == field
                if not (apart and isinstance(value, list)):
                    message = f"`{seen[other]}` speaks of {_named(field)} too"
                    place = (operation, *field) if operation != "retire" else (operation,)
                    yield Fault(TWICE, message, place, "keep one of the two")
            seen[field] = operation


def _spoken(operation: str, values: Mapping[str, Json]) -> list[tuple[Pointer, Json]]:
    """Return the fields that an operation speaks of, each with what it says."""
    if operation == "retire":
        names = {"on": ("status", "retired_on"), "successor": ("successor",)}
        return [(("lifecycle", field), None) for name in values for field in names.get(name, ())]
    return [(leaf, at(values, leaf)) for leaf in _leaves(values, ()) if leaf]


def _leaves(value: Json, field: Pointer) -> Iterator[Pointer]:
    """Yield the pointers of everything in a value that is not a mapping with content."""
    if isinstance(value, dict) and value:
        for name in value:
            yield from _leaves(value[name], (*field, name))
    else:
        yield field


def applied(below: Mapping[str, Json], made: Iterable[Change]) -> dict[str, Json]:
    """Return a record with changes; a mapping that loses its last field is gone."""
    record: dict[str, Json] = dict(below)
    for one in made:
        _put(record, one.field, one.value)
    return record


def _put(record: dict[str, Json], field: Pointer, value: Json) -> None:
    """Set a field of a record, or take it away; mappings on the way are copied, not changed."""
    name, rest = str(field[0]), field[1:]
    if rest:
        inner = record.get(name)
        copy = dict(inner) if isinstance(inner, dict) else {}
        _put(copy, rest, value)
        value = copy or None
    if value is None:
        record.pop(name, None)
    else:
        record[name] = value


def _named(field: Pointer) -> str:
    """Return a field as messages call it."""
    return f"`{'.'.join(map(str, field))}`"


def _shown(value: Json) -> str:
    """Return a value as messages show it."""
    if isinstance(value, str | int | bool) and len(str(value)) <= 60:
        return f"`{str(value).lower() if isinstance(value, bool) else value}`"
    return "another value"
