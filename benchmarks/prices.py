"""What it takes to price a call, beside other calculators on the same calls, results first.

A ratio is shown only where both come to the same total, to a billionth (most others count in
floats). Where they do not, a line says what each of them came to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rows import Row
from timing import MEMORY, calls, interleaved, middle, ratio, told

Total = Callable[[], Any]
"""A call to a calculator; what it returns is a number, or it raises."""

NEAR = 1e-9
"""Floats that differ by less, in relation, are the same total."""

WHEN = datetime(2026, 7, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """One call to be priced."""

    name: str
    provider: str
    model: str
    """As its vendor names it."""
    usage: Mapping[str, int]
    """Inclusive counts."""
    at: datetime | None = None
    tier: str | None = None


CACHED = {"input": 12_000, "cache_read": 10_000, "output": 800}
WRITTEN = {"input": 12_000, "cache_read": 8_000, "cache_write": 1_000, "output": 800}
LONG = {"input": 250_000, "cache_read": 10_000, "output": 800}
CASES = (
    Case("cache", "openai", "gpt-4o-2024-08-06", CACHED),
    Case("cache, date", "openai", "gpt-4o-2024-08-06", CACHED, WHEN),
    Case("cache, name that moves", "openai", "gpt-4o", CACHED),
    Case("cache, date, batch", "openai", "gpt-4o-2024-08-06", CACHED, WHEN, "batch"),
    Case("cache, priority", "openai", "gpt-4o-2024-08-06", CACHED, None, "priority"),
    Case("cache written", "anthropic", "claude-sonnet-4-5", WRITTEN),
    Case("cache, long context", "google", "gemini-2.5-pro", LONG),
    Case("cache, long context, date", "google", "gemini-2.5-pro", LONG, WHEN),
    Case("unknown model", "openai", "gpt-4o-2024-13-32", CACHED),
)

COLD = """
import sys
{before}
from time import perf_counter
start = perf_counter()
{code}
print(perf_counter() - start)
"""
OURS = "modelbook_catalog.price('openai:gpt-4o-2024-08-06', {'input': 12000, 'output': 800})"
THEIRS = """genai_prices.calc_price(
    genai_prices.Usage(input_tokens=12000, output_tokens=800), 'gpt-4o-2024-08-06',
    provider_id='openai')"""


def rows(rounds: int) -> Iterator[Row]:
    """Yield the rows of all calls, each beside every calculator that comes to the same total."""
    for case in CASES:
        mine = _ours(case)
        for name, theirs in _peers(case):
            if _same(_outcome(mine), _outcome(theirs)):
                yield _row(f"price: {case.name}", name, mine, theirs, rounds)
    case = CASES[0]
    yield _row("lines of a cost", "the cost itself", partial(_lines, case), _ours(case), rounds, "")
    yield from _first(rounds)


def told_apart() -> Iterator[str]:
    """Yield a line for each calculator and call that come to something else than we do."""
    for case in CASES:
        mine = _outcome(_ours(case))
        for name, theirs in _peers(case):
            other = _outcome(theirs)
            if not _same(mine, other):
                yield f"no ratio, {case.name}: {mine} here, {other} in {name}"


def _ours(case: Case) -> Total:
    """Return our side of a call."""
    price = import_module("modelbook_catalog").price
    asked = {"at": case.at} if case.at else {}
    asked |= {"tier": case.tier} if case.tier else {}
    return partial(price, f"{case.provider}:{case.model}", dict(case.usage), **asked)


def _lines(case: Case) -> object:
    """Return a cost whose lines have been worked out."""
    cost = _ours(case)()
    _ = cost.lines
    return cost


def _peers(case: Case) -> Iterator[tuple[str, Total]]:
    """Yield the other calculators that are installed, and can be told what a call asked for."""
    known = {"genai_prices": _genai, "litellm": _litellm, "tokencost": _tokencost}
    for name, make in known.items():
        made = make(case) if find_spec(name) else None
        if made:
            yield name, made


def _genai(case: Case) -> Total | None:
    """Return a call of genai-prices; it knows no tiers."""
    import genai_prices

    counts = case.usage
    usage = genai_prices.Usage(
        input_tokens=counts["input"],
        output_tokens=counts["output"],
        cache_read_tokens=counts.get("cache_read"),
        cache_write_tokens=counts.get("cache_write"),
    )
    when = {"genai_request_timestamp": case.at} if case.at else {}
    price = partial(genai_prices.calc_price, usage, case.model, provider_id=case.provider, **when)
    return None if case.tier else lambda: price().total_price


def _litellm(case: Case) -> Total | None:
    """Return a call of litellm; it knows no dates, and batches only by another function."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    litellm: Any = import_module("litellm")
    types: Any = import_module("litellm.types.utils")
    counts = case.usage
    usage = types.Usage(
        prompt_tokens=counts["input"],
        completion_tokens=counts["output"],
        prompt_tokens_details=types.PromptTokensDetailsWrapper(
            cached_tokens=counts.get("cache_read", 0)
        ),
        **(
            {
                "cache_creation_input_tokens": counts["cache_write"],
                "cache_read_input_tokens": counts["cache_read"],
            }
            if "cache_write" in counts
            else {}
        ),
    )
    answer = types.ModelResponse(model=case.model, usage=usage)
    provider = {"google": "gemini"}.get(case.provider, case.provider)
    return (
        None
        if case.at or case.tier == "batch"
        else partial(
            litellm.completion_cost,
            answer,
            model=case.model,
            custom_llm_provider=provider,
            service_tier=case.tier,
        )
    )


def _tokencost(case: Case) -> Total | None:
    """Return calls of tokencost, one for each kind of token; it knows no tiers and no dates."""
    tokencost: Any = import_module("tokencost.costs")
    counts = case.usage
    fresh = counts["input"] - counts.get("cache_read", 0)
    parts = (
        (fresh, "input"),
        (counts.get("cache_read", 0), "cached"),
        (counts["output"], "output"),
    )
    one = tokencost.calculate_cost_by_tokens
    model = {"google": "gemini/"}.get(case.provider, "") + case.model
    if case.at or case.tier or "cache_write" in counts:
        return None
    return lambda: sum(one(number, model, kind) for number, kind in parts)


def _outcome(ask: Total) -> object:
    """Return a total, or that there is none."""
    try:
        found = ask()
    except Exception as error:  # each calculator has its own
        return f"an error ({type(error).__name__})"
    return float(getattr(found, "total", found))


def _same(mine: object, other: object) -> bool:
    """Tell whether two calculators come to the same."""
    if isinstance(mine, float) and isinstance(other, float):
        return abs(mine - other) <= NEAR * abs(mine)
    return type(mine) is type(other)


def _first(rounds: int) -> Iterator[Row]:
    """Yield what the first price takes in a fresh process, and how much memory it leaves."""
    ours, theirs = "import modelbook_catalog", "import genai_prices"
    sides = {
        "ours": told(COLD.format(before=ours, code=OURS)),
        "theirs": told(COLD.format(before=theirs, code=THEIRS)),
    }
    yield _measured("first price, imported before", "genai_prices", sides, rounds, "s", "")
    if not Path("/proc/self/status").exists():
        return
    used = {
        "ours": told(f"{ours}\n{OURS}\n{MEMORY}"),
        "theirs": told(f"{theirs}\n{THEIRS}\n{MEMORY}"),
        "bare": told(MEMORY),
    }
    samples = interleaved(used, max(3, rounds // 4))
    mine, other = middle(samples, "ours", "bare"), middle(samples, "theirs", "bare")
    share = ratio(samples, "ours", "theirs", "bare")
    yield Row("first price, memory over bare", mine, "MB", "genai_prices", other, share)


def _row(
    what: str, beside: str, mine: Total, theirs: Total, rounds: int, goal: str = "≤ 5 µs"
) -> Row:
    """Return the row of two calls, in turn."""
    priced = isinstance(_outcome(mine), float)
    often = 2_000 if priced else 10
    sides = {"ours": calls(_quiet(mine), often), "theirs": calls(_quiet(theirs), often // 10)}
    goal = goal if priced else ""
    return _measured(what, beside, sides, rounds, "s", goal)


def _quiet(ask: Total) -> Total:
    """Return a call that does not raise, if it raises now."""
    if isinstance(_outcome(ask), float):
        return ask
    return partial(_outcome, ask)


def _measured(
    what: str,
    beside: str,
    sides: Mapping[str, Callable[[], float]],
    rounds: int,
    unit: str,
    goal: str,
) -> Row:
    """Return the row of two interleaved sides."""
    samples = interleaved(sides, rounds)
    ours, theirs = middle(samples, "ours"), middle(samples, "theirs")
    return Row(what, ours, unit, beside, theirs, ratio(samples, "ours", "theirs"), goal)
