"""`modelbook policies`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .shared import json_option, package, print_json, table, told

if TYPE_CHECKING:
    from modelbook.policies import Policy
    from modelbook.selection import Selection


@click.command("policies")
@click.option("--at", help="As of this UTC date, YYYY-MM-DD; default now.")
@json_option
def command(at: str | None, as_json: bool) -> None:
    """List the named policies: what each is for, how many deployments meet it, which is first.

    `modelbook models --policy ID` lists them all, `modelbook show ID` what the policy asks.

    \b
    Examples:
      modelbook policies
      modelbook policies --at 2026-01-01
      modelbook policies --json
    """
    from modelbook.policies import get_policy, policy_ids, select_by_policy

    with told():
        catalog = package().catalog()
        ids = policy_ids(catalog)
        answers = [(get_policy(catalog, id), select_by_policy(catalog, id, at=at)) for id in ids]
    if as_json:
        print_json([_plain(policy, found) for policy, found in answers])
        return
    columns = [("id", False), ("deployments", True), ("first", False), ("", False)]
    table(columns, [_row(policy, found) for policy, found in answers])


def _row(policy: Policy, found: Selection) -> list[str]:
    """Return a policy as the cells of the table."""
    first = found.ids[0] if found.ids else "-"
    count = "0, falls back" if found.fell_back else f"{len(found):,}"
    return [policy.id, count, first, policy.description]


def _plain(policy: Policy, found: Selection) -> dict[str, object]:
    """Return a policy as plain data."""
    return {
        "id": policy.id,
        "description": policy.description,
        "deployments": 0 if found.fell_back else len(found),
        "fell_back": found.fell_back,
        "first": found.ids[0] if found.ids else None,
        "fallback": list(policy.fallback),
    }
