from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from literal import at, column, day, facts, lake, played, player, rows


def test_dau_is_new_plus_returning_and_keeps_empty_days() -> None:
    analytics = lake(
        facts(3),
        players=[player("a", 1), player("b", 3)],
        player_days=[played("a", 1), played("a", 3), played("b", 3)],
    )
    found = rows(analytics, "dau")
    assert column(found, "event_date") == [day(1), day(2), day(3)]
    assert column(found, "players") == [1, 0, 2]
    assert column(found, "new_players") == [1, 0, 1]
    assert column(found, "returning_players") == [0, 0, 1]
    assert column(rows(analytics, "new_players"), "players") == [1, 0, 1]
    assert column(rows(analytics, "returning_players"), "players") == [0, 0, 1]


def test_dau_needs_an_active_event() -> None:
    idle = played("a", 1, active_events=0, playtime_seconds=60.0)
    assert column(rows(lake(facts(1), player_days=[idle]), "dau"), "players") == [0]


def test_dau_later_day_is_shown_when_asked_for_as_not_complete() -> None:
    analytics = lake(facts(2), player_days=[played("a", 2), played("a", 3)])
    assert column(rows(analytics, "dau"), "event_date") == [day(1), day(2)]
    found = rows(analytics, "dau", end=day(3))
    assert column(found, "players") == [0, 1, 1]
    assert column(found, "complete") == [True, True, False]


def test_dau_by_attribute_adds_up_and_keeps_the_unknown() -> None:
    analytics = lake(
        facts(1),
        players=[player("a", 1, platform="ios"), player("b", 1)],
        player_days=[played(p, 1) for p in "abc"],
    )
    found = rows(analytics, "dau", by="platform")
    assert {r["platform"]: r["players"] for r in found} == {"ios": 1, None: 2}


def test_dau_by_experiment_is_the_variant_of_the_first_exposure() -> None:
    seen = [
        {"experiment": "gate", "variant": "late", "exposed_at": at(1)},
        {"experiment": "shop", "variant": "red", "exposed_at": at(1)},
    ]
    analytics = lake(
        facts(1),
        players=[player("a", 1, variants=seen), player("b", 1)],
        player_days=[played("a", 1), played("b", 1)],
    )
    found = rows(analytics, "dau", by="experiment.gate")
    assert {r["variant"]: r["players"] for r in found} == {"late": 1, None: 1}
    found = rows(analytics, "dau", where="experiment.shop=red")
    assert column(found, "players") == [1]


def test_new_players_also_counts_those_who_never_played() -> None:
    analytics = lake(
        facts(1), players=[player("a", 1), player("b", 1)], player_days=[played("a", 1)]
    )
    (found,) = rows(analytics, "new_players")
    assert (found["players"], found["acquired"]) == (1, 2)


def test_install_ratio_pools_as_ratio_of_sums() -> None:
    """Day 1: one of one is new; day 2: one of three. The mean of ratios would be 2/3."""
    people = [player("a", 1), player("b", 2), player("c", -3)]
    days = [played("a", 1), *[played(p, 2) for p in "abc"]]
    analytics = lake(facts(2), players=people, player_days=days)
    (found,) = rows(analytics, "install_ratio")
    assert (found["new_players"], found["player_days"]) == (2, 4)
    assert found["install_ratio"] == 0.5
    daily = rows(analytics, "install_ratio", per="day", end=day(3))
    assert column(daily, "install_ratio") == [1.0, 1 / 3, None]


def test_wau_is_null_until_seven_days_of_history() -> None:
    analytics = lake(facts(9), player_days=[played("a", 1), played("b", 2), played("b", 8)])
    found = rows(analytics, "wau")
    assert column(found, "players") == [None] * 6 + [2, 1, 1]


def test_wau_of_a_later_period_looks_back_before_it() -> None:
    analytics = lake(facts(20), player_days=[played("a", 9), played("b", 10)])
    found = rows(analytics, "wau", start=day(15), end=day(17))
    assert column(found, "players") == [2, 1, 0]


def test_mau_and_stickiness_need_thirty_days() -> None:
    days = [played("a", n) for n in (1, 30)] + [played("b", n) for n in (2, 31)]
    analytics = lake(facts(31), player_days=days)
    assert column(rows(analytics, "mau"), "players") == [None] * 29 + [2, 2]
    found = rows(analytics, "stickiness", start=day(29), end=day(32))
    assert column(found, "dau") == [0, 1, 1, 0]
    assert column(found, "stickiness") == [None, 0.5, 0.5, None]
    assert column(found, "complete") == [True, True, True, False]


@settings(max_examples=15, deadline=None)
@given(
    seen=st.sets(st.tuples(st.sampled_from("abcd"), st.integers(1, 20)), max_size=40),
    by=st.sampled_from([None, "platform"]),
)
def test_wau_equals_counting_every_window(seen: set[tuple[str, int]], by: str | None) -> None:
    people = [player("a", 1, platform="ios"), player("b", 1, platform="ios"), player("c", 1)]
    group = {"a": "ios", "b": "ios"} if by else {}
    analytics = lake(facts(20), players=people, player_days=[played(p, n) for p, n in seen])
    for row in rows(analytics, "wau", start=day(7), by=by):
        last = (row["event_date"] - day(1)).days + 1
        window = {p for p, n in seen if last - 6 <= n <= last}
        assert row["players"] == len({p for p in window if group.get(p) == row.get("platform")})
