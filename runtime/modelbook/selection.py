"""Which deployments meet a set of requirements, and why each other one does not.

Unknown facts satisfy no requirement. Order: primary pipeline match, then standard input price
(unknown last), then id; or as `sort` says.
"""

from __future__ import annotations

from collections.abc import Sequence

from .checks import NANO as NANO
from .checks import Check
from .checks import amount_at as amount_at
from .requirements import Exclusion as Exclusion
from .requirements import Requirements as Requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from typing import NoReturn, overload

    from .catalog import Catalog
    from .rare import Asked
    from .records import Deployment
    from .requirements import Cap as Cap
    from .words import Emptiness
else:

    def overload(function):
        """Stand in for `typing.overload`, which only type checkers need."""
        return function


COMMON = frozenset(
    {
        "pipeline",
        "include_api",
        "include_self_hosted",
        "providers",
        "min_context_length",
        "max_cost_per_1k",
        "max_input_cost",
        "requires",
        "include_retired",
        "limit",
    }
)
"""Requirements that the index alone answers."""


class Selection(Sequence["Deployment"]):
    """The deployments that meet some requirements, best first. Records build as they are read."""

    requirements: Requirements
    at: str
    """The UTC instant it holds for, ISO text."""
    ids: tuple[str, ...]
    """Ids of the deployments, in order."""
    fell_back: bool
    """Whether these are a policy's fallback, since nothing meets its requirements."""
    total: int
    """How many deployments meet the requirements, those beyond the limit too."""
    _catalog: Catalog
    _missing: Mapping[str, str] | None

    def __init__(
        self,
        catalog: Catalog,
        requirements: Requirements,
        at: str,
        missing: Mapping[str, str] | None = None,
    ) -> None:
        """Select by requirements as `normal` returns them.

        `missing` says of each provider that is out of reach what it lacks.
        """
        self.__dict__.update(_catalog=catalog, requirements=requirements, at=at, _missing=missing)
        ids = self._chosen()
        self.__dict__.update(ids=tuple(ids[: requirements.limit]), total=len(ids), fell_back=False)

    def falling_back(self, ids: tuple[str, ...]) -> Selection:
        """Return the same question with other deployments as its answer; for policies."""
        other = object.__new__(Selection)
        other.__dict__.update(self.__dict__, ids=ids, fell_back=True)
        return other

    def _chosen(self) -> list[str]:
        """Return the ids of all that meet the requirements, best first."""
        needs, index = self.requirements, self._catalog.index()
        ids = [rank[-1] for rank in sorted(Check(needs, self.at).ranks(index))]
        if needs.__dict__.keys() <= COMMON:
            return ids
        from .facts import known
        from .rare import filters
        from .sort import arranged, unsaid

        asked = self._asked()
        for one in filters(asked):
            facts = known(self._catalog)
            ids = [id for id in ids if one.fits(facts[id])]
        return arranged(ids, asked) if needs.sort or unsaid(needs) else ids

    def _asked(self) -> Asked:
        """Return what rare filters ask."""
        from .rare import Asked

        return Asked(self._catalog, self.requirements, self.at, self._missing)

    def __setattr__(self, name: str, _value: object) -> NoReturn:
        """Refuse: equal questions share one selection."""
        raise AttributeError(f"Selection.{name} cannot be set: selections are frozen")

    @property
    def excluded(self) -> tuple[Exclusion, ...]:
        """Every other deployment of the catalog with the first reason it is out, sorted by id.

        Of a fallback it says of every deployment why it does not meet the requirements.
        """
        from .words import excluded

        found = excluded(self._asked(), frozenset(() if self.fell_back else self.ids))
        return tuple(sorted(found, key=lambda one: one.id))

    @property
    def why_empty(self) -> Emptiness | None:
        """Why nothing meets the requirements, and what comes nearest; None where something does."""
        from .words import why_empty

        return why_empty(self._asked()) if self.fell_back or not self.ids else None

    @property
    def sql(self) -> str:
        """The same question for the `catalog.duckdb` of the same catalog: the same ids, in order.

        The text holds all values as literals, the time of the selection too. Reach
        (`available_only`) stands in it as the providers that are out of it now. Tokens that are
        paid by the hour of machines have no cost in SQL: with `usage`, such deployments differ.
        Of a fallback it is the list of its ids.
        """
        from .sql import listed, query

        if self.fell_back:
            return listed(self.ids)
        return query(self.requirements, self.at, self._missing)

    def call_cost(self, id: str) -> Decimal | None:
        """Return what a call of `usage` costs at a deployment, in USD; None where nobody knows."""
        cost = self._asked().cost(id)
        return None if isinstance(cost, Exclusion) else cost

    def __copy__(self) -> Selection:
        """Return itself: a frozen value needs no copy."""
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> Selection:
        """Return itself: a frozen value needs no copy."""
        return self

    def __reduce__(self) -> NoReturn:
        """Refuse: what was selected belongs to its open catalog."""
        raise TypeError(
            "a Selection cannot be pickled, it reads its catalog: pickle its `ids`, "
            "or `tuple(selection)`, which are records"
        )

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
