"""The paths of usage rules -> the values they lead to.

`a.b` is key `b` in `a`, `a[].b` that of every item of a list, `a[kind=X].b` that of the items whose
`kind` is `X` (dots lead deeper there too, and of several brackets all must fit). Between spellings
stands `|`: the first that leads somewhere counts. A path that ends in brackets counts items. A `?`
at the end: it may be missing; a `.` at the start: it begins at the body, not at the rule's root. A
key in camelCase finds its snake_case spelling too, which vendors' own libraries write; in brackets
case does not matter, `Modality.AUDIO` or its number is `AUDIO`, and `kind=none` are those without
`kind`. `null` is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Pick: TypeAlias = tuple[tuple[str, ...], str] | None
    Step: TypeAlias = tuple[str, tuple[Pick, ...]]
    Spelling: TypeAlias = tuple[bool, tuple[Step, ...]]

ANY = "any"
"""Among the values of a condition: whatever the value, it must be there."""

NONE = "none"
"""Among the values of a condition: it must not be there."""


MODALITIES = {1: "text", 2: "image", 3: "video", 4: "audio", 5: "document"}
"""Google's numbers for kinds of content, which its libraries write instead of the names."""


class WrongShapeError(Exception):
    """A path leads through something that is no object or list; the message says what it is."""


@lru_cache(maxsize=4096)
def parsed(path: str) -> tuple[tuple[Spelling, ...], bool]:
    """Return the spellings of a path (from the body?, steps), and whether it may be missing."""
    spellings = tuple(
        (one.startswith("."), tuple(map(_step, _split(one.removeprefix(".")))))
        for one in path.removesuffix("?").split("|")
    )
    return spellings, path.endswith("?")


@lru_cache(maxsize=4096)
def signed(way: str) -> tuple[tuple[str, str], ...]:
    """Return the paths of a sum such as `a + b? - c`, each with its sign."""
    words = f"+ {way}".split(" ")
    return tuple(zip(words[::2], words[1::2], strict=True))


def _split(path: str) -> Iterator[str]:
    """Yield the steps of a path; dots in brackets part nothing."""
    step = ""
    for part in path.split("."):
        step = f"{step}.{part}" if step else part
        if step.count("[") == step.count("]"):
            yield step
            step = ""


def _step(text: str) -> Step:
    """Return the key of a step and what it picks from the list there."""
    key, *picks = text.split("[")
    return key, tuple(_pick(pick.removesuffix("]")) for pick in picks)


def _pick(text: str) -> Pick:
    """Return the keys and the value of the items in brackets; None for all items."""
    keys, mark, value = text.partition("=")
    return (tuple(keys.split(".")), value) if mark else None


def values(path: str, root: object, body: object, *, strict: bool = False) -> list[object]:
    """Return what a path leads to; several values only where it goes through a list.

    With `strict`, raises `WrongShapeError` where an object or list should be and is not.
    """
    for from_body, steps in parsed(path)[0]:
        found = _followed(steps, body if from_body else root, strict)
        if found:
            return found
    return []


def counted(path: str, root: object, body: object) -> list[object]:
    """Return the numbers that a path leads to; the number of items where it ends in brackets.

    Nothing is missing, `[0]` an empty list or one without what is picked from it. Raises
    `WrongShapeError` as `values` does.
    """
    for from_body, steps in parsed(path)[0]:
        start, (key, picks) = (body if from_body else root), steps[-1]
        if picks == (None,):
            lists = _followed((*steps[:-1], (key, ())), start, strict=True)
            found: list[object] = [sum(map(_length, lists))] if lists else []
        else:
            found = _followed(steps, start, strict=True)
            found = [len(found)] if found and picks else found or _none_of(steps, start)
        if found:
            return found
    return []


def _none_of(steps: tuple[Step, ...], start: object) -> list[object]:
    """Return 0 for a list that is there, without what is picked: a breakdown is whole."""
    for n, (key, picks) in enumerate(steps):
        if any(picks):
            return [0] if _followed((*steps[:n], (key, ())), start, strict=True) else []
    return []


def first(path: str, body: object) -> object | None:
    """Return the first value that a path leads to in a body; None if there is none."""
    found = values(path, body, body)
    return found[0] if found else None


def is_one_of(value: object, wanted: tuple[str, ...]) -> bool:
    """Tell whether a value is among those of a mark; a boolean is `true` or `false`."""
    if isinstance(value, bool):
        value = str(value).lower()
    return ANY in wanted or any(_same(value, one) for one in wanted)


def _same(value: object, text: object) -> bool:
    """Tell whether a value is a text; members of text enumerations are."""
    return isinstance(value, str) and isinstance(text, str) and str.__eq__(value, text)


def _followed(steps: tuple[Step, ...], start: object, strict: bool) -> list[object]:
    """Return what some steps lead to, without what is null."""
    node: object | None = start
    for n, (key, picks) in enumerate(steps, 1):
        node = _child(node, key, strict)
        if node is None:
            return []
        if picks:
            found = [one for one in _items(node, strict) if all(_fits(one, pick) for pick in picks)]
            rest = steps[n:]
            if not rest:
                return found
            return [last for one in found for last in _followed(rest, one, strict)]
    return [node]


def _child(node: object, key: str, strict: bool) -> object | None:
    """Return the value of a key, None if it is missing."""
    if type(node) is not dict and not isinstance(node, Mapping):
        if strict:
            raise WrongShapeError(f"an object with `{key}` should be where {kind(node)} is")
        return None
    value: object | None = node.get(key)
    return node.get(snake) if value is None and (snake := _snake(key)) else value


@lru_cache(maxsize=1024)
def _snake(key: str) -> str:
    """Return a camelCase key in snake_case; nothing if it is no such key."""
    spelt = "".join(f"_{one.lower()}" if one.isupper() else one for one in key)
    return "" if spelt == key else spelt


def _items(node: object, strict: bool) -> list[object]:
    """Return the items of a list."""
    if isinstance(node, list | tuple):
        return [item for item in node if item is not None]
    if strict:
        raise WrongShapeError(f"a list should be where {kind(node)} is")
    return []


def _fits(item: object, pick: Pick) -> bool:
    """Tell whether an item is picked."""
    if pick is None:
        return True
    steps: tuple[Step, ...] = tuple((key, ()) for key in pick[0])
    found = _followed(steps, item, False)
    return not found if pick[1] == NONE else any(word(one) == pick[1].lower() for one in found)


def word(value: object) -> str | None:
    """Return a word in lower case, however a library writes it; None for what is none."""
    if isinstance(value, str):
        return str.lower(value).rpartition(".")[2]
    return (
        MODALITIES.get(int(value)) if type(value) is not bool and isinstance(value, int) else None
    )


def _length(node: object) -> int:
    """Return the number of items of a list."""
    if isinstance(node, list | tuple):
        return len(node)
    raise WrongShapeError(f"a list should be where {kind(node)} is")


def kind(value: object) -> str:
    """Return in words what kind of JSON value something is."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int | float | Decimal):
        return "a number"
    return "null" if value is None else f"a {type(value).__name__}"
