import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from model_rows import Runner, event
from questline.models.rules import Rules

CASES = Path(__file__).parents[3] / "shared" / "data" / "metric_cases" / "cases.json"


def test_gap_of_exactly_thirty_minutes_stays_in_the_session(run: Runner) -> None:
    events = [event("p", "2026-01-01T10:00:00"), event("p", "2026-01-01T10:30:00")]
    (only,) = run("sessions", events=events)
    assert only["length_seconds"] == 1800
    assert only["closed_by"] == "timeout"


def test_gap_of_one_second_more_starts_another_session(run: Runner) -> None:
    events = [event("p", "2026-01-01T10:00:00"), event("p", "2026-01-01T10:30:01")]
    rows = run("sessions", events=events)
    assert [r["length_seconds"] for r in rows] == [0, 0]


def test_fraction_of_a_second_counts_in_the_gap(run: Runner) -> None:
    events = [event("p", "2026-01-01T10:00:00"), event("p", "2026-01-01T10:30:00.000001")]
    assert len(run("sessions", events=events)) == 2


def test_missing_end_closes_at_the_last_event_without_the_timeout(run: Runner) -> None:
    events = [
        event("p", "2026-01-01T10:00:00", "session_start", session_id="s"),
        event("p", "2026-01-01T10:05:00", session_id="s"),
    ]
    (only,) = run("sessions", events=events)
    assert (only["length_seconds"], only["closed_by"]) == (300, "timeout")
    assert only["start_missing"] is False


def test_explicit_end_and_missing_start(run: Runner) -> None:
    events = [
        event("p", "2026-01-01T10:05:00", session_id="s"),
        event("p", "2026-01-01T10:10:00", "session_end", session_id="s"),
    ]
    (only,) = run("sessions", events=events)
    assert (only["closed_by"], only["start_missing"]) == ("explicit", True)


def test_two_devices_at_once_are_two_sessions(run: Runner) -> None:
    events = [
        event("p", "2026-01-01T10:00:00", session_id="a"),
        event("p", "2026-01-01T10:01:00", session_id="b"),
        event("p", "2026-01-01T10:02:00", session_id="a"),
    ]
    rows = run("sessions", events=events)
    assert {r["session_id"]: r["events"] for r in rows} == {"a": 2, "b": 1}


def test_event_without_session_joins_the_one_around_it(run: Runner) -> None:
    events = [
        event("p", "2026-01-01T10:00:00", event_id="1"),
        event("p", "2026-01-01T10:01:00", session_id="a", event_id="2"),
        event("p", "2026-01-01T10:02:00", event_id="3"),
        event("p", "2026-01-01T12:00:00", event_id="4"),
    ]
    rows = run("sessions", events=events)
    assert [(r["session_id"], r["events"]) for r in rows] == [("a", 3), (None, 1)]


def test_one_client_session_with_a_long_gap_is_split(run: Runner) -> None:
    events = [
        event("p", "2026-01-01T10:00:00", session_id="a"),
        event("p", "2026-01-01T11:00:00", session_id="a"),
    ]
    assert len(run("sessions", events=events)) == 2
    assert len(run("sessions", Rules(session_rule="client"), events=events)) == 1


def test_session_across_midnight_counts_on_its_start_day(run: Runner) -> None:
    events = [event("p", "2026-01-01T23:50:00"), event("p", "2026-01-02T00:10:00")]
    (only,) = run("sessions", events=events)
    assert only["session_date"] == date(2026, 1, 1)


def test_inactive_events_open_no_session(run: Runner) -> None:
    assert run("sessions", events=[event("p", "2026-01-01T10:00:00", "refund")]) == []


def test_session_longer_than_the_limit_is_cut_at_midnight(run: Runner) -> None:
    times = [
        f"2026-01-{d:02d}T{h:02d}:{m:02d}:00"
        for d in range(1, 7)
        for h in range(24)
        for m in (0, 30)
    ]
    rows = run("sessions", events=[event("bot", t) for t in times])
    starts = [(r["started_at"], r["closed_by"]) for r in rows]
    assert starts == [
        ("2026-01-01T00:00:00", "cap"),
        ("2026-01-05T00:00:00", "cap"),
        ("2026-01-06T00:00:00", "timeout"),
    ]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", {"2026-01-01": 600.0, "2026-01-02": 600.0}),
        ("Europe/Berlin", {"2026-01-02": 1200.0}),
    ],
)
def test_playtime_is_split_at_midnight_of_the_reporting_zone(
    run: Runner, zone: str, expected: dict[str, float]
) -> None:
    session = {
        "player_id": "p",
        "session_date": min(expected),
        "started_at": "2026-01-01T23:50:00Z",
        "ended_at": "2026-01-02T00:10:00Z",
    }
    rows = run("player_days", zone=zone, events=[], sessions=[session], purchases=[])
    assert {str(r["event_date"]): r["playtime_seconds"] for r in rows} == expected
    assert rows[0]["sessions"] == 1


def test_playtime_over_three_days(run: Runner) -> None:
    session = {
        "player_id": "p",
        "session_date": "2026-01-01",
        "started_at": "2026-01-01T12:00:00Z",
        "ended_at": "2026-01-03T06:00:00Z",
    }
    rows = run("player_days", events=[], sessions=[session], purchases=[])
    assert [r["playtime_seconds"] / 3600 for r in rows] == [12, 24, 6]
    assert [r["active_events"] for r in rows] == [0, 0, 0]


@pytest.mark.parametrize("model", ["sessions", "level_attempts"])
def test_short_way_gives_the_same_where_every_event_has_a_session(run: Runner, model: str) -> None:
    kinds = ((0, "session_start"), (3, "level_start"), (31, "level_fail"), (59, "session_end"))
    events = [
        event(player, f"2026-01-0{day}T{hour:02d}:{minute:02d}:00", kind, session_id=f"s{s}", **at)
        for player, s in (("p", 0), ("p", 1), ("q", 1))
        for day in (1, 2, 5)
        for hour in (0, 1, 23)
        for minute, kind in (kinds if (s, day, hour) != (0, 5, 23) else kinds[:2])
        for at in [{"level": day, "amount_usd": 1} if kind.startswith("level") else {}]
    ] + [event("r", "2026-01-01T00:00:00", "level_complete", session_id="s0", level=1)]
    long, short = run(model, events=events), run(f"{model}_with_ids", events=events)
    assert long == short
    assert len({(r["player_id"], r["started_at"]) for r in long}) > 10


def shared_cases() -> list[Any]:
    if not CASES.is_file():
        return []
    return [
        pytest.param(case, id=case["id"])
        for case in json.loads(CASES.read_text(encoding="utf-8"))
        if case["kind"] == "sessions"
    ]


@pytest.mark.skipif(not CASES.is_file(), reason="the shared metric cases are not here")
@pytest.mark.parametrize("case", shared_cases())
def test_sessions_shared_case(case: dict[str, Any], run: Runner) -> None:
    """The ordinal of each event's session, as the published case numbers them."""
    for check in case["checks"]:
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        given = case["input"]["events"]
        moments = [(begin + timedelta(seconds=e["t"])).isoformat()[:19] for e in given]
        events = [event(str(e["user"]), at) for e, at in zip(given, moments, strict=True)]
        rules = Rules(session_timeout_minutes=check["gap_s"] // 60)
        starts = [row["started_at"] for row in run("sessions", rules, events=events)]
        assert [sum(start <= at for start in starts) for at in moments] == check["expect"]
