"""An input that is well-formed -> another one: a value put in the place of another, or taken away.

libFuzzer changes bytes, and most changed bytes are no YAML. These changes reach the later stages.
"""

from __future__ import annotations

import json
import random
from copy import deepcopy
from typing import Any

from modelbook_compiler.parse import parse
from modelbook_compiler.values import Document
from target import source_of

VALUES: tuple[Any, ...] = (
    *("", "a", "x" * 300, "a\nb", "2026-02-30", "2026-01-01", "0001-01-01", "9999-12-31"),
    *("1", "0", "free", "unknown", "-1", "1.000000001", "9" * 18, "0." + "0" * 17 + "1"),
    *('"""\\', "{{ x }}", "'; DROP TABLE models; --", "\u202e", "\ud800", "\x00", "\U0001f600"),
    *("acme/alpha-1", "acme:alpha-1", "acme", "text-generation", "MB301", "input", "USD"),
    *("acme:alpha-1-2025-03-01", "prices", "active", "retired", "text", "image", "api", "batch"),
    *(0, 1, -1, 10**17, 1.5, 2.5, True, False, None, [], {}, [[]], {"a": {}}, ["a", "a"]),
)


def mutated(data: bytes, most: int, seed: int) -> bytes | None:
    """Return an input with one to three values changed; None if it is no well-formed file."""
    source, chance = source_of(data), random.Random(seed)  # noqa: S311
    document = parse(source)
    if not isinstance(document, Document):
        return None
    root = {"": document.data}
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        _change(root, chance)
    body = json.dumps(root[""], ensure_ascii=chance.random() < 0.5)
    out = f"{source.kind}\n{body}\n".encode("utf-8", "surrogatepass")
    return out if len(out) <= most else None


def _change(root: dict[str, Any], chance: random.Random) -> None:
    """Change one value of a tree: another in its place, none, twice, or under another key."""
    places = _places(root)
    holder, key = chance.choice(places)
    other, at = chance.choice(places)
    what = chance.randrange(6)
    if what < 2:
        alike = [one for one in VALUES if type(one) is type(holder[key])]
        pool = alike if alike and chance.random() < 0.8 else VALUES
        holder[key] = deepcopy(chance.choice(pool))
    elif what == 2 and key:
        del holder[key]
    elif what == 3:
        holder[key] = deepcopy(other[at])
    elif isinstance(holder, list):
        holder.extend(holder[-1:] * chance.randint(1, 3))
    else:
        name = chance.choice([*map(str, VALUES[:30]), str(at)])
        inner = holder[key] if isinstance(holder[key], dict) else holder
        inner[name] = deepcopy(other[at])


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return holder and key of every value in a tree."""
    out: list[tuple[Any, Any]] = []
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        out.append((value, key))
        if isinstance(value[key], dict | list):
            out.extend(_places(value[key]))
    return out
