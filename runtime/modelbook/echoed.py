"""The model name that a vendor echoes -> the deployment, by the patterns in its provider's YAML.

A pattern is text with placeholders: `{name}`, once, is any characters; `{year}`, `{month}` and
`{day}` are their digits; any other one is one character or more up to the next character of the
pattern, without `:` and `/`. Case does not matter. No pattern can take more than linear time.
"""

from __future__ import annotations

from functools import lru_cache

from .errors import AmbiguousError, NotFoundError
from .instants import instant
from .names import hint, nearest, shown
from .prices import whole
from .record import Record
from .records import Deployment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from .catalog import Catalog
    from .rows import Row

    Readings: TypeAlias = dict[tuple[str, str | None], None]

LONGEST = 512
"""Characters of the longest name that is read."""

ROUNDS = 4
"""Patterns that may apply one after another."""

MOST = 64
"""Readings of one name that are looked at."""

DIGITS: Mapping[str, tuple[int, int, int]] = {
    "year": (4, 1990, 2099),
    "month": (2, 1, 12),
    "day": (2, 1, 31),
}
"""Placeholders of digits: how many, the least and the largest."""


class Named(Record):
    """What an echoed name means."""

    name: str
    """The name as it was echoed."""
    deployment: Deployment
    region: str | None = None
    """The region that the name carries, as `when.region` of the deployment's prices names it.

    None where the name carries none, or where no price depends on one.
    """

    def words(self, id: str) -> str:
        """Return what to ask for in place of an id that only the provider's patterns read."""
        region = f", with the region `{self.region}`" if self.region else ""
        return f"`{id}` is a name of `{self.deployment.id}`: ask for that{region}"


def meaning(catalog: Catalog, id: object) -> Named | None:
    """Return what an id means whose wire name its provider reads; None if it reads none."""
    provider, mark, name = id.partition(":") if isinstance(id, str) else ("", "", "")
    if not mark or provider not in catalog.provider_ids():
        return None
    try:
        return read_name(catalog, name, provider=provider)
    except (NotFoundError, AmbiguousError):
        return None


def read_name(catalog: Catalog, name: str, *, provider: str, at: object = None) -> Named:
    """Return what a name means that a vendor echoes: its deployment, and the region it carries.

    The wire name or an alias as it stands goes first, in any case; else all patterns of the
    provider are tried. A moving name means, with `at` (UTC), what it meant then. Raises
    `NotFoundError` with the nearest ids of the provider, or `AmbiguousError` where patterns lead to
    several: never a guess.
    """
    known = catalog.provider_id(provider)
    if not isinstance(name, str):
        raise NotFoundError(f"the name of a model is text, not {type(name).__name__}")
    wires, aliases = catalog.wire_names(known), catalog.table("_aliases").DEPLOYMENTS

    def standing(text: str) -> str | None:
        """Return the id behind a wire name or alias in lower case."""
        alias: str | None = aliases.get(f"{known}:{text}")
        return f"{known}:{text}" if text in wires else alias

    patterns: tuple[Row, ...] = catalog.provider_row(known).get("names", ())
    exact: str | None = aliases.get(f"{known}:{name}")
    found = [(exact, None)] if exact else [*readings(name, patterns, standing)]
    if not found and any(_silent(name, pattern) for pattern in patterns):
        message = f"`{shown(name)[1:-1]}` does not say which model it is of: say the deployment"
        raise NotFoundError(message, id=name[:LONGEST])
    if not found:
        near = nearest(f"{known}:{name}", (f"{known}:{wire}" for wire in wires))
        message = f"`{known}` has no deployment that echoes `{shown(name)[1:-1]}`{hint(near)}"
        raise NotFoundError(message, id=name[:LONGEST], nearest=near)
    if len(found) > 1:
        listed = " or ".join(f"`{id}`" + (f" in {place}" if place else "") for id, place in found)
        candidates = tuple(dict.fromkeys(id for id, _ in found))
        raise AmbiguousError(f"`{name}` could be {listed}", id=name, nearest=candidates)
    id, region = found[0]
    deployment = catalog.get_deployment(id)
    if at is not None:
        deployment = _meant(catalog, deployment, instant(at))
    return Named(name=name, deployment=deployment, region=_priced(deployment, region, patterns))


def _priced(deployment: Deployment, region: str | None, patterns: Iterable[Row]) -> str | None:
    """Return a region as prices name it: itself, else the geography it is in (`us` of `us-east-1`).

    Geographies are the regions that patterns name outright; the longest one counts, so that
    `us-gov-west-1` is not in `us`. A region that prices do not speak of stays as it is: they refuse
    it.
    """
    priced = {entry.when.region for entry in deployment.prices} - {None}
    if region is None or not priced:
        return None
    stated = (pattern.get("region") or "" for pattern in patterns)
    wider = [one for one in stated if one and "{" not in one and region.startswith(f"{one}-")]
    widest = max(wider, key=len, default=region)
    return widest if region not in priced and widest in priced else region


def _meant(catalog: Catalog, deployment: Deployment, at: str) -> Deployment:
    """Return what a moving name meant at an instant; anything else is itself."""
    if not deployment.points_to:
        return deployment
    then = [step.deployment for step in deployment.points_to if whole(step.from_) <= at]
    if not then:
        first = deployment.points_to[0]
        message = f"`{deployment.id}` means nothing before {first.from_}"
        raise NotFoundError(message, id=deployment.id, nearest=(first.deployment,))
    return catalog.get_deployment(then[-1])


def readings(name: str, patterns: Iterable[Row], known: Callable[[str], str | None]) -> Readings:
    """Return the (id, region) pairs that a name can mean, in the order of the patterns.

    `known` gives the id behind a wire name in lower case. A name that is known is not read further,
    so a pattern never overrides a name that stands as it is.
    """
    found: Readings = {}
    waiting: Readings = {(name.strip().lower(), None): None} if len(name) <= LONGEST else {}
    seen = dict(waiting)
    for _ in range(ROUNDS + 1):
        further: Readings = {}
        for text, region in waiting:
            id = known(text)
            if id is not None:
                found[id, region] = None
                continue
            further.update(
                ((meant, place or region), None)
                for pattern in patterns
                if "means" in pattern and (read := _rewritten(text, pattern)) is not None
                for meant, place in [read]
            )
        waiting = {one: None for one in further if one not in seen and len(seen) <= MOST}
        seen.update(waiting)
    return found


def _silent(name: str, pattern: Row) -> bool:
    """Tell whether a name is one of those that say nothing of the model."""
    return "means" not in pattern and bindings(name.strip().lower(), pattern["match"]) is not None


def _rewritten(text: str, pattern: Row) -> tuple[str, str | None] | None:
    """Return what a pattern makes of a name, and the region in it; None if it does not fit."""
    bound = bindings(text, pattern["match"])
    if bound is None:
        return None
    region = pattern.get("region")
    return filled(pattern["means"], bound), filled(region, bound) if region else None


def bindings(text: str, pattern: str) -> dict[str, str] | None:
    """Return what the placeholders of a pattern stand for in a name; None if it does not fit."""
    parts = pieces(pattern)
    middle = next((n for n, (_, holder) in enumerate(parts) if holder == "name"), len(parts))
    bound: dict[str, str] = {}
    left = _from_left(text, parts[:middle], parts[middle:][:1], bound)
    if left is None or middle == len(parts):
        return bound if left == len(text) else None
    right = _from_right(text, parts[middle + 1 :], left, bound)
    if right is None or right <= left:
        return None
    bound["name"] = text[left:right]
    return bound


def filled(template: str, bound: Mapping[str, str]) -> str:
    """Return a template with what its placeholders stand for."""
    return "".join(bound[text] if holder else text for text, holder in pieces(template))


@lru_cache(maxsize=1024)
def pieces(pattern: str) -> tuple[tuple[str, str], ...]:
    """Return the parts of a pattern in order: (text, "") or (placeholder, its kind).

    Kinds are `name`, `digits` and `word`.
    """
    made: list[tuple[str, str]] = []
    for part in pattern.replace("{", "\0{").replace("}", "\0").split("\0"):
        if part.startswith("{"):
            holder = part[1:]
            kind = "name" if holder == "name" else "digits" if holder in DIGITS else "word"
            made.append((holder, kind))
        elif part:
            made.append((part, ""))
    return tuple(made)


def _from_left(
    text: str,
    parts: tuple[tuple[str, str], ...],
    after: tuple[tuple[str, str], ...],
    bound: dict[str, str],
) -> int | None:
    """Return where some parts end that a name begins with; None if it does not."""
    at = 0
    for n, (part, kind) in enumerate(parts):
        following = (*parts, *after)[n + 1 : n + 2]
        if not kind:
            end = at + len(part) if text.startswith(part, at) else -1
        elif kind == "digits":
            end = at + DIGITS[part][0]
        else:
            stop = following[0][0][0] if following and not following[0][1] else ""
            end = _run(text[at:], stop) + at
        if end < at or (kind and not _takes(part, kind, text[at:end], bound)):
            return None
        at = end
    return at


def _from_right(
    text: str, parts: tuple[tuple[str, str], ...], least: int, bound: dict[str, str]
) -> int | None:
    """Return where some parts begin that a name ends with; None if it does not."""
    at = len(text)
    for n in range(len(parts) - 1, -1, -1):
        part, kind = parts[n]
        if not kind:
            start = at - len(part) if text.endswith(part, least, at) else -1
        elif kind == "digits":
            start = at - DIGITS[part][0]
        else:
            stop = parts[n - 1][0][-1] if n and not parts[n - 1][1] else ""
            start = at - _run(text[least:at][::-1], stop)
        if start < least or (kind and not _takes(part, kind, text[start:at], bound)):
            return None
        at = start
    return at


def _run(text: str, stop: str) -> int:
    """Return how many characters a word takes: up to what follows it, `:` or `/`."""
    ends = (text.find(one) for one in {stop, ":", "/"} if one)
    return min((end for end in ends if end >= 0), default=len(text))


def _takes(holder: str, kind: str, text: str, bound: dict[str, str]) -> bool:
    """Tell whether a placeholder may stand for a text, the same wherever it stands; note it."""
    if not text or bound.setdefault(holder, text) != text:
        return False
    if kind != "digits":
        return True
    width, least, largest = DIGITS[holder]
    return (
        len(text) == width and text.isascii() and text.isdigit() and least <= int(text) <= largest
    )
