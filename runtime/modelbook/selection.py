"""Which deployments meet a set of requirements, and why each other one does not.

Unknown facts satisfy no requirement. Order: primary pipeline match, then standard input price
(unknown last), then id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .errors import RequestError
from .names import shown, unknown_capability
from .record import Record
from .records import CAPABILITIES, DERIVED_CAPABILITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from typing import NoReturn, TypeAlias, overload

    from .catalog import Catalog
    from .records import Deployment
    from .rows import Index, Line, Steps, Traits

    Cap: TypeAlias = int | float | str | Decimal
else:

    def overload(function):
        """Stand in for `typing.overload`, which only type checkers need."""
        return function


NANO = 10**9
"""The index counts prices in nano-USD per 1M tokens, so that they compare as whole numbers."""


class Requirements(Record):
    """What a deployment must meet. The default of each field demands nothing."""

    pipeline: str | None = None
    """Official id of the pipeline type it must serve."""
    include_api: bool = True
    """Whether deployments at APIs and gateways may be chosen."""
    include_self_hosted: bool = True
    """Whether self-hosted deployments may be chosen."""
    providers: tuple[str, ...] | None = None
    """Ids of the providers to choose from; None means all."""
    min_context_length: int | None = None
    """Least context, in tokens."""
    max_cost_per_1k: Decimal | None = None
    """Most that 1,000 standard input tokens may cost, in USD, inclusive. An unknown price passes no
    cap; a self-hosted deployment without prices is not metered per token and passes."""
    requires: frozenset[str] = frozenset()
    """Capabilities that must be known to be true."""
    include_retired: bool = False
    """Whether deployments that no longer answer may be chosen."""
    limit: int | None = None
    """Most deployments to return."""


class Exclusion(Record):
    """Why a deployment was left out."""

    id: str
    """The deployment."""
    reason: str
    """The filter: pipeline, source_type, provider, retired, not_released, context, cost, requires,
    limit, or fine_tuned."""
    text: str
    """The same in words."""


class Selection(Sequence["Deployment"]):
    """The deployments that meet some requirements, best first. Records build as they are read."""

    requirements: Requirements
    at: str
    """The UTC instant it holds for, ISO text."""
    ids: tuple[str, ...]
    """Ids of the deployments, in order."""
    _catalog: Catalog
    _beyond: frozenset[str]

    def __init__(self, catalog: Catalog, requirements: Requirements, at: str) -> None:
        ids = tuple(rank[-1] for rank in sorted(_Check(requirements, at).ranks(catalog.index())))
        chosen = ids[: requirements.limit]
        self.__dict__.update(
            _catalog=catalog,
            requirements=requirements,
            at=at,
            ids=chosen,
            _beyond=frozenset(ids[len(chosen) :]),
        )

    def __setattr__(self, name: str, _value: object) -> NoReturn:
        """Refuse: equal questions share one selection."""
        raise AttributeError(f"Selection.{name} cannot be set: selections are frozen")

    @property
    def excluded(self) -> tuple[Exclusion, ...]:
        """Every other deployment of the catalog with the first reason it is out, sorted by id."""
        check = _Check(self.requirements, self.at)
        found = sorted(
            (line[0], reason)
            for traits, lines in self._catalog.index()
            for line in lines
            if (reason := self._reason(check, traits, line))
        )
        return tuple(Exclusion(id=id, reason=reason, text=text) for id, (reason, text) in found)

    def _reason(self, check: _Check, traits: Traits, line: Line) -> tuple[str, str] | None:
        """Return why a deployment is out, or None if it is in."""
        if line[0] in self._beyond:
            return "limit", f"comes after the first {self.requirements.limit}"
        fault = check.fault(traits, line)
        return (fault, check.words(fault, traits, line)) if fault else None

    def __len__(self) -> int:
        """Return how many deployments were selected."""
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Deployment: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Deployment, ...]: ...
    def __getitem__(self, index: int | slice) -> Deployment | tuple[Deployment, ...]:
        """Return one deployment, or a tuple for a slice."""
        if isinstance(index, slice):
            return tuple(map(self._catalog.get_deployment, self.ids[index]))
        return self._catalog.get_deployment(self.ids[index])

    def __contains__(self, item: object) -> bool:
        """Tell whether a deployment, or the one with an id, was selected."""
        return (item if isinstance(item, str) else getattr(item, "id", None)) in self.ids

    def __repr__(self) -> str:
        """Show the ids."""
        return f"<Selection of {len(self)}: {', '.join(self.ids[:5])}{' …' * (len(self) > 5)}>"


class _Check:
    """The requirements, made ready to be asked of many deployments."""

    def __init__(self, needs: Requirements, at: str) -> None:
        self.needs = needs
        self.at = at
        self.cap = None if needs.max_cost_per_1k is None else _nano(needs.max_cost_per_1k)

    def ranks(self, index: Index) -> Iterator[tuple[bool, bool, int, str]]:
        """Yield the sort key of each deployment that meets all; its last part is the id."""
        for traits, lines in index:
            if self.unfit(traits) or self.lacking(traits):
                continue  # all of them at once
            secondary = self.needs.pipeline is not None and traits[0][:1] != (self.needs.pipeline,)
            for line in lines:
                if self.misfit(line, metered=traits[2]) is None:
                    amount = amount_at(line[2], self.at)
                    yield secondary, amount is None, amount or 0, line[0]

    def fault(self, traits: Traits, line: Line) -> str | None:
        """Return the first filter that leaves a deployment out, or None; `words` says why."""
        found = self.unfit(traits) or self.misfit(line, metered=traits[2])
        return found or ("requires" if self.lacking(traits) else None)

    def unfit(self, traits: Traits) -> str | None:
        """Return the first filter that leaves out whatever has some traits."""
        needs, (pipelines, self_hosted, _, _, own) = self.needs, traits
        if not own:
            return "fine_tuned"
        if needs.pipeline is not None and needs.pipeline not in pipelines:
            return "pipeline"
        if not (needs.include_self_hosted if self_hosted else needs.include_api):
            return "source_type"
        return None

    def misfit(self, line: Line, *, metered: bool) -> str | None:
        """Return the first filter that leaves a deployment out by what is its own."""
        needs, (id, context, price, released, gone) = self.needs, line
        if needs.providers is not None and id.partition(":")[0] not in needs.providers:
            return "provider"
        if gone and gone <= self.at and not needs.include_retired:
            return "retired"
        if released > self.at:
            return "not_released"
        least = needs.min_context_length
        if least is not None and (context is None or context < least):
            return "context"
        too_dear = self.cap is not None and metered and self._too_dear(price, self.cap)
        return "cost" if too_dear else None

    def lacking(self, traits: Traits) -> frozenset[str]:
        """Return the wanted capabilities that are not known to be there."""
        return self.needs.requires.difference(traits[3])

    def _too_dear(self, price: int | Steps | None, cap: int) -> bool:
        """Tell whether a price is above the cap, or not known."""
        amount = amount_at(price, self.at)
        return amount is None or amount > cap

    def words(self, fault: str, traits: Traits, line: Line) -> str:
        """Return in words why a filter leaves a deployment out."""
        match fault:
            case "fine_tuned":
                return "stands for models tuned from it"
            case "pipeline":
                return f"does not serve {self.needs.pipeline}"
            case "source_type":
                return f"is {'self-hosted' if traits[1] else 'api'}, which was left out"
            case "provider":
                return "is at another provider"
            case "retired":
                return f"no longer answers since {line[4][:10]}"
            case "not_released":
                return f"answers only from {line[3]} on"
            case "context":
                return _context(line[1], self.needs.min_context_length)
            case "cost":
                return _cost(amount_at(line[2], self.at))
        return f"is not known to have {', '.join(sorted(self.lacking(traits)))}"


def amount_at(price: int | Steps | None, at: str) -> int | None:
    """Return the standard input price in force at a UTC instant, nano-USD per 1M tokens."""
    if price is None or isinstance(price, int):
        return price
    amount = None
    for start, step in price:
        if start > at:
            break
        amount = step
    return amount


def requirements(
    *,
    pipeline: str | None,
    include_api: bool,
    include_self_hosted: bool,
    provider: str | Iterable[str] | None,
    min_context_length: int | None,
    max_cost_per_1k: Cap | None,
    requires: str | Iterable[str],
    include_retired: bool,
    limit: int | None,
) -> Requirements:
    """Return checked requirements; raise `RequestError` for a value without meaning."""
    return Requirements(
        pipeline=pipeline,
        include_api=include_api,
        include_self_hosted=include_self_hosted,
        providers=None if provider is None else _names(provider, "provider"),
        min_context_length=_count(min_context_length, "min_context_length"),
        max_cost_per_1k=None if max_cost_per_1k is None else _cap(max_cost_per_1k),
        requires=_capabilities(requires),
        include_retired=include_retired,
        limit=_count(limit, "limit"),
    )


def _names(given: str | Iterable[str], what: str) -> tuple[str, ...]:
    """Return one name or several as a sorted tuple."""
    several = (given,) if isinstance(given, str) else given
    names = tuple(several) if isinstance(several, Iterable) else (several,)
    if not all(isinstance(name, str) for name in names):
        raise RequestError(f"`{what}` takes a name or several names, not {given!r}")
    return tuple(sorted(set(names)))


def _capabilities(given: str | Iterable[str]) -> frozenset[str]:
    """Return checked capability names."""
    names = frozenset(_names(given, "requires"))
    for name in sorted(names):
        if name not in CAPABILITIES and name not in DERIVED_CAPABILITIES:
            raise unknown_capability(name)
    return names


def _count(value: int | None, what: str) -> int | None:
    """Return a checked count; None stands for no bound."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise RequestError(f"`{what}` takes a whole number, zero or more, not {shown(value)}")


def _cap(value: Cap) -> Decimal:
    """Return a price cap as the decimal its text shows, so that 0.01 means exactly 0.01."""
    from decimal import Decimal, InvalidOperation

    try:
        exact = isinstance(value, (str, int, Decimal))
        cap = Decimal(value if exact else float.__repr__(value))
    except (InvalidOperation, ValueError, TypeError):
        cap = Decimal("NaN")
    if isinstance(value, bool) or not cap.is_finite() or cap < 0:
        raise RequestError(
            f"`max_cost_per_1k` takes a number of USD, zero or more, not {shown(value)}"
        )
    return cap


def _nano(cap: Decimal) -> int:
    """Return the most whole nano-USD per 1M tokens that a cap per 1,000 tokens admits."""
    from decimal import ROUND_FLOOR, Context, Decimal

    context = Context(prec=30, rounding=ROUND_FLOOR)  # not the application's
    whole = min(cap, Decimal(NANO)).quantize(Decimal("1E-12"), context=context)
    return int(whole.scaleb(12, context))


def _cost(amount: int | None) -> str:
    """Return in words why a price, in nano-USD per 1M tokens, is too high."""
    from decimal import Decimal

    if amount is None:
        return "has no known input price in USD"
    return f"costs {(Decimal(amount) / (1000 * NANO)).normalize():f} USD per 1,000 input tokens"


def _context(context: int | None, least: int | None) -> str:
    """Return in words why a context is not enough."""
    if context is None:
        return "has no known context"
    return f"has a context of {context:,} tokens, below {least:,}"
