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
    spellings = json.dumps([book.pipeline_aliases, book.pipeline_ambiguous], sort_keys=True)
    found = {
        "_pipelines": digest([of_rows(book.pipelines), spellings]),
        "_architectures": of_rows(book.architectures),
    }
    for creator, models in by_creator(book).items():
        found[f"models.{module_name(creator)}"] = of_rows(models)
    for provider, deployments in by_provider(book).items():
        own = [one for one in book.providers if one.id == provider]
        found[f"providers.{module_name(provider)}"] = of_rows([*own, *deployments])
    return found


def revision(book: Book) -> str:
    """Return the revision of a book; the generated package derives the same one."""
    lines = sorted(f"{name} {value}\n" for name, value in modules(book).items())
    return blake2b("".join(lines).encode(), digest_size=16).hexdigest()


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


def module_name(id: str) -> str:
    """Return the name of the module for a provider or creator."""
    name = id.replace("-", "_").replace(".", "_")
    return name if name[0].isalpha() else f"_{name}"
