"""Rules about dates. None asks what day it is: the same files always give the same answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise

from modelbook.prices import whole

from ..references import DISPUTES
from ..values import Entry, Graph, Json, Pointer
from .base import Finding, rule

DATE = re.compile(r"([0-9]{4})(-[0-9]{2})?(-[0-9]{2})?(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z)?")
IN_NAME = re.compile(r"(?<![0-9])(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])(?![0-9])")
"""A day in the name of a snapshot: 2024-08-06 or 20240806."""

DATED_FIELDS = frozenset(
    {
        "released",
        "knowledge_cutoff",
        "deprecated_on",
        "not_retired_before",
        "retired_on",
        "from",
        "until",
        "checked",
    }
)


@rule(
    "MB302",
    "a day that is not in the calendar",
    "model",
    "deployment",
    "provider",
    "pipeline",
    "architecture",
    "currencies",
    "policy",
    "secret",
    *DISPUTES,
    "waivers",
    "pipeline-aliases",
    "api-pipelines",
    bad="released: 2024-02-30",
    good="released: 2024-02-29",
)
def not_in_calendar(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """A date that no calendar has sorts somewhere all the same, and prices would change on a day
    that never comes.
    """
    if _all_exist(entry.data):  # nearly always, and told without the way to each date
        return
    for pointer, value in _dates(entry.data, ()):
        if not _exists(value):
            yield Finding(f"`{value}` is not in the calendar", pointer, "check the month and day")


@rule(
    "MB303",
    "dates out of order",
    "deployment",
    "currencies",
    bad="lifecycle: {status: retired, deprecated_on: 2026-06-01, retired_on: 2025-12-01}",
    good="lifecycle: {status: retired, deprecated_on: 2025-06-01, retired_on: 2025-12-01}",
)
def out_of_order(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A deployment is released, then deprecated, then retired; a price starts before it ends; the
    steps of a moving name and the rates of a currency follow each other. Two dates the other way
    round are two dates swapped, or one of another model.
    """
    if entry.kind == "currencies":
        for code, facts in entry.data["currencies"].items():
            yield from _steps(facts.get("rates", []), ("currencies", code, "rates"))
        return
    yield from _lifecycle_order(entry, graph)
    yield from _steps(entry.data.get("points_to", []), ("points_to",))
    for position, price in enumerate(entry.data.get("prices", [])):
        if "from" in price and "until" in price and whole(price["from"]) >= whole(price["until"]):
            message = f"the price ends on {price['until']}, not after it starts"
            hint = "`until` is the first instant it no longer applies"
            yield Finding(message, ("prices", position, "until"), hint)


@rule(
    "MB339",
    "a dated name that is released before its date",
    "deployment",
    bad="lifecycle: {status: active, released: 2024-05-13}  # of …/gpt-4o-2024-08-06",
    good="lifecycle: {status: active, released: 2024-08-06}",
)
def before_its_name(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A name with a date stands for what was released on it, or later. Without a release day of its
    own a deployment has that of its model, and its prices would answer for days on which it did
    not exist. State the day of this snapshot.
    """
    named = IN_NAME.search(entry.id.partition(":")[2])
    released = _released(entry, graph)
    if named is None or released is None:
        return
    day = "-".join(named.groups())
    if _exists(day) and released < day[: len(released)]:
        own = "released" in entry.data["lifecycle"]
        pointer = ("lifecycle", "released") if own else ("lifecycle",)
        message = f"released {released}, before the {day} of its name"
        hint = f"add `released: {day}`, or the later day on which it was offered"
        yield Finding(message, pointer, hint)


def _lifecycle_order(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """Yield lifecycle dates that are before an earlier stage's."""
    lifecycle = entry.data["lifecycle"]
    stages = [
        ("released", _released(entry, graph)),
        ("deprecated_on", lifecycle.get("deprecated_on")),
        ("retired_on", lifecycle.get("retired_on")),
    ]
    known = [(name, day) for name, day in stages if day is not None]
    for (before, early), (after, late) in pairwise(known):
        if late < early[: len(late)]:
            message = f"`{after}` {late} is before `{before}` {early}"
            yield Finding(message, ("lifecycle", after), "check both dates at the source")


def _released(entry: Entry, graph: Graph) -> str | None:
    """Return the release day of a deployment, else that of its model."""
    model = graph.kind("model").get(entry.data["model"])
    stated: str | None = entry.data["lifecycle"].get("released")
    return stated or (model.data.get("released") if model else None)


def _steps(steps: list[Json], pointer: Pointer) -> Iterator[Finding]:
    """Yield steps that do not start after the one before."""
    for position, (before, after) in enumerate(pairwise(steps), start=1):
        if whole(after["from"]) <= whole(before["from"]):
            message = f"`from` {after['from']} is not after {before['from']}"
            yield Finding(message, (*pointer, position, "from"), "list the oldest first")


def _all_exist(value: Json) -> bool:
    """Tell whether every date inside a mapping or list is in the calendar."""
    for key, inner in value.items() if value.__class__ is dict else enumerate(value):
        kind = inner.__class__
        if kind is dict or kind is list:
            if not _all_exist(inner):
                return False
        elif kind is str and key in DATED_FIELDS and DATE.fullmatch(inner) and not _exists(inner):
            return False
    return True


def _dates(value: Json, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    """Yield every text that stands in a field for dates."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if isinstance(inner, (dict, list)):
            yield from _dates(inner, (*pointer, key))
        elif key in DATED_FIELDS and isinstance(inner, str) and DATE.fullmatch(inner):
            yield (*pointer, key), inner


@lru_cache(maxsize=2**14)
def _exists(text: str) -> bool:
    """Tell whether a date or instant is in the calendar; a missing day stands for the first."""
    match = DATE.fullmatch(text)
    year, month, day, clock = match.group(1, 2, 3, 4) if match else ("0", None, None, None)
    try:
        date.fromisoformat(f"{year}{month or '-01'}{day or '-01'}")
        datetime.fromisoformat(f"2000-01-01{clock or ''}")
    except ValueError:
        return False
    return True
