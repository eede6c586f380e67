"""What `get` has answered and may answer again for a moment; gone after a write, and in a fork."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ANSWERS: dict[object, Any] = {}
"""What was asked for to the answer, and what must not have changed meanwhile: see `chain`."""
