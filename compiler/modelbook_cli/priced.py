"""A cost as text and as JSON: lines, rates, the entries that applied, where they come from."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .shared import unicode
from .show import plain

if TYPE_CHECKING:
    from modelbook.charges import Line
    from modelbook.costs import Cost
    from modelbook.records import Conditions, Price
    from modelbook.units import Units

WORDS = {1_000_000: "1M", 1000: "1k"}
"""How `per` is written where the number is long."""

TIMES = "\N{MULTIPLICATION SIGN}"


def amount(value: Decimal) -> str:
    """Return an exact amount as plain decimal text, never 2E-7."""
    return f"{value:f}"


def even(amounts: list[Decimal]) -> list[str]:
    """Return amounts as text with as many decimal places each, so that they stand in line."""
    texts = [amount(one) for one in amounts]
    places = max((len(text.partition(".")[2]) for text in texts), default=0)
    return [_filled(text, places) for text in texts]


def _filled(text: str, places: int) -> str:
    """Return decimal text with zeros at its end, up to so many places."""
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(places, '0')}" if places else whole


def quantity(value: int | Decimal) -> str:
    """Return a quantity as text, in groups of three digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,f}"


def number(value: int | Decimal) -> int | str:
    """Return a quantity as JSON has it: a whole number, or decimal text."""
    return value if isinstance(value, int) else f"{value:f}"


def rate(line: Line, currency: str, units: Units) -> str:
    """Return a rate in words: `2.50 per 1M`; with its currency, where that is not the cost's."""
    if not line.rate:
        return "free"
    other = "" if line.entry.currency == currency else f" {line.entry.currency}"
    return f"{amount(line.rate)}{other} per {_per(line.per, units[line.unit].quantity)}"


def _per(per: int, counted: str) -> str:
    """Return what a price pays for, in words."""
    if counted == "seconds" and per in (1, 3600):
        return "second" if per == 1 else "hour"
    if per == 1:
        return counted.removesuffix("es" if counted.endswith("ches") else "s")
    return WORDS.get(per) or f"{per:,} {counted}"


def applied(line: Line) -> str:
    """Return in words which price entry a line comes from, and what scaled it."""
    sign = TIMES if unicode() else "x"
    factors = [f"{_entry(one)} {sign} {one.multiply}" for one in line.factors]
    return ", ".join([_entry(line.entry), *factors])


def _entry(entry: Price) -> str:
    """Return in words when a price entry applies."""
    window = entry.when.window
    hours = f"{window.from_}-{window.until} {window.zone}" if window else ""
    dates = [f"from {entry.from_}" * bool(entry.from_), f"until {entry.until}" * bool(entry.until)]
    words = [_conditions(entry.when), "marginal" * entry.marginal, hours, *dates]
    return " ".join(filter(None, words)) or "standard"


def _conditions(when: Conditions) -> str:
    """Return in words what an entry demands, its hours aside."""
    stated = {name: value for name, value in vars(when).items() if value is not None}
    stated.pop("window", None)
    return " ".join(
        f"above {value:,} input tokens" if name == "context_above" else f"{name} {value}"
        for name, value in stated.items()
    )


def as_data(cost: Cost) -> dict[str, Any]:
    """Return a cost as plain data; amounts are decimal text."""
    return {
        "deployment": cost.deployment,
        "at": cost.at,
        "currency": cost.currency,
        "total": amount(cost.total),
        "lines": [_line(line) for line in cost.lines],
        "sources": [plain(one) for one in cost.sources],
        "unpriced": list(cost.unpriced),
        "allowances": dict(cost.allowances),
    }


def _line(line: Line) -> dict[str, Any]:
    """Return a line as plain data. The rate is in the currency of its entry."""
    return {
        "unit": line.unit,
        "quantity": number(line.quantity),
        "rate": amount(line.rate),
        "per": line.per,
        "amount": amount(line.amount),
        "entry": _entry_data(line.entry),
        "factors": [{**_entry_data(one), "multiply": plain(one.multiply)} for one in line.factors],
    }


def _entry_data(entry: Price) -> dict[str, Any]:
    """Return what tells a price entry from the others, as plain data."""
    return {
        "from": entry.from_,
        "until": entry.until,
        "when": plain(entry.when),
        "currency": entry.currency,
        **({"marginal": True} if entry.marginal else {}),
    }
