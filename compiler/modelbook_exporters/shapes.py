"""What every shape needs of a deployment, and what an export hands back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from modelbook.catalog import Catalog
from modelbook.records import Deployment

from .text import Json


@dataclass(slots=True)
class Export:
    """Rows in somebody's shape, and how many prices have no place in it."""

    data: dict[str, Json]
    left: Counter[str] = field(default_factory=Counter)
    """Why a price is not there, in a word or two, to the number of entries."""
    unreachable: Counter[str] = field(default_factory=Counter)
    """Provider that the other side has no way to, to the number of its deployments."""


def deployments(
    catalog: Catalog, providers: Iterable[str], words: Mapping[str, str]
) -> Iterator[Deployment]:
    """Yield the deployments of providers by id, those that no longer answer too.

    Without providers it is every API, and the self-hosted ones that the other side has a word for.
    Raises `NotFoundError` for a provider that is not there.
    """
    wanted = {catalog.provider_id(one) for one in providers}
    for id in catalog.deployment_ids():
        provider = id.partition(":")[0]
        if provider in wanted or (not wanted and _is_theirs(catalog, provider, words)):
            yield catalog.get_deployment(id)


def _is_theirs(catalog: Catalog, provider: str, words: Mapping[str, str]) -> bool:
    """Tell whether a provider belongs into a list of what others run."""
    return provider in words or catalog.provider_row(provider)["kind"] != "self-hosted"


def name_of(one: Deployment, by: str) -> str:
    """Return the id that clients ask for: that of the `model`, or of the `deployment` itself."""
    return one.id if by == "deployment" else one.model


def served(one: Deployment, name: str) -> Json:
    """Return a limit or a capability by its dotted name, None if it is not known."""
    group, _, part = name.partition(".")
    return getattr(getattr(one, group), part)


def source_of(one: Deployment) -> str | None:
    """Return the page that states the prices, else the first of all; None where none is named."""
    speak = [row.url for row in one.sources if "prices" in (row.fields or ("prices",))]
    return next(iter([*speak, *(row.url for row in one.sources)]), None)
