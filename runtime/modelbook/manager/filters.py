"""The keywords by which a manager chooses: those of `get_models_for_pipeline`.

Only type checkers load this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypedDict

from ..selection import Cap


class Filters(TypedDict, total=False):
    """What may be asked besides the pipeline type; see `modelbook.package.select`."""

    include_api: bool
    include_self_hosted: bool
    provider: str | Iterable[str] | None
    min_context_length: int | None
    max_cost_per_1k: Cap | None
    requires: str | Iterable[str]
    at: date | str | None
    limit: int | None
    include_retired: bool
