"""Pointers -> exact ranges. A file with a diagnostic is composed once more, now for its marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import yaml

from .diagnostics import FILE_START, Diagnostic, Note, Place, Span
from .values import Pointer
from .yaml_nodes import compose


class Positions:
    """The ranges of all values and keys of the files of one run, found when asked for."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._texts = texts
        self._roots: dict[str, yaml.Node | None] = {}
        self._lines: dict[str, list[str]] = {}

    @property
    def paths(self) -> Iterable[str]:
        """Return the paths of all files."""
        return self._texts

    def located(self, one: Diagnostic) -> Diagnostic:
        """Return a diagnostic with the exact range of its place and of its notes."""
        notes = tuple(self._located_note(note) for note in one.notes)
        return replace(one, span=one.span or self.span(one.path, one.pointer, one.at), notes=notes)

    def span(self, path: str, pointer: Pointer, at: Place) -> Span:
        """Return the range of a value, or of its key; of what encloses it if it is not there."""
        if path not in self._texts:
            return FILE_START
        node, key = self._node(path), None
        for step in pointer:
            found = _child(node, step)
            if found is None:
                break
            key, node = found
        if not pointer or node is None:
            return _first_line(node)
        chosen = key if key is not None and (at == "key" or _block(node)) else node
        return _span(chosen)

    def lines(self, path: str) -> Sequence[str]:
        """Return the lines of a file as far as they are text."""
        if path not in self._texts:
            return []
        if path not in self._lines:
            self._lines[path] = self._texts[path].decode("utf-8", "replace").split("\n")
        return self._lines[path]

    def _node(self, path: str) -> yaml.Node | None:
        """Return the root node of a file that parsed before."""
        if path not in self._roots:
            try:
                self._roots[path] = compose(self._texts[path].decode("utf-8"))
            except (yaml.YAMLError, UnicodeDecodeError):  # it was changed while it was checked
                self._roots[path] = None
        return self._roots[path]

    def _located_note(self, note: Note) -> Note:
        """Return a note with the exact range of its place."""
        return replace(note, span=note.span or self.span(note.path, note.pointer, note.at))


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    """Return the key node (None in a list) and value node one step down, or None."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None


def _block(node: yaml.Node) -> bool:
    """Tell whether a node spans several lines, so that its key marks it better."""
    multiline: bool = node.end_mark.line > node.start_mark.line
    return multiline


def _first_line(root: yaml.Node | None) -> Span:
    """Return the range of a file's first key, which stands for the whole file."""
    if isinstance(root, yaml.MappingNode) and root.value:
        return _span(root.value[0][0])
    return FILE_START


def _span(node: yaml.Node) -> Span:
    """Return the range of a node, up to the end of its first line."""
    start, end = node.start_mark, node.end_mark
    if end.line > start.line:
        return Span(start.line + 1, start.column + 1, start.line + 1, start.column + 2)
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
