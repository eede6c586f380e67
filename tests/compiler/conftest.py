"""Shared by the compiler's tests: a check of a folder as the report that people read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from modelbook_compiler.build import Checked, check
from modelbook_compiler.report import text
from modelbook_compiler.report.summary import summary

Edit = Callable[[str, str, str], None]
Report = Callable[..., str]


@pytest.fixture
def edit(mini: Path) -> Edit:
    """Return a function that replaces a text in a file of the small catalog."""

    def replace(path: str, old: str, new: str) -> None:
        before = (mini / path).read_text(encoding="utf-8")
        assert before.count(old) == 1, f"{old!r} is in {path} {before.count(old)} times"
        (mini / path).write_text(before.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def report() -> Report:
    """Return a function that checks a catalog and returns its whole report, without colour."""

    def checked_text(catalog: Path, at: date | None = None) -> str:
        checked: Checked = check(catalog, at=at)
        found = text.render(checked.diagnostics, checked.positions, colour=False)
        return f"{found}\n{summary(checked.diagnostics, len(checked.sources))}\n"

    return checked_text
