"""Rows -> tables of pyarrow, pandas and polars, each loaded when it is asked for."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any

from modelbook.errors import NotInstalledError

from .rows import COLUMNS, Deployments, to_dicts

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

DIGITS, PLACES = 38, 18
"""Of a price, as in SQL once factors are in; one of more places is null, never rounded."""


def to_arrow(deployments: Deployments, at: object = None) -> pyarrow.Table:
    """Return rows as an Arrow table: int64, bool, string, list, date32 and decimal128(38, 18).

    Raises `NotInstalledError` where there is no pyarrow; see `to_dicts` for `at` and errors.
    """
    arrow = _load("pyarrow")
    kinds = {
        "text": arrow.string(),
        "texts": arrow.list_(arrow.string()),
        "whole": arrow.int64(),
        "boolean": arrow.bool_(),
        "date": arrow.date32(),
        "decimal": arrow.decimal128(DIGITS, PLACES),
    }
    schema = arrow.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    rows = to_dicts(deployments, at)
    columns = {
        name: [_fitting(row[name]) if kind == "decimal" else row[name] for row in rows]
        for name, kind in COLUMNS.items()
    }
    return arrow.table(columns, schema=schema)


def _fitting(amount: Decimal | None) -> Decimal | None:
    """Return a price, None where it has more places than a column."""
    exponent = amount.as_tuple().exponent if amount is not None else ""
    return amount if isinstance(exponent, int) and exponent >= -PLACES else None


def to_parquet(deployments: Deployments, at: object = None) -> bytes:
    """Return rows as a Parquet file, types as in `to_arrow`. Raises the same."""
    table = to_arrow(deployments, at)
    out = BytesIO()
    _load("pyarrow.parquet").write_table(table, out, compression="zstd")
    return out.getvalue()


def to_pandas(deployments: Deployments, at: object = None) -> pandas.DataFrame:
    """Return rows as a pandas frame: `Int64`, `boolean` and `string` columns, with `pd.NA`.

    Prices are `Decimal`s in columns of objects, exact; `.astype(float)` makes them floats. Lists
    and days are objects as well. What is not known is never NaN: `pd.NA`, or None in columns of
    objects. Raises `NotInstalledError` where pandas or pyarrow is not there.
    """
    library, arrow = _load("pandas"), _load("pyarrow")
    kinds = {
        arrow.int64(): library.Int64Dtype(),
        arrow.bool_(): library.BooleanDtype(),
        arrow.string(): library.StringDtype(),
    }
    table = to_arrow(deployments, at)
    frame = table.to_pandas(types_mapper=kinds.get)
    for name in (name for name, kind in COLUMNS.items() if kind == "texts"):
        frame[name] = library.Series(table[name].to_pylist(), dtype=object)  # lists, no arrays
    return frame


def to_polars(deployments: Deployments, at: object = None) -> polars.DataFrame:
    """Return rows as a polars frame: Int64, Boolean, String, List, Date and Decimal(38, 18).

    Raises `NotInstalledError` where polars or pyarrow is not there.
    """
    frame: polars.DataFrame = _load("polars").from_arrow(to_arrow(deployments, at))
    return frame


def _load(name: str) -> Any:
    """Return a library; where it is not installed, say what to install."""
    try:
        return import_module(name)
    except ImportError as error:
        missing = (error.name or name).partition(".")[0]
        raise NotInstalledError(
            f"tables need the package `{missing}`: pip install 'modelbook[frames]'", id=missing
        ) from error
