"""Measure two or more things side by side: A B A B, so that what slows one slows the other."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter

Samples = Mapping[str, list[float]]
"""By name, one sample a round; the same position is the same round."""

MEMORY = """
from pathlib import Path as _P
_lines = _P("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) / 1024 for line in _lines if line.startswith("VmHWM")))
"""
"""Code that prints the peak memory of its process in MB; Linux only."""


def interleaved(sides: Mapping[str, Callable[[], float]], rounds: int) -> Samples:
    """Return `rounds` samples of each side, taken in turn; a first round only warms up."""
    for sample in sides.values():
        sample()
    out: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, sample in sides.items():
            out[name].append(sample())
    return out


def ratio(samples: Samples, ours: str, theirs: str, less: str = "") -> float:
    """Return the median over rounds of ours divided by theirs, each less a third side."""
    base = samples[less] if less else [0.0] * len(samples[ours])
    rounds = zip(samples[ours], samples[theirs], base, strict=True)
    return median((a - c) / (b - c) for a, b, c in rounds)


def middle(samples: Samples, name: str, less: str = "") -> float:
    """Return the median sample of a side, less that of another side of the same round."""
    if not less:
        return median(samples[name])
    return median(a - b for a, b in zip(samples[name], samples[less], strict=True))


def process(*arguments: str, before: Callable[[], None] = lambda: None) -> Callable[[], float]:
    """Return a sampler: seconds that a fresh, isolated Python takes from start to end."""
    command = [sys.executable, "-I", *arguments]

    def sample() -> float:
        before()
        start = perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return perf_counter() - start

    return sample


def told(code: str) -> Callable[[], float]:
    """Return a sampler: the number that code prints last in a fresh, isolated Python."""
    command = [sys.executable, "-I", "-c", code]

    def sample() -> float:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(json.loads(done.stdout.split()[-1]))

    return sample


def calls(function: Callable[[], object], number: int) -> Callable[[], float]:
    """Return a sampler: seconds of one call, from a loop without the garbage collector."""

    def sample() -> float:
        gc.disable()
        start = perf_counter()
        for _ in range(number):
            function()
        taken = perf_counter() - start
        gc.enable()
        return taken / number

    return sample


def each(function: Callable[[int], object], numbers: Sequence[int]) -> Callable[[], float]:
    """Return a sampler: seconds of one call, over calls with a different argument each."""
    fresh = iter(numbers)

    def sample() -> float:
        batch = [next(fresh) for _ in range(20)]
        start = perf_counter()
        for number in batch:
            function(number)
        return (perf_counter() - start) / len(batch)

    return sample
