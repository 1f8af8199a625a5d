"""The page of funnels shows what the metrics say, under any steps and options."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

import questline
from lakes import deliver, settings_for
from questline.dashboard import charts_funnels as charts
from questline.dashboard import names
from questline.metrics import Kind
from questline.metrics.display import brief, cell

Show = Callable[..., AppTest]
USUAL = ["session_start", "level_start", "level_complete", "purchase"]
EVIL = "<script>alert(1)</script>"


def said(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


def shares(app: AppTest) -> str:
    return next(text.value for text in app.markdown if "came to the last step" in text.value)


def drawn(chart: Any) -> list[dict[str, Any]]:
    """The rows that the chart's marks are made of."""
    made = chart.to_dict()
    data = made.get("data") or made["layer"][0]["data"]
    return list(data.get("values") or made["datasets"][data["name"]])


def test_page_begins_with_a_funnel_of_events_that_exist(show: Show, simulated: Path) -> None:
    app = show(simulated, "funnels", period="All days")
    rows = questline.open(simulated).result("funnel", steps=USUAL, window="1d").rows()
    assert not app.exception
    assert not app.warning
    assert not app.error
    assert app.multiselect(key="funnel_steps").value == USUAL
    assert cell(rows[-1]["conversion"], Kind.SHARE) in shares(app)
    assert brief(rows[0]["players"], Kind.COUNT) in shares(app)
    median = brief(rows[-1]["median_seconds"], Kind.SECONDS)
    assert f"Half of them need at most **{median}**" in said(app)
    assert len(app.get("vega_lite_chart")) == 2


def test_steps_and_options_of_the_address(show: Show, simulated: Path) -> None:
    steps = ["session_start", "level_complete[level>=2]"]
    asked: dict[str, Any] = {"steps": steps, "window": "2h", "order": "strict", "count": "entries"}
    address = {"funnel_order": "strict", "funnel_count": "entries", "funnel_window": "2h"}
    app = show(simulated, "funnels", period="All days", funnel_steps=steps, **address)
    rows = questline.open(simulated).result("funnel", **asked).rows()
    assert not app.warning
    assert cell(rows[-1]["conversion"], Kind.SHARE) in shares(app)
    assert f"{brief(rows[0]['entries'], Kind.COUNT)} attempts" in shares(app)


def test_steps_as_text_may_be_repeated(show: Show, simulated: Path) -> None:
    app = show(simulated, "funnels", period="All days")
    written = "session_start,level_start[level=1],level_start?,level_start"
    app.text_input(key="funnel_text").set_value(written).run()
    assert not app.exception
    assert not app.warning
    rows = questline.open(simulated).result("funnel", steps=written, window="1d").rows()
    assert cell(rows[-1]["conversion"], Kind.SHARE) in shares(app)
    again = show(simulated, "funnels", period="All days", funnel_text=written)
    assert shares(again) == shares(app)


def test_one_choice_may_hold_several_steps(show: Show, simulated: Path) -> None:
    one = show(simulated, "funnels", funnel_steps=["session_start, level_start", "purchase"])
    other = show(simulated, "funnels", funnel_steps=["session_start", "level_start", "purchase"])
    assert not one.warning
    assert shares(one) == shares(other)


def test_wrong_options_say_so_in_one_line_a_card(show: Show, simulated: Path) -> None:
    app = show(simulated, "funnels", funnel_order="any", funnel_reuse="true")
    assert not app.exception
    assert [text.value.replace("\\", "") for text in app.warning] == [
        "--reuse does not go with --order any; leave one of them out."
    ] * 2


def test_wrong_breakdown_leaves_the_other_cards(show: Show, simulated: Path) -> None:
    app = show(simulated, "funnels", funnel_by="planet")
    assert not app.exception
    assert len(app.warning) == 1
    assert "planet" in app.warning[0].value
    assert shares(app)


def test_breakdown_has_a_row_a_value(show: Show, simulated: Path) -> None:
    app = show(simulated, "funnels", period="All days", funnel_by="platform")
    rows = questline.open(simulated).result("funnel", by="platform", steps=USUAL, window="1d")
    last = {row["platform"]: row["conversion"] for row in rows.rows() if row["step"] == 4}
    table = app.dataframe[0].value
    assert dict(zip(table["platform"], table["4 purchase"], strict=True)) == pytest.approx(last)
    assert not app.warning


def test_windows_that_are_not_over_are_told_apart(show: Show, simulated: Path) -> None:
    some = show(simulated, "funnels", period="All days")
    assert any(text.value.startswith("Pending:") for text in some.caption)
    none = show(simulated, "funnels", period="7 days", funnel_window="30d")
    assert not none.warning
    assert any("Choose a shorter window" in text.value for text in none.caption)


def test_no_step_asks_for_one(show: Show, simulated: Path) -> None:
    app = show(simulated, "funnels")
    app.multiselect(key="funnel_steps").set_value([]).run()
    assert not app.exception
    assert app.info[0].value.startswith("Choose the first event")


def test_event_that_nobody_did(show: Show, simulated: Path) -> None:
    app = show(simulated, "funnels", funnel_steps=["no_such_event", "purchase"])
    assert not app.exception
    assert not app.warning
    assert any(text.value.startswith("Nobody came") for text in app.caption)


def test_declared_funnel_is_asked_by_its_name(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "questline.toml").write_text(
        '[funnels.first_win]\nsteps = ["session_start", "level_complete"]\nwindow = "3h"\n'
        '[funnels.wrong]\nsteps = ["session_start"]\norder = "up"\n'
    )
    monkeypatch.chdir(tmp_path)
    app = show(simulated, "funnels", period="All days", funnel_saved="first_win")
    rows = questline.open(simulated).result("funnel", funnel="first_win").rows()
    assert not app.warning
    assert cell(rows[-1]["conversion"], Kind.SHARE) in shares(app)
    assert app.selectbox(key="funnel_saved_window").value is None
    wrong = show(simulated, "funnels", funnel_saved="wrong")
    assert not wrong.exception
    assert wrong.warning[0].value.startswith("funnels.wrong.order")


def logged(tmp_path: Path, kinds: Sequence[str], properties: dict[str, str] | None = None) -> Path:
    """A lake in which one player did each of these once, and the first one again."""
    made = settings_for(tmp_path, complete_until="2026-01-01")
    lines = [
        json.dumps(
            {
                "event_id": str(UUID(int=n)),
                "player_id": str(UUID(int=7)),
                "event_type": kind,
                "timestamp": f"2026-01-01T10:00:{n:02}Z",
                "platform": EVIL,
                "properties": properties or {},
            }
        )
        for n, kind in enumerate([*kinds, kinds[0]])
    ]
    deliver(made, [("a.jsonl", "".join(f"{text}\n" for text in lines).encode())])
    return made.lake


def test_names_are_text_never_markup(show: Show, tmp_path: Path) -> None:
    lake = logged(tmp_path, [EVIL, "login", "a,b"])
    app = show(lake, "funnels", funnel_by="platform")
    assert not app.exception
    assert app.multiselect(key="funnel_steps").options == [EVIL, "login"]
    assert app.multiselect(key="funnel_steps").value == [EVIL, "login"]
    assert EVIL not in said(app)
    assert not app.get("html")


def test_event_types_are_the_most_frequent_ones(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "MOST_EVENT_TYPES", 3)
    lake = logged(tmp_path, ["rare", "b", "a", "c"])
    app = show(lake, "funnels")
    assert app.multiselect(key="funnel_steps").options == ["rare", "a", "b"]


STEP = {"pending": 0, "low": 0.1, "high": 0.9, "median_seconds": 60.0, "p90_seconds": 90.0}
ROWS = [
    {**STEP, "step": 1, "event": "a", "players": 10, "step_conversion": 1.0, "conversion": 1.0},
    {**STEP, "step": 2, "event": "b?", "players": 5, "step_conversion": 0.5, "conversion": 0.5},
    {**STEP, "step": 3, "event": "c", "players": 8, "step_conversion": 0.8, "conversion": 0.8},
]


def test_pale_bar_is_of_the_required_step_before() -> None:
    rows = drawn(charts.steps(ROWS))
    assert [row["earlier"] for row in rows] == [1.0, 1.0, 1.0]
    assert rows[2]["told"] == "8 · 80.0 %"
    assert rows[2]["under"] == "80.0 % of the step before · median 1 min 0 s"


def test_values_of_a_split_come_largest_first() -> None:
    rows = [{**row, "x": name} for name in (None, "big") for row in ROWS]
    rows[3]["players"] = 11
    assert [value["name"] for value in charts.by_value(rows, "x")] == ["big", "(unknown)"]
    assert [row["name"] for row in drawn(charts.split(rows, "x"))] == ["big", "(unknown)"]


def test_nothing_to_draw_is_no_chart() -> None:
    nobody = [{**row, "players": 0, "conversion": None} for row in ROWS]
    assert charts.steps([]) is None
    assert charts.steps(nobody) is None
    assert charts.split([{**row, "x": "a"} for row in nobody], "x") is None
    assert charts.times([{"bin": 1, "share": None, "players": 0}]) is None


def test_bins_are_named_by_their_ends() -> None:
    bins = [
        {"bin": 1, "from_seconds": 0.0, "to_seconds": 60.0, "players": 1},
        {"bin": 2, "from_seconds": 60.0, "to_seconds": 86_400.0, "players": 3},
    ]
    rows = drawn(charts.times([{**row, "share": 0.5, "cumulative": 1.0} for row in bins]))
    assert [row["name"] for row in rows] == ["≤ 1m", "≤ 1d"]
    assert [row["between"] for row in rows] == ["0 to 1m", "1m to 1d"]


def test_breakdown_offers_attributes_and_experiments(show: Show, tmp_path: Path) -> None:
    exposed = {"experiment": EVIL, "variant": "<b>"}
    lake = logged(tmp_path, ["login", "experiment_exposure"], exposed)
    app = show(lake, "funnels", funnel_steps=["login"], funnel_by=f"experiment.{EVIL}")
    offered = app.selectbox(key="funnel_by").options
    assert (offered[0], offered[-1]) == ("platform", f"experiment.{EVIL}")
    assert list(app.dataframe[0].value["variant"]) == ["<b>"]
    assert not app.warning
    assert EVIL not in said(app)
