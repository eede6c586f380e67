"""The revision names all facts: any that changes changes it, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelbook_compiler.build import check
from modelbook_compiler.digests import revision

CHANGES = [
    ("catalog.yaml", "A catalog for tests", "Another title"),
    (
        "units.yaml",
        "name: requests, quantity: requests, per: 1",
        "name: requests, quantity: requests, per: 10",
    ),
    ("currencies.yaml", '"1.10"', '"9.10"'),
    ("secrets/acme/api_key.yaml", "ACME_API_KEY", "ACME_KEY"),
    ("policies/cheap-chat.yaml", '"0.005"', '"0.006"'),
    ("pipelines/text-generation.yaml", "name: Text Generation", "name: Text"),
    ("pipeline-aliases.yaml", "ner: token-classification", "tagging: token-classification"),
    ("architectures/llama.yaml", "basis: official", "basis: refined"),
    ("models/acme/alpha-1.yaml", "context: 128000", "context: 64001"),
    ("providers/acme/provider.yaml", "name: Acme", "name: Acme Inc."),
    ("providers/acme/deployments/alpha-1-2025-08-15.yaml", '"10.00"', '"10.01"'),
]


@pytest.mark.parametrize(("path", "old", "new"), CHANGES, ids=[change[0] for change in CHANGES])
def test_every_fact_is_part_of_it(mini: Path, path: str, old: str, new: str) -> None:
    before = revision(check(mini).book())
    text = (mini / path).read_text(encoding="utf-8")
    assert old in text
    (mini / path).write_text(text.replace(old, new), encoding="utf-8")
    checked = check(mini)
    assert not checked.diagnostics
    assert revision(checked.book()) != before


def test_comments_and_places_are_not(mini: Path, tmp_path: Path) -> None:
    before = revision(check(mini).book())
    path = mini / "models/acme/alpha-1.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    moved = mini.rename(tmp_path / "book")
    assert revision(check(moved).book()) == before
