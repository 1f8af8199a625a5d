"""Spark, local or on a cluster: the engine for what outgrows one machine."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from questline.engines.base import SpecLike, schema
from questline.engines.dialects import to_dialect
from questline.engines.spark_session import DEFAULT_MASTER, open_session
from questline.errors import DataError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_MISSING = ("FAILED_READ_FILE", "PATH_NOT_FOUND", "FileNotFoundException")


class SparkEngine:
    """One session of Spark that reads the files of a lake.

    Each engine has tables of its own; all engines of a process share one context, which the last
    one to be closed ends.
    """

    _lock = threading.Lock()
    _open = 0

    def __init__(self, memory_limit_mb: int = 2000, master: str = DEFAULT_MASTER) -> None:
        """`master` is Spark's: local[2], spark://host:7077, yarn, ...

        Raises:
            UsageError: PySpark or Java is missing, or Spark does not start on `master`.
        """
        with SparkEngine._lock:
            self.session = open_session(master, memory_limit_mb)
            SparkEngine._open += 1
        self._closed = False
        with warnings.catch_warnings():
            # PySpark warns of pandas 3, through which no result passes.
            warnings.simplefilter("ignore")
            self.backend = ibis.pyspark.connect(self.session)

    def table(self, files: Sequence[str], spec: SpecLike) -> ibis.Table:
        """Opens exactly `files`, whose partition column is only in their paths.

        Raises:
            DataError: a file is missing or is not Parquet.
        """
        with _readable():
            self.frame(files, spec).createOrReplaceTempView(spec.name)
        return self.named(spec.name, schema(spec))

    def named(self, name: str, columns: ibis.Schema) -> ibis.Table:
        """The view of that name in this session."""
        return ops.DatabaseTable(
            name=name, schema=columns, source=self.backend, namespace=ops.Namespace()
        ).to_expr()

    def frame(self, files: Sequence[str], spec: SpecLike) -> DataFrame:
        """What `table` opens, as Spark's own table."""
        kinds = self._spark_schema(schema(spec))
        if not files:
            return self.session.createDataFrame([], kinds)
        # A path is a path here, whatever brackets it has.
        reader = self.session.read.schema(kinds).option("__globPaths__", "false")
        if spec.partition:
            reader = reader.option("basePath", files[0].rpartition(f"/{spec.partition}=")[0])
        return reader.parquet(*files).select(*(c.name for c in spec.columns))

    def sql(self, expr: ibis.Expr) -> str:
        """The query that `expr` stands for, in Spark's SQL."""
        return to_dialect(expr, "pyspark")

    def to_pyarrow(self, expr: ibis.Expr) -> pa.Table:
        """Runs `expr`; safe to call from several threads.

        Raises:
            DataError: a file of the lake disappeared meanwhile.
        """
        table = expr.as_table()
        with _readable():
            found = self.session.sql(self.sql(table)).toArrow()
        return expr.__pyarrow_result__(_cast(found, table.schema().to_pyarrow()))

    def batches(self, expr: ibis.Expr) -> Iterator[pa.RecordBatch]:
        """Runs `expr` and hands its rows over piece by piece, a partition at a time.

        Raises:
            DataError: a file of the lake disappeared meanwhile.
        """
        table = expr.as_table()
        wanted = table.schema().to_pyarrow()
        with _readable():
            packed = self.session.sql(self.sql(table)).mapInArrow(_packed, "batch binary")
            for row in packed.toLocalIterator():
                for batch in pa.ipc.open_stream(row.batch):
                    yield from _cast(pa.Table.from_batches([batch]), wanted).to_batches()

    def close(self) -> None:
        """Ends the session; the last one ends Spark in this process."""
        with SparkEngine._lock:
            if self._closed:
                return
            self._closed = True
            SparkEngine._open -= 1
            if SparkEngine._open == 0:
                self.session.stop()

    def _spark_schema(self, columns: ibis.Schema) -> Any:  # noqa: ANN401 - PySpark's own type
        from ibis.backends.pyspark.datatypes import PySparkSchema  # noqa: PLC0415 - with PySpark only

        return PySparkSchema.from_ibis(columns)


def _packed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Each batch as bytes, which Spark hands over partition by partition."""
    for batch in batches:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        yield pa.RecordBatch.from_pydict({"batch": [sink.getvalue().to_pybytes()]})


def _cast(found: pa.Table, wanted: pa.Schema) -> pa.Table:
    return found.rename_columns(wanted.names).cast(wanted)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not any(sign in str(error) for sign in _MISSING):
            raise
        raise DataError(
            f"A file of the lake cannot be read ({str(error).splitlines()[0]}). "
            "Open the lake again; if it stays so, run `questline run --full`."
        ) from error
