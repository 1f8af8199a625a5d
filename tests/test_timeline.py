from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lakes import deliver, rows_of, settings_for
from literal import at, bought, day, event, facts, lake, played, player
from questline import timeline
from questline.api import Analytics
from questline.api import open as open_lake
from questline.metrics import Scope
from questline.timeline import Order

Row = dict[str, Any]


def session(player_id: str, number: int, start: str, end: str, until: int | None = None) -> Row:
    started, ended = at(number, start), at(until or number, end)
    return {
        "player_id": player_id,
        "session_date": day(number),
        "started_at": started,
        "ended_at": ended,
        "length_seconds": (ended - started).total_seconds(),
        "events": 1,
    }


@pytest.fixture
def three() -> Analytics:
    """a played last, b paid most, c had most sessions."""
    return lake(
        facts(9),
        players=[player("a", 1, platform="ios"), player("b", 1), player("c", 1, platform="ios")],
        player_days=[
            played("a", 8, sessions=1),
            played("b", 7, gross_usd=Decimal(5), refunded_usd=Decimal(1)),
            played("c", 1, sessions=4, gross_usd=Decimal(3)),
            played("c", 6, sessions=5),
            played("c", 9, active_events=0),
        ],
    )


def ids(found: Any) -> list[str]:
    return list(found["player_id"].to_pylist())


def test_pick_orders_by_last_day_money_or_sessions(three: Analytics) -> None:
    assert ids(timeline.pick(three)) == ["a", "b", "c"]
    assert ids(timeline.pick(three, Order.PAYERS)) == ["b", "c"]
    assert ids(timeline.pick(three, Order.SESSIONS)) == ["c", "a", "b"]
    assert ids(timeline.pick(three, Order.SESSIONS, most=1)) == ["c"]


def test_pick_says_what_the_player_did(three: Analytics) -> None:
    found = timeline.pick(three, Order.PAYERS).to_pylist()
    assert [(r["net_usd"], r["active_days"], r["sessions"]) for r in found] == [
        (4, 1, 1),
        (3, 2, 10),
    ]
    assert found[1]["last_day"] == day(6)


def test_pick_keeps_to_the_scope(three: Analytics) -> None:
    ios: Scope = three.scope(where="platform=ios")
    assert ids(timeline.pick(three, scope=ios)) == ["a", "c"]
    first_days = three.scope(start=day(1), end=day(6))
    assert ids(timeline.pick(three, scope=first_days)) == ["c"]
    assert timeline.pick(three, scope=three.scope(where="platform=none")).num_rows == 0


def test_profile_is_the_row_of_the_player_and_what_he_did(three: Analytics) -> None:
    (row,) = timeline.profile(three, "c").to_pylist()
    assert (row["platform"], row["acquisition_date"]) == ("ios", day(1))
    assert (row["first_day"], row["last_day"], row["active_days"]) == (day(1), day(6), 2)
    assert (row["sessions"], row["gross_usd"], row["net_usd"]) == (10, 3, 3)


def test_profile_of_nobody_has_no_row(three: Analytics) -> None:
    for unknown in ("d", "", "' OR 1 = 1 --", "a\\", "☃", "a\0"):
        assert timeline.profile(three, unknown).num_rows == 0


def test_profile_of_a_player_without_events_is_zero() -> None:
    (row,) = timeline.profile(lake(facts(2), players=[player("a", 1)]), "a").to_pylist()
    assert (row["last_day"], row["active_days"], row["sessions"], row["net_usd"]) == (None, 0, 0, 0)


def test_sessions_that_reach_into_the_days_belong_to_them() -> None:
    over_midnight = session("a", 2, "23:50:00", "00:10:00", until=3)
    rows = [
        session("a", 1, "10:00:00", "11:00:00"),
        over_midnight,
        session("a", 3, "09:00:00", "09:30:00"),
        session("a", 4, "09:00:00", "09:30:00"),
        session("b", 3, "09:00:00", "09:30:00"),
    ]
    days = [played(p, n, events=1) for p, n in (("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 3))]
    found = timeline.sessions(lake(facts(9), sessions=rows, player_days=days), "a", day(3), day(3))
    assert found.total == 2
    assert found.table["started_at"].to_pylist() == [at(3, "09:00:00"), over_midnight["started_at"]]


def test_events_are_the_latest_and_say_how_many_there_are() -> None:
    rows = [event("a", "login", at(n, f"0{h}:00:00")) for n in (1, 2, 3) for h in (1, 2)]
    days = [played("a", n, events=2) for n in (1, 2, 3)]
    made = lake(facts(9), events=rows, player_days=days)
    found = timeline.events(made, "a", day(1), day(2), most=3)
    assert found.total == 4
    assert found.table["event_ts"].to_pylist() == [
        at(2, "02:00:00"), at(2, "01:00:00"), at(1, "02:00:00")
    ]  # fmt: skip
    assert timeline.events(made, "a", day(5), day(9)).total == 0
    assert timeline.events(made, "b", day(1), day(9)).total == 0


def test_properties_are_cut() -> None:
    long = '{"note": "' + "x" * 10_000 + '"}'
    made = lake(
        facts(2),
        events=[event("a", "login", at(1), properties=long)],
        player_days=[played("a", 1, events=1)],
    )
    (text,) = timeline.events(made, "a", day(1), day(1)).table["properties"].to_pylist()
    assert text == long[: timeline.MOST_CHARACTERS]


def test_times_are_those_of_the_reporting_zone() -> None:
    made = lake(
        facts(2, reporting_zone="Asia/Kolkata"),
        events=[event("a", "login", at(1))],
        player_days=[played("a", 1, events=1)],
    )
    (moment,) = timeline.events(made, "a", day(1), day(1)).table["event_ts"].to_pylist()
    assert f"{moment:%H:%M}" == "17:30"
    assert moment == at(1)


def test_purchases_of_the_days_latest_first() -> None:
    rows = [bought("a", 1, "2"), bought("a", 2, "3", "1"), bought("b", 2, "9")]
    days = [played(p, n, events=1) for p, n in (("a", 1), ("a", 2), ("b", 2))]
    found = timeline.purchases(
        lake(facts(9), purchases=rows, player_days=days), "a", day(1), day(2)
    )
    assert found.table["net_usd"].to_pylist() == [2, 2]
    assert found.table["event_date"].to_pylist() == [day(2), day(1)]


def test_whole_lake_and_its_time_lines_say_the_same(tmp_path: Any) -> None:
    """Each event, session and purchase of the lake is in the time line of its player."""
    made = settings_for(tmp_path)
    line = (
        '{{"event_id": "00000000-0000-4000-8000-{0:012d}", "player_id": '
        '"00000000-0000-4000-9000-00000000000{1}", "event_type": "{2}", '
        '"timestamp": "2026-01-0{3}T23:5{4}:00Z", "properties": {5}}}\n'
    )
    money = '{"price": 2, "currency": "EUR", "product_id": "p"}'
    lines = [
        line.format(n, n % 3, "purchase" if n % 5 == 0 else "login", 1 + n % 7, n % 10,
                    money if n % 5 == 0 else "{}")
        for n in range(60)
    ]  # fmt: skip
    deliver(made, [("a.jsonl", "".join(lines).encode())])
    analytics = open_lake(made.lake, made)
    for number in range(3):
        player_id = f"00000000-0000-4000-9000-00000000000{number}"
        whole = (player_id, day(1), day(9))
        for table, reading in (
            ("events", timeline.events),
            ("sessions", timeline.sessions),
            ("purchases", timeline.purchases),
        ):
            of_player = [
                r
                for r in rows_of(made.lake, table, comparable=False)
                if r["player_id"] == player_id
            ]
            assert reading(analytics, *whole).total == len(of_player) > 0
        days = timeline.days_of(analytics, player_id)["event_date"].to_pylist()
        assert days == sorted(days, reverse=True)
        assert days[0] - days[-1] <= timedelta(7)
