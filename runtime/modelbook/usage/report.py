"""What a response says was used."""

from __future__ import annotations

from ..record import FrozenDict, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal


class UsageReport(Record):
    """What one response says of its own use, in the words of the catalog."""

    provider: str
    """Id of the provider."""
    api: str
    """The rule that read it: `chat`, `responses`, …"""
    model: str | None = None
    """The model's name as the vendor echoes it; None where it does not."""
    usage: FrozenDict[str, int | Decimal]
    """Unit id to the quantity used, in the unit's own quantity (tokens, seconds, …). Counts are
    inclusive: `input` holds what was read from the cache too. Only what is reported is here; a
    reported zero is 0."""
    tier: str | None = None
    """Processing tier that the vendor says it used, as `when.tier` of prices names it; None where
    that is the standard one, or nothing is said."""
    region: str | None = None
    speed: str | None = None
    size: str | None = None
    quality: str | None = None
    at: str | None = None
    """UTC instant of the response's own timestamp; None where it has none."""
    uncounted: tuple[str, ...] = ()
    """What the response shows was used and is billed apart, without a count in `usage`, such as
    `code_interpreter`: the price of `usage` is not all that the call cost."""
