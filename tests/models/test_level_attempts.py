from typing import Any

from model_rows import Runner, event


def outcomes(rows: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    rows = sorted(rows, key=lambda r: r["started_at"])
    return [(r["outcome"], r["start_missing"]) for r in rows]


def level(at: str, event_type: str, number: int = 1, **columns: Any) -> dict[str, Any]:
    return event("p", f"2026-01-01T10:{at}", event_type, level=number, **columns)


def test_start_and_outcome_are_one_attempt(run: Runner) -> None:
    events = [level("00:00", "level_start"), level("01:30", "level_complete", attempt=4)]
    (only,) = run("level_attempts", events=events)
    assert (only["outcome"], only["seconds"], only["attempt"]) == ("complete", 90, 4)


def test_version_is_that_of_the_start_else_of_the_outcome(run: Runner) -> None:
    events = [
        level("00:00", "level_start", app_version="1.0"),
        level("01:00", "level_fail", app_version="1.1"),
        level("02:00", "level_start"),
        level("03:00", "level_fail", app_version="1.1"),
        level("04:00", "level_start"),
        level("05:00", "level_start", app_version="1.1"),
    ]
    found = sorted(run("level_attempts", events=events), key=lambda row: row["started_at"])
    assert [row["app_version"] for row in found] == ["1.0", "1.1", None, "1.1"]


def test_claimed_time_wins_over_the_clock(run: Runner) -> None:
    events = [level("00:00", "level_start"), level("01:30", "level_fail", time_spent=42.5)]
    assert run("level_attempts", events=events)[0]["seconds"] == 42.5


def test_complete_without_success_is_a_fail(run: Runner) -> None:
    events = [level("00:00", "level_start"), level("01:00", "level_complete", success=False)]
    assert outcomes(run("level_attempts", events=events)) == [("fail", False)]


def test_start_without_outcome_is_abandoned(run: Runner) -> None:
    events = [
        level("00:00", "level_start"),
        level("01:00", "level_start"),
        level("02:00", "level_fail"),
        level("03:00", "level_start", number=2),
    ]
    assert outcomes(run("level_attempts", events=events)) == [
        ("abandon", False),
        ("fail", False),
        ("abandon", False),
    ]


def test_outcome_without_start_is_an_attempt_of_its_own(run: Runner) -> None:
    events = [
        level("00:00", "level_start"),
        level("01:00", "level_complete"),
        level("02:00", "level_complete"),
    ]
    assert outcomes(run("level_attempts", events=events)) == [
        ("complete", False),
        ("complete", True),
    ]


def test_outcome_with_another_number_does_not_resolve_the_start(run: Runner) -> None:
    events = [
        level("00:00", "level_start", attempt=1),
        level("01:00", "level_complete", attempt=2),
    ]
    assert outcomes(run("level_attempts", events=events)) == [
        ("abandon", False),
        ("complete", True),
    ]


def test_outcome_in_another_session_does_not_resolve_the_start(run: Runner) -> None:
    events = [
        event("p", "2026-01-01T10:00:00", "level_start", level=1),
        event("p", "2026-01-01T12:00:00", "level_complete", level=1),
    ]
    assert outcomes(run("level_attempts", events=events)) == [
        ("abandon", False),
        ("complete", True),
    ]
