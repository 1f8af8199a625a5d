from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from literal import column, day, facts, lake, played, player, rows
from questline.errors import UsageError

FLOWS = ("active", "new", "current", "resurrected", "dormant")
PEOPLE = [
    player("a", 5),
    player("b", 6, platform="ios"),
    player("c", 13),
    player("d", 1, acquisition_source="metadata"),
]
DAYS = [played("a", n) for n in (5, 11, 12, 25)]
DAYS += [played("b", n) for n in (6, 19)] + [played("c", 13), played("d", 20)]


def flows(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in FLOWS) for row in found]


def test_lifecycle_by_week() -> None:
    """Three weeks from Monday, day 5: a plays in all, b in 1 and 3, c in 2, d (old) in 3."""
    found = rows(lake(facts(25, first=5), players=PEOPLE, player_days=DAYS), "lifecycle")
    assert column(found, "interval_start") == [day(5), day(12), day(19)]
    assert flows(found) == [
        (2, None, None, None, None),
        (2, 1, 1, 0, 1),
        (3, 0, 1, 2, 1),
    ]
    assert column(found, "quick_ratio") == [None, 1.0, 2.0]
    assert column(found, "complete") == [True, True, True]


def test_lifecycle_first_interval_tells_new_players_if_metadata_gives_acquisition() -> None:
    known = facts(25, first=5, acquisition_known=True)
    people = [player("a", 5), player("b", 1, acquisition_source="metadata")]
    days = [played("a", 5), played("b", 6)]
    found = rows(lake(known, players=people, player_days=days), "lifecycle")
    assert flows(found)[0] == (2, 1, None, None, None)


def test_lifecycle_needs_the_whole_interval_before() -> None:
    """The log begins on Tuesday: who played on Monday is not known."""
    found = rows(lake(facts(25, first=6), players=PEOPLE, player_days=DAYS), "lifecycle")
    assert flows(found)[1] == (2, None, None, None, None)
    assert flows(found)[2] == (3, 0, 1, 2, 1)
    assert column(found, "complete") == [False, True, True]


def test_lifecycle_unfinished_interval_cannot_tell_who_stays_away() -> None:
    found = rows(lake(facts(24, first=5), players=PEOPLE, player_days=DAYS), "lifecycle")
    assert flows(found)[2] == (2, 0, 0, 2, None)
    assert found[2]["quick_ratio"] is None
    assert found[2]["complete"] is False


def test_lifecycle_of_a_period_inside_an_interval_is_of_the_whole_interval() -> None:
    analytics = lake(facts(25, first=5), players=PEOPLE, player_days=DAYS)
    found = rows(analytics, "lifecycle", start=day(21), end=day(22))
    assert flows(found) == [(3, 0, 1, 2, 1)]


def test_lifecycle_player_who_registered_earlier_is_never_new() -> None:
    people = [player("a", 6, acquisition_source="metadata")]
    analytics = lake(facts(25, first=5), players=people, player_days=[played("a", 20)])
    assert flows(rows(analytics, "lifecycle"))[2] == (1, 0, 0, 1, 0)


def test_lifecycle_acquisition_after_the_first_activity_does_not_make_new_again() -> None:
    people = [player("a", 21, acquisition_source="metadata")]
    days = [played("a", 12), played("a", 26)]
    analytics = lake(facts(32, first=5), players=people, player_days=days)
    later = flows(rows(analytics, "lifecycle"))[1:]
    assert later == [(1, 1, 0, 0, 0), (0, 0, 0, 0, 1), (1, 0, 0, 1, 0)]


def test_lifecycle_by_attribute_adds_up() -> None:
    analytics = lake(facts(25, first=5), players=PEOPLE, player_days=DAYS)
    found = rows(analytics, "lifecycle", by="platform")
    third = {r["platform"]: flows([r])[0] for r in found if r["interval_start"] == day(19)}
    assert third == {"ios": (1, 0, 0, 1, 0), None: (2, 0, 1, 1, 1)}


@pytest.mark.parametrize("start", [1, 9, 30])
def test_lifecycle_four_weeks_are_the_same_for_every_period(start: int) -> None:
    found = rows(lake(facts(90)), "lifecycle", interval="4weeks", start=day(start))
    starts = column(found, "interval_start")
    assert {(s - date(1900, 1, 1)).days % 28 for s in starts} == {0}
    assert {s.weekday() for s in starts} == {0}
    assert {b - a for a, b in pairwise(starts)} == {timedelta(days=28)}
    assert starts[0] <= day(start) <= found[0]["interval_end"]


def test_lifecycle_refuses_another_interval() -> None:
    with pytest.raises(UsageError, match="must be day, week or 4weeks"):
        rows(lake(facts(3)), "lifecycle", interval="month")


@settings(max_examples=25, deadline=None)
@given(
    seen=st.sets(st.tuples(st.sampled_from("abcdef"), st.integers(1, 90)), max_size=60),
    early=st.sets(st.sampled_from("abcdef")),
    interval=st.sampled_from(["day", "week", "4weeks"]),
    by=st.sampled_from([None, "platform"]),
)
def test_lifecycle_identities(
    seen: set[tuple[str, int]], early: set[str], interval: str, by: str | None
) -> None:
    """active(t) = new + current + resurrected, and active(t - 1) = current(t) + dormant(t)."""
    first = {
        p: -9 if p in early else min([n for q, n in seen if q == p], default=1) for p in "abcdef"
    }
    people = [player(p, n, platform="ios" if p in "abc" else "web") for p, n in first.items()]
    analytics = lake(facts(90), players=people, player_days=[played(p, n) for p, n in seen])
    before: dict[Any, int] = {}
    told = 0
    for row in rows(analytics, "lifecycle", interval=interval, by=by):
        group = row.get("platform")
        if row["current"] is not None:
            told += 1
            assert row["active"] == row["new"] + row["current"] + row["resurrected"]
            assert all(row[name] >= 0 for name in FLOWS if row[name] is not None)
        if row["dormant"] is not None:
            assert before[group] == row["current"] + row["dormant"]
        before[group] = row["active"]
    assert told or not seen or interval == "4weeks"


@settings(max_examples=10, deadline=None)
@given(seen=st.sets(st.tuples(st.sampled_from("abcd"), st.integers(1, 15)), max_size=30))
def test_lifecycle_by_day_agrees_with_dau(seen: set[tuple[str, int]]) -> None:
    first = {p: min(n for q, n in seen if q == p) for p, _ in seen}
    people = [player(p, n) for p, n in first.items()]
    analytics = lake(facts(15), players=people, player_days=[played(p, n) for p, n in seen])
    flowing, daily = rows(analytics, "lifecycle", interval="day"), rows(analytics, "dau")
    assert column(flowing, "active") == column(daily, "players")
    assert column(flowing, "new")[1:] == column(daily, "new_players")[1:]


def test_lapsed_counts_days_since_the_last_active_one() -> None:
    """On day 40: a was last active 14 days before, b 13, c 30, d on the day."""
    days = [played("a", 26), played("b", 27), played("c", 10), played("d", 40), played("d", 1)]
    found = rows(lake(facts(40), player_days=days), "lapsed")
    assert [(r["days"], r["players"], r["lapsed"]) for r in found] == [(14, 4, 2), (30, 4, 1)]
    assert column(found, "lapsed_share") == [0.5, 0.25]
    assert column(found, "won_back") == [1, 1]


def test_lapsed_won_back_was_lapsed_the_day_before() -> None:
    """After day 1 a player is lapsed on day 15; on day 15 itself he comes back in time."""
    in_time = lake(facts(40), player_days=[played("a", 1), played("a", 15)])
    late = lake(facts(40), player_days=[played("a", 1), played("a", 16)])
    assert rows(in_time, "lapsed", days=[14])[0]["won_back"] == 0
    assert rows(late, "lapsed", days=[14])[0]["won_back"] == 1
    assert rows(late, "lapsed", days=[14], start=day(17))[0]["won_back"] == 0


def test_lapsed_is_null_until_so_many_days_were_observed() -> None:
    analytics = lake(facts(15), player_days=[played("a", 1)])
    found = rows(analytics, "lapsed", days=[14, 15])
    assert column(found, "lapsed") == [1, None]
    assert column(found, "won_back") == [None, None]


def test_lapsed_takes_the_end_of_the_period_as_the_day() -> None:
    analytics = lake(facts(40), player_days=[played("a", 1), played("a", 20)])
    assert rows(analytics, "lapsed", days=[14], end=day(16))[0]["lapsed"] == 1
    assert rows(analytics, "lapsed", days=[14], end=day(21))[0]["lapsed"] == 0


def test_lapsed_refuses_no_days() -> None:
    with pytest.raises(UsageError, match="1 or more"):
        rows(lake(facts(3)), "lapsed", days="0,14")
