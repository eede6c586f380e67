"""Rules about model classes: the rule tables held against the files that follow from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..groups import Member
from ..values import Entry, Graph, Json
from .base import Finding, group_rule

AGAIN = "run `modelbook import` again with the wheels of the last one"
OVERRIDES = "architecture-overrides"


def _classes(entry: Entry) -> Iterator[tuple[str, Json]]:
    """Yield the classes of an entry: what it says they serve, and whether by an override."""
    imported = "imported" in entry.data
    for name, facts in entry.data["classes"].items():
        by_hand = entry.kind == OVERRIDES or (imported and facts["basis"] == "override")
        yield name, [by_hand, name, facts["pipelines"]]


@group_rule(
    "MB340",
    "a class and an override that say different things",
    OVERRIDES,
    "architecture",
    keys=_classes,
    bad="# architecture-overrides.yaml\nViTMAEForPreTraining: {pipelines: [fill-mask], …}\n"
    "# architectures/vit_mae.yaml\nViTMAEForPreTraining: {pipelines: [image-to-image], …}",
    good="# architectures/vit_mae.yaml\n"
    "ViTMAEForPreTraining: {pipelines: [fill-mask], basis: override, …}",
)
def against_overrides(members: Sequence[Member], graph: Graph) -> Iterator[tuple[Member, Finding]]:
    """Overrides are what people know better than the rule. The files of the classes repeat them, so
    that each file says all of its classes; after an edit the import writes them anew.
    """
    stated = [one for one in members if one.kind == OVERRIDES]
    files = [one for one in members if one.kind != OVERRIDES]
    broken = {kind for kind, _ in graph.broken}
    for one in stated:
        _, name, wanted = one.value
        if files and files[0].value[2] != wanted:
            message = f"the file of `{name}` says {', '.join(files[0].value[2])}"
            yield one, Finding(message, ("classes", name), AGAIN, "key")
        elif not files and "architecture" not in broken:
            yield one, Finding(f"no file has the class `{name}`", ("classes", name), AGAIN, "key")
    for one in files:
        by_hand, name, _ = one.value
        if by_hand and not stated and OVERRIDES not in broken:
            message = f"no override says so of `{name}` any more"
            yield one, Finding(message, ("classes", name, "basis"), AGAIN)
