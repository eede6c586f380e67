"""Rows of bulk sources, read against the small catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from modelbook_compiler.build import Checked, check
from modelbook_compiler.bulk.run import Outcome, read
from modelbook_compiler.bulk.tally import Catalog
from modelbook_compiler.bulk.values import Source

MINI = Path(__file__).parent.parent / "mini" / "catalog"
SOURCES = [{"url": "https://example.com/models", "checked": "2026-01-02"}]

Rows = Callable[..., Outcome]


def row(id: str, **fields: Any) -> dict[str, Any]:
    """Return a sound row, with further or other fields."""
    known = {"id": id, "name": "Beta", "pipelines": ["text-generation"], "sources": SOURCES}
    return {**known, **fields}


def line(id: str, **fields: Any) -> str:
    """Return a sound row as text, with further or other fields."""
    return json.dumps(row(id, **fields))


@pytest.fixture(scope="session")
def checked() -> Checked:
    """Return the small catalog, checked."""
    return check(MINI)


@pytest.fixture
def rows(checked: Checked, tmp_path: Path) -> Rows:
    """Return a function that reads lines (or a file) and returns what came of it."""
    against = Catalog(checked.graph, checked.positions, "mini", "")

    def run(*texts: str | bytes, paths: tuple[Path, ...] = (), end: bytes = b"\n") -> Outcome:
        folder = Path(mkdtemp(dir=tmp_path))
        if not paths:
            paths = (tmp_path / "rows.ndjson",)
            raw = (one if isinstance(one, bytes) else one.encode() for one in texts)
            paths[0].write_bytes(b"".join(one + end for one in raw))
        sources = [
            Source(number, path, path.name, path.suffix == ".parquet")
            for number, path in enumerate(paths)
        ]
        return read(sources, against, folder)

    return run


def told(outcome: Outcome) -> list[tuple[str, int, int]]:
    """Return code, line and column of every problem."""
    spans = ((one.code, one.span) for one in outcome.problems)
    return [(code, span.line, span.column) for code, span in spans if span]


def kept(outcome: Outcome) -> Iterator[dict[str, Any]]:
    """Yield the rows that were kept."""
    for path in outcome.staged.models:
        for text in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(text)
