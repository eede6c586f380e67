"""Source file -> document: UTF-8 text, well-formed YAML, one meaning for every reader.

Keeps no positions: a diagnostic of a later stage composes its file again (`positions`).
"""

from __future__ import annotations

import re
from functools import lru_cache

import yaml

from . import codes
from .diagnostics import Diagnostic, Fix, Span
from .modeline import modeline
from .operations import is_overlay
from .values import Document, Json, SourceFile
from .yaml_nodes import compose, events

MAX_DEPTH = 32
"""Deepest nesting of a catalog file."""

MAX_ITEMS = 1000
"""Most items of a list, or fields of a mapping."""

MAX_NODES = 20_000
"""Most values and keys of a file; more take longer to read than a person waits."""

MAX_DIGITS = 18
"""Longest whole number; more digits than any fact of a catalog has."""

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff"
    "\ufeff\ufffe\uffff]"
)
"""Control, bidirectional and invisible characters, which hide what a file says."""

DIRECTIVE = re.compile(r"(?m)^%")

SUSPECT = re.compile(r"(?m)^[ \-?:\t]{200}")
"""A line so deep that composing it might exhaust the stack."""

MANY_BRACKETS = 300
"""So many brackets, if they were nested, might exhaust the stack as well."""

MARKS = "\n,:-?[{"
"""Characters of which one at least stands between any two values."""

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
WORDS: dict[str, Json] = {"true": True, "false": False, "null": None, "~": None, "": None}
KEYS = ("on",)
"""Keys of ours that YAML 1.1 takes for true: the editor's server and we read them as text."""

UNCLEAR = re.compile(
    r"""(?ix) y|n|yes|no|on|off | true|false|null | = | <<
    | [-+]?0[box][0-9a-f_]+
    | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?
    | [-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:e[-+]?[0-9]+)?
    | [-+]?\.(?:inf|nan)"""
)
"""Plain scalars that YAML 1.1 and 1.2 read differently, or that stand for no fact."""


class ProblemError(Exception):
    """What is wrong with a file; ends the parse of that file."""

    def __init__(
        self,
        code: str,
        message: str,
        hint: str | None,
        span: Span | None,
        fix: Fix | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.hint, self.span, self.fix = code, hint, span, fix


def parse(source: SourceFile) -> Document | Diagnostic:
    """Return the document of a source file, or its first problem."""
    text = ""
    try:
        text = _text(source.raw)
        _screen(text)
        _check_modeline(source, text)
        root = compose(text)
        data = {} if root is None else _build(root, 0)
        _check_form(source, text, data)
    except ProblemError as problem:
        found = problem
    except yaml.YAMLError as error:
        found = _syntax(error, text)
    else:
        if isinstance(data, dict):
            return Document(source, data)
        hint = "start with a field, such as `name: …`"
        span = _span(root) if root else None
        found = ProblemError(codes.WRONG_TYPE, "the file is not a mapping of fields", hint, span)
    return Diagnostic(
        source.path, found.code, str(found), span=found.span, hint=found.hint, fix=found.fix
    )


def _text(raw: bytes) -> str:
    """Return a file's bytes as text without control characters."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        span = _span_at(before, len(before))
        raise ProblemError(codes.NOT_TEXT, "not UTF-8 text", "save it as UTF-8", span) from None
    bad = FORBIDDEN.search(text.replace("\r\n", "\n "))
    if bad:
        raise _hidden(bad.group(), _span_at(text, bad.start()))
    return text


def _screen(text: str) -> None:
    """Refuse what must not reach the composer: features we do not use, and deep nesting."""
    directive = DIRECTIVE.search(text)
    if directive:
        raise _forbidden("a directive", _span_at(text, directive.start()), "delete the line")
    deep = SUSPECT.search(text) or text.count("[") + text.count("{") > MANY_BRACKETS
    many = len(text) > MAX_NODES and sum(map(text.count, MARKS)) > MAX_NODES // 2
    if deep or many or "&" in text or "*" in text:
        _check_events(text)


def _check_events(text: str) -> None:
    """Refuse anchors, aliases, deep nesting and too many values, before anything recurses.

    One pass for all: libyaml needs quadratic time to read past deep brackets.
    """
    depth = nodes = 0
    for event in events(text):
        nodes += isinstance(event, yaml.NodeEvent)
        if nodes > MAX_NODES:
            raise _too_many(event)
        if getattr(event, "anchor", None) is not None:
            what = "an alias" if isinstance(event, yaml.AliasEvent) else "an anchor"
            raise _forbidden(what, _span(event))
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _too_deep(event)


def _check_modeline(source: SourceFile, text: str) -> None:
    """Demand that the first line names the schema of the file's kind."""
    if _first_line(text) not in (modeline(source), modeline(source, overlay=True)):
        message = "the first line does not name this file's schema"
        raise _misnamed(message, modeline(source), text)


def _check_form(source: SourceFile, text: str, data: Json) -> None:
    """Demand that the schema is that of operations where the file holds some, and only there."""
    overlay = isinstance(data, dict) and source.kind != "manifest" and is_overlay(data)
    wanted = modeline(source, overlay=overlay)
    if _first_line(text) != wanted:
        what = "operations" if overlay else "a whole record"
        raise _misnamed(f"the file holds {what}, and its first line says otherwise", wanted, text)


def _first_line(text: str) -> str:
    """Return the first line of a text."""
    return text.split("\n", 1)[0].rstrip("\r")


def _misnamed(message: str, wanted: str, text: str) -> ProblemError:
    """Return the problem of a first line that names the wrong schema."""
    width = len(text.split("\n", 1)[0])
    span, fix = Span(1, 1, 1, width + 1), Fix("first line", wanted)
    return ProblemError(codes.MODELINE, message, f"write `{wanted}`", span, fix)


def _build(node: yaml.Node, depth: int) -> Json:
    """Return the value of a node; raise `ProblemError` for what has no single meaning."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node) if node.tag == "plain" else _quoted(node)
    if node.tag != "other":
        raise _forbidden("a tag", _span(node))
    if depth >= MAX_DEPTH:
        raise _too_deep(node)
    if len(node.value) > MAX_ITEMS:
        message = f"{len(node.value):,} items are more than {MAX_ITEMS:,}"
        start = _span(node)
        span = Span(start.line, start.column, start.line, start.column + 1)
        raise ProblemError(codes.TOO_LARGE, message, "split the file", span)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, depth + 1) for item in node.value]
    return _mapping(node, depth)


def _mapping(node: yaml.Node, depth: int) -> dict[str, Json]:
    """Return the value of a mapping node, whose keys must be text and differ."""
    out: dict[str, Json] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _forbidden("a key that is no plain text", _span(key_node), "write text")
        plain = key_node.tag == "plain" and key_node.value not in KEYS
        key = _scalar(key_node, "a key") if plain else _text_key(key_node)
        if not isinstance(key, str):
            raise _unclear(key_node, "a key")
        if key in out:
            raise ProblemError(
                codes.DUPLICATE_KEY, f"`{key}` is there twice", "keep one", _span(key_node)
            )
        out[key] = _build(value_node, depth + 1)
    return out


def _text_key(node: yaml.ScalarNode) -> str:
    """Return the text of a key that is quoted, or one of ours."""
    return str(node.value) if node.tag == "plain" else _quoted(node)


def _quoted(node: yaml.ScalarNode) -> str:
    """Return the text of a quoted or block scalar; escapes may hide as little as raw text."""
    if node.tag != "other":
        raise _forbidden("a tag", _span(node))
    bad = FORBIDDEN.search(node.value)
    if bad:
        raise _hidden(bad.group(), _span(node))
    return str(node.value)


def _scalar(node: yaml.ScalarNode, what: str = "a value") -> Json:
    """Return the value of a plain scalar that all readers agree on."""
    try:
        return _plain(node.value)
    except ValueError:
        raise _unclear(node, what) from None


@lru_cache(maxsize=2**16)
def _plain(text: str) -> Json:
    """Return what plain text means; raise `ValueError` if readers differ. Catalogs repeat a lot."""
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text) and len(text) <= MAX_DIGITS:
        return int(text)
    if FLOAT.fullmatch(text) and len(text) <= 2 * MAX_DIGITS:
        number = float(text)
        return int(number) if number.is_integer() else number  # JSON Schema takes 1.0 for whole
    if UNCLEAR.fullmatch(text):
        raise ValueError(text)
    return text


def _unclear(node: yaml.ScalarNode, what: str) -> ProblemError:
    """Return the problem of a scalar that readers could take for different things."""
    text = node.value[:40]
    if text == "<<" and what == "a key":
        return _forbidden("a merge key", _span(node))
    message = f"`{text}` as {what} means different things to different YAML readers"
    return ProblemError(codes.AMBIGUOUS_SCALAR, message, _clearer(text), _span(node))


def _clearer(text: str) -> str:
    """Return the hint for a scalar that readers could take for different things."""
    digits = text.replace("_", "").lstrip("+0") or "0"
    if text.lower() in ("y", "yes", "on", "true", "n", "no", "off", "false"):
        word = "true" if text.lower() in ("y", "yes", "on", "true") else "false"
        return f'write `{word}`, or quote it if it is text: "{text}"'
    if digits.isdecimal() and digits != text:
        return f'write the number as `{digits}`, or quote it if it is text: "{text}"'
    if text.isdecimal():
        return f'quote it if it is text: "{text}"; a number has no thousands separator'
    return f'quote it: "{text}"'


def _hidden(character: str, span: Span) -> ProblemError:
    """Return the problem of a character that hides what a file says."""
    message = f"the character U+{ord(character):04X} is not allowed"
    return ProblemError(codes.NOT_TEXT, message, "remove it", span)


def _forbidden(what: str, span: Span, hint: str = "write it out") -> ProblemError:
    """Return the problem of a YAML feature the catalog does not use."""
    return ProblemError(codes.FORBIDDEN_YAML, f"{what} is not allowed here", hint, span)


def _too_deep(at: yaml.Node | yaml.Event) -> ProblemError:
    """Return the problem of a value nested too deeply."""
    message = f"nested more than {MAX_DEPTH} levels deep"
    start = _span(at)
    span = Span(start.line, start.column, start.line, start.column + 1)
    return ProblemError(codes.TOO_LARGE, message, "flatten it", span)


def _too_many(at: yaml.Event) -> ProblemError:
    """Return the problem of a file with more values than a catalog file has."""
    start = _span(at)
    span = Span(start.line, start.column, start.line, start.column + 1)
    message = f"the file has more than {MAX_NODES:,} values and keys"
    return ProblemError(codes.TOO_LARGE, message, "split the file", span)


def _syntax(error: yaml.YAMLError, text: str) -> ProblemError:
    """Return the problem that PyYAML reports, in our words and without its excerpt."""
    message = str(getattr(error, "problem", None) or getattr(error, "context", None) or "not YAML")
    mark = _fault(error, text)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    span = Span(line, column, line, column + 1)
    if "another document" in message:
        return _forbidden("a second document", span, "put it in a file of its own")
    hint = "check the indentation, and the quotes and brackets above this place"
    if "cannot start any token" in message:
        message, hint = "no value can start here", "indent with spaces, not tabs; quote ` @ % text"
    return ProblemError(codes.BAD_YAML, message, hint, span)


def _fault(error: yaml.YAMLError, text: str) -> yaml.Mark | None:
    """Return where a syntax error is: where a bracket or quote was opened that is never closed.

    That it is not closed shows when the next field of the file, or its end, comes instead.
    """
    seen: yaml.Mark | None = getattr(error, "problem_mark", None)
    opened: yaml.Mark | None = getattr(error, "context_mark", None)
    context = str(getattr(error, "context", ""))
    if seen is None or opened is None or not ("flow" in context or "quoted" in context):
        return seen or opened
    lines = text.split("\n")
    rest = lines[seen.line] if seen.line < len(lines) else ""
    return seen if rest.startswith((" ", "\t")) else opened


def _span(at: yaml.Node | yaml.Event) -> Span:
    """Return the range of a node or event."""
    start, end = at.start_mark, at.end_mark
    if start is None or end is None:
        return Span(1, 1, 1, 1)
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _span_at(text: str, position: int) -> Span:
    """Return the range of one character."""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return Span(line, column, line, column + 1)
