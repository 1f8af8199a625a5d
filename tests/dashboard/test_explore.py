"""Explore shows any metric as its columns ask for."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

import questline
from lakes import deliver, settings_for
from questline.api import Analytics
from questline.dashboard import charts_any as charts
from questline.dashboard import pictures
from questline.errors import UsageError
from questline.metrics import CATALOGUE, Kind
from questline.metrics.display import brief

Show = Callable[..., AppTest]
EVIL = "<script>alert(1)</script> **b**"


@pytest.fixture(scope="module")
def lake(simulated: Path) -> Analytics:
    return questline.open(simulated)


def drawn(chart: Any) -> list[dict[str, Any]]:
    """The rows that the chart's marks are made of."""
    made = chart.to_dict()
    data = made.get("data") or made["layer"][0]["data"]
    return list(data.get("values") or made["datasets"][data["name"]])


@pytest.mark.parametrize(
    ("name", "by"),
    [*((name, None) for name in CATALOGUE), *((name, "platform") for name in [*CATALOGUE][::3])],
)
def test_every_metric_has_a_picture_or_numbers(lake: Analytics, name: str, by: str | None) -> None:
    options: dict[str, Any] = dict(CATALOGUE[name].example)
    try:
        result = lake.result(name, by=by, **options)
    except UsageError:
        pytest.skip("declared in settings, or not to be split")
    found = pictures.measures(result)
    assert found
    if result.table.num_rows < 2:
        return
    for column in found[:2]:
        made = pictures.picture(result, column)
        known = any(row[column] is not None for row in result.rows())
        if made.chart is None:
            assert made.left_out or not known
        else:
            assert drawn(made.chart)


def test_first_page_is_the_daily_players(show: Show, simulated: Path) -> None:
    app = show(simulated, "explore", period="All days")
    assert not app.exception
    assert not app.warning
    assert not app.error
    result = questline.open(simulated).result("dau")
    assert app.code[0].value == result.command
    assert list(app.dataframe[0].value["players"]) == result.table["players"].to_pylist()
    assert len(app.get("vega_lite_chart")) == 1


def test_one_row_is_numbers(show: Show, simulated: Path) -> None:
    app = show(simulated, "explore", period="All days", explore_metric="arpu")
    row = questline.open(simulated).result("arpu").rows()[0]
    shown = {tile.label: tile.value for tile in app.metric}
    assert shown["ARPU"] == brief(row["arpu"], Kind.USD_EACH)
    assert app.metric[0].label == "ARPU"
    assert not app.get("vega_lite_chart")


def test_address_holds_metric_options_split_and_conditions(show: Show, simulated: Path) -> None:
    app = show(
        simulated,
        "explore",
        period="All days",
        explore_metric="retention",
        explore_retention_days="1,3",
        explore_retention_returned="on_or_after",
        explore_by="platform",
        explore_where=["country!=DE"],
    )
    asked: dict[str, Any] = {"by": "platform", "where": "country!=DE"}
    result = questline.open(simulated).result(
        "retention", days="1,3", returned="on_or_after", **asked
    )
    assert not app.warning
    assert app.code[0].value == result.command
    table = app.dataframe[0].value
    assert list(table["players"]) == result.table["players"].to_pylist()


def test_options_of_another_metric_do_not_come_along(show: Show, simulated: Path) -> None:
    app = show(simulated, "explore", explore_metric="retention", explore_retention_days="1,3")
    assert "--days 1,3" in app.code[0].value
    app.selectbox(key="explore_metric").set_value("ltv").run()
    assert not app.exception
    assert not app.warning
    assert "--days" not in app.code[0].value


def test_metric_is_found_by_a_part_of_its_title(show: Show, simulated: Path) -> None:
    app = show(simulated, "explore", explore_metric="lifetime val")
    assert app.code[0].value == f"questline metric ltv --lake {simulated}"


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ({"explore_metric": "no such"}, "There is no metric 'no such'"),
        ({"explore_metric": "retention", "explore_retention_days": "x"}, "days == 'x'"),
        ({"explore_by": "planet"}, "'planet' is no attribute of a player"),
        ({"explore_by": "event.level"}, "has no property level of an event"),
        ({"explore_where": ["ios"]}, "where == 'ios'"),
    ],
)
def test_wrong_value_is_one_line(
    show: Show, simulated: Path, address: dict[str, Any], fault: str
) -> None:
    app = show(simulated, "explore", **address)
    assert not app.exception
    assert len(app.warning) == 1
    assert fault in app.warning[0].value.replace("\\", "")


def test_sql_of_a_dialect_and_of_one_that_cannot(show: Show, simulated: Path) -> None:
    app = show(simulated, "explore", explore_tab="SQL", explore_dialect="postgres")
    result = questline.open(simulated)
    filters = app.code[0].value
    assert filters.startswith("questline metric dau")
    assert app.code[1].value == f"{result.sql('dau', 'postgres')};"


def test_definition_of_the_metric(show: Show, simulated: Path) -> None:
    app = show(simulated, "explore", explore_tab="Definition")
    text = "\n".join(one.value for one in app.markdown)
    assert CATALOGUE["dau"].formula in text


def test_names_are_text_never_markup(show: Show, tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    lines = [
        json.dumps(
            {
                "event_id": str(UUID(int=n)),
                "player_id": str(UUID(int=7)),
                "event_type": EVIL,
                "timestamp": f"2026-01-0{n + 1}T10:00:00Z",
                "platform": EVIL,
                "properties": {},
            }
        )
        for n in range(3)
    ]
    deliver(made, [("a.jsonl", "".join(f"{text}\n" for text in lines).encode())])
    for address in ({"explore_by": "platform"}, {"explore_by": EVIL}):
        app = show(made.lake, "explore", explore_metric="event_trend", **address)
        assert not app.exception
        said = [*app.markdown, *app.caption, *app.warning]
        assert not any(EVIL in text.value for text in said)
        assert not app.get("html")


POINT = {"complete": True, "low": None, "high": None, "told": "", "interval": ""}


def test_lines_are_the_highest_and_the_rest_is_told() -> None:
    points = [{**POINT, "x": n % 2, "y": n, "name": f"n{n // 2}"} for n in range(40)]
    assert charts.largest(points, 2) == ["n19", "n18"]
    names = {row["name"] for row in drawn(charts.lines(points, Kind.COUNT, "Day number"))}
    assert len(names) == charts.MOST_LINES


def test_days_stay_text_that_no_time_zone_moves() -> None:
    points = [{**POINT, "x": date(2026, 1, 1), "y": 1, "name": ""}]
    row = drawn(charts.line(points, Kind.COUNT, None))[0]
    assert row["x"] == "2026-01-01"
    assert row["x_text"] == "Thu 1 Jan 2026"


def test_answer_with_too_many_rows_is_a_table(
    lake: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_ROWS", 3)
    made = pictures.picture(lake.result("dau"), "players")
    assert made.chart is None
    assert made.left_out == "12 rows are too many to draw; narrow the question."


def test_of_too_many_names_the_largest_are_drawn(
    lake: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = lake.result("event_trend", by="country")
    monkeypatch.setattr(pictures, "MOST_ROWS", 3)
    monkeypatch.setattr(charts, "MOST_BARS", 2)
    most = sorted((row["events"] for row in result.rows()), reverse=True)
    made = pictures.picture(result, "events")
    assert [row["y"] for row in drawn(made.chart)] == most[:2]
    assert made.left_out == f"2 of {len(most)} are drawn; the table has all."
