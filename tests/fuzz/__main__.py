"""Fuzz the compiler: `python tests/fuzz [libFuzzer's options] [corpus folders]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["modelbook", "modelbook_compiler"], enable_loader_override=False
):
    from mutate import mutated
    from target import Target


def mutator(data: bytes, most: int, seed: int) -> bytes:
    """Return a changed input: half of the time by its values, otherwise by its bytes."""
    changed = mutated(data, most, seed) if seed % 2 else None
    return atheris.Mutate(data, most) if changed is None else changed


def main() -> None:
    """Run libFuzzer until it finds something or its time is over."""
    with tempfile.TemporaryDirectory(prefix="modelbook-fuzz-") as scratch:
        atheris.Setup(sys.argv, Target(Path(scratch)), custom_mutator=mutator)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
