"""The compiler under fire: the corpus, then libFuzzer (or hypothesis where it does not run)."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
SEEDS = sorted((HERE / "corpus").iterdir())
SECONDS = 15
HAS_WHEELS = (
    (sys.platform, platform.machine(), sys.implementation.name) == ("linux", "x86_64", "cpython")
) and sys.version_info < (3, 14)
"""As the development extra says of atheris. Where it has wheels it must be there, or this fails."""


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Return the target, which holds an input against the promises, and the mutator."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(HERE)
        from mutate import mutated
        from target import Target

        target = Target(tmp_path_factory.mktemp("fuzz"))
        yield SimpleNamespace(target=target, mutated=mutated)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.name)
def test_every_promise_holds_for_the_corpus(fuzz: SimpleNamespace, seed: Path) -> None:
    fuzz.target(seed.read_bytes())


def test_a_fuzzer_finds_nothing(fuzz: SimpleNamespace, tmp_path: Path) -> None:
    if HAS_WHEELS:
        led_by_coverage(tmp_path)
    else:
        led_by_chance(fuzz)


def led_by_coverage(folder: Path) -> None:
    """Run libFuzzer for some seconds; show what it found."""
    options = [f"-max_total_time={SECONDS}", "-seed=1", "-timeout=10", "-max_len=8192"]
    places = [f"-dict={HERE / 'yaml.dict'}", f"-artifact_prefix={folder}/", str(HERE / "corpus")]
    (folder / "found").mkdir()
    command = [sys.executable, str(HERE), *options, *places[:2], str(folder / "found"), places[2]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    inputs = [path.read_bytes() for path in folder.iterdir() if path.is_file()]
    assert done.returncode == 0, (inputs, done.stdout[-3000:], done.stderr[-6000:])
    runs = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    assert runs is not None
    assert int(runs[1]) > len(SEEDS)


def led_by_chance(fuzz: SimpleNamespace) -> None:
    """Hold changed seeds against the promises."""

    @given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.binary(max_size=8), st.floats(0, 1))
    @settings(deadline=None, max_examples=600, derandomize=True)
    def changed(path: Path, seed: int, patch: bytes, where: float) -> None:
        data = path.read_bytes()
        cut = int(where * len(data))
        fuzz.target(fuzz.mutated(data, 2**16, seed) or data)
        fuzz.target(data[:cut] + patch + data[cut + len(patch) // 2 :])

    changed()
