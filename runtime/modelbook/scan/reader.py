"""JSON of unknown origin -> values of the kind that was asked for.

What is of another kind is not known, and is said once as a problem: strings where counts should
be, negatives, truth values as numbers, infinities, numbers beyond any model.
"""

from __future__ import annotations

from ..names import shown
from .found import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_COUNT = 10**12
"""Larger counts of layers, heads, tokens and the like are not believed."""


class Reader:
    """A JSON object, asked by key; `place` is what problems name."""

    def __init__(self, value: object, place: str, problems: list[Problem]) -> None:
        self.values: Mapping[str, object] = value if isinstance(value, dict) else {}
        self.place = place
        self.problems = problems
        if value is not None and not isinstance(value, dict):
            self.say("is not a JSON object")

    def __bool__(self) -> bool:
        """Tell whether it says anything."""
        return bool(self.values)

    def say(self, text: str) -> None:
        """Note a problem, once."""
        problem = Problem(place=self.place, text=text)
        if problem not in self.problems:
            self.problems.append(problem)

    def has(self, key: str) -> bool:
        """Tell whether a key has a value."""
        return self.values.get(key) is not None

    def count(self, key: str, most: int = MAX_COUNT, least: int = 1) -> int | None:
        """Return a whole number of at least `least` and at most `most`, such as a size."""
        value = self.values.get(key)
        number = _whole(value)
        if value is None or (number is not None and least <= number <= most):
            return number
        self.say(f"`{key}` is no count: {_told(value)}")
        return None

    def number(self, key: str) -> float | None:
        """Return a number that is finite and above zero, such as a factor."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < MAX_COUNT:
            return float(value)
        self.say(f"`{key}` is no number above zero: {_told(value)}")
        return None

    def text(self, key: str) -> str | None:
        """Return a text of one line; None for an empty one."""
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if isinstance(value, str) and len(value) <= 500 and value.isprintable():
            return value
        self.say(f"`{key}` is no line of text: {_told(value)}")
        return None

    def part(self, key: str) -> Reader:
        """Return the object under a key; an empty one where there is none."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, dict):
            self.say(f"`{key}` is no object: {_told(value)}")
            value = None
        return Reader(value, self.place, self.problems)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty where there is none."""
        value = self.values.get(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(one for one in value if len(one) <= 500 and one.isprintable())
        self.say(f"`{key}` is no list of texts: {_told(value)}")
        return ()

    def length(self, key: str) -> int | None:
        """Return how many items a list has."""
        value = self.values.get(key)
        return len(value) if isinstance(value, list) else None


def _whole(value: object) -> int | None:
    """Return a number without a fraction; None for what is none, truth values too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) < 1e300 and value == int(value) else None


def _told(value: object) -> str:
    """Return a value as a problem shows it."""
    try:
        return shown(value)
    except RecursionError:
        return "nested too deep"
