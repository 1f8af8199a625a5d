"""The files of sql/ in a DuckDB of one's own, after the lake's views, in a zone that is not UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

import crowded
import questline
from questline.api import Analytics
from questline.lake.publication import VIEWS_FILE
from questline.metrics import CATALOGUE, compiled
from warehouses import differences

MODEL_FILES, METRIC_FILES = compiled.model_files(), compiled.metric_files()
START = datetime(2026, 1, 3, tzinfo=UTC)  # in the days that the files are examples of
PUBLISHED = {"first_seen", "players", "purchases", "player_days", "daily"}
"""Models whose file gives the lake's table itself; sessions and attempts come in two parts."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crowded.build(tmp_path_factory.mktemp("crowded"), start=START, zone="UTC").lake


@pytest.fixture(scope="module")
def analytics(lake: Path) -> Analytics:
    opened = questline.open(lake, crowded.settings(lake.parent))
    return replace(opened, facts=compiled.EXAMPLE_FACTS, declared=compiled.EXAMPLE_DECLARED)


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata"])
def plain(request: pytest.FixtureRequest, lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Somebody's DuckDB, which has read the lake's views."""
    with duckdb.connect() as con:
        con.execute(f"SET TimeZone = '{request.param}'")
        con.execute((lake / VIEWS_FILE).read_text(encoding="utf-8"))
        yield con


@pytest.mark.parametrize("name", METRIC_FILES)
def test_file_of_a_metric_equals_the_interface(
    name: str, plain: duckdb.DuckDBPyConnection, analytics: Analytics
) -> None:
    metric = CATALOGUE[Path(name).stem]
    example: dict[str, Any] = dict(metric.example)
    expected = analytics.result(metric.name, **example).table
    found = plain.execute(METRIC_FILES[name]).to_arrow_table()
    assert differences(found.cast(expected.schema).to_pylist(), expected) == []


@pytest.mark.parametrize("name", MODEL_FILES)
def test_file_of_a_model_runs_after_the_views(
    name: str, plain: duckdb.DuckDBPyConnection, lake: Path
) -> None:
    found = plain.execute(MODEL_FILES[name]).to_arrow_table()
    model = Path(name).stem
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute((lake / VIEWS_FILE).read_text(encoding="utf-8"))
        published = model in PUBLISHED
        expected = con.execute(f"FROM {model}" if published else MODEL_FILES[name]).to_arrow_table()
    shown = found.select(expected.column_names).cast(expected.schema)
    assert differences(shown.to_pylist(), expected, ordered=False) == []
