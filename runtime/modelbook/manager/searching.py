"""Free words -> the deployments that have all of them."""

from __future__ import annotations

from ..errors import RequestError
from ..names import fold, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog import Catalog
    from ..records import Deployment


def search(catalog: Catalog, text: str, limit: int) -> tuple[Deployment, ...]:
    """Return the deployments found; see `ModelManager.search`."""
    if not isinstance(text, str):
        raise RequestError(f"`text` takes words, not {shown(text)}")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise RequestError(f"`limit` takes a whole number, zero or more, not {shown(limit)}")
    words = [word for word in map(fold, text.split()) if word]
    together = "".join(words)
    found = sorted(
        (fold(id.partition(":")[2]) != together, together not in fold(id), id)
        for id, told in _texts(catalog)
        if words and all(word in told for word in words)
    )
    return tuple(catalog.get_deployment(id) for _, _, id in found[:limit])


def _texts(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield the id of each deployment with all that is searched, folded."""
    models: dict[str, str] = {}
    for provider in catalog.provider_ids():
        for wire in catalog.wire_names(provider):
            id = f"{provider}:{wire}"
            row = catalog.deployment_row(id)
            model = row["model"]
            if model not in models:
                known = catalog.model_row(model)
                parts = (model, known["name"], known.get("family", ""))
                models[model] = " ".join(map(fold, parts))
            yield id, f"{fold(id)} {models[model]} {fold(row.get('family', ''))}"
