from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from questline.engines.choice import open_engine
from questline.engines.duckdb import DuckDBEngine
from questline.errors import UsageError


def test_duckdb_is_an_engine() -> None:
    assert isinstance(open_engine("duckdb", 1000, 1), DuckDBEngine)


def test_unknown_engine_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="engine == 'flink', must be duckdb or spark"):
        open_engine("flink", 1000)


def test_master_without_spark_is_refused() -> None:
    with pytest.raises(UsageError, match=r"only Spark has one\. Add --engine spark"):
        open_engine("duckdb", 1000, master="local[2]")


@pytest.mark.parametrize("name", ["pyspark.sql", "pandas"])
def test_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"Run `pip install 'questline\[spark\]'`"):
        open_engine("spark", 1000, master="local[1]")


def test_missing_java_names_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sql = pytest.importorskip("pyspark.sql")
    monkeypatch.setattr(sql.SparkSession, "_instantiatedSession", None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("java") is None
    with pytest.raises(UsageError, match=r"python -m questline\.engines\.setup_spark"):
        open_engine("spark", 1000, master="local[1]")
