"""The house stays as it was drawn: import arrows, order of stages, size and manners of the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "modelbook": ROOT / "runtime" / "modelbook",
    "modelbook_catalog": ROOT / "generated" / "modelbook_catalog",
    "modelbook_cli": ROOT / "compiler" / "modelbook_cli",
    "modelbook_compiler": ROOT / "compiler" / "modelbook_compiler",
    "modelbook_exporters": ROOT / "compiler" / "modelbook_exporters",
    "modelbook_importers": ROOT / "compiler" / "modelbook_importers",
}
MAY_IMPORT = {
    "modelbook": {"modelbook"},
    "modelbook_catalog": {"modelbook_catalog", "modelbook"},
    "modelbook_compiler": {"modelbook_compiler", "modelbook"},
    "modelbook_importers": {"modelbook_importers", "modelbook_compiler", "modelbook"},
    "modelbook_exporters": {
        "modelbook_exporters",
        "modelbook_importers",
        "modelbook_compiler",
        "modelbook",
    },
    "modelbook_cli": set(FOLDERS),
}
STAGES = (
    ("diagnostics", "values", "codes", "artifacts", "files", "manifests", "names", "resources"),
    ("suspects",),
    (
        "credentials",
        "fixes",
        "git",
        "groups",
        "guarded",
        "imported",
        "modeline",
        "operations",
        "partial",
        "patterns",
        "speaking",
        "wire_names",
        "yaml_slow",
        "yaml_nodes",
        "positions",
        "references",
        "scanning",
        "schemas",
    ),
    ("discover",),
    ("parse",),
    ("adopt", "shape"),
    ("merge",),
    ("packed",),
    ("layers",),
    ("texts",),
    ("naming", "link", "disputed", "usage"),
    ("rules",),
    ("traced", "examine", "blame"),
    ("store",),
    ("look", "recall", "remember"),
    ("settle",),
    ("book", "lower"),
    ("digests", "shapes", "emit"),
    ("bulk",),
    ("publish",),
    ("report", "compilation", "build", "why"),
)
"""Modules of the compiler, in order: each may import what stands in its own line or above."""
HAND_WRITTEN = (
    "modelbook",
    "modelbook_cli",
    "modelbook_compiler",
    "modelbook_exporters",
    "modelbook_importers",
)


def files(*packages: str) -> list[Path]:
    """Return the source files of some packages."""
    return [path for name in packages for path in sorted(FOLDERS[name].rglob("*.py"))]


@cache
def tree(path: Path) -> ast.Module:
    """Return a parsed source file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def dotted(path: Path) -> str:
    """Return the import name of a source file."""
    root = next(root for root in FOLDERS.values() if path.is_relative_to(root))
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements in a syntax tree, however deep: an expression holds none."""
    for inner in ast.iter_child_nodes(node):
        if not isinstance(inner, ast.expr):
            yield inner
            yield from statements(inner)


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, wherever in the file, relative ones resolved."""
    name = dotted(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in statements(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1])
            source = ".".join(filter(None, [base if node.level else "", node.module]))
            yield from (f"{source}.{alias.name}" for alias in node.names)


def place(path: Path) -> str:
    """Return how a message calls a file."""
    return path.relative_to(ROOT).as_posix()


def crossings(packages: tuple[str, ...], forbidden: re.Pattern[str]) -> list[str]:
    """Return the imports of some packages that match a pattern."""
    return [
        f"{place(path)} imports {name}"
        for path in files(*packages)
        for name in imports(path)
        if forbidden.match(name)
    ]


@pytest.mark.parametrize("package", FOLDERS)
def test_imports_go_one_way(package: str) -> None:
    others = "|".join(sorted(set(FOLDERS) - MAY_IMPORT[package])) or "(?!)"
    assert not crossings((package,), re.compile(rf"({others})(\.|$)"))


def test_the_core_of_the_runtime_needs_the_standard_library_alone() -> None:
    known = {*sys.stdlib_module_names, "modelbook"}
    core = [path for path in files("modelbook") if path.parent == FOLDERS["modelbook"]]
    foreign = {(place(p), name) for p in core for name in imports(p)}
    assert not {one for one in foreign if one[1].partition(".")[0] not in known}


def test_diagnostics_import_nothing_of_ours() -> None:
    path = FOLDERS["modelbook_compiler"] / "diagnostics.py"
    assert not [name for name in imports(path) if name.startswith("modelbook")]


def test_rules_write_nothing() -> None:
    found = crossings(("modelbook_compiler",), re.compile(r"modelbook_compiler\.(emit|publish)\b"))
    assert not [one for one in found if "/rules/" in one]


def test_emitters_see_the_book_alone() -> None:
    earlier = r"modelbook_compiler\.(discover|parse|shape|merge|link|rules|lower)\b"
    found = crossings(("modelbook_compiler",), re.compile(earlier))
    assert not [one for one in found if "/emit/" in one]


def stage(name: str) -> int | None:
    """Return the line of the table that a module of the compiler stands in."""
    part = name.split(".")[1] if "." in name else ""
    return next((n for n, line in enumerate(STAGES) if part in line), None)


def test_the_compiler_goes_one_direction() -> None:
    back = [
        f"{place(path)} imports {name}, which comes later"
        for path in files("modelbook_compiler")
        for name in imports(path)
        if name.startswith("modelbook_compiler.")
        and (stage(name) or 0) > (stage(dotted(path)) or 0)
        and dotted(path) != "modelbook_compiler"
    ]
    assert not back


def test_every_module_of_the_compiler_has_its_place_in_the_order() -> None:
    names = {dotted(path) for path in files("modelbook_compiler")} - {"modelbook_compiler"}
    assert not {name for name in names if stage(name) is None}
    present = {name.split(".")[1] for name in names}
    assert not {part for line in STAGES for part in line} - present


def functions() -> Iterator[tuple[str, int]]:
    """Yield every hand-written function with its lines, docstring not counted."""
    for path in files(*HAND_WRITTEN):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                words = ast.get_docstring(node) is not None
                docs = (first.end_lineno or 0) - first.lineno + 1 if words else 0
                lines = (node.end_lineno or 0) - node.lineno + 1 - docs
                yield f"{place(path)}:{node.lineno} {node.name}", lines


def test_functions_are_small() -> None:
    lengths = dict(functions())
    assert not {name: lines for name, lines in lengths.items() if lines > 60}
    assert median(lengths.values()) <= 8
    assert quantiles(lengths.values(), n=10)[-1] <= 25


def test_files_are_small() -> None:
    lengths = [len(path.read_text().splitlines()) for path in files(*HAND_WRITTEN)]
    assert median(lengths) <= 150


def undocumented(node: ast.AST, where: str) -> Iterator[str]:
    """Yield the public names in a module or class that say nothing of themselves."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and not ast.get_docstring(
        node
    ):
        yield where
    if isinstance(node, ast.Module | ast.ClassDef):
        for inner in node.body:
            if not isinstance(inner, ast.ClassDef | ast.FunctionDef) or inner.name[0] == "_":
                continue
            stub = [getattr(one, "id", "") for one in inner.decorator_list] == ["overload"]
            if not stub:
                yield from undocumented(inner, f"{where} {inner.name}")


def test_everything_public_says_what_it_is() -> None:
    paths = files(*FOLDERS)
    assert not [name for path in paths for name in undocumented(tree(path), place(path))]


def test_only_the_command_line_prints() -> None:
    quiet = files(*(name for name in FOLDERS if name != "modelbook_cli"))
    loud = [
        f"{place(path)}:{node.lineno}"
        for path in [*quiet, *sorted((ROOT / "packaging").glob("*.py"))]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert not loud


def test_the_compiler_has_no_clock_and_no_dice() -> None:
    chance = re.compile(r"(time|random|uuid|secrets)(\.|$)")
    without = ("modelbook_compiler", "modelbook_exporters", "modelbook_importers")
    asked = [
        f"{place(path)}:{node.lineno} asks .{node.attr}"
        for path in files(*without)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today")
    ]
    assert not [*asked, *crossings(without, chance)]


def tracked() -> list[Path]:
    """Return the files in git, or all files of the source folders where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = [path for root in FOLDERS.values() for path in root.rglob("*.py")]
    return [path for path in found if path.is_file()]


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    hosts = ("pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "--index-" + "url=")
    homes = "|".join(("home", "Users", "root", "work"))
    machine = re.compile(rf"(?<![\w.:/~*)\]}}-])/(?:{homes})/\w")
    wrong: list[str] = []
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        wrong += [f"{place(path)}: {host}" for host in hosts if host in text]
        wrong += [f"{place(path)}: {hit.group()}" for hit in machine.finditer(text)]
    assert not wrong
