from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from questline.contract import EVENT_TYPES
from questline.simulation import SimulationConfig, Summary, roster, simulate, timetable


def _digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def _one(raw: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, ...]:
    row = raw.execute(sql).fetchone()
    assert row is not None
    return tuple(row)


def test_simulate_same_settings_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        simulate(SimulationConfig(days=4, users=400, seed=9, out=tmp_path / name))
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")
    assert len(_digests(tmp_path / "a")) == 6


@pytest.mark.parametrize(("kind", "dirt"), [("jsonl", 0.0), ("jsonl", 0.05), ("csv", 0.0)])
def test_simulate_threads_and_blocks_change_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, dirt: float
) -> None:
    config = SimulationConfig(days=4, users=900, seed=9, format=kind, dirt=dirt)
    for threads in (1, 8):
        simulate(replace(config, threads=threads, out=tmp_path / f"{threads}"))
    assert _digests(tmp_path / "1") == _digests(tmp_path / "8")
    assert _digests(tmp_path / "1_truth") == _digests(tmp_path / "8_truth")
    monkeypatch.setattr(roster, "BLOCK_PLAYERS", 20)
    monkeypatch.setattr(timetable, "PIECE_ROWS", 700)
    simulate(replace(config, out=tmp_path / "cut"))
    for path in (tmp_path / "1").glob("events-*"):
        cut = (tmp_path / "cut" / path.name).read_bytes().splitlines()
        assert sorted(cut) == sorted(path.read_bytes().splitlines())


def test_simulate_more_days_keep_the_earlier_days(tmp_path: Path) -> None:
    config = SimulationConfig(installs_per_day=20, seed=4, dirt=0.05)
    for days in (3, 6):
        simulate(replace(config, days=days, out=tmp_path / f"{days}"))
    short, long = (_digests(tmp_path / name) for name in ("3", "6"))
    names = [f"events-2026-01-0{d}.jsonl" for d in (1, 2, 3)]
    assert [short[name] for name in names] == [long[name] for name in names]
    players = (tmp_path / "3" / "players.jsonl").read_bytes()
    assert (tmp_path / "6" / "players.jsonl").read_bytes().startswith(players)
    assert len(players.splitlines()) == pytest.approx(63 * 20, rel=0.1)


def test_simulate_other_seed_other_events(tmp_path: Path) -> None:
    for seed in (1, 2):
        simulate(SimulationConfig(days=2, users=300, seed=seed, out=tmp_path / str(seed)))
    first, second = _digests(tmp_path / "1"), _digests(tmp_path / "2")
    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first)


def test_simulate_default_command_size_and_files(default_world: Summary) -> None:
    names = sorted(p.name for p in default_world.out.iterdir())
    days = [f"events-2026-01-{d:02d}.jsonl" for d in range(1, 31)]
    assert names == ["_source.json", *days, "players.jsonl"]
    assert default_world.events > 500_000
    assert default_world.files == len(names)
    assert default_world.bytes == sum(p.stat().st_size for p in default_world.out.iterdir())


def test_simulate_summary_counts_what_is_in_the_files(
    default_world: Summary, raw: duckdb.DuckDBPyConnection
) -> None:
    counted = _one(
        raw,
        """SELECT count(*), count(*) FILTER (event_type NOT IN ('refund', 'experiment_exposure')
                      AND coalesce(gap > INTERVAL 30 MINUTE, true)), count(DISTINCT player_id),
                  count(DISTINCT event_id), (SELECT count(*) FROM players)
           FROM (SELECT *, timestamp::TIMESTAMPTZ - lag(timestamp::TIMESTAMPTZ) OVER (
                     PARTITION BY session_id, event_type IN ('refund', 'experiment_exposure')
                     ORDER BY timestamp) AS gap FROM events)""",
    )
    events, sessions, active = (
        default_world.events,
        default_world.sessions,
        default_world.active_players,
    )
    assert counted == (events, sessions, active, events, 5000)


def test_simulate_source_file_states_the_days(default_world: Summary) -> None:
    source = json.loads((default_world.out / "_source.json").read_text(encoding="utf-8"))
    assert source["complete_from"] == "2026-01-01"
    assert source["complete_until"] == "2026-01-30"
    assert (source["generator"], source["seed"]) == ("questline", 42)


def test_simulate_every_event_type_occurs(raw: duckdb.DuckDBPyConnection) -> None:
    found = {row[0] for row in raw.execute("SELECT DISTINCT event_type FROM events").fetchall()}
    assert found == (set(EVENT_TYPES) - {"experiment_exposure"}) | {"login"}


def test_simulate_each_file_holds_its_day(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """SELECT count(*) FROM events WHERE parse_filename(filename, true)
             <> 'events-' || strftime(event_ts, '%Y-%m-%d')"""
    assert _one(raw, sql) == (0,)


def test_simulate_no_event_outside_its_session(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        WITH bounds AS (
            SELECT session_id,
                   min(event_ts) FILTER (event_type = 'session_start') AS began,
                   max(event_ts) FILTER (event_type = 'session_end') AS ended,
                   count(*) FILTER (event_type = 'session_start') AS starts,
                   count(*) FILTER (event_type = 'session_end') AS ends,
                   count(DISTINCT player_id) AS people,
                   count(DISTINCT app_version) AS versions,
                   min(event_ts) AS first, max(event_ts) AS last,
                   max(CAST(properties->>'duration' AS DECIMAL(18, 3))) AS duration
            FROM events WHERE session_id IS NOT NULL GROUP BY session_id)
        SELECT count(*) FILTER (starts <> 1 OR ends > 1 OR people <> 1 OR versions <> 1
                   OR first <> began OR last > coalesce(ended, last)
                   OR duration * 1000 <> epoch_ms(ended) - epoch_ms(began)),
               avg(ends) BETWEEN 0.96 AND 0.98
        FROM bounds"""
    assert _one(raw, sql) == (0, True)


def test_simulate_sessions_of_a_player_do_not_overlap(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        WITH bounds AS (
            SELECT player_id, session_id, min(event_ts) AS began, max(event_ts) AS ended
            FROM events WHERE session_id IS NOT NULL GROUP BY ALL),
        ordered AS (
            SELECT began, lag(ended) OVER (PARTITION BY player_id ORDER BY began) AS before
            FROM bounds)
        SELECT count(*) FILTER (began <= before), count(before) > 10000 FROM ordered"""
    assert _one(raw, sql) == (0, True)


def test_simulate_attempts_are_numbered_and_levels_rise(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        WITH starts AS (
            SELECT player_id, event_ts, CAST(properties->>'level' AS INTEGER) AS level,
                   CAST(properties->>'attempt' AS INTEGER) AS attempt,
                   (properties->>'mode') = 'rush' AS rush
            FROM events WHERE event_type = 'level_start'),
        judged AS (
            SELECT attempt, level,
                   row_number() OVER (
                       PARTITION BY player_id, rush, level ORDER BY event_ts) AS ordinal,
                   lag(level, 1, level) OVER (
                       PARTITION BY player_id, rush ORDER BY event_ts) AS before
            FROM starts)
        SELECT count(*) FILTER (attempt <> ordinal), count(*) FILTER (level - before NOT IN (0, 1))
        FROM judged"""
    assert _one(raw, sql) == (0, 0)


def test_simulate_mode_is_launched_mid_period(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        SELECT min(event_ts)::DATE = '2026-01-15', count(*) > 1000,
               min(CAST(properties->>'level' AS INTEGER)),
               count(DISTINCT player_id) / (SELECT count(DISTINCT player_id) FROM events
                   WHERE event_ts >= '2026-01-15') BETWEEN 0.05 AND 0.4
        FROM events WHERE event_type = 'level_start' AND (properties->>'mode') = 'rush'"""
    assert _one(raw, sql) == (True, True, 1, True)


def test_simulate_outcome_follows_its_start(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        WITH steps AS (
            SELECT event_type, properties->>'level' AS level, properties->>'attempt' AS attempt,
                   CAST(properties->>'time_spent' AS DECIMAL(18, 3)) AS spent,
                   lag(properties->>'level') OVER w AS level_before,
                   lag(properties->>'attempt') OVER w AS attempt_before,
                   epoch_ms(event_ts) - lag(epoch_ms(event_ts)) OVER w AS ms
            FROM events WHERE event_type LIKE 'level_%'
            WINDOW w AS (PARTITION BY session_id ORDER BY event_ts))
        SELECT count(*) FILTER (level IS DISTINCT FROM level_before
                   OR attempt IS DISTINCT FROM attempt_before OR ms <> spent * 1000)
        FROM steps WHERE event_type <> 'level_start'"""
    assert _one(raw, sql) == (0,)


def test_simulate_balances_add_up(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        WITH steps AS (
            SELECT CAST(properties->>'amount' AS BIGINT) AS amount,
                   CAST(properties->>'balance' AS BIGINT) AS balance,
                   lag(CAST(properties->>'balance' AS BIGINT)) OVER (
                       PARTITION BY player_id, properties->>'currency_name'
                       ORDER BY event_ts) AS before
            FROM events WHERE event_type = 'currency_change')
        SELECT count(*) FILTER (balance < 0), count(*) FILTER (balance <> before + amount),
               count(*) FILTER (amount < 0) > 1000
        FROM steps"""
    assert _one(raw, sql) == (0, 0, True)


def test_simulate_refunds_belong_to_purchases(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        SELECT count(*) FILTER (p.player_id IS NULL OR r.session_id IS NOT NULL
                   OR r.event_ts <= p.event_ts OR r.player_id <> p.player_id
                   OR (r.properties->>'amount') <> (p.properties->>'price')
                   OR (r.properties->>'currency') <> (p.properties->>'currency')), count(*) > 0
        FROM (FROM events WHERE event_type = 'refund') AS r
        LEFT JOIN (FROM events WHERE event_type = 'purchase') AS p
          ON (p.properties->>'transaction_id') = (r.properties->>'transaction_id')"""
    assert _one(raw, sql) == (0, True)


def test_simulate_payers_and_prices_are_plausible(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        SELECT count(DISTINCT player_id) FILTER (event_type = 'purchase')
                   / count(DISTINCT player_id),
               count(DISTINCT properties->>'currency') FILTER (event_type = 'purchase'),
               count(*) FILTER (event_type = 'purchase')
                   - count(DISTINCT properties->>'transaction_id') FILTER (event_type = 'purchase')
        FROM events"""
    share, currencies, repeated = _one(raw, sql)
    assert 0.015 <= share <= 0.03
    assert (currencies, repeated) == (5, 0)


def test_simulate_upload_follows_the_event_and_most_clocks_are_right(
    raw: duckdb.DuckDBPyConnection,
) -> None:
    sql = """
        SELECT count(*) FILTER (sent_at < "timestamp" OR sent_at > "timestamp" + INTERVAL 8 SECOND),
               avg((abs(epoch_ms(received_at) - epoch_ms(sent_at)) > 5000)::INTEGER)
        FROM events"""
    wrong, skewed = _one(raw, sql)
    assert wrong == 0
    assert 0.01 < skewed < 0.12


def test_simulate_players_are_active_on_the_day_they_come(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        WITH first AS (SELECT player_id, min(event_ts) AS began FROM events GROUP BY player_id)
        SELECT count(*) FILTER (acquired_at >= '2026-01-01' AND (began IS NULL
                   OR CAST(began AS DATE) <> CAST(acquired_at AS DATE)
                   OR began - acquired_at > INTERVAL 10 SECOND)),
               count(*) FILTER (began < acquired_at),
               count(*) FILTER (acquired_at < '2026-01-01') BETWEEN 3000 AND 3600,
               count(DISTINCT CAST(acquired_at AS DATE))
        FROM players LEFT JOIN first USING (player_id)"""
    assert _one(raw, sql) == (0, 0, True, 90)


def test_simulate_attributes_agree_between_events_and_players(
    raw: duckdb.DuckDBPyConnection,
) -> None:
    sql = """
        SELECT count(*) FROM events AS e LEFT JOIN players AS p USING (player_id)
        WHERE p.player_id IS NULL OR e.platform <> p.platform OR e.country <> p.country"""
    assert _one(raw, sql) == (0,)


def test_simulate_people_play_in_their_evening(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        SELECT avg((hour(event_ts + INTERVAL 9 HOUR) BETWEEN 18 AND 21)::INTEGER)
                   / avg((hour(event_ts + INTERVAL 9 HOUR) BETWEEN 2 AND 5)::INTEGER)
        FROM events WHERE country = 'JP' AND event_type = 'session_start'"""
    assert _one(raw, sql)[0] > 5


def test_simulate_engagement_is_heavy_tailed(raw: duckdb.DuckDBPyConnection) -> None:
    sql = """
        WITH people AS (SELECT count(*) AS n FROM events GROUP BY player_id ORDER BY n DESC)
        SELECT sum(n) FILTER (place <= total / 10) / sum(n) FROM (
            SELECT n, row_number() OVER (ORDER BY n DESC) AS place, count(*) OVER () AS total
            FROM people)"""
    assert _one(raw, sql)[0] > 0.4


def _raw_retention(raw: duckdb.DuckDBPyConnection, number: int) -> float:
    sql = f"""
        WITH days AS (SELECT DISTINCT player_id, CAST(event_ts AS DATE) AS day FROM events
                      WHERE event_type <> 'refund')
        SELECT count(d.player_id) / count(*) FROM players AS p LEFT JOIN days AS d
          ON d.player_id = p.player_id AND d.day = CAST(p.acquired_at AS DATE) + {number}
        WHERE CAST(p.acquired_at AS DATE) + {number} BETWEEN '2026-01-01' AND '2026-01-30'"""
    return _one(raw, sql)[0]


def test_simulate_retention_of_the_files_falls(raw: duckdb.DuckDBPyConnection) -> None:
    first, seventh, thirtieth = (_raw_retention(raw, n) for n in (1, 7, 30))
    assert _raw_retention(raw, 0) == 1.0
    assert 0.36 < first < 0.45
    assert 0.13 < seventh < 0.21
    assert 0.045 < thirtieth < 0.10


@pytest.mark.parametrize(("days", "users"), [(1, 1), (1, 50), (2, 3), (45, 20)])
def test_simulate_tiny_worlds_are_written(tmp_path: Path, days: int, users: int) -> None:
    summary = simulate(SimulationConfig(days=days, users=users, out=tmp_path))
    assert len(list(tmp_path.glob("events-*.jsonl"))) == days
    assert len((tmp_path / "players.jsonl").read_text().splitlines()) == users
    lines = [line for p in tmp_path.glob("events-*") for line in p.read_text().splitlines()]
    assert len(lines) == summary.events
