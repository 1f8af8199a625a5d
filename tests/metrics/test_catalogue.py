"""One suite over every metric: its entry, its columns, its SQL and its answer to nothing."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from literal import day, facts, lake, played, player, rows
from questline.api import Analytics
from questline.engines.dialects import to_dialect
from questline.errors import UsageError
from questline.lake.facts import LakeFacts
from questline.metrics import CATALOGUE, Attribute, Entry, Scope, Tables, compiled, document, entry
from questline.metrics.catalogue import Kind

ROOT = Path(__file__).parents[2]
ENTRIES = [pytest.param(e, id=e.name) for e in CATALOGUE.values()]
TIMELINES = {"dau", "new_players", "returning_players", "wau", "mau", "stickiness", "daily"}


@pytest.fixture(scope="module")
def small() -> Analytics:
    people = [player("a", 1, platform="ios"), player("b", 2)]
    days = [played(p, n) for p in "ab" for n in (2, 3)]
    return lake(
        compiled.EXAMPLE_FACTS, declared=compiled.EXAMPLE_DECLARED, players=people, player_days=days
    )


@pytest.fixture(scope="module")
def empty() -> Analytics:
    return lake(LakeFacts(0, None, None), declared=compiled.EXAMPLE_DECLARED)


def example(metric: Entry) -> dict[str, Any]:
    """Options that the metric needs."""
    return dict(metric.example)


@pytest.mark.parametrize("metric", ENTRIES)
def test_metric_entry_is_whole(metric: Entry) -> None:
    assert metric.summary.endswith(".")
    assert len(metric.summary) <= 100
    for text in (metric.title, metric.formula, metric.grain, metric.unit, metric.maturity):
        assert text
    assert metric.value in {o.name for o in metric.outputs}
    assert set(metric.inputs) <= set(Tables.names())
    assert set(metric.defaults) | set(metric.example) == {o.name for o in metric.options}
    assert any(o.name == "event_date" for o in metric.outputs) or metric.name not in TIMELINES


@pytest.mark.parametrize("by", [None, "platform", "experiment.gate"])
@pytest.mark.parametrize("metric", ENTRIES)
def test_metric_columns_are_declared(metric: Entry, by: str | None, small: Analytics) -> None:
    expr = small.metric(metric.name, by=by, **example(metric))
    declared = {o.name for o in metric.outputs}
    split = {Attribute(by).column} if by else set()
    assert set(expr.columns) - declared == split
    assert metric.value in expr.columns
    assert small.read(expr).column_names == list(expr.columns)


@pytest.mark.parametrize("metric", ENTRIES)
def test_metric_reads_only_its_inputs(metric: Entry, small: Analytics) -> None:
    sql = small.sql(metric.name)
    used = {name for name in Tables.names() if re.search(f'(FROM|JOIN) "{name}"', sql)}
    assert used <= set(metric.inputs)


@pytest.mark.parametrize("metric", ENTRIES)
def test_metric_of_an_empty_lake_divides_by_nothing(metric: Entry, empty: Analytics) -> None:
    result = empty.result(metric.name, **example(metric))
    shares = {o.name for o in metric.outputs if o.kind in {Kind.SHARE, Kind.USD_EACH, Kind.NUMBER}}
    for row in result.rows():
        assert [row[name] for name in shares & set(row)] == [None] * len(shares & set(row))
    assert result.start is None
    assert result.notes == ("The lake holds no active event yet.",)


def test_a_log_without_a_complete_day_says_how_to_see_it() -> None:
    begun = lake(LakeFacts(1, date(2026, 1, 5), None))
    assert begun.result("dau").notes == (
        "No day is complete yet; --from and --to with a day since 2026-01-05 show unfinished ones.",
    )


@pytest.mark.parametrize(
    "metric", [pytest.param(e, id=e.name) for e in CATALOGUE.values() if "per" in e.defaults]
)
def test_metric_per_day_has_a_row_a_day(metric: Entry, small: Analytics) -> None:
    assert len(rows(small, metric.name)) == 1
    found = rows(small, metric.name, per="day", start=day(1), end=day(31))
    assert len(found) == 31
    assert found[-1]["complete"] is False


def test_metric_unknown_name_suggests_one() -> None:
    with pytest.raises(UsageError, match="Did you mean retention"):
        entry("retenton")


def test_metric_unknown_option_names_the_known() -> None:
    with pytest.raises(
        UsageError, match="Its options: days, returned, follow_up, balanced, cohorts"
    ):
        lake(facts(1)).metric("retention", window="7d")


@pytest.mark.parametrize("dialect", ["pyspark", "bigquery", "snowflake", "clickhouse", "postgres"])
def test_metric_retention_compiles_for_warehouses(dialect: str) -> None:
    expr = entry("retention").compute(Tables.unbound(), Scope(facts(30)))
    assert "SELECT" in to_dialect(expr, dialect)


def test_documentation_is_up_to_date() -> None:
    assert (ROOT / document.PAGE).read_text(encoding="utf-8") == document.page()


def test_compiled_sql_is_up_to_date() -> None:
    files = {**compiled.model_files(), **compiled.metric_files()}
    assert compiled.stale(files, ROOT / compiled.FOLDER) == []


@pytest.mark.parametrize("metric", ENTRIES)
def test_compiled_sql_gives_the_same_answer(metric: Entry, small: Analytics) -> None:
    text = (ROOT / compiled.FOLDER / "metrics" / f"{metric.name}.sql").read_text(encoding="utf-8")
    found = small.engine.connection.execute(text).to_arrow_table()  # type: ignore[attr-defined]
    expected = small.result(metric.name, **example(metric)).table
    assert found.cast(expected.schema) == expected


def test_compiled_write_replaces_and_removes(tmp_path: Path) -> None:
    old = {"metrics/gone.sql": "SELECT 1", "models/kept.sql": "SELECT 2"}
    compiled.write(old, tmp_path)
    compiled.write({"metrics/new.sql": "SELECT 3"}, tmp_path)
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.sql")}
    assert found == {"metrics/new.sql", "models/kept.sql"}
    assert compiled.stale({"metrics/new.sql": "SELECT 4"}, tmp_path) == ["metrics/new.sql"]
