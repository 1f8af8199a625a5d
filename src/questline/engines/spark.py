"""Spark, local or on a cluster: the engine for what outgrows one machine."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.operations as ops
import pyarrow as pa

from questline.engines.base import Query, SpecLike, Work, schema
from questline.engines.dialects import to_dialect
from questline.engines.spark_session import DEFAULT_MASTER, open_session, quiet
from questline.errors import DataError

if TYPE_CHECKING:
    from pyspark.sql import DataFrameReader

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
        with quiet():
            self.backend = ibis.pyspark.connect(self.session)

    def table(self, files: Sequence[str], spec: SpecLike) -> ibis.Table:
        """Opens exactly `files`, whose partition column is only in their paths.

        Raises:
            DataError: a file is missing or is not Parquet, or Spark would pass over it.
        """
        columns = schema(spec)
        _none_hidden(files)
        if not spec.partition or not files:
            with _readable():
                return self.parquet(spec.name, files, columns)
        reader = self._reader(columns)
        reader = reader.option("basePath", files[0].rpartition(f"/{spec.partition}=")[0])
        with _readable():
            found = reader.parquet(*files).select(*columns.names)
            found.createOrReplaceTempView(spec.name)
        return self._named(spec.name, columns)

    def parquet(self, name: str, files: Sequence[str], columns: ibis.Schema) -> ibis.Table:
        """Opens files that hold all of their columns."""
        if not files:
            found = self.session.createDataFrame([], self._spark_schema(columns))
        else:
            found = self._reader(columns).parquet(*files)
        found.createOrReplaceTempView(name)
        return self._named(name, columns)

    def memory(self, name: str, rows: pa.Table, columns: ibis.Schema) -> ibis.Table:
        """Opens rows of Arrow; for small tables."""
        self.session.createDataFrame(rows).createOrReplaceTempView(name)
        return self._named(name, columns)

    def write(self, expr: ibis.Table, folder: Path, spec: SpecLike | None = None) -> None:
        """Runs `expr` and writes its rows below `folder`, by the partition of `spec` if given.

        Raises:
            DataError: Spark could not finish.
        """
        with _readable():
            found = self.session.sql(self.sql(expr))
            if spec is not None and spec.partition:
                # Else every task would leave a file in every partition.
                found = found.repartition(spec.partition)
                found.write.partitionBy(spec.partition).parquet(str(folder))
            else:
                found.write.parquet(str(folder))

    def _reader(self, columns: ibis.Schema) -> DataFrameReader:
        # A path is a path here, whatever brackets it has.
        return self.session.read.schema(self._spark_schema(columns)).option(
            "__globPaths__", "false"
        )

    def _named(self, name: str, columns: ibis.Schema) -> ibis.Table:
        return ops.DatabaseTable(
            name=name, schema=columns, source=self.backend, namespace=ops.Namespace()
        ).to_expr()

    def numbers(self, texts: ibis.Column) -> None:
        """None: what Spark sorts and exchanges are rows as a whole."""

    def sql(self, expr: ibis.Expr) -> str:
        """The query that `expr` stands for, in Spark's SQL."""
        return to_dialect(expr, "spark")

    def to_pyarrow(self, expr: ibis.Expr) -> pa.Table:
        """Runs `expr`; safe to call from several threads.

        Raises:
            DataError: a file of the lake disappeared meanwhile.
        """
        table = expr.as_table()
        with _readable():
            found = self.session.sql(self.sql(table)).toArrow()
        return expr.__pyarrow_result__(_cast(found, table.schema().to_pyarrow()))

    def prepare(self, expr: ibis.Expr) -> Query:
        """`expr` compiled once, to be run many times; it reads tables of this engine only."""
        return Query.of(self.sql(expr), expr)

    def run(self, query: Query) -> pa.Table:
        """Runs what was prepared; safe to call from several threads.

        Raises:
            DataError: a file of the lake disappeared meanwhile.
        """
        with _readable():
            found = self.session.sql(query.text).toArrow()
        return _cast(found, query.schema.to_pyarrow())

    def batches(self, expr: ibis.Expr) -> Iterator[pa.RecordBatch]:
        """Runs `expr` and hands its rows over piece by piece, a partition at a time.

        Raises:
            DataError: a file of the lake disappeared meanwhile.
        """
        table = expr.as_table()
        wanted = table.schema().to_pyarrow()
        with _readable():
            with quiet():
                packed = self.session.sql(self.sql(table)).mapInArrow(_packed, "batch binary")
            for row in packed.toLocalIterator():
                for batch in pa.ipc.open_stream(row.batch):
                    yield from _cast(pa.Table.from_batches([batch]), wanted).to_batches()

    @property
    def slots(self) -> int:
        """How many tasks run at a time."""
        return int(self.session.sparkContext.defaultParallelism)

    def each(self, payloads: Sequence[bytes], work: Work) -> Iterator[bytes]:
        """Runs `work` on the executors, every payload a task of its own; what each one gives.

        `work` takes batches with one column of payloads and gives batches with a column `told`.

        Raises:
            DataError: a task failed however often it was tried.
        """
        if not payloads:
            return
        rows = self.session.sparkContext.parallelize([(p,) for p in payloads], len(payloads))
        tasks = self.session.createDataFrame(rows, "task binary")
        with quiet():
            told = tasks.mapInArrow(work, "told binary")
        try:
            for row in told.collect():
                yield bytes(row.told)
        except Exception as error:
            if not type(error).__module__.startswith(("pyspark.", "py4j.")):
                raise
            raise DataError(
                f"A task on Spark failed ({_cause(error)}). Nothing was published; "
                "look into the log of the executors, or run with --engine duckdb."
            ) from error

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


def _cause(error: Exception) -> str:
    """The last line of the Python error inside a Java one, else its first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return (told or lines or [type(error).__name__])[-1 if told else 0]


def _cast(found: pa.Table, wanted: pa.Schema) -> pa.Table:
    return found.rename_columns(wanted.names).cast(wanted)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(("pyspark.", "py4j.")):
            raise
        if any(sign in str(error) for sign in _MISSING):
            raise DataError(
                f"A file of the lake cannot be read ({str(error).splitlines()[0]}). "
                "Open the lake again; if it stays so, run `questline run --full`."
            ) from error
        raise DataError(
            f"Spark stopped ({_cause(error)}). Give it more memory or executors, or choose "
            "--engine duckdb."
        ) from error


def _none_hidden(files: Sequence[str]) -> None:
    """Refuses files that Spark would leave out without a word."""
    for path in files:
        name = path.rpartition("/")[2]
        if name.startswith(("_", ".")):
            raise DataError(
                f"{path}: Spark passes over files whose names begin with {name[0]!r}. "
                "Run `questline run --full`, which names them anew."
            )
