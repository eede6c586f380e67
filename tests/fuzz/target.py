"""Any bytes as a catalog file -> the promises of the compiler, asserted.

An input is the name of a kind, a line break, and what follows the modeline of a file of that kind.
Any other input is a whole file, of a model. The file stands in a small catalog that is in order.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modelbook_compiler.build import check
from modelbook_compiler.credentials import credentials, redacted
from modelbook_compiler.diagnostics import Diagnostic, ordered
from modelbook_compiler.discover import place
from modelbook_compiler.emit import json as json_file
from modelbook_compiler.emit import python
from modelbook_compiler.lower import BOOKKEEPING
from modelbook_compiler.modeline import modeline
from modelbook_compiler.parse import parse
from modelbook_compiler.positions import Positions
from modelbook_compiler.report import machine, text
from modelbook_compiler.rules.facts import frozen
from modelbook_compiler.shape import Shapes
from modelbook_compiler.values import Document, SourceFile

MINI = Path(__file__).resolve().parent.parent / "mini" / "catalog"
CORPUS = Path(__file__).resolve().parent / "corpus"
SECONDS = 1.0
"""Most of the processor's time that one file may take."""

PLACES = {
    "architecture": "architectures/llama.yaml",
    "currencies": "currencies.yaml",
    "deployment": "providers/acme/deployments/alpha-1-2025-08-15.yaml",
    "manifest": "catalog.yaml",
    "model": "models/acme/alpha-1.yaml",
    "pipeline": "pipelines/text-generation.yaml",
    "pipeline-aliases": "pipeline-aliases.yaml",
    "policy": "policies/cheap-chat.yaml",
    "provider": "providers/acme/provider.yaml",
    "secret": "secrets/acme/api_key.yaml",
    "units": "units.yaml",
}
"""Kind to the file of the small catalog that an input of the kind replaces."""

CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
TABLES = {
    "model": ("models/acme.py", "MODELS", "alpha-1"),
    "deployment": ("providers/acme.py", "DEPLOYMENTS", "alpha-1-2025-08-15"),
    "pipeline": ("_pipelines.py", "PIPELINES", "text-generation"),
}
"""Kind to the module, the table and the key that hold what the file says."""

Syntax = tuple[type[ast.AST], ...]
LITERAL: Syntax = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.UnaryOp, ast.USub, ast.Load)
STATEMENT: Syntax = (ast.Module, ast.ImportFrom, ast.alias, ast.Assign, ast.AnnAssign, ast.Name)
TYPES: Syntax = (ast.Store, ast.If, ast.Subscript, ast.Expr)


def source_of(data: bytes) -> SourceFile:
    """Return the catalog file that an input stands for."""
    head, _, body = data.partition(b"\n")
    kind = head.decode("latin-1")
    path = f"catalog/{PLACES.get(kind, PLACES['model'])}"
    placed = place(path.removeprefix("catalog/"))
    assert not isinstance(placed, str)
    source = SourceFile(path, *placed, "mini", data)
    if kind not in PLACES:
        return source
    return SourceFile(path, *placed, "mini", modeline(source).encode() + b"\n" + body)


class Target:
    """The promises, held against one input after the other."""

    def __init__(self, scratch: Path) -> None:
        self.catalog = shutil.copytree(MINI, scratch / "catalog")
        units = parse(source_of(b"units\n" + (MINI / "units.yaml").read_bytes()))
        assert isinstance(units, Document)
        self.shapes = Shapes(units.data["units"])
        for kind in PLACES:  # made before the clock runs
            self.shapes.problems(Document(source_of(kind.encode() + b"\n"), {}))

    def __call__(self, data: bytes) -> None:
        """Raise `AssertionError`, or whatever the compiler raises, if a promise is broken."""
        source = source_of(data)
        started = time.process_time()
        document, found = self.read(source)
        reported(found, Positions({source.path: source.raw}))
        took = time.process_time() - started
        assert took < SECONDS, f"one file took {took:.1f} s"
        if document and not found:
            self.compiled(source, document)

    def read(self, source: SourceFile) -> tuple[Document | None, tuple[Diagnostic, ...]]:
        """Return the document of a file, if it is one, and what is wrong with its text or shape."""
        outcome, positions = parse(source), Positions({source.path: source.raw})
        assert isinstance(outcome, Document | Diagnostic)
        problems = [*credentials(source)]
        if isinstance(outcome, Diagnostic):
            problems.append(outcome)
        else:
            plain = json.dumps(outcome.data, allow_nan=False, ensure_ascii=False)
            assert json.loads(plain) == outcome.data
            assert not CONTROL.search(plain), "a value hides what it says"
            problems.extend(self.shapes.problems(outcome))
        document = outcome if isinstance(outcome, Document) else None
        return document, ordered(redacted(positions.located(one)) for one in problems)

    def compiled(self, source: SourceFile, document: Document) -> None:
        """Check the small catalog with the file in it, and read back what it compiles to."""
        path = self.catalog / source.path.removeprefix("catalog/")
        kept = path.read_bytes()
        path.write_bytes(source.raw)
        try:
            checked = check(self.catalog)
        finally:
            path.write_bytes(kept)
        reported(checked.diagnostics, checked.positions)
        if not checked.sound:
            return
        book = checked.book()
        assert json.loads(json_file.document(book))
        modules = {one.path: one.content for one in python.package(book, "mini")}
        for name, content in modules.items():
            if name != "mini/__init__.py" and name.endswith(".py"):
                harmless(name, content)
        if source.kind in TABLES:
            module, table, key = TABLES[source.kind]
            said(tables(modules[f"mini/{module}"])[table][key], document)
        if source.kind == "provider":
            said(tables(modules["mini/providers/acme.py"])["PROVIDER"], document)


def reported(found: tuple[Diagnostic, ...], positions: Positions) -> None:
    """Print diagnostics in every format; see that each is one thing and hides nothing."""
    for one in found:
        assert one.span is not None
        assert min(one.span.line, one.span.column, one.span.end_line, one.span.end_column) >= 1
        assert (one.span.line, one.span.column) <= (one.span.end_line, one.span.end_column)
    shown = text.render(found, positions, colour=False)
    assert not CONTROL.search(shown.replace("\n", "")), "a control character is shown"
    heads = [line for line in shown.split("\n") if re.match(r"(error|warning)\[MB\d{3}\]: ", line)]
    assert len(heads) == len(found), "a message is not one line"
    assert len(text.render(found, positions, colour=True)) >= len(shown)
    problems = json.loads(machine.as_json(found, 1))["problems"]
    assert len(problems) == len(found)
    results = json.loads(machine.as_sarif(found))["runs"][0]["results"]
    assert not any(CONTROL.search(one["message"]["text"]) for one in results)
    github = machine.as_github(found)
    assert not CONTROL.search(github.replace("\n", ""))
    lines = github.split("\n") if found else []
    assert [line for line in lines if re.match(r"::(error|warning) file=catalog/", line)] == lines
    assert len(lines) == len(found)


def tables(content: bytes) -> Mapping[str, Any]:
    """Return the values that a generated module assigns."""
    return dict(_assigned(ast.parse(content)))


def _assigned(module: ast.Module) -> Iterator[tuple[str, Any]]:
    """Yield name and value of what a module assigns."""
    for node in module.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            name = node.targets[0] if isinstance(node, ast.Assign) else node.target
            assert isinstance(name, ast.Name)
            yield name.id, ast.literal_eval(node.value)


def harmless(name: str, content: bytes) -> None:
    """Refuse a generated module with anything in it that runs."""
    assert content.isascii()
    for node in ast.walk(ast.parse(content)):
        assert isinstance(node, LITERAL + STATEMENT + TYPES), (name, ast.dump(node)[:100])
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant), name
        if isinstance(node, ast.If):
            assert ast.unparse(node.test) == "TYPE_CHECKING", name
        if isinstance(node, ast.ImportFrom):
            assert node.module in ("__future__", "typing", "collections.abc", "modelbook.rows")


def said(row: Mapping[str, Any], document: Document) -> None:
    """Demand that a generated row says exactly what the file says."""
    for key, value in document.data.items():
        assert key in BOOKKEEPING or row[key] == frozen(value), key
