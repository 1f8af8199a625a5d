"""SQL of other engines: prints an expression for a warehouse, or says which can express it."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.operations as ops
from ibis.backends.sql.compilers import PySparkCompiler
from ibis.backends.sql.compilers.base import STAR
from ibis.common.exceptions import IbisError
from ibis.config import Config

import questline.engines.spark_json  # noqa: F401 - teaches Ibis' compiler for Spark
from questline.errors import UsageError

DIALECTS = ("duckdb", "pyspark", "bigquery", "snowflake", "clickhouse", "postgres", "trino")

_PRIVATE_FUNCTIONS = ("UNWRAP_JSON_",)
"""Functions that Ibis registers in a live session and plain SQL does not have."""


class _SparkOptions(Config):  # type: ignore[misc]  # Ibis has no types
    """The options Ibis reads while it compiles for Spark, which it sets only with PySpark."""

    treat_nan_as_null: bool = False


def _count(self: Any, _op: ops.Node, *, arg: Any, where: Any) -> Any:  # noqa: ANN401, ARG001 - a method of Ibis' compilers
    """Ibis adds up the rows that match, and Spark's sum of no row is NULL, not 0."""
    return self.f.count(STAR) if where is None else self.f.count_if(where)


PySparkCompiler.visit_CountStar = _count


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
