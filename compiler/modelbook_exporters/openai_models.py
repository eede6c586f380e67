"""Deployments -> the answer to `GET /v1/models` of an API like OpenAI's.

`created` is required by that shape, and clients of strict languages refuse a whole list for one
model without it. So it is 0 where no day is known: no model is of 1970, clients that sort by it put
those last, and `left` counts them.
"""

from __future__ import annotations

from collections.abc import Iterable

from modelbook.instants import seconds
from modelbook.records import Deployment

from .shapes import Export, name_of
from .text import Json

UNKNOWN = 0


def export(deployments: Iterable[Deployment], by: str) -> Export:
    """Return the list, each id once; `by` is `model` or `deployment`, whose ids they are."""
    out = Export({})
    rows: dict[str, Json] = {}
    for one in deployments:
        id = name_of(one, by)
        created = _created(one, by)
        if id in rows and (created == UNKNOWN or rows[id]["created"] != UNKNOWN):
            continue
        owner = one.provider if by == "deployment" else one.model.partition("/")[0]
        rows[id] = {"id": id, "object": "model", "created": created, "owned_by": owner}
    out.data = {"object": "list", "data": [*rows.values()]}
    out.left.update("created" for row in rows.values() if row["created"] == UNKNOWN)
    return out


def _created(one: Deployment, by: str) -> int:
    """Return the release day in seconds since 1970, UTC: the first of a month or year."""
    own = one.lifecycle.released if by == "deployment" else None
    day = own or one.released
    return UNKNOWN if day is None else _seconds(day)


def _seconds(day: str) -> int:
    """Return YYYY-MM-DD, YYYY-MM or YYYY in seconds since 1970."""
    return int(seconds(f"{day}-01-01"[:10] if len(day) < 10 else day))
