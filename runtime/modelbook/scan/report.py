"""Records of a scan -> plain data for JSON, and words for tables. Unknown is null, or `-`."""

from __future__ import annotations

from .found import Cache, Found, Problem, Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def as_data(report: Report) -> dict[str, Any]:
    """Return a report as plain data; every key is always there."""
    return {
        "places": list(report.places),
        "models": [_model(one) for one in report.models],
        "other_repositories": report.others,
        "problems": [_problem(one) for one in report.all_problems],
    }


def _model(found: Found) -> dict[str, Any]:
    """Return a model as plain data."""
    fields = {name: _plain(getattr(found, name)) for name in Found._fields if name != "cache"}
    return {**fields, "cache": _cache(found.cache)}


def _cache(cache: Cache | None) -> dict[str, Any] | None:
    """Return what is kept per token, as plain data."""
    if cache is None:
        return None
    return {
        "bytes_per_token": cache.per_token,
        "full": cache.full,
        "sliding": cache.sliding,
        "window": cache.window,
    }


def _problem(problem: Problem) -> dict[str, str]:
    """Return a problem as plain data."""
    return {"place": problem.place, "text": problem.text}


def _plain(value: object) -> Any:
    """Return the value of a field as plain data."""
    if isinstance(value, tuple):
        return [_problem(one) if isinstance(one, Problem) else one for one in value]
    return value


def size(count: int | None) -> str:
    """Return bytes in words, three digits: `1.23 GB`, in steps of 1,000."""
    if count is None:
        return "-"
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.3g} {UNITS[unit]}"


def amount(count: int | None) -> str:
    """Return a number of parameters in words: `22.7M`, `8.03B`."""
    if count is None:
        return "-"
    for least, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= least:
            return f"{count / least:.3g}{letter}"
    return str(count)
