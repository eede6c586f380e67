"""Check meaning: everything a schema cannot say. One module per subject, one function per rule."""

from __future__ import annotations

from . import (
    claims,
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
    "claims",
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
