from __future__ import annotations

import pytest

from literal import Row, at, attempt, day, facts, lake, player, rows

E = "complete"


def tries(name: str, *outcomes: str, level: int = 1, on: int = 1, **more: object) -> list[Row]:
    """Attempts of a player, a minute apart, each of ten seconds more than the one before."""
    return [
        attempt(name, level, outcome, on, started_at=at(on, f"12:{n:02}:00"), seconds=10.0 * n)
        | more
        for n, outcome in enumerate(outcomes, start=1)
    ]


FIVE = [
    *tries("a", "complete"),
    *tries("b", "fail"),
    *tries("c", "fail", "complete"),
    *tries("d", "fail", "abandon"),
    *tries("e", "fail", "abandon", "complete"),
]


def test_level_time_counts_the_censored_and_leaves_them_out() -> None:
    (found,) = rows(lake(facts(1), level_attempts=FIVE), "level_time")
    assert [found[c] for c in ("attempts", "timed", "players", "completers", "censored")] == [
        *(9, 9, 5, 3, 2)
    ]
    # 10; 10 + 20; 10 + 20 + 30
    assert found["median_seconds_to_completion"] == 30
    assert found["attempts_completers_median"] == 2


def test_level_time_ends_with_the_first_win() -> None:
    (found,) = rows(lake(facts(1), level_attempts=tries("a", "fail", E, E, "fail")), "level_time")
    assert found["median_seconds_to_completion"] == 30
    assert (found["attempts_completers_median"], found["median_seconds"]) == (2, 25)


def test_level_time_unknown_lengths_are_not_zero() -> None:
    attempts = [*tries("a", "abandon", seconds=None), *tries("b", "complete", seconds=None)]
    (found,) = rows(lake(facts(1), level_attempts=attempts), "level_time")
    assert (found["attempts"], found["timed"], found["median_seconds"]) == (2, 0, None)
    assert (found["completers"], found["median_seconds_to_completion"]) == (1, None)


def test_level_time_wins_after_the_period_count_but_not_after_the_log() -> None:
    attempts = [
        *tries("a", "fail"),
        *tries("a", E, on=2),
        *tries("b", "fail"),
        *tries("b", E, on=3),
    ]
    (found,) = rows(lake(facts(2), level_attempts=attempts), "level_time", end=day(1))
    assert [found[c] for c in ("attempts", "players", "completers", "censored")] == [2, 2, 1, 1]


def test_level_time_of_players_who_began_before_the_period_is_not_counted() -> None:
    attempts = [*tries("a", "fail"), *tries("a", "complete", on=2)]
    (found,) = rows(lake(facts(2), level_attempts=attempts), "level_time", start=day(2))
    assert [found[c] for c in ("attempts", "players", "completers")] == [1, 0, 0]


def curve(attempts: list[Row], **question: object) -> list[Row]:
    return rows(lake(facts(2), level_attempts=attempts), "level_attempts_curve", **question)


def test_level_attempts_curve_by_hand() -> None:
    found = curve(FIVE)
    counts = [tuple(r[c] for c in ("attempt", "at_risk", "completed", "stopped")) for r in found]
    assert counts == [(1, 5, 1, 1), (2, 3, 1, 1), (3, 1, 1, 0)]
    assert [r["completed_share"] for r in found] == pytest.approx([0.2, 1 - 0.8 * 2 / 3, 1.0])
    assert [r["completers_share"] for r in found] == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_level_attempts_curve_interval_is_greenwood_on_the_log_log_scale() -> None:
    found = curve(FIVE)
    # Variance 1 / (5 * 4), so exp(1.96 * 0.2236 / 0.2231) = 7.128 stretches the logarithm.
    assert (found[0]["low"], found[0]["high"]) == pytest.approx((0.0308, 0.7962), abs=1e-4)
    assert (found[-1]["low"], found[-1]["high"]) == (None, None)


def test_level_attempts_curve_nobody_won() -> None:
    (found,) = curve(tries("a", "fail"))
    assert [found[c] for c in ("completed_share", "low", "high", "completers_share")] == [
        *(0.0, None, None, None)
    ]


def test_level_attempts_curve_has_no_bias_where_players_give_up() -> None:
    # Half of all attempts are won, and half of the losers give up each time: the truth is 1/2,
    # 3/4, 7/8, and 2 attempts a win. Those who won needed 1.29 on average.
    ways = {1: (32, 16), 2: (8, 4), 3: (2, 2)}
    attempts = [
        a
        for n, (won, lost) in ways.items()
        for end, players in (("complete", won), ("fail", lost))
        for p in range(players)
        for a in tries(f"{n}{end}{p}", *["fail"] * (n - 1), end)
    ]
    found = curve(attempts)
    assert [r["completed_share"] for r in found] == pytest.approx([1 / 2, 3 / 4, 7 / 8])
    assert [r["completers_share"] for r in found] == pytest.approx([32 / 42, 40 / 42, 1.0])
    (row,) = rows(lake(facts(1), level_attempts=attempts), "level_difficulty")
    assert row["attempts_per_success"] == 2
    (row,) = rows(lake(facts(1), level_attempts=attempts), "level_time")
    assert row["attempts_completers_median"] == 1


def test_level_attempts_curve_one_level_mode_and_split() -> None:
    attempts = [*FIVE, *tries("a", "complete", level=2, mode="hard")]
    assert {r["level"] for r in curve(attempts)} == {1, 2}
    assert {r["level"] for r in curve(attempts, level="2")} == {2}
    assert {r["level"] for r in curve(attempts, mode="hard")} == {2}
    people = [player(p, 1, platform="ios") for p in "ab"]
    found = rows(
        lake(facts(1), players=people, level_attempts=FIVE), "level_attempts_curve", by="platform"
    )
    assert [(r["platform"], r["attempt"], r["at_risk"]) for r in found] == [
        *(("ios", 1, 2), (None, 2, 3), (None, 3, 1))
    ]
