"""A model card -> the few facts of its front matter that a scan uses.

Not a YAML reader, on purpose: a plain install has none, the same folder must give the same answer
on every machine, and cards come from strangers. Top-level `key: text` and lists of texts are read;
anything cleverer (anchors, blocks, nested maps) is passed over, so it is not known.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CARD = 200_000
"""Bytes of a card that are looked at; the front matter stands first."""
WANTED = frozenset({"pipeline_tag", "library_name", "tags", "base_model", "license"})
FIELD = re.compile(r"([A-Za-z_]+):(?:[ \t]+(.*))?")
ITEM = re.compile(r"[ \t]*-[ \t]+(.*)")


def front_matter(content: bytes) -> dict[str, tuple[str, ...]]:
    """Return the wanted fields of a card, each as its texts; those without any are absent."""
    fields: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in _lines(content):
        field, item = FIELD.fullmatch(line), ITEM.fullmatch(line)
        if field is not None:
            name, said = field.group(1), (field.group(2) or "").strip()
            current = fields.setdefault(name, []) if name in WANTED else None
            if current is not None:
                current[:] = _texts(said)
        elif item is not None and current is not None:
            current += _text(item.group(1))
        elif line[:1] not in (" ", "\t", "#", ""):
            current = None
    return {name: tuple(texts) for name, texts in fields.items() if texts}


def _lines(content: bytes) -> Iterator[str]:
    """Yield the lines between the first `---` and the next; none if a card does not begin so."""
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    first, *further = text.splitlines() or [""]
    if first.rstrip() != "---":
        return
    for number, line in enumerate(further):
        if line.rstrip() in ("---", "..."):
            yield from (one.rstrip() for one in further[:number])
            return


def _texts(said: str) -> list[str]:
    """Return what stands behind a key or a dash: one text, or the texts of a list on one line."""
    if said.startswith("["):
        if not said.endswith("]"):
            return []
        return [text for part in said[1:-1].split(",") for text in _text(part.strip())]
    return _text(said)


def _text(said: str) -> list[str]:
    """Return one text as a list; an empty one for what is none, such as a list in a list."""
    quote = said[:1]
    if quote in ("'", '"'):
        end = said.find(quote, 1)
        said = said[1:end] if end > 0 else ""
    else:
        said = said.partition(" #")[0].strip()
        if said[:1] in ("[", "&", "*", "!", "{", "|", ">", "#", "%", "@", "`") or said in (
            "null",
            "~",
        ):
            return []
    return [said] if 0 < len(said) <= 200 and said.isprintable() else []
