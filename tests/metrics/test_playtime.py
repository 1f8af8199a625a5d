from __future__ import annotations

import pytest

from literal import column, day, facts, lake, played, player, rows

DAYS = [
    played("a", 1, playtime_seconds=600.0),
    played("b", 1, playtime_seconds=0.0),
    played("a", 2, playtime_seconds=300.0),
    played("b", 2, active_events=0, playtime_seconds=60.0),
]


def test_playtime_is_a_ratio_of_sums() -> None:
    """960 seconds over three active player-days; 60 of them make nobody active."""
    (found,) = rows(lake(facts(2), player_days=DAYS), "playtime")
    assert (found["player_days"], found["playtime_seconds"]) == (3, 960)
    assert found["playtime_per_dau"] == 320
    assert found["median_seconds"] == 300
    assert found["p90_seconds"] == pytest.approx(540)


def test_playtime_per_day() -> None:
    found = rows(lake(facts(2), player_days=DAYS), "playtime", per="day", end=day(3))
    assert column(found, "playtime_per_dau") == [300, 360, None]
    assert column(found, "median_seconds") == [300, 300, None]
    assert column(found, "complete") == [True, True, False]


def test_playtime_by_attribute() -> None:
    people = [player("a", 1, platform="ios"), player("b", 1, platform="web")]
    found = rows(lake(facts(2), players=people, player_days=DAYS), "playtime", by="platform")
    assert {r["platform"]: r["playtime_per_dau"] for r in found} == {"ios": 450, "web": 60}


def test_playtime_of_unobserved_days_is_left_out() -> None:
    analytics = lake(facts(1), player_days=DAYS)
    assert rows(analytics, "playtime", end=day(2))[0]["playtime_seconds"] == 600
