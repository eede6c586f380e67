"""Rules about model classes: the rule tables held against the files that follow from them."""

from __future__ import annotations

from collections.abc import Iterator

from ..values import Entry, Graph
from .base import Finding, catalog_rule

AGAIN = "run `modelbook import` again with the wheels of the last one"


@catalog_rule(
    "MB340",
    "a class and an override that say different things",
    bad="# architecture-overrides.yaml\nViTMAEForPreTraining: {pipelines: [fill-mask], …}\n"
    "# architectures/vit_mae.yaml\nViTMAEForPreTraining: {pipelines: [image-to-image], …}",
    good="# architectures/vit_mae.yaml\n"
    "ViTMAEForPreTraining: {pipelines: [fill-mask], basis: override, …}",
)
def against_overrides(graph: Graph) -> Iterator[tuple[Entry, Finding]]:
    """Overrides are what people know better than the rule. The files of the classes repeat them, so
    that each file says all of its classes; after an edit the import writes them anew.
    """
    overrides = graph.kind("architecture-overrides").values()
    stated = {name: one for one in overrides for name in one.data["classes"]}
    for name, entry in stated.items():
        wanted = entry.data["classes"][name]["pipelines"]
        message = _against(name, wanted, graph)
        if message:
            yield entry, Finding(message, ("classes", name), AGAIN, "key")
    if not any(kind == "architecture-overrides" for kind, _ in graph.broken):
        for name, (entry, facts) in graph.classes.items():
            if facts["basis"] == "override" and "imported" in entry.data and name not in stated:
                message = f"no override says so of `{name}` any more"
                yield entry, Finding(message, ("classes", name, "basis"), AGAIN)


def _against(name: str, wanted: list[str], graph: Graph) -> str | None:
    """Return what is wrong with a class that an override speaks of, in words."""
    found = graph.class_facts.get(name)
    if found is None:
        broken = any(kind == "architecture" for kind, _ in graph.broken)
        return None if broken else f"no file has the class `{name}`"
    says = ", ".join(found["pipelines"])
    return None if found["pipelines"] == wanted else f"the file of `{name}` says {says}"
