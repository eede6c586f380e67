"""Files as large as they may be, and as bad: each is answered within a second."""

from __future__ import annotations

import time
from itertools import islice, repeat
from pathlib import Path

import pytest
from modelbook_compiler.build import check
from modelbook_compiler.discover import MAX_BYTES
from modelbook_compiler.report import text

MODEL = "models/acme/alpha-1.yaml"
SNAPSHOT = "providers/acme/deployments/alpha-1-2025-08-15.yaml"
SECONDS = 1.0
"""Of the processor's time, for the check of the small catalog with one bad file, and its report."""


def full(part: str) -> str:
    """Return a text as long as a file may be."""
    most = MAX_BYTES - 200
    return "".join(islice(repeat(part), most // len(part.encode())))


def day(number: int) -> str:
    """Return one day after the other."""
    return f"{2000 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"


def prices(form: str, count: int = 200) -> str:
    """Return a price list of many entries."""
    lines = (form.format(n=n + 1, day=day(n), next=day(n + 1), r=n % 9) for n in range(count))
    return "prices:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


WINDOW = 'when: {{window: {{zone: UTC, from: "00:00", until: "23:0{r}"}}}}'
MODELS = {
    "secrets": full("# sk-aaaaaaaaaaaaaaaaaaaaaaa\n"),
    "secrets of one line": f'name: "{full("sk-aaaaaaaaaaaaaaaaaaaaaaa ")}"\n',
    "half of passwords": full("# ://a"),
    "half of tokens": full("# eyJaaaaaaaaaaaa.eyJ"),
    "fields": full("a: 1\n"),
    "fields without text": full("?\n"),
    "list items": full("-\n"),
    "items in brackets": f"a: [{full('b, ')}]\n",
    "pairs in brackets": f"a: [{full('b: c, ')}]\n",
    "empty lists": f"a: [{full('[], ')}]\n",
    "empty mappings": f"a: [{full('{}, ')}]\n",
    "lists of lists": full(f"a: [{'0, ' * 990}]\n"),
    "open brackets": f"a: {full('[')}",
    "tags": f"a: [{full('!a b, ')}]\n",
    "carriage returns": full("a: b\r\n"),
    "line breaks": full("\n"),
    "long text": f"name: {full('a ')}\n",
    "long number": f"name: {full('9')}\n",
    "long key": f'"{full("k")}": 1\n',
    "long family": f"family: {full('a-')}\n",
    "not UTF-8 after all": full("a\n") + "\udcff",
}
PRICES = {
    "dated": prices('from: {day}, input: "{n}"'),
    "windows": prices(f'{WINDOW}, from: {{day}}, input: "{{n}}"'),
    "windows apart": prices(f'{WINDOW}, from: {{day}}, until: {{next}}, input: "{{n}}"'),
    "conditions": prices('when: {{region: r{r}}}, from: {day}, input: "{n}"', 100)
    + prices('from: {day}, input: "{n}"', 100).partition("\n")[2],
    "too many": prices('input: "{n}"', 990),
    "unknown units": prices('inptu: "{n}"', 990),
    "numbers": prices("input: {n}", 990),
}


def timed(catalog: Path, path: str, body: str) -> None:
    """Put a body into a file of a catalog; see that it is refused, and soon."""
    assert not check(catalog).diagnostics  # what is loaded once is not part of the time
    place = catalog / path
    head = place.read_bytes().partition(b"\n")[0]
    place.write_bytes(head + b"\n" + body.encode("utf-8", "surrogateescape"))
    started = time.process_time()
    checked = check(catalog)
    shown = text.render(checked.diagnostics, checked.positions, colour=False)
    took = time.process_time() - started
    assert {one.path for one in checked.diagnostics} >= {f"catalog/{path}"}
    assert took < SECONDS, f"{took:.1f} s"
    assert max(map(len, shown.split("\n"))) < 1000


@pytest.mark.parametrize("body", MODELS.values(), ids=MODELS)
def test_a_huge_file_is_answered_within_a_second(mini: Path, body: str) -> None:
    timed(mini, MODEL, body)


@pytest.mark.parametrize("body", PRICES.values(), ids=PRICES)
def test_a_long_price_list_is_answered_within_a_second(mini: Path, body: str) -> None:
    rest = (mini / SNAPSHOT).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in rest[1:] if line[0] not in " " and not line.startswith("prices")]
    timed(mini, SNAPSHOT, "".join(kept) + body)
