"""Measure against the budgets and print one table: `python benchmarks/run.py [--json FILE]`.

Every row is a ratio to something measured in the same run, taken in turn. Nothing here can fail a
build: the goals stand beside the figures, for people to read.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import bulk
import compiling
import imports
import lookups
import prices
import scanning
import synthetic
from modelbook_compiler.build import check
from modelbook_compiler.compilation import Output, targets
from modelbook_compiler.publish import carry_out
from rows import Row, table

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Run all benchmarks and show them."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as folder:
        rows = list(prices.rows(options.rounds)) if options.only_prices else []
        if not options.only_prices and not options.only_bulk:
            rows = list(_rows(options.rounds, Path(folder)))
        if options.bulk and not options.only_prices:
            shipped = Path(shutil.copytree(ROOT / "catalog", Path(folder) / "bulk" / "catalog"))
            rows += bulk.rows(options.bulk, shipped, Path(folder))
    print(table(rows))
    if not options.only_bulk:
        print("\n".join(prices.told_apart()))
    for name in imports.skipped():
        print(f"not installed, left out: {name}")
    if options.json:
        found = {"where": _where(), "rounds": options.rounds, "rows": list(map(asdict, rows))}
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    """Return the command-line options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--rounds", type=int, default=20, help="samples a side (compiling: a few)")
    parser.add_argument("--bulk", type=int, default=1_000_000, help="models of a bulk source")
    parser.add_argument("--only-bulk", action="store_true", help="measure nothing else")
    parser.add_argument("--only-prices", action="store_true", help="measure nothing else")
    parser.add_argument("--peers", type=Path, help="site-packages with tokencost and litellm")
    options = parser.parse_args()
    if options.peers:  # too large to be development dependencies
        sys.path.append(str(options.peers.resolve()))
    return options


def _rows(rounds: int, scratch: Path) -> Iterator[Row]:
    """Yield every row, cheap ones first; catalogs and outputs live in a scratch folder."""
    shipped = Path(shutil.copytree(ROOT / "catalog", scratch / "shipped" / "catalog"))
    made = synthetic.write(ROOT / "catalog", scratch / "made-up")
    package = _compiled(made, scratch / "packages")
    yield from imports.rows(rounds)
    yield from lookups.rows(rounds, ROOT / "generated", package)
    yield from prices.rows(rounds)
    yield from scanning.rows(max(3, rounds // 2), scratch)
    yield from compiling.rows(max(3, rounds // 2), shipped, scratch)
    yield from compiling.rows(max(3, rounds // 4), made, scratch)


def _compiled(catalog: Path, folder: Path) -> Path:
    """Compile the made-up catalog to a package that goes by another name; return its folder."""
    checked = check(catalog)
    if not checked.sound:
        raise SystemExit(f"the made-up catalog has problems: {checked.diagnostics[0]}")
    for target in targets(checked.book(), Output(folder)):
        carry_out(target.plan)
    (folder / "modelbook_catalog").rename(folder / "made_up_catalog")
    return folder


def _where() -> dict[str, object]:
    """Return what the figures depend on, in general words."""
    return {"python": platform.python_version(), "cores": os.cpu_count()}


if __name__ == "__main__":
    main()
