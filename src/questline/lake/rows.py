"""Rows of tables: whether there are any, and rows of Python at once instead of one by one."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa


def any_row(con: duckdb.DuckDBPyConnection, relation: str) -> bool:
    """Whether a table, or a table with a condition, holds a row."""
    return con.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchone() is not None


def insert_rows(
    con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """Adds rows, their values in the order of the table's columns."""
    if not rows:
        return
    names = [str(n) for n in range(len(rows[0]))]
    columns = [list(values) for values in zip(*rows, strict=True)]
    con.register("rows_to_insert", pa.table(dict(zip(names, columns, strict=True))))
    con.execute(f"INSERT INTO {table} SELECT * FROM rows_to_insert")
    con.unregister("rows_to_insert")
