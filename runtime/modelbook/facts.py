"""The second table of a generated package -> what rare filters and sorts ask, by deployment id."""

from __future__ import annotations

from .record import FrozenDict
from .records import DERIVED_CAPABILITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from .catalog import Catalog
    from .rows import Made, More, Offer, Offered, Row

NOTHING: FrozenDict[str, object] = FrozenDict()


class Known:
    """What is known of one deployment, beside what the index says; None is not known."""

    def __init__(
        self, offered: Offered, made: Made, offer: Offer, provider: Row, served: Row
    ) -> None:
        self.id, self.output_price, _ = offered  # nano-USD per 1M tokens, or its steps in time
        self.model, self.name, self.family = made[:3]
        self.license, self.open_weights, self.parameters, self.memory = made[3:]
        self.input, self.output, self.max_output = offer[:3]
        self._false, self._status, self._announced = offer[3:]
        self.provider = provider
        """`methods`, `access`, `regions`, `data_policy`; `own` if it runs on machines of yours."""
        self._served = served

    @property
    def own(self) -> bool:
        """Whether it runs on machines of yours."""
        return bool(self.provider.get("own"))

    def words(self) -> str:
        """Return what free text is looked for in, folded; parts are kept apart."""
        from .names import fold

        parts = (self.id, self.model, self.name, self.family or "")
        return " ".join(map(fold, parts))

    def lacking(self) -> frozenset[str]:
        """Return the capabilities that it is known not to have."""
        derived = (
            name
            for name, (direction, modality) in DERIVED_CAPABILITIES.items()
            if (has := getattr(self, direction)) is not None and modality not in has
        )
        return frozenset((*self._false, *derived))

    def regions(self) -> tuple[str, ...] | None:
        """Return where it is known to be served; None if that is not known."""
        found: tuple[str, ...] | None = self._served.get("regions", self.provider.get("regions"))
        return found

    def policy(self) -> Mapping[str, int]:
        """Return what is known of what happens to data sent."""
        return {**self.provider.get("data_policy", {}), **self._served.get("data_policy", {})}

    def status(self, at: str, gone: str) -> str:
        """Return how its lifecycle stands at an instant; `gone` is when it ends, "" if never.

        Before the day that its end was announced it was active; where that is not known, it is
        deprecated all along.
        """
        status, announced = self._status, self._announced
        if gone <= at if gone else status == "retired":
            return "retired"
        if announced <= at if announced else status == "deprecated":
            return "deprecated"
        return "preview" if status == "preview" else "active"


class Facts(dict[str, Known]):
    """Deployment id to what is known of it, made when it is asked for."""

    def __init__(self, table: ModuleType) -> None:
        """Read the second table of a package."""
        more: More = table.DEPLOYMENTS
        self._rows = {one[0]: (one, made) for made, offered in more for one in offered}
        self._table = table
        self.licenses = tuple(sorted({made[3] for made, _ in more if made[3]}))
        """All licences, sorted."""

    def __missing__(self, id: str) -> Known:
        """Make what is known of a deployment, once."""
        (offered, made), table = self._rows[id], self._table
        provider: Row = table.PROVIDERS.get(id.partition(":")[0], NOTHING)
        served: Row = table.SERVED.get(id, NOTHING)
        return self.setdefault(id, Known(offered, made, table.OFFERS[offered[2]], provider, served))


def known(catalog: Catalog) -> Facts:
    """Return what is known of every deployment of a catalog, loaded on first use."""
    if catalog.facts is None:
        catalog.facts = Facts(catalog.table("_more"))
    return catalog.facts
