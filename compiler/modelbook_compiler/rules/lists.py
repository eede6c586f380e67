"""A rule about lists whose order means nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from ..diagnostics import Fix
from ..references import at
from ..schemas import authored
from ..values import Entry, Graph
from .applies import DAYS
from .base import Finding, rule

MODALITIES = "modalities"
FACTS: Mapping[tuple[str, ...], str] = {
    ("aliases",): "",
    ("modalities", "input"): MODALITIES,
    ("modalities", "output"): MODALITIES,
}
SETS: Mapping[str, Mapping[tuple[str, ...], str]] = {
    "model": FACTS,
    "deployment": {
        **FACTS,
        ("regions",): "",
        ("prices", "*", "units"): "",
        ("prices", "*", "when", "window", "days"): "days",
    },
    "provider": {("regions",): ""},
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
    `allowed_hosts`, `providers`, `regions`, `requires`, `units`) by the alphabet. Where order is a
    fact it stays: `pipelines` (the primary one first), `fallback` and `env` (the preferred one
    first), `prices` (the last that applies wins), `access`; `sources` and their `fields` are as you
    like.
    """
    for path, order in SETS[entry.kind].items():
        for pointer, stated in at(entry.data, path):
            if len(stated) < 2:
                continue
            wanted = sorted(stated, key=lambda word: (_place(order).get(word, 0), word))
            if wanted != stated:
                message = f"the order of `{path[-1]}` means nothing, and it is not the usual one"
                hint = f"write [{', '.join(wanted)}]"
                yield Finding(message, pointer, hint, fix=Fix("sort", "\n".join(wanted)))


@cache
def _place(order: str) -> Mapping[str, int]:
    """Return the place of each word in an order that is not the alphabet's."""
    words = {"days": DAYS, MODALITIES: authored("common")["$defs"]["modality"]["enum"]}
    return {word: place for place, word in enumerate(words.get(order, ()))}
