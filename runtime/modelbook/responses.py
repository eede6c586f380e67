"""A vendor's response in, what the call cost out: its usage, the model it names, its own time."""

from __future__ import annotations

from .costs import Cost, price
from .echoed import read_name
from .errors import NotPricedError, UsageError
from .prices import ASKED
from .usage import usage_from_response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .catalog import Catalog
    from .echoed import Named
    from .records import Deployment
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
    named = None if deployment is not None else _named(catalog, report)
    told = {name: asked.get(name) or getattr(report, name) for name in ASKED}
    if named and not told["region"]:
        told["region"] = _region(named)
    cost = price(
        catalog,
        named.deployment if named else deployment or "",
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


def _named(catalog: Catalog, report: UsageReport) -> Named:
    """Return the deployment that a response names."""
    if report.model is None:
        raise UsageError(
            f"`{report.provider}`, {report.api}: the response does not name its model; "
            "say which `deployment` it is of",
            id=report.provider,
        )
    return read_name(catalog, report.model, provider=report.provider)


def _region(named: Named) -> str | None:
    """Return the region in a name, where prices of its deployment depend on one at all."""
    known = any(entry.when.region for entry in named.deployment.prices)
    return named.region if known else None
