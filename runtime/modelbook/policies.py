"""Named policies of a catalog: requirements under a name, and what to fall back to."""

from __future__ import annotations

from .errors import NotFoundError
from .names import hint, nearest
from .record import FrozenDict, Record
from .requirements import Requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .catalog import Catalog
    from .rows import Row, Rows
    from .selection import Selection

OWN = frozenset({"description", "fallback", "sources"})
"""Fields of a policy's file that are no requirements."""


class Policy(Record):
    """Requirements that have a name, so that programs ask for the name and people edit the rest."""

    id: str
    """Name of its file."""
    description: str
    """One line on what it is for."""
    requirements: Requirements
    fallback: tuple[str, ...] = ()
    """Ids of the deployments to use, in this order, where nothing meets the requirements."""


def policy_ids(catalog: Catalog) -> tuple[str, ...]:
    """Return the ids of a catalog's policies, sorted."""
    return tuple(sorted(_rows(catalog)))


def get_policy(catalog: Catalog, id: str) -> Policy:
    """Return a policy by id; raise `NotFoundError` with the nearest ids."""
    rows = _rows(catalog)
    if not isinstance(id, str):
        raise NotFoundError(f"the name of a policy is text, not {type(id).__name__}")
    if id not in rows:
        near = nearest(id, rows)
        listed = hint(near) or f"; there are {', '.join(sorted(rows)[:20]) or 'none'}"
        raise NotFoundError(f"unknown policy `{id}`{listed}", id=id, nearest=near)
    return policy_record(id, rows[id])


def policy_record(id: str, row: Row) -> Policy:
    """Return the record of a policy from its row."""
    stated = {name: value for name, value in row.items() if name not in OWN}
    if "usage" in stated:
        stated["usage"] = FrozenDict(stated["usage"])
    return Policy(
        id=id,
        description=row["description"],
        requirements=Requirements(**stated),
        fallback=row.get("fallback", ()),
    )


def select_by_policy(
    catalog: Catalog, id: str, *, at: object = None, limit: int | None = None
) -> Selection:
    """Return the deployments that meet a policy; where none does, its fallback, `fell_back` then.

    Of the fallback those stay that answer at the time, and within reach if the policy asks that.
    `limit` goes before the policy's own.
    """
    from .package import select

    policy = get_policy(catalog, id)
    needs = policy.requirements
    found = select(catalog, needs if limit is None else needs.changed(limit=limit), at=at)
    if found or found.requirements.limit == 0 or not policy.fallback:
        return found
    answering = select(catalog, Requirements(available_only=needs.available_only), at=found.at)
    known = frozenset(answering.ids)
    last = tuple(one for one in policy.fallback if one in known)
    return found.falling_back(last[: found.requirements.limit])


def _rows(catalog: Catalog) -> Rows:
    """Return the rows of all policies by id."""
    rows: Mapping[str, Row] = catalog.table("_registry").POLICIES
    return rows
