"""Records and frozen dictionaries: values that cannot change, equal by what they hold."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest
from modelbook.record import FrozenDict, Record
from modelbook.records import Conditions, Limits, Modalities, Price, Target
from modelbook_catalog import get_deployment

PRICE = Price(amounts=FrozenDict({"input": Decimal("2.50")}), when=Conditions(tier="batch"))


class Base(Record):
    """A record to build on."""

    one: int
    two: str = "b"


class Derived(Base):
    """A record with the fields of its base, and its own."""

    three: int | None = None


def test_fields_have_their_defaults() -> None:
    assert Limits(context=8).context == 8
    assert Limits(context=8).max_output is None
    assert Derived(one=1).two == "b"
    assert Derived._fields == ("three", "one", "two")


@pytest.mark.parametrize("change", ["context", "unknown"])
def test_frozen(change: str) -> None:
    limits = Limits(context=8)
    with pytest.raises(AttributeError, match="frozen"):
        setattr(limits, change, 9)
    with pytest.raises(AttributeError, match="frozen"):
        delattr(limits, change)
    assert limits == Limits(context=8)


def test_equal_by_class_and_value() -> None:
    assert Limits(context=8) == Limits(context=8, max_output=None)
    assert Limits(context=8) != Limits(context=9)
    assert Base(one=1) != Derived(one=1)
    assert Limits() != Modalities()
    assert Limits() != "Limits()"


def test_hash_agrees_with_equality() -> None:
    assert hash(Limits(context=8)) == hash(Limits(context=8, max_output=None))
    assert {PRICE: 1}[copy.deepcopy(PRICE)] == 1
    assert len({Limits(), Modalities(), Limits(context=None)}) == 2


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("record", [PRICE, get_deployment("openai:gpt-4o")])
def test_pickle(record: Record, protocol: int) -> None:
    again = pickle.loads(pickle.dumps(record, protocol))  # noqa: S301  # our own bytes
    assert again == record
    assert hash(again) == hash(record)
    with pytest.raises(AttributeError):
        again.id = "other"


def test_copies_are_equal() -> None:
    assert copy.copy(PRICE) == PRICE
    assert copy.deepcopy([PRICE]) == [PRICE]


def test_repr_shows_what_differs_from_the_default() -> None:
    assert repr(Limits()) == "Limits()"
    assert repr(Limits(context=8, max_output=None)) == "Limits(context=8)"
    assert repr(Derived(two="c", one=1)) == "Derived(one=1, two='c')"


@pytest.mark.parametrize(
    ("values", "named"),
    [({"from_": "2026-01-01"}, "deployment"), ({"from_": "", "deployment": "", "to": 1}, "to")],
)
def test_missing_and_unknown_fields(values: dict[str, object], named: str) -> None:
    with pytest.raises(TypeError, match=f"Target: missing or unknown fields {named}$"):
        Target(**values)  # type: ignore[arg-type]


def test_fields_are_taken_by_name_only() -> None:
    with pytest.raises(TypeError):
        Limits(8)  # type: ignore[call-arg]


CHANGES = {
    "set": lambda it: it.__setitem__("a", 2),
    "delete": lambda it: it.__delitem__("a"),
    "clear": lambda it: it.clear(),
    "pop": lambda it: it.pop("a"),
    "popitem": lambda it: it.popitem(),
    "setdefault": lambda it: it.setdefault("b", 2),
    "update": lambda it: it.update(a=2),
    "merge": lambda it: it.__ior__({"a": 2}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_frozen_dict_cannot_change(change: str) -> None:
    frozen = FrozenDict({"a": 1})
    with pytest.raises(TypeError, match="cannot be changed"):
        CHANGES[change](frozen)
    assert frozen == {"a": 1}


def test_frozen_dict_is_a_value() -> None:
    one, two = FrozenDict({"a": 1, "b": 2}), FrozenDict({"b": 2, "a": 1})
    assert one == two
    assert hash(one) == hash(two)
    assert copy.deepcopy(one) == one
    assert isinstance(copy.copy(one), FrozenDict)
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301  # our own bytes
