from __future__ import annotations

from datetime import timedelta

import pytest

from literal import Row, at, attempt, column, day, facts, lake, played, player, rows
from questline.errors import UsageError


def tried(
    name: str, level: int, outcome: str, on: int, clock: str = "12:00:00", **more: object
) -> Row:
    return attempt(name, level, outcome, on, started_at=at(on, clock), **more)


def quits(attempts: list[Row], last: int = 9, **question: object) -> list[Row]:
    return rows(lake(facts(last), level_attempts=attempts), "level_quits", **question)


def test_level_quits_trying_another_level_is_no_quit() -> None:
    attempts = [tried("a", 1, "fail", 1), tried("a", 2, "fail", 1, "13:00:00", mode="hard")]
    found = quits(attempts)
    assert column(found, "quit_after_fail") == [0.0, 1.0]
    assert column(quits(attempts, mode="hard"), "level") == [2]


def test_level_quits_attempts_of_one_instant_follow_each_other() -> None:
    attempts = [tried("a", 1, "fail", 1), tried("a", 2, "fail", 1), tried("b", 1, "fail", 1)]
    found = quits(attempts)
    assert [(row["fails"], row["quits"]) for row in found] == [(2, 1), (1, 0)]


@pytest.mark.parametrize(("later", "share"), [(0, 0.0), (1, 1.0)])
def test_level_quits_the_last_moment_still_counts(later: int, share: float) -> None:
    again = at(2) + timedelta(microseconds=later)
    attempts = [tried("a", 1, "fail", 1), attempt("a", 1, "complete", 2, started_at=again)]
    (found,) = quits(attempts)
    assert (found["fails"], found["quit_after_fail"]) == (1, share)


@pytest.mark.parametrize(("clock", "fails", "pending"), [("00:00:00", 1, 0), ("00:00:01", 0, 1)])
def test_level_quits_a_time_that_is_not_over_is_pending(
    clock: str, fails: int, pending: int
) -> None:
    (found,) = quits([tried("a", 1, "fail", 5, clock)], last=5)
    assert (found["fails"], found["pending"]) == (fails, pending)
    assert found["quit_after_fail"] == (1.0 if fails else None)


def test_level_quits_only_fails_count() -> None:
    attempts = [tried("a", 1, "complete", 1), tried("b", 1, "abandon", 1), tried("c", 1, "fail", 1)]
    (found,) = quits(attempts)
    assert (found["players"], found["fails"], found["quits"]) == (1, 1, 1)


def test_level_quits_interval_counts_players() -> None:
    # 19 fails of one player who always goes on, one of a player who leaves.
    stays = [tried("a", 1, "fail", 1, f"12:{n:02}:00") for n in range(19)]
    stays.append(tried("a", 1, "complete", 1, "12:30:00"))
    (found,) = quits([*stays, tried("b", 1, "fail", 1)])
    # Both are off by 0.95 quits: a variance of 1.805. Ten single fails have 10 * 0.95 / 19 = 0.5,
    # so 20 fails tell as much as 20 / 3.61.
    assert (found["fails"], found["quit_after_fail"]) == (20, 0.05)
    n, z2 = 20 / 3.61, 3.841459
    middle = (0.05 * n + z2 / 2) / (n + z2)
    half = z2**0.5 / (n + z2) * (0.0475 * n + z2 / 4) ** 0.5
    assert found["high"] == pytest.approx(middle + half, abs=1e-6)


def test_level_quits_within_a_time_of_your_own() -> None:
    attempts = [tried("a", 1, "fail", 1), tried("a", 1, "complete", 1, "14:00:00")]
    assert column(quits(attempts, within="1h"), "quits") == [1]
    assert column(quits(attempts, within="2h"), "quits") == [0]
    with pytest.raises(UsageError, match="within == 'x', must be a time such as 90s"):
        quits(attempts, within="x")


STAYED = [
    *(attempt("gone", 1, "complete", 1), attempt("gone", 2, "fail", 1)),
    *(attempt("here", 1, "complete", 1), attempt("here", 2, "fail", 1)),
    *(attempt("won", 1, "complete", 1), attempt("won", 2, "complete", 2)),
    *(attempt("on", 1, "fail", 1), attempt("on", 2, "fail", 1), attempt("on", 3, "fail", 1)),
    attempt("new", 2, "complete", 4),
]
DAYS = [played("gone", 1), played("here", 4), played("won", 2), played("on", 1), played("new", 4)]


def churn(**question: object) -> list[Row]:
    return rows(lake(facts(10), level_attempts=STAYED, player_days=DAYS), "level_churn", **question)


COUNTS = ("level", "started", "passed", "churned", "pending", "end_of_content", "churn")


def test_level_churn_by_hand() -> None:
    found = [tuple(r[c] for c in COUNTS) for r in churn()]
    assert found == [
        (1, 4, 4, 0, 0, 0, 0.0),
        # "here" was active within the last seven days, "new" started within them
        (2, 5, 2, 1, 2, 0, 1 / 3),
        (3, 1, 0, 0, 0, 1, None),
    ]


def test_level_churn_interval_is_wilson() -> None:
    found = churn()[1]
    assert (found["low"], found["high"]) == pytest.approx((0.0615, 0.7923), abs=1e-4)


def test_level_churn_fewer_days_judge_more_players() -> None:
    found = churn(inactive=6)[1]
    assert [found[c] for c in ("passed", "churned", "pending")] == [3, 2, 0]
    found = churn(inactive="10")[1]
    assert [found[c] for c in ("passed", "churned", "pending", "churn")] == [0, 0, 5, None]


def test_level_churn_last_level_is_end_of_content() -> None:
    assert column(churn(last_level=2), "end_of_content") == [0, 5, 1]
    assert column(churn(last_level=9), "churned") == [0, 1, 1]


def test_level_churn_period_chooses_who_started_in_it() -> None:
    assert [tuple(r[c] for c in COUNTS) for r in churn(start=day(2), end=day(3))] == [
        (2, 1, 1, 0, 0, 0, 0.0)
    ]


def test_level_churn_last_level_is_of_all_groups() -> None:
    people = [player("gone", 1, platform="ios")]
    found = rows(
        lake(facts(10), players=people, level_attempts=STAYED, player_days=DAYS),
        "level_churn",
        by="platform",
    )
    answers = {(r["level"], r["platform"]): r["churned"] for r in found}
    assert answers == {(1, "ios"): 0, (1, None): 0, (2, "ios"): 1, (2, None): 0, (3, None): 0}


def test_level_churn_other_activity_keeps_a_player() -> None:
    days = [*DAYS, played("gone", 9)]
    found = rows(lake(facts(10), level_attempts=STAYED, player_days=days), "level_churn")
    assert (found[1]["churned"], found[1]["pending"]) == (0, 3)
    idle = [*DAYS, played("gone", 9, active_events=0), played("gone", 11)]
    found = rows(lake(facts(10), level_attempts=STAYED, player_days=idle), "level_churn")
    assert (found[1]["churned"], found[1]["pending"]) == (1, 2)
