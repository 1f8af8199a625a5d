"""`run --engine spark` gives the lake that DuckDB gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings

from lakes import rows_of, settings_for, snapshot
from questline.ingestion.mapping import NATIVE
from questline.pipeline import run
from questline.settings import Settings
from spark_world import MASTER, needs_spark
from worlds import RandomWorld, worlds

if TYPE_CHECKING:
    from questline.engines.spark import SparkEngine

pytestmark = needs_spark

COUNTS = ("file", "kind", "lines_in", "accepted", "duplicates", "rejected", "rejected_by_reason")


def ledger(lake: Path) -> list[list[Any]]:
    rows = rows_of(lake, "ledger", comparable=False)
    return sorted([row[c] for c in COUNTS] for row in rows)


def copied(first: Settings, folder: Path, names: str = "*") -> Settings:
    """Settings of a lake of its own over raw files that are the same."""
    made = first.model_copy(update={"raw": folder / "raw", "lake": folder / "lake"})
    made.raw.mkdir(parents=True, exist_ok=True)
    for path in first.raw.glob(names):
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


def test_engines_take_turns_on_one_lake(
    spark: SparkEngine, dirty: Settings, tmp_path: Path
) -> None:
    assert spark
    own = copied(dirty, tmp_path, "events-2026-01-0[1-3]*")
    run(own, NATIVE)
    copied(dirty, tmp_path, "*-2026-01-0[4-6]*")
    assert run(own, NATIVE, engine="spark", master=MASTER).unchanged
    copied(dirty, tmp_path)
    run(own, NATIVE)
    assert snapshot(own.lake) == snapshot(dirty.lake)


def test_random_worlds_give_equal_tables_in_another_zone(
    spark: SparkEngine, tmp_path: Path
) -> None:
    """Summer time begins, sessions are cut, events lack a session, all worlds quarrel."""
    assert spark
    lakes = []
    for engine in ("duckdb", "spark"):
        made = settings_for(
            tmp_path / engine,
            reporting_zone="Europe/Berlin",
            max_session_days=1,
            session_timeout_minutes=1440,
        )
        made.raw.mkdir(parents=True)
        for number, world in enumerate(random_worlds()):
            (made.raw / f"events-{number}.jsonl").write_bytes(b"\n".join(world.lines) + b"\n")
            players = "".join(json.dumps(row) + "\n" for row in world.players)
            (made.raw / f"players-{number}.jsonl").write_text(players)
        as_of = datetime(2026, 4, 10, tzinfo=UTC)
        chosen = MASTER if engine == "spark" else None
        run(made, NATIVE, as_of=as_of, engine=engine, master=chosen)
        lakes.append(made.lake)
    tables = snapshot(lakes[0])
    assert any(row["session_id"] is None for row in tables["events"])
    assert {row["closed_by"] for row in tables["sessions"]} == {"explicit", "timeout", "cap"}
    assert snapshot(lakes[1]) == tables
    assert ledger(lakes[1]) == ledger(lakes[0])


def random_worlds() -> list[RandomWorld]:
    """The same few worlds each time."""
    drawn: list[RandomWorld] = []

    @settings(
        max_examples=30,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds())
    def draw(world: RandomWorld) -> None:
        drawn.append(world)

    draw()
    return drawn
