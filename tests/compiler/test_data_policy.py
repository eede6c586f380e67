"""Regions and data policies: what a provider states, a deployment overrides part by part."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelbook.records import DataPolicy
from modelbook_compiler.build import check

PROVIDER = "providers/acme/provider.yaml"
DEPLOYMENT = "providers/acme/deployments/alpha-1.yaml"


def state(folder: Path, path: str, facts: str) -> None:
    """Put facts into a file of the small catalog."""
    target = folder / path
    target.write_text(target.read_text().replace("sources:", f"{facts}\nsources:", 1))


def test_a_deployment_overrides_its_provider_part_by_part(mini: Path) -> None:
    state(
        mini, PROVIDER, "regions: [eu]\ndata_policy: {trains_on_inputs: true, retention_days: 30}"
    )
    state(mini, DEPLOYMENT, "data_policy: {trains_on_inputs: false}")
    book = check(mini).book()
    records = {one.id: one.record for one in book.deployments}
    stated = DataPolicy(trains_on_inputs=False, retention_days=30)
    assert records["acme:alpha-1"].data_policy == stated
    assert records["acme:alpha-1"].regions == ("eu",)
    assert records["acme:embed-1"].data_policy.trains_on_inputs is True
    assert records["vllm:openlab/gamma-7b"].data_policy == DataPolicy()
    assert records["vllm:openlab/gamma-7b"].regions is None
    (acme,) = [one.record for one in book.providers if one.id == "acme"]
    assert (acme.regions, acme.data_policy.retention_days) == (("eu",), 30)


@pytest.mark.parametrize("path", [PROVIDER, DEPLOYMENT])
@pytest.mark.parametrize(
    "facts",
    [
        "regions: []",
        "regions: [EU]",
        "regions: [us, eu]",
        "regions: [eu, eu]",
        "regions: eu",
        "data_policy: {}",
        "data_policy: {retention_days: -1}",
        "data_policy: {retention_days: none}",
        "data_policy: {trains_on_inputs: 0}",
        "data_policy: {zero_retention: false, retention_days: 0}",
        "data_policy: {training: false}",
    ],
)
def test_what_no_policy_can_be(mini: Path, path: str, facts: str) -> None:
    state(mini, path, facts)
    found = check(mini).diagnostics
    assert found
    assert all(one.path.endswith(path) for one in found)
