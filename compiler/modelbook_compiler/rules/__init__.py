"""Check meaning: everything a schema cannot say. One module per subject, one function per rule."""

from __future__ import annotations

from . import (
    classes,
    dates,
    disputes,
    exceptions,
    imports,
    lifecycle,
    limits,
    lists,
    market,
    models,
    pipelines,
    policies,
    price_order,
    prices,
    providers,
    today,
    units,
    usage,
)
from .base import GROUP_RULES, RULES

__all__ = [
    "GROUP_RULES",
    "RULES",
    "classes",
    "dates",
    "disputes",
    "exceptions",
    "imports",
    "lifecycle",
    "limits",
    "lists",
    "market",
    "models",
    "pipelines",
    "policies",
    "price_order",
    "prices",
    "providers",
    "today",
    "units",
    "usage",
]
