"""Requirements as somebody writes them -> checked, and spelt in one way; else an error.

Equal demands become equal values here, so that they share their answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .errors import NotFoundError, RequestError
from .names import fold, hint, nearest, shown, unknown_capability
from .records import CAPABILITIES, DERIVED_CAPABILITIES, MODALITIES
from .requirements import Requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal
    from typing import Any

    from .catalog import Catalog

METHODS = ("cli", "api", "sdk", "in-process")
STATUSES = ("preview", "active", "deprecated", "retired")
SORTS = (
    "cost",
    "output_cost",
    "context",
    "output",
    "parameters",
    "released",
    "preference",
    "name",
    "provider",
)
MOST = 10**18
"""Above this a count is a mistake; SQL counts no further."""

MOST_NAMES = 10_000
"""Most names that one field takes; an endless iterable must end somewhere."""


def normal(catalog: Catalog, needs: object) -> Requirements:
    """Return requirements, checked and spelt in one way; what is demanded alone is stated.

    Raises `RequestError`, `NotFoundError` or `AmbiguousError`, with the nearest known name.
    """
    if not isinstance(needs, Requirements):
        raise RequestError(f"requirements are `Requirements(...)`, not {shown(needs)}")
    found: dict[str, Any] = {}
    for name, value in needs.__dict__.items():
        if value is not getattr(Requirements, name):
            found[name] = CHECKS[name](catalog, value, name)
    if found.keys() & _TOGETHER:
        _agree(found)
    return Requirements(**{n: v for n, v in found.items() if v != getattr(Requirements, n)})


_TOGETHER = {"requires", "lacks", "statuses", "sort", "max_cost_per_call", "exclude_providers"}
"""Fields that others have a say in."""


def _agree(found: dict[str, Any]) -> None:
    """Settle what fields say together; raise `RequestError` where that is nothing."""
    true, false = found.pop("requires", (frozenset(), frozenset()))
    found["requires"], found["lacks"] = true, found.get("lacks", frozenset()) | false
    both = sorted(true & found["lacks"])
    if both:
        raise RequestError(f"`{both[0]}` is both required and to be lacked")
    chosen = {*(found.get("providers") or ())}.intersection(found.get("exclude_providers") or ())
    if chosen:
        raise RequestError(f"`{min(chosen)}` is both in `providers` and in `exclude_providers`")
    if found.get("statuses"):
        kept = {*found["statuses"], *(["retired"] if found.get("include_retired") else [])}
        found["statuses"] = tuple(one for one in STATUSES if one in kept)
        found["include_retired"] = "retired" in kept
    if "max_cost_per_call" in found and "usage" not in found:
        raise RequestError("`max_cost_per_call` needs `usage`: what a call uses")
    if {"preference", "-preference"} & {*(found.get("sort") or ())} and not found.get("prefer"):
        raise RequestError('`sort="preference"` needs `prefer`: providers, the best first')


def names(given: object, what: str) -> tuple[str, ...]:
    """Return one name or several in the order given, each once; raise `RequestError`."""
    several = (given,) if isinstance(given, str) else given
    found: dict[str, None] = {}
    if isinstance(several, Iterable) and not isinstance(several, bytes | Mapping):
        for n, name in enumerate(several):
            if not isinstance(name, str) or n >= MOST_NAMES:
                break
            found[str.__str__(name)] = None
        else:
            return tuple(found)
    raise RequestError(f"`{what}` takes a name or several names, not {shown(given)}")


def _flag(_catalog: Catalog, value: object, what: str) -> bool:
    """Return a checked yes or no."""
    if isinstance(value, bool):
        return value
    raise RequestError(f"`{what}` takes True or False, not {shown(value)}")


def _never(catalog: Catalog, value: object, what: str) -> bool:
    """Return False; nobody can ask for the opposite."""
    return _only(False, catalog, value, what)


def _always(catalog: Catalog, value: object, what: str) -> bool:
    """Return True; nobody can ask for the opposite."""
    return _only(True, catalog, value, what)


def _only(wanted: bool, catalog: Catalog, value: object, what: str) -> bool:
    """Return the one flag that demands something."""
    if _flag(catalog, value, what) is not wanted:
        told = f"`{what}` takes {wanted}, or None where it does not matter, not {not wanted}"
        raise RequestError(told)
    return wanted


def _pipeline(catalog: Catalog, value: Any, _what: str) -> str:
    """Return the official id behind a spelling."""
    return catalog.pipeline_id(value)


def _providers(catalog: Catalog, value: object, what: str) -> tuple[str, ...]:
    """Return ids of providers, sorted."""
    return tuple(sorted({_provider(catalog, name) for name in names(value, what)}))


def _provider(catalog: Catalog, name: str) -> str:
    """Return the id of a provider from any case and separators of it."""
    known = catalog.table("providers").MODULES
    if name in known:
        return name
    folded = fold(name)
    same = [id for id in known if fold(id) == folded] if name[:1].isalnum() else []
    return same[0] if len(same) == 1 else catalog.provider_id(name)


def _others(catalog: Catalog, value: object, what: str) -> tuple[str, ...] | None:
    """Return ids of providers, sorted; none at all leave nobody out."""
    return _providers(catalog, value, what) or None


def _preferred(catalog: Catalog, value: object, what: str) -> tuple[str, ...] | None:
    """Return ids of providers in the order given."""
    found = dict.fromkeys(_provider(catalog, name) for name in names(value, what))
    return tuple(found) or None


def _models(catalog: Catalog, value: object, what: str) -> tuple[str, ...]:
    """Return ids of models, sorted, aliases resolved."""
    return tuple(sorted({catalog.get_model(name).id for name in names(value, what)}))


def _creators(catalog: Catalog, value: object, what: str) -> tuple[str, ...]:
    """Return creators, sorted; those of bulk models alone have no deployments."""
    return _among(names(value, what), tuple(catalog.table("models").MODULES), "creator")


def _text(_catalog: Catalog, value: object, what: str) -> str:
    """Return free words, folded; what has no word would be met by everything."""
    if not isinstance(value, str):
        raise RequestError(f"`{what}` takes words, not {shown(value)}")
    words = {fold(_plain(word, what)) for word in value.split()} - {""}
    if not words:
        raise RequestError(f"`{what}` takes words with letters or digits, not {shown(value)}")
    return " ".join(sorted(words))


def _plain(word: str, what: str) -> str:
    """Return a word; raise `RequestError` for one with characters that nobody can print."""
    if not word.isprintable():
        raise RequestError(f"`{what}` takes words that can be printed, not {shown(word)}")
    return word


def _count(_catalog: Catalog, value: Any, what: str) -> int:
    """Return a checked count."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return int(value)
    told = f"zero to {MOST:,}" if isinstance(value, int) and value > MOST else "zero or more"
    raise RequestError(f"`{what}` takes a whole number, {told}, not {shown(value)}")


def _cap(_catalog: Catalog, value: Any, what: str) -> Decimal:
    """Return a price cap as the decimal its text shows, so that 0.01 means exactly 0.01."""
    from decimal import Decimal, InvalidOperation

    try:
        exact = isinstance(value, (str, int, Decimal))
        cap = Decimal(value if exact else float.__repr__(value))
    except (InvalidOperation, ValueError, TypeError):
        cap = Decimal("NaN")
    if isinstance(value, bool) or not cap.is_finite() or cap < 0:
        raise RequestError(f"`{what}` takes a number of USD, zero or more, not {shown(value)}")
    return cap


def _usage(catalog: Catalog, value: object, _what: str) -> Any:
    """Return what a call uses, checked, as plain numbers."""
    from fractions import Fraction

    from .counts import possible_counts
    from .decimals import as_decimal
    from .record import FrozenDict

    counts = {unit: Fraction(n) for unit, n in possible_counts(catalog.units, value).items()}
    return FrozenDict(
        {u: int(n) if n.denominator == 1 else as_decimal(n) for u, n in sorted(counts.items())}
    )


def _requires(_catalog: Catalog, value: object, what: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the capabilities that must be true, and those that must be false."""
    if not isinstance(value, Mapping):
        return _capabilities(_catalog, value, what), frozenset()
    for name, wanted in value.items():
        if not isinstance(wanted, bool):
            raise RequestError(f"`{what}` takes True or False for {shown(name)}")
    true = _capabilities(_catalog, [name for name in value if value[name]], what)
    return true, _capabilities(_catalog, [name for name in value if not value[name]], what)


def _capabilities(_catalog: Catalog, value: object, what: str) -> frozenset[str]:
    """Return checked capability names, from any case and separators of them."""
    return frozenset(map(_capability, names(value, what)))


def _capability(name: str) -> str:
    """Return a capability as the catalog spells it."""
    if name in CAPABILITIES or name in DERIVED_CAPABILITIES:
        return name
    folded = fold(name) if name[:1].isalnum() else ""
    for known in (*CAPABILITIES, *DERIVED_CAPABILITIES):
        if fold(known) == folded:
            return known
    raise unknown_capability(name)


def _modalities(_catalog: Catalog, value: object, what: str) -> tuple[str, ...] | None:
    """Return checked modalities, sorted; none at all demand nothing."""
    return _among(names(value, what), MODALITIES, "modality") or None


def _licenses(catalog: Catalog, value: object, what: str) -> tuple[str, ...]:
    """Return licences, sorted, spelt as the catalog does."""
    from .facts import known

    return _among(names(value, what), known(catalog).licenses, "licence")


def _methods(_catalog: Catalog, value: object, what: str) -> tuple[str, ...]:
    """Return checked access methods, sorted."""
    return _among(names(value, what), METHODS, "access method")


def _statuses(_catalog: Catalog, value: object, what: str) -> tuple[str, ...]:
    """Return checked statuses."""
    return _among(names(value, what), STATUSES, "status")


def _regions(_catalog: Catalog, value: object, what: str) -> tuple[str, ...]:
    """Return regions, sorted, in lower case."""
    return tuple(sorted({_plain(name, what).lower() for name in names(value, what)}))


def _sort(_catalog: Catalog, value: object, what: str) -> tuple[str, ...] | None:
    """Return checked sort keys, each once."""
    several = value.split(",") if isinstance(value, str) else names(value, what)
    keys: dict[str, str] = {}
    for given in several:
        turned, name = given.strip()[:1] == "-", given.strip().removeprefix("-")
        (key,) = _among((name,), SORTS, "sort key")
        keys.setdefault(key, f"-{key}" if turned else key)
    return tuple(keys.values()) or None


def _among(given: Iterable[str], known: tuple[str, ...], what: str) -> tuple[str, ...]:
    """Return names as those known are spelt, sorted; raise for an unknown one with the nearest."""
    folded = {fold(name): name for name in known}
    found = set()
    for name in given:
        spelt = folded.get(fold(name)) if name[:1].isalnum() else None  # `--cost` is no key
        match = name if name in known else spelt
        if match is None:
            near = nearest(name, known)
            listed = f"; there are {', '.join(known)}" if len(known) < 20 and not near else ""
            told = f"unknown {what} {shown(name)}{hint(near)}{listed}"
            raise NotFoundError(told, id=name, nearest=near)
        found.add(match)
    return tuple(sorted(found))


CHECKS: dict[str, Callable[[Catalog, Any, str], Any]] = {
    "pipeline": _pipeline,
    "include_api": _flag,
    "include_self_hosted": _flag,
    "providers": _providers,
    "exclude_providers": _others,
    "prefer": _preferred,
    "models": _models,
    "creators": _creators,
    "text": _text,
    "methods": _methods,
    "min_context_length": _count,
    "min_output_tokens": _count,
    "max_cost_per_1k": _cap,
    "max_input_cost": _cap,
    "max_output_cost": _cap,
    "usage": _usage,
    "max_cost_per_call": _cap,
    "requires": _requires,
    "lacks": _capabilities,
    "input": _modalities,
    "output": _modalities,
    "licenses": _licenses,
    "open_weights": _flag,
    "min_parameters": _count,
    "max_parameters": _count,
    "max_memory": _count,
    "statuses": _statuses,
    "include_retired": _flag,
    "regions": _regions,
    "trains_on_inputs": _never,
    "max_retention_days": _count,
    "zero_retention": _always,
    "available_only": _flag,
    "sort": _sort,
    "limit": _count,
}
"""Field to what checks and spells its value."""
