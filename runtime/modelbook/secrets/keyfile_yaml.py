"""A YAML file of keys -> its names and values: one flat mapping of text, read event by event.

Nothing is built but the pairs, so neither nesting nor aliases can grow.
"""

from __future__ import annotations

import re

from .reading import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

PLAIN = re.compile(
    r"(?:[-+.]?[0-9][0-9a-fA-F_xXob.:eE+-]*|[-+]?\.(?:inf|nan)|~|null|true|false|yes|no|on|off|y|n"
    r"|=|<<)\Z",
    re.IGNORECASE,
)
"""Text without quotes that is a number, a date, a truth or nothing in some YAML: what cannot be
told from text must be quoted."""


def parse(text: str) -> dict[str, object] | Fault:
    """Return the pairs of a file, or what is wrong with it, and in which line."""
    try:
        import yaml
    except ModuleNotFoundError:
        hint = "pip install 'modelbook[secrets]'"
        return Fault(words="cannot be read: PyYAML is not installed", hint=hint)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _pairs(yaml.parse(text, Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else int(mark.line) + 1
    return Fault(words="is no YAML that can be read", hint="mend it", line=line)


def _pairs(events: Iterator[yaml.Event]) -> dict[str, object] | Fault:
    """Return the pairs of one flat mapping, from the events of a parser."""
    from yaml import events as kinds

    around = (
        kinds.StreamStartEvent,
        kinds.StreamEndEvent,
        kinds.DocumentEndEvent,
        kinds.MappingEndEvent,
    )
    found: dict[str, object] = {}
    name: str | None = None
    depth = documents = 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, kinds.ScalarEvent) and depth and _is_text(event):
            if name is None and event.value in found:
                return Fault(words="has a name twice", hint="keep one of the two", line=line)
            if name is None:
                name = event.value
            else:
                found[name], name = event.value, None
        elif isinstance(event, kinds.MappingStartEvent) and not depth and not _marked(event):
            depth = 1
        elif isinstance(event, kinds.DocumentStartEvent) and not documents:
            documents = 1
        elif not isinstance(event, around):
            words = 'has something else than `NAME: "text"`'
            return Fault(words=words, hint="one flat mapping, values in quotes", line=line)
    return found


def _marked(event: yaml.NodeEvent) -> bool:
    """Tell whether a node has an anchor or a tag."""
    return event.anchor is not None or getattr(event, "tag", None) is not None


def _is_text(event: yaml.ScalarEvent) -> bool:
    """Tell whether a scalar is text in every reading of YAML."""
    return not _marked(event) and bool(
        event.style or event.value == "" or not PLAIN.match(event.value)
    )
