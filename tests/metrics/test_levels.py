from __future__ import annotations

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
