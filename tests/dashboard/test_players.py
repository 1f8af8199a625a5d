"""The page Players shows what the lake holds of a player, and names as text."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

import questline
from lakes import deliver, settings_for
from questline import timeline
from questline.dashboard import charts_players as charts
from questline.metrics import Kind
from questline.metrics.display import brief
from questline.timeline import Order
from seen import said, sound

Show = Callable[..., AppTest]
Row = dict[str, Any]
DAY = date(2026, 1, 5)


def texts(app: AppTest) -> list[str]:
    return [str(text.value) for text in app.text]


@pytest.fixture(scope="module")
def payer(simulated: Path) -> Row:
    """Who paid most."""
    found: Row = timeline.pick(questline.open(simulated), Order.PAYERS).to_pylist()[0]
    return found


def test_page_lists_players_to_choose_from(show: Show, simulated: Path) -> None:
    app = show(simulated, "players")
    sound(app)
    expected = timeline.pick(questline.open(simulated)).to_pylist()
    shown = app.dataframe[0].value
    assert shown["player_id"].tolist() == [row["player_id"] for row in expected]
    assert len(shown) == timeline.MOST_PLAYERS


def test_lists_keep_to_order_and_filters_of_the_address(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    app = show(simulated, "players", player_order="Biggest payers", platform="ios")
    sound(app)
    scope = lake.scope(where="platform=ios")
    expected = timeline.pick(lake, Order.PAYERS, scope)["player_id"].to_pylist()
    assert app.dataframe[0].value["player_id"].tolist() == expected


def test_habits_of_all_players_are_drawn_as_the_address_says(show: Show, simulated: Path) -> None:
    days, weeks = show(simulated, "players"), show(simulated, "players", player_interval="Weeks")
    sound(weeks)
    assert drawn(days)[0] != drawn(weeks)[0]
    assert "On how many of 7 days players are active" in said(days)
    month = show(simulated, "players", player_window="L28")
    sound(month)
    assert "Not every day of this window was observed" in said(month)


def test_list_without_anybody_says_so(show: Show, simulated: Path) -> None:
    days = ["2027-01-01", "2027-01-03"]
    app = show(simulated, "players", period="Choose days", days=days)
    assert not app.exception
    assert "No player for these filters" in said(app)


def test_player_of_the_address_is_shown(show: Show, simulated: Path, payer: Row) -> None:
    lake = questline.open(simulated)
    app = show(simulated, "players", player_id=payer["player_id"])
    sound(app)
    (row,) = timeline.profile(lake, payer["player_id"]).to_pylist()
    shown = texts(app)
    assert f"{brief(row['net_usd'], Kind.USD)} in {row['purchases']:,}" in shown
    assert f"{row['sessions']:,}" in shown
    assert f"{row['last_day']:%-d %b %Y}" in shown
    assert row["platform"] in shown


def test_events_are_those_of_the_days(show: Show, simulated: Path, payer: Row) -> None:
    lake, player_id = questline.open(simulated), payer["player_id"]
    last = timeline.days_of(lake, player_id)["event_date"][0].as_py()
    app = show(simulated, "players", player_id=player_id, player_span="7 days")
    sound(app)
    found = timeline.events(lake, player_id, last - timedelta(6), last)
    shown = app.dataframe[0].value
    assert shown["event_id"].tolist() == found.table["event_id"].to_pylist()
    assert shown["properties"].tolist() == found.table["properties"].to_pylist()
    earlier = timeline.days_of(lake, player_id)["event_date"][-1].as_py()
    app = show(simulated, "players", player_id=player_id, player_until=str(earlier))
    sound(app)
    found = timeline.events(lake, player_id, earlier, earlier)
    assert app.dataframe[0].value["event_id"].tolist() == found.table["event_id"].to_pylist()


def test_long_list_of_events_says_that_it_is_cut(
    show: Show, simulated: Path, payer: Row, monkeypatch: Any
) -> None:
    real = timeline.events

    def events(analytics: Any, player_id: str, first: date, last: date) -> Any:
        return real(analytics, player_id, first, last, most=5)

    monkeypatch.setattr(timeline, "events", events)
    app = show(simulated, "players", player_id=payer["player_id"], player_span="90 days")
    sound(app)
    assert "The latest 5 of " in said(app)
    assert "Only the latest 5 of " in said(app)


def test_one_session_of_the_day_can_be_chosen(show: Show, simulated: Path, payer: Row) -> None:
    lake, player_id = questline.open(simulated), payer["player_id"]
    rows = timeline.sessions(lake, player_id, *all_days(lake, player_id)).table.to_pylist()
    day = next(r["session_date"] for r in rows if more_than_one(rows, r["session_date"]))
    start = min(f"{r['started_at']:%H:%M:%S}" for r in rows if r["session_date"] == day)
    asked = {"player_id": player_id, "player_until": str(day)}
    whole = show(simulated, "players", **asked)
    one = show(simulated, "players", **asked, player_session=start)
    sound(one)
    assert one.selectbox(key="player_session").value == start
    assert drawn(one)[0] == drawn(whole)[0]
    assert drawn(one)[1] != drawn(whole)[1]


def all_days(lake: Any, player_id: str) -> tuple[date, date]:
    """All days of a player."""
    days = timeline.days_of(lake, player_id)["event_date"].to_pylist()
    return days[-1], days[0]


def more_than_one(rows: list[Row], day: date) -> bool:
    return len([row for row in rows if row["session_date"] == day]) > 1


def drawn(app: AppTest) -> list[Any]:
    """What the charts are made of."""
    return [
        [bytes(part.data.data) for part in chart.proto.datasets] + [chart.proto.spec]
        for chart in app.get("vega_lite_chart")
    ]


def test_unknown_player_says_so(show: Show, simulated: Path) -> None:
    app = show(simulated, "players", player_id="<b>nobody</b>")
    sound(app)
    assert "No player of this lake has the id" in said(app)
    assert not any("<b>nobody" in str(text.value) for text in [*app.markdown, *app.caption])


def test_time_line_fails_alone(
    show: Show, simulated: Path, payer: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    def events(*_asked: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(timeline, "events", events)
    app = show(simulated, "players", player_id=payer["player_id"], player_span="28 days")
    assert not app.exception
    assert [w.value for w in app.warning] == ["The time line cannot be shown: by zero"]
    assert texts(app)


@pytest.mark.parametrize("odd", ["\x00", "a" * 1_000, "' OR 1 = 1 --", "%", " "])
def test_odd_ids_are_nobody(show: Show, simulated: Path, odd: str) -> None:
    app = show(simulated, "players", player_id=odd)
    sound(app)
    assert not texts(app)


def test_wrong_values_of_the_address_are_left_out(show: Show, simulated: Path, payer: Row) -> None:
    wrong = {"player_until": "soon", "player_span": "9 days", "player_window": "L9"}
    app = show(simulated, "players", player_id=payer["player_id"], **wrong)
    sound(app)
    right = show(simulated, "players", player_id=payer["player_id"])
    assert texts(app) == texts(right)


def test_click_on_a_row_opens_the_player_and_back_again(show: Show, simulated: Path) -> None:
    app = show(simulated, "players")
    first = app.dataframe[0].value["player_id"].tolist()[0]
    app.text_input(key="player_id").set_value(first).run()
    sound(app)
    assert texts(app)
    app.button(key="player_back").click().run()
    sound(app)
    assert not texts(app)
    assert app.text_input(key="player_id").value == ""


def test_names_of_a_player_are_text(show: Show, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script> **b** [x](http://x)"
    made = settings_for(tmp_path, complete_until="2026-01-03")
    rows = [
        {
            "event_id": str(UUID(int=n)),
            "player_id": str(UUID(int=7)),
            "event_type": evil if n else "session_start",
            "timestamp": f"2026-01-0{n + 1}T10:00:00Z",
            "platform": evil,
            "properties": {"note": evil},
        }
        for n in range(3)
    ]
    deliver(made, [("a.jsonl", "".join(f"{json.dumps(r)}\n" for r in rows).encode())])
    app = show(made.lake, "players", player_id=str(UUID(int=7)))
    sound(app)
    assert evil in texts(app)
    assert not any(evil in str(part.value) for part in [*app.markdown, *app.caption])
    assert app.dataframe[0].value["event_type"].tolist() == [evil, evil, "session_start"]
    assert not app.get("html")


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def session(start: datetime, end: datetime) -> Row:
    length = (end - start).total_seconds()
    return {
        "started_at": start, "ended_at": end, "length_seconds": length, "events": 2, "levels": None
    }  # fmt: skip


def event(kind: str, moment: datetime, **more: Any) -> Row:
    row = {"event_type": kind, "event_ts": moment, "event_date": moment.date()}
    return {**row, "level": None, "amount_usd": None, **more}


def layers(chart: Any) -> list[list[Row]]:
    made = chart.to_dict()
    found = []
    for layer in made["layer"]:
        data = layer.get("data") or made["data"]
        found.append(list(data.get("values") or made.get("datasets", {}).get(data.get("name"), [])))
    return found


def test_session_over_midnight_is_a_bar_on_each_day() -> None:
    next_day = DAY + timedelta(1)
    rows = [session(at(23, 30), at(0, 15, next_day))]
    bars, _, _ = layers(charts.days_of_player(rows, [], DAY, next_day))
    assert [(b["day"], b["hour"], b["until"]) for b in bars] == [
        ("2026-01-05", 23.5, 24.0), ("2026-01-06", 0.0, 0.25)
    ]  # fmt: skip
    only, _, _ = layers(charts.days_of_player(rows, [], next_day, next_day))
    assert [b["day"] for b in only] == ["2026-01-06"]


def test_purchases_are_marked_and_other_events_are_ticks() -> None:
    rows = [event("login", at(6, 30)), event("purchase", at(7), amount_usd=Decimal("1.5"))]
    bars, ticks, paid = layers(charts.days_of_player([], rows, DAY, DAY))
    assert (bars, [t["hour"] for t in ticks]) == ([], [6.5])
    assert [(p["what"], p["more"], p["mark"]) for p in paid] == [
        ("purchase", "$1.50", charts.MONEY)
    ]


def test_days_are_rows_the_latest_on_top_also_without_events() -> None:
    rows = [event("login", at(6))]
    made = charts.days_of_player([], rows, DAY - timedelta(2), DAY)
    domain = made.to_dict()["layer"][0]["encoding"]["y"]["scale"]["domain"]  # type: ignore[union-attr]
    assert domain == ["2026-01-05", "2026-01-04", "2026-01-03"]


def test_rare_types_share_a_row() -> None:
    rows = [event(f"type {n:02}", at(1, n)) for n in range(charts.MOST_LANES + 3)]
    rows += [event("often", at(2, n)) for n in range(5)]
    _, ticks = layers(charts.by_type([session(at(1), at(2))], rows))
    assert len({t["lane"] for t in ticks}) == charts.MOST_LANES + 1
    assert sum(t["lane"] == charts.OTHERS for t in ticks) == 4
    assert {t["lane"] for t in ticks if t["what"] == "often"} == {"often"}


def test_clock_is_drawn_as_it_stands_in_every_zone() -> None:
    _, ticks = layers(charts.by_type([], [event("login", at(6, 30))]))
    assert ticks[0]["at"] == 1767594600000
    text = json.dumps(charts.by_type([], [event("login", at(6))]).to_dict())  # type: ignore[union-attr]
    assert "utcFormat" in text
    assert "temporal" not in text


@pytest.mark.parametrize(
    ("minutes", "step"), [(0, 1_000), (11, 120_000), (90, 600_000), (1_430, 10_800_000)]
)
def test_clock_has_round_marks(minutes: int, step: int) -> None:
    rows = [event("login", at(0, 3)), event("login", at(0, 3) + timedelta(minutes=minutes))]
    x = charts.by_type([], rows).to_dict()["layer"][1]["encoding"]["x"]  # type: ignore[union-attr]
    marks = x["axis"]["values"]
    assert 2 <= len(marks) <= charts.MOST_STEPS + 1
    assert {b - a for a, b in pairwise(marks)} == {step}
    assert all(mark % step == 0 for mark in marks)


def test_who_stayed_away_is_below_zero_and_unknown_is_not_drawn() -> None:
    row = {"interval_start": DAY, "interval_end": DAY, "complete": True}
    row |= {"new": 3, "current": 2, "resurrected": None, "dormant": 4}
    parts = layers(charts.lifecycle([row]))[0]
    assert {p["part"]: p["value"] for p in parts} == {"New": 3, "Stayed": 2, "Away": -4}
    assert charts.lifecycle([row | dict.fromkeys(charts.FLOWS)]) is None


def test_power_users_not_observed_are_no_chart() -> None:
    row = {"active_days": 1, "players": 3, "share": 1.0, "share_at_least": 1.0}
    assert charts.power_users([row]) is not None
    assert charts.power_users([row | {"share": None}]) is None


def test_nothing_to_draw_is_no_chart() -> None:
    assert charts.days_of_player([], [], DAY, DAY) is None
    assert charts.by_type([], []) is None
    assert charts.lifecycle([]) is None
