"""What a program hands over -> entries: rows as a catalog file would state them, checked.

A mapping has the fields of a catalog file, and its `id` beside. What only files have is left out:
`sources` need not be stated, and a deployment whose `lifecycle` is not stated is active, since it
is registered to be called.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from ..errors import RegistrationError
from ..names import shown
from .shape import problems

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, Literal

    from ..rows import Row, Rows

    Kind = Literal["provider", "model", "deployment"]

BOOKKEEPING = ("exceptions", "imported")
"""Fields of files that say nothing of the subject."""

FILES_ONLY = ("usage", "names")
"""Fields of a provider's file that need the whole catalog to be checked."""

DEEPEST = 12
"""Levels of a value; a catalog file has less."""

NOT_STATED = frozenset({"sources", "lifecycle"})
"""Fields that a file needs and a registration does not."""


class Entry(NamedTuple):
    """One subject to be registered."""

    kind: Kind
    id: str
    row: Row
    """As its file would state it: texts, numbers, truth values, tuples, mappings."""


class Faults:
    """What is wrong, gathered until all is known."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.near: list[str] = []
        self.ids: set[str] = set()
        """The subjects that something is wrong with."""
        self.partly: list[Entry] = []
        """Those of them whose shape is wrong, with the fields that are sound."""

    def say(self, id: str, place: str, text: str) -> None:
        """Note what is wrong at a place of a subject."""
        self.ids.add(id)
        self.found.append(f"`{id}`" + (f", `{place}`" if place else "") + f" {text}")

    def stop(self) -> None:
        """Raise `RegistrationError` for all that was noted, if anything was."""
        if not self.found:
            return
        found = tuple(dict.fromkeys(self.found))
        more = f"\n… and {len(found) - 20} more" if found[20:] else ""
        message = found[0] if len(found) == 1 else "\n".join(["cannot register:", *found[:20]])
        id = found[0].split("`")[1]
        raise RegistrationError(message + more, id=id, nearest=tuple(self.near), problems=found)


def entries(given: Iterable[object], shapes: Rows, faults: Faults) -> list[Entry]:
    """Return the subjects that mappings state; what is wrong with any of them is noted.

    Of those the fields that are sound are kept, so that their references can be looked at too.
    """
    found: list[Entry] = []
    for one in given:
        for entry in _split(one, faults):
            wrong = list(_wrong(entry, shapes))
            for place, text in wrong:
                faults.say(entry.id, place, text)
            if wrong:
                fields = {re.split(r"[.\[]", place)[0] for place, _ in wrong}
                sound = {name: entry.row[name] for name in entry.row if name not in fields}
                faults.partly.append(Entry(entry.kind, entry.id, sound))
            else:
                found.append(entry)
    return found


def kind_of(id: str) -> Kind:
    """Return what an id is of: `provider:name` a deployment, `creator/name` a model."""
    if ":" in id:
        return "deployment"
    return "model" if "/" in id else "provider"


def exact(id: str) -> str:
    """Return an id as it is known: that of a deployment has its wire name in lower case."""
    provider, mark, name = id.partition(":")
    return f"{provider}{mark}{name.lower()}"


def _split(given: object, faults: Faults) -> Iterator[Entry]:
    """Yield a subject, and the deployments that a model holds; each with its own id."""
    if isinstance(given, Entry):
        yield given
        return
    plain = _taken(given, faults)
    if plain is None:
        return
    id = plain.pop("id", None)
    if not isinstance(id, str) or not id:
        listed = ", ".join(list(plain)[:5]) or "nothing"
        told = f"it has {listed}" if id is None else f"{shown(id)} is none"
        faults.say("?", "", f"needs an `id` such as `openai/gpt-4o`; {told}")
        return
    held = plain.pop("deployments", None) if kind_of(id) == "model" else None
    yield _entry(id, plain)
    yield from _held(id, held, faults)


def _held(model: str, held: object, faults: Faults) -> Iterator[Entry]:
    """Yield the deployments inside a model: a mapping by id, or a list of mappings with ids."""
    if held is None:
        return
    if isinstance(held, dict) and all(isinstance(one, dict) for one in held.values()):
        several: tuple[object, ...] = tuple({"id": id, **one} for id, one in held.items())
    else:
        several = held if isinstance(held, tuple) else (held,)
    for one in several:
        id = one.get("id") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(id, str) or kind_of(id) != "deployment":
            text = f"takes a mapping of `provider:name` to facts, not {shown(one)}"
            faults.say(model, "deployments", text)
        elif one.get("model", model) != model:
            faults.say(model, "deployments", f"holds `{id}`, which is of {shown(one['model'])}")
        else:
            yield _entry(id, {"model": model, **{k: v for k, v in one.items() if k != "id"}})


def _entry(id: str, row: dict[str, Any]) -> Entry:
    """Return a subject; the id of a deployment is in lower case, its wire name in its true one."""
    kind = kind_of(id)
    kept = {name: value for name, value in row.items() if name not in BOOKKEEPING}
    if kind == "deployment":
        kept.setdefault("lifecycle", {"status": "active"})
        if exact(id) != id:
            kept.setdefault("wire_name", id.partition(":")[2])
    return Entry(kind, exact(id), kept)


def _wrong(entry: Entry, shapes: Rows) -> Iterator[tuple[str, str]]:
    """Yield place and words of all that is wrong with a subject by itself."""
    kind, id, row = entry
    for _, text in problems(id, f"{kind}_id", shapes):
        yield "id", text
    files = [name for name in FILES_ONLY if kind == "provider" and name in row]
    for name in files:
        yield name, "can be stated in catalog files only"
    shape = {**shapes[kind]}
    shape["required"] = tuple(one for one in shape["required"] if one not in NOT_STATED)
    checked = {name: value for name, value in row.items() if name not in files}
    for place, text in problems(checked, kind, {**shapes, kind: shape}):
        if not (place.startswith("pipelines[") and "cannot be '" in text):  # told with the nearest
            yield place, text
    wire = row.get("wire_name")
    if kind == "deployment" and isinstance(wire, str) and wire.lower() != id.partition(":")[2]:
        yield "wire_name", f"is {shown(wire)}, which differs from the id by more than its case"


def _taken(given: object, faults: Faults) -> dict[str, Any] | None:
    """Return a mapping as plain data; None for what is none."""
    from collections.abc import Mapping

    if not isinstance(given, Mapping):
        faults.say(
            "?", "", f"is {shown(given)}; a mapping with the fields of a catalog file is due"
        )
        return None
    try:
        made = plain(given)
    except (ValueError, TypeError) as error:
        id = given.get("id")
        faults.say(id if isinstance(id, str) else "?", "", str(error))
        return None
    return made if isinstance(made, dict) else None


def plain(value: object, depth: int = 0) -> Any:
    """Return a value as a generated module holds it: tuples, and exact text for prices and days.

    Raises `ValueError` for a mapping nested too deep, `TypeError` for keys that are no text. What
    no catalog file can say stays as it is, for the check to find.
    """
    from collections.abc import Mapping

    if depth > DEEPEST:
        raise ValueError(f"is nested deeper than {DEEPEST} levels")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("has a key that is no text")
        return {_text(key): plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(plain(item, depth + 1) for item in value)
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def _text(value: str) -> str:
    """Return a text; raise `ValueError` for half a character, which no file can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"has a text that is no Unicode: {shown(value)}") from None
    return str.__str__(value)


def stated(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with lists in place of tuples, as JSON has it."""

    def listed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: listed(inner) for key, inner in value.items()}
        return [*map(listed, value)] if isinstance(value, tuple) else value

    return {key: listed(value) for key, value in row.items()}
