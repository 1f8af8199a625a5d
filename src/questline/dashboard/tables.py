"""Rows of an answer as a table on the page, each column as a person reads its kind."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import streamlit as st

from questline.api import Result
from questline.metrics import Kind

MOST_ROWS = 1_000
FORMATS = {
    Kind.COUNT: "localized",
    Kind.NUMBER: "%.2f",
    Kind.SHARE: "percent",
    Kind.USD: "dollar",
    Kind.USD_EACH: "$%.4f",
    Kind.SECONDS: "%.1f s",
}


def table(result: Result, most: int = MOST_ROWS) -> None:
    """The first rows of an answer, with the meaning of each column on its head."""
    found = result.entry
    docs = {output.name: output.doc for output in found.outputs}
    columns = {n: _column(found.kind(n), docs.get(n)) for n in result.table.column_names}
    st.dataframe(
        floats(result.table.slice(0, most)),
        column_config=columns,
        hide_index=True,
        width="stretch",
        height="auto",
    )
    if result.table.num_rows > most:
        st.caption(f"The first {most:,} of {result.table.num_rows:,} rows.")


def _column(kind: Kind, doc: str | None) -> Any:  # noqa: ANN401 - Streamlit has a type a kind
    if kind in FORMATS:
        return st.column_config.NumberColumn(format=FORMATS[kind], help=doc)
    if kind is Kind.DATE:
        return st.column_config.DateColumn(format="YYYY-MM-DD", help=doc)
    if kind is Kind.FLAG:
        return st.column_config.CheckboxColumn(help=doc)
    return st.column_config.TextColumn(help=doc)


def floats(rows: pa.Table) -> pa.Table:
    """Decimals as floats, which the page can format."""
    types = [(f.name, pa.float64() if pa.types.is_decimal(f.type) else f.type) for f in rows.schema]
    return rows.cast(pa.schema(types))
