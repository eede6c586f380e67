"""The book and genai-prices say the same of every deployment both know, or a dispute says why not.

Run with `-s` to see what was compared.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from modelbook_catalog import catalog
from modelbook_compiler.build import check
from modelbook_compiler.values import Dispute

from . import peer
from .compare import Compared, compare, unexplained


@pytest.fixture(scope="module")
def compared() -> Compared:
    """Return how all deployments compare."""
    book = catalog()
    return compare(book.get_deployment(id) for id in book.deployment_ids())


@pytest.fixture(scope="module")
def claims(root: Path) -> list[Dispute]:
    """Return the recorded disputes with genai-prices."""
    disputes = check(root / "catalog").book().disputes
    return [one for one in disputes if one.source.startswith(f"{peer.NAME} ")]


def test_every_difference_is_a_recorded_dispute(compared: Compared, claims: list[Dispute]) -> None:
    left, _ = unexplained(compared.differences, claims)
    assert not left, "\n".join(map(str, left))


def test_every_recorded_dispute_is_still_one(compared: Compared, claims: list[Dispute]) -> None:
    _, spent = unexplained(compared.differences, claims)
    assert not [(one.id, one.field, one.value, one.when) for one in spent]


def test_summary(compared: Compared, claims: list[Dispute]) -> None:
    print(f"\ndeployments: {dict(compared.deployments)}")
    print(f"points: {len(compared.agreed):,}, rates: {compared.rates:,}")
    ids = {one.point.id for one in compared.differences}
    print(
        f"differences: {len(compared.differences)} at {len(ids)} deployments, {len(claims)} claims"
    )
    for name, known in sorted(compared.one_sided.items()):
        print(f"  {name}: {len(known)}")
