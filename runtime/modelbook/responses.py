"""A vendor's response in, what the call cost out: its usage, the model it names, its own time."""

from __future__ import annotations

from .costs import Cost, price
from .echoed import Named, read_name
from .errors import NotFoundError, NotPricedError, UsageError
from .prices import ASKED
from .records import Deployment
from .usage import usage_from_response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .catalog import Catalog
    from .usage import UsageReport


def price_response(
    catalog: Catalog,
    body: object,
    *,
    provider: str,
    api: str | None = None,
    deployment: str | Deployment | None = None,
    at: object = None,
    currency: str | None = None,
    partial: bool = False,
    **asked: str | None,
) -> Cost:
    """Return what the call behind a response cost; see that of a generated package.

    `asked` (tier, region, …) goes before what the response says.
    """
    report = usage_from_response(catalog, body, provider=provider, api=api)
    if report.uncounted and not partial:
        raise _not_counted(report, deployment)
    told = {name: asked.get(name) or getattr(report, name) for name in ASKED}
    if not isinstance(deployment, Deployment):
        named = _named(catalog, report, deployment)
        deployment, told["region"] = named.deployment, told["region"] or named.region
    cost = price(
        catalog,
        deployment,
        report.usage,
        report.at if at is None else at,
        currency=currency,
        partial=partial,
        **told,
    )
    if not report.uncounted:
        return cost
    return Cost.of({**vars(cost), "unpriced": (*cost.unpriced, *report.uncounted)})


def _not_counted(report: UsageReport, deployment: str | Deployment | None) -> NotPricedError:
    """Return the error for what is billed apart and the response does not count."""
    listed = ", ".join(f"`{name}`" for name in report.uncounted)
    return NotPricedError(
        f"`{report.provider}`, {report.api}: the response used {listed}, which is billed apart and "
        "not counted here; `partial=True` prices the rest",
        id=str(getattr(deployment, "id", deployment) or report.model or report.provider),
    )


def _named(catalog: Catalog, report: UsageReport, said: str | None) -> Named:
    """Return the deployment that a caller says or, if nobody does, the one that a response names.

    What a caller says is an id, or any name that the provider echoes, with the region in it.
    """
    if said is None and report.model is None:
        raise UsageError(
            f"`{report.provider}`, {report.api}: the response does not name its model; "
            "say which deployment it is of (`deployment=…`; on the command line its ID)",
            id=report.provider,
        )
    name = report.model if said is None else said
    if isinstance(name, str):
        name = name.removeprefix(f"{report.provider}:")
    try:
        return read_name(catalog, name, provider=report.provider)  # type: ignore[arg-type]
    except NotFoundError:
        found = None if said is None else catalog.find_deployment(said)  # one of another provider
        if found is None:
            raise
        return Named(name=said or "", deployment=found)
