"""The keywords by which a manager chooses: those of `get_models_for_pipeline`.

Only type checkers load this module.
"""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from ..requirements import Cap, Names, Wanted


class Filters(TypedDict, total=False):
    """What may be asked besides the pipeline type; see `modelbook.package.find`."""

    include_api: bool
    include_self_hosted: bool
    provider: Names | None
    min_context_length: int | None
    max_cost_per_1k: Cap | None
    requires: Wanted
    available_only: bool
    at: date | str | None
    limit: int | None
    sort: Names | None
    include_retired: bool
