"""`run --engine spark` gives the lake that DuckDB gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakes import rows_of, snapshot
from questline.ingestion.mapping import NATIVE
from questline.pipeline import run
from questline.settings import Settings
from spark_world import MASTER, needs_spark

if TYPE_CHECKING:
    from questline.engines.spark import SparkEngine

pytestmark = needs_spark

COUNTS = ("file", "kind", "lines_in", "accepted", "duplicates", "rejected", "rejected_by_reason")


def ledger(lake: Path) -> list[list[Any]]:
    rows = rows_of(lake, "ledger", comparable=False)
    return sorted([row[c] for c in COUNTS] for row in rows)


def copied(settings: Settings, folder: Path, names: str = "*") -> Settings:
    """Settings of a lake of its own over raw files that are the same."""
    made = settings.model_copy(update={"raw": folder / "raw", "lake": folder / "lake"})
    made.raw.mkdir(parents=True, exist_ok=True)
    for path in settings.raw.glob(names):
        (made.raw / path.name).write_bytes(path.read_bytes())
    return made


def test_run_gives_equal_tables_dirt_included(
    spark: SparkEngine, dirty: Settings, tmp_path: Path
) -> None:
    assert spark
    own = copied(dirty, tmp_path)
    summary = run(own, NATIVE, engine="spark", master=MASTER)
    assert summary.rejected
    assert summary.duplicates
    assert summary.lines_in == summary.accepted + summary.duplicates + sum(
        summary.rejected.values()
    )
    assert snapshot(own.lake) == snapshot(dirty.lake)
    assert ledger(own.lake) == ledger(dirty.lake)
