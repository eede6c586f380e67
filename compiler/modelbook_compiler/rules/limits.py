"""Rules about sizes."""

from __future__ import annotations

from collections.abc import Iterator

from ..values import Entry, Graph
from .base import Finding, rule
from .facts import facts


@rule(
    "MB301",
    "an output or input limit above the context",
    "model",
    "deployment",
    bad="limits: {context: 4096, max_output: 8192}",
    good="limits: {context: 8192, max_output: 4096}",
)
def above_context(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """The context counts input and output together, so neither can be larger. Public catalogs hold
    dozens of such rows, mostly two numbers taken from two models.
    """
    stated = entry.data.get("limits")
    if not stated:
        return
    known = facts(entry, graph)["limits"]
    context = known.get("context")
    for name in ("max_input", "max_output"):
        if context is None or known.get(name, 0) <= context:
            continue
        place = name if name in stated else "context"
        if place not in stated:
            continue  # both numbers are the model's, which is told so itself
        message = f"`{name}` {known[name]:,} is above the context of {context:,} tokens"
        hint = "check both numbers at the source; leave out the one that is not known"
        yield Finding(message, ("limits", place), hint)
