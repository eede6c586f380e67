"""The shape of files: two validators and the editor's agree, and no unknown key passes anywhere."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import check_jsonschema
import jsonschema_rs
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from modelbook_compiler import codes
from modelbook_compiler.discover import discover, folder
from modelbook_compiler.files import walk
from modelbook_compiler.modeline import modeline
from modelbook_compiler.parse import parse
from modelbook_compiler.schemas import KINDS, SHARED, authored, bundled, schema_of, with_units
from modelbook_compiler.shape import WANTED, Shapes
from modelbook_compiler.values import Document, Json, Layer, Pointer, SourceFile

ROOT = Path(__file__).parent.parent.parent
SHIPPED = discover(folder(ROOT / "catalog"), walk(ROOT / "catalog")).files
SHAPES = Shapes(None)
MOST = 100
"""Most files of a kind, or places in a file, that are tried: evenly chosen among all."""

OWN = tuple(kind for kind in KINDS if kind not in SHARED)
"""Kinds that have a schema of their own."""


@cache
def documents() -> dict[str, tuple[Document, ...]]:
    """Return the files of the shipped catalog by kind, at most twenty of each."""
    found: dict[str, list[Document]] = {}
    for source in SHIPPED:
        of_kind = found.setdefault(source.kind, [])
        if len(of_kind) < 20:
            outcome = parse(source)
            assert isinstance(outcome, Document)
            of_kind.append(outcome)
    return {kind: tuple(of_kind) for kind, of_kind in found.items()}


@cache
def validators(kind: str) -> tuple[Any, Any]:
    """Return the validator that decides and the one that explains."""
    schema = SHAPES.schema(kind)
    return jsonschema_rs.Draft202012Validator(schema), Draft202012Validator(schema)


def with_data(kind: str, data: Json) -> Document:
    """Return a document of a kind."""
    return Document(SourceFile(f"catalog/{kind}.yaml", kind, kind, "catalog", b""), data)


def places(value: Json, pointer: Pointer = ()) -> Iterator[Pointer]:
    """Yield the pointers of a value and of everything in it."""
    yield pointer
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*pointer, key))


def at(value: Json, pointer: Pointer) -> Json:
    """Return what is at a pointer."""
    for step in pointer:
        value = value[step]
    return value


OTHERS: tuple[Json, ...] = (
    *(None, True, 0, -1, 1, 1.5, 2, 10**17, "", "0", "x", "free", "2.50", "2024-05-13"),
    *("https://example.com", "acme/x", "acme:x", "text", [], ["text"], ["a", "a"], {}, {"x": 1}),
)


@st.composite
def mutations(draw: st.DrawFn) -> Document:
    """Draw a shipped file with up to three fields deleted, renamed or given another value."""
    kind = draw(st.sampled_from(OWN))
    data = copy.deepcopy(draw(st.sampled_from(documents()[kind])).data)
    for _ in range(draw(st.integers(1, 3))):
        pointer = draw(st.sampled_from([one for one in places(data) if one] or [()]))
        if not pointer:
            break
        holder, step = at(data, pointer[:-1]), pointer[-1]
        deed = draw(st.sampled_from(("delete", "rename", "retype", "double")))
        if deed == "delete":
            del holder[step]
        elif deed == "retype":
            holder[step] = copy.deepcopy(draw(st.sampled_from(OTHERS)))
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(["name", "x", f"{step}s", "from"]))] = holder.pop(step)
        else:
            holder.append(copy.deepcopy(holder[step]))
    return with_data(kind, data)


@given(mutations())
@settings(deadline=None, max_examples=400)
def test_the_validators_agree_and_every_problem_is_explained(document: Document) -> None:
    fast, slow = validators(document.source.kind)
    sound = slow.is_valid(document.data)
    assert fast.is_valid(document.data) == sound
    problems = SHAPES.problems(document)
    assert bool(problems) is not sound
    for one in problems:
        assert one.code in codes.REGISTER
        assert one.path == document.source.path
        pointer = one.pointer if one.at == "value" else one.pointer[:-1]
        at(document.data, pointer)


def test_only_the_stricter_validator_sees_a_line_break_at_the_end() -> None:
    document = with_data("secret", {"description": "a\n", "env": ["A"], "allowed_hosts": ["a"]})
    (problem,) = SHAPES.problems(document)
    assert (problem.code, problem.pointer) == (codes.OTHER_SHAPE, ("description",))


def sub_schemas(schema: Json, pointer: Pointer = ()) -> Iterator[tuple[Pointer, dict[str, Json]]]:
    """Yield every schema in a schema file, with its place."""
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for word in ("properties", "$defs"):
        for name, inner in schema.get(word, {}).items():
            yield from sub_schemas(inner, (*pointer, word, name))
    for word in ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not"):
        yield from sub_schemas(schema.get(word), (*pointer, word))
    for number, inner in enumerate(schema.get("allOf", ())):
        yield from sub_schemas(inner, (*pointer, "allOf", number))


CONDITIONAL = frozenset({"if", "then", "else", "not"})
"""Parts of a schema that state conditions, not fields to write."""


def properties() -> Iterator[tuple[str, Pointer, dict[str, Json]]]:
    """Yield every property of every schema file, at every depth."""
    for name in ("common", *OWN):
        schema = authored(name)
        for pointer, inner in sub_schemas(schema):
            if not CONDITIONAL & set(map(str, pointer)):
                for field, facts in inner.get("properties", {}).items():
                    yield name, (*pointer, "properties", field), facts


@pytest.mark.parametrize("name", ["common", *OWN])
def test_schemas_are_valid_and_say_what_they_are(name: str) -> None:
    schema = authored(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in schema, "check-jsonschema would resolve `$ref` from the working directory"
    Draft202012Validator.check_schema(bundled(schema))
    for _, inner in sub_schemas(schema):
        if "type" in inner:
            assert inner["type"] in WANTED
        assert "oneOf" not in inner
        assert "format" not in inner
        if "pattern" in inner:
            assert inner.get("x-hint")


@pytest.mark.parametrize("name", ["common", *OWN])
def test_every_mapping_is_closed(name: str) -> None:
    for pointer, inner in sub_schemas(authored(name)):
        if inner.get("type") == "object" and not CONDITIONAL & set(map(str, pointer)):
            keyed = "propertyNames" in inner and "additionalProperties" in inner
            assert keyed or inner.get("additionalProperties") is False, pointer


def test_every_property_has_a_description_and_examples() -> None:
    found = list(properties())
    assert len(found) > 150
    for name, pointer, facts in found:
        assert facts.get("description", "").endswith("."), (name, pointer)
        assert facts.get("examples"), (name, pointer)


def test_every_example_meets_its_own_property() -> None:
    for name, pointer, facts in properties():
        whole = bundled({**facts, "$defs": authored(name).get("$defs", {})})
        if name == "common":
            whole = json.loads(json.dumps(whole).replace('"#/$defs/common.', '"#/$defs/'))
        validator = jsonschema_rs.Draft202012Validator(whole)
        for example in facts["examples"]:
            assert validator.is_valid(example), (name, pointer, example)


def full_examples(kind: str) -> Iterator[Json]:
    """Yield files of a kind: shipped ones, and one with the example of every field."""
    yield from (one.data for one in documents()[kind])
    fields = authored(kind)["properties"]
    yield {name: facts["examples"][0] for name, facts in fields.items()}


@pytest.mark.parametrize("kind", OWN)
def test_unknown_keys_are_refused_at_every_depth(kind: str) -> None:
    tried = 0
    fast, _ = validators(kind)
    for data in full_examples(kind):
        inside = [one for one in places(data) if isinstance(at(data, one), dict)]
        for pointer in inside[:: 1 + len(inside) // MOST]:
            changed = copy.deepcopy(data)
            at(changed, pointer)["Not A Field"] = "x"
            assert not fast.is_valid(changed), pointer
            problems = SHAPES.problems(with_data(kind, changed))
            found = {one.pointer for one in problems if one.code != "MB100"}  # the slow one's words
            assert (*pointer, "Not A Field") in found
            tried += 1
    assert tried >= 2 or kind in ("manifest", "secret", "policy")


def test_units_of_the_catalog_are_the_price_fields() -> None:
    units = {"reels": {"name": "reels", "quantity": "images", "per": 1}}
    shapes = Shapes(units)
    sound = {
        "model": "a/b",
        "lifecycle": {"status": "active"},
        "sources": [{"url": "https://example.com", "checked": "2026-01-01"}],
    }
    assert shapes.problems(with_data("deployment", {**sound, "prices": [{"reels": "1"}]})) == ()
    (problem,) = shapes.problems(with_data("deployment", {**sound, "prices": [{"input": "1"}]}))
    assert (problem.code, problem.pointer) == ("MB101", ("prices", 0, "input"))


def test_no_unit_can_take_the_place_of_a_word_of_price_entries() -> None:
    entry = authored("deployment")["$defs"]["price_entry"]["properties"]
    words = {name for name, field in entry.items() if not field.get("x-unit")}
    names = authored("units")["properties"]["units"]["propertyNames"]
    assert set(names["not"]["enum"]) == words


def test_the_authored_schema_has_the_units_of_the_catalog() -> None:
    (units,) = documents()["units"]
    assert with_units(authored("deployment"), units.data["units"]) == authored("deployment")


def test_every_shipped_file_starts_with_its_modeline() -> None:
    assert len(SHIPPED) > 500
    for source in SHIPPED:
        first = source.raw.split(b"\n", 1)[0].decode()
        assert first == modeline(source)
        named = (ROOT / source.path).parent / first.partition("$schema=")[2]
        assert named.resolve() == ROOT / "schemas" / schema_of(source.kind)


def checked(name: str, files: list[Path]) -> dict[str, Json]:
    """Run the real `check-jsonschema` on files of one schema; return its report.

    Here and not in a process of its own: to start it takes longer than to check.
    """
    schema, shape = ("--schemafile", str(ROOT / "schemas" / name)), ("--output-format", "json")
    run = CliRunner().invoke(check_jsonschema.main, [*schema, *shape, *map(str, files)])
    report: dict[str, Json] = json.loads(run.stdout)
    assert run.exit_code == (report["status"] != "ok")
    return report


@pytest.mark.parametrize("name", sorted(set(map(schema_of, KINDS))))
def test_check_jsonschema_accepts_the_shipped_files(name: str) -> None:
    files = [ROOT / one.path for one in SHIPPED if schema_of(one.kind) == name]
    report = checked(name, files[:: 1 + len(files) // MOST])
    assert report["status"] == "ok", report
    assert len(files) >= 1


BROKEN = ("MB101", "MB102", "MB103", "MB104", "MB105", "MB106", "MB107", "MB108", "MB109", "MB100")


def test_check_jsonschema_refuses_what_the_compiler_refuses(tmp_path: Path) -> None:
    by_kind: dict[str, list[Path]] = {}
    for code in BROKEN:
        place = ROOT / "tests" / "rules" / code / "bad"
        for source in discover(Layer("bad", "bad/", place), walk(place)).files:
            path = f"catalog/{source.path.removeprefix('bad/')}"
            outcome = parse(SourceFile(path, source.kind, "", "", source.raw))
            if isinstance(outcome, Document) and SHAPES.problems(outcome):
                file = tmp_path / f"{code}-{source.path.replace('/', '-')}"
                file.write_bytes(source.raw)
                by_kind.setdefault(source.kind, []).append(file)
    assert len(by_kind) >= 6
    for kind, files in by_kind.items():
        report = checked(schema_of(kind), files)
        assert {one["filename"] for one in report["errors"]} == set(map(str, files))
