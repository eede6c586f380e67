"""What the rules of order say about price entries, held against the lookup that answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st
from modelbook.decode import price_record
from modelbook.prices import holds, in_force, price_of
from modelbook.records import STANDARD, Conditions, Price
from modelbook_compiler.rules.base import Check
from modelbook_compiler.rules.price_order import ends_conditioned, never_applies
from modelbook_compiler.values import Entry, Fragment, Graph, Json

UNITS = ("input", "output")
WINDOW = {"from": "16:30", "until": "00:30", "zone": "UTC"}
INSTANTS = ("2026-01-01", "2026-01-01T00:00Z", "2026-02-01T12:00Z", "2026-02-01T12:00:01Z")
ASKED = (
    "2025-12-31T23:59:59Z",
    "2026-01-01T00:00:00Z",
    "2026-02-01T12:00:00Z",
    "2026-02-01T12:00:01Z",
)
"""An instant before, at and after every edge of an entry."""

conditions = st.fixed_dictionaries(
    {},
    optional={
        "tier": st.sampled_from(["batch", "flex"]),
        "context_above": st.sampled_from([1000, 2000]),
        "region": st.just("us"),
        "window": st.just(WINDOW),
    },
)
amounts = st.sampled_from(["1", "2", "3", "free", "unknown"])
dates = st.sampled_from(INSTANTS)


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Json]:
    """Draw a price entry: some time, some conditions, amounts, and now and then a factor."""
    entry = draw(
        st.fixed_dictionaries({}, optional={"from": dates, "until": dates, "when": conditions})
    )
    if entry.get("when") == {}:
        del entry["when"]
    units = draw(st.lists(st.sampled_from(UNITS), unique=True))
    entry.update((unit, draw(amounts)) for unit in units)
    if not units or draw(st.integers(0, 4)) == 0:
        entry["multiply"] = "1.1"
        if draw(st.booleans()):
            entry["units"] = [draw(st.sampled_from(UNITS))]
    elif "context_above" in entry.get("when", {}) and draw(st.booleans()):
        entry["marginal"] = True
    return entry


lists = st.lists(entries(), max_size=5)


def found(check: Check, prices: Sequence[Fragment]) -> set[int]:
    """Return the positions of the entries that a rule reports."""
    entry = Entry("deployment", "acme:a", {"prices": prices}, ())
    return {int(one.pointer[1]) for one in check(entry, Graph({}))}


def records(prices: Sequence[Fragment]) -> list[Price]:
    """Return price entries as the lookup reads them."""
    return [price_record(dict(one)) for one in prices]


def speakers(prices: Sequence[Price], unit: str, at: str, when: Conditions) -> list[int]:
    """Return the positions of the entries that state or scale a unit there and then."""
    return [
        position
        for position, one in enumerate(prices)
        if in_force(one, at)
        and holds(one.when, when)
        and (unit in one.amounts or (one.multiply and unit in (one.units or UNITS)))
    ]


def replaced(prices: Sequence[Price], when: Conditions) -> Iterator[tuple[int, int]]:
    """Yield an entry that takes the place of an earlier one under conditions, with that one."""
    for unit in UNITS:
        for at in ASKED:
            said = speakers(prices, unit, at, when)
            if said and unit in prices[said[-1]].amounts:
                yield from ((said[-1], earlier) for earlier in said[:-1])


@given(lists, conditions)
def test_what_never_applies_changes_no_answer(prices: list[Json], asked: Json) -> None:
    dead = found(never_applies, prices)
    whole, when = records(prices), price_record({"when": asked}).when
    for gone in (dead, *({one} for one in dead)):
        rest = [one for position, one in enumerate(whole) if position not in gone]
        for unit in UNITS:
            for at in ASKED:
                assert price_of(whole, unit, at, when) == price_of(rest, unit, at, when)


@given(lists)
def test_what_never_applies_is_found(prices: list[Json]) -> None:
    plain = [one for one in prices if not {"multiply", "marginal"} & one.keys()]
    whole, dead = records(plain), found(never_applies, plain)
    for position, one in enumerate(whole):
        times = [at for at in ASKED if in_force(one, at)]
        lasts = (
            speakers(whole, unit, at, one.when)[-1] == position
            for unit in one.amounts
            for at in times
        )
        if times:
            assert (position in dead) == (not any(lasts))


@given(lists, conditions)
def test_a_general_price_that_changes_a_conditioned_answer_is_found(
    prices: list[Json], asked: Json
) -> None:
    silent, lost = found(never_applies, prices), found(ends_conditioned, prices)
    whole = records(prices)
    for last, earlier in replaced(whole, price_record({"when": asked}).when):
        if whole[last].when == STANDARD != whole[earlier].when:
            assert last in lost or earlier in silent


@given(lists)
def test_what_is_said_to_be_lost_is_lost(prices: list[Json]) -> None:
    whole = records(prices)
    for position in found(ends_conditioned, prices):
        assert any(
            last == position and whole[last].when != whole[earlier].when
            for one in whole[:position]
            for last, earlier in replaced(whole, one.when)
        )
