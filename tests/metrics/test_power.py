from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from literal import column, day, facts, lake, played, player, rows
from questline.errors import UsageError

DAYS = [played("a", n) for n in range(1, 9)] + [played("b", n) for n in (2, 8)] + [played("c", 1)]
PEOPLE = [player("a", 1), player("b", 2, platform="ios"), player("c", 1)]


def test_power_users_of_seven_days() -> None:
    """Days 2 to 8: a on seven, b on two; c played before."""
    analytics = lake(facts(8), players=PEOPLE, player_days=DAYS)
    found = rows(analytics, "power_users", window=7)
    assert column(found, "active_days") == [1, 2, 3, 4, 5, 6, 7]
    assert column(found, "players") == [0, 1, 0, 0, 0, 0, 1]
    assert column(found, "share") == [0, 0.5, 0, 0, 0, 0, 0.5]
    assert column(found, "players_at_least") == [2, 2, 1, 1, 1, 1, 1]
    assert column(found, "share_at_least") == [1, 1, 0.5, 0.5, 0.5, 0.5, 0.5]


def test_power_users_full_exposure_leaves_out_who_came_inside_the_window() -> None:
    analytics = lake(facts(8), players=PEOPLE, player_days=DAYS)
    found = rows(analytics, "power_users", window="7", full_exposure=True)
    assert column(found, "players") == [0, 0, 0, 0, 0, 0, 1]


def test_power_users_window_must_be_observed() -> None:
    analytics = lake(facts(8), players=PEOPLE, player_days=DAYS)
    assert set(column(rows(analytics, "power_users"), "players")) == {None}
    assert len(rows(analytics, "power_users")) == 28
    early = rows(analytics, "power_users", window=7, end=day(6))
    assert set(column(early, "players")) == {None}
    later = rows(analytics, "power_users", window=7, start=day(9), end=day(20))
    assert set(column(later, "players")) == {None}


def test_power_users_window_reaches_back_before_the_period_and_ends_observed() -> None:
    analytics = lake(facts(8), players=PEOPLE, player_days=[*DAYS, played("b", 9)])
    found = rows(analytics, "power_users", window=7, start=day(8), end=day(20))
    assert column(found, "players") == [0, 1, 0, 0, 0, 0, 1]


def test_power_users_by_attribute_has_every_number_for_each() -> None:
    analytics = lake(facts(8), players=PEOPLE, player_days=DAYS)
    found = rows(analytics, "power_users", window=7, by="platform")
    assert len(found) == 14
    assert [r["active_days"] for r in found if r["platform"] == "ios" and r["share"]] == [2]


def test_power_users_refuses_another_window() -> None:
    with pytest.raises(UsageError, match="must be 7, 28 or 30"):
        rows(lake(facts(3)), "power_users", window=14)


@settings(max_examples=15, deadline=None)
@given(seen=st.sets(st.tuples(st.sampled_from("abcde"), st.integers(1, 40)), min_size=1))
def test_power_users_mean_is_the_stickiness_of_the_month(seen: set[tuple[str, int]]) -> None:
    """mean(L30) / 30 = mean of DAU over the days / MAU of the last day."""
    analytics = lake(facts(40), player_days=[played(p, n) for p, n in seen])
    curve = rows(analytics, "power_users", window=30)
    days = sum(r["active_days"] * r["players"] for r in curve)
    people = sum(r["players"] for r in curve)
    month = rows(analytics, "stickiness", start=day(11), end=day(40))
    assert month[-1]["mau"] == people
    if people:
        assert days / people / 30 == pytest.approx(sum(column(month, "dau")) / 30 / people)
