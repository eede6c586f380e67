"""One row in the making: what a source states, field by field, turned into claims or refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from modelbook_compiler.discover import NAME
from modelbook_compiler.parse import FORBIDDEN
from modelbook_compiler.schemas import authored

from . import numbers
from .claims import Fact, Hints, Json, Kind, Place, Price, Raw, Reason, Refused, Row

DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?")
FREE = re.compile(r"[:-]free$")
"""Names that declare a price of nothing."""

USUAL = frozenset({"default", "standard"})
"""Words for what is meant where nothing is asked for."""

WORDS = {"pdf": "document", "file": "document"}
LONGEST = 300
"""Most characters of a text."""
SHOWN = 80
"""Most characters of a value that a refusal repeats."""

Condition = tuple[tuple[str, Json], ...]
"""What `when` says, as pairs in the schema's order."""

ORDER = ("tier", "context_above", "region", "speed", "size", "quality", "window")


class Draft:
    """The claims of one row while its reader goes over it."""

    def __init__(self, raw: Raw, place: Place) -> None:
        self.raw, self.place = raw, place
        self.facts: dict[str, Fact] = {}
        self.refused: list[Refused] = []
        self.prices: list[Price] = []
        self._entries: dict[Condition, dict[str, str]] = {}
        self._places: dict[Condition, list[Place]] = {}
        self.free = bool(FREE.search(raw.key.lower()))

    def refuse(self, field: str, value: Json, reason: Reason, place: Place) -> None:
        """Note what is not taken over."""
        shown = str(value) if isinstance(value, str | Decimal) else json.dumps(value, default=str)
        self.refused.append(Refused(self.raw, place, field, shown[:SHOWN], reason))

    def fact(self, field: str, value: Json, place: Place, *, rough: bool = False) -> None:
        """Claim a field."""
        self.facts[field] = Fact(field, value, place, rough)

    def text(self, field: str, value: Json, place: Place) -> None:
        """Claim a field that is text; blank text says nothing."""
        if isinstance(value, str):
            line = " ".join(value.split())
            if len(line) > LONGEST or FORBIDDEN.search(line):
                self.refuse(field, value, "not-text", place)
            elif line:
                self.fact(field, line, place)
        elif value is not None:
            self.refuse(field, value, "wrong-type", place)

    def slug(self, field: str, value: Json, place: Place) -> None:
        """Claim a field that is a word of an id, in lower case."""
        if isinstance(value, str) and NAME.fullmatch(value.lower()):
            self.fact(field, value.lower(), place)
        elif value not in (None, ""):
            self.refuse(field, value, "unknown-word", place)

    def flag(self, field: str, value: Json, place: Place) -> None:
        """Claim a field that is true or false; anything absent stays unknown."""
        if isinstance(value, bool):
            self.fact(field, value, place)
        elif value is not None:
            self.refuse(field, value, "wrong-type", place)

    def tokens(self, field: str, value: Json, place: Place) -> None:
        """Claim a limit."""
        if value is None:
            return
        read, fault = numbers.count(value)
        if fault is not None:
            self.refuse(field, value, fault, place)
        else:
            self.fact(field, read, place)

    def date(self, field: str, value: Json, place: Place, *, whole: bool = False) -> None:
        """Claim a day, or where `whole` is not asked for a month or year."""
        if value is None or value == "":
            return
        if is_date(value, whole=whole):
            self.fact(field, value, place)
        else:
            self.refuse(field, value, "not-a-date", place)

    def repository(self, value: Json, place: Place) -> str | None:
        """Claim a repository of weights, and return it."""
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not REPOSITORY.fullmatch(value):
            self.refuse("weights.hf", value, "not-a-repository", place)
            return None
        self.fact("weights.hf", value, place)
        return value

    def modalities(self, direction: str, value: Json, place: Place, *, rough: bool = False) -> None:
        """Claim what is read or written, in the order of our schema."""
        if value is None or value == []:
            return
        if not isinstance(value, list):
            self.refuse(f"modalities.{direction}", value, "wrong-type", place)
            return
        order = modality_order()
        known = {WORDS.get(word, word): word for word in value if isinstance(word, str)}
        for word in value:
            if not isinstance(word, str) or WORDS.get(word, word) not in order:
                self.refuse(f"modalities.{direction}", word, "unknown-word", place)
        found = [word for word in order if word in known]
        if found:
            self.fact(f"modalities.{direction}", found, place, rough=rough)

    def price(
        self,
        unit: str,
        value: Json,
        scale: int | Decimal,
        place: Place,
        when: Mapping[str, Json] | None = None,
    ) -> None:
        """Claim the price of a unit: `value` is for one, `scale` makes it what our unit counts."""
        text = self.amount(unit, value, scale, place)
        if text is not None:
            condition = tuple((name, when[name]) for name in ORDER if name in when) if when else ()
            self._entries.setdefault(condition, {})[unit] = text
            self._places.setdefault(condition, []).append(place)

    def amount(self, unit: str, value: Json, scale: int | Decimal, place: Place) -> str | None:
        """Return a price as catalog text, or None once it is refused."""
        if value is None:
            return None
        read = numbers.number(value)
        if read is None:
            self.refuse(f"prices.{unit}", value, "wrong-type", place)
            return None
        if not read and self.free:
            return "free"
        text, fault = numbers.amount(read, scale)
        if fault is not None:
            self.refuse(f"prices.{unit}", value, fault, place)
        return text

    def drop(self, field: str, reason: Reason) -> None:
        """Take a claim back, with the reason."""
        fact = self.facts.pop(field)
        self.refuse(field, fact.value, reason, fact.place)

    def row(self, kind: Kind, hints: Hints) -> Row:
        """Return the row, its limits and prices held against each other."""
        context, output = self.facts.get("limits.context"), self.facts.get("limits.max_output")
        if context and output and output.value > context.value:
            self.drop("limits.max_output", "output-above-context")
        prices = [*self._sorted(), *self.prices]
        return Row(self.raw, self.place, kind, tuple(self.facts.values()), tuple(prices), hints)

    def _sorted(self) -> Sequence[Price]:
        """Return the price entries, general ones before those with conditions."""
        order = sorted(self._entries, key=lambda one: (len(one), [ORDER.index(n) for n, _ in one]))
        found: list[Price] = []
        for condition in sorted(order, key=_rank):
            head = {"when": dict(condition)} if condition else {}
            found.append(
                Price({**head, **self._entries[condition]}, tuple(self._places[condition]))
            )
        return found


def _rank(condition: Condition) -> tuple[int, str, int, str]:
    """Return the place of an entry: plain, long contexts, then each tier with its own contexts."""
    named = dict(condition)
    others = repr([pair for pair in condition if pair[0] not in ("tier", "context_above")])
    tier = str(named.get("tier", ""))
    above = named.get("context_above", 0)
    return (len(condition) - bool(above), tier, above, others)


def is_condition(word: Json) -> bool:
    """Tell whether a word can be a tier, speed or quality; the usual one is left out, not named."""
    return isinstance(word, str) and bool(NAME.fullmatch(word)) and word not in USUAL


def is_date(value: Json, *, whole: bool = False) -> bool:
    """Tell whether text is a day of the calendar, or a month or year where that is enough."""
    found = DATE.fullmatch(value) if isinstance(value, str) else None
    if not found or (whole and found[3] is None):
        return False
    try:
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return False
    return int(found[1]) >= 2015


def modality_order() -> list[str]:
    """Return the modalities in the order of our schema."""
    words: list[str] = authored("common")["$defs"]["modality"]["enum"]
    return words
