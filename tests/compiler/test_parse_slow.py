"""The parser in pure Python reads as libyaml does, and only slower."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelbook_compiler import yaml_nodes
from modelbook_compiler.build import check
from modelbook_compiler.discover import discover, folder
from modelbook_compiler.files import walk
from modelbook_compiler.parse import parse
from modelbook_compiler.values import Document
from modelbook_compiler.yaml_slow import SlowParser


class Slow(SlowParser):
    """`yaml_nodes.Parser` as it is where PyYAML has no libyaml."""

    resolve = yaml_nodes.Parser.resolve
    descend_resolver = yaml_nodes.Parser.descend_resolver
    ascend_resolver = yaml_nodes.Parser.ascend_resolver


def test_it_reads_the_shipped_files_alike(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not issubclass(yaml_nodes.Parser, SlowParser), "this PyYAML has no libyaml"
    files = discover(folder(root / "catalog"), walk(root / "catalog")).files
    files = files[:: 1 + len(files) // 500]  # from all kinds: it takes 50 times as long
    fast = [parse(one) for one in files]
    monkeypatch.setattr(yaml_nodes, "Parser", Slow)
    for file, before in zip(files, fast, strict=True):
        after = parse(file)
        assert isinstance(after, Document), file.path
        assert isinstance(before, Document), file.path
        assert after.data == before.data, file.path


def test_it_gives_the_same_places(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = mini / "models" / "acme" / "alpha-1.yaml"
    model.write_text(
        model.read_text().replace("name: Alpha 1", 'name: "\U0001f600"\nlicence: MIT\nfamily: 1')
    )
    fast = check(mini).diagnostics
    monkeypatch.setattr(yaml_nodes, "Parser", Slow)
    assert len(fast) == 2
    assert check(mini).diagnostics == fast
