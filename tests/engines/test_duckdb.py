from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pytest

from questline.engines import duckdb as module
from questline.engines.base import schema
from questline.engines.duckdb import DuckDBEngine
from questline.errors import DataError
from questline.lake.schemas import TS, Column, TableSpec

DAYS = TableSpec(
    "visits",
    "one visit",
    "event_date",
    (
        Column("player_id", "VARCHAR", ""),
        Column("event_date", "DATE", ""),
        Column("event_ts", TS, ""),
    ),
)
REASONS = TableSpec(
    "refused", "one row", "reason", (Column("reason", "VARCHAR", ""), Column("n", "BIGINT", ""))
)


def write(folder: Path, partition: str, select: str) -> str:
    """One file of a partition, without the partition's column inside."""
    path = folder / partition / "x.parquet"
    path.parent.mkdir(parents=True)
    target = str(path).replace("'", "''")
    duckdb.execute(f"SET TimeZone = 'UTC'; COPY ({select}) TO '{target}' (FORMAT parquet)")
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    folder = tmp_path / "it's a lake" / "visits"
    select = "SELECT 'a' AS player_id, TIMESTAMPTZ '2026-01-0{} 12:00:00+00' AS event_ts"
    return [
        write(folder, "event_date=2026-01-01", select.format(1)),
        write(folder, "event_date=2026-01-02", select.format(2)),
        write(folder, "event_date=__HIVE_DEFAULT_PARTITION__", select.format(3)),
    ]


def test_table_reads_the_partition_from_the_path(files: list[str]) -> None:
    engine = DuckDBEngine()
    table = engine.table(files, DAYS)
    assert table.schema() == schema(DAYS)
    found = engine.to_pyarrow(table.order_by("event_ts")).to_pylist()
    assert [r["event_date"] for r in found] == [date(2026, 1, 1), date(2026, 1, 2), None]
    assert found[0]["event_ts"] == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_table_uses_exactly_the_files(files: list[str]) -> None:
    engine = DuckDBEngine()
    assert engine.to_pyarrow(engine.table(files[:1], DAYS)).num_rows == 1


def test_table_of_no_file_is_empty_with_the_same_columns() -> None:
    engine = DuckDBEngine()
    table = engine.table([], DAYS)
    assert table.schema() == schema(DAYS)
    assert engine.to_pyarrow(table).num_rows == 0


def test_table_partition_that_looks_like_a_number_stays_text(tmp_path: Path) -> None:
    engine = DuckDBEngine()
    files = [write(tmp_path, "reason=007", "SELECT 1::BIGINT AS n")]
    assert engine.to_pyarrow(engine.table(files, REASONS)).to_pylist() == [
        {"reason": "007", "n": 1}
    ]


def test_table_missing_file_is_a_data_error(files: list[str]) -> None:
    engine = DuckDBEngine()
    table = engine.table(files, DAYS)
    Path(files[0]).unlink()
    with pytest.raises(DataError, match="Open the lake again"):
        engine.to_pyarrow(table)
    with pytest.raises(DataError, match="Open the lake again"):
        list(engine.batches(table))


def test_session_time_zone_is_utc_everywhere(files: list[str]) -> None:
    engine = DuckDBEngine()
    table = engine.table(files, DAYS)
    hours = table.select(hour=table.event_ts.hour())
    assert set(engine.to_pyarrow(hours)["hour"].to_pylist()) == {12}
    zone = engine.connection.cursor().execute("SELECT current_setting('TimeZone')").fetchone()
    assert zone == ("UTC",)


def test_several_threads_may_ask_one_engine(files: list[str]) -> None:
    engine = DuckDBEngine()
    table = engine.table(files, DAYS)
    counts: list[int] = []

    def ask() -> None:
        for _ in range(5):
            counts.append(engine.to_pyarrow(table.count().as_table())[0][0].as_py())  # noqa: PERF401

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert counts == [3] * 20


def test_batches_hand_over_all_rows() -> None:
    engine = DuckDBEngine()
    numbers = ibis.range(0, 120_000).unnest().name("n").as_table()
    sizes = [batch.num_rows for batch in engine.batches(numbers)]
    assert sum(sizes) == 120_000
    assert len(sizes) > 1


def test_sql_is_what_runs(files: list[str]) -> None:
    engine = DuckDBEngine()
    table = engine.table(files, DAYS)
    assert "COUNT" in engine.sql(table.count())


def test_close_ends_the_engine(files: list[str]) -> None:
    engine = DuckDBEngine(threads=1)
    engine.close()
    with pytest.raises(duckdb.ConnectionException):
        engine.table(files, DAYS)


def test_texts_have_numbers_unless_two_have_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = DuckDBEngine()
    names = ibis.memtable(pa.table({"name": ["a", "bb", "ccc"]}))
    number = engine.numbers(names.name)
    assert number is not None
    found = engine.to_pyarrow(names.select(number=number(names.name)))["number"].to_pylist()
    assert len(set(found)) == 3
    monkeypatch.setattr(module, "_hash", length)
    assert engine.numbers(names.name) is length
    assert engine.numbers(ibis.memtable(pa.table({"name": ["a", "bb", "cc"]})).name) is None


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def length(text: dt.string) -> dt.int64:
    """A hash that is the same for many texts."""
