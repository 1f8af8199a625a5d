import json
from datetime import date, timedelta
from decimal import Decimal

import altair as alt

from charted import drawn
from questline.dashboard import charts
from questline.dashboard.charts import plain
from questline.dashboard.specs import spec
from questline.metrics import Kind

DAY = {"event_date": date(2026, 1, 1), "complete": True}


def test_zero_is_drawn_and_unknown_is_not() -> None:
    rows = [{**DAY, "arpdau_total": 0.0}, {**DAY, "arpdau_total": None}]
    chart = charts.days(rows, "arpdau_total", "ARPDAU", Kind.USD_EACH)
    assert [row["arpdau_total"] for row in drawn(chart)] == [0.0]


def test_parts_of_a_day_become_bars_of_numbers() -> None:
    rows = [{**DAY, "net_usd": Decimal("1.5"), "ad_revenue_usd": Decimal("-0.000500")}]
    chart = charts.stacked_days(rows, {"net_usd": "Net", "ad_revenue_usd": "Ads"}, Kind.USD)
    found = {row["part"]: row["value"] for row in drawn(chart)}
    assert found == {"Net": 1.5, "Ads": -0.0005}


def test_nothing_to_draw_is_no_chart() -> None:
    assert charts.days([{**DAY, "x": None}], "x", "X", Kind.USD) is None
    assert charts.stacked_days([{**DAY, "x": 0}], {"x": "X"}, Kind.COUNT) is None


def test_days_are_text_that_no_time_zone_moves() -> None:
    """Vega reads 2026-01-01 as midnight UTC, which is the day before in America."""
    made = [
        charts.days([{**DAY, "x": 1}], "x", "X", Kind.COUNT),
        charts.stacked_days([{**DAY, "x": 1}], {"x": "X"}, Kind.COUNT),
    ]
    for chart in made:
        text = json.dumps(chart.to_dict())  # type: ignore[union-attr]
        assert '"2026-01-01"' in text
        assert "Thu 1 Jan 2026" in text
        assert "temporal" not in text
        assert "yearmonthdate" not in text


def test_only_a_few_days_are_named() -> None:
    rows = [{"event_date": date(2026, 1, 1) + timedelta(n), "x": 1} for n in range(365)]
    for count in (1, 5, 7, 8, 30, 365):
        chart = charts.days([{**DAY, **r} for r in rows[:count]], "x", "X", Kind.COUNT)
        named = chart.to_dict()["layer"][0]["encoding"]["x"]["axis"]["values"]  # type: ignore[union-attr]
        assert 1 <= len(named) <= charts.MOST_LABELS
        assert named == sorted(set(named))


def test_days_that_are_not_complete_are_pale() -> None:
    rows = [{**DAY, "x": 1, "complete": False}]
    chart = charts.stacked_days(rows, {"x": "X"}, Kind.COUNT)
    assert [row["complete"] for row in drawn(chart)] == [False]
    opacity = chart.to_dict()["layer"][0]["encoding"]["opacity"]  # type: ignore[union-attr]
    assert opacity["condition"] == {"test": "datum.complete", "value": 1}
    assert opacity["value"] < 1


def test_one_day_alone_is_a_point() -> None:
    chart = charts.days([{**DAY, "x": 1}], "x", "X", Kind.COUNT)
    assert chart.to_dict()["layer"][0]["mark"]["point"]  # type: ignore[union-attr]


def test_spec_has_the_rows_beside_what_the_chart_looks_like() -> None:
    points = alt.Chart(plain([{"x": 1}])).mark_point().encode(x="x:Q")
    others = alt.Chart(plain([{"x": 2}])).mark_point().encode(x="x:Q")
    made = spec(alt.layer(points, points.mark_line(), others))
    assert [layer["data"]["name"] for layer in made["layer"]] == ["rows0", "rows0", "rows1"]
    assert {name: table.to_pylist() for name, table in made["datasets"].items()} == {
        "rows0": [{"x": 1}],
        "rows1": [{"x": 2}],
    }


def test_spec_of_other_rows_looks_the_same() -> None:
    one, other = (spec(alt.Chart(plain([{"x": n}])).mark_point().encode(x="x:Q")) for n in (1, 2))
    assert one.pop("datasets") != other.pop("datasets")
    assert one == other
