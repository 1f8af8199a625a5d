"""Compilers of expressions for other engines, mended where Ibis prints what is not exact there."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers import (
    BigQueryCompiler,
    ClickHouseCompiler,
    DatabricksCompiler,
    DuckDBCompiler,
    PostgresCompiler,
    PySparkCompiler,
    SnowflakeCompiler,
    TrinoCompiler,
)
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.config import Config

import questline.engines.instants  # noqa: F401 - adds an operation to these compilers


class _SparkOptions(Config):  # type: ignore[misc]  # Ibis has no types
    """The options Ibis reads while it compiles for Spark, which it sets only with PySpark."""

    treat_nan_as_null: bool = False


if ibis.options.pyspark is None:
    ibis.options.pyspark = _SparkOptions()

_UNSIGNED = (ops.Count, ops.CountDistinct, ops.CountStar, ops.CountDistinctStar, ops.RankBase)
"""Operations whose results ClickHouse gives unsigned, which do not mix with other numbers."""


_STANDARD = ("join_use_nulls", "aggregate_functions_null_for_empty")
"""Settings of ClickHouse with which what a join does not find, and a sum of nothing, is NULL."""


class _ClickHouse(ClickHouseCompiler):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ()

    # What Ibis prints otherwise, uniq and quantile, is an estimate.
    SIMPLE_OPS = {ops.CountDistinct: "uniqExact"}  # noqa: RUF012 - Ibis reads it

    def visit_Quantile(self, _op: ops.Node, *, arg: Any, quantile: Any, where: Any) -> Any:
        return self._visit_quantile("quantileExactInclusive", arg, quantile, where)

    def visit_node(self, op: ops.Node, **arguments: Any) -> Any:
        found = super().visit_node(op, **arguments)
        return self.cast(found, op.dtype) if isinstance(op, _UNSIGNED) else found

    def visit_WindowFunction(self, op: ops.Node, *, func: Any, **frame: Any) -> Any:
        if not isinstance(op.func, _UNSIGNED):
            return super().visit_WindowFunction(op, func=func, **frame)
        return self.cast(super().visit_WindowFunction(op, func=func.this, **frame), op.dtype)

    def visit_Cast(self, op: ops.Node, *, arg: Any, to: dt.DataType) -> Any:
        # A DateTime without a zone has the session's, in which a midnight may not exist.
        if op.arg.dtype.is_date() and to.is_timestamp():
            to = dt.Timestamp("UTC", 6)
        return super().visit_Cast(op, arg=arg, to=to)

    def to_sqlglot(self, *arguments: Any, **options: Any) -> Any:
        query = super().to_sqlglot(*arguments, **options)
        query.set("settings", [_is_on(name) for name in _STANDARD])
        return query


def _is_on(setting: str) -> Any:
    return sge.EQ(this=sge.to_identifier(setting), expression=sge.convert(1))


class _Postgres(PostgresCompiler):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ()

    def visit_Cast(self, op: ops.Node, *, arg: Any, to: dt.DataType) -> Any:
        if op.arg.dtype.is_boolean() and to.is_numeric():
            arg = self.cast(arg, dt.int32)  # the only number that takes a boolean
        return super().visit_Cast(op, arg=arg, to=to)


COMPILERS: dict[str, SQLGlotCompiler] = {
    "duckdb": DuckDBCompiler(),
    "spark": PySparkCompiler(),
    "databricks": DatabricksCompiler(),
    "bigquery": BigQueryCompiler(),
    "snowflake": SnowflakeCompiler(),
    "clickhouse": _ClickHouse(),
    "postgres": _Postgres(),
    "trino": TrinoCompiler(),
}
"""By the name that people say."""
