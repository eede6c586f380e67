"""Prices in other currencies: shown as they are, converted by the rate of the day if asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from modelbook.errors import NotPricedError, RequestError

from tests.conftest import Run

CURRENCIES = """\
# yaml-language-server: $schema=../schemas/currencies.schema.json
currencies:
  USD: {name: US dollar}
  CNY: {name: Renminbi}
  EUR:
    name: Euro
    rates:
      - from: 2026-01-01
        usd: "1.10"
        source: {url: "https://example.com/rates", checked: 2026-01-02}
      - from: 2026-02-01
        usd: "1.25"
        source: {url: "https://example.com/rates", checked: 2026-02-02}
"""
PRICES = """\
# yaml-language-server: $schema=../../../../schemas/deployment.schema.json
model: acme/alpha-1
lifecycle: {status: active}
prices:
  - {currency: EUR, input: "2.00", output: "8.00"}
  - {when: {tier: batch}, currency: CNY, input: "7.00", output: "28.00"}
  - {when: {region: us}, input: "3.00"}
sources: [{url: "https://example.com/models", checked: 2026-01-02}]
"""


@pytest.fixture(scope="module")
def book(
    root: Path, modelbook: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ModuleType]:
    """Return a compiled package with prices in euros."""
    from shutil import copytree

    folder = tmp_path_factory.mktemp("currencies")
    copytree(root / "tests" / "mini" / "catalog", folder / "catalog")
    (folder / "catalog" / "currencies.yaml").write_text(CURRENCIES)
    (folder / "catalog/providers/acme/deployments/euro-1.yaml").write_text(PRICES)
    done = modelbook("compile", "--package", "euro_catalog", "--out", "out", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder / "out"))
    yield import_module("euro_catalog")
    sys.path.remove(str(folder / "out"))


USAGE = {"input": 1_000_000, "output": 500_000}


def test_a_foreign_price_is_never_shown_as_dollars(book: ModuleType) -> None:
    cost = book.price("acme:euro-1", USAGE, at="2026-03-01")
    assert (cost.total, cost.currency) == (6, "EUR")


@pytest.mark.parametrize(
    ("at", "total"), [("2026-01-01", "6.6"), ("2026-01-31T23:59:59", "6.6"), ("2026-02-01", "7.5")]
)
def test_it_is_converted_by_the_rate_of_the_day(book: ModuleType, at: str, total: str) -> None:
    for _ in range(2):
        cost = book.price("acme:euro-1", USAGE, at=at, currency="USD")
        assert (cost.total, cost.currency) == (Decimal(total), "USD")
        assert sum(line.amount for line in cost.lines) == Decimal(total)
        assert cost.lines[0].rate == 2  # as the price list has it


def test_dollars_are_converted_too(book: ModuleType) -> None:
    cost = book.price("acme:alpha-1-2025-08-15", {"input": 1_000_000}, at="2026-01-05")
    euros = book.price(
        "acme:alpha-1-2025-08-15", {"input": 1_000_000}, at="2026-01-05", currency="EUR"
    )
    exact = Fraction(cost.total) / Fraction("1.10")
    assert abs(Fraction(euros.total) - exact) <= exact / 10**27  # it has no end


def test_no_rate_is_known(book: ModuleType) -> None:
    with pytest.raises(NotPricedError, match="no exchange rate of `EUR` is known for 2025-12-31"):
        book.price("acme:euro-1", USAGE, at="2025-12-31", currency="USD")
    with pytest.raises(NotPricedError, match="no exchange rate of `CNY`"):
        book.price("acme:euro-1", USAGE, at="2026-03-01", tier="batch", currency="USD")
    assert book.price("acme:euro-1", USAGE, at="2026-03-01", tier="batch").currency == "CNY"


def test_the_last_rate_is_not_that_of_every_later_day(book: ModuleType) -> None:
    assert book.price("acme:euro-1", USAGE, at="2026-05-01", currency="USD").total == Decimal("7.5")
    for at in ("2026-05-12", "2035-01-01"):
        with pytest.raises(NotPricedError, match="the last one is of 2026-02-01"):
            book.price("acme:euro-1", USAGE, at=at, currency="USD")


def test_two_currencies_in_one_call(book: ModuleType) -> None:
    with pytest.raises(RequestError, match="prices in EUR and USD; say which `currency`"):
        book.price("acme:euro-1", USAGE, at="2026-03-01", region="us")
    cost = book.price("acme:euro-1", USAGE, at="2026-03-01", region="us", currency="USD")
    assert cost.total == 3 + Decimal("1.25") * 4
    only = book.price("acme:euro-1", {"input": 1_000_000}, at="2026-03-01", region="us")
    assert (only.total, only.currency) == (3, "USD")


def test_an_unknown_currency(book: ModuleType) -> None:
    with pytest.raises(RequestError, match="unknown currency 'GBP'; the catalog knows USD, CNY, E"):
        book.price("acme:euro-1", USAGE, at="2026-03-01", currency="GBP")
