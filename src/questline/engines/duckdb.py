"""DuckDB, embedded: the default engine."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
from ibis.backends.duckdb.converter import DuckDBPyArrowData

from questline.engines.base import Number, Query, SpecLike
from questline.engines.parts import Parts
from questline.engines.selects import selects
from questline.errors import DataError

ROWS_PER_BATCH = 50_000


class DuckDBEngine:
    """One in-memory DuckDB that reads the files of a lake, and holds parts of questions.

    Tables are views of the in-memory database and not temporary ones, because cursors do not see
    temporary views. Every run takes a cursor of its own: one Ibis backend shared by threads
    deadlocks.
    """

    def __init__(self, memory_limit_mb: int = 2000, threads: int | None = None) -> None:
        spill = Path(tempfile.gettempdir()) / f"questline-{os.getpid()}-{uuid4().hex[:8]}"
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_limit_mb}MB",
            "temp_directory": str(spill),
        }
        if threads is not None:
            config["threads"] = threads
        self._lock = threading.Lock()
        self.connection = duckdb.connect(config=config)
        self.connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self.backend = ibis.duckdb.from_connection(self.connection)
        self._parts = Parts(self._make, self._drop)

    def table(self, files: Sequence[str], spec: SpecLike) -> ibis.Table:
        """Opens exactly `files`, whose partition column is only in their paths.

        Raises:
            DataError: a file is missing or is not Parquet.
        """
        with _readable():
            self.connection.execute(f'CREATE OR REPLACE VIEW "{spec.name}" AS {_scan(files, spec)}')
            return self.backend.table(spec.name)

    def numbers(self, texts: ibis.Column) -> Number | None:
        """DuckDB's hash, if no two of these texts have the same one; None if they do.

        Numbers are sorted and grouped faster than texts, and a column that is written as a
        dictionary is hashed by its entries.

        Raises:
            DataError: a file of the lake disappeared meanwhile.
        """
        rows = texts.name("text").as_table()
        counted = rows.aggregate(all=rows.count(), different=_hash(rows.text).nunique())
        [found] = self.to_pyarrow(counted).to_pylist()
        return _hash if found["all"] == found["different"] else None

    def sql(self, expr: ibis.Expr) -> str:
        """The query that `expr` stands for, in DuckDB's SQL."""
        with selects(joined=False):
            return str(self.backend.compile(expr, pretty=False))

    def to_pyarrow(self, expr: ibis.Expr) -> pa.Table:
        """Runs `expr` on a cursor of its own; safe to call from several threads.

        Raises:
            DataError: a file of the lake disappeared meanwhile.
        """
        with _readable():
            return self._cursor().to_pyarrow(expr)

    def prepare(self, expr: ibis.Expr) -> Query:
        """`expr` compiled once, to be run many times; it reads tables of this engine only."""
        return Query.of(self.sql(expr), expr)

    def run(self, query: Query) -> pa.Table:
        """Runs what was prepared; safe to call from several threads.

        Raises:
            DataError: a file of the lake disappeared meanwhile.
        """
        with _readable(), self._parts.ready(query.parts):
            found = self._plain_cursor().execute(query.text).to_arrow_table()
        return DuckDBPyArrowData.convert_table(found, query.schema)

    def batches(self, expr: ibis.Expr) -> Iterator[pa.RecordBatch]:
        """Runs `expr` and hands its rows over piece by piece, in bounded memory.

        Raises:
            DataError: a file of the lake disappeared meanwhile.
        """
        with _readable():
            cursor = self._cursor().con
            wanted = expr.as_table().schema().to_pyarrow()
            for batch in cursor.execute(self.sql(expr)).to_arrow_reader(ROWS_PER_BATCH):
                yield from pa.Table.from_batches([batch]).cast(wanted).to_batches()

    def close(self) -> None:
        """Frees memory and spilled data."""
        self.connection.close()

    def _make(self, name: str, query: Query) -> None:
        self._plain_cursor().execute(f'CREATE OR REPLACE TABLE "{name}" AS {query.text}')

    def _drop(self, name: str) -> None:
        self._plain_cursor().execute(f'DROP TABLE IF EXISTS "{name}"')

    def _plain_cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            return self.connection.cursor()

    def _cursor(self) -> ibis.BaseBackend:
        with self._lock:
            return ibis.duckdb.from_connection(self.connection.cursor())


@ibis.udf.scalar.builtin(name="hash")  # type: ignore[untyped-decorator]
def _hash(text: dt.string) -> dt.uint64:
    """The hash of DuckDB, the same for the same text in one process."""


def _scan(files: Sequence[str], spec: SpecLike) -> str:
    if not files:
        nothing = ", ".join(f'NULL::{c.type} AS "{c.name}"' for c in spec.columns)
        return f"SELECT {nothing} WHERE false"
    paths = ", ".join("'" + f.replace("'", "''") + "'" for f in files)
    columns = ", ".join(f'"{c.name}"' for c in spec.columns)
    hive = "hive_partitioning = false"
    if spec.partition:
        kind = next(c.type for c in spec.columns if c.name == spec.partition)
        hive = f"hive_partitioning = true, hive_types = {{'{spec.partition}': {kind}}}"
    return f"SELECT {columns} FROM read_parquet([{paths}], {hive})"


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise DataError(
            f"A file of the lake cannot be read ({str(error).splitlines()[0]}). "
            "Open the lake again; if it stays so, run `questline run --full`."
        ) from error
