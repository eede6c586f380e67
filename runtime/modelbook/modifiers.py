"""Ids of models with a modifier, `openai/gpt-4o:cheapest`, -> the deployment that is meant.

They are tried last: what is an id, an alias or a bare name by itself keeps its meaning.
"""

from __future__ import annotations

from .errors import AmbiguousError, ModelbookError, NotFoundError, RequestError
from .names import hint, nearest
from .requirements import Requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .catalog import Catalog
    from .records import Deployment

CHEAPEST = ("cheapest", "floor")
UNMEASURED = ("fastest", "nitro")


def modified(catalog: Catalog, id: str) -> Deployment | None:
    """Return the deployment that a model's id with a modifier means; None if it is no such id.

    It holds for now, and is not kept. `cheapest` (or `floor`) is the one with the lowest known
    input price, a provider's id the one there. Raises `RequestError` for speed, which nobody
    measures, `AmbiguousError` for a provider that serves several, `NotFoundError` where there is
    none.
    """
    name, _, modifier = id.rpartition(":")
    modifier = modifier.lower()
    try:
        model = catalog.find_model(name)
    except ModelbookError:
        return None
    if model is None:
        return None
    if modifier in UNMEASURED:
        raise RequestError(
            f"`{id}`: no source of the catalog measures speed; "
            f"ask for `{name}:cheapest`, or name a provider",
            id=id,
            nearest=(f"{name}:cheapest",),
        )
    if modifier in CHEAPEST:
        return _cheapest(catalog, model.id, id)
    return _at(catalog, model.id, modifier, id)


def _cheapest(catalog: Catalog, model: str, id: str) -> Deployment:
    """Return where a model's input costs least now."""
    from .checks import amount_at
    from .package import select

    found = select(catalog, Requirements(models=(model,), sort="cost", limit=1))
    prices = {line[0]: line[2] for _, lines in catalog.index() for line in lines}
    if not found.ids or amount_at(prices[found.ids[0]], found.at) is None:
        raise NotFoundError(f"`{id}`: no deployment of `{model}` has a known price now", id=id)
    return found[0]


def _at(catalog: Catalog, model: str, provider: str, id: str) -> Deployment | None:
    """Return the deployment of a model at a provider; None where no provider is named."""
    known = catalog.provider_ids()
    if provider not in known:
        near = nearest(provider, (*CHEAPEST, *known))
        told = f"`{model}` has no modifier, and no provider is called, `{provider}`{hint(near)}"
        if near:
            raise NotFoundError(told, id=id, nearest=tuple(f"{model}:{one}" for one in near))
        return None
    from .package import select

    found = select(catalog, Requirements(models=(model,), providers=(provider,))).ids
    if not found:
        others = select(catalog, Requirements(models=(model,))).ids[:5]
        raise NotFoundError(
            f"`{provider}` is not known to serve `{model}` now{hint(others)}", id=id, nearest=others
        )
    own = [one for one in found if one.rpartition("/")[2].rpartition(":")[2] == _bare(model)]
    candidates: list[str] = own if len(own) == 1 else list(found)
    if len(candidates) > 1:
        listed = ", ".join(f"`{one}`" for one in found[:20])
        raise AmbiguousError(f"`{id}` could be {listed}", id=id, nearest=found)
    return catalog.get_deployment(candidates[0])


def _bare(model: str) -> str:
    """Return a model's id without its creator."""
    return model.partition("/")[2]
