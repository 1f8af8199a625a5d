"""SQL of other engines: prints an expression for a warehouse, or says which can express it."""

from __future__ import annotations

import ibis
from ibis.common.exceptions import IbisError
from ibis.config import Config

from questline.errors import UsageError

DIALECTS = ("duckdb", "pyspark", "bigquery", "snowflake", "clickhouse", "postgres", "trino")

_PRIVATE_FUNCTIONS = ("UNWRAP_JSON_",)
"""Functions that Ibis registers in a live session and plain SQL does not have."""


class _SparkOptions(Config):  # type: ignore[misc]  # Ibis has no types
    """The options Ibis reads while it compiles for Spark, which it sets only with PySpark."""

    treat_nan_as_null: bool = False


def to_dialect(expr: ibis.Expr, dialect: str = "duckdb") -> str:
    """`expr` as SQL of `dialect`.

    Raises:
        UsageError: the dialect is unknown, or cannot express `expr`.
    """
    if dialect not in DIALECTS:
        raise UsageError(f"dialect == {dialect!r}, must be one of {', '.join(DIALECTS)}.")
    text = _compiled(expr, dialect)
    if text is None:
        able = ", ".join(d for d in DIALECTS if _compiled(expr, d) is not None)
        raise UsageError(f"{dialect} cannot express this query. Choose one of {able}.")
    return text


def _compiled(expr: ibis.Expr, dialect: str) -> str | None:
    if ibis.options.pyspark is None:
        ibis.options.pyspark = _SparkOptions()
    try:
        text = str(ibis.to_sql(expr, dialect=dialect))
    except (IbisError, NotImplementedError):
        return None
    return None if any(name in text for name in _PRIVATE_FUNCTIONS) else text
