"""What importing the catalog costs, in fresh processes, beside other price catalogs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

from rows import Row
from timing import MEMORY, Samples, interleaved, middle, process, ratio, told

PEERS = {
    "genai_prices": "import genai_prices",
    "tokencost": "import tokencost",
    "litellm": "import os; os.environ['LITELLM_LOCAL_MODEL_COST_MAP'] = 'True'; import litellm",
}
"""Package to the code that imports it without the network."""

OURS = "import modelbook_catalog"
BARE = "pass"
TIMED = """
from time import perf_counter
start = perf_counter()
{code}
print(perf_counter() - start)
"""


def rows(rounds: int) -> Iterator[Row]:
    """Yield time and peak memory of an import, and of a whole process that only imports."""
    peers = {name: code for name, code in PEERS.items() if find_spec(name)}
    codes = {OURS: OURS, **peers}
    timed = interleaved(
        {name: told(TIMED.format(code=code)) for name, code in codes.items()}, rounds
    )
    for peer in peers:
        yield _row(OURS, timed, "s", f"import {peer}", peer, "≤ 2 ms")
    whole = {OURS: process("-c", OURS), BARE: process("-c", BARE)}
    samples = interleaved(whole, rounds)
    yield _row(f"{OURS}, whole process", samples, "s", f"python -c {BARE}", BARE, "")
    if not sys.platform.startswith("linux"):
        return
    codes = {name: f"{code}\n{MEMORY}" for name, code in {**codes, BARE: BARE}.items()}
    used = interleaved({name: told(code) for name, code in codes.items()}, max(3, rounds // 4))
    for peer in peers:
        what = f"{OURS}, peak memory over bare"
        yield _row(what, used, "MB", f"import {peer}", peer, "≤ 2 MB", BARE)


def skipped() -> tuple[str, ...]:
    """Return the peers that are not installed here."""
    return tuple(name for name in PEERS if not find_spec(name))


def _row(
    what: str, samples: Samples, unit: str, beside: str, peer: str, goal: str, less: str = ""
) -> Row:
    """Return the row of our import and another side, both less a third where one is named."""
    ours, theirs = middle(samples, OURS, less), middle(samples, peer, less)
    return Row(what, ours, unit, beside, theirs, ratio(samples, OURS, peer, less), goal)
