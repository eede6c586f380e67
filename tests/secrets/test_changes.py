"""Steps of a key's life in any order, and how a secret stands on the days where that changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from modelbook.secrets import changes
from modelbook.secrets.errors import SecretStateError
from modelbook.secrets.record import Kept, Slot, kept, plain
from modelbook.secrets.status import SOON, STATES, URGENT, due_on, is_expired, status


class Life(RuleBasedStateMachine):
    """A secret, the day, and the keys that nobody has taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.day = date(2026, 1, 1)
        self.number = 0
        first = self.key()
        self.one = Kept(id="openai/api_key", environment="prod", owner="team", current=first)
        self.valid = {first.value}

    @property
    def today(self) -> str:
        """The day."""
        return self.day.isoformat()

    def key(self) -> Slot:
        """Return a key that was never there."""
        self.number += 1
        return changes.slot(f"CANARY-{self.number}", self.today)

    def tried(self, step: str, allowed: bool, *given: object) -> bool:
        """Take a step; demand that it is refused just if it does not fit. Tell whether it was."""
        before, told = self.one, ""
        try:
            self.one = getattr(changes, step)(self.one, *given)
        except SecretStateError as error:
            told = f"{error} {error.hint}"
        assert (told == "") is allowed
        assert "CANARY" not in told
        assert allowed or self.one is before
        return allowed

    @rule(days=st.integers(0, 30))
    def wait(self, days: int) -> None:
        """Let days go by."""
        self.day += timedelta(days=days)

    @rule()
    def put(self) -> None:
        """Put a new current key in the place of the old one."""
        new = self.key()
        lost = {self.one.current.value} if self.one.current else set()
        made = Kept(id=self.one.id, environment="prod", owner="other", current=new)
        self.one = changes.put(self.one, made)
        assert self.one.owner == "other"
        self.valid = (self.valid - lost) | {new.value}

    @rule()
    def stage(self) -> None:
        """Stage a next key."""
        new = self.key()
        if self.tried("stage", self.one.next is None, new):
            self.valid.add(new.value)

    @precondition(lambda self: self.one.current is not None and self.one.next is None)
    @rule()
    def stage_the_same(self) -> None:
        """Stage the key that is current."""
        self.tried("stage", False, self.one.current)

    @rule(overlap=st.integers(0, 60))
    def promote(self, overlap: int) -> None:
        """Make the next key current."""
        before = self.one
        fits = before.next is not None and before.previous is None
        if self.tried("promote", fits, self.today, overlap):
            assert self.one.current == before.next
            if before.current is not None:
                ends = (self.day + timedelta(days=overlap)).isoformat()
                assert self.one.previous == before.current.changed(revoke_after=ends)

    @rule()
    def revoke(self) -> None:
        """Take out the previous key."""
        gone = self.one.previous
        if self.tried("revoke", gone is not None) and gone is not None:
            self.valid.discard(gone.value)

    @rule()
    def revoke_current(self) -> None:
        """Take out the current key."""
        gone = self.one.current
        if self.tried("revoke_current", gone is not None, self.today) and gone is not None:
            self.valid.discard(gone.value)
            assert self.one.revoked_on == self.today

    @rule()
    def abort(self) -> None:
        """Take out the next key."""
        gone = self.one.next
        if self.tried("abort", gone is not None) and gone is not None:
            self.valid.discard(gone.value)

    @invariant()
    def no_key_is_lost_but_by_taking_it_out(self) -> None:
        """Every key is in one slot, once."""
        assert sorted(one.value for one in self.one.slots().values()) == sorted(self.valid)

    @invariant()
    def it_may_be_written(self) -> None:
        """It has a current key or the day of its end, and is a record."""
        assert (self.one.current is None) != (self.one.revoked_on is None)
        assert kept("prod", self.one.id, plain(self.one)) == self.one
        previous = self.one.previous
        assert previous is None or previous.revoke_after is not None

    @invariant()
    def it_has_a_state(self) -> None:
        """It stands in some way on any day."""
        found = status(self.one, self.today)
        assert found.state in STATES
        assert found.urgent is (found.state in URGENT)
        assert "CANARY" not in repr(found)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)

TODAY = "2026-06-15"
OLD = "2026-01-01"


def later(days: int) -> str:
    """Return the day that is so many days after today."""
    return (date.fromisoformat(TODAY) + timedelta(days=days)).isoformat()


def one(
    *, made: str = OLD, ends: str | None = None, every: int | None = None, **more: Slot | None
) -> Kept:
    """Return a record."""
    current = Slot(value="v", created_at=made, expires_at=ends)
    slots = {"current": current, **more}
    day = "2026-06-01" if slots["current"] is None else None
    return Kept(
        id="a/b", environment="prod", owner="t", rotate_every_days=every, revoked_on=day, **slots
    )


def previous(ends: str | None) -> Slot:
    """Return a previous key."""
    return Slot(value="p", created_at=OLD, revoke_after=ends)


NEXT = Slot(value="n", created_at=OLD)
CASES = {
    "nothing said": (one(), "ok", None),
    "never": (one(ends="never"), "ok", None),
    "tomorrow it is 14 days": (one(ends=later(SOON + 1)), "ok", later(1)),
    "14 days": (one(ends=later(SOON)), "due", TODAY),
    "its last day": (one(ends=later(1)), "due", later(1 - SOON)),
    "the day of expiry": (one(ends=TODAY), "expired", later(-SOON)),
    "a day after": (one(ends=later(-1)), "expired", later(-1 - SOON)),
    "expired, a next one staged": (one(ends=TODAY, next=NEXT), "expired", later(-SOON)),
    "made today for a week": (one(made=TODAY, ends=later(7)), "due", TODAY),
    "due tomorrow by age": (one(made=later(-89), every=90), "ok", later(1)),
    "due today by age": (one(made=later(-90), every=90), "due", TODAY),
    "the earlier of both": (one(made=later(-90), every=100, ends=later(14)), "due", TODAY),
    "due, staged": (one(made=later(-90), every=90, next=NEXT), "rotating", TODAY),
    "overlap, a day left": (one(previous=previous(later(1))), "rotating", None),
    "overlap over today": (one(previous=previous(TODAY)), "overlap-over", None),
    "overlap over and due": (
        one(made=later(-90), every=90, previous=previous(TODAY)),
        "overlap-over",
        TODAY,
    ),
    "a previous one without a day": (one(previous=previous(None)), "overlap-over", None),
    "revoked": (one(current=None), "revoked", None),
    "revoked, a next one staged": (one(current=None, next=NEXT), "revoked", None),
    "the end of time": (one(made="9999-12-31", every=9999), "ok", "9999-12-31"),
}


@pytest.mark.parametrize("case", CASES)
def test_how_a_secret_stands(case: str) -> None:
    record, state, due = CASES[case]
    found = status(record, TODAY)
    assert (found.state, found.due_on) == (state, due)
    assert due_on(record) == due
    assert "None" not in found.told


@pytest.mark.parametrize(
    ("day", "gone"),
    [(None, False), ("never", False), (later(1), False), (TODAY, True), (OLD, True)],
)
def test_a_key_is_refused_from_its_day_of_expiry(day: str | None, gone: bool) -> None:
    assert is_expired(day, TODAY) is gone


@pytest.mark.parametrize("overlap", [-1, 10**7])
def test_an_overlap_that_is_no_number_of_days_is_refused(overlap: int) -> None:
    with pytest.raises(SecretStateError):
        changes.promote(one(next=NEXT), TODAY, overlap)


def test_a_new_current_key_keeps_the_others() -> None:
    now = one(next=NEXT, previous=previous(TODAY))
    made = one(made=TODAY)
    assert changes.put(now, made) == made.changed(next=NEXT, previous=now.previous)
    assert changes.put(None, made) == made
