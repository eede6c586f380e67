"""MB315 held against a count of hours: where a price ends, who takes over, and when."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from modelbook_compiler.rules.price_order import gap
from modelbook_compiler.values import Entry, Fragment, Graph, Json

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
INSTANTS = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")
TIMES = ("00:00", "06:00", "12:00", "18:00")
HOURS = [(day, time) for day in DAYS for time in TIMES]
"""An instant at every edge of a window: what holds at one holds until the next."""


@st.composite
def windows(draw: st.DrawFn) -> Json:
    """Draw a window; two short of the whole week are common."""
    window: Json = {"from": draw(st.sampled_from(TIMES)), "until": draw(st.sampled_from(TIMES))}
    if draw(st.booleans()):
        window["days"] = draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True))
    return {**window, "zone": "Asia/Shanghai"}


@st.composite
def entries(draw: st.DrawFn) -> Json:
    """Draw a price entry of one unit."""
    entry: Json = {"input": "1"}
    start, end = draw(st.tuples(st.sampled_from(INSTANTS), st.sampled_from(INSTANTS)))
    if draw(st.booleans()):
        entry["from"] = start
    if draw(st.booleans()) and not entry.get("from", "") >= end:
        entry["until"] = end
    when: Json = {}
    if draw(st.integers(0, 3)):
        when["window"] = draw(windows())
    if draw(st.integers(0, 5)) == 0:
        when["tier"] = "batch"
    return {**entry, "when": when} if when else entry


def opens(price: Fragment, day: str, time: str) -> bool:
    """Tell whether an entry holds at an hour of the week."""
    window = price.get("when", {}).get("window")
    if window is None:
        return True
    open_days = window.get("days", DAYS)
    before = DAYS[DAYS.index(day) - 1]
    if window["from"] < window["until"]:
        return day in open_days and window["from"] <= time < window["until"]
    return (day in open_days and time >= window["from"]) or (
        before in open_days and time < window["until"]
    )


def tier(price: Fragment) -> str | None:
    """Return the tier an entry is for."""
    value: str | None = price.get("when", {}).get("tier")
    return value


def lost_and_found(prices: Sequence[Fragment], position: int) -> str | None:
    """Return when some hour that an entry leaves without a price has one again, hour by hour."""
    price = prices[position]
    ended = price["until"]
    general = [
        one
        for n, one in enumerate(prices)
        if n != position and tier(one) in (None, tier(price))  # all that answer the same question
    ]
    bare = [
        hour
        for hour in HOURS
        if opens(price, *hour)
        and not any(
            opens(one, *hour) and one.get("from", "") <= ended < one.get("until", "9")
            for one in general
        )
    ]
    later = [
        one
        for one in general
        if one.get("from", "") > ended and any(opens(one, *hour) for hour in bare)
    ]
    if not any(tier(one) == tier(price) for one in later):
        return None
    return min(one["from"] for one in later)


def found(prices: Sequence[Fragment]) -> dict[int, str]:
    """Return the position of each entry that is reported, and when the rule says prices resume."""
    entry = Entry("deployment", "acme:a", {"prices": prices}, ())
    return {int(one.pointer[1]): one.message.split()[-1] for one in gap(entry, Graph({}))}


@given(st.lists(entries(), max_size=6))
def test_gaps_are_those_that_counting_hours_finds(prices: list[Json]) -> None:
    ends = [position for position, one in enumerate(prices) if "until" in one]
    counted = {position: lost_and_found(prices, position) for position in ends}
    assert found(prices) == {at: again for at, again in counted.items() if again}


def priced(*windows: tuple[str, str, str]) -> list[Json]:
    """Return prices that end, windows that take over, and a price that comes back."""
    taking = [
        {"from": "2026-01-01", "input": "1", "when": {"window": {"from": a, "until": b, "zone": z}}}
        for a, b, z in windows
    ]
    return [{"until": "2026-01-01", "input": "2"}, *taking, {"from": "2026-06-01", "input": "3"}]


def test_zones_are_compared_only_where_that_is_certain() -> None:
    night, day = ("18:00", "06:00", "UTC"), ("06:00", "18:00", "UTC")
    far = ("06:00", "18:00", "Asia/Shanghai")
    assert found(priced(night, day)) == {}
    assert found(priced(night)) == {0: "2026-06-01"}
    assert found(priced(night, far)) == {}  # they could hold the whole day, or not
    assert found(priced(night, far, day)) == {}
    assert found(priced(night, ("00:00", "00:00", "Asia/Shanghai"))) == {}
    ended: Json = {
        "until": "2026-01-01",
        "input": "2",
        "when": {"window": dict(zone="UTC", **{"from": "06:00", "until": "18:00"})},
    }
    again: Json = {**priced(far)[1], "from": "2026-06-01"}
    assert found([ended, again]) == {}
    assert found([ended, {**again, "when": ended["when"]}]) == {0: "2026-06-01"}
