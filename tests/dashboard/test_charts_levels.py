from typing import Any

from charted import drawn
from questline.dashboard import charts_levels
from questline.dashboard.charts import SPAN
from questline.dashboard.parts import Parts

COUNTS = {"players": 10, "attempts": 20, "wins": 8}


def difficulty(level: int, **more: Any) -> dict[str, Any]:
    row = {"level": level, **COUNTS, "win_rate": 0.4, "low": 0.3, "high": 0.5}
    row |= {"attempts_per_success": 2.5, "attempts_low": 2.0, "attempts_high": 3.3}
    return row | {"neighbours_win_rate": 0.7, "difference": -0.3, "spike": False} | more


def marks(chart: Any) -> list[str]:
    return [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]


def test_nothing_to_draw_is_no_chart() -> None:
    assert charts_levels.levels([]) is None
    assert charts_levels.difficulty([]) is None
    assert charts_levels.attempts([difficulty(1, attempts_per_success=None)]) is None


def test_level_without_a_value_has_no_mark() -> None:
    rows = [difficulty(1), difficulty(2, attempts_per_success=None)]
    assert [row["level"] for row in drawn(charts_levels.attempts(rows))] == [1]


def test_win_rate_is_a_line_in_its_band_with_spikes() -> None:
    chart = charts_levels.difficulty([difficulty(1), difficulty(2, spike=True)])
    assert marks(chart) == ["area", "line", "point", "circle"]
    assert [row["interval_text"] for row in drawn(chart)] == ["30.0 % to 50.0 %"] * 2
    assert [row["spike_text"] for row in drawn(chart)] == ["no", "yes"]


def test_level_without_neighbours_shows_a_dash_and_not_0() -> None:
    chart = charts_levels.difficulty([difficulty(1, neighbours_win_rate=None, spike=None)])
    assert drawn(chart)[0]["neighbours_win_rate_text"] == "-"


def test_interval_that_nobody_bounds_leaves_the_axis_to_the_values() -> None:
    rows = [difficulty(1), difficulty(2, attempts_high=None), difficulty(3, attempts_high=900.0)]
    encoding = charts_levels.attempts(rows).to_dict()["layer"][1]["encoding"]  # type: ignore[union-attr]
    assert encoding["y"]["scale"]["domain"] == [0.0, 3.25]


def test_axis_writes_numbers_as_their_kind() -> None:
    """Vega draws nothing at all where an expression is wrong."""
    time = {"level": 1, "median_seconds": 90.0, "timed": 1, "completers": 1}
    charts = {
        "format(datum.value, '.0%')": charts_levels.difficulty([difficulty(1)]),
        "format(datum.value, '.1%')": charts_levels.difficulty(
            [difficulty(1, win_rate=0.01, high=0.02)]
        ),
        "format(datum.value, ',.1f')": charts_levels.attempts([difficulty(1)]),
        SPAN: charts_levels.time([time | {"median_seconds_to_completion": None}]),
    }
    for expected, chart in charts.items():
        axes = [layer["encoding"]["y"]["axis"] for layer in chart.to_dict()["layer"]]  # type: ignore[union-attr]
        assert {axis["labelExpr"] for axis in axes} == {expected}


def test_versions_are_told_apart_in_their_order() -> None:
    rows = [difficulty(1, version="<b>1.9</b>"), difficulty(1, version="2.0")]
    parts = Parts("version", "Version", ("2.0", "<b>1.9</b>"), 2)
    encoding = charts_levels.difficulty(rows, parts).to_dict()["layer"][0]["encoding"]  # type: ignore[union-attr]
    assert encoding["color"]["scale"]["domain"] == ["2.0", "<b>1.9</b>"]
    assert encoding["color"]["field"] == "part"
