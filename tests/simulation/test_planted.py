from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from questline.simulation import SimulationConfig, simulate
from questline.simulation.places import DAY_MS, HOUR_MS
from questline.simulation.plan import Plan
from questline.simulation.planted import (
    Bots,
    Cheaters,
    ChurningPayers,
    Featured,
    FraudWave,
    HardLevel,
    Outage,
    Planted,
    RefundAbusers,
    StoreBug,
)
from questline.simulation.play import Play
from questline.simulation.presets import PUZZLE
from questline.simulation.roster import Roster

PAYING = replace(PUZZLE, payer_share=0.4, live_days_before_log=20)


def world(*planted: Planted, days: int = 6, installs: int = 150) -> SimulationConfig:
    plan = Plan("puzzle", PAYING, planted=planted)
    return SimulationConfig(days=days, installs_per_day=installs, seed=5, plan=plan)


def played(config: SimulationConfig) -> list[list[Play]]:
    roster = Roster(config)
    return [list(roster.plays(day)) for day in range(config.days)]


def purchases(plays: list[Play]) -> int:
    return sum(len(p.purchases.attempt) for p in plays)


def test_outage_hours_are_missing_in_the_log_and_known_as_lost(tmp_path: Path) -> None:
    config = replace(world(Outage("night", day=2, hour=18, hours=4)), out=tmp_path / "raw")
    summary = simulate(config)
    begin = config.start_ms + 2 * DAY_MS + 18 * HOUR_MS
    hours = dict(
        duckdb.sql(f"""
        SELECT floor((epoch_ms(received_at - (sent_at - "timestamp")) - {begin})
            / {HOUR_MS})::INTEGER AS hour,
            count(*)
        FROM read_json('{config.out}/events-*.jsonl', columns = {{"timestamp": 'TIMESTAMP',
            sent_at: 'TIMESTAMP', received_at: 'TIMESTAMP'}}) GROUP BY hour""").fetchall()
    )
    assert not {0, 1, 2, 3} & set(hours)
    assert hours[-1] > 0
    assert hours[4] > 0
    key = json.loads((summary.truth / "world.json").read_text(encoding="utf-8"))
    assert key["planted"] == [{"kind": "outage", "name": "night", "day": 2, "hour": 18, "hours": 4}]
    assert key["real"]["accepted"] > key["recoverable"]["accepted"] == summary.events


def test_store_bug_stops_purchases_of_a_platform() -> None:
    calm = played(world())
    ios = played(world(StoreBug("bug", day=2, days=2, platform="ios")))
    both = played(world(StoreBug("bug", day=2, days=2)))
    assert [purchases(d) == 0 for d in both] == [False, False, True, True, False, False]
    assert 0 < purchases(ios[2]) < purchases(calm[2])
    for play in ios[2]:
        buyers = play.attempts.player[play.purchases.attempt]
        assert (play.players.platform[buyers] == 1).all()


def test_featured_day_brings_more_players() -> None:
    arrivals = Roster(world(Featured("star", day=3, factor=4.0))).arrivals
    calm = Roster(world()).arrivals
    assert arrivals[3] == pytest.approx(4 * calm[3], abs=2)
    assert {d: n for d, n in arrivals.items() if d != 3} == {
        d: n for d, n in calm.items() if d != 3
    }


def test_hard_level_takes_longer_in_its_version_only() -> None:
    def needed(config: SimulationConfig, version: int, level: int) -> float:
        tries: list[int] = []
        for plays in played(config):
            for play in plays:
                own = play.sessions.version[play.attempts.session] == version
                own &= (play.attempts.level == level) & play.attempts.won
                tries += play.attempts.number[own].tolist()
        return float(np.mean(tries))

    calm, hard = world(), world(HardLevel("wall", level=5, version="1.1.0", factor=5.0))
    assert needed(hard, 1, 5) > 2 * needed(calm, 1, 5)
    assert needed(hard, 1, 4) == needed(calm, 1, 4)


def test_fraud_wave_and_abusers_are_paid_back() -> None:
    wave = played(world(FraudWave("wave", day=1, days=2, fraud_share=0.7)))
    shares = [sum(len(p.refunds.purchase) for p in plays) / purchases(plays) for plays in wave]
    assert min(shares[1:3]) > 0.5
    assert max(shares[0], *shares[3:]) < 0.2
    for plays in played(world(RefundAbusers("abuse", abuser_share=0.5))):
        for play in plays:
            abuser = play.players.abuser[play.attempts.player[play.purchases.attempt]]
            back = np.zeros(len(abuser), dtype=np.bool_)
            back[play.refunds.purchase] = True
            assert back[abuser].mean() > 0.7
            assert back[~abuser].mean() < 0.2


def test_bots_play_alike_and_never_lose() -> None:
    for plays in played(world(Bots("bots", bot_share=0.1), days=2)):
        for play in plays:
            bot = play.players.bot
            assert 0.03 < bot.mean() < 0.3
            own = bot[play.attempts.player]
            assert play.attempts.won[own].all()
            assert np.ptp(play.attempts.play_ms[own]) <= 1
            assert len(set(play.sessions.length_ms[bot[play.sessions.player]])) == 1
            assert np.ptp(play.attempts.play_ms[~own]) > 1_000


def test_cheaters_are_rich() -> None:
    (last,) = played(world(Cheaters("cheats", cheater_share=0.2), days=3))[-1]
    rich = last.players.cheater
    assert np.median(last.players.coins[rich]) > 5 * np.median(last.players.coins[~rich])


def test_churning_payers_leave_within_ten_days() -> None:
    players = Roster(world(ChurningPayers("gone", churner_share=0.5))).players
    assert players.churner.any()
    assert (players.payer_rank[players.churner] < PAYING.payer_share).all()
    assert (players.lifetime_days[players.churner] <= 10).all()


def test_planted_events_change_nothing_else() -> None:
    calm, bugged = played(world()), played(world(StoreBug("bug", day=2)))
    for day in range(6):
        for one, other in zip(calm[day], bugged[day], strict=True):
            assert (one.sessions.start_ms == other.sessions.start_ms).all()
            assert (one.attempts.level == other.attempts.level).all()
