from __future__ import annotations

import pytest

from literal import column, day, facts, lake, played, player, rows, session


def test_sessions_per_dau_pools_as_ratio_of_sums() -> None:
    """Day 1: 6 sessions of 1 player; day 2: 3 of 3. The mean of ratios would be 3.5."""
    days = [played("a", 1, sessions=6), *[played(p, 2) for p in "abc"]]
    analytics = lake(facts(2), player_days=days)
    (found,) = rows(analytics, "sessions_per_dau")
    assert (found["sessions"], found["player_days"]) == (9, 4)
    assert found["sessions_per_dau"] == 2.25
    daily = rows(analytics, "sessions_per_dau", per="day")
    assert column(daily, "sessions_per_dau") == [6.0, 1.0]


def test_sessions_per_dau_leaves_incomplete_days_out() -> None:
    analytics = lake(facts(1), player_days=[played("a", 1), played("a", 2, sessions=9)])
    (found,) = rows(analytics, "sessions_per_dau", end=day(2))
    assert found["sessions_per_dau"] == 1.0
    daily = rows(analytics, "sessions_per_dau", end=day(2), per="day")
    assert column(daily, "sessions") == [1, 9]
    assert column(daily, "sessions_per_dau") == [1.0, None]


def test_sessions_per_dau_counts_no_idle_player() -> None:
    """Playtime past midnight alone makes no active player."""
    days = [played("a", 1, sessions=2), played("b", 1, sessions=0, active_events=0)]
    (found,) = rows(lake(facts(1), player_days=days), "sessions_per_dau")
    assert found["player_days"] == 1


def test_events_per_session() -> None:
    sessions = [session("a", 1, 60, events=5), session("b", 1, 60, events=2)]
    (found,) = rows(lake(facts(1), sessions=sessions), "events_per_session")
    assert (found["sessions"], found["events"], found["events_per_session"]) == (2, 7, 3.5)


def test_session_length_median_p90_mean_and_zero_share() -> None:
    sessions = [session("a", 1, seconds) for seconds in (0, 10, 20, 30, 140)]
    (found,) = rows(lake(facts(1), sessions=sessions), "session_length")
    assert found["sessions"] == 5
    assert found["median_seconds"] == 20
    assert found["p90_seconds"] == pytest.approx(96)
    assert found["mean_seconds"] == 40
    assert found["zero_length_share"] == 0.2


def test_session_length_per_day_by_platform() -> None:
    analytics = lake(
        facts(2),
        players=[player("a", 1, platform="ios"), player("b", 1, platform="android")],
        sessions=[session("a", 1, 10), session("b", 2, 50), session("b", 3, 90)],
    )
    found = rows(analytics, "session_length", per="day", by="platform", end=day(3))
    answers = {(r["event_date"], r["platform"]): r["median_seconds"] for r in found}
    assert answers[day(1), "ios"] == 10
    assert answers[day(1), "android"] is None
    assert answers[day(2), "android"] == 50
    assert answers[day(3), "android"] is None
