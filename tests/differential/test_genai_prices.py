"""The book and genai-prices say the same of every deployment both know, or a dispute says why not.

Run with `-s` to see what was compared.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import TypeVar

import pytest
from modelbook.decode import price_record
from modelbook.record import FrozenDict, Record
from modelbook_catalog import catalog, price
from modelbook_compiler.book import Book
from modelbook_compiler.values import Dispute

from . import peer
from .compare import Compared, Difference, Point, compare, unexplained, usage

R = TypeVar("R", bound=Record)

USAGES = 3
"""Random usages at each point."""


BY_IMPORT = "The file is kept by hand, from the sources it names"
"""Why an import says that a claim lost, which is of one row and not of what its names match."""


@pytest.fixture(scope="module")
def kept(shipped: Book) -> frozenset[str]:
    """Return the deployments that people keep: others have their prices from the peer's own rows.

    What the peer's patterns make of a name that it has no row for is no claim about it.
    """
    files = (one for one in shipped.files if one.kind == "deployment" and not one.imported)
    return frozenset(one.id for one in files)


@pytest.fixture(scope="module")
def compared(kept: frozenset[str]) -> Compared:
    """Return how all of them compare."""
    return compare(catalog().get_deployment(id) for id in sorted(kept))


@pytest.fixture(scope="module")
def claims(shipped: Book, kept: frozenset[str]) -> list[Dispute]:
    """Return the recorded disputes with genai-prices."""
    known = (one for one in shipped.disputes if one.source.startswith(f"{peer.NAME} "))
    return [one for one in known if one.id in kept]


def test_every_difference_is_a_recorded_dispute(compared: Compared, claims: list[Dispute]) -> None:
    left, _ = unexplained(compared.differences, claims)
    assert not left, "\n".join(map(str, left))


def test_every_recorded_dispute_is_still_one(compared: Compared, claims: list[Dispute]) -> None:
    by_hand = [one for one in claims if one.reason != BY_IMPORT and one.quarantine is None]
    _, spent = unexplained(compared.differences, by_hand)
    assert not [(one.id, one.field, one.value, one.when) for one in spent]


def test_totals_are_the_same_to_the_last_digit(compared: Compared) -> None:
    random = Random(5)  # noqa: S311  # the same usages every time
    priced, apart = 0, []
    for point, units in compared.agreed.items():
        asked = dict(point.asked)
        there = peer.find(point.id, asked.get("region"))
        assert there is not None
        for _ in range(USAGES):
            used = usage(point, units, random)
            if used:
                ours = price(point.id, used, at=point.at, **asked).total
                theirs = there.total(point.at, asked, used)
                priced += 1
                apart += [(point, dict(used), ours, theirs)] if ours != theirs else []
    print(f"\nusages: {priced:,}")
    assert not apart
    assert priced > USAGES * len(compared.agreed) * 0.9  # few are left out for a disputed input


@pytest.mark.parametrize(
    ("entry", "unit", "asked"),
    [(0, "output", None), (1, "input", "batch"), (2, "output", "priority")],
)
def test_a_price_that_is_changed_is_noticed(
    entry: int, unit: str, asked: str | None, claims: list[Dispute]
) -> None:
    one = catalog().get_deployment("openai:gpt-4o-2024-08-06")
    prices = list(one.prices)
    assert prices[entry].when.tier == asked
    amounts = FrozenDict({**prices[entry].amounts, unit: Decimal("2.34")})
    prices[entry] = replaced(prices[entry], amounts=amounts)
    again = compare([replaced(one, prices=tuple(prices))])
    left, _ = unexplained(again.differences, claims)
    assert {(one.unit, one.ours) for one in left} == {(unit, Decimal("2.34"))}
    assert {dict(one.point.asked).get("tier") for one in left} == {asked}


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "apart"),
    [
        ("UTC", "00:30", "16:30", set()),
        ("Asia/Shanghai", "08:30", "00:30", set()),
        ("UTC", "00:31", "16:30", {"2026-11-23T00:30:00Z", "2026-11-23T00:30:59Z"}),
    ],
)
def test_hours_of_the_day_are_held_against_each_other(
    zone: str, opens: str, closes: str, apart: set[str]
) -> None:
    rows = [
        {"input": "0.135", "output": "0.55", "cache_read": "0.035"},
        {
            "when": {"window": {"from": opens, "until": closes, "zone": zone}},
            "input": "0.27",
            "output": "1.10",
            "cache_read": "0.07",
        },
    ]
    one = catalog().get_deployment("openai:gpt-4o-2024-08-06")
    made_up = replaced(one, id="deepseek:deepseek-chat", prices=tuple(map(price_record, rows)))
    found = compare([made_up])
    assert {one.point.at for one in found.differences} == apart
    assert found.rates > 10


def replaced(record: R, **values: object) -> R:
    """Return a record with other values in some fields."""
    stated = {name: value for name, value in vars(record).items() if not name.startswith("_")}
    return type(record)(**{**stated, **values})


def test_a_claim_explains_only_its_own_unit_condition_time_and_price() -> None:
    claim = Dispute(
        "deployment",
        "openai:gpt-4o",
        "prices.input",
        '"5.00"',
        "genai-prices 0",
        '"2.50"',
        "curated",
        when='{"context_above": 1000, "tier": "batch"}',
        from_="2025-01-01",
        until="2025-02-01",
    )
    batch = (("tier", "batch"),)
    point = Point("openai:gpt-4o", batch, "2025-01-01T00:00:00Z", 1001)
    same = Difference(point, "input", Decimal("2.50"), Decimal("5"))
    others = [
        replace(same, unit="output"),
        replace(same, theirs=Decimal("5.01")),
        replace(same, point=replace(point, id="openai:gpt-4")),
        replace(same, point=replace(point, asked=())),
        replace(same, point=replace(point, tokens=1000)),
        replace(same, point=replace(point, at="2024-12-31T23:59:59Z")),
        replace(same, point=replace(point, at="2025-02-01T00:00:00Z")),
    ]
    assert unexplained([same], [claim]) == ([], [])
    for other in others:
        assert unexplained([other], [claim]) == ([other], [claim])


def test_summary(compared: Compared, claims: list[Dispute]) -> None:
    print(f"\ndeployments: {dict(compared.deployments)}")
    print(f"points: {len(compared.agreed):,}, rates: {compared.rates:,}")
    ids = {one.point.id for one in compared.differences}
    print(
        f"differences: {len(compared.differences)} at {len(ids)} deployments, {len(claims)} claims"
    )
    for id, model in sorted(compared.patterns.items()):
        print(f"  by pattern: {id} as its {model}")
    for name, known in sorted(compared.one_sided.items()):
        print(f"  {name}: {len(known)}")
