"""Warnings that depend on the day: asked for with `modelbook check --at DATE`, never by `compile`.

They are kept apart from the rules, so that the same files always compile to the same outcome.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from .. import codes
from ..diagnostics import Diagnostic
from ..values import Entry, Graph, Pointer
from .policies import any_meets, asked

EXPIRED = codes.register(
    "MB380",
    "an exception past its day",
    """Whoever made the exception asked for it to be looked at again from this day on. Mend the
    file, or give the exception a new day and a reason that still holds.""",
    bad="exceptions: [{rule: MB308, reason: Until the class is split, until: 2025-01-01}]",
    good="exceptions: [{rule: MB308, reason: Until the class is split, until: 2027-01-01}]",
)
BEHIND = codes.register(
    "MB381",
    "a status that its own dates have overtaken",
    """The day of retirement has come, and the status still says that the deployment answers. The
    lookup goes by the date; readers go by the status.""",
    bad="lifecycle: {status: deprecated, retired_on: 2025-12-01}",
    good="lifecycle: {status: retired, retired_on: 2025-12-01}",
)
STALE_SOURCE = codes.register(
    "MB382",
    "facts that nobody has read at their source for a year",
    """Prices and limits of deployments that still answer change without notice. Read the source
    again, and write the day.""",
    bad='sources: [{url: "https://example.com/prices", checked: 2024-01-01}]',
    good='sources: [{url: "https://example.com/prices", checked: 2026-11-01}]',
)
PAST_WAIVER = codes.register(
    "MB383",
    "a waiver past its day",
    """Until its day an import believed what looked too unlikely; from now on it does not. Read the
    source again and give the waiver a new day, or delete it.""",
    bad="waivers: [{deployment: openai:o1-pro, quarantine: above-ceiling, until: 2025-01-01, …}]",
    good="waivers: [{deployment: openai:o1-pro, quarantine: above-ceiling, until: 2027-01-01, …}]",
)
NOTHING_NOW = codes.register(
    "MB384",
    "a policy that nothing meets any longer",
    """By this day what met the policy has ended, or costs more. Applications that name it get its
    fallback, or nothing.""",
    bad="providers: [openai]\nmodels: [openai/gpt-4]  # after 2025-06-06",
    good="providers: [openai]\nmodels: [openai/gpt-4o]",
)
YEAR = 365
"""Days."""


def check_today(graph: Graph, at: date) -> Iterator[Diagnostic]:
    """Yield warnings about what has become wrong by a day."""
    day = at.isoformat()
    for entries in graph.entries.values():
        for entry in entries.values():
            for position, one in enumerate(entry.data.get("exceptions", ())):
                if one.get("until", day) < day:
                    message = f"the exception from {one['rule']} was to end on {one['until']}"
                    pointer = ("exceptions", position, "until")
                    yield _warn(entry, EXPIRED, message, pointer, "look at it again")
    for entry in graph.kind("waivers").values():
        for position, one in enumerate(entry.data["waivers"]):
            if one["until"] < day:
                message = f"the waiver for `{one['deployment']}` was to end on {one['until']}"
                yield _warn(
                    entry, PAST_WAIVER, message, ("waivers", position, "until"), "look at it again"
                )
    for entry in graph.kind("policy").values():
        yield from _policy(entry, graph, day)
    for entry in graph.kind("deployment").values():
        for check in (_behind, _stale):
            yield from check(entry, at)


def _policy(entry: Entry, graph: Graph, day: str) -> Iterator[Diagnostic]:
    """Yield a policy that nothing meets on a day."""
    needs = asked(entry, graph)
    if not isinstance(needs, str) and not any_meets(needs, entry, graph, day):
        yield _warn(entry, NOTHING_NOW, f"nothing meets it on {day}", (), "loosen it")


def _behind(entry: Entry, at: date) -> Iterator[Diagnostic]:
    """Yield a deployment whose retirement has come."""
    lifecycle = entry.data["lifecycle"]
    gone = lifecycle.get("retired_on")
    if gone and lifecycle["status"] != "retired" and gone <= at.isoformat():
        message = f"its retirement on {gone} has come"
        yield _warn(entry, BEHIND, message, ("lifecycle", "status"), "write `status: retired`")


def _stale(entry: Entry, at: date) -> Iterator[Diagnostic]:
    """Yield a deployment that still answers and whose sources are all old."""
    if entry.data["lifecycle"]["status"] == "retired":
        return
    newest = max(source["checked"] for source in entry.data["sources"])
    if newest < date.fromordinal(max(1, at.toordinal() - YEAR)).isoformat():
        message = f"its sources were last read on {newest}"
        yield _warn(entry, STALE_SOURCE, message, ("sources",), "read them again")


def _warn(entry: Entry, code: str, message: str, pointer: Pointer, hint: str) -> Diagnostic:
    """Return a warning about an entry."""
    path, place = entry.place_of(pointer)
    return Diagnostic(path, code, message, place, severity="warning", hint=hint)
