"""Spark answers as DuckDB does: the same rows, types and order, from the same published files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

import questline
from questline.cli.launch import launch
from questline.cli.questions import register
from questline.errors import DataError, UsageError
from questline.lake.schemas import TABLES
from questline.metrics import CATALOGUE
from questline.settings import Settings
from spark_world import MASTER, needs_spark

if TYPE_CHECKING:
    from engines.conftest import Both
    from questline.engines.spark import SparkEngine

pytestmark = needs_spark

RETENTION: list[dict[str, Any]] = [
    *({"days": "1,3", "returned": r} for r in ("on_day", "within", "every_day")),
    {"days": "0,2", "returned": "on_or_after", "follow_up": 4},
    {"days": "1-2,3-5", "by": "platform"},
    {"days": "1,2,4", "balanced": True, "by": "country"},
    *({"days": "1-3", "cohorts": c, "by": "channel"} for c in ("day", "week", "month")),
    {"days": "1,2", "cohorts": True, "returned": "on_or_after", "follow_up": 2},
    {"days": "1,400", "where": "platform=ios"},
    {"days": "1", "where": ["platform=ios", "platform=android"], "by": "first_version"},
    {"days": "1,2", "start": "2026-01-03", "end": "2026-01-04"},
    {"days": "2", "start": "2026-01-08", "end": "2026-02-01", "cohorts": True},
    {"days": "1,2", "segment": "winners", "by": "acquisition_date"},
    *({"days": "0-1,2", "clock": "24h", "by": b} for b in (None, "platform")),
    {"days": "1,2", "start_event": "level_complete[level>=3]", "entries": "any"},
    {"days": "1,2", "start_event": "session_start", "return_event": "level_fail", "at_least": 2},
    {"days": "1-3", "return_event": "ad_watched", "property": "amount_usd"},
    {"days": "1,2", "start_event": "ad_watched[revenue>0]", "property": "revenue"},
]
_LEVEL, _AGAIN = "session_start,level_start,level_complete", "level_start,level_start,level_fail"
FUNNEL: list[dict[str, Any]] = [
    *({"steps": _LEVEL, "window": w} for w in ("90s", "12h", "7d")),
    {"steps": _AGAIN, "window": "30m"},
    {"steps": "session_start,purchase,refund", "window": "7d"},
    {"steps": _LEVEL, "window": "2h", "by": "platform", "order": "strict"},
    {"steps": _LEVEL, "window": "2h", "where": "platform=ios", "order": "any"},
    {"steps": _AGAIN, "window": "1d", "start": "2026-01-02", "end": "2026-01-05"},
    {"steps": "ad_watched,ad_watched", "window": "3d", "by": "country", "count": "entries"},
    {"steps": "level_start,level_complete[level>=2]", "hold": "level", "window": "1h"},
    {"steps": "level_start,level_complete", "without": "level_fail", "entry": "first"},
    {"steps": _AGAIN, "step_window": "10m", "step_gap": "1s", "reuse": True},
    {"steps": _LEVEL, "strict_increase": True, "segment": "winners"},
    {"steps": "level_start,level_complete", "by": "event.level", "window": "1h"},
    {"steps": "level_start[odd=],level_complete[odd!=1]", "window": "1h"},
    {"steps": "currency_change[reason!=level_reward],ad_watched[revenue>=0.001]"},
    {"steps": "currency_change,ad_watched", "by": "event.reason"},
]
CASES = [("retention", o) for o in RETENTION] + [("funnel", o) for o in FUNNEL]


def assert_equal(both: Both, name: str, **options: Any) -> None:
    expected = both.duckdb.result(name, **options)
    found = both.spark.result(name, **options)
    assert found.table.schema == expected.table.schema
    rows = list(zip(found.rows(), expected.rows(), strict=True))
    assert [f for f, e in rows if not same(f, e)] == [e for f, e in rows if not same(f, e)]


def same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    return all(
        math.isclose(found[n], value, rel_tol=1e-9)
        if isinstance(value, float) and isinstance(found[n], float)
        else found[n] == value
        for n, value in expected.items()
    )


@pytest.mark.parametrize("name", CATALOGUE)
def test_metric_with_defaults_is_equal(both: Both, name: str) -> None:
    assert_equal(both, name, **CATALOGUE[name].example)


@pytest.mark.parametrize("name", CATALOGUE)
def test_metric_of_nobody_is_equal(both: Both, name: str) -> None:
    assert_equal(both, name, where="platform=none", **CATALOGUE[name].example)


@pytest.mark.parametrize(("name", "options"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_metric_with_options_is_equal(both: Both, name: str, options: dict[str, Any]) -> None:
    assert_equal(both, name, **options)


def test_cases_are_thirty() -> None:
    assert len(CASES) >= 30


@pytest.mark.parametrize("name", TABLES)
def test_table_is_equal(both: Both, name: str) -> None:
    key = [c.name for c in TABLES[name].columns if not c.type.startswith(("STRUCT", "DATE["))]
    expected = both.duckdb.read(both.duckdb.table(name).order_by(key))
    assert both.spark.read(both.spark.table(name).order_by(key)) == expected


def test_no_file_gives_an_empty_table_with_the_same_columns(spark: SparkEngine) -> None:
    for spec in TABLES.values():
        found = spark.to_pyarrow(spark.table([], spec))
        assert found.num_rows == 0
        assert found.schema.names == list(spec.names)


def test_batches_hand_over_all_rows_in_order(both: Both) -> None:
    events = both.spark.tables.events.select("event_id", "event_ts").order_by("event_ts")
    batches = list(both.spark.engine.batches(events))
    assert (
        sum(b.num_rows for b in batches)
        == both.duckdb.read(events.count().as_table())[0][0].as_py()
    )
    times = [t for b in batches for t in b.column("event_ts").to_pylist()]
    assert times == sorted(times)


def test_missing_file_is_a_data_error(spark: SparkEngine, dirty: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "event_date=2026-01-01" / "x.parquet"
    copy.parent.mkdir()
    files = sorted((dirty.lake / "player_days").rglob("*.parquet"))
    copy.write_bytes(files[0].read_bytes())
    table = spark.table([str(copy)], TABLES["player_days"])
    copy.unlink()
    with pytest.raises(DataError, match="Open the lake again"):
        spark.to_pyarrow(table)


def test_file_that_spark_would_pass_over_is_refused(spark: SparkEngine) -> None:
    for name in ("_x.parquet", ".x.parquet"):
        with pytest.raises(DataError, match="Spark passes over files"):
            spark.table([f"/lake/player_days/event_date=2026-01-01/{name}"], TABLES["player_days"])


def test_another_master_in_the_same_process_is_refused(both: Both, dirty: Settings) -> None:
    assert both.spark
    with pytest.raises(UsageError, match=r"Spark runs on 'local-cluster\[2,1,1024\]'"):
        questline.open(dirty.lake, dirty, engine="spark", master="local[2]")


def test_command_line_answers_on_spark(
    both: Both, dirty: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer(pretty_exceptions_enable=False)
    register(app)
    asked = ["metric", "dau", "--lake", str(dirty.lake), "--format", "csv"]
    assert launch(app, [*asked, "--engine", "spark", "--master", MASTER], "questline") == 0
    found = capfd.readouterr().out
    assert launch(app, asked, "questline") == 0
    assert found == capfd.readouterr().out
    assert found.count("\n") == both.duckdb.result("dau").table.num_rows + 1
