"""What was used, as people type it: `--input 12k --unit input_pages=3` in, a usage out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from modelbook.errors import RequestError
from modelbook.names import shown

from .shared import F

SHORT = {
    "input": ("input", "Input tokens, those of the cache included."),
    "cached": ("cache_read", "Input tokens read from the cache."),
    "cache_write": ("cache_write", "Input tokens written to the cache."),
    "input_audio": ("input_audio", "Audio input tokens."),
    "output": ("output", "Output tokens, those of reasoning included."),
    "reasoning": ("reasoning", "Output tokens spent on reasoning."),
    "output_audio": ("output_audio", "Audio output tokens."),
    "images": ("output_images", "Images made."),
    "requests": ("requests", "Requests; default one."),
    "searches": ("searches", "Searches or rerank queries."),
}
"""Option to the unit it counts, and what that is."""

ASKS = {
    "tier": "Processing tier: batch, flex, priority, …",
    "region": "Region that serves the call.",
    "speed": "Speed that was asked for.",
    "size": "Size of images: 1024x1024.",
    "quality": "Quality of images.",
}
"""Option to what it says of a call."""

COUNT = re.compile(r"(-?)(\d{1,3}(?:,\d{3})+|\d+(?:_\d+)*)(\.\d+)?([kmb]|e\d\d?)?", re.I | re.A)
"""Digits, in groups or not, perhaps with a fraction and a word for zeros, or `e` and how many."""

ZEROS = {"": 0, "k": 3, "m": 6, "b": 9}
LONGEST = 60
"""Characters of a count; more is a mistake."""


def count(text: str, option: str) -> int | Decimal:
    """Return a count such as 12k, 1.5M, 1e3, 12_000 or 12,000; raise `RequestError` for others.

    It is exact. A whole number is an `int`, also `1.5M`.
    """
    found = COUNT.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if not found:
        raise RequestError(
            f"`{option}` takes a count such as 800, 12k, 1.5M or 12,000, not {shown(text)}"
        )
    sign, digits, fraction, word = found.groups(default="")
    places = len(fraction[1:])
    whole = int(sign + re.sub("[_,]", "", digits) + fraction[1:])
    zeros = int(word[1:]) if word[:1] in ("e", "E") else ZEROS[word.lower()]
    tens = zeros - places
    if tens >= 0:
        return whole * int("1" + "0" * tens)
    exact = Decimal((int(whole < 0), tuple(map(int, str(abs(whole)))), tens))
    return int(exact) if exact == int(exact) else exact


def units(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the units of the registry that begin like what was typed, for the shell."""
    from .shared import package

    known = package().catalog().units
    return [f"{one}=" for one in known if one.startswith(incomplete)]


def usage_options(function: F) -> F:
    """Add the options that say what was used: one for each common unit, `--unit` for all."""
    function = click.option(
        "--unit",
        "units",
        multiple=True,
        metavar="UNIT=COUNT",
        shell_complete=units,
        help="A count of any unit of the registry; may be repeated.",
    )(function)
    for name, (_, text) in reversed(SHORT.items()):
        option = f"--{name.replace('_', '-')}"
        function = click.option(option, name, metavar="COUNT", help=text)(function)
    return function


def asks_options(function: F) -> F:
    """Add the options that say what a call asks for."""
    for name, text in reversed(ASKS.items()):
        function = click.option(f"--{name}", help=text)(function)
    return function


def at_option(function: F) -> F:
    """Add `--at`."""
    return click.option("--at", help="When, UTC: YYYY-MM-DD or with a time; default now.")(function)


def usage_file(what: str) -> Callable[[F], F]:
    """Return a decorator that adds `--usage FILE`."""
    return click.option(
        "--usage", "file", metavar="FILE", type=click.Path(path_type=Path), help=what
    )


def typed(options: Mapping[str, Any], pairs: str = "--unit") -> dict[str, int | Decimal]:
    """Return the usage that the options state; raise `RequestError` for a wrong or double one.

    `pairs` is what the option for UNIT=COUNT is called.
    """
    given = [(SHORT[name][0], options[name], f"--{name}") for name in SHORT]
    given = [(unit, text, name.replace("_", "-")) for unit, text, name in given if text is not None]
    for pair in options["units"]:
        unit, mark, text = pair.partition("=")
        if not mark or not unit:
            raise RequestError(
                f"`{pairs}` takes UNIT=COUNT, such as input_pages=3, not {shown(pair)}"
            )
        given.append((unit.strip(), text, f"{pairs} {unit.strip()}"))
    usage: dict[str, int | Decimal] = {}
    for unit, text, name in given:
        if unit in usage:
            raise RequestError(f"`{unit}` is given twice")
        usage[unit] = count(text, name)
    return usage


def asked(options: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what the options say that a call asks for."""
    return {name: options[name] for name in ASKS}
