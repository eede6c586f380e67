"""Identity of the public catalogs: our counts beside those of the reference this was built on.

    python benchmarks/identity.py litellm-1.106.2-*.whl genai_prices-*.whl models.dev-api-*.json …

The reference counted litellm 1.106.2, models.dev of 2026-07-02, genai-prices 0.2.3 and OpenRouter's
feed of 2026-05-12; other releases count otherwise. xinference is counted by itself.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from pathlib import Path

from modelbook_importers.market import sources, summary
from modelbook_importers.market.identity import Identity, tables

CATALOG = Path(__file__).resolve().parent.parent / "catalog"
REFERENCE = {
    "rows without tools and stubs": 12_135,
    "deployments": 9_273,
    "rows without a maker": 143,
    "model keys": 2_514,
    "models, moving names left out": 2_469,
    "models at 2 or more providers": 972,
    "models at 5 or more providers": 356,
    "models at 20 or more providers": 71,
    "models in 1 source": 1_586,
    "models in 2 sources": 413,
    "models in 3 sources": 295,
    "models in 4 sources": 220,
    "rows whose maker is written": 6_545,
    "repositories of weights that lead to an API model": 695,
    "API models that gain weights": 213,
}


def counted(told: list[summary.Told]) -> dict[str, int]:
    """Return the same counts of what was read now."""
    api = [one for one in told if one.source.id != "xinference"]
    rows = [
        (row, one)
        for each in api
        for row, one in each.rows
        if row.kind == "deployment" and getattr(one, "why", "") != summary.LEFT_OUT
    ]
    known = [(row, one) for row, one in rows if isinstance(one, Identity)]
    moving, at, stated = defaultdict(set), defaultdict(set), defaultdict(set)
    for row, one in known:
        moving[one.model].add(one.moving)
        at[one.model].add(one.provider)
        stated[one.model].add(row.raw.source)
    weights = [
        one.model
        for each in told
        if each.source.id == "xinference"
        for one in each.known
        if one.model in at
    ]
    firm = [model for model, said in moving.items() if said != {True}]
    spread = [len(providers) for providers in at.values()]
    shared = [len(said) for said in stated.values()]
    return {
        "rows without tools and stubs": len(rows),
        "deployments": len({one.deployment for _, one in known}),
        "rows without a maker": len(rows) - len(known),
        "model keys": len(at),
        "models, moving names left out": len(firm),
        **{f"models at {n} or more providers": sum(s >= n for s in spread) for n in (2, 5, 20)},
        "models in 1 source": shared.count(1),
        **{f"models in {n} sources": shared.count(n) for n in (2, 3, 4)},
        "rows whose maker is written": sum(one.written for _, one in known),
        "repositories of weights that lead to an API model": len(weights),
        "API models that gain weights": len(set(weights)),
    }


def main() -> None:
    """Read the sources named on the command line and print the table."""
    begun = time.perf_counter()
    readings = [sources.read(Path(name)) for name in sys.argv[1:]]
    read = time.perf_counter()
    ours = counted(summary.told(readings, tables(CATALOG)))
    done = time.perf_counter()
    print(f"{'':52}{'ours':>8}{'reference':>11}")
    for name, number in ours.items():
        print(f"{name:52}{number:>8,}{REFERENCE[name]:>11,}")
    print(f"read in {read - begun:.1f} s, identified in {done - read:.1f} s")


if __name__ == "__main__":
    main()
