"""The merge of layers, as properties: the manifest's order decides, and nothing is lost unsaid."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook_compiler.merge import Merged, merge, merged
from modelbook_compiler.operations import Fault, applied, changes
from modelbook_compiler.partial import partial
from modelbook_compiler.schemas import KINDS, authored, bundled
from modelbook_compiler.shape import Shapes
from modelbook_compiler.values import Document, Entry, Json, Pointer, SourceFile

LAYERS = ("public", "org", "team", "local")
BASE: dict[str, Json] = {
    "name": "A",
    "aliases": ["acme/x", "acme/y"],
    "limits": {"context": 1, "max_output": 2},
    "released": "2025-01-01",
    "sources": [{"url": "https://example.com", "checked": "2026-01-01"}],
}


def document(data: dict[str, Json], layer: str = "public") -> Document:
    """Return a file of a layer about the model acme/a."""
    return Document(SourceFile(f"{layer}/models/acme/a.yaml", "model", "acme/a", layer, b""), data)


def outcome(*documents: Document, layers: Sequence[str] = LAYERS) -> Merged:
    """Return what becomes of some files."""
    return merged(documents, layers, Shapes(None).problems)


def entry(*data: dict[str, Json]) -> Entry:
    """Return the record of files in as many layers, which have no problem."""
    found = outcome(*(document(one, layer) for one, layer in zip(data, LAYERS, strict=False)))
    assert found.problems == ()
    assert found.entry is not None
    return found.entry


numbers = st.integers(1, 4)
VALUES: dict[Pointer, st.SearchStrategy[Json]] = {
    ("name",): st.sampled_from("ABC"),
    ("family",): st.sampled_from("ABC"),
    ("released",): st.sampled_from(["2025-01-01", "2025-01-02"]),
    ("limits", "context"): numbers,
    ("limits", "max_output"): numbers,
    ("limits", "max_input"): numbers,
    ("aliases",): st.lists(
        st.sampled_from(["acme/x", "acme/y", "acme/z"]), min_size=1, max_size=3, unique=True
    ),
}


@st.composite
def overlay(draw: st.DrawFn) -> dict[str, Json]:
    """Draw a file of operations; many fit what is below, some do not."""
    made: dict[str, Json] = {}
    fields = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=4, unique=True))
    for field in fields:
        operation = draw(st.sampled_from(["set", "set", "add", "remove"]))
        value = draw(VALUES[field])
        gone = operation == "remove" and (field != ("aliases",) or draw(st.booleans()))
        place = made.setdefault(operation, {})
        for step in field[:-1]:
            place = place.setdefault(step, {})
        place[field[-1]] = "all" if gone else value
    return made


overlays = st.lists(overlay(), max_size=3)


def stack(above: list[dict[str, Json]]) -> list[Document]:
    """Return the record and some files above it, each in a layer of its own."""
    return [document(one, layer) for one, layer in zip([BASE, *above], LAYERS, strict=False)]


def whole(found: Merged) -> Entry:
    """Return the entry of an outcome that has one."""
    assert found.entry is not None
    return found.entry


@given(overlays, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_files_is_no_matter(above: list[Any], random: Any) -> None:
    files = stack(above)
    shuffled = list(files)
    random.shuffle(shuffled)
    assert outcome(*shuffled) == outcome(*files)


@given(overlays)
@settings(deadline=None)
def test_lower_layers_can_be_merged_first(above: list[Any]) -> None:
    files = stack(above)
    everything = outcome(*files)
    for cut in range(1, len(files)):
        below = whole(outcome(*files[:cut]))
        flat = document(dict(below.data), files[cut - 1].source.layer)
        later = outcome(flat, *files[cut:])
        assert whole(later).data == whole(everything).data
        told = [
            one for one in everything.problems if one.path in {f.source.path for f in files[cut:]}
        ]
        assert [(one.path, one.code) for one in later.problems] == [(o.path, o.code) for o in told]


@given(overlays)
@settings(deadline=None)
def test_a_record_is_always_of_the_right_shape(above: list[Any]) -> None:
    found = outcome(*stack(above))
    record = document(dict(whole(found).data))
    assert Shapes(None).problems(record) == ()
    told = {one.path for one in found.problems}
    assert told == {one.source.path for one in found.left_out}


@given(overlays)
@settings(deadline=None)
def test_who_states_a_field_is_who_states_its_value(above: list[Any]) -> None:
    found = whole(outcome(*stack(above)))
    for field, said in found.history.items():
        values = [one.value for one in said]
        assert all(one != other for one, other in pairwise(values)), field
        now: Json = found.data
        for step in field:
            now = now.get(step) if isinstance(now, dict) else None
        assert values[-1] == now
        if now is not None:
            assert found.document_of(field) is said[-1].document


@given(overlays)
@settings(deadline=None)
def test_the_same_operations_once_more_change_nothing(above: list[Any]) -> None:
    """A second layer that says the same is told so, field by field."""
    for one in above:
        found = outcome(document(BASE), document(one, "org"))
        if found.problems:
            continue
        again = outcome(document(BASE), document(one, "org"), document(one, "team"))
        assert whole(again).data == whole(found).data
        assert [two.source.layer for two in again.left_out] == ["team"]


def test_the_last_layer_wins_and_the_loser_is_kept() -> None:
    found = entry(BASE, {"set": {"limits": {"context": 5}}}, {"set": {"limits": {"context": 9}}})
    assert found.data["limits"] == {"context": 9, "max_output": 2}
    said = found.history["limits", "context"]
    assert [(one.document.source.layer, one.value) for one in said] == [
        ("public", 1),
        ("org", 5),
        ("team", 9),
    ]
    assert found.place_of(("limits", "context")) == (
        "team/models/acme/a.yaml",
        ("set", "limits", "context"),
    )
    assert found.path_of(("limits", "max_output")) == "public/models/acme/a.yaml"
    assert found.path_of(()) == "public/models/acme/a.yaml"


def test_items_of_a_list_are_from_whoever_adds_them() -> None:
    found = entry(BASE, {"add": {"aliases": ["acme/z"]}, "remove": {"aliases": ["acme/x"]}})
    assert found.data["aliases"] == ["acme/y", "acme/z"]
    assert found.place_of(("aliases", 0)) == ("public/models/acme/a.yaml", ("aliases", 1))
    assert found.place_of(("aliases", 1)) == ("org/models/acme/a.yaml", ("add", "aliases", 0))


def test_what_loses_its_last_part_is_gone() -> None:
    found = entry(
        BASE,
        {"remove": {"aliases": ["acme/x", "acme/y"], "limits": {"context": "all"}}},
        {"remove": {"limits": "all"}},
    )
    assert set(found.data) == {"name", "released", "sources"}
    assert [one.value for one in found.history["limits", "max_output"]] == [2, None]


OWN = {"url": "https://acme.example/contract", "checked": "2026-02-02"}
GENERAL = BASE["sources"][0]
LEFT = ["aliases", "limits.max_output", "released"]


@pytest.mark.parametrize(
    ("sources", "left"),
    [
        ([GENERAL], [{**GENERAL, "fields": LEFT}]),
        ([{**GENERAL, "fields": ["limits.context", "name"]}], []),
        (
            [{**GENERAL, "fields": ["limits", "released"]}, {**GENERAL, "fields": ["name"]}],
            [{**GENERAL, "fields": ["limits.max_output", "released"]}],
        ),
        ([{**GENERAL, "fields": ["aliases"]}], [{**GENERAL, "fields": ["aliases"]}]),
    ],
)
def test_sources_speak_for_what_their_file_states_and_lose_what_is_replaced(
    sources: list[Json], left: list[Json]
) -> None:
    operations = {"set": {"name": "B"}, "remove": {"limits": {"context": "all"}}}
    below = {**BASE, "sources": sources}
    found = entry(below, {**operations, "sources": [OWN, {**OWN, "fields": ["name"]}]})
    came = [{**OWN, "fields": ["limits.context", "name"]}, {**OWN, "fields": ["name"]}]
    assert found.data["sources"] == [*left, *came]
    path, first = "org/models/acme/a.yaml", len(left)
    assert found.place_of(("sources", first)) == (path, ("sources", 0))
    assert found.place_of(("sources", first + 1)) == (path, ("sources", 1))
    if left:
        place = ("public/models/acme/a.yaml", ("sources", 0))
        assert found.place_of(("sources", 0)) == place
    without = entry(below, operations)
    assert without.data["sources"] == (left or sources)  # a record has a source


@pytest.mark.parametrize(
    ("operations", "hint"),
    [
        ({"set": {"source": 1}}, "state it with `add`: the record below does not have `source`"),
        (
            {"set": {"nam": "B"}},
            "did you mean `name`? Else state it with `add`: the record below does not have `nam`",
        ),
    ],
)
def test_what_cannot_be_replaced_is_added_and_the_hint_says_so(
    operations: dict[str, Json], hint: str
) -> None:
    (fault,) = changes(operations, BASE)
    assert isinstance(fault, Fault)
    assert fault.hint == hint


@pytest.mark.parametrize("data", [{"reason": "So"}, {"reason": "So", "sources": [OWN]}])
def test_a_file_without_an_operation_changes_nothing(data: dict[str, Json]) -> None:
    found = outcome(document(BASE), document(data, "org"))
    assert [one.code for one in found.problems] == ["MB210"]
    assert whole(found).data == BASE


def test_who_adds_to_a_list_takes_nothing_from_who_stated_it() -> None:
    found = entry(BASE, {"add": {"aliases": ["acme/z"]}, "sources": [OWN]})
    assert found.data["sources"] == [GENERAL, {**OWN, "fields": ["aliases"]}]


def test_what_a_record_needs_cannot_be_taken_away() -> None:
    found = outcome(document(BASE), document({"remove": {"name": "all"}}, "org"))
    (problem,) = found.problems
    assert (problem.code, problem.path) == ("MB102", "org/models/acme/a.yaml")
    assert problem.pointer == ("remove", "name")
    assert problem.hint == "a whole record needs it: replace it with `set`"
    assert whole(found).data == BASE


def test_a_record_that_is_too_long_is_told_where_it_grows() -> None:
    many = [f"acme/m{number}" for number in range(200)]
    found = outcome(document(BASE), document({"add": {"aliases": many}}, "org"))
    for problem in found.problems:
        assert problem.path == "org/models/acme/a.yaml"


def test_a_layer_that_the_manifest_does_not_name_is_below_all() -> None:
    """It cannot happen; the outcome has an order all the same."""
    files = [document(BASE, "stray"), document({"set": {"name": "B"}}, "team")]
    for order in (files, files[::-1]):
        (found,) = merge(order, LAYERS)
        assert found.data["name"] == "B"


@pytest.mark.parametrize(
    ("data", "becomes"),
    [
        ({"retire": {"on": "2026-12-31"}}, {"status": "deprecated"}),
        ({"retire": {"on": "2026-12-31"}, "sources": [OWN]}, {"status": "deprecated"}),
        ({"retire": {"on": "2026-02-02"}, "sources": [OWN]}, {"status": "retired"}),
        (
            {"retire": {"on": "2026-12-31", "successor": "a:b"}},
            {"status": "deprecated", "successor": "a:b"},
        ),
        ({"retire": {"on": "2026-01-31"}}, {"status": "deprecated", "deprecated_on": None}),
    ],
)
def test_a_retired_deployment_keeps_all_else(
    data: dict[str, Json], becomes: dict[str, Json]
) -> None:
    """Also a status that goes by the day; a compile has no clock, so a source must have seen it."""
    becomes = {**becomes, "retired_on": data["retire"]["on"]}
    dates = {"released": "2025-01-01", "deprecated_on": "2026-02-01"}
    below = {"model": "acme/a", "lifecycle": {"status": "active", **dates}}
    made = list(changes(data, below))
    own = {"sources"} if "sources" in data else set()
    fields = {one.field[-1]: one.value for one in made if not isinstance(one, Fault)}
    assert {name: value for name, value in fields.items() if name not in own} == becomes
    again = applied(below, [one for one in made if not isinstance(one, Fault)])
    assert [one.code for one in changes(data, again) if isinstance(one, Fault)] == ["MB210"]
    ended = {**again, "lifecycle": {**again["lifecycle"], "status": "retired"}}
    assert [one.code for one in changes(data, ended) if isinstance(one, Fault)] == ["MB210"]


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"manifest"}))
def test_operations_on_a_kind_have_a_schema_that_stands_alone(kind: str) -> None:
    schema = partial(bundled(authored(kind)), kind)
    text = json.dumps(schema)
    named = {part.partition('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert named == set(schema["$defs"])
    assert ("retire" in schema["properties"]) == (kind == "deployment")
    assert "imported" not in schema["properties"]["set"]["properties"]
