"""A rule about lists whose order means nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from ..diagnostics import Fix
from ..schemas import authored
from ..values import Entry, Graph, Json, Pointer
from .applies import DAYS
from .base import Finding, rule

Lists = Iterator[tuple[Pointer, Sequence[str]]]

MODALITIES = "modalities"
FACTS: Mapping[Pointer, str] = {
    ("aliases",): "",
    ("modalities", "input"): MODALITIES,
    ("modalities", "output"): MODALITIES,
}
SETS: Mapping[str, Mapping[Pointer, str]] = {
    "model": FACTS,
    "deployment": {
        **FACTS,
        ("prices", "*", "units"): "",
        ("prices", "*", "when", "window", "days"): "days",
    },
    "architecture": {("classes", "*", "model_types"): ""},
    "secret": {("allowed_hosts",): ""},
    "policy": {("providers",): "", ("requires",): ""},
}
"""Lists that are sets, by kind of file, and what their order is called; the others' is a fact."""


@rule(
    "MB334",
    "a list out of order whose order means nothing",
    *SETS,
    bad="modalities: {input: [image, text], output: [text]}",
    good="modalities: {input: [text, image], output: [text]}",
)
def out_of_order(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """One set has one spelling, so that a diff shows what changed and two pull requests that add to
    a list seldom meet. Modalities stand in the order of the schema (text, image, audio, …) as
    everybody writes them, days from Monday on, and all else (`aliases`, `model_types`,
    `allowed_hosts`, `providers`, `requires`, `units`) by the alphabet. Where order is a fact it
    stays: `pipelines` (the primary one first), `fallback` and `env` (the preferred one first),
    `prices` (the last that applies wins), `access`; `sources` and their `fields` are as you like.
    """
    for path, order in SETS[entry.kind].items():
        for pointer, stated in _lists(entry.data, path):
            wanted = sorted(stated, key=lambda word: (_place(order).get(word, 0), word))
            if wanted != list(stated):
                message = f"the order of `{path[-1]}` means nothing, and it is not the usual one"
                hint = f"write [{', '.join(wanted)}]"
                yield Finding(message, pointer, hint, fix=Fix("sort", "\n".join(wanted)))


def _lists(
    data: Json, path: Pointer, above: Pointer = ()
) -> Iterator[tuple[Pointer, Sequence[str]]]:
    """Yield the lists at a path, each with its pointer; `*` stands for every key or position."""
    if not path:
        yield above, data
        return
    step, *rest = path
    inner = data.items() if isinstance(data, Mapping) else enumerate(data)
    for key, value in inner:
        if step in ("*", key):
            yield from _lists(value, tuple(rest), (*above, key))


@cache
def _place(order: str) -> Mapping[str, int]:
    """Return the place of each word in an order that is not the alphabet's."""
    words = {"days": DAYS, MODALITIES: authored()["common"]["$defs"]["modality"]["enum"]}
    return {word: place for place, word in enumerate(words.get(order, ()))}
