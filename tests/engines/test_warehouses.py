"""What is printed for ClickHouse and PostgreSQL runs there and equals the answer of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pytest

import crowded
import questline
from questline.api import Analytics
from questline.errors import UsageError
from questline.metrics import CATALOGUE
from questline.models.catalogue import MODELS, compiled
from questline.models.rules import Rules
from questline.settings import Declared
from test_agreement import FEATURES, FUNNELS, QUESTIONS, SEGMENTS
from warehouses import ClickHouse, Files, Warehouse, differences, parquet, postgres, program

STEPS = "session_start,level_start,level_complete,purchase"
MORE: list[tuple[str, dict[str, Any]]] = [
    ("dau", {"by": "experiment.gate"}),
    ("dau", {"where": ["platform!=ios"]}),
    ("dau", {"where": ["acquisition_date>2026-03-04"]}),
    ("dau", {"where": ["country="]}),
    ("dau", {"segment": "testers"}),
    ("dau", {"segment": "payers"}),
    ("dau", {"segment": "diggers"}),
    ("daily", {"segment": "payers"}),
    ("revenue", {"exclude": ["testers"]}),
    ("retention", {"where": {"country": "US"}}),
    ("event_trend", {"event": "purchase[price>2]", "per": "day"}),
    ("event_trend", {"event": "level_start", "by": "event.level"}),
    ("event_trend", {"event": "ad_watched", "by": "event.placement"}),
    ("event_trend", {"event": "session_end", "property": "duration"}),
    ("event_trend", {"event": "dig", "property": "depth"}),
    ("event_trend", {"event": "dig", "by": "event.tool"}),
    ("event_trend", {"event": "dig", "by": "event.depth"}),
    ("event_trend", {"event": "dig[tool=7]"}),
    ("event_trend", {"event": "dig[tool=]"}),
    ("event_trend", {"event": "dig[tool!=spade]"}),
    ("event_trend", {"event": "dig[depth>1]"}),
    ("feature_adoption", {"feature": "spade"}),
    ("funnel", {"steps": STEPS, "window": "3d", "by": "country"}),
    ("funnel", {"steps": STEPS, "window": "3d", "order": "strict"}),
    ("funnel", {"steps": STEPS, "window": "3d", "order": "strict", "reentry": True}),
    ("funnel", {"steps": STEPS, "window": "3d", "order": "any"}),
    ("funnel", {"steps": STEPS, "window": "30m", "order": "any"}),
    ("funnel", {"steps": STEPS, "window": "3d", "entry": "first"}),
    ("funnel", {"steps": STEPS, "window": "3d", "without": "level_fail"}),
    ("funnel", {"steps": STEPS, "window": "3d", "count": "entries"}),
    ("funnel", {"steps": STEPS, "window": "3d", "strict_increase": True}),
    ("funnel", {"steps": STEPS, "window": "3d", "strict_deduplication": True}),
    ("funnel", {"steps": STEPS, "window": "3d", "reuse": True}),
    ("funnel", {"steps": STEPS, "window": "3d", "step_window": "1h"}),
    ("funnel", {"steps": STEPS, "window": "3d", "step_gap": "10s"}),
    ("funnel", {"steps": "level_start[level=1],level_fail?,dig[depth>1]", "window": "2d"}),
    ("funnel", {"steps": "level_start,level_complete", "hold": "level"}),
    ("funnel", {"steps": "dig,dig", "hold": "tool"}),
    ("funnel", {"steps": "level_start,dig", "by": "event.mode", "attribution": "first_touch"}),
    ("funnel", {"steps": "level_start,dig", "by": "event.mode", "attribution": "last_touch"}),
    ("funnel_times", {"steps": "level_start,dig", "window": "1h", "edges": "60s,5m"}),
]


OFTEN = {"retention", "session_length", "funnel", "daily", "first_seen", "level_attempts"}
"""What every run of the tests asks; the rest takes minutes."""


def _often(name: str) -> Any:
    return pytest.param(name, marks=[] if name in OFTEN else pytest.mark.slow)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crowded.build(tmp_path_factory.mktemp("crowded")).lake


@pytest.fixture(scope="module")
def analytics(lake: Path) -> Analytics:
    declared = Declared.model_validate(
        {
            "features": {**FEATURES, **crowded.FEATURES},
            "segments": {**SEGMENTS, **crowded.SEGMENTS},
            "funnels": FUNNELS,
        }
    )
    return replace(questline.open(lake, crowded.settings(lake.parent)), declared=declared)


@pytest.fixture(scope="module")
def files(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return parquet(lake, tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module", params=["clickhouse", "postgres"])
def loaded(request: pytest.FixtureRequest, files: Files) -> Iterator[tuple[str, Warehouse]]:
    """Each engine's dialect, and the engine with the tables."""
    if request.param == "clickhouse":
        if find_spec("chdb") is None:
            pytest.skip("chdb is not installed: pip install -e '.[bench]'")
        yield "clickhouse", ClickHouse(files)
        return
    missing = [name for name in ("initdb", "pg_ctl", "psql") if not program(name)]
    if missing:
        pytest.skip(f"PostgreSQL is not installed: no {', '.join(missing)}")
    with postgres(files) as server:
        yield "postgres", server


def answered(
    warehouse: tuple[str, Warehouse], analytics: Analytics, name: str, **question: Any
) -> list[str]:
    """What the engine's answer differs in; nothing where the dialect cannot express it."""
    dialect, server = warehouse
    expected = analytics.result(name, **question).table
    try:
        text = analytics.sql(name, dialect, **question)
    except UsageError as error:
        return [] if f"{dialect} cannot express" in str(error) else [str(error)]
    return differences(server.rows(text), expected)


@pytest.mark.parametrize("name", [*map(_often, CATALOGUE)])
def test_metric_equals_in_the_engine(
    loaded: tuple[str, Warehouse], analytics: Analytics, name: str
) -> None:
    example = {**CATALOGUE[name].example}
    if "feature" in CATALOGUE[name].example or name == "feature_adoption":
        example["feature"] = "easy"
    assert answered(loaded, analytics, name, **example) == []


@pytest.mark.parametrize("name", [*map(_often, MODELS)])
def test_model_equals_in_the_engine(loaded: tuple[str, Warehouse], files: Files, name: str) -> None:
    dialect, server = loaded
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for table, file in files.items():
            con.execute(f"CREATE VIEW {table} AS FROM '{file}'")
        expected = con.execute(compiled(name, Rules())).to_arrow_table()
    found = server.rows(compiled(name, Rules(), dialect))
    assert differences(found, expected, ordered=False) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_question_equals_in_the_engine(
    loaded: tuple[str, Warehouse], analytics: Analytics, number: int
) -> None:
    name, question = QUESTIONS[number]
    days = {"start": analytics.facts.complete_from, "end": analytics.facts.complete_until}
    asked = dict(question)
    for side, day in days.items():
        if side in question and day:
            asked[side] = day + timedelta(days=question[side])
    assert answered(loaded, analytics, name, **asked) == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "question"), MORE)
def test_option_equals_in_the_engine(
    loaded: tuple[str, Warehouse], analytics: Analytics, name: str, question: dict[str, Any]
) -> None:
    assert answered(loaded, analytics, name, **question) == []


def test_slow_questions_find_rows(analytics: Analytics) -> None:
    """The lake holds what the questions ask for; two empty answers agree about nothing."""
    empty = [f"{n} {q}" for n, q in MORE if not analytics.result(n, **q).rows()]
    assert empty == []
