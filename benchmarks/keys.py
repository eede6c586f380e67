"""Keys from encrypted files: `python benchmarks/keys.py [--repeat 15]`.

Real sops, a fresh age identity and made-up keys. Held against the same sops called directly on the
same file, and a bare Python process; medians, in ms.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter

from modelbook.secrets import cache, get
from modelbook.secrets.changes import slot
from modelbook.secrets.folder import Folder
from modelbook.secrets.ids import place
from modelbook.secrets.record import Kept
from modelbook.secrets.sops.executable import find
from modelbook.secrets.writing import write

MANY, FEW = 150, 50
RULE = r"""creation_rules:
  - path_regex: ^secrets/dev/[a-z0-9-]+\.sops\.yaml$
    encrypted_regex: ^(value|seal)$
    age: [{}]
"""
FIRST = "from modelbook.secrets import get; get('openai/api_key')"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name:
        root = Path(name)
        folder = _tree(root)
        _alone(root, folder, repeat)
        _together(folder, repeat)


def _alone(root: Path, folder: Folder, repeat: int) -> None:
    """Measure one key, in processes of its own and once it is there."""
    raw = (root / place("dev", "openai")).read_bytes()
    argv = [find().path, "decrypt", "--input-type", "yaml", "--output-type", "json"]
    sops = _median(repeat, lambda: _run(argv, raw))
    bare = _median(repeat, lambda: _run([sys.executable, "-c", "pass"]))
    first = _median(repeat, lambda: _run([sys.executable, "-c", FIRST]))
    _print("sops alone, one file", sops)
    _print("Python alone", bare)
    beyond = first - sops - bare
    _print("first key, a whole process", first, f"{beyond:.1f} ms beyond sops and Python (60)")
    get("openai/api_key")
    times = 20_000
    start = perf_counter()
    for _ in range(times):
        get("openai/api_key")
    took = (perf_counter() - start) / times
    _print("a key that is there", took * 1e3, f"{took * 1e6:.2f} µs (2)")
    status = [sys.executable, "-m", "modelbook_cli", "secrets", "status", "--json"]
    took = _median(repeat, lambda: _run([*status, "--at", "2026-01-02"]))
    _print(f"`secrets status`, {len(folder.vendors())} files", took, "a whole process (300)")


def _together(folder: Folder, repeat: int) -> None:
    """Measure many files at once."""
    some = folder.vendors()[:FEW]

    def read() -> None:
        cache.clear()
        cache.read_many(folder, some)

    took = _median(max(3, repeat // 5), read)
    _print(f"{FEW} files at once", took, "(1000)")


def _tree(root: Path) -> Folder:
    """Return a folder with many files, and an environment that finds it."""
    identity = import_module("pyrage").x25519.Identity.generate()  # has no types
    (root / ".sops.yaml").write_text(RULE.format(identity.to_public()), encoding="utf-8")
    (root / "secrets" / "dev").mkdir(parents=True)
    os.environ["SOPS_AGE_KEY"] = str(identity)
    os.environ["MODELBOOK_SECRETS"] = str(root)
    os.environ.pop("OPENAI_API_KEY", None)
    folder = Folder(root, "dev")
    for vendor in ["openai", *(f"vendor-{number:03}" for number in range(MANY - 1))]:
        key = slot(f"made-up-{vendor}-0123456789", "2026-01-01", "2030-01-01")
        kept = Kept(id=f"{vendor}/api_key", environment="dev", owner="bench", current=key)
        write(folder, vendor, lambda _, kept=kept: {"api_key": kept})
    return folder


def _run(argv: list[str], given: bytes = b"") -> None:
    """Run a program to its end."""
    done = subprocess.run(argv, input=given, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())


def _median(repeat: int, step: Callable[[], object]) -> float:
    """Return the median time of a step, in ms."""
    step()
    took: list[float] = []
    for _ in range(repeat):
        start = perf_counter()
        step()
        took.append((perf_counter() - start) * 1e3)
    return median(took)


def _print(what: str, took: float, told: str = "") -> None:
    """Print one line of the table."""
    print(f"{what:36} {took:10.3f} ms  {told}".rstrip())


if __name__ == "__main__":
    main()
