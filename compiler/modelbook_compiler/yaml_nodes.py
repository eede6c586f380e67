"""Text -> YAML nodes with positions, by libyaml's parser where PyYAML has it.

Only one question of YAML's resolution is asked: was a scalar written plain? Tags `plain` and
`other` say so; any other tag was written in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    CParser: Any = None
else:
    try:
        from yaml._yaml import CParser
    except ImportError:
        from .yaml_slow import SlowParser as CParser


class Parser(CParser):  # type: ignore[misc]  # PyYAML does not type its C parser
    """A parser that resolves nothing."""

    def resolve(self, kind: type, _value: object, implicit: object) -> str:
        """Return `plain` for a scalar without quotes, `other` for every other node."""
        plain = kind is yaml.ScalarNode and isinstance(implicit, tuple) and implicit[0]
        return "plain" if plain else "other"

    def descend_resolver(self, *_: object) -> None:
        """Keep no path: nothing is resolved by path."""

    def ascend_resolver(self) -> None:
        """Keep no path: nothing is resolved by path."""


def compose(text: str) -> yaml.Node | None:
    """Return the root node of a text, None if it is empty; raise `yaml.YAMLError`."""
    node: yaml.Node | None = Parser(text).get_single_node()
    return node


def events(text: str) -> Iterator[yaml.Event]:
    """Yield the parse events of a text, without recursion; raise `yaml.YAMLError`."""
    parser = Parser(text)
    while parser.check_event():
        yield parser.get_event()
