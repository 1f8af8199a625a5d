from __future__ import annotations

from datetime import date

from literal import column, day, facts, lake, played, player, rows

MONTHS = [played("a", n) for n in (1, 31, 40)] + [played("b", n) for n in (32, 59, 60)]


def test_mau_calendar_counts_each_month_once() -> None:
    """January has a, February a and b (its last day is day 59), March b."""
    analytics = lake(facts(90), player_days=[*MONTHS, played("a", 1)])
    found = rows(analytics, "mau_calendar")
    assert column(found, "interval_start") == [day(1), day(32), day(60)]
    assert column(found, "interval_end") == [day(31), day(59), day(90)]
    assert column(found, "players") == [1, 2, 1]
    assert column(found, "complete") == [True, True, True]


def test_mau_calendar_of_a_month_not_wholly_observed_is_not_complete() -> None:
    analytics = lake(facts(70, first=2), player_days=MONTHS)
    found = rows(analytics, "mau_calendar")
    assert column(found, "complete") == [False, True, False]
    assert column(found, "players") == [1, 2, 1]


def test_mau_calendar_of_a_period_inside_a_month_counts_the_whole_month() -> None:
    found = rows(lake(facts(90), player_days=MONTHS), "mau_calendar", start=day(33), end=day(35))
    assert [(r["interval_start"], r["players"]) for r in found] == [(day(32), 2)]


def test_mau_calendar_counts_an_unobserved_day_only_if_the_period_holds_it() -> None:
    analytics = lake(facts(40), player_days=MONTHS)
    assert column(rows(analytics, "mau_calendar"), "players") == [1, 2]
    assert column(rows(analytics, "mau_calendar", start=day(32)), "players") == [2]
    late = rows(analytics, "mau_calendar", start=day(60), end=day(61))
    assert [(r["players"], r["complete"]) for r in late] == [(1, False)]
    unseen = lake(facts(40), player_days=[played("c", 59)])
    assert column(rows(unseen, "mau_calendar"), "players") == [0, 0]


def test_mau_calendar_by_attribute_keeps_months_without_anybody() -> None:
    people = [player("a", 1, platform="ios"), player("b", 1)]
    found = rows(lake(facts(90), players=people, player_days=MONTHS), "mau_calendar", by="platform")
    answers = {(r["interval_start"], r["platform"]): r["players"] for r in found}
    assert answers[day(60), "ios"] == 0
    assert answers[day(32), None] == 1
    assert len(answers) == 6


def test_wau_calendar_weeks_begin_on_monday() -> None:
    """1 January 2026 is a Thursday: Sunday is day 4, Monday day 5."""
    days = [played("a", 4), played("a", 5), played("b", 11), played("b", 12)]
    found = rows(lake(facts(18), player_days=days), "wau_calendar")
    assert column(found, "interval_start") == [date(2025, 12, 29), day(5), day(12)]
    assert column(found, "interval_end") == [day(4), day(11), day(18)]
    assert column(found, "players") == [1, 2, 1]
    assert column(found, "complete") == [False, True, True]
