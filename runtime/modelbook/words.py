"""Why deployments are out, in words; and why nothing is left, with what comes nearest.

A selection asks for this when somebody reads `excluded` or `why_empty`, and not before.
"""

from __future__ import annotations

from collections import Counter

from .checks import Check, amount_at
from .facts import known
from .rare import ANOTHER, UNKNOWN, Asked, dollars, factor, filters
from .record import FrozenDict, Record
from .requirements import Exclusion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from .catalog import Catalog
    from .rare import Far, Filter
    from .rows import Line, Traits

REASONS = FrozenDict(
    {
        "fine_tuned": "stands for models tuned from it",
        "pipeline": "the pipeline type",
        "source_type": "API or self-hosted",
        "provider": "the providers",
        "retired": "retired deployments",
        "not_released": "the date",
        "context": "the least context",
        "cost": "the cap on the standard input price",
        "requires": "the capabilities required",
        "excluded_provider": "the providers left out",
        "model": "the models",
        "creator": "the creators",
        "text": "the words",
        "method": "the access methods",
        "status": "the statuses",
        "output_tokens": "the least output",
        "output_cost": "the cap on the standard output price",
        "lacks": "the capabilities to be lacked",
        "modality": "the modalities",
        "license": "the licences",
        "open_weights": "open or closed weights",
        "parameters": "the number of parameters",
        "memory": "the memory",
        "region": "the regions",
        "data_policy": "the data policy",
        "unavailable": "what is within reach",
        "call_cost": "the cap on the cost of a call",
        "limit": "the limit",
    }
)
"""Why a deployment can be out, and what demands it; the first that holds is told, in this order."""

RELAXED: Mapping[str, Mapping[str, Any]] = {
    "pipeline": {"pipeline": None},
    "source_type": {"include_api": True, "include_self_hosted": True},
    "provider": {"providers": None},
    "retired": {"include_retired": True},
    "context": {"min_context_length": None},
    "cost": {"max_cost_per_1k": None, "max_input_cost": None},
    "requires": {"requires": frozenset()},
}
"""Reason of a common filter to the requirements without it."""

NEAREST = 5
"""Most near misses that are named."""


class Emptiness(Record):
    """Why a selection has nothing."""

    filters: tuple[str, ...]
    """Reasons, as of exclusions. Each alone keeps something out that meets all the rest, the one
    that keeps most out first; where none does, those that the nearest misses fail together."""
    nearest: tuple[Exclusion, ...]
    """The deployments that lack least, the nearest first, with all that they lack."""
    text: str
    """The same in words."""


def excluded(asked: Asked, chosen: frozenset[str]) -> Iterator[Exclusion]:
    """Yield every deployment that is not chosen, with the first reason; in no order."""
    check, rare = Check(asked.needs, asked.at), tuple(filters(asked))
    for traits, lines in asked.catalog.index():
        for line in lines:
            if line[0] not in chosen:
                reason, text = _first(check, rare, traits, line, asked)
                yield Exclusion(id=line[0], reason=reason, text=text)


def _first(
    check: Check, rare: tuple[Filter, ...], traits: Traits, line: Line, asked: Asked
) -> tuple[str, str]:
    """Return the first reason a deployment is out, and the words for it."""
    fault = check.fault(traits, line)
    if fault:
        return fault, common(fault, check, traits, line, asked.catalog)
    for one in rare:
        known_of = known(asked.catalog)[line[0]]
        if not one.fits(known_of):
            return one.reason, one.words(known_of)
    return "limit", f"comes after the first {asked.needs.limit}"


def common(fault: str, check: Check, traits: Traits, line: Line, catalog: Catalog) -> str:
    """Return in words why a common filter leaves a deployment out."""
    match fault:
        case "fine_tuned":
            return "stands for models tuned from it"
        case "pipeline":
            return f"does not serve {check.needs.pipeline}"
        case "source_type":
            return f"is {'self-hosted' if traits[1] else 'api'}, which was left out"
        case "provider":
            return "is at another provider"
        case "retired":
            return f"no longer answers since {line[4][:10]}"
        case "not_released":
            return f"answers only from {line[3]} on"
        case "context":
            return _context(line[1], check.needs.min_context_length)
        case "cost":
            return _cost(amount_at(line[2], check.at))
    return _lacking(check.lacking(traits), known(catalog)[line[0]].lacking())


def _lacking(wanted: frozenset[str], false: frozenset[str]) -> str:
    """Return in words which capabilities are not there, and which are not known to be."""
    has_none, unknown = sorted(wanted & false), sorted(wanted - false)
    words = [f"has no {', '.join(has_none)}"] if has_none else []
    words += [f"is not known to have {', '.join(unknown)}"] if unknown else []
    return " and ".join(words)


def _cost(amount: int | None) -> str:
    """Return in words why a price, in nano-USD per 1M tokens, is too high."""
    if amount is None:
        return "has no known input price in USD"
    return f"costs {dollars(amount, 1000)} USD per 1,000 standard input tokens"


def _context(context: int | None, least: int | None) -> str:
    """Return in words why a context is not enough."""
    if context is None:
        return "has no known context"
    return f"has a context of {context:,} tokens, below {least:,}"


def why_empty(asked: Asked) -> Emptiness:
    """Return why nothing meets the requirements, and what comes nearest."""
    if asked.needs.limit == 0:
        return Emptiness(filters=("limit",), nearest=(), text="at most 0 were asked for")
    asked = _everywhere(asked)
    misses = sorted(_misses(asked), key=lambda miss: (len(miss[0]), miss[1], miss[2].id))
    if not misses:
        return _none_at_all(asked)
    least = len(misses[0][0])
    near = [miss for miss in misses if len(miss[0]) == least]
    blamed = Counter(reasons for reasons, _, _ in near)
    order = [reasons for reasons, _ in blamed.most_common()]
    together = tuple(reasons[0] for reasons in order) if least == 1 else order[0]
    nearest = tuple(one for _, _, one in near[:NEAREST])
    return Emptiness(
        filters=together, nearest=nearest, text=_told(together, least, blamed, nearest)
    )


def _everywhere(asked: Asked) -> Asked:
    """Return what is asked, with what is out of reach at the providers that were not asked for."""
    needs = asked.needs
    if not needs.available_only:
        return asked
    from .reach import missing

    tried = needs.changed(providers=None, include_api=True, include_self_hosted=True)
    beyond = missing(asked.catalog, tried)
    return Asked(asked.catalog, needs, asked.at, {**beyond, **asked.missing})


def _none_at_all(asked: Asked) -> Emptiness:
    """Return why not even a near miss is there."""
    needs = asked.needs
    if not asked.catalog.index():
        return Emptiness(filters=(), nearest=(), text="there are no deployments at all")
    if needs.pipeline is None:
        return Emptiness(filters=("not_released",), nearest=(), text="nothing was released then")
    text = f"no deployment served {needs.pipeline} then"
    return Emptiness(filters=("pipeline",), nearest=(), text=text)


def _told(
    reasons: tuple[str, ...],
    least: int,
    blamed: Counter[tuple[str, ...]],
    nearest: tuple[Exclusion, ...],
) -> str:
    """Return in words what leaves nothing."""
    if least == 1:
        told = "; ".join(
            f"without {REASONS[one]} there would be {blamed[one,]:,}" for one in reasons
        )
    else:
        named = ", ".join(dict.fromkeys(REASONS[one] for one in reasons))
        told = f"nothing meets all but one requirement; the fewest that stand in the way: {named}"
    return f"{told}; nearest is {nearest[0].id}, which {nearest[0].text}"


def _misses(asked: Asked) -> Iterator[tuple[tuple[str, ...], Far, Exclusion]]:
    """Yield what could be meant: the reasons it is out for, how far off it is, and the words."""
    relaxed: dict[tuple[str, ...], Check] = {(): Check(asked.needs, asked.at)}
    rare = tuple(filters(asked))
    for traits, lines in asked.catalog.index():
        for line in lines:
            faults = _faults(relaxed, traits, line)
            if faults is None or "pipeline" in faults:
                continue
            facts = known(asked.catalog)[line[0]]
            others = [one for one in rare if not one.fits(facts)]
            words = [common(one, relaxed[()], traits, line, asked.catalog) for one in faults]
            words += [one.words(facts) for one in others]
            reasons = (*faults, *(one.reason for one in others))
            text = " and ".join(words)
            far = [_far(relaxed[()], fault, traits, line) for fault in faults]
            far += [one.far(facts) for one in others]
            yield reasons, _sum(far), Exclusion(id=line[0], reason=reasons[0], text=text)


def _faults(
    relaxed: dict[tuple[str, ...], Check], traits: Traits, line: Line
) -> tuple[str, ...] | None:
    """Return all common filters that leave a deployment out; None where no requirement does."""
    faults: tuple[str, ...] = ()
    while fault := relaxed[faults].fault(traits, line):
        if fault not in RELAXED:
            return None
        further = (*faults, fault)
        if further not in relaxed:
            before = relaxed[faults]
            relaxed[further] = Check(before.needs.changed(**RELAXED[fault]), before.at)
        faults = further
    return faults


def _far(check: Check, fault: str, traits: Traits, line: Line) -> Far:
    """Return how far a deployment is from what a common filter asks."""
    if fault == "context":
        return factor(check.needs.min_context_length or 0, line[1]) if line[1] else UNKNOWN
    if fault == "cost":
        amount = amount_at(line[2], check.at)
        return UNKNOWN if amount is None else factor(amount, check.cap or 0)
    return (0, len(check.lacking(traits)), 0.0) if fault == "requires" else ANOTHER


def _sum(parts: Iterable[Far]) -> Far:
    """Return how far off something is that is off in several ways."""
    unknown, names, numbers = zip(*parts, strict=True)
    return sum(unknown), sum(names), sum(numbers)
