"""Small catalogs compiled into packages of their own, in this process."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from modelbook_compiler import publish
from modelbook_compiler.build import check
from modelbook_compiler.compilation import Output, targets

MINI = Path(__file__).resolve().parent.parent / "mini" / "catalog"
PRICED = Path("providers", "acme", "deployments", "alpha-1-2025-08-15.yaml")

Compile = Callable[[str, str], None]
Import = Callable[[str], ModuleType]


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compile:
    """Return a function that compiles the small catalog, with another price, under a name."""
    monkeypatch.syspath_prepend(str(tmp_path / "out"))

    def compile(name: str, price: str = "2.50") -> None:
        folder = tmp_path / name
        if not folder.is_dir():
            shutil.copytree(MINI, folder)
        file = folder / PRICED
        text = (MINI / PRICED).read_text().replace('{input: "2.50"', f'{{input: "{price}"')
        file.write_text(text)
        checked = check(folder)
        assert checked.sound, checked.diagnostics
        for target in targets(checked.book(), Output(tmp_path / "out", name)):
            publish.carry_out(target.plan)

    return compile


@pytest.fixture
def imported() -> Iterator[Import]:
    """Return a function that imports a package; it is forgotten afterwards."""
    names: list[str] = []

    def load(name: str) -> ModuleType:
        names.append(name)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield load
    for name in [one for one in sys.modules if one.partition(".")[0] in names]:
        del sys.modules[name]
