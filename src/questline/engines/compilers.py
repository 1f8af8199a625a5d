"""Compilers of expressions for other engines, mended where Ibis prints what is not exact there."""

from __future__ import annotations

from typing import Any, ClassVar

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot as sg
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
from ibis.backends.sql.compilers.base import NULL, STAR, SQLGlotCompiler
from ibis.common.exceptions import UnsupportedOperationError
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
_LARGEST_FRAME = 2**31
"""ClickHouse takes no wider range of a window."""


class _Json:
    """JSON that is kept as text, which most engines parse by a function and not by a cast."""

    parse: ClassVar[str]
    text: ClassVar[str]

    def visit_Cast(self: Any, op: ops.Node, *, arg: Any, to: dt.DataType) -> Any:
        if op.arg.dtype.is_string() and to.is_json():
            return self.f.anon[self.parse](arg)
        if op.arg.dtype.is_json() and to.is_string():
            return self.f.anon[self.text](arg)
        return super().visit_Cast(op, arg=arg, to=to)  # type: ignore[misc]  # of a compiler


class _NoOrderOfStructs:
    """Engines that have no largest struct, which others compare field by field."""

    def visit_Max(self: Any, op: ops.Node, **arguments: Any) -> Any:
        if op.dtype.is_struct():
            raise UnsupportedOperationError("There is no largest struct here.")
        return super().visit_Max(op, **arguments)  # type: ignore[misc]  # of a compiler

    def visit_Min(self: Any, op: ops.Node, **arguments: Any) -> Any:
        if op.dtype.is_struct():
            raise UnsupportedOperationError("There is no smallest struct here.")
        return super().visit_Min(op, **arguments)  # type: ignore[misc]  # of a compiler


class _BigQuery(_Json, _NoOrderOfStructs, BigQueryCompiler):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ()
    SIMPLE_OPS: ClassVar[dict[type, str]] = {}
    parse, text = "parse_json", "to_json_string"


class _Snowflake(_Json, _NoOrderOfStructs, SnowflakeCompiler):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ()
    SIMPLE_OPS: ClassVar[dict[type, str]] = {}
    parse, text = "parse_json", "to_json"


class _Trino(_Json, TrinoCompiler):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ()
    SIMPLE_OPS: ClassVar[dict[type, str]] = {}
    parse, text = "json_parse", "json_format"


class _Variant(_Json):
    """JSON as Spark 4 and Databricks read it, as a VARIANT, which knows strings from numbers."""

    parse, text = "try_parse_json", "to_json"

    def visit_JSONGetItem(self: Any, _op: ops.Node, *, arg: Any, index: Any) -> Any:
        path = sge.convert(f'$["{index.this}"]' if index.is_string else f"$[{index.this}]")
        return self.f.anon.try_variant_get(arg, path, sge.convert("variant"))

    def visit_UnwrapJSONString(self: Any, _op: ops.Node, *, arg: Any) -> Any:
        text = self.f.anon.try_variant_get(arg, "$", "string")
        return self.if_(self.f.anon.schema_of_variant(arg).eq(sge.convert("STRING")), text, NULL)

    def visit_UnwrapJSONFloat64(self: Any, _op: ops.Node, *, arg: Any) -> Any:
        kind = self.f.anon.schema_of_variant(arg)
        is_number = self.f.anon.rlike(kind, "^(BIGINT|DOUBLE|DECIMAL.*)$")
        return self.if_(is_number, self.f.anon.try_variant_get(arg, "$", "double"), NULL)

    def visit_CountStar(self: Any, _op: ops.Node, *, arg: Any, where: Any) -> Any:  # noqa: ARG002
        # Ibis adds up the rows that match, and Spark's sum of no row is NULL, not 0.
        return self.f.count(STAR) if where is None else self.f.count_if(where)


class _Databricks(_Variant, DatabricksCompiler):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ()
    SIMPLE_OPS: ClassVar[dict[type, str]] = {}


class _Spark(_Variant, PySparkCompiler):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ()
    SIMPLE_OPS: ClassVar[dict[type, str]] = {}
    # Instead of functions in Python, which Ibis registers in a live session only.
    visit_UnwrapJSONInt64 = DatabricksCompiler.visit_UnwrapJSONInt64
    visit_UnwrapJSONBoolean = DatabricksCompiler.visit_UnwrapJSONBoolean


class _ClickHouse(ClickHouseCompiler):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ()
    # What Ibis prints otherwise, uniq and quantile, is an estimate.
    SIMPLE_OPS: ClassVar[dict[type, str]] = {ops.CountDistinct: "uniqExact"}

    def visit_Quantile(self, _op: ops.Node, *, arg: Any, quantile: Any, where: Any) -> Any:
        return self._visit_quantile("quantileExactInclusive", arg, quantile, where)

    def visit_node(self, op: ops.Node, **arguments: Any) -> Any:
        found = super().visit_node(op, **arguments)
        return self.cast(found, op.dtype) if isinstance(op, _UNSIGNED) else found

    def visit_WindowFunction(self, op: ops.Node, *, func: Any, **frame: Any) -> Any:
        bounds = [b.value for b in (op.start, op.end) if op.how == "range" and b is not None]
        if any(isinstance(v, ops.Literal) and v.value >= _LARGEST_FRAME for v in bounds):
            raise UnsupportedOperationError("ClickHouse has no range as wide as this.")
        if not isinstance(op.func, _UNSIGNED):
            return super().visit_WindowFunction(op, func=func, **frame)
        return self.cast(super().visit_WindowFunction(op, func=func.this, **frame), op.dtype)

    def visit_Cast(self, op: ops.Node, *, arg: Any, to: dt.DataType) -> Any:
        if {str(op.arg.dtype), str(to)} == {"string", "json"}:
            return arg  # a JSON value is its own text here
        # A DateTime without a zone has the session's, in which a midnight may not exist.
        if op.arg.dtype.is_date() and to.is_timestamp():
            to = dt.Timestamp("UTC", 6)
        if op.arg.dtype.is_timestamp() and to.is_date():
            return self.f.anon.toDate32(arg)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_NonNullLiteral(self, op: ops.Node, *, value: Any, dtype: dt.DataType) -> Any:
        # A Date of ClickHouse begins in 1970, and takes what is before as its first day.
        if dtype.is_date():
            return self.f.anon.toDate32(value.isoformat())
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_JSONGetItem(self, _op: ops.Node, *, arg: Any, index: Any) -> Any:
        return self.f.nullIf(self.f.anon.JSONExtractRaw(arg, index), "")

    def visit_UnwrapJSONString(self, _op: ops.Node, *, arg: Any) -> Any:
        is_text = self.f.anon.JSONType(arg).eq(sge.convert("String"))
        return self.if_(is_text, self.f.anon.JSONExtractString(arg), NULL)

    def visit_UnwrapJSONFloat64(self, _op: ops.Node, *, arg: Any) -> Any:
        is_number = self.f.anon.JSONType(arg).isin("Int64", "UInt64", "Double")
        return self.if_(is_number, self.f.anon.JSONExtractFloat(arg), NULL)

    def to_sqlglot(self, *arguments: Any, **options: Any) -> Any:
        query = super().to_sqlglot(*arguments, **options)
        query.set("settings", [_is_on(name) for name in _STANDARD])
        return query


def _is_on(setting: str) -> Any:
    return sge.EQ(this=sge.to_identifier(setting), expression=sge.convert(1))


class _Postgres(_NoOrderOfStructs, PostgresCompiler):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ()
    SIMPLE_OPS: ClassVar[dict[type, str]] = {}

    def visit_Cast(self, op: ops.Node, *, arg: Any, to: dt.DataType) -> Any:
        if op.arg.dtype.is_boolean() and to.is_numeric():
            arg = self.cast(arg, dt.int32)  # the only number that takes a boolean
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_UnwrapJSONString(self, _op: ops.Node, *, arg: Any) -> Any:
        return self._unwrapped(arg, "string")

    def visit_UnwrapJSONFloat64(self, _op: ops.Node, *, arg: Any) -> Any:
        return self.cast(self._unwrapped(arg, "number"), dt.float64)

    def _unwrapped(self, arg: Any, kind: str) -> Any:
        text = self.f.anon.json_extract_path_text(self.f.anon.json_build_array(arg), "0")
        return self.if_(self.f.anon.json_typeof(arg).eq(sge.convert(kind)), text, NULL)

    # A record without a type has no names, and no array of it can be unnested.
    def visit_StructColumn(self, _op: ops.Node, *, names: Any, values: Any) -> Any:
        pairs = [part for n, v in zip(names, values, strict=True) for part in (sge.convert(n), v)]
        return self.f.anon.jsonb_build_object(*pairs)

    def visit_ArraySort(self, op: ops.Node, *, arg: Any) -> Any:
        if not op.dtype.value_type.is_struct():
            return super().visit_ArraySort(op, arg=arg)
        item = sg.to_identifier("x")
        keys = [self.f.anon.jsonb_extract_path_text(item, n) for n in op.dtype.value_type.names]
        rows = sge.Unnest(expressions=[arg], alias=item)
        return self.f.array(sg.select(item).from_(rows).order_by(*keys))

    def visit_StructField(self, op: ops.Node, *, arg: Any, field: str) -> Any:
        row = self.f.anon.to_jsonb(arg)
        return self.cast(self.f.anon.jsonb_extract_path_text(row, field), op.dtype)


COMPILERS: dict[str, SQLGlotCompiler] = {
    "duckdb": DuckDBCompiler(),
    "spark": _Spark(),
    "databricks": _Databricks(),
    "bigquery": _BigQuery(),
    "snowflake": _Snowflake(),
    "clickhouse": _ClickHouse(),
    "postgres": _Postgres(),
    "trino": _Trino(),
}
"""By the name that people say."""
