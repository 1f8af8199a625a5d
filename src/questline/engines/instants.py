"""Microseconds since 1970, the one operation that Ibis lacks.

DuckDB's date_diff on times with a zone asks a calendar and takes fifty times as long as reading
the number that is stored; `epoch_seconds` is fractional on some engines and whole on others.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.rules as rlz
import sqlglot.expressions as sge
from ibis.backends.sql.compilers import (
    BigQueryCompiler,
    ClickHouseCompiler,
    DuckDBCompiler,
    PostgresCompiler,
    PySparkCompiler,
    SnowflakeCompiler,
    TrinoCompiler,
)
from ibis.common.deferred import deferrable
from ibis.expr.operations.core import Value

_MILLION = 1_000_000


class EpochMicroseconds(Value):  # type: ignore[misc]  # Ibis has no types
    """Microseconds from 1970-01-01 00:00 UTC to a time."""

    arg: Value[dt.Timestamp]

    shape = rlz.shape_like("arg")
    dtype = dt.int64


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def since_1970(moment: datetime) -> int:
    """Microseconds since 1970 of a time that Python knows."""
    return (moment - _EPOCH) // MICROSECOND


def from_1970(count: int) -> datetime:
    """The time that `since_1970` tells as `count`.

    >>> from_1970(since_1970(datetime(2026, 1, 2, tzinfo=UTC))).isoformat()
    '2026-01-02T00:00:00+00:00'
    """
    return _EPOCH + count * MICROSECOND


@deferrable  # type: ignore[untyped-decorator]  # Ibis has no types
def microseconds(time: ibis.TimestampValue) -> ibis.IntegerValue:
    """Microseconds since 1970 of a time with a zone; takes a deferred column too."""
    return EpochMicroseconds(time).to_expr()


@deferrable  # type: ignore[untyped-decorator]  # Ibis has no types
def elapsed(end: ibis.TimestampValue, start: ibis.TimestampValue) -> ibis.IntegerValue:
    """Microseconds from one time to another; takes deferred columns too."""
    return EpochMicroseconds(end).to_expr() - EpochMicroseconds(start).to_expr()


def _function(name: str) -> Any:  # noqa: ANN401 - a method of Ibis' compilers
    def visit(self: Any, _op: ops.Node, *, arg: Any) -> Any:  # noqa: ANN401
        return self.f.anon[name](arg)

    return visit


DuckDBCompiler.visit_EpochMicroseconds = _function("epoch_us")
PySparkCompiler.visit_EpochMicroseconds = _function("unix_micros")
BigQueryCompiler.visit_EpochMicroseconds = _function("unix_micros")
ClickHouseCompiler.visit_EpochMicroseconds = _function("toUnixTimestamp64Micro")


def _snowflake(self: Any, _op: ops.Node, *, arg: Any) -> Any:  # noqa: ANN401
    return self.f.anon.date_part(sge.Var(this="epoch_microsecond"), arg)


def _postgres(self: Any, _op: ops.Node, *, arg: Any) -> Any:  # noqa: ANN401
    seconds = sge.Extract(this=sge.Var(this="epoch"), expression=arg)
    return self.cast(
        sge.Mul(this=sge.Paren(this=seconds), expression=sge.convert(_MILLION)), dt.int64
    )


def _trino(self: Any, _op: ops.Node, *, arg: Any) -> Any:  # noqa: ANN401
    seconds = self.f.anon.to_unixtime(arg)
    micros = self.f.round(sge.Mul(this=seconds, expression=sge.convert(_MILLION)))
    return self.cast(micros, dt.int64)


SnowflakeCompiler.visit_EpochMicroseconds = _snowflake
PostgresCompiler.visit_EpochMicroseconds = _postgres
TrinoCompiler.visit_EpochMicroseconds = _trino
