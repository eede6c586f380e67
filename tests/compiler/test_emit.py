"""The generated package: literals only, text exactly as the catalog says, the same as committed."""

from __future__ import annotations

import ast
import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelbook_compiler.artifacts import Artifact
from modelbook_compiler.build import check
from modelbook_compiler.discover import place
from modelbook_compiler.emit import json as json_file
from modelbook_compiler.emit import python
from modelbook_compiler.emit.literals import lines, literal
from modelbook_compiler.parse import parse
from modelbook_compiler.rules.facts import frozen
from modelbook_compiler.values import Document, Json, SourceFile

GOLDEN = Path(__file__).parent.parent / "golden" / "mini"

HOSTILE = (
    "\"quoted\" 'both' \"\"\" '''",
    "back\\slash \\n \\x41 \\N{DASH} \\",
    "{{ 7 * 7 }} {% include 'x' %} {# gone #}",
    "{0} {name} %s %(x)s $x ${x}",
    "# comment: no; -- SQL'; DROP TABLE models; /* */",
    "}, ), ] __import__('os').system('x')",
    "Ünïcode 模型 \U0001f600 \u00a0. \u3000.",
    "- item: {a: 1} & *x !y | > @ `",
    "<script>alert(1)</script> &amp;",
    "9" * 300,
)


def package(catalog: Path, name: str = "mini_catalog") -> list[Artifact]:
    """Return the files of a catalog's generated package."""
    checked = check(catalog)
    assert checked.diagnostics == ()
    return list(python.package(checked.book(), name))


def test_the_package_is_as_committed(mini: Path) -> None:
    found = {one.path: one.content for one in package(mini)}
    if os.environ.get("UPDATE_GOLDEN"):
        for path, content in found.items():
            (GOLDEN / f"{path}.txt").parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / f"{path}.txt").write_bytes(content)
    committed = {
        path.relative_to(GOLDEN).as_posix().removesuffix(".txt"): path.read_bytes()
        for path in GOLDEN.rglob("*.txt")
    }
    assert found == committed


LITERAL = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.UnaryOp, ast.USub, ast.Load)
STATEMENT = (ast.Module, ast.ImportFrom, ast.alias, ast.Assign, ast.AnnAssign, ast.Name, ast.Store)
TYPES = (ast.If, ast.Subscript)


def test_modules_hold_literals_and_nothing_that_runs(mini: Path) -> None:
    for one in package(mini):
        if not one.path.endswith(".py") or one.path == "mini_catalog/__init__.py":
            continue
        for node in ast.walk(ast.parse(one.content)):
            plain = isinstance(node, LITERAL + STATEMENT + TYPES)
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            assert plain or docstring, (one.path, ast.dump(node)[:100])
            if isinstance(node, ast.If):
                assert ast.unparse(node.test) == "TYPE_CHECKING"
            if isinstance(node, ast.Assign | ast.AnnAssign) and not one.path.endswith("_ids.py"):
                ast.literal_eval(node.value or ast.Constant(None))
            if isinstance(node, ast.ImportFrom):
                assert node.module in ("__future__", "typing", "collections.abc", "modelbook.rows")


def test_only_ids_and_functions_are_in_the_front(mini: Path) -> None:
    front = next(one for one in package(mini) if one.path.endswith("catalog/__init__.py"))
    assert b"acme" not in front.content
    assert b"alpha" not in front.content
    kinds = {type(node) for node in ast.parse(front.content).body}
    assert kinds == {
        *(ast.Expr, ast.ImportFrom, ast.Assign, ast.If, ast.AnnAssign, ast.FunctionDef)
    }


def test_every_file_is_ascii_and_ends_in_a_line_break(mini: Path) -> None:
    for one in package(mini):
        assert one.content.isascii()
        assert not one.content or one.content.endswith(b"\n")
        assert b"\r" not in one.content


FOR_PEOPLE = frozenset({"name", "title", "note", "description", "reason", "size"})


def fields(value: Json, within: str | int = "") -> Iterator[tuple[Json, str | int]]:
    """Yield holder and key of every text for people in a file."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(inner, dict | list):
            yield from fields(inner, key)
        elif key in FOR_PEOPLE or within == "subtasks":
            yield value, key


def data_of(catalog: Path, relative: str) -> Json:
    """Return what the compiler reads in a file."""
    placed = place(relative)
    assert not isinstance(placed, str)
    raw = (catalog / relative).read_bytes()
    outcome = parse(SourceFile(f"catalog/{relative}", *placed, "catalog", raw))
    assert isinstance(outcome, Document)
    return outcome.data


def make_hostile(catalog: Path, text: str) -> dict[str, Json]:
    """Put a text in every field for people; return path to the data it was put in."""
    written: dict[str, Json] = {}
    for path in sorted(catalog.rglob("*.yaml")):
        relative = path.relative_to(catalog).as_posix()
        data = written[relative] = data_of(catalog, relative)
        for holder, key in fields(data):
            if (relative, key) != ("catalog.yaml", "name"):
                holder[key] = text
        modeline = path.read_text(encoding="utf-8").partition("\n")[0]
        body = json.dumps(data, ensure_ascii=False, indent=1)
        path.write_text(f"{modeline}\n{body}\n", encoding="utf-8")
    return written


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_any_text_comes_back_exactly(
    number: int, mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, name = HOSTILE[number], f"hostile_{number}"
    snapshot = mini / "providers/acme/deployments/alpha-1-2025-08-15.yaml"
    snapshot.write_text(snapshot.read_text().replace("{tier: batch}", "{size: x}"))
    written = make_hostile(mini, text)
    for one in package(mini, name):
        (tmp_path / one.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / one.path).write_bytes(one.content)
    monkeypatch.syspath_prepend(tmp_path)
    generated = import_module(name)
    model = generated.get_model("acme/alpha-1")
    assert model.name == text
    assert generated.get_provider("acme").name == text
    assert generated.get_pipeline("text-generation").name == text
    assert {one.when.size for one in generated.get_deployment("acme:alpha-1").prices} >= {text}
    rows = import_module(f"{name}.models.acme").MODELS
    assert rows["alpha-1"] == frozen(written["models/acme/alpha-1.yaml"])
    providers = import_module(f"{name}.providers.acme")
    assert frozen(written["providers/acme/provider.yaml"]) == providers.PROVIDER
    pipelines = import_module(f"{name}._pipelines").PIPELINES
    subtasks = pipelines["text-generation"]["subtasks"]
    assert set(subtasks.values()) == {text}
    tables = json.loads(json_file.document(check(mini).book()))
    assert {row["name"] for row in tables["models"]} == {text}
    assert tables["meta"][0]["title"] == text
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)


texts = st.text(st.characters(), max_size=30)
rows = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(rows)
@settings(deadline=None)
def test_literals_read_back_as_they_were(value: Json) -> None:
    source = literal(frozen(value))
    assert source.isascii()
    assert "\n" not in source
    assert ast.literal_eval(source) == frozen(value)


@given(st.dictionaries(texts, rows, max_size=4), st.sampled_from([0, 4]))
@settings(deadline=None)
def test_rows_read_back_as_they_were(row: dict[str, Json], indent: int) -> None:
    assert ast.literal_eval(lines(frozen(row), indent)) == frozen(row)
