"""Which engine answers: chosen by name, Spark imported only when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from questline.engines.base import Engine
from questline.engines.duckdb import DuckDBEngine
from questline.errors import UsageError

if TYPE_CHECKING:
    from questline.engines.spark import SparkEngine

ENGINES = ("duckdb", "spark")


def open_engine(
    name: str, memory_limit_mb: int, threads: int | None = None, master: str | None = None
) -> Engine:
    """The engine of that name; `master` says where Spark runs, all cores here if not given.

    Raises:
        UsageError: there is no such engine, what it needs is missing, or `master` is given to
            DuckDB.
    """
    check_engine(name, master)
    if name == "duckdb":
        return DuckDBEngine(memory_limit_mb, threads)
    return spark_engine(memory_limit_mb, master)


def spark_engine(memory_limit_mb: int, master: str | None = None) -> SparkEngine:
    """Spark; on all cores here unless `master` says where.

    Raises:
        UsageError: PySpark or Java is missing, or Spark does not start.
    """
    from questline.engines.spark import SparkEngine  # noqa: PLC0415 - an extra, and slow

    return SparkEngine(memory_limit_mb, master) if master else SparkEngine(memory_limit_mb)


def check_engine(name: str, master: str | None) -> None:
    """Whether engine and master go together.

    Raises:
        UsageError: they do not.
    """
    if name not in ENGINES:
        raise UsageError(f"engine == {name!r}, must be {' or '.join(ENGINES)}.")
    if master is not None and name != "spark":
        raise UsageError(f"master == {master!r}, but only Spark has one. Add --engine spark.")
