"""What the page Progression shows is what the metrics say."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

import questline
from charted import charts_of
from lakes import deliver, settings_for
from questline.dashboard.pages import progression
from questline.metrics import Kind
from questline.metrics.display import brief
from seen import break_questions, sound, tiles, titles

Show = Callable[..., AppTest]
PAGE = "progression"
WEEK: dict[str, Any] = {"start": date(2026, 1, 6), "end": date(2026, 1, 12)}
EVIL = "<script>alert(1)</script> **b**"


def chart_of(app: AppTest, column: str) -> list[dict[str, Any]]:
    """The rows of the first chart that have a column."""
    return next(rows for rows in charts_of(app) if column in rows[0])


def test_tiles_and_curves_say_what_the_metrics_say(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE, period="7 days")
    sound(app)
    lake = questline.open(simulated)
    begun = lake.result("event_trend", event="level_start", **WEEK).rows()[0]
    assert tiles(app)["Players in levels"] == brief(begun["players"], Kind.COUNT)
    assert tiles(app)["Attempts begun"] == brief(begun["events"], Kind.COUNT)
    for metric, column in (
        ("level_funnel", "completion_rate"),
        ("level_difficulty", "neighbours_win_rate"),
    ):
        by_level = {row["level"]: row for row in lake.result(metric, **WEEK).rows()}
        drawn = chart_of(app, column)
        assert drawn
        assert all(row[column] == by_level[row["level"]][column] for row in drawn)


def test_levels_of_few_players_wait_until_the_reader_asks(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progression, "FEW_PLAYERS", 30)
    rows = questline.open(simulated).result("level_funnel").rows()
    last = max(row["level"] for row in rows)
    usual = max(row["level"] for row in rows if row["reached"] >= 30)
    app = show(simulated, PAGE)
    assert max(row["level"] for row in chart_of(app, "reached")) == usual < last
    assert any(f"the highest played is {last}" in text.value for text in app.caption)
    far = show(simulated, PAGE, progression_to=str(last))
    assert max(row["level"] for row in chart_of(far, "reached")) == last


def test_range_of_the_address_chooses_levels(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE, progression_from="3", progression_to="6")
    assert [row["level"] for row in chart_of(app, "reached")] == [3, 4, 5, 6]
    assert {row["level"] for row in chart_of(app, "difference")} == {3, 4, 5, 6}


def test_empty_range_says_so_in_each_card(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE, progression_from="6", progression_to="3")
    sound(app)
    assert not app.get("vega_lite_chart")
    assert progression.NONE_IN_RANGE in [text.value for text in app.caption]


def test_wrong_values_of_the_address_are_no_fault(show: Show, simulated: Path) -> None:
    address = {"from": "-4", "to": "x", "versions": "y", "mode": "<b>", "more": "z", "level": "a"}
    app = show(simulated, PAGE, **{f"progression_{name}": v for name, v in address.items()})
    sound(app)
    assert titles(app) == titles(show(simulated, PAGE))


def test_mode_of_the_address_chooses_attempts(show: Show, tmp_path: Path) -> None:
    rush = attempts([(7, 1)], mode="rush")
    lake = made(tmp_path, [*attempts([(1, 1), (2, 1)]), *rush])
    app = show(lake, PAGE, progression_mode="rush")
    sound(app)
    assert [row["level"] for row in chart_of(app, "reached")] == [7]


def test_versions_stand_side_by_side(show: Show, tmp_path: Path) -> None:
    wins = {f"1.{n}": [(1, 1)] * (6 - n) for n in range(6)}
    lake = made(tmp_path, [event for v, w in wins.items() for event in attempts(w, version=v)])
    app = show(lake, PAGE, progression_versions=progression.APART)
    sound(app)
    assert [row["part"] for row in chart_of(app, "difference")] == ["1.0", "1.1", "1.2", "1.3"]
    assert "The 4 largest of 6 versions." in [text.value for text in app.caption]


def test_spike_is_told_in_words(show: Show, tmp_path: Path) -> None:
    """Forty of forty-four attempts of the neighbours are won, four of forty-four of level 3."""
    wins = [
        (level, n % 11 > 0 if level != 3 else n % 11 == 0)
        for level in range(1, 6)
        for n in range(44)
    ]
    app = show(made(tmp_path, attempts(wins, players=44)), PAGE)
    sound(app)
    said = "Level 3: 9.1 % of attempts are won, of its neighbours 90.9 %."
    assert said in [text.value.replace("\\", "") for text in app.caption]


def test_log_without_levels_is_one_sentence(show: Show, tmp_path: Path) -> None:
    app = show(made(tmp_path, []), PAGE)
    sound(app)
    assert [text.value for text in app.info] == [progression.NONE_IN_LOG]
    assert not app.metric


def test_period_without_levels_is_one_sentence(show: Show, tmp_path: Path) -> None:
    lake = made(tmp_path, attempts([(1, 1)]))
    app = show(lake, PAGE, period="Choose days", days=["2026-01-02", "2026-01-03"])
    sound(app)
    assert [text.value for text in app.info] == [progression.NONE_FOUND]


def test_further_looks_ask_their_own_metric(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    for look, metric, column in (
        (progression.FAR, "level_survival", "survival"),
        (progression.QUITS, "level_quits", "quit_after_fail"),
        (progression.TIME, "level_time", "median_seconds"),
    ):
        drawn = chart_of(show(simulated, PAGE, progression_more=look), column)
        by_level = {row["level"]: row[column] for row in lake.result(metric).rows()}
        assert drawn
        assert all(row[column] == by_level[row["level"]] for row in drawn)
    sound(show(simulated, PAGE, progression_more=progression.LOST))
    one = show(simulated, PAGE, progression_more=progression.ONE, progression_level="2")
    curve = lake.result("level_attempts_curve", level=2).rows()
    assert [row["attempt"] for row in chart_of(one, "at_risk")] == [r["attempt"] for r in curve]


def test_what_fails_takes_no_other_card_along(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = {"level_funnel", "event_trend"}
    break_questions(monkeypatch, failing)
    app = show(simulated, PAGE)
    assert not app.exception
    assert all(text.value.endswith("cannot be shown: by zero") for text in app.warning)
    assert len(app.warning) >= len(failing)
    assert {"Attempts won", "Attempts a win takes", "How far players get in a week"} <= set(
        titles(app)
    )
    assert app.get("vega_lite_chart")


def test_names_are_text_never_markup(show: Show, tmp_path: Path) -> None:
    wins = attempts([(1, 1)], version=EVIL, mode=EVIL)
    lake = made(tmp_path, [*wins, *attempts([(1, 0)], version="1", mode="a")])
    app = show(lake, PAGE, progression_versions=progression.APART)
    sound(app)
    assert EVIL in [row["part"] for row in chart_of(app, "difference")]
    assert EVIL in app.selectbox(key="progression_mode").options
    assert not any(EVIL in text.value for text in [*app.markdown, *app.caption])
    assert not app.get("html")


def attempts(
    wins: Sequence[tuple[int, int]], players: int = 1, version: str = "1.0", mode: str = "main"
) -> list[dict[str, Any]]:
    """Starts of levels with their outcome, by players in turn, all on 1 January."""
    found = []
    for n, (level, won) in enumerate(wins):
        for kind in ("level_start", "level_complete" if won else "level_fail"):
            event = {"event_type": kind, "player_id": str(UUID(int=1 + n % players))}
            inside = {"level": level, "mode": mode}
            found.append({**event, "app_version": version, "properties": inside})
    return found


def made(folder: Path, events: list[dict[str, Any]]) -> Path:
    """A lake of these events, a second apart, and of one player's logins on three days."""
    settings = settings_for(folder, complete_until="2026-01-03")
    deliver(settings, [("a.jsonl", b"".join(_lines(events)))])
    return settings.lake


def _lines(events: list[dict[str, Any]]) -> Iterator[bytes]:
    login = {"event_type": "login", "player_id": str(UUID(int=1)), "properties": {}}
    timed = [(f"2026-01-0{day}T23:00:00Z", login) for day in (1, 2, 3)]
    timed += [(f"2026-01-01T10:{n // 60:02}:{n % 60:02}Z", e) for n, e in enumerate(events)]
    for n, (time, event) in enumerate(timed):
        named = {"event_id": str(UUID(int=1000 + n)), "timestamp": time, **event}
        yield json.dumps(named).encode() + b"\n"
