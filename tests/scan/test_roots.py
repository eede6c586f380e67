"""The cache is looked for where huggingface_hub keeps it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from modelbook.scan.roots import hub_cache

NAMES = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME")
ASK = "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"XDG_CACHE_HOME": "/xdg"},
        {"HF_HOME": "/home-of-hf", "XDG_CACHE_HOME": "/xdg"},
        {"HUGGINGFACE_HUB_CACHE": "/legacy", "HF_HOME": "/home-of-hf"},
        {"HF_HUB_CACHE": "/new", "HUGGINGFACE_HUB_CACHE": "/legacy", "HF_HOME": "/home-of-hf"},
        {"HF_HUB_CACHE": "~/models"},
        {"HF_HOME": "$PLACE/hf", "PLACE": "/somewhere"},
    ],
)
def test_the_root_is_that_of_huggingface_hub(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert hub_cache(os.environ) == Path(done.stdout.strip())


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub_cache({"HF_HUB_CACHE": "", "HF_HOME": "/h"}) == Path("/h/hub")
