from __future__ import annotations

import pytest

from literal import Row, attempt, column, day, facts, lake, player, rows

PEOPLE = [player(p, n) for p, n in (("a", 1), ("b", 1), ("c", 2), ("late", 3), ("idle", 1))]
ATTEMPTS = [
    *(attempt("a", 1, "complete"), attempt("a", 2, "complete"), attempt("a", 4, "fail", 2)),
    *(attempt("b", 1, "fail"), attempt("b", 2, "complete", 4)),
    attempt("c", 1, "complete", 4),
    attempt("late", 5, "complete", 3),
]


def survival(**question: object) -> list[Row]:
    known = lake(facts(4), players=PEOPLE, level_attempts=ATTEMPTS)
    return rows(known, "level_survival", **{"by_day": 2, **question})


def test_level_survival_gives_every_player_the_same_days() -> None:
    # Cohort 3 was not seen for two days; b came to level 2 on day number 3.
    found = [(r["level"], r["starters"], r["reached"], r["survival"]) for r in survival()]
    assert found == [(1, 3, 3, 1.0), (2, 3, 1, 1 / 3), (4, 3, 1, 1 / 3)]


def test_level_survival_who_skips_a_level_has_reached_it() -> None:
    attempts = [attempt("a", 1, "complete"), attempt("a", 3, "fail"), attempt("b", 2, "fail")]
    known = lake(facts(1), players=PEOPLE, level_attempts=attempts)
    assert column(rows(known, "level_survival", by_day=0), "reached") == [2, 2, 1]


def test_level_survival_period_selects_cohorts() -> None:
    assert [(r["level"], r["starters"]) for r in survival(start=day(2))] == [(1, 1)]
    assert column(survival(end=day(1), by_day=3), "reached") == [2, 2, 1]


def test_level_survival_players_older_than_the_log_are_left_out() -> None:
    old = [player("a", -5, acquisition_source="metadata"), player("b", 1)]
    known = lake(facts(9), players=old, level_attempts=ATTEMPTS)
    assert column(rows(known, "level_survival"), "starters") == [1, 1]


def test_level_survival_interval_is_wilson() -> None:
    found = survival()[1]
    assert (found["low"], found["high"]) == pytest.approx((0.0615, 0.7923), abs=1e-4)


def test_level_survival_by_attribute() -> None:
    people = [{**p, "platform": "ios" if p["player_id"] == "a" else "android"} for p in PEOPLE]
    known = lake(facts(4), players=people, level_attempts=ATTEMPTS)
    found = rows(known, "level_survival", by="platform", by_day=2)
    assert [(r["level"], r["platform"], r["survival"]) for r in found] == [
        *((1, "android", 1.0), (1, "ios", 1.0), (2, "ios", 1.0), (4, "ios", 1.0))
    ]
