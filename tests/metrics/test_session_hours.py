from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from literal import column, day, facts, lake, player, rows
from questline.lake.facts import LakeFacts
from questline.metrics.clock import offsets

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def begun(player_id: str, moment: str | datetime, zone: str = "UTC") -> dict[str, Any]:
    """A session that starts at a moment in UTC."""
    start = datetime.fromisoformat(f"{moment}+00:00") if isinstance(moment, str) else moment
    local = start.astimezone(ZoneInfo(zone)).date()
    return {"player_id": player_id, "started_at": start, "session_date": local}


def hours(zone: str, *moments: str) -> list[int]:
    """Hours of the zone in which sessions start, one for each session."""
    sessions = [begun("a", moment, zone) for moment in moments]
    analytics = lake(LakeFacts(1, *YEAR, reporting_zone=zone), sessions=sessions)
    found = rows(analytics, "session_hours", cycle="day")
    assert column(found, "hour") == list(range(24))
    return [r["hour"] for r in found for _ in range(r["sessions"])]


def test_session_hours_by_weekday_and_hour() -> None:
    """5 January 2026 is a Monday."""
    sessions = [begun("a", "2026-01-05T20:59:59"), begun("a", "2026-01-12T20:00:00")]
    sessions += [begun("b", "2026-01-04T00:00:00"), begun("b", "2026-01-05T20:30:00")]
    found = rows(lake(facts(14), sessions=sessions), "session_hours")
    assert len(found) == 168
    told = {(r["weekday"], r["hour"]): r for r in found if r["sessions"]}
    assert {k: (r["sessions"], r["players"]) for k, r in told.items()} == {
        (1, 20): (3, 2),
        (7, 0): (1, 1),
    }
    assert told[1, 20]["share"] == 0.75


def test_session_hours_when_clocks_go_forward_leave_an_hour_out() -> None:
    moments = ("2026-03-29T00:59:59", "2026-03-29T01:00:00", "2026-03-29T22:00:00")
    assert hours("Europe/Berlin", *moments) == [0, 1, 3]


def test_session_hours_when_clocks_go_back_have_one_twice() -> None:
    moments = ("2026-10-24T23:59:59", "2026-10-25T00:30:00", "2026-10-25T01:30:00")
    assert hours("Europe/Berlin", *moments, "2026-10-25T02:00:00") == [1, 2, 2, 3]


def test_session_hours_in_a_zone_of_half_hours() -> None:
    assert hours("Asia/Kolkata", "2026-05-01T18:29:59", "2026-05-01T18:30:00") == [0, 23]


def test_session_hours_where_summer_time_is_half_an_hour() -> None:
    """Lord Howe is 11 hours ahead until 4 April 15:00 UTC, then 10 and a half."""
    assert hours("Australia/Lord_Howe", "2026-04-04T14:45:00", "2026-04-04T15:00:00") == [1, 1]


@settings(max_examples=25, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    seconds=st.lists(st.integers(0, 363 * 86_400), min_size=1, max_size=30),
)
def test_session_hours_equal_the_clock_of_zoneinfo(zone: str, seconds: list[int]) -> None:
    begin = datetime(2026, 1, 2, tzinfo=UTC)
    moments = [begin + timedelta(seconds=s) for s in seconds]
    sessions = [begun("a", moment, zone) for moment in moments]
    analytics = lake(LakeFacts(1, *YEAR, reporting_zone=zone), sessions=sessions)
    expected = [(m.astimezone(ZoneInfo(zone))) for m in moments]
    found = rows(analytics, "session_hours")
    counted = [(r["weekday"], r["hour"]) for r in found for _ in range(r["sessions"])]
    assert counted == sorted((m.isoweekday(), m.hour) for m in expected)


@pytest.mark.parametrize("zone", ZONES)
def test_offsets_change_at_the_second_of_zoneinfo(zone: str) -> None:
    clock = ZoneInfo(zone)
    *changes, _ = offsets(zone, *YEAR)
    assert len(changes) == (0 if zone in ("UTC", "Asia/Kolkata") else 2)
    for change in changes:
        before = change.until - timedelta(seconds=1)
        assert before.astimezone(clock).utcoffset() == change.ahead
        assert change.until.astimezone(clock).utcoffset() != change.ahead


def test_session_hours_leave_unobserved_days_out() -> None:
    sessions = [begun("a", "2026-01-01T05:00:00"), begun("a", "2026-01-02T06:00:00")]
    analytics = lake(facts(1), sessions=sessions)
    found = rows(analytics, "session_hours", cycle="day", end=day(2))
    assert {r["hour"] for r in found if r["sessions"]} == {5}


def test_session_hours_by_attribute_share_within_each() -> None:
    people = [player("a", 1, country="DE"), player("b", 1, country="US")]
    sessions = [begun("a", "2026-01-01T05:00:00"), begun("b", "2026-01-01T05:00:00")]
    analytics = lake(facts(1), players=people, sessions=sessions)
    found = rows(analytics, "session_hours", cycle="day", by="country")
    assert len(found) == 48
    assert {r["country"]: r["share"] for r in found if r["sessions"]} == {"DE": 1.0, "US": 1.0}
