from __future__ import annotations

import pytest

from literal import attempt, column, day, facts, lake, player, rows

ATTEMPTS = [
    attempt("a", 1, "complete"),
    attempt("b", 1, "fail"),
    attempt("b", 1, "fail", 2),
    attempt("b", 1, "complete", 2),
    attempt("c", 1, "abandon"),
    attempt("a", 2, "fail", mode="hard"),
    attempt("a", 2, "complete", 3),
]


def test_level_funnel_counts_players_and_attempts() -> None:
    first, second = rows(lake(facts(2), level_attempts=ATTEMPTS), "level_funnel")
    assert (first["level"], first["reached"], first["completed"]) == (1, 3, 2)
    assert first["completion_rate"] == 2 / 3
    assert [first[c] for c in ("attempts", "wins", "fails", "abandons")] == [5, 2, 2, 1]
    assert (first["win_rate"], first["attempts_per_success"]) == (0.4, 2.5)
    assert (second["completion_rate"], second["attempts_per_success"]) == (0.0, None)


def test_level_funnel_mode_and_period() -> None:
    analytics = lake(facts(3), level_attempts=ATTEMPTS)
    assert column(rows(analytics, "level_funnel", mode="hard"), "level") == [2]
    found = rows(analytics, "level_funnel", start=day(3))
    assert column(found, "completed") == [1]


def test_level_funnel_by_attribute() -> None:
    people = [player("a", 1, country="DE"), player("b", 1, country="FR")]
    found = rows(
        lake(facts(2), players=people, level_attempts=ATTEMPTS), "level_funnel", by="country"
    )
    answers = {(r["level"], r["country"]): r["win_rate"] for r in found}
    assert answers == {(1, "DE"): 1.0, (1, "FR"): 1 / 3, (1, None): 0.0, (2, "DE"): 0.0}


def test_level_funnel_abandoned_attempts_are_neither_won_nor_lost() -> None:
    first, _ = rows(lake(facts(2), level_attempts=ATTEMPTS), "level_funnel")
    assert (first["win_rate"], first["fail_rate"]) == (2 / 5, 2 / 5)


def test_level_funnel_interval_counts_players() -> None:
    attempts = [attempt(f"p{n}", 1, "complete" if n < 20 else "fail") for n in range(100)]
    (found,) = rows(lake(facts(1), level_attempts=attempts * 3), "level_funnel")
    ends = (found["completion_low"], found["completion_high"])
    assert ends == pytest.approx((0.1334, 0.2888), abs=5e-5)


def test_level_funnel_version_is_that_of_the_attempt() -> None:
    attempts = [
        attempt("a", 1, "fail", app_version="1.0"),
        attempt("a", 1, "complete", app_version="1.1"),
        attempt("b", 1, "complete", app_version="1.1"),
        attempt("b", 2, "fail"),
    ]
    found = rows(lake(facts(1), level_attempts=attempts), "level_funnel", versions=True)
    assert [(r["level"], r["version"], r["reached"], r["win_rate"]) for r in found] == [
        (1, "1.0", 1, 0.0),
        (1, "1.1", 2, 1.0),
        (2, None, 1, 0.0),
    ]
