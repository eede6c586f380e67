"""Selections as tables: rows of plain values, CSV, NDJSON, Arrow, Parquet, pandas and polars.

One row a deployment, in the order of the selection. The columns are those of the table
`deployments` of the DuckDB catalog, and the prices at the instant of the selection. What is not
known is None, null or an empty cell, never 0, NaN or false.

pandas, polars and pyarrow are loaded when they are asked for: `pip install 'modelbook[frames]'`.
"""

from __future__ import annotations

from .libraries import to_arrow, to_pandas, to_parquet, to_polars
from .rows import COLUMNS, to_dicts
from .text import to_csv, to_ndjson

__all__ = [
    "COLUMNS",
    "to_arrow",
    "to_csv",
    "to_dicts",
    "to_ndjson",
    "to_pandas",
    "to_parquet",
    "to_polars",
]
