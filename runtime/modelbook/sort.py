"""The orders of a selection beside the usual one: ids in the usual order in, ids in another out.

Best first: what costs least, holds or has most, is newest, comes first in the alphabet. What is not
known stands last, whichever way round; what is alike stands by id.
"""

from __future__ import annotations

from .checks import amount_at
from .facts import known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .rare import Asked
    from .requirements import Requirements
    from .rows import Line

    Value = Callable[[str], Any]

MOST_FIRST = frozenset({"context", "output", "parameters", "released"})
"""Keys of which the best is the largest."""


def unsaid(needs: Requirements) -> tuple[str, ...]:
    """Return what goes before the usual order where `sort` says nothing.

    Preferred providers come first; of what has the words of a text, the models whose ids have least
    besides.
    """
    given = {"preference": needs.prefer, "closeness": needs.text}
    return tuple(key for key, value in given.items() if value)


def arranged(ids: Iterable[str], asked: Asked) -> list[str]:
    """Return ids as `sort` says, else as `unsaid` does."""
    keys: Any = asked.needs.sort
    found = sorted(ids) if keys else list(ids)
    for key in reversed(keys or unsaid(asked.needs)):  # sorting is stable: the first key goes last
        name = key.removeprefix("-")
        value = _values(name, asked)
        valued = [(value(id), id) for id in found]
        stated = [pair for pair in valued if pair[0] is not None]
        backwards = (name in MOST_FIRST) != (key != name)
        stated.sort(key=lambda pair: pair[0], reverse=backwards)
        found = [id for _, id in stated] + [id for value, id in valued if value is None]
    return found


def _values(key: str, asked: Asked) -> Value:
    """Return a function from a deployment's id to what it is sorted by; None is not known."""
    if key == "provider":
        return lambda id: id.partition(":")[0]
    if key == "preference":
        places = {id: n for n, id in enumerate(asked.needs.prefer or ())}
        return lambda id: places.get(id.partition(":")[0])
    if key == "cost" and asked.needs.usage is not None:
        return lambda id: None if hasattr(cost := asked.cost(id), "reason") else cost
    if key in ("cost", "context", "released"):
        return _of_index(key, asked)
    return _of_facts(key, asked)


def _of_index(key: str, asked: Asked) -> Value:
    """Return a function from id to a value that the index has."""
    read: dict[str, Callable[[Line], Any]] = {
        "cost": lambda line: amount_at(line[2], asked.at),
        "context": lambda line: line[1],
        "released": lambda line: line[3] or None,
    }
    return lambda id: read[key](asked.line(id)[1])


def _of_facts(key: str, asked: Asked) -> Value:
    """Return a function from id to a value that the second table has."""
    facts = known(asked.catalog)
    if key == "output_cost":
        return lambda id: amount_at(facts[id].output_price, asked.at)
    if key == "name":
        return lambda id: facts[id].name.casefold()
    if key == "closeness":
        return lambda id: len(facts[id].model)
    field = {"parameters": "parameters", "output": "max_output"}[key]
    return lambda id: getattr(facts[id], field)
