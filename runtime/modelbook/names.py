"""Names as people write them: folding of case and separators, and the nearest known one."""

from __future__ import annotations

from .errors import RequestError
from .records import CAPABILITIES, DERIVED_CAPABILITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

SEPARATORS = str.maketrans("", "", "_-. ")


def fold(name: str) -> str:
    """Return a name without case and without the separators `_ - .` and space.

    Names with equal folds are easily taken for each other: `Text_Generation`, `text-generation`.
    """
    return name.lower().translate(SEPARATORS)


def nearest(name: str, known: Iterable[str], count: int = 5) -> tuple[str, ...]:
    """Return the known names most like `name`, best first; may be empty."""
    from difflib import get_close_matches

    pool = {known_name.lower(): known_name for known_name in sorted(known)}
    wanted = name.strip().lower()[:200]
    close = get_close_matches(wanted, pool, n=count, cutoff=0.6)
    tails = [known_name for known_name in pool if wanted and known_name.endswith(wanted)]
    return tuple(pool[found] for found in dict.fromkeys([*tails, *close]))[:count]


def hint(found: tuple[str, ...]) -> str:
    """Return the end of a message that names the nearest ids, or nothing."""
    if not found:
        return ""
    return "; did you mean " + " or ".join(f"`{name}`" for name in found[:3]) + "?"


def unknown_capability(name: str) -> RequestError:
    """Return the error for a name that is no capability."""
    found = nearest(name, (*CAPABILITIES, *DERIVED_CAPABILITIES))
    return RequestError(f"unknown capability `{name}`{hint(found)}", id=name, nearest=found)
