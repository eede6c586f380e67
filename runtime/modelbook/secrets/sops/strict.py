"""Bytes of a YAML file -> nested text with positions, or `SopsMalformedError`.

Read on libyaml's events, before anything recurses: aliases, tags, duplicate keys, several
documents, deep nesting and size are refused, and so is whatever sops and we might read differently.
No message repeats what stands in the file: it may be a key in the wrong place.
"""

from __future__ import annotations

import re
from contextlib import suppress

from ...record import Record
from ..errors import SopsMalformedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, NoReturn, TypeAlias

    from ..record import Plain

    Pointer: TypeAlias = "tuple[str | int, ...]"
    Position: TypeAlias = "tuple[int, int]"

LARGEST = 256 * 1024
"""Most bytes of a file; thousands of keys. sops itself needs seconds beyond."""

DEEPEST = 12
"""Deepest nesting."""

STANZA = "sops"
"""The key under which sops keeps what it needs to open a file."""

FOREIGN = re.compile(rb"[^\n\x20-\x7e]")
"""Neither printable ASCII nor a line end: nothing of ours needs it, and it can hide things."""

HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
"""What has no place in the comments of people either: control and invisible characters."""

PRINTABLE = re.compile(r"[\x20-\x7e]*\Z")
LINES = re.compile(r"[\n\x20-\x7e]*\Z")
WORDS = re.compile(r"|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|<<", re.ASCII)
WHOLE = re.compile(r"([-+]?)(?:0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+)", re.ASCII)
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", re.ASCII)
LOOSE = re.compile(r"(?<![0-9])_|_(?![0-9])", re.ASCII)
CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5]?[0-9]:[0-5]?[0-9](?:[.,][0-9]+)?"
ZONE = r"(?:Z|[-+](?:[01][0-9]|2[0-4]):(?:[0-5][0-9]|60))"
DAY = r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
MOMENT = rf"(?a){DAY}(?:[Tt]{CLOCK}{ZONE}| {CLOCK})?"  # compiled when it is needed: it takes long
"""With those above: what sops takes for something else than text where it is not quoted.

Where sops sees text it does not quote it, so nothing more than that may be refused.
"""


class Parsed(Record):
    """What stands in a file, and where."""

    data: dict[str, Plain]
    marks: dict[Pointer, Position]
    """Line and column, from 1, of every value and item; of a field, those of its key."""
    ends: dict[Pointer, tuple[int, int]]
    """Where every text begins and ends, in characters."""

    def where(self, pointer: Pointer) -> Position:
        """Return line and column of a value, or of the nearest thing around it."""
        while pointer and pointer not in self.marks:
            pointer = pointer[:-1]
        return self.marks.get(pointer, (1, 1))


def parse(raw: bytes, path: str, *, written_by_people: bool = False) -> Parsed:
    """Return what stands in a file; raise `SopsMalformedError`.

    A file that people write (`.sops.yaml`) may hold comments, folded text, and words that are not
    quoted; one that sops writes holds none of it, but in its own stanza.
    """
    if len(raw) > LARGEST:
        _refuse(path, (1, 1), f"the file is larger than {LARGEST // 1024} KiB", "split it")
    text = _text(raw, path, written_by_people)
    import yaml  # here, since sops can start meanwhile: `commands.opening`

    reader = Reader(raw, text, path, written_by_people)
    failed: Position | None = None
    try:
        reader.read()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        failed = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    except yaml.YAMLError:
        failed = (1, 1)
    if failed is not None:  # raised here, so that no context of it can repeat the file
        _refuse(path, failed, "this is no well-formed YAML", "restore the file from git")
    if not isinstance(reader.root, dict) or not reader.root:
        _refuse(path, (1, 1), "the file is no mapping of fields", "restore the file from git")
    if not written_by_people:
        _no_comments(reader)
    return Parsed(data=reader.root, marks=reader.marks, ends=reader.ends)


class Reader:
    """One pass over the events of a file. Each open list or mapping is on the stack."""

    def __init__(self, raw: bytes, text: str, path: str, written_by_people: bool) -> None:
        self.raw, self.text, self.path, self.free = raw, text, path, written_by_people
        self.root: Plain | None = None
        self.marks: dict[Pointer, Position] = {}
        self.ends: dict[Pointer, tuple[int, int]] = {}
        self.scalars: list[tuple[int, int]] = []
        self.stack: list[list[Plain] | dict[str, Plain]] = []
        self.pointers: list[Pointer] = [()]
        self.key: str | None = None

    def read(self) -> None:
        """Read all events; raise `SopsMalformedError`, or the parser's own error."""
        import yaml

        documents = 0
        for event in _events(self.text):
            if isinstance(event, yaml.ScalarEvent):
                self.scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self.begin(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.stack.pop()
                self.pointers.pop()
            elif isinstance(event, yaml.AliasEvent):
                self.refuse(event, "aliases are not allowed", "write the text itself")
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1 or event.version or event.tags:
                    self.refuse(event, "there is a second document or a directive", "take it out")

    def refuse(self, event: Any, message: str, hint: str) -> NoReturn:
        """Raise the error of what stands where an event begins."""
        mark = event.start_mark
        _refuse(self.path, (mark.line + 1, mark.column + 1), message, hint)

    def plain_only(self, event: Any) -> None:
        """Refuse an anchor and a tag."""
        if event.anchor is not None:
            self.refuse(event, "anchors are not allowed", "write the text itself where it is used")
        if event.tag is not None:
            self.refuse(event, "tags are not allowed", "take it out")

    def begin(self, event: Any) -> None:
        """Open a list or a mapping."""
        self.plain_only(event)
        if len(self.stack) >= DEEPEST:
            self.refuse(event, f"nested deeper than {DEEPEST}", "restore the file from git")
        from yaml import MappingStartEvent

        opened: list[Plain] | dict[str, Plain]
        opened = {} if isinstance(event, MappingStartEvent) else []
        self.pointers.append(self.put(event, opened))
        self.stack.append(opened)

    def scalar(self, event: Any) -> None:
        """Take a text: a key, or a value."""
        self.plain_only(event)
        text, span = event.value, (event.start_mark.index, event.end_mark.index)
        self.scalars.append(span)
        if self.stack and isinstance(self.stack[-1], dict) and self.key is None:
            self.take_key(event, text)
            return
        free = self.free or (len(self.pointers) > 1 and self.own_stanza())
        if not free and (event.style in ("|", ">") or not PRINTABLE.match(text)):
            self.refuse(event, "text goes over several lines", "restore the file from git")
        if not LINES.match(text):
            self.refuse(event, "an escape stands for a character with no place here", "take it out")
        if not free and not event.style and _means_more(text):
            self.refuse(event, "a value is not quoted, and so is no text", "quote it")
        self.ends[self.put(event, text)] = span

    def own_stanza(self) -> bool:
        """Tell whether what is read now stands in the stanza of sops."""
        here = self.pointers[-1]
        return here[0] == STANZA if here else self.key == STANZA

    def take_key(self, event: Any, text: str) -> None:
        """Take the key of the field that comes next."""
        if event.style in ("|", ">") or not PRINTABLE.match(text) or not text:
            self.refuse(event, "a key is no plain text", "write a name")
        if ":" in text:  # sops joins keys with it to authenticate a place
            self.refuse(event, "a key holds a colon", "names hold letters, digits, `_` and `-`")
        if text in self.stack[-1]:
            self.refuse(event, "a key is there twice", "take one out")
        self.key = text
        self.mark((*self.pointers[-1], text), event)

    def put(self, event: Any, value: Plain) -> Pointer:
        """Put a value where it belongs; return its pointer."""
        here, into = self.pointers[-1], self.stack[-1] if self.stack else None
        if into is None:
            self.root = value
            return ()
        if isinstance(into, list):
            pointer: Pointer = (*here, len(into))
            into.append(value)
            self.mark(pointer, event)
        elif self.key is None:
            self.refuse(event, "a key is no plain text", "write a name")
        else:
            pointer = (*here, self.key)
            into[self.key], self.key = value, None
        return pointer

    def mark(self, pointer: Pointer, event: Any) -> None:
        """Keep where something stands."""
        self.marks[pointer] = (event.start_mark.line + 1, event.start_mark.column + 1)


def _text(raw: bytes, path: str, written_by_people: bool) -> str:
    """Return the text of a file; people may write comments in their own language."""
    bad = FOREIGN.search(raw)
    if bad and written_by_people:
        with suppress(UnicodeDecodeError):
            text = raw.decode("utf-8")
            if not HIDDEN.search(text):
                return text
    if bad:
        hint = "write plain text, with spaces, and line ends without carriage return"
        _refuse(path, _position(raw, bad.start()), "there is a character with no place here", hint)
    return raw.decode("ascii")


def _events(text: str) -> Iterator[Any]:
    """Yield the events of a file."""
    import yaml

    kind: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parser = kind(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


def _means_more(text: str) -> bool:
    """Tell whether sops takes text without quotes for a number, a date, a truth or nothing."""
    if WORDS.fullmatch(text) or SPECIAL.fullmatch(text):
        return True
    if text[0] == ".":
        return not LOOSE.search(text) and _is_float(text.replace("_", ""))
    if text[0] not in "+-0123456789":
        return False
    bare = text.replace("_", "")
    return _is_whole(bare) or _is_float(bare) or _is_moment(text)


def _is_whole(text: str) -> bool:
    """Tell whether text is a number of 64 bits with a mark of its base; others are floats too."""
    found = WHOLE.fullmatch(text)
    if found is None:
        return False
    number = int(re.sub(r"\A([-+]?)0(?=[0-7])", r"\g<1>0o", text), 0)
    return -(2**63) <= number < (2**63 if found[1] else 2**64)


def _is_float(text: str) -> bool:
    """Tell whether text is a number that a float can hold."""
    return FLOAT.fullmatch(text) is not None and abs(float(text)) < float("inf")


def _is_moment(text: str) -> bool:
    """Tell whether text is a day of the calendar, with or without a time."""
    found = re.fullmatch(MOMENT, text) if text[4:5] == "-" else None
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    longest = 30 + (month + month // 8) % 2 if month != 2 else 28 + _leaps(year)
    return 1 <= month <= 12 and 1 <= day <= longest


def _leaps(year: int) -> bool:
    """Tell whether a year has a day more."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _no_comments(reader: Reader) -> None:
    """Refuse comments: nobody authenticates them, and sops leaves them readable."""
    raw, at = reader.raw, reader.raw.find(b"#")
    if at < 0:
        return
    for begin, end in [*reader.scalars, (len(raw), len(raw))]:
        while 0 <= at < begin:
            _refuse(reader.path, _position(raw, at), "comments are not allowed", "take it out")
        block = raw[begin : begin + 1] in (b"|", b">")
        header = raw.find(b"\n", begin) if block else begin
        if begin <= at < header:
            _refuse(reader.path, _position(raw, at), "comments are not allowed", "take it out")
        if at < end:
            at = raw.find(b"#", end)
        if at < 0:
            return


def _position(raw: bytes, at: int) -> Position:
    """Return line and column, from 1, of a byte."""
    return raw.count(b"\n", 0, at) + 1, at - raw.rfind(b"\n", 0, at)


def _refuse(path: str, position: Position, message: str, hint: str) -> NoReturn:
    """Raise the error of a file that is not strict enough."""
    line, column = position
    raise SopsMalformedError(
        f"{path}:{line}:{column}: {message}", path=path, hint=hint, position=position
    )
