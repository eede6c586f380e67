"""Names as people write them: folding of case and separators, and the nearest known one."""

from __future__ import annotations

from .errors import RequestError
from .records import CAPABILITIES, DERIVED_CAPABILITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable

LONGEST = 200
"""Characters of a name that is looked at closely."""

SEPARATORS = str.maketrans("", "", "_-. ")


def fold(name: str) -> str:
    """Return a name without case and without the separators `_ - .` and space.

    Names with equal folds are easily taken for each other: `Text_Generation`, `text-generation`.
    """
    return name.lower().translate(SEPARATORS)


def fits(name: str, pattern: str) -> bool:
    """Tell whether a name is a pattern with language codes in the places of `{language}`.

    Case, `_`, `-` and space are the same: `translation_en_to_fr`, `Translation-eng_Latn-to-de`.
    """
    import re

    code = "[a-z]{2,3}(?:_[a-z0-9]{2,8})*"
    parts = map(_even, pattern.split("{language}"))
    return len(name) <= LONGEST and bool(
        re.fullmatch(code.join(map(re.escape, parts)), _even(name))
    )


def _even(name: str) -> str:
    """Return a name in lower case with `_` for the other separators."""
    return name.lower().replace("-", "_").replace(" ", "_")


def nearest(
    name: str, known: Iterable[str], count: int = 5, first: Container[str] = ()
) -> tuple[str, ...]:
    """Return the known names most like `name`, best first; may be empty.

    A bare name is compared with ids as they are and without their provider or creator. Of ids that
    are alike, those of the providers in `first` stand before others.
    """
    from difflib import get_close_matches

    wanted = name.strip().lower()[:200]
    pool: dict[str, list[str]] = {}
    for one in sorted(known, key=lambda one: (one.partition(":")[0] not in first, one)):
        bare = one.partition(":")[2] or one.partition("/")[2]
        for spelling in {one, one if {":", "/"} & {*wanted} else bare or one}:
            pool.setdefault(spelling.lower(), []).append(one)
    close = get_close_matches(wanted, pool, n=count, cutoff=0.6)
    tails = [spelling for spelling in pool if wanted and spelling.endswith(wanted)]
    found = (one for spelling in (*tails, *close) for one in pool[spelling])
    return tuple(dict.fromkeys(found))[:count]


def hint(found: tuple[str, ...]) -> str:
    """Return the end of a message that names the nearest ids, or nothing."""
    if not found:
        return ""
    return "; did you mean " + " or ".join(f"`{name}`" for name in found[:3]) + "?"


def shown(value: object) -> str:
    """Return a value as a message shows it, whatever its length."""
    try:
        text = str(value) if type(value).__name__ in ("Decimal", "Fraction") else repr(value)
    except ValueError:  # a whole number of too many digits
        return f"a huge {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


def unknown_capability(name: str) -> RequestError:
    """Return the error for a name that is no capability."""
    found = nearest(name, (*CAPABILITIES, *DERIVED_CAPABILITIES))
    return RequestError(f"unknown capability `{name}`{hint(found)}", id=name, nearest=found)


ELSEWHERE = {
    "prompt_tokens": "input",
    "input_tokens": "input",
    "completion_tokens": "output",
    "output_tokens": "output",
    "cached_tokens": "cache_read",
    "cached_input_tokens": "cache_read",
    "cache_read_tokens": "cache_read",
    "cache_read_input_tokens": "cache_read",
    "cache_write_tokens": "cache_write",
    "cache_creation_input_tokens": "cache_write",
    "reasoning_tokens": "reasoning",
    "thinking_tokens": "reasoning",
    "input_audio_tokens": "input_audio",
    "output_audio_tokens": "output_audio",
    "audio_seconds": "input_audio_seconds",
    "images": "output_images",
    "pages": "input_pages",
    "characters": "input_characters",
    "web_searches": "searches",
    "search_units": "searches",
}
"""What vendors and other catalogs call a unit, for hints alone: their counts may mean others."""


def unknown_unit(id: object, known: Iterable[str]) -> RequestError:
    """Return the error for what is no unit of the registry."""
    if not isinstance(id, str):
        return RequestError(f"a unit is text, not {type(id).__name__}")
    elsewhere = ELSEWHERE.get(id.lower(), "")
    found = (elsewhere,) if elsewhere in {*known} else nearest(id, known)
    told = hint(found) or f"; the units are {', '.join(known)}"
    return RequestError(f"unknown unit {shown(id)}{told}", id=id, nearest=found)
