"""Rows as stated -> rows as a generated package has them: what follows from other facts is in."""

from __future__ import annotations

from ..decision import class_pipelines
from ..moving import priced
from ..served import served_by_api

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..catalog import Catalog
    from ..rows import Row
    from .overlay import Base


def served(row: Row, words: Catalog) -> Row:
    """Return a model's row; pipeline types that it does not state follow as in a compile.

    They are those of its class, else those of what it reads and writes.
    """
    if "pipelines" in row:
        return row
    if "architecture" in row:
        classes = words.table("_architectures").ARCHITECTURES
        found = class_pipelines(row["architecture"], classes)
    else:
        sides = row.get("modalities", {})
        table = words.table("_decision").API_MODALITIES
        found = served_by_api({}, table, None, sides.get("input", ()), sides.get("output", ()))
    return {**row, "pipelines": found} if found else row


def following(row: Row, own: Mapping[str, Row], base: Base) -> Row:
    """Return the row of a moving name with the prices of what it points to, each for its time."""
    ids = [step["deployment"] for step in row["points_to"]]
    rows = {id: own.get(id) or base.row("deployment", id) or {} for id in ids}
    return priced({name: value for name, value in row.items() if name != "prices"}, rows)


def pointing(own: Mapping[str, Row], base: Base) -> dict[str, Row]:
    """Return the moving names below that mean something registered, with the prices it has now."""
    ids = {name for id in own for name in base.pointing(id)} - own.keys()
    rows = {id: base.row("deployment", id) or {} for id in ids}
    return {id: following(row, own, base) for id, row in rows.items()}
