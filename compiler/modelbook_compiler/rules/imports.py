"""Rules about what imports write, and what they are told to believe."""

from __future__ import annotations

from collections.abc import Iterator

from ..imported import digest_of
from ..references import DISPUTES
from ..values import Entry, Graph
from .base import Finding, rule


@rule(
    "MB353",
    "an imported file that was edited by hand",
    "architecture",
    "deployment",
    "model",
    "provider",
    *DISPUTES,
    bad="name: Alpha One  # edited; `imported` still says that an import owns the file",
    good="name: Alpha One  # and no `imported`",
)
def edited(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """`imported` says that the next import may write the file anew, and `imported.digest` which
    facts it wrote. With others the file is in nobody's hands: imports leave it alone, and readers
    take it for what a source says.
    """
    document = entry.document_of(("imported",))
    owner = document.data.get("imported")
    if owner and owner["digest"] != digest_of(document.data):
        message = f"an import wrote this file from {', '.join(owner['from'])}, with other facts"
        hint = f"run `modelbook adopt {document.source.path}`, or undo the edit"
        yield Finding(message, ("imported",), hint, "key")


@rule(
    "MB354",
    "a waiver that stands twice",
    "waivers",
    bad="waivers: [{deployment: acme:a, source: litellm, quarantine: zero, …}, …]  # and again",
    good="one waiver, with one reason and one day",
)
def waived_twice(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """A waiver ends on its day and is looked at again. With a second one for the same doubt, the
    first would end and nothing would change.
    """
    seen: set[tuple[str, ...]] = set()
    for position, one in enumerate(entry.data["waivers"]):
        key = one["deployment"], one["source"], one["quarantine"]
        if key in seen:
            message = f"`{one['quarantine']}` of {one['source']} is waived for this one already"
            yield Finding(message, ("waivers", position, "deployment"), "keep one of the two")
        seen.add(key)
