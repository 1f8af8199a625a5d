from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import pytest

import questline
from lakes import settings_for
from questline.api import Analytics
from questline.ingestion.mapping import NATIVE
from questline.pipeline import run
from questline.settings import Feature, SegmentSettings, Settings
from questline.simulation import SimulationConfig, simulate
from spark_world import MASTER, forget_logs, start_quickly

if TYPE_CHECKING:
    from questline.engines.spark import SparkEngine


class Both(NamedTuple):
    """One lake, opened by both engines."""

    duckdb: Analytics
    spark: Analytics


@pytest.fixture(scope="session")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small simulated game with a tenth of its lines spoiled, run through by DuckDB."""
    folder = tmp_path_factory.mktemp("dirty [lake] {x}")
    features = {
        "rewarded": Feature(event="ad_watched", where={"format": "rewarded"}),
        "shop": Feature(event="purchase", launched=date(2026, 1, 3)),
    }
    segments = {"winners": SegmentSettings(event="level_complete", at_least=5)}
    settings = settings_for(folder, features=features, segments=segments)
    world = SimulationConfig(
        days=9, users=150, dirt=0.1, seed=4, preset="hardcore", out=settings.raw
    )
    simulate(world)
    run(settings, NATIVE)
    return settings


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkEngine]:
    """Keeps Spark's one context open for all tests."""
    from questline.engines.spark import SparkEngine  # noqa: PLC0415 - PySpark may be missing

    start_quickly()
    engine = SparkEngine(1000, MASTER)
    application = engine.session.sparkContext.applicationId
    yield engine
    engine.close()
    forget_logs(application)


@pytest.fixture(scope="session")
def both(dirty: Settings, spark: SparkEngine) -> Iterator[Both]:
    """The dirty lake, opened by DuckDB and by Spark."""
    assert spark.slots == 2
    opened = questline.open(dirty.lake, dirty, engine="spark", master=MASTER)
    yield Both(questline.open(dirty.lake, dirty), opened)
    opened.engine.close()
