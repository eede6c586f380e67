"""Texts that sops writes in a way of its own: each must be read back as what it was."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

import pytest
from modelbook.secrets.folder import Folder
from modelbook.secrets.record import KEY_ID, OWNER, TAIL, Slot
from modelbook.secrets.sops import commands, strict
from modelbook.secrets.writing import write

from .conftest import a_key

ODD = """
1e10 0o17 1_00 1:30 null ~ " ' \\ #abc @foo %YAM >abc |abc 0x1F 0b11 +1.5 -.5e .... 1.e5
true TRUE 12e3 .inf -.inf .NaN 2026 1__0 0_17 Null -inf Infinity 1_e5 _100 0x_1 +.5_ -_.1 -0x1 +0o7
0b_1 = << <<== 2001-1-1 1:2:3 190:20:30.15 1E-3 0017 0o08 0xGG 0.1.2 1..2 e123 -Inf +inf .INF .Nan n
y no on OFF --- ... - -a :a a: ?a [a] {a} !a &a *a `a 1-2 2026-11-23T10:00:00Z 0B1 0O7 0X1 ._5 .6_5
123_ _ + -+ . .. 0. 0e0 .e5 1e 0x 0o 0b 1e400 1e-400 .5e999 5E66_0 -9223372036854775809
18446744073709551615 18446744073709551616 0xffffffffffffffffff 2026-13-01 2026-02-29
"""
KNOWN = ODD.split()
SPACED = ["1 ", "yes x", "a #b", "2026-01-01 10:00:00", "2026-01-01 24:00:00", "1e5 ", "null x"]
ALPHABETS = ("0123456789_.eE+-", "0123456789abcdefxob_", "0123456789-:T.Zt+", "0_.", "-+.infNaA")
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def moments(chance: random.Random) -> Iterator[str]:
    """Yield texts that are days and times, or nearly."""
    pick = chance.choice
    while True:
        day = f"{pick('0129')}0{pick(['00', '26', '24'])}-{pick(['1', '02', '12', '13', '0', '4'])}"
        day += f"-{pick(['1', '01', '28', '29', '30', '31', '32', '00'])}"
        time = ":".join((pick(["1", "01", "23", "24"]), pick(["0", "60"]), pick(["59", "60"])))
        zone = pick(["", "Z", "z", "+01:00", "-25:61", "+24:60", "+1:00"])
        yield day + pick(["", "T" + time + zone, "t" + time + pick([".5", ",5", "."]) + zone, "T"])


def texts(many: int) -> list[str]:
    """Return texts without spaces: known ones, and ones of chance that look like numbers."""
    chance = random.Random(8)  # noqa: S311
    pick, found, days = chance.choice, set(KNOWN), moments(chance)
    while len(found) < many:
        letters = pick((PRINTABLE, *ALPHABETS))
        base = pick(("0x", "0b", "0o", "0", "-0b", "+0x", "-0", "0X", "0B"))
        found.add("".join(chance.choices(letters, k=pick((1, 2, 3, 4, 4, 4, 4, 9, 22)))))
        found.add(base + "".join(chance.choices("01", k=pick((1, 15, 16, 21, 63, 64, 65)))))
        found.add(next(days))
    return sorted(found)


def test_every_text_that_sops_writes_is_read_as_what_it_was(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strict, "LARGEST", 10**7)
    many = [one for one in texts(4_000) if KEY_ID.match(one)]
    many += [one for one in SPACED if OWNER.match(one)]
    fields = {f"f{number}": one for number, one in enumerate(many)}
    data = {"prod": {"openai": {"k": {"value": "x", "list": many, **fields}}}}
    raw = commands.encrypt(folder.tool, data, folder.rule("openai"), "f")  # type: ignore[arg-type]
    found = json.loads(json.dumps(strict.parse(raw, "f").data))["prod"]["openai"]["k"]
    del found["value"]
    assert found == {"list": many, **fields}


MORE = """1 -1.5 1e5 .5 0x1F 0b11 0o17 017 1_0 2026-11-23 true null ~ .inf -.INF .nan +.5 .6_5
2026-11-23T10:00:00Z"""


@pytest.mark.parametrize("text", [*MORE.split(), "2026-11-23 10:00:00"])
def test_what_sops_would_not_read_as_text_must_be_quoted(text: str) -> None:
    bare = f"a:\n  b: {text}\n".encode()
    with pytest.raises(strict.SopsMalformedError, match="not quoted"):
        strict.parse(bare, "f")
    assert strict.parse(f'a:\n  b: "{text}"\n'.encode(), "f").data == {"a": {"b": text}}


@pytest.mark.parametrize("tail", [one for one in KNOWN if TAIL.match(one)][::6])
def test_an_odd_tail_and_key_id_survive_a_write(folder: Folder, tail: str) -> None:
    key = Slot(value="CANARY-0123456789", created_at="2026-01-01", hint=tail, key_id=tail)
    one = a_key().changed(current=key, owner=re.sub(r"[^0-9a-z]", "0", tail.lower()))
    done = write(folder, "openai", lambda _: {"api_key": one})
    assert folder.read("openai") == done
    assert done["api_key"].current == key


NAMES = ("null", "true", "on", "1", "0x1f", "1e5", "1_0", "0b11", "0o7", "2026", "y", "007", "0_")


def test_names_that_look_like_something_else(folder: Folder) -> None:
    many = {one: a_key(name=one) for one in NAMES}
    write(folder, "openai", lambda _: dict(many))
    assert list(folder.read("openai")) == list(folder.metadata("openai")) == list(NAMES)
    for vendor in ("null", "2026-01-01", "1e5"):
        write(folder, vendor, lambda _, v=vendor: {"a": a_key(v, "a")})  # type: ignore[misc]
        write(folder, vendor, lambda now, v=vendor: {**now, "b": a_key(v, "b")})  # type: ignore[misc]
        assert list(folder.read(vendor)) == ["a", "b"]
