"""Object of a row -> everything that is wrong with it, by the same checks as a model file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import jsonschema_rs

from .. import rules as _rules  # noqa: F401  # which registers them
from ..diagnostics import Diagnostic
from ..link import dangling
from ..naming import DUPLICATE_ID
from ..rules.base import RULES
from ..rules.exceptions import STALE, excused
from ..schemas import COMMON, Schema, authored, bundled
from ..shape import Shapes
from ..values import Document, Entry, Graph, Json, Origin

SAME_WEIGHTS = "MB329"
AGAINST_OTHERS = frozenset({DUPLICATE_ID, SAME_WEIGHTS})
"""Rules that hold models against each other and that an exception may excuse."""

MODEL_RULES = tuple(one for one in RULES if "model" in one.kinds)


class RowShapes(Shapes):
    """The shape of a row: that of a model file, and the id that a path would state."""

    def validator(self, kind: str, *, overlay: bool = False) -> jsonschema_rs.Draft202012Validator:
        """Return the validator of rows."""
        return _validator()

    def schema(self, kind: str, *, overlay: bool = False) -> Schema:
        """Return the schema of rows, which are whole records."""
        model = authored(kind)
        id = {"$ref": f"{COMMON}model_id", "description": "Its id: `creator/name`."}
        fields, needed = {"id": id, **model["properties"]}, ["id", *model["required"]]
        return bundled({**model, "properties": fields, "required": needed})


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    """Return the validator of rows, which no catalog changes."""
    return jsonschema_rs.Draft202012Validator(RowShapes(None).schema("model"))


class RowCheck:
    """The checks of single rows against one catalog."""

    def __init__(self, graph: Graph, layer: str) -> None:
        self._graph, self._layer = graph, layer
        self._shapes = RowShapes(None)
        self._fast = self._shapes.validator("model")
        self._pipelines, self._classes = graph.kind("pipeline"), graph.classes

    def fits(self, data: dict[str, Json]) -> bool:
        """Tell whether a row has the right shape."""
        return self._fast.is_valid(data)

    def misshapen(self, path: str, data: dict[str, Json]) -> Iterator[Diagnostic]:
        """Yield what is wrong with the shape of a row, the id among its fields."""
        for one in self._shapes.problems(self._document(path, "", data)):
            yield _of_a_row(one)

    def meaning(self, path: str, id: str, data: dict[str, Json]) -> list[Diagnostic]:
        """Return what is wrong with the meaning of a row of the right shape, without its id.

        Exceptions to rules about several models count as needed: see `AGAINST_OTHERS`.
        """
        document = self._document(path, id, data)
        entry = Entry("model", id, data, (document,))
        found = [
            Diagnostic(path, one.code, f.message, f.pointer, f.at, hint=f.hint)
            for one in MODEL_RULES
            for f in one.check(entry, self._graph)
        ]
        if not self._known(data):
            found.extend(dangling(entry, self._graph))
        if "exceptions" not in data:
            return found
        kept = excused(found, [document], frozenset())
        return [one for one in kept if not _for_others(one, data)]

    def _document(self, path: str, id: str, data: dict[str, Json]) -> Document:
        """Return a row as the document that a file would be."""
        return Document(Origin(path, "model", id, self._layer), data)

    def _known(self, data: dict[str, Json]) -> bool:
        """Tell whether all that a row names is there."""
        named = all(id in self._pipelines for id in data.get("pipelines", ()))
        return named and ("architecture" not in data or data["architecture"] in self._classes)


def _of_a_row(one: Diagnostic) -> Diagnostic:
    """Return a diagnostic of a file in the words for a row."""
    return replace(one, message=one.message.replace("the file lacks", "the row lacks"), fix=None)


def _for_others(one: Diagnostic, data: dict[str, Json]) -> bool:
    """Tell whether a diagnostic is of an exception that only all rows together can judge."""
    if one.code != STALE:
        return False
    return data["exceptions"][one.pointer[1]]["rule"] in AGAINST_OTHERS
