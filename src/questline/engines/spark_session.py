"""Spark as Questline needs it: one context a process, UTC, Parquet as the lake has it."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from questline.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DEFAULT_MASTER = "local[*]"
INSTALL = "pip install 'questline[spark]'"
SHUFFLE_PARTITIONS = 4
"""On one machine; Spark's own 200 make small tables slow. A cluster keeps its setting."""

_MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}
"""Settings of a session without which results or files would differ."""


def open_session(master: str, memory_limit_mb: int) -> SparkSession:
    """A session of its own on the process's context, which is started where there is none.

    Raises:
        UsageError: PySpark or Java is missing, Spark does not start on `master`, or it runs on
            another one.
    """
    sql = _pyspark()
    # Asking in public would start one.
    running = sql.SparkSession._instantiatedSession
    if running is not None:
        used = running.sparkContext.master
        if used != master:
            raise UsageError(
                f"master == {master!r}, but Spark runs on {used!r} in this process already. "
                "Close that engine first, or ask for the same master."
            )
    else:
        running = _start(sql, master, memory_limit_mb)
    session = running.newSession()
    for name, value in _MEANING.items():
        session.conf.set(name, value)
    if _here(master):
        session.conf.set("spark.sql.shuffle.partitions", str(SHUFFLE_PARTITIONS))
    return session


@contextmanager
def quiet() -> Iterator[None]:
    """Without PySpark's warnings of pandas 3, through which nothing of Questline passes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        yield


def _pyspark() -> Any:  # noqa: ANN401 - a module that may be missing
    try:
        import_module("pandas")
        return import_module("pyspark.sql")
    except ImportError as error:
        raise UsageError(f"{error.name} is not installed. Run `{INSTALL}`.") from error


def _start(sql: Any, master: str, memory_limit_mb: int) -> SparkSession:  # noqa: ANN401 - the same
    home = os.environ.get("JAVA_HOME")
    if not (home and (Path(home) / "bin" / "java").exists()) and shutil.which("java") is None:
        raise UsageError(
            "Spark needs Java 17 or newer, and there is none. "
            "Run `python -m questline.engines.setup_spark`, or set JAVA_HOME."
        )
    log = Path(__file__).with_name("log4j2.properties").as_uri()
    settings = {
        "spark.app.name": "questline",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={log}",
    }
    if _here(master):
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": f"{max(memory_limit_mb, 1024)}m",
        }
        # PySpark asks the environment alone for the Python of its workers.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = sql.SparkSession.builder.master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with quiet():
            session: SparkSession = builder.getOrCreate()
    except Exception as error:
        raise UsageError(
            f"Spark does not start on {master!r} ({_first_line(error)}). Check --master and "
            "`java -version` (17 or newer)."
        ) from error
    return session


def _here(master: str) -> bool:
    """Whether everything runs on this machine."""
    return master.startswith("local")


def _first_line(error: Exception) -> str:
    java = getattr(error, "java_exception", None)
    told = str(java.getMessage() if java is not None else error)
    return next((line for line in told.splitlines() if line.strip()), type(error).__name__)
