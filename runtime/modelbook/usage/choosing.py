"""A response and a provider -> the report of the rule that fits; never a guess between two."""

from __future__ import annotations

from ..errors import UsageError
from ..names import nearest, shown
from .events import events_of
from .reading import CONDITIONS, LacksError, Reader
from .refusals import refuse_batches, refuse_errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn

    from ..catalog import Catalog
    from ..rows import Row
    from .report import UsageReport


def usage_from_response(
    catalog: Catalog, body: object, *, provider: str, api: str | None = None
) -> UsageReport:
    """Return what a vendor's response says was used, in the units of a catalog.

    `body` is the response: an object, JSON text or bytes, or a stream as a list of events,
    server-sent events or one JSON object a line; objects with `model_dump()` do too. `provider` is
    whose response it is, `api` which of its APIs, where the response alone does not tell. Raises
    `UsageError` for a response that does not say what was used or says something impossible,
    `NotFoundError` for an unknown provider.
    """
    known = catalog.provider_id(provider)
    rules: tuple[Row, ...] = catalog.provider_row(known).get("usage", ())
    if not rules:
        _no_rules(catalog, known)
    try:
        events, stream = events_of(body)
        refuse_errors(events)
        refuse_batches(events)
        reader = Reader(events, stream, catalog.units)
        if api is not None:
            return reader.read(_named(rules, known, api), known)
        return _agreed(_fitting(reader, rules, known))
    except UsageError as error:
        if error.id:  # said already
            raise
        of = f"`{known}`" if api is None else f"`{known}`, api `{api}`"
        raise UsageError(f"{of}: {error}", id=known) from None


def _no_rules(catalog: Catalog, provider: str) -> NoReturn:
    """Raise that a provider has no rules, and say which have."""
    having = [id for id in catalog.provider_ids() if "usage" in catalog.provider_row(id)]
    listed = ", ".join(f"`{id}`" for id in having) or "none"
    message = f"`{provider}` has no rules for its usage records; those that have: {listed}"
    raise UsageError(message, id=provider, nearest=tuple(having))


def _named(rules: Iterable[Row], provider: str, api: object) -> Row:
    """Return the rule of an API."""
    known: dict[str, Row] = {rule["api"]: rule for rule in rules}
    if isinstance(api, str) and api in known:
        return known[api]
    near = nearest(api, known) if isinstance(api, str) else ()
    listed = ", ".join(f"`{name}`" for name in known)
    asked = f"api `{shown(api)[1:-1]}`" if isinstance(api, str) else f"api {shown(api)}"
    message = f"`{provider}` has no {asked}; those it has: {listed}"
    raise UsageError(message, id=provider, nearest=near)


def _fitting(reader: Reader, rules: Iterable[Row], provider: str) -> list[UsageReport]:
    """Return what the rules that fit read; those whose marks are there go before all others.

    A rule that fits but for an impossible value speaks up: the others would read less of the same.
    """
    told = [(rule, reader.marked(rule)) for rule in rules]
    tried = [rule for rule, marked in told if marked] or [
        rule for rule, marked in told if marked is None
    ]
    reports: list[UsageReport] = []
    lacking: list[str] = []
    for rule in tried:
        try:
            reports.append(reader.read(rule, provider))
        except LacksError as error:
            lacking.append(f"{rule['api']}: {error}")
        except UsageError as error:
            raise UsageError(f"{rule['api']}: {error}") from None
    if not reports:
        reasons = "; ".join(lacking) or "the marks of none are there"
        raise UsageError(f"no rule reads this response ({reasons})")
    return reports


def _agreed(reports: list[UsageReport]) -> UsageReport:
    """Return the report that says all that the others say; raise if there is none."""
    for one in reports:
        if all(_covers(one, other) for other in reports):
            return one
    listed = " or ".join(f"`{one.api}`" for one in reports)
    raise UsageError(f"the response could be of {listed}, which read it differently: pass api=…")


def _covers(report: UsageReport, other: UsageReport) -> bool:
    """Tell whether a report says all that another one does."""
    fields = ("model", "at", *CONDITIONS)
    return (
        other.usage.items() <= report.usage.items()
        and {*other.uncounted} <= {*report.uncounted}
        and all(getattr(other, name) in (None, getattr(report, name)) for name in fields)
    )
