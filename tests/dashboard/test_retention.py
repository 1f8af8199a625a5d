"""The page of retention says what the metric says, and its charts draw what was observed."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

import questline
from charted import charts_of, drawn
from lakes import deliver, settings_for
from questline.dashboard import charts_retention as charts
from questline.dashboard.pages.retention import CELLS, RETURNED, SHOWN
from questline.dashboard.parts import Parts
from questline.metrics import Kind
from questline.metrics.benchmarks import RETENTION
from questline.metrics.display import brief
from seen import sound, tiles

Show = Callable[..., AppTest]
FIRST = date(2026, 1, 1)
CELL = {"acquisition_date": FIRST, "players": 3, "retained": 1, "low": 0.1, "high": 0.8}
UNSEEN = {"retained": None, "retention": None, "low": None, "high": None}
COUNTS = {"retained": "Came back", "players": "Of players"}


@pytest.mark.parametrize(
    "address",
    [
        {},
        {"retention_cohorts": "Acquired in the period"},
        {"retention_by": "Platform"},
        {"retention_by": "Country", "retention_cohort": "A week"},
        {"retention_cohort": "A month", "retention_days": "90 days"},
        {"retention_by": "no such", "retention_returned": "no such"},
        *({"retention_returned": name} for name in RETURNED),
    ],
)
def test_every_view_of_the_address_draws(
    show: Show, simulated: Path, address: dict[str, str]
) -> None:
    app = sound(show(simulated, "retention", **address))
    assert len(app.metric) == len(SHOWN)


def test_tiles_are_the_metric_of_all_cohorts(show: Show, simulated: Path) -> None:
    rows = questline.open(simulated).result("retention", days=SHOWN).rows()
    expected = {f"Day {r['day_number']}": brief(r["retention"], Kind.SHARE) for r in rows}
    assert tiles(show(simulated, "retention")) == expected
    assert expected["Day 1"].endswith("%")
    assert expected["Day 1"] != expected["Day 7"]


def test_missing_number_says_when_it_is_observed(show: Show, simulated: Path) -> None:
    app = show(simulated, "retention", period="7 days", retention_cohorts="Acquired in the period")
    said = {tile.label: tile.delta for tile in app.metric}
    assert said["Day 1"] == ""
    assert said["Day 7"] == "observed on 13 Jan 2026"
    assert tiles(app)["Day 7"] == "-"


def test_period_chooses_cohorts_only_when_asked(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    start, end = date(2026, 1, 6), date(2026, 1, 12)
    chosen = lake.result("retention", days=[1], start=start, end=end).rows()[0]["retention"]
    wide = tiles(show(simulated, "retention", period="7 days"))
    narrow = tiles(
        show(simulated, "retention", period="7 days", retention_cohorts="Acquired in the period")
    )
    assert wide == tiles(show(simulated, "retention"))
    assert narrow["Day 1"] == brief(chosen, Kind.SHARE)
    assert narrow["Day 1"] != wide["Day 1"]


def test_definition_of_the_address_changes_the_number(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    rows = lake.result("retention", days=[7], returned="within").rows()
    app = show(simulated, "retention", retention_returned="Once from day 1 to N")
    assert tiles(app)["Once by day 7"] == brief(rows[0]["retention"], Kind.SHARE)


def test_curve_draws_the_metric_and_published_games(show: Show, simulated: Path) -> None:
    app = show(simulated, "retention")
    rows = questline.open(simulated).result("retention", days=list(range(1, 31))).rows()
    expected = {r["day_number"]: r["retention"] for r in rows if r["retention"] is not None}
    marks = charts_of(app)[0]
    assert {r["day_number"]: r["retention"] for r in marks if "retention" in r} == expected
    assert [r["day_number"] for r in marks if "median" in r] == [1, 7, 28]
    assert any("GameAnalytics, Q1 2024" in text.value for text in app.caption)


@pytest.mark.parametrize(
    "address",
    [{"retention_published": "false"}, {"retention_returned": "Every day from 1 to N"}],
)
def test_published_games_are_left_out(show: Show, simulated: Path, address: dict[str, str]) -> None:
    app = show(simulated, "retention", **address)
    assert not any("median" in row for row in charts_of(app)[0])
    assert not any("GameAnalytics" in text.value for text in app.caption)


def test_breakdown_table_says_what_the_metric_says(show: Show, simulated: Path) -> None:
    app = show(simulated, "retention", retention_by="Platform")
    rows = questline.open(simulated).result("retention", by="platform", days=[1, 7]).rows()
    table = app.dataframe[0].value.set_index("Platform")
    for row in rows:
        shown = table.loc[row["platform"] or "(unknown)", f"Day {row['day_number']}"]
        assert shown == pytest.approx(row["retention"])
    assert {r["part"] for r in charts_of(app)[0] if "part" in r} == set(table.index)


def test_many_values_are_the_largest_and_said_so(show: Show, simulated: Path) -> None:
    app = show(simulated, "retention", retention_by="Country")
    lines = {r["part"] for r in charts_of(app)[0] if "part" in r}
    known = len(questline.open(simulated).values("country"))
    assert known > len(lines) == 5
    assert any(text.value.startswith("The 5 largest of") for text in app.caption)
    assert len(app.dataframe[0].value) >= known


def test_cohorts_draw_the_metric(show: Show, simulated: Path) -> None:
    rows = questline.open(simulated).result("retention", days=CELLS, cohorts="week").rows()
    app = show(simulated, "retention", retention_cohort="A week")
    found = {
        (r["acquisition_date"], r["day_number"]): r["retention"]
        for r in charts_of(app)[1]
        if "retention" in r
    }
    assert found == {
        (r["acquisition_date"].isoformat(), r["day_number"]): r["retention"]
        for r in rows
        if r["retention"] is not None
    }


def test_many_days_are_taken_together(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "questline.dashboard.pages.retention"
    for most, said in (({"MOST_DAYS": 5}, "week"), ({"MOST_DAYS": 5, "MOST_WEEKS": 1}, "month")):
        for name, value in most.items():
            monkeypatch.setattr(f"{page}.{name}", value)
        app = sound(show(simulated, "retention"))
        assert any(f"By {said} of acquisition" in text.value for text in app.markdown)


def test_only_the_latest_cohorts_are_drawn(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("questline.dashboard.pages.retention.MOST_ROWS", 4)
    app = sound(show(simulated, "retention"))
    days = {r["acquisition_date"] for r in charts_of(app)[1]}
    assert days == {(FIRST + timedelta(n)).isoformat() for n in range(8, 12)}
    assert any("The 4 latest of 42 cohorts" in text.value for text in app.caption)


def test_nothing_observed_says_so(show: Show, tmp_path: Path) -> None:
    made = settings_for(tmp_path, complete_until="2026-01-01")
    deliver(made, [("a.jsonl", b"".join(logins("Chrome")))])
    app = sound(show(made.lake, "retention"))
    assert set(tiles(app).values()) == {"-"}
    assert sum("observed for long enough" in text.value for text in app.caption) == 3


def test_month_that_is_not_whole_says_so(show: Show, simulated: Path) -> None:
    app = sound(show(simulated, "retention", retention_cohort="A month", period="7 days"))
    assert any("No month of acquisition was observed as a whole" in c.value for c in app.caption)


def test_names_are_text(show: Show, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script> **b** [x](http://x)"
    made = settings_for(tmp_path, complete_until="2026-01-03")
    deliver(made, [("a.jsonl", b"".join(logins(evil)))])
    app = sound(show(made.lake, "retention", retention_by="Platform"))
    assert evil in list(app.dataframe[0].value["Platform"])
    assert not any(evil in text.value for text in (*app.markdown, *app.caption))
    assert not app.get("html")


def test_what_was_not_observed_has_no_mark() -> None:
    rows = [{**CELL, "day_number": 1, "retention": 1 / 3}, {**CELL, **UNSEEN, "day_number": 7}]
    for chart in (
        charts.cohort_heatmap(rows),
        charts.share_curve(rows, "retention", "Days", COUNTS),
        charts.cohort_trend(rows, [1, 7]),
    ):
        assert [row["day_number"] for row in drawn(chart) if "retention" in row] == [1]


def test_youngest_cohort_has_a_row_with_its_size() -> None:
    young = {**CELL, **UNSEEN, "acquisition_date": date(2026, 1, 9), "players": 8, "day_number": 1}
    chart = charts.cohort_heatmap([{**CELL, "day_number": 1, "retention": 1 / 3}, young])
    sizes = {r["acquisition_date"]: r["players"] for r in drawn(chart) if "retention" not in r}
    assert sizes == {"2026-01-01": 3, "2026-01-09": 8}


def test_cohorts_are_days_that_no_time_zone_moves() -> None:
    chart = charts.cohort_heatmap([{**CELL, "day_number": 1, "retention": 0.5}], "week")
    text = json.dumps(chart.to_dict())  # type: ignore[union-attr]
    assert '"2026-01-01"' in text
    assert "week from Thu 1 Jan 2026" in text
    assert "temporal" not in text


def test_interval_is_written_with_each_cell() -> None:
    row = {**CELL, "day_number": 1, "retention": 1 / 3}
    for chart in (charts.cohort_heatmap([row]), charts.cohort_trend([row], [1])):
        found = [r["interval"] for r in drawn(chart) if "retention" in r]
        assert found == ["10.0 % to 80.0 %"]


def test_published_days_end_with_the_curve() -> None:
    rows = [{**CELL, "day_number": n, "retention": 0.3} for n in range(1, 8)]
    chart = charts.share_curve(rows, "retention", "Days", COUNTS, published=RETENTION)
    assert [row["day_number"] for row in drawn(chart) if "median" in row] == [1, 7]


def test_nothing_to_draw_is_no_chart() -> None:
    unseen = [{**CELL, **UNSEEN, "day_number": 1}]
    assert charts.share_curve(unseen, "retention", "Days", COUNTS, published=RETENTION) is None
    assert charts.cohort_heatmap(unseen) is None
    assert charts.cohort_trend(unseen, [1]) is None


def test_parts_keep_the_unknown_apart_and_leave_out_nobody() -> None:
    rows = [{"channel": c, "day_number": n, "players": 5 - n} for c in ("a", None) for n in (1, 2)]
    found = Parts.of(rows, "channel", "Channel", "players")
    assert found.names == ["(unknown)", "a"]
    assert [row["part"] for row in found.named(rows)] == ["(unknown)"] * 2 + ["a"] * 2
    assert not found.said
    nobody = [{"channel": "b", "day_number": 1, "players": 0}]
    assert Parts.of([*rows, *nobody], "channel", "Channel", "players") == found


def test_parts_are_as_large_as_their_largest_row_or_as_all_of_them() -> None:
    rows = [{"version": "1", "n": 2}, {"version": "1", "n": 2}, {"version": "2", "n": 3}]
    assert Parts.of(rows, "version", "Version", "n").values == ("2", "1")
    assert Parts.of(rows, "version", "Version", "n", added=True).values == ("1", "2")


def test_part_keeps_its_colour_where_others_have_no_line() -> None:
    """The legend names only those that are drawn."""
    parts = Parts("channel", "Channel", ("ads", "organic"), 2)
    rows = [{**CELL, "day_number": 1, "retention": 0.5, "channel": "organic"}]
    chart = charts.share_curve(rows, "retention", "Days", COUNTS, parts=parts)
    colour = chart.to_dict()["layer"][0]["encoding"]["color"]  # type: ignore[union-attr]
    assert colour["scale"]["domain"] == ["ads", "organic"]
    assert colour["legend"]["values"] == ["organic"]


def logins(platform: str) -> Iterator[bytes]:
    """One event of one player on each of three days."""
    for n in range(3):
        event = {
            "event_id": str(UUID(int=n)),
            "player_id": str(UUID(int=7)),
            "event_type": "login",
            "timestamp": f"2026-01-0{n + 1}T10:00:00Z",
            "platform": platform,
            "properties": {},
        }
        yield json.dumps(event).encode() + b"\n"
