"""Prices of a moving name: those of each target, for the time it pointed there."""

from __future__ import annotations

from itertools import pairwise

from .prices import whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .rows import Row

NO_END = "9999-12-31"


def priced(row: Row, rows: Mapping[str, Row]) -> Row:
    """Return a deployment's row; that of a moving name without prices has those of its targets.

    `rows` are those of the targets, by id.
    """
    if "points_to" not in row or "prices" in row:
        return row
    prices = followed(row["points_to"], rows)
    return {**row, "prices": prices} if prices else row


def followed(steps: Sequence[Row], rows: Mapping[str, Row]) -> tuple[Row, ...]:
    """Return the price entries of all targets, each cut to the time it is pointed at."""
    ends = [after["from"] for _, after in pairwise(steps)] + [NO_END]
    return tuple(
        entry
        for step, end in zip(steps, ends, strict=True)
        for price in rows[step["deployment"]].get("prices", ())
        for entry in _cut(price, step["from"], end)
    )


def _cut(price: Row, start: str, end: str) -> Iterator[Row]:
    """Yield a price entry within [start, end), or nothing if it does not apply in that time."""
    begins = max(price.get("from", start), start, key=whole)
    ends = min(price.get("until", end), end, key=whole)
    if whole(begins) < whole(ends):
        window = {"from": begins} if ends == NO_END else {"from": begins, "until": ends}
        yield {**window, **{key: price[key] for key in price if key not in ("from", "until")}}
