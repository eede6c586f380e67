"""Releases of vLLM and SGLang -> the classes that they load, and repositories with their classes.

They are read from the source, never run: the registry of vLLM with the examples of its tests and
its documents, and what the modules of SGLang name as `EntryClass`. Classes that only draft for
another model, and stand-ins for any class at all, are left out.
"""

from __future__ import annotations

import ast
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .flow import file_text
from .known import documents
from .tables import is_class, parsed
from .wheels import MAX_MEMBER, MAX_MEMBERS, CannotImportError, Wheel, decoded, version_of

KIND = "runtime-classes"
FILE = "runtime-classes.yaml"
REGISTRY = "vllm/model_executor/models/registry.py"
EXAMPLES = "tests/models/registry.py"
DOCUMENT = "docs/models/supported_models.md"
ENTRIES = r"sglang/srt/models/[a-z0-9_]+\.py"
NOT_SERVED = frozenset({"_SPECULATIVE_DECODING_MODELS", "_TRANSFORMERS_BACKEND_MODELS"})
SDIST = re.compile(r"vllm-(?P<version>[0-9][A-Za-z0-9_.!+]*)\.tar\.gz")
ROW = re.compile(r"\| `(\w+)`(?:<sup>[^|]*)? \|")
ANSWERING = {"Text Generation": "T", "Transcription": "A"}
"""Sections of the document whose models answer with text, and what they read without a column."""
LETTERS = {"T": "text", "I": "image", "V": "video", "A": "audio"}
REPOSITORY = re.compile(r"`([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)`")
URLS = {
    "vllm": "https://github.com/vllm-project/vllm",
    "sglang": "https://github.com/sgl-project/sglang",
}
NOTES = {
    "vllm": f"{REGISTRY}; repositories from {EXAMPLES} and {DOCUMENT}",
    "sglang": "EntryClass in sglang/srt/models",
}


@dataclass(frozen=True, slots=True)
class Loads:
    """What one release of a runtime loads."""

    runtime: str
    version: str
    classes: frozenset[str]
    repositories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """HuggingFace repository to the classes that the release says it has."""
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Class to what models of it read, for those that answer with text."""

    @property
    def named(self) -> str:
        """Return how files call this release."""
        return f"{self.runtime} {self.version}"


def loads(path: Path) -> Loads:
    """Return what a release loads: vLLM's source archive or SGLang's wheel.

    Raises `CannotImportError`.
    """
    return _vllm(path) if path.name.endswith(".tar.gz") else _sglang(path)


def _vllm(path: Path) -> Loads:
    """Return what a source archive of vLLM says."""
    named = SDIST.fullmatch(path.name)
    if named is None:
        hint = "name a file such as vllm-0.33.0.tar.gz, or a wheel of sglang"
        raise CannotImportError(f"`{path.name}` is no source archive of vllm", hint)
    version_of(named["version"])
    texts = _members(path, (REGISTRY, EXAMPLES, DOCUMENT))
    classes = frozenset(_registry(texts[REGISTRY], f"{path.name}:{REGISTRY}"))
    pairs = [*_tested(texts[EXAMPLES], f"{path.name}:{EXAMPLES}"), *_documented(texts[DOCUMENT])]
    found: dict[str, set[str]] = {}
    for repository, name in pairs:
        if name in classes:
            found.setdefault(repository, set()).add(name)
    return Loads(
        "vllm",
        named["version"],
        classes,
        {repository: tuple(sorted(names)) for repository, names in sorted(found.items())},
        {name: read for name, read in _reads(texts[DOCUMENT]).items() if name in classes},
    )


def _members(path: Path, wanted: Sequence[str]) -> dict[str, str]:
    """Return the text of some files of a source archive; all of them must be there."""
    found: dict[str, str] = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for position, member in enumerate(archive):
                name = member.name.partition("/")[2]
                if position > MAX_MEMBERS or len(found) == len(wanted):
                    break
                if name in wanted and member.isreg():
                    found[name] = _member(archive, member, path)
    except (tarfile.TarError, zlib.error, OSError, EOFError, ValueError) as error:
        raise CannotImportError(f"`{path}` cannot be read as a source archive: {error}") from None
    missing = [name for name in wanted if name not in found]
    if missing:
        raise CannotImportError(f"`{path.name}` has no file `{missing[0]}`", "is its layout new?")
    return found


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> str:
    """Return the text of one file of an open source archive."""
    if member.size > MAX_MEMBER:
        message = f"`{member.name}` in `{path.name}` has more than {MAX_MEMBER:,} bytes"
        raise CannotImportError(message)
    file = archive.extractfile(member)
    raw = file.read(MAX_MEMBER) if file else b""
    return decoded(raw, f"`{member.name}` in `{path.name}`")


def _registry(source: str, where: str) -> Iterator[str]:
    """Yield the classes of the tables that make up `_VLLM_MODELS`, drafts left out."""
    tables = {
        node.targets[0].id: node.value
        for node in parsed(source, where).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Dict)
    }
    whole = tables.get("_VLLM_MODELS")
    spread = [one.id for one in whole.values if isinstance(one, ast.Name)] if whole else []
    if not spread or not tables.keys() >= {*spread}:
        message = f"{where}: `_VLLM_MODELS` is not made of tables in the same file"
        raise CannotImportError(message, "teach `modelbook_importers.runtimes` to read it")
    for name in spread:
        if name not in NOT_SERVED:
            yield from (one for one in map(_text, tables[name].keys) if is_class(one))


def _text(node: ast.expr | None) -> str:
    """Return the text that an expression is, empty for any other."""
    literal = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if literal and isinstance(node, ast.Constant) else ""


def _tested(source: str, where: str) -> Iterator[tuple[str, str]]:
    """Yield the repositories that the tests load, with the class of each.

    One that is loaded as another class than its own (`architectures` overridden) says nothing.
    """
    for table in ast.walk(parsed(source, where)):
        for key, value in (
            zip(table.keys, table.values, strict=True) if isinstance(table, ast.Dict) else ()
        ):
            if not isinstance(value, ast.Call) or "architectures" in ast.dump(value):
                continue
            named = {one.arg: one.value for one in value.keywords}
            extras = named.get("extras")
            more = extras.values if isinstance(extras, ast.Dict) else []
            for repository in filter(None, map(_text, [*value.args[:1], *more])):
                yield repository, _text(key)


def _documented(text: str) -> Iterator[tuple[str, str]]:
    """Yield the repositories in the tables of a document, with the one class of their row."""
    for line in text.splitlines():
        row = ROW.match(line)
        if row:
            yield from ((repository, row[1]) for repository in REPOSITORY.findall(line))


def _reads(text: str) -> dict[str, tuple[str, ...]]:
    """Return what models of a class read, by the tables of a document of models that answer.

    A class that stands in several tables reads what all of them say.
    """
    found: dict[str, set[str]] = {}
    kind, columns = "", list[str]()
    for line in text.splitlines():
        if line.startswith("#"):
            kind, columns = line.lstrip("# "), []
        cells = [cell.strip() for cell in line.split("|")]
        row = ROW.match(line)
        if "Architecture" in cells:
            columns = cells
        elif row and kind in ANSWERING and columns:
            told = cells[columns.index("Inputs")] if "Inputs" in columns else ANSWERING[kind]
            letters = re.findall(r"\b[TIVA]\b", re.sub("<sup>.*?</sup>", "", told))
            found.setdefault(row[1], set()).update(LETTERS[one] for one in letters)
    order = [*LETTERS.values()]
    return {name: tuple(sorted(read, key=order.index)) for name, read in found.items() if read}


def _sglang(path: Path) -> Loads:
    """Return what a wheel of SGLang says."""
    with closing(Wheel(path, "sglang")) as wheel:
        found = [
            name
            for file in wheel.names(ENTRIES)
            for name in _entries(wheel.text(file), f"{path.name}:{file}")
        ]
        if not found:
            raise CannotImportError(f"`{path.name}` names no EntryClass", "is its layout new?")
        return Loads("sglang", wheel.version, frozenset(found))


def _entries(source: str, where: str) -> Iterator[str]:
    """Yield the classes that a module names as its entries."""
    if "\nEntryClass" not in source:
        return
    for node in parsed(source, where).body:
        if isinstance(node, ast.Assign) and "EntryClass" in ast.unparse(node.targets[0]):
            value = node.value
            for one in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
                if not isinstance(one, ast.Name):
                    raise CannotImportError(f"{where}:{node.lineno}: `EntryClass` is no class")
                yield one.id


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What reading some releases does to the table."""

    text: str | None
    """The file as it should be; None if it says the same already."""
    new: tuple[str, ...]
    """Classes that a runtime loads now, as `vllm: LlamaForCausalLM`."""
    gone: tuple[str, ...]
    """Classes that it loads no more."""

    def parts(self) -> dict[str, list[str]]:
        """Return the parts of a summary by name."""
        return {"new": list(self.new), "gone": list(self.gone)}


def runtime_table(root: Path, releases: Sequence[Loads], checked: str) -> TableChanges:
    """Return what some releases change in a catalog's table; other runtimes stay as they were.

    Of two releases of one runtime the newer one counts. `checked` is the day, UTC. Raises
    `CannotImportError` for a catalog that cannot be read.
    """
    kept = documents(root, (KIND,)).get((KIND, KIND))
    old: Mapping[str, Any] = kept.data if kept else {"runtimes": [], "classes": {}, "sources": []}
    by_age = sorted(releases, key=lambda one: version_of(one.version))
    news = {one.runtime: one for one in by_age}
    classes = _classes(old["classes"], news)
    before, after = _pairs(old["classes"]), _pairs(classes)
    runtimes = {one["provider"]: one for one in old["runtimes"]}
    runtimes |= {
        name: {"provider": name, "release": one.named, "url": URLS[name]}
        for name, one in news.items()
    }
    table = {"runtimes": [runtimes[name] for name in sorted(runtimes)], "classes": classes}
    same = all(old[name] == value for name, value in table.items())
    text = None if same else _file(table, old["sources"], news, checked)
    return TableChanges(text, tuple(sorted(after - before)), tuple(sorted(before - after)))


def _file(
    table: Mapping[str, Any], sources: Sequence[Any], news: Mapping[str, Loads], checked: str
) -> str:
    """Return the text of the table, its sources with the releases that were read now."""
    told = {one["url"]: one for one in sources}
    for name, one in news.items():
        note = f"{one.named}: {NOTES[name]}"
        told[URLS[name]] = {"url": URLS[name], "checked": checked, "note": note}
    data = {**table, "sources": [told[url] for url in sorted(told)]}
    return file_text(f"catalog/{FILE}", KIND, data)


def _pairs(classes: Mapping[str, Any]) -> set[str]:
    """Return what is loaded by what, as lines."""
    return {f"{user}: {name}" for name, facts in classes.items() for user in facts["runtimes"]}


def _classes(old: Mapping[str, Any], news: Mapping[str, Loads]) -> dict[str, dict[str, Any]]:
    """Return each class with the runtimes that load it, and repositories that have it."""
    runtimes: dict[str, set[str]] = {}
    repositories: dict[str, set[str]] = {}
    reads: dict[str, Sequence[str]] = {}
    for name, facts in old.items():
        runtimes[name] = {one for one in facts["runtimes"] if one not in news}
        if "vllm" not in news:  # only vLLM names repositories
            repositories[name] = {*facts.get("repositories", ())}
            reads[name] = facts.get("reads", ())
    for one in news.values():
        for name in one.classes:
            runtimes.setdefault(name, set()).add(one.runtime)
        for repository, names in one.repositories.items():
            for name in names:
                repositories.setdefault(name, set()).add(repository)
        reads |= one.reads
    out: dict[str, dict[str, Any]] = {}
    for name in sorted(name for name, users in runtimes.items() if users):
        out[name] = {"runtimes": sorted(runtimes[name])}
        if repositories.get(name):
            out[name]["repositories"] = sorted(repositories[name])
        if reads.get(name):
            out[name]["reads"] = list(reads[name])
    return out
