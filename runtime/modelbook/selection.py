"""Which deployments meet a set of requirements, and why each other one does not.

Unknown facts satisfy no requirement. Order: primary pipeline match, then standard input price
(unknown last), then id.
"""

from __future__ import annotations

from collections.abc import Sequence

from .errors import RequestError
from .names import unknown_capability
from .record import Record
from .records import CAPABILITIES, DERIVED_CAPABILITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal
    from typing import TypeAlias, overload

    from .catalog import Catalog
    from .records import Deployment
    from .rows import IndexRow, Steps

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
    """The filter: pipeline, source_type, provider, retired, not_released, context, cost, requires
    or limit."""
    text: str
    """The same in words."""


class Selection(Sequence["Deployment"]):
    """The deployments that meet some requirements, best first. Records build as they are read."""

    def __init__(self, catalog: Catalog, requirements: Requirements, at: str) -> None:
        self._catalog = catalog
        self.requirements = requirements
        self.at = at
        """The UTC instant it holds for, ISO text."""
        check = _Check(requirements, at)
        kept = sorted(check.rank(row) for row in catalog.index() if check.fault(row) is None)
        ids = tuple(rank[-1] for rank in kept)
        self.ids: tuple[str, ...] = ids[: requirements.limit]
        """Ids of the deployments, in order."""
        self._beyond = frozenset(ids[len(self.ids) :])

    @property
    def excluded(self) -> tuple[Exclusion, ...]:
        """Every other deployment of the catalog with the first reason it is out, sorted by id."""
        check = _Check(self.requirements, self.at)
        found = ((row[0], self._reason(check, row)) for row in self._catalog.index())
        return tuple(
            Exclusion(id=id, reason=reason[0], text=reason[1]) for id, reason in found if reason
        )

    def _reason(self, check: _Check, row: IndexRow) -> tuple[str, str] | None:
        """Return why a deployment is out, or None if it is in."""
        if row[0] in self._beyond:
            return "limit", f"comes after the first {self.requirements.limit}"
        return check.fault(row)

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

    def __repr__(self) -> str:
        """Show the ids."""
        return f"<Selection of {len(self)}: {', '.join(self.ids[:5])}{' …' * (len(self) > 5)}>"


class _Check:
    """The requirements, made ready to be asked of many index rows."""

    def __init__(self, needs: Requirements, at: str) -> None:
        self.needs = needs
        self.at = at
        self.cap = None if needs.max_cost_per_1k is None else needs.max_cost_per_1k * 1000 * NANO

    def rank(self, row: IndexRow) -> tuple[bool, bool, int, str]:
        """Return the sort key of a deployment; its last part is the id."""
        amount = amount_at(row[4], self.at)
        secondary = self.needs.pipeline is not None and row[1][:1] != (self.needs.pipeline,)
        return secondary, amount is None, amount or 0, row[0]

    def fault(self, row: IndexRow) -> tuple[str, str] | None:
        """Return the first requirement a deployment fails, as (filter, words), or None."""
        needs = self.needs
        id, pipelines, self_hosted, context, _, _, _, released, gone = row
        if needs.pipeline is not None and needs.pipeline not in pipelines:
            return "pipeline", f"does not serve {needs.pipeline}"
        if not (needs.include_self_hosted if self_hosted else needs.include_api):
            kind = "self-hosted" if self_hosted else "api"
            return "source_type", f"is {kind}, which was left out"
        if needs.providers is not None and id.partition(":")[0] not in needs.providers:
            return "provider", "is at another provider"
        if gone and gone <= self.at and not needs.include_retired:
            return "retired", f"no longer answers since {gone[:10]}"
        if released > self.at:
            return "not_released", f"answers only from {released} on"
        if needs.min_context_length is not None and (context or 0) < needs.min_context_length:
            return "context", _context(context, needs.min_context_length)
        return self._costs(row) or self._lacks(row)

    def _costs(self, row: IndexRow) -> tuple[str, str] | None:
        """Return the fault of a deployment above the price cap, or with an unknown price."""
        if self.cap is None or not row[5]:
            return None
        amount = amount_at(row[4], self.at)
        if amount is None:
            return "cost", "has no known input price in USD"
        if amount <= self.cap:
            return None
        from decimal import Decimal

        cost = Decimal(amount) / (1000 * NANO)
        return "cost", f"costs {cost.normalize():f} USD per 1,000 input tokens"

    def _lacks(self, row: IndexRow) -> tuple[str, str] | None:
        """Return the fault of a deployment without all demanded capabilities."""
        lacking = sorted(name for name in self.needs.requires if name not in row[6])
        return ("requires", f"is not known to have {', '.join(lacking)}") if lacking else None


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
    names = (given,) if isinstance(given, str) else tuple(given)
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
    raise RequestError(f"`{what}` takes a whole number, zero or more, not {value!r}")


def _cap(value: Cap) -> Decimal:
    """Return a price cap as the decimal its text shows, so that 0.01 means exactly 0.01."""
    from decimal import Decimal, InvalidOperation

    try:
        cap = Decimal(value if isinstance(value, (str, int, Decimal)) else repr(value))
    except (InvalidOperation, ValueError, TypeError):
        cap = Decimal("NaN")
    if isinstance(value, bool) or not cap.is_finite() or cap < 0:
        raise RequestError(f"`max_cost_per_1k` takes a number of USD, zero or more, not {value!r}")
    return cap


def _context(context: int | None, least: int) -> str:
    """Return in words why a context is not enough."""
    if context is None:
        return "has no known context"
    return f"has a context of {context:,} tokens, below {least:,}"
