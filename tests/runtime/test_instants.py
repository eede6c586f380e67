"""Instants: every way to write one becomes the same UTC text, which sorts in time order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modelbook.errors import RequestError
from modelbook.instants import instant

MIDNIGHT = "2026-03-01T00:00:00Z"


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-01",
        "20260301",
        "2026-03-01T00:00",
        "2026-03-01T00:00:00Z",
        "2026-03-01T02:00:00+02:00",
        "2026-02-28T19:00:00-05:00",
        date(2026, 3, 1),
        datetime(2026, 3, 1),
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 1, 5, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(2026, 3, 1, 0, 0, 0, 999999),
    ],
)
def test_one_instant_in_many_spellings(at: object) -> None:
    assert instant(at) == MIDNIGHT


def test_now_is_the_minute() -> None:
    before = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:00Z")
    now = instant(None)
    assert before <= now <= datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:00Z")


@pytest.mark.parametrize(
    "at", ["", "soon", "2026-13-01", "2026-02-30", "2026", "01/03/2026", 0, 20260301, True, 1.5, ()]
)
def test_what_is_no_date_is_refused(at: object) -> None:
    with pytest.raises(RequestError, match="`at`"):
        instant(at)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_out_of_range_is_refused(at: str) -> None:
    with pytest.raises(RequestError, match="out of range"):
        instant(at)


@given(st.datetimes(), st.datetimes())
def test_text_sorts_in_time_order(one: datetime, two: datetime) -> None:
    one, two = one.replace(microsecond=0), two.replace(microsecond=0)
    assert (one < two) == (instant(one) < instant(two))
    assert len(instant(one)) == len(MIDNIGHT)
    assert instant(instant(one)) == instant(one)
