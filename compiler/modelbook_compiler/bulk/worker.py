"""Chunk -> what is wrong with its rows, and a file of lines for those that can be read."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from ..credentials import credentials, holds_secret, told
from ..diagnostics import Diagnostic, Span
from ..lower import BOOKKEEPING
from ..rules.facts import pipelines_of
from ..suspects import may_have_form, may_hold_secret
from ..values import Entry, Graph, Json, SourceFile
from .checking import AGAINST_OTHERS, RowCheck
from .locating import fault, located
from .reading import object_of, text_of, without_nulls
from .spans import FaultError, places
from .values import MODELS, MOST, NAMES, Chunk, Excuse, Result, Source

DIGEST_BYTES = 32
"""So many that no two sets of rows will ever have the same sum of digests by chance."""

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Worker:
    """Checks chunks, one after the other, and appends their good rows to its own two files."""

    def __init__(self, graph: Graph, layer: str, folder: Path, number: int = 0) -> None:
        self._graph, self._check = graph, RowCheck(graph, layer)
        self._models: BinaryIO = (folder / MODELS.format(number)).open("wb")
        self._names: BinaryIO = (folder / NAMES.format(number)).open("wb")

    def close(self) -> None:
        """Finish the files."""
        self._models.close()
        self._names.close()

    def work(self, chunk: Chunk) -> Result:
        """Return what is found in a chunk; raise `OSError` if its rows cannot be kept."""
        notes = _Notes(chunk.source)
        for row, raw in enumerate(chunk.data.split(b"\n"), chunk.first):
            if raw.strip():
                self._row(row, raw.removesuffix(b"\r"), notes)
        for file, kept in ((self._models, notes.models), (self._names, notes.names)):
            file.write("".join(kept).encode())
            file.flush()  # now, while a full disk can still be told of
        return notes.result(chunk)

    def _row(self, row: int, raw: bytes, notes: _Notes) -> None:
        """Check one row: note what is wrong with it, and keep it if it can be read."""
        text, found = "", []
        try:
            text = text_of(raw)
            found = _secrets(notes.source.shown, text) if may_hold_secret(text) else []
            data = object_of(text)
            if "\\" in text and not found:
                found = _escaped_secrets(notes.source.shown, text, data)
            if notes.source.columnar:
                data = without_nulls(data) or {}
            if self._check.fits(data):
                found += self._good(row, data, notes)
            else:
                notes.lost += 1
                found += self._misshapen(text, data, notes)
        except FaultError as error:
            notes.lost += 1
            found += [fault(notes.source, error)]
        if found:
            notes.add(row, text or None, found)

    def _misshapen(self, text: str, data: dict[str, Json], notes: _Notes) -> list[Diagnostic]:
        """Return what is wrong with the shape of a row; where nobody will see it, only that."""
        if notes.full:
            return [Diagnostic(notes.source.shown, "", "")]
        places(text)  # too deep, if it is, says more than what stands there
        return list(self._check.misshapen(notes.source.shown, data))

    def _good(self, row: int, data: dict[str, Json], notes: _Notes) -> list[Diagnostic]:
        """Keep a row of the right shape; return what is wrong with its meaning.

        Kept is what it states, and the pipeline types that follow from that.
        """
        id = data.pop("id")
        found = self._check.meaning(notes.source.shown, id, data)
        for position, one in enumerate(data.get("exceptions", ())):
            if one["rule"] in AGAINST_OTHERS:
                notes.excuses.append(Excuse(notes.source.number, row, one["rule"], position))
        if "pipelines" not in data:
            derived = pipelines_of(Entry("model", id, data, ()), self._graph)
            if derived:
                data["pipelines"] = derived
        for name in BOOKKEEPING & data.keys():
            del data[name]
        notes.keep(row, id, data)
        return found


class _Notes:
    """What is found in one chunk so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.models: list[str] = []
        self.names: list[str] = []
        self.excuses: list[Excuse] = []
        self.lost = self._digest = 0
        self._bad: array[int] = array("Q")
        self._problems: list[Diagnostic] = []

    @property
    def full(self) -> bool:
        """Tell whether the problems of further rows will not be seen."""
        return len(self._bad) >= MOST

    def keep(self, row: int, id: str, data: dict[str, Json]) -> None:
        """Keep a row that can be read. Ids, repositories and URLs have no character to escape."""
        model = _encode(data)
        self._digest += row_digest(id, model)
        self.models.append(f'{{"id":"{id}","model":{model}}}\n')
        aliases = f',"aliases":{_encode(data["aliases"])}' if "aliases" in data else ""
        weights = data.get("weights", {})
        hf = f',"hf":"{weights["hf"]}"' if "hf" in weights else ""
        source = next((one for one in data["sources"] if "fields" not in one), None)
        read = f',"url":"{source["url"]}","checked":"{source["checked"]}"' if source else ""
        place = f'"source":{self.source.number},"row":{row}'
        self.names.append(f'{{"id":"{id}",{place}{aliases}{hf}{read}}}\n')

    def add(self, row: int, text: str | None, found: Iterable[Diagnostic]) -> None:
        """Note the problems of a row, its first or its last ones."""
        if not self.full:
            self._problems.extend(located(self.source, row, text, found))
        self._bad.append(row)

    def result(self, chunk: Chunk) -> Result:
        """Return all that was noted."""
        return Result(
            replace(chunk, data=b""),
            len(self.models),
            self._digest,
            tuple(self._problems),
            self._bad,
            self.lost,
            tuple(self.excuses),
        )


def row_digest(id: str, model: str) -> int:
    """Return the digest of a row, of which sums are taken; its model is JSON text, keys sorted."""
    content = blake2b(f"{id}\n{model}".encode(), digest_size=DIGEST_BYTES).digest()
    return int.from_bytes(content, "big")


def _secrets(path: str, text: str) -> list[Diagnostic]:
    """Return everything in a line that looks like a secret."""
    found = credentials(SourceFile("", "model", "", "", text.encode()))
    return [replace(one, path=path) for one in found]


def _escaped_secrets(path: str, text: str, data: dict[str, Json]) -> list[Diagnostic]:
    """Return what looks like a secret once the escapes of a line are read."""
    if not may_have_form(_encode(data)):
        return []
    return list(_hidden_secrets(path, text))


def _hidden_secrets(path: str, text: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for every name and text that looks like a secret."""
    for pointer, place in places(text).items():
        named = [step for step in pointer[-1:] if isinstance(step, str) and holds_secret(step)]
        if named or holds_secret(place.text):
            start, end = place.key if named and place.key else place.value
            yield told(path, Span(1, start + 1, 1, end + 1))
