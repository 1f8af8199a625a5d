from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lakes import rows_of, settings_for
from questline.errors import UsageError
from questline.ingestion.mapping import NATIVE
from questline.pipeline import run
from questline.simulation.live import LiveSettings, LiveSummary, stream_live

AFTERNOON = int(datetime(2026, 3, 4, 14, 0, 0, 250_000, UTC).timestamp() * 1000) + 250
NIGHT = int(datetime(2026, 3, 4, 23, 59, 30, tzinfo=UTC).timestamp() * 1000)


class FakeClock:
    """Moves only while somebody sleeps, and looks at the folder then."""

    def __init__(self, now_ms: int, folder: Path) -> None:
        self.ms, self.folder, self.slept = now_ms, folder, 0
        self.seen: dict[str, tuple[int, int]] = {}
        self.appeared: dict[str, int] = {}

    def now_ms(self) -> int:
        return self.ms

    def sleep(self, seconds: float) -> None:
        self.ms += max(1, round(seconds * 1000))
        self.slept += 1
        self.look()

    def look(self) -> None:
        """Checks that files appear whole: they end with a line and never change."""
        for path in self.folder.glob("[!.]*"):
            status = path.stat()
            found = (status.st_size, status.st_mtime_ns)
            if path.name not in self.seen and path.suffix != ".gz":
                assert path.read_bytes().endswith(b"\n")
            assert self.seen.setdefault(path.name, found) == found
            self.appeared.setdefault(path.name, self.ms)


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _time_ms(event: dict[str, Any]) -> int:
    """When it happened, by the server's clock."""
    return _ms(event["received_at"]) - (_ms(event["sent_at"]) - _ms(event["timestamp"]))


def _rows(folder: Path, pattern: str) -> list[list[dict[str, Any]]]:
    paths = sorted(folder.glob(pattern))
    return [[json.loads(line) for line in p.read_text().splitlines()] for p in paths]


def _stream(
    raw: Path, start_ms: int = AFTERNOON, **options: Any
) -> tuple[LiveSummary, FakeClock, list[list[dict[str, Any]]]]:
    clock = FakeClock(start_ms, raw)
    summary = stream_live(LiveSettings(out=raw, **options), clock)
    clock.look()
    return summary, clock, _rows(raw, "events-live-*.jsonl")


def test_live_rate_is_met_in_every_file(tmp_path: Path) -> None:
    summary, clock, files = _stream(tmp_path, rate=200, for_seconds=60)
    assert [160 * 5 <= len(f) <= 240 * 5 for f in files] == [True] * 12
    assert summary.events == sum(len(f) for f in files)
    assert summary.files == len(list(tmp_path.iterdir()))
    assert (summary.seconds, summary.behind_seconds) == (60.0, 0.0)
    assert clock.ms == AFTERNOON + 60_000
    assert clock.slept == 60 * 5


def test_live_times_rise_and_are_never_ahead_of_the_clock(tmp_path: Path) -> None:
    _, clock, files = _stream(tmp_path, rate=300, for_seconds=20)
    names = [p.name for p in sorted(tmp_path.glob("events-live-*"))]
    times = [[_time_ms(e) for e in f] for f in files]
    flat = [t for f in times for t in f]
    assert flat == sorted(flat)
    assert flat[0] >= AFTERNOON
    for name, own, events in zip(names, times, files, strict=True):
        assert max(own) < clock.appeared[name]
        assert max(_ms(e["received_at"]) for e in events) < clock.appeared[name]
        assert max(_ms(e["timestamp"]) for e in events) < clock.appeared[name]


def test_live_ids_are_unique_over_files_and_restarts(tmp_path: Path) -> None:
    _stream(tmp_path, rate=200, for_seconds=10)
    _, _, files = _stream(tmp_path, AFTERNOON + 10_000, rate=200, for_seconds=10)
    events = [e for f in files for e in f]
    assert len({e["event_id"] for e in events}) == len(events) >= 3_600
    first, second = ({e["player_id"] for f in part for e in f} for part in (files[:2], files[2:]))
    assert not first & second
    people = [p["player_id"] for f in _rows(tmp_path, "players-*.jsonl") for p in f]
    assert sorted(people) == sorted(first | second)


def test_live_sessions_are_whole_and_of_one_player_do_not_overlap(tmp_path: Path) -> None:
    _, _, files = _stream(tmp_path, rate=40, for_seconds=1_000, roll_seconds=200)
    sessions: dict[str, list[dict[str, Any]]] = {}
    for event in (e for f in files for e in f if e["session_id"]):
        sessions.setdefault(event["session_id"], []).append(event)
    spans: dict[str, list[tuple[int, int]]] = {}
    for events in sessions.values():
        kinds = Counter(e["event_type"] for e in events)
        assert events[0]["event_type"] == "session_start"
        assert kinds["session_start"] == 1
        assert len({e["player_id"] for e in events}) == 1
        if kinds["session_end"]:
            length = json.dumps(events[-1]["properties"]["duration"])
            assert round(float(length) * 1000) == _time_ms(events[-1]) - _time_ms(events[0])
        span = _time_ms(events[0]), _time_ms(events[-1])
        spans.setdefault(events[0]["player_id"], []).append(span)
    again = [own for own in spans.values() if len(own) > 1]
    assert len(again) > 100
    for own in again:
        for before, after in pairwise(own):
            assert after[0] - before[1] >= 90_000


def test_live_new_players_come_shortly_before_their_first_event(tmp_path: Path) -> None:
    _, _, files = _stream(tmp_path, rate=100, for_seconds=20)
    first: dict[str, int] = {}
    for event in (e for f in files for e in f):
        first.setdefault(event["player_id"], _time_ms(event))
    leads = [
        first[p["player_id"]] - _ms(p["acquired_at"])
        for f in _rows(tmp_path, "players-*.jsonl")
        for p in f
    ]
    new = [lead for lead in leads if lead < 10_000]
    assert len(leads) == len(first)
    assert min(leads) > 0
    assert 0.05 < len(new) / len(leads) < 0.5


def test_live_pipeline_takes_every_line(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    summary, _, _ = _stream(settings.raw, rate=200, for_seconds=30)
    found = run(settings, NATIVE, as_of=datetime.fromtimestamp(AFTERNOON / 1000 + 30, UTC))
    assert found.lines_in == found.accepted == summary.events + summary.players
    assert (found.rejected, found.duplicates) == ({}, 0)
    players = rows_of(settings.lake, "players")
    assert len(players) == summary.players
    assert all(p["channel"] for p in players)


def test_live_csv_and_gzip_are_read_alike(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    csv, _, _ = _stream(settings.raw, rate=50, for_seconds=6, format="csv")
    packed, _, _ = _stream(
        settings.raw, AFTERNOON + 60_000, rate=50, for_seconds=6, compression="gzip"
    )
    found = run(settings, NATIVE, as_of=datetime.fromtimestamp(AFTERNOON / 1000 + 90, UTC))
    assert found.accepted == csv.events + csv.players + packed.events + packed.players
    assert (found.rejected, found.duplicates) == ({}, 0)
    last = max(settings.raw.glob("events-live-*.jsonl.gz"))
    assert gzip.decompress(last.read_bytes()).endswith(b"}\n")


def test_live_stop_ends_with_whole_files_up_to_the_moment(tmp_path: Path) -> None:
    clock = FakeClock(AFTERNOON, tmp_path)
    summary = stream_live(
        LiveSettings(rate=200, out=tmp_path), clock, lambda: clock.ms >= AFTERNOON + 7_400
    )
    files = _rows(tmp_path, "events-live-*.jsonl")
    assert [len(f) // 100 for f in files] == [10, 4]
    assert max(_time_ms(e) for e in files[-1]) < clock.ms == AFTERNOON + 7_400
    assert summary.seconds == 7.4
    assert not list(tmp_path.glob(".*"))


def test_live_next_day_players_return_and_go_on_where_they_were(tmp_path: Path) -> None:
    _stream(tmp_path, NIGHT - 600_000, rate=20, roll_seconds=60, for_seconds=1_500)
    events = [e for f in _rows(tmp_path, "events-live-*.jsonl") for e in f]
    days: dict[str, set[str]] = {}
    for event in events:
        days.setdefault(event["player_id"], set()).add(event["received_at"][:10])
    balances: dict[tuple[str, str], int] = {}
    for event in (e for e in events if e["event_type"] == "currency_change"):
        found = event["properties"]
        key = event["player_id"], found["currency_name"]
        assert (
            balances.get(key, found["balance"] - found["amount"]) + found["amount"]
            == (found["balance"])
        )
        balances[key] = found["balance"]
    assert len({e["event_id"] for e in events}) == len(events)
    assert sum(len(found) == 2 for found in days.values()) > 20
    people = [p["player_id"] for f in _rows(tmp_path, "players-*.jsonl") for p in f]
    assert len(set(people)) == len(people) == len(days)


def test_live_slow_computer_falls_behind_and_says_so(tmp_path: Path) -> None:
    class SlowClock(FakeClock):
        def now_ms(self) -> int:
            self.ms += 600
            return self.ms

    clock = SlowClock(AFTERNOON, tmp_path)
    summary = stream_live(LiveSettings(rate=100, for_seconds=12, out=tmp_path), clock)
    assert summary.behind_seconds > 1
    assert summary.seconds < 20
    times = [_time_ms(e) for f in _rows(tmp_path, "events-live-*.jsonl") for e in f]
    assert times == sorted(times)


def test_live_other_event_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "game.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match=r"holds game\.jsonl, which is not from a live stream"):
        _stream(tmp_path, for_seconds=1)
    assert [p.name for p in tmp_path.iterdir()] == ["game.jsonl"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"rate": 0}, "--rate == 0, must be between 1 and 50000"),
        ({"rate": 50_001}, "--rate == 50001"),
        ({"roll_seconds": 0}, "--roll-seconds == 0"),
        ({"for_seconds": 0}, "--for == 0"),
        ({"format": "parquet"}, "must be one of: jsonl, csv with --live"),
        ({"compression": "lzma"}, "--compression == 'lzma'"),
        ({"preset": "chess"}, "--preset"),
    ],
)
def test_live_wrong_settings_are_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        LiveSettings(**options)
