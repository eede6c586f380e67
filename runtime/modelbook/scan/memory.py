"""Weights and cache -> an estimate of the memory that running a model takes."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .config import Context
    from .found import Cache

USUAL_CONTEXT = 4_096
"""Tokens that an estimate is for where nobody says."""


def estimate(weight_bytes: int | None, cache: Cache | None, context: int) -> int | None:
    """Return the bytes for weights and cache at a context, and a fifth of the weights for the rest.

    The fifth is the rule of thumb of Accelerate's estimator. None where a part is not known.
    """
    if weight_bytes is None or cache is None:
        return None
    return weight_bytes + weight_bytes // 5 + cache.at(context)


def at(
    weight_bytes: int | None, cache: Cache | None, known: Context | None, asked: int | None
) -> tuple[int | None, int | None]:
    """Return an estimate and the context it is for: the one asked for, or the model's if shorter.

    Both are None where the estimate is not known.
    """
    context = asked or USUAL_CONTEXT
    if known is not None:
        context = min(context, known.length)
    memory = estimate(weight_bytes, cache, context)
    return memory, None if memory is None else context
