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
from questline.models.catalogue import MODELS
from warehouses import differences

ZONES = [pytest.param("America/New_York"), pytest.param("Asia/Kolkata", marks=pytest.mark.slow)]
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


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return {**compiled.model_files(), **compiled.metric_files()}


@pytest.fixture(params=ZONES)
def plain(request: pytest.FixtureRequest, lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Somebody's DuckDB, which has read the lake's views."""
    with duckdb.connect() as con:
        con.execute(f"SET TimeZone = '{request.param}'")
        con.execute((lake / VIEWS_FILE).read_text(encoding="utf-8"))
        yield con


@pytest.mark.parametrize("name", CATALOGUE)
def test_file_of_a_metric_equals_the_interface(
    name: str, files: dict[str, str], plain: duckdb.DuckDBPyConnection, analytics: Analytics
) -> None:
    example: dict[str, Any] = dict(CATALOGUE[name].example)
    expected = analytics.result(name, **example).table
    found = plain.execute(files[f"metrics/{name}.sql"]).to_arrow_table()
    assert differences(found.cast(expected.schema).to_pylist(), expected) == []


@pytest.mark.parametrize("name", MODELS)
def test_file_of_a_model_runs_after_the_views(
    name: str, files: dict[str, str], plain: duckdb.DuckDBPyConnection, lake: Path
) -> None:
    text = files[f"models/{name}.sql"]
    found = plain.execute(text).to_arrow_table()
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute((lake / VIEWS_FILE).read_text(encoding="utf-8"))
        expected = con.execute(f"FROM {name}" if name in PUBLISHED else text).to_arrow_table()
    shown = found.select(expected.column_names).cast(expected.schema)
    assert differences(shown.to_pylist(), expected, ordered=False) == []
