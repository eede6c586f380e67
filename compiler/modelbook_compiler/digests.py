"""Content digests: of records, of modules, of the whole. No clock, no path, no file order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from .book import Book, Listed


def digest(parts: Iterable[str]) -> str:
    """Return the digest of texts, in order."""
    return blake2b("".join(f"{part}\n" for part in parts).encode(), digest_size=16).hexdigest()


def of_rows(listed: Iterable[Listed[Any]]) -> str:
    """Return the digest of subjects, from those of their records."""
    return digest(
        digest([one.id, json.dumps(one.row, sort_keys=True, ensure_ascii=True)]) for one in listed
    )


def modules(book: Book) -> dict[str, str]:
    """Return the digest of every module of the generated package that holds facts."""
    spellings = json.dumps(
        [book.pipeline_aliases, book.pipeline_ambiguous, book.pipeline_patterns], sort_keys=True
    )
    found = {
        "_registry": digest([json.dumps(registry(book), sort_keys=True)]),
        "_pipelines": digest([of_rows(book.pipelines), spellings]),
        "_architectures": of_rows(book.architectures),
        "_decision": digest([json.dumps(decision(book), sort_keys=True)]),
    }
    creators, providers = by_creator(book), by_provider(book)
    for creator, name in module_names(creators).items():
        found[f"models.{name}"] = of_rows(creators[creator])
    for provider, name in module_names(providers).items():
        own = [one for one in book.providers if one.id == provider]
        found[f"providers.{name}"] = of_rows([*own, *providers[provider]])
    return found


def registry(book: Book) -> dict[str, Any]:
    """Return the facts about no one model: what the catalog is, units, policies and the like."""
    catalog = {"name": book.name, "title": book.title, "license": book.license}
    return {
        "CATALOG": {name: value for name, value in catalog.items() if value is not None},
        "UNITS": book.units,
        "CURRENCIES": book.currencies,
        "POLICIES": book.policies,
        "SECRETS": book.secrets,
    }


def decision(book: Book) -> dict[str, Any]:
    """Return the tables by which pipeline types are decided, besides those of classes."""
    return {
        "AUTO_CLASSES": {name: row["pipelines"] for name, row in book.auto_classes.items()},
        "SUFFIXES": tuple((row["endings"], row["pipelines"]) for row in book.suffixes),
        "LIBRARIES": book.libraries,
        "API_MODES": book.api_modes,
        "API_MODALITIES": book.api_modalities,
        "MODEL_TYPES": book.model_types,
    }


def revision(book: Book) -> str:
    """Return the revision of a book; the generated package derives the same one."""
    lines = [f"{name} {value}\n" for name, value in modules(book).items()]
    lines += [f"bulk {book.bulk.digest}\n"] if book.bulk else []
    return blake2b("".join(sorted(lines)).encode(), digest_size=16).hexdigest()


def by_creator(book: Book) -> dict[str, list[Listed[Any]]]:
    """Return the models of each creator."""
    groups: dict[str, list[Listed[Any]]] = {}
    for one in book.models:
        groups.setdefault(one.id.partition("/")[0], []).append(one)
    return groups


def by_provider(book: Book) -> dict[str, list[Listed[Any]]]:
    """Return the deployments of each provider, also of one without any."""
    groups: dict[str, list[Listed[Any]]] = {one.id: [] for one in book.providers}
    for one in book.deployments:
        groups[one.id.partition(":")[0]].append(one)
    return groups


def module_names(ids: Iterable[str]) -> dict[str, str]:
    """Return the name of the module of each provider or creator; no two have the same."""
    found: dict[str, str] = {}
    for id in sorted(ids):
        name = id.replace("-", "_").replace(".", "_")
        name = name if name[0].isalpha() else f"_{name}"
        while name in found.values():  # `a-b` and `a.b`
            name = f"{name}_"
        found[id] = name
    return found
