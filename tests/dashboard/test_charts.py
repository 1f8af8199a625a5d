from datetime import date
from decimal import Decimal
from typing import Any

from questline.dashboard import charts
from questline.metrics import Kind

DAY = {"event_date": date(2026, 1, 1), "complete": True}


def drawn(chart: Any) -> list[dict[str, Any]]:
    """The rows that the chart's marks are made of."""
    made = chart.to_dict()
    data = made.get("data") or made["layer"][0]["data"]
    return list(data.get("values") or made["datasets"][data["name"]])


def test_what_was_not_observed_has_no_mark() -> None:
    cell = {"acquisition_date": date(2026, 1, 1), "players": 3, "retained": 1}
    rows = [
        {**cell, "day_number": 1, "retention": 1 / 3},
        {**cell, "day_number": 7, "retained": None, "retention": None},
    ]
    for chart in (charts.cohort_heatmap(rows), charts.retention_curve(rows)):
        assert [row["day_number"] for row in drawn(chart)] == [1]


def test_zero_is_drawn_and_unknown_is_not() -> None:
    rows = [{**DAY, "arpdau_total": 0.0}, {**DAY, "arpdau_total": None}]
    chart = charts.days(rows, "arpdau_total", "ARPDAU", Kind.USD_EACH)
    assert [row["arpdau_total"] for row in drawn(chart)] == [0.0]


def test_parts_of_a_day_become_bars_of_numbers() -> None:
    rows = [{**DAY, "net_usd": Decimal("1.5"), "ad_revenue_usd": Decimal("-0.000500")}]
    chart = charts.stacked_days(rows, {"net_usd": "Net", "ad_revenue_usd": "Ads"}, Kind.USD)
    found = {row["part"]: row["value"] for row in drawn(chart)}
    assert found == {"Net": 1.5, "Ads": -0.0005}


def test_shares_come_largest_first_and_the_longest_list_is_cut() -> None:
    rows = [{"name": f"a{n}", "rate": n / 20, "part": n, "whole": 20} for n in range(20)]
    chart = charts.rates(rows, "name", "rate", "part", "whole", limit=3)
    assert [row["name"] for row in drawn(chart)] == ["a19", "a18", "a17"]


def test_nothing_to_draw_is_no_chart() -> None:
    assert charts.levels([]) is None
    assert charts.cohort_heatmap([]) is None
    assert charts.days([{**DAY, "x": None}], "x", "X", Kind.USD) is None
    assert charts.stacked_days([{**DAY, "x": 0}], {"x": "X"}, Kind.COUNT) is None
    assert charts.rates([], "name", "rate", "part", "whole") is None
