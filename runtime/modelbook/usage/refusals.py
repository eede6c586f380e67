"""The events of a response -> `UsageError` where they are an error, or lines of a batch."""

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


def refuse_batches(events: Iterable[Event]) -> None:
    """Raise `UsageError` for a line of a batch's output, and say what to pass instead.

    The response in it does not say everywhere that it is of a batch, which costs less.
    """
    for event in events:
        for outer, inner in (("response", "body"), ("result", "message")):
            held = event.get(outer)
            if "custom_id" in event and isinstance(held, Mapping) and inner in held:
                raise UsageError(
                    f"this is a line of a batch's output: pass its `{outer}.{inner}` alone, and "
                    '`tier="batch"` for its price'
                )


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
