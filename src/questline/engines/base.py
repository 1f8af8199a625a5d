"""What an engine does: opens exact files as a table, compiles expressions, runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import NamedTuple, Protocol

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType

from questline.engines.comparisons import guard

guard()

Work = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]
"""What an executor does with the batches of its task."""


Number = Callable[[ibis.Value], ibis.Value]
"""Gives each of some texts a number of its own."""


class ColumnLike(Protocol):
    """A column of a table's description."""

    @property
    def name(self) -> str:
        """Name of the column."""

    @property
    def type(self) -> str:
        """SQL type of DuckDB."""


class SpecLike(Protocol):
    """The description of a table, as the lake keeps it."""

    @property
    def name(self) -> str:
        """Name of the table."""

    @property
    def partition(self) -> str:
        """Column that lives in the path only, empty if none."""

    @property
    def columns(self) -> Sequence[ColumnLike]:
        """Columns in order."""


class Query(NamedTuple):
    """A compiled expression, the columns of its result, and the tables that it reads.

    `parts` are the queries of those tables that have to be worked out first.
    """

    text: str
    schema: ibis.Schema
    reads: tuple[str, ...] = ()
    parts: Mapping[str, Query] = MappingProxyType({})

    @classmethod
    def of(cls, text: str, expr: ibis.Expr) -> Query:
        """The query of an expression that `text` says in the engine's own SQL."""
        tables = expr.op().find((ops.DatabaseTable, ops.UnboundTable))
        return cls(text, expr.as_table().schema(), tuple(sorted({t.name for t in tables})))


class Engine(Protocol):
    """Runs the one definition of every model and metric."""

    def table(self, files: Sequence[str], spec: SpecLike) -> ibis.Table:
        """Opens exactly `files`; no file gives an empty table with the same columns."""

    def numbers(self, texts: ibis.Column) -> Number | None:
        """What gives each of these texts a number of its own.

        None where the engine has nothing that does, or where two of the texts have the same.
        """

    def sql(self, expr: ibis.Expr) -> str:
        """The query that `expr` stands for, in the engine's own SQL."""

    def to_pyarrow(self, expr: ibis.Expr) -> pa.Table:
        """Runs `expr`; safe to call from several threads."""

    def prepare(self, expr: ibis.Expr) -> Query:
        """`expr` compiled once, to be run many times."""

    def run(self, query: Query) -> pa.Table:
        """Runs what was prepared; safe to call from several threads."""

    def batches(self, expr: ibis.Expr) -> Iterator[pa.RecordBatch]:
        """Runs `expr` and hands its rows over piece by piece, in bounded memory."""

    def close(self) -> None:
        """Frees what the engine holds."""


def schema(spec: SpecLike) -> ibis.Schema:
    """The columns of a table as Ibis types."""
    return ibis.schema({c.name: _dtype(c.type) for c in spec.columns})


@cache
def _dtype(text: str) -> ibis.DataType:
    return DuckDBType.from_string(text)
