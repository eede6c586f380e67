"""What the functions of a generated package do; each takes the open catalog as an argument."""

from __future__ import annotations

from .instants import instant
from .selection import requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .catalog import Catalog
    from .selection import Cap, Selection


def select(
    catalog: Catalog,
    pipeline: str | None = None,
    *,
    include_api: bool = True,
    include_self_hosted: bool = True,
    provider: str | Iterable[str] | None = None,
    min_context_length: int | None = None,
    max_cost_per_1k: Cap | None = None,
    requires: str | Iterable[str] = (),
    at: object = None,
    limit: int | None = None,
    include_retired: bool = False,
) -> Selection:
    """Return the deployments of a catalog that meet all filters; see `Requirements`.

    `pipeline` may be any spelling of a type. Raises `NotFoundError`, `AmbiguousError` or
    `RequestError` for a name or value without meaning, naming the nearest known one.
    """
    needs = requirements(
        pipeline=None if pipeline is None else catalog.pipeline_id(pipeline),
        include_api=include_api,
        include_self_hosted=include_self_hosted,
        provider=provider,
        min_context_length=min_context_length,
        max_cost_per_1k=max_cost_per_1k,
        requires=requires,
        include_retired=include_retired,
        limit=limit,
    )
    for name in needs.providers or ():
        catalog.get_provider(name)
    return catalog.select(needs, instant(at))


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
