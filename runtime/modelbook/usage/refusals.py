"""The events of a response -> `UsageError` where the vendor answered with an error."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .events import Event

LONGEST = 200
"""Characters of a vendor's message that are quoted."""

SECRET = re.compile(r"(?=\S*[0-9*])\S{20,}")
"""What could be a key: vendors quote the one that they refuse."""


def refuse_errors(events: Iterable[Event]) -> None:
    """Raise `UsageError` with the vendor's message if an event is an error, and states no usage.

    A response that failed half-way and says what it used is none: that is billed.
    """
    for event in (part for whole in events for part in (whole, whole.get("response"))):
        if not isinstance(event, Mapping) or event.get("usage"):
            continue
        if not (event.get("error") or "error" in (event.get("type"), event.get("object"))):
            continue
        said = _message(event)
        raise UsageError(f"the vendor answered with an error, not a response{said and f': {said}'}")


def _message(event: Event) -> str:
    """Return what an error says, short and printable, without what could be a key."""
    told = event.get("error") or event
    if isinstance(told, Mapping):
        told = next((told[key] for key in ("message", "type", "code") if told.get(key)), "")
    if not isinstance(told, str):
        return ""
    text = "".join(one if one.isprintable() else " " for one in told[: 4 * LONGEST])
    text = " ".join(SECRET.sub("…", text).split())
    return f"`{text[:LONGEST]}{'…' if len(text) > LONGEST else ''}`" if text else ""
