"""Text of a file that an import wrote -> the same text in people's hands: without `imported`."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from .parse import parse
from .values import Document, SourceFile
from .yaml_nodes import compose

MARKS = " \t,:[]{}-"
"""What may stand between the last value of a line and its comment."""


def adopted(source: SourceFile) -> str | None:
    """Return the text of a file without `imported`; None where only a person can take it out.

    Every other byte stays, and so do comments on the lines that go. The file must be well-formed.
    """
    text = source.raw.decode("utf-8")
    field = _field(compose(text))
    if field is None:
        return None
    ends = dict(_ends(field))
    first, last = field[0].start_mark.line, max(ends)
    lines = text.split("\n")
    found = [_comment(lines[n], ends.get(n, 0)) for n in range(first, last + 1)]
    kept = [one for one in found if one is not None]
    at_end = last + 1 == len(lines)  # the line break before it stays
    lines[first : last + 1] = kept or [""] * at_end
    new = "\n".join(lines)
    return new if _says_the_rest(source, new) else None


def _field(root: yaml.Node | None) -> tuple[yaml.Node, yaml.Node] | None:
    """Return key and value of `imported` in a file with a field a line."""
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    return next((pair for pair in root.value if pair[0].value == "imported"), None)


def _ends(field: tuple[yaml.Node, yaml.Node]) -> Iterator[tuple[int, int]]:
    """Yield line and column of where something in a field ends, in the order of the text.

    A block ends where the next field begins, so what is in it counts.
    """
    for node in field:
        if isinstance(node, yaml.MappingNode):
            for pair in node.value:
                yield from _ends(pair)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from _ends((item, item))
        block = isinstance(node, yaml.CollectionNode) and not node.flow_style
        if not block:
            yield node.end_mark.line, node.end_mark.column


def _comment(line: str, end: int) -> str | None:
    """Return the comment that a line ends with, None where there is none."""
    rest = line[end:].lstrip(MARKS)
    return (rest if end else line) if rest.startswith("#") else None


def _says_the_rest(source: SourceFile, text: str) -> bool:
    """Tell whether a text says all that a file does but who owns it."""
    raw = text.encode()
    before = parse(source)
    after = parse(SourceFile(source.path, source.kind, source.id, source.layer, raw))
    if not isinstance(before, Document) or not isinstance(after, Document):
        return False
    return {**after.data, "imported": before.data.get("imported")} == before.data
