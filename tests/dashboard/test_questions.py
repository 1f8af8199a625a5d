"""How the server opens a lake: it keeps parts of answers; its memory follows the lake's size."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import streamlit as st

from questline.dashboard.questions import MEMORY_MB, memory_mb, open_lake
from questline.lake.facts import LakeFacts
from questline.lake.publication import Pointer
from questline.settings import Settings


@pytest.mark.parametrize(
    ("megabytes", "limit", "expected"),
    [(0, 2000, MEMORY_MB), (3000, 2000, 900), (30_000, 2000, 2000), (3000, 500, 500)],
)
def test_memory_follows_the_lake_within_the_settings(
    tmp_path: Path, megabytes: int, limit: int, expected: int
) -> None:
    file = tmp_path / "large.parquet"
    file.touch()
    os.truncate(file, megabytes * 1_000_000)
    files = {"events": [str(file)], "daily": [str(tmp_path / "gone.parquet")]}
    pointer = Pointer(LakeFacts(1, None, None), {}, files, "run", "now", {})
    assert memory_mb(pointer, Settings(memory_limit_mb=limit)) == expected


def test_the_server_keeps_parts(simulated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUESTLINE_LAKE", str(simulated))
    st.cache_resource.clear()  # a lake that no other test has asked
    lake = open_lake()
    assert lake is not None
    analytics = lake.analytics
    assert analytics.keeps
    assert lake.ask("event_trend", event="level_start").rows()[0]["events"] > 0
    made = "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'part_%'"
    assert analytics.engine.connection.execute(made).fetchone() == (1,)  # type: ignore[attr-defined]
