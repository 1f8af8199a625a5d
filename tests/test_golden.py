"""Golden values, from raw lines to the answer: clocks, sessions, censoring and small money."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import questline
from lakes import deliver, rows_of, settings_for

Row = dict[str, Any]
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = count(1)


def uuid(number: int, group: int = 0) -> str:
    return f"{group:08d}-0000-4000-8000-{number:012d}"


def line(
    player: int, at: str, kind: str = "login", properties: Row | None = None, **more: Any
) -> bytes:
    """An event of its own; `at` is a time of 2026 such as 01-05T12:00:00."""
    event = {
        "event_id": uuid(next(NUMBERS)),
        "player_id": uuid(player, 9),
        "event_type": kind,
        "timestamp": f"2026-{at}Z",
        "properties": properties or {},
    }
    return json.dumps({**event, **more}).encode() + b"\n"


def instant(at: str) -> int:
    """Microseconds since 1970, as lakes are read back."""
    passed = datetime.fromisoformat(f"2026-{at}+00:00") - datetime(1970, 1, 1, tzinfo=UTC)
    return passed // timedelta(microseconds=1)


CLOCKS = [
    # device time, sent at by the same clock, received at by ours, time of the event
    ("01-05T08:00:00", "01-05T08:05:00", "01-05T12:00:00", "01-05T11:55:00", "corrected"),
    ("01-05T10:00:00", "01-05T10:30:00", "01-05T08:30:00", "01-05T08:00:00", "corrected"),
    ("01-06T00:10:00", "01-06T00:10:00", "01-05T23:50:00", "01-05T23:50:00", "corrected"),
    ("01-05T08:00:00", "01-05T07:59:59", "01-05T12:00:00", "01-05T08:00:00", "uncorrected"),
    ("01-05T12:30:00", None, "01-05T12:00:00", "01-05T12:00:00", "uncorrected"),
    ("01-05T08:00:00", "01-05T08:05:00", None, "01-05T08:00:00", "uncorrected"),
]


def test_clock_of_the_device_is_corrected(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    lines = [
        line(
            player,
            at,
            sent_at=sent and f"2026-{sent}Z",
            received_at=received and f"2026-{received}Z",
        )
        for player, (at, sent, received, _, _) in enumerate(CLOCKS)
    ]
    deliver(made, [("clocks.jsonl", b"".join(lines))])
    found = {e["player_id"]: e for e in rows_of(made.lake, "events")}
    for player, (at, _, _, true, quality) in enumerate(CLOCKS):
        event = found[uuid(player, 9)]
        assert event["event_ts"] == instant(true)
        assert event["client_ts"] == instant(at)
        assert (event["time_quality"], event["event_date"]) == (quality, date(2026, 1, 5))
        assert event["client_date"].day == int(at[3:5])


SESSIONS: dict[str, tuple[list[tuple[str, str]], list[tuple[float, str, bool]]]] = {
    # events, and of each session length in seconds, closed_by, start_missing
    "gap of 30:00": ([("01-05T10:00:00", "a"), ("01-05T10:30:00", "a")], [(1800, "timeout", True)]),
    "gap of 30:01": (
        [("01-05T10:00:00", "a"), ("01-05T10:30:01", "a")],
        [(0, "timeout", True), (0, "timeout", True)],
    ),
    "end": (
        [("01-05T10:00:00", "session_start"), ("01-05T10:07:00", "session_end")],
        [(420, "explicit", False)],
    ),
    "missing end": (
        [("01-05T10:00:00", "session_start"), ("01-05T10:05:00", "a")],
        [(300, "timeout", False)],
    ),
    "midnight": (
        [("01-05T23:50:00", "session_start"), ("01-06T00:00:00", "a"), ("01-06T00:15:00", "a")],
        [(1500, "timeout", False)],
    ),
}


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = settings_for(tmp_path_factory.mktemp("sessions"))
    lines = [
        line(player, at, kind)
        for player, (events, _) in enumerate(SESSIONS.values())
        for at, kind in events
    ]
    deliver(made, [("sessions.jsonl", b"".join(lines))])
    return made.lake


def of(lake: Path, table: str, name: str) -> list[Row]:
    player = uuid(list(SESSIONS).index(name), 9)
    return [row for row in rows_of(lake, table) if row["player_id"] == player]


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(sessions: Path, name: str) -> None:
    found = of(sessions, "sessions", name)
    assert [(s["length_seconds"], s["closed_by"], s["start_missing"]) for s in found] == (
        SESSIONS[name][1]
    )


def test_session_across_midnight_counts_once_and_its_playtime_on_both_days(sessions: Path) -> None:
    days = of(sessions, "player_days", "midnight")
    assert [(d["event_date"].day, d["sessions"], d["playtime_seconds"]) for d in days] == [
        (5, 1, 600.0),
        (6, 0, 900.0),
    ]


def test_retention_counts_only_cohorts_whose_day_was_seen(tmp_path: Path) -> None:
    """Ten cohorts of 100, a fifth of each back on day 7, seen until the twelfth day."""
    made = settings_for(tmp_path, complete_until=date(2026, 1, 12))
    played = [
        (player, cohort + later)
        for cohort in range(1, 11)
        for player in range(100 * cohort, 100 * cohort + 100)
        for later in ((0, 7) if player % 100 < 20 else (0,))
        if cohort + later <= 12
    ]
    lines = [line(player, f"01-{day:02d}T12:00:00") for player, day in played]
    deliver(made, [("log.jsonl", b"".join(lines))])
    naive = sum(player % 100 < 20 and day > player // 100 for player, day in played) / 1000
    assert naive == 0.1
    (found,) = questline.open(made.lake, made).result("retention", days=[7]).rows()
    assert (found["players"], found["retained"], found["retention"]) == (500, 100, 0.2)


def test_a_thousand_impressions_of_a_twentieth_of_a_cent(tmp_path: Path) -> None:
    made = settings_for(tmp_path, complete_until=date(2026, 1, 5))
    lines = [
        line(n % 3, f"01-05T12:{n // 60:02d}:{n % 60:02d}", "ad_watched", {"revenue": 0.0005})
        for n in range(1000)
    ]
    content = b"".join(lines)
    deliver(made, [("a.jsonl", content[:50_000]), ("b.jsonl", lines[0] + lines[999])])
    deliver(made, [("a.jsonl", content[50_000:])])
    exact = Decimal("0.500000")
    assert sum(e["amount_usd"] for e in rows_of(made.lake, "events")) == exact
    assert sum(d["ad_revenue_usd"] for d in rows_of(made.lake, "player_days")) == exact
    lake = questline.open(made.lake, made)
    (found,) = lake.result("ad_revenue").rows()
    assert (found["ads"], found["ad_revenue_usd"]) == (1000, exact)
