"""What the functions of a generated package do; each takes the open catalog as an argument."""

from __future__ import annotations

from .instants import instant
from .normal import normal
from .requirements import Requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .catalog import Catalog
    from .requirements import Cap, Names, Wanted
    from .selection import Selection


def select(catalog: Catalog, requirements: Requirements, *, at: object = None) -> Selection:
    """Return the deployments of a catalog that meet requirements, at an instant, default now.

    Raises `NotFoundError`, `AmbiguousError` or `RequestError` for a name or value without meaning,
    naming the nearest known one.
    """
    needs = normal(catalog, requirements)
    if not needs.available_only:
        return catalog.select(needs, instant(at))
    from .reach import missing

    return catalog.select(needs, instant(at), missing(catalog, needs))


def find(
    catalog: Catalog,
    pipeline: str | None = None,
    *,
    include_api: bool = True,
    include_self_hosted: bool = True,
    provider: Names | None = None,
    min_context_length: int | None = None,
    max_cost_per_1k: Cap | None = None,
    requires: Wanted = frozenset(),
    available_only: bool = False,
    at: object = None,
    limit: int | None = None,
    sort: Names | None = None,
    include_retired: bool = False,
    text: str | None = None,
) -> Selection:
    """Return what `select` does, by the common filters as keywords; see `Requirements`."""
    needs = Requirements(
        pipeline=pipeline,
        include_api=include_api,
        include_self_hosted=include_self_hosted,
        providers=provider,
        min_context_length=min_context_length,
        max_cost_per_1k=max_cost_per_1k,
        requires=requires,
        available_only=available_only,
        limit=limit,
        sort=sort,
        include_retired=include_retired,
        text=text,
    )
    return select(catalog, needs, at=at)


def reload(package: str) -> str:
    """Read a generated package's files anew, by its import name; return the new revision.

    See the `reload` of a generated package, which is the same.
    """
    from .snapshot import reload

    return reload(package)


def revision(catalog: Catalog) -> str:
    """Return the content digest of a catalog: same facts, same revision, on every machine."""
    from hashlib import blake2b

    digests = [f"{name} {catalog.digest(name)}\n" for name in _digested(catalog)]
    bulk: str | None = getattr(catalog.table("models"), "BULK", None)
    digests += [f"bulk {bulk}\n"] if bulk else []
    return blake2b("".join(sorted(digests)).encode(), digest_size=16).hexdigest()


def _digested(catalog: Catalog) -> list[str]:
    """Return the modules whose digests make up the revision."""
    parts = [
        f"{package}.{module}"
        for package in ("providers", "models")
        for module in catalog.table(package).MODULES.values()
    ]
    return ["_architectures", "_decision", "_pipelines", "_registry", *parts]
