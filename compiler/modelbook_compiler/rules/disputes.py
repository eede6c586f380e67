"""Rules about recorded disputes: what other sources say, held against what the book says."""

from __future__ import annotations

from collections.abc import Iterator

from modelbook.prices import whole

from ..disputed import PRICES, Stated, fields, said
from ..names import did_you_mean
from ..references import DISPUTES, subject_of
from ..values import Entry, Graph, Json
from .base import Finding, rule


@rule(
    "MB350",
    "a dispute about a field that does not exist",
    *DISPUTES,
    bad='claims: [{says: {prices.inputs: "5.00"}, …}]',
    good='claims: [{says: {prices.input: "5.00"}, …}]',
)
def no_field(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """Whoever looks for what is disputed looks for it under the name of the field: `prices.` and a
    unit of `units.yaml` for a price, `limits.context` for a field inside another. A model has no
    prices; its deployments have.
    """
    kind, _ = subject_of(entry)
    known = fields(kind, graph)
    for one in said(entry):
        if one.field not in known:
            hint = did_you_mean(one.field, known) or "name it as the schema of its kind does"
            yield Finding(f"a {kind} has no field `{one.field}`", one.pointer, hint, "key")


@rule(
    "MB351",
    "a dispute that is none",
    *DISPUTES,
    bad='claims: [{says: {prices.input: "2.50"}, …}]  # and the deployment says 2.50',
    good="no claim",
)
def no_dispute(entry: Entry, graph: Graph) -> Iterator[Finding]:
    """A claim that says what the book says is none that lost: the book was mended, or the claim was
    never different. Left there, it would explain away the next difference. A claim about a price
    stands as long as it differs at one instant of its time, under its conditions.
    """
    kind, id = subject_of(entry)
    subject = graph.kind(kind).get(id)
    if subject is None:
        return
    known, stated = fields(kind, graph), Stated(subject, graph)
    for one in said(entry):
        if one.field in known and stated.against(one) == one.value:
            message = f"{_shown(one.value)} is what the book says of `{one.field}`"
            yield Finding(message, one.pointer, "delete it")


@rule(
    "MB352",
    "a condition or time on what is no price, or a time that never is",
    *DISPUTES,
    bad="claims: [{says: {limits.context: 128000}, when: {tier: batch}, …}]",
    good='claims: [{says: {prices.input: "5.00"}, when: {tier: batch}, …}]',
)
def no_condition(entry: Entry, _graph: Graph) -> Iterator[Finding]:
    """Only prices depend on conditions and time; what else a source says, it says of the deployment
    or model as it is. Two claims with different conditions are two items of the list.
    """
    for position, claim in enumerate(entry.data["claims"]):
        plain = [field for field in claim["says"] if not field.startswith(PRICES)]
        for word in ("when", "from", "until") if plain else ():
            if word in claim:
                message = f"`{plain[0]}` is no price and has no `{word}`"
                hint = "say it in an item of its own"
                yield Finding(message, ("claims", position, word), hint, "key")
        if "from" in claim and "until" in claim and whole(claim["from"]) >= whole(claim["until"]):
            message = f"the claim ends on {claim['until']}, not after it starts"
            hint = "`until` is the first instant it no longer applies"
            yield Finding(message, ("claims", position, "until"), hint)


def _shown(value: Json) -> str:
    """Return a value as a message shows it."""
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
