"""One rule and the events of a response -> a report, or why the rule does not fit."""

from __future__ import annotations

from decimal import Context, Decimal
from functools import lru_cache, reduce

from ..counts import MOST
from ..errors import ModelbookError, UsageError
from ..instants import instant
from ..names import shown
from ..prices import ASKED
from ..recipes import ONE, possible
from ..record import FrozenDict
from .events import merged
from .paths import (
    ANY,
    NONE,
    WrongShapeError,
    counted,
    first,
    is_one_of,
    kind,
    parsed,
    signed,
    values,
    word,
)
from .report import UsageReport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from ..recipes import Rule
    from ..rows import Row
    from ..units import Unit, Units
    from .events import Event

    Terms: TypeAlias = tuple[tuple[str, int], ...]

CONDITIONS = ASKED
"""Fields of a report that a rule fills from one path each."""

STANDARD = "standard"
"""What a vendor's word means where it is nothing special: no condition."""

EXACT = Context(prec=60)


class LacksError(UsageError):
    """The response has not what a rule needs: perhaps another rule reads it."""


class Reader:
    """The events of one response, ready to be read by any rule."""

    def __init__(self, events: tuple[Event, ...], stream: bool, units: Units) -> None:
        self._events, self._stream, self._units = events, stream, units
        self._body: Event = events[0] if len(events) == 1 else merged(events)

    def marked(self, rule: Row) -> bool | None:
        """Tell whether the marks of a rule are there; None where nothing speaks for or against."""
        sure = "when" in rule
        for path, wanted in rule.get("when", {}).items():
            told = self._mark(path, wanted)
            if told is False:
                return False
            sure = sure and bool(told)
        return False if not sure and self._foreign(rule) else sure or None

    def _foreign(self, rule: Row) -> bool:
        """Tell whether the response says what it is, and a rule knows no such word."""
        paths = {*rule.get("when", ()), *rule.get("final", ())}
        spelt = {one for path in paths for one in path.split("|")}
        return any(
            isinstance(event.get(field), str)
            for field in ("object", "type")
            if field not in spelt
            for event in self._events
        )

    def _mark(self, path: str, wanted: tuple[str, ...]) -> bool | None:
        """Tell whether one mark is there, in any event."""
        found = [one for event in self._events for one in values(path, event, event)]
        if NONE in wanted:
            return not found
        if ANY in wanted:
            return bool(found)
        return any(is_one_of(one, wanted) for one in found) if found else None

    def read(self, rule: Row, provider: str) -> UsageReport:
        """Return what a rule reads; raise `LacksError` or `UsageError`."""
        self._check_end(rule)
        self._check_one(rule)
        usage = self._counts(rule)
        self._check_parts(usage, rule)
        words = {name: self._word(rule[name]) for name in CONDITIONS if name in rule}
        model = self._last(rule["model"]) if "model" in rule else None
        if model is not None and not isinstance(model, str):
            raise UsageError(f"`{rule['model']}` should be a name, not {kind(model)}")
        return UsageReport(
            provider=provider,
            api=rule["api"],
            model=model or None,
            usage=FrozenDict(usage),
            at=_time(rule["at"], self._last(rule["at"])) if "at" in rule else None,
            uncounted=tuple(
                name
                for name, path in rule.get("uncounted", {}).items()
                if any(values(path, event, event) for event in self._events)
            ),
            **words,
        )

    def _check_end(self, rule: Row) -> None:
        """Refuse a stream without the event that ends it."""
        told = False
        for path, wanted in rule.get("final", {}).items():
            found = [one for event in self._events for one in values(path, event, event)]
            if any(is_one_of(one, wanted) for one in found):
                return
            told = told or bool(found) or self._stream
        if told:
            ends = " or ".join(f"`{path}`" for path in rule["final"])
            raise LacksError(f"the stream was cut: no event says by {ends} that it is the last one")

    def _check_one(self, rule: Row) -> None:
        """Refuse the events of several responses, whose counts would cover each other."""
        if len(self._events) < 2:
            return
        for field in ("id", "model"):
            told = [first(rule[field], event) for event in self._events] if field in rule else []
            found = {str(one) for one in told if one not in (None, "")}
            if len(found) > 1:
                listed = ", ".join(f"`{shown(one[:60])[1:-1]}`" for one in sorted(found)[:3])
                raise UsageError(f"the events are of several responses: {listed}; read each alone")
        marks = rule.get("once") or rule.get("final")
        if not marks:
            raise LacksError(
                f"{len(self._events)} events, and this API does not stream: read each alone"
            )
        whole = [event for event in self._events if _shows(marks, event)]
        if len(whole) > 1 and not all(first(rule.get("id", "id"), event) for event in whole):
            raise UsageError(
                f"{len(whole)} of these events end a response each, and no id says that they are "
                "of one: read each alone"
            )

    def _counts(self, rule: Row) -> dict[str, int | Decimal]:
        """Return the counts that a rule finds, by unit."""
        root = self._root(rule)
        usage = {}
        for unit in rule["counts"]:
            found = self._terms(unit, root, rule)
            if found and (unit != ONE or any(found)):  # no response is of no request
                usage[unit] = _total(found, self._units[unit], _listed(rule, unit))
        if not usage:
            raise LacksError(f"none of its counts is there: {_paths(rule)}")
        self._check_kinds(root, rule)
        self._check_sums(root, rule)
        return usage

    def _check_kinds(self, root: Event, rule: Row) -> None:
        """Refuse a part of a breakdown that no count takes: it would be priced as text."""
        for path, known in rule.get("kinds", {}).items():
            items, _, key = path.rpartition(".")
            for item in values(items, root, self._body):
                told = first(key, item)
                if word(told) not in known:
                    listed = ", ".join(f"`{one}`" for one in known)
                    raise UsageError(
                        f"`{_whole(path, rule)}` is {shown(told)}, which is none of {listed}"
                    )

    def _check_sums(self, root: Event, rule: Row) -> None:
        """Refuse a total that is not the sum of what it is made of."""
        for path, stated in rule.get("sums", {}).items():
            total = self._count(f"{path}?", root, rule)
            found = [
                (made, way)
                for way in stated.split(" or ")
                if (made := self._sum(way, root, rule)) is not None
            ]
            if total and found and all(made != sum(total) for made, _ in found):
                made, way = found[0]
                raise UsageError(
                    f"impossible: `{_whole(path, rule)}` is {sum(total):,}, and "
                    f"{_way(way)} is {made:,}"
                )

    def _sum(self, way: str, root: Event, rule: Row) -> int | Decimal | None:
        """Return a sum of counts; None where one that it needs is missing."""
        try:
            return sum(self._signed(way, root, rule))
        except LacksError:
            return None

    def _signed(self, way: str, root: Event, rule: Row) -> list[int | Decimal]:
        """Return the numbers that a sum is made of, each with its sign."""
        return [
            number if sign == "+" else -number
            for sign, path in signed(way)
            for number in self._count(path, root, rule)
        ]

    def _root(self, rule: Row) -> Event:
        """Return the object that a rule's counts stand in, of all events together."""
        if "root" not in rule:
            return self._body
        found = [one for event in self._events for one in values(rule["root"], event, event)]
        wrong = next((one for one in found if not hasattr(one, "items")), None)
        if wrong is not None:
            raise UsageError(f"`{rule['root']}` should be an object, not {kind(wrong)}")
        if not found:
            cut = "; in a stream it comes last: was it asked for, or cut?" if self._stream else ""
            raise LacksError(f"`{rule['root']}` is missing{cut}")
        return merged(found)  # type: ignore[arg-type]  # objects, as was just asked

    def _terms(self, unit: str, root: Event, rule: Row) -> list[int | Decimal]:
        """Return what adds up to a count: the first of its ways with all that it needs."""
        ways: list[str] = rule["counts"][unit].split(" or ")
        for n, way in enumerate(ways, 1):
            try:
                return self._signed(way, root, rule)
            except LacksError:
                if n == len(ways):
                    raise
        return []

    def _count(self, path: str, root: Event, rule: Row) -> list[int | Decimal]:
        """Return the numbers at one path; none where it may be missing and is."""
        try:
            found = counted(path, root, self._body)
        except WrongShapeError as error:
            raise UsageError(f"`{_whole(path, rule)}`: {error}") from None
        if not found and not parsed(path)[1]:
            raise LacksError(f"`{_whole(path, rule)}` is missing")
        return [
            one if type(one) is int and 0 <= one <= MOST else _number(one, _whole(path, rule))
            for one in found
        ]

    def _check_parts(self, usage: Mapping[str, int | Decimal], rule: Row) -> None:
        """Refuse parts that are more than their whole, by what the calculator holds possible."""
        keys = tuple(usage)
        for held, terms in _possible(self._units, keys):
            if held.refuses(sum([weight * usage[unit] for unit, weight in terms])):
                parts = [unit for unit, weight in terms if weight < 0]
                whole = next(unit for unit, weight in terms if weight > 0)
                said = " and ".join(
                    f"{_listed(rule, unit)} says {usage[unit]:,} of `{unit}`"
                    for unit in parts or [whole]
                )
                if held.exact:
                    raise UsageError(f"{said}: {held.broken}")
                are = "it is a part" if len(parts) == 1 else "they are parts"
                raise UsageError(
                    f"impossible: {said}, more than the {usage[whole]:,} of `{whole}` "
                    f"({_listed(rule, whole)}), which {are} of"
                )

    def _last(self, path: str) -> object | None:
        """Return the last value of a path that is not null, in event order."""
        for event in reversed(self._events):
            found = first(path, event)
            if found is not None:
                return found
        return None

    def _word(self, stated: Row) -> str | None:
        """Return a condition of prices in the catalog's words; None for the standard one."""
        path: str = stated["path"]
        value = self._last(path)
        if value is None:
            return None
        if not isinstance(value, str):
            raise UsageError(f"`{path}` should be text, not {kind(value)}")
        word = str.lower(value)
        meant: str = stated.get("names", {}).get(word, word)
        return None if meant in (STANDARD, "") else meant


def _shows(marks: Mapping[str, tuple[str, ...]], event: Event) -> bool:
    """Tell whether an event has any of some marks."""
    return any(
        is_one_of(one, wanted)
        for path, wanted in marks.items()
        for one in values(path, event, event)
    )


def _whole(path: str, rule: Row) -> str:
    """Return a path of a count from the body on, as a message shows it."""
    one = path.removesuffix("?").partition("|")[0]
    inside = "root" in rule and not path.startswith(".")
    return f"{rule['root'].partition('|')[0]}.{one}" if inside else one.removeprefix(".")


def _paths(rule: Row) -> str:
    """Return the paths of all counts of a rule, as a message shows them."""
    return ", ".join(_listed(rule, unit) for unit in rule["counts"])


def _listed(rule: Row, unit: str) -> str:
    """Return the ways to one count, as a message shows them."""
    ways: list[str] = rule["counts"][unit].split(" or ")
    return " or ".join(map(_way, ways))


def _way(stated: str) -> str:
    """Return a sum or difference of paths, as a message shows it."""
    terms = (f"{sign} `{path.removesuffix('?')}`" for sign, path in signed(stated))
    return " ".join(terms).removeprefix("+ ").replace("|", "` or `")


@lru_cache(maxsize=256)
def _possible(units: Units, keys: tuple[str, ...]) -> tuple[tuple[Rule, Terms], ...]:
    """Return what must hold of counts of these units, each with the units that it is about."""
    return tuple(
        (
            held,
            tuple((key, weight) for key, weight in zip(keys, held.weights, strict=True) if weight),
        )
        for held in possible([units[key] for key in keys], units)
    )


def _number(value: object, path: str) -> int | Decimal:
    """Return a count; raise `UsageError` for what can be none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise UsageError(f"`{path}` should be a number, not {kind(value)}")
    number = value if isinstance(value, int) else Decimal(str(value))
    if isinstance(number, Decimal) and not number.is_finite():
        raise UsageError(f"`{path}` is {value}, which is no count")
    if number < 0:
        raise UsageError(f"`{path}` is negative: {shown(value)}")
    if number > MOST:
        raise UsageError(f"`{path}` is more than {MOST:,}: {shown(value)}")
    return number


def _total(found: Sequence[int | Decimal], unit: Unit, paths: str) -> int | Decimal:
    """Return the sum of counts: whole, or a decimal where the unit has fractions."""
    if all(type(one) is int for one in found):
        number: int | Decimal = int(sum(found))
    else:
        number = reduce(EXACT.add, found, Decimal(0))
    if number < 0:
        raise UsageError(f"impossible: {paths} make {number:,} of `{unit.id}`")
    if number == int(number):
        return int(number)
    if not unit.fractional:
        raise UsageError(f"{paths}: {number} is no whole number of `{unit.id}`")
    return number


def _time(path: str, value: object | None) -> str | None:
    """Return a timestamp as a UTC instant; 0 is how some servers say that they have none."""
    from datetime import UTC, datetime

    if value is None or (not isinstance(value, bool | str) and value == 0):
        return None
    try:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return instant(datetime.fromtimestamp(int(value), UTC))
        if isinstance(value, str):
            return instant(value)
    except (ModelbookError, ValueError, ArithmeticError, OSError):
        pass
    raise UsageError(f"`{path}` is no time: {shown(value)}")
