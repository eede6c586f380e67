"""Small files of strangers: JSON as everybody writes it, and JSON that must be strict."""

from __future__ import annotations

import pytest
from modelbook.scan.files import UnreadableError, parse_json


def test_usual_json_may_be_careless() -> None:
    assert parse_json(b'{"a": NaN, "b": 1, "b": 2}') == {"a": None, "b": 2}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": NaN}', "is not JSON"),
        (b'[{"b": 1, "b": 2}]', "twice"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"\xff": 1}', "is not JSON"),
    ],
)
def test_strict_json_is_refused_for_what_readers_take_differently(
    content: bytes, said: str
) -> None:
    with pytest.raises(UnreadableError, match=said):
        parse_json(content, strict=True)


def test_strict_json_is_otherwise_the_same() -> None:
    assert parse_json(b'{"a": [1, {"a": 2}]}', strict=True) == {"a": [1, {"a": 2}]}
