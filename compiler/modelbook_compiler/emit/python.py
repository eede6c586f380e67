"""Book -> the generated Python package, as text files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jinja2
from modelbook import FORMAT
from modelbook.indexing import index
from modelbook.names import fold
from modelbook.offers import more, providers, served
from modelbook.snapshot import of_bytes

from ..artifacts import Artifact
from ..book import Book, Listed
from ..digests import by_creator, by_provider, decision, module_names, modules, registry
from ..resources import TEMPLATES
from ..shapes import shapes
from .literals import lines, literal

TYPES = {
    "API_MODES": "Rows",
    "AUTO_CLASSES": "Mapping[str, tuple[str, ...]]",
    "LIBRARIES": "Rows",
    "MODEL_TYPES": "Mapping[str, tuple[str, ...]]",
}
"""Tables of the module `_decision` that are mappings, with their types."""


def package(book: Book, name: str) -> Iterator[Artifact]:
    """Yield every file of the package `name`."""
    digests = modules(book)
    written: dict[str, str] = {}
    for file, view in _views(book, digests):
        template, _, module = file.partition("|")
        text = _render(template, view)
        path = f"{module or template}.py"
        written[path] = of_bytes(text)
        yield Artifact(f"{name}/{path}", text)
    yield Artifact(
        f"{name}/_digests.py", _render("_digests", {"files": _pairs(dict(sorted(written.items())))})
    )
    yield Artifact(f"{name}/py.typed", b"")


def _render(template: str, view: Mapping[str, Any]) -> bytes:
    """Return the bytes of a module."""
    text = _environment().get_template(f"{template}.py.j2").render(view, format=FORMAT)
    return text.encode("ascii")


def _views(book: Book, digests: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield template (and module, if it has another name) with the flat values it shows."""
    yield "__init__", {}
    yield "_ids", _ids(book)
    yield "_index", {"groups": _index(book)}
    yield "_more", _more(book)
    yield "_aliases", {"models": _aliases(book.models), "deployments": _aliases(book.deployments)}
    yield (
        "_architectures",
        {
            "rows": [(literal(one.id), literal(one.row)) for one in book.architectures],
            "digest": literal(digests["_architectures"]),
        },
    )
    yield (
        "_pipelines",
        {
            "rows": _rows(book.pipelines, ""),
            "aliases": _pairs(_spellings(book)),
            "ambiguous": _pairs(_folded(book.pipeline_ambiguous)),
            "patterns": _pairs(book.pipeline_patterns),
            "digest": literal(digests["_pipelines"]),
        },
    )
    found = decision(book)
    yield (
        "_decision",
        {
            "tables": [(name, _pairs(found[name])) for name in TYPES],
            "types": TYPES,
            "suffixes": [literal(row) for row in found["SUFFIXES"]],
            "api_modalities": [literal(row) for row in found["API_MODALITIES"]],
            "digest": literal(digests["_decision"]),
        },
    )
    tables = [(name, _lines(rows)) for name, rows in registry(book).items()]
    yield "_registry", {"tables": tables, "digest": literal(digests["_registry"])}
    shaped = shapes(book.units)
    yield "_shapes", {"shapes": [(literal(name), literal(shaped[name])) for name in shaped]}
    creators, providers = by_creator(book), by_provider(book)
    model_modules, provider_modules = module_names(creators), module_names(providers)
    bulk = literal(book.bulk.digest) if book.bulk else ""
    yield "folder|models/__init__", {"modules": _pairs(model_modules), "bulk": bulk}
    yield "folder|providers/__init__", {"modules": _pairs(provider_modules), "bulk": ""}
    for creator, name in model_modules.items():
        module = f"models/{name}"
        yield f"models|{module}", _module(f"{creator}/", creators[creator], digests, module)
    known = {one.id: one.row for one in book.providers}
    for provider, name in provider_modules.items():
        module = f"providers/{name}"
        view = _module(f"{provider}:", providers[provider], digests, module)
        yield f"providers|{module}", {**view, "provider": lines(known[provider], 0)}


def _index(book: Book) -> list[tuple[str, list[str]]]:
    """Return traits and lines of the index, as Python source."""
    groups = index(one.record for one in book.deployments)
    return [(literal(traits), [literal(line) for line in lines]) for traits, lines in groups]


def _more(book: Book) -> dict[str, Any]:
    """Return the view of the second table."""
    deployments = [(one.row, one.record) for one in book.deployments]
    offers, groups = more(deployments)
    return {
        "offers": _pairs(offers),
        "groups": [(literal(made), [literal(one) for one in group]) for made, group in groups],
        "providers": _pairs(providers((one.row, one.record) for one in book.providers)),
        "served": _pairs(served(deployments)),
    }


def _module(
    prefix: str, listed: list[Listed[Any]], digests: Mapping[str, str], module: str
) -> dict[str, Any]:
    """Return the view of a module of models or deployments."""
    digest = literal(digests[module.replace("/", ".")])
    return {"rows": _rows(tuple(listed), prefix), "digest": digest}


def _rows(listed: tuple[Listed[Any], ...], prefix: str) -> list[tuple[str, str]]:
    """Return id (without its prefix) and row of subjects, as Python source."""
    return [(literal(one.id.removeprefix(prefix)), lines(one.row, 4)) for one in listed]


def _lines(table: Mapping[str, Any]) -> str:
    """Return a table as Python source, one key a line."""
    return lines(dict(table), 0)


def _pairs(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return keys and values of a table, as Python source."""
    return [(literal(key), literal(value)) for key, value in table.items()]


def _spellings(book: Book) -> dict[str, str]:
    """Return folded spelling to pipeline type, the official ids included."""
    return _folded({**{one.id: one.id for one in book.pipelines}, **book.pipeline_aliases})


def _folded(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table by folded spelling, sorted."""
    return dict(sorted((fold(name), value) for name, value in table.items()))


def _aliases(listed: tuple[Listed[Any], ...]) -> list[tuple[str, str]]:
    """Return alias and id of everything that has an alias, as Python source."""
    table = {alias: one.id for one in listed for alias in one.record.aliases}
    return _pairs(dict(sorted(table.items())))


def _ids(book: Book) -> dict[str, Any]:
    """Return the view of the module of literal types."""
    kinds: dict[str, tuple[Listed[Any], ...]] = {
        "ModelId": book.models,
        "DeploymentId": book.deployments,
        "ProviderId": book.providers,
        "PipelineId": book.pipelines,
    }
    types = [(name, _literals(kinds[name])) for name in kinds]
    return {"types": [*types, ("PolicyId", [literal(id) for id in sorted(book.policies)])]}


def _literals(listed: tuple[Listed[Any], ...]) -> list[str]:
    """Return ids and aliases, as Python source, sorted."""
    aliases = {alias for one in listed for alias in getattr(one.record, "aliases", ())}
    return [literal(id) for id in sorted({one.id for one in listed} | aliases)]


@cache
def _environment() -> jinja2.Environment:
    """Return the template environment; a value a template does not have is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # Python source, not HTML; all text is an ascii() literal
    )
