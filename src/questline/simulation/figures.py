"""The figures of a world that are published of real games, measured on what was played."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from questline.simulation.config import SimulationConfig
from questline.simulation.draws import Floats, Ints
from questline.simulation.places import TIER_USD
from questline.simulation.play import Play
from questline.simulation.rhythm import is_weekend
from questline.simulation.roster import Roster
from questline.simulation.truth import Account, everything


@dataclass(frozen=True)
class Figures:
    """What one world shows; shares are between 0 and 1, money is in USD."""

    d1: float
    d7: float
    d28: float
    dau_mau: float
    sessions_a_day: float
    session_median_seconds: float
    session_mean_seconds: float
    playtime_minutes_a_day: float
    weekend_lift: float
    payer_share: float
    purchase_mean: float
    arppu: float
    buys_once: float
    buys_five_times: float
    top_tenth_share: float
    first_day_share: float
    sees_ad: float
    refund_share: float
    attempts_per_win: float


class _Tally:
    def __init__(self) -> None:
        self.lengths: list[Ints] = []
        self.player_days = 0
        self.ad_viewers = 0
        self.active: list[Ints] = []
        self.sessions_on: Counter[int] = Counter()
        self.spent: list[tuple[Ints, Floats]] = []
        self.first_day: list[Ints] = []
        self.refunds = 0
        self.attempts = 0
        self.wins = 0

    def add(self, play: Play, day: int) -> None:
        self.lengths.append(play.sessions.length_ms)
        self.player_days += len(np.unique(play.sessions.player))
        self.active.append(play.players.code)
        self.sessions_on[day] += len(play.sessions)
        self.ad_viewers += len(np.unique(play.attempts.player[play.ads.attempt]))
        buyer = play.attempts.player[play.purchases.attempt]
        usd = np.array(TIER_USD)[play.purchases.tier]
        self.spent.append((play.players.code[buyer], usd))
        new = play.players.day[buyer] == day
        self.first_day.append(np.unique(play.players.code[buyer[new]]))
        self.refunds += len(play.refunds.purchase)
        self.attempts += len(play.attempts)
        self.wins += int(play.attempts.won.sum())


def measure(config: SimulationConfig) -> Figures:
    """Plays a world without writing it; its last 28 days are the month."""
    real, roster, tally = Account(config), Roster(config), _Tally()
    for day in range(config.days):
        for play in roster.plays(day):
            real.add(play, everything(play))
            if day >= config.days - 28:
                tally.add(play, day)
        real.close(day, roster.arrivals)
    retained = {n: a / b if b else float("nan") for n, (a, b) in real.retained.items()}
    lengths = np.concatenate(tally.lengths) / 1000.0
    players = len(np.unique(np.concatenate(tally.active)))
    month = range(config.days - 28, config.days)
    dau = np.array([real.days[d].dau for d in month])
    free = is_weekend(np.array(month, dtype=np.int64) + config.start_ms // 86_400_000)
    started = np.array([tally.sessions_on[d] for d in month])
    buyers, purchases, spent = _spending(tally)
    ranked = np.sort(spent)[::-1]
    return Figures(
        d1=retained[1],
        d7=retained[7],
        d28=retained[28],
        dau_mau=float(dau.mean() / players),
        sessions_a_day=float(started.sum() / tally.player_days),
        session_median_seconds=float(np.median(lengths)),
        session_mean_seconds=float(lengths.mean()),
        playtime_minutes_a_day=float(lengths.sum() / tally.player_days / 60.0),
        weekend_lift=float(started[free].mean() / started[~free].mean() - 1.0),
        payer_share=len(buyers) / players,
        purchase_mean=float(spent.sum() / purchases.sum()),
        arppu=float(spent.mean()),
        buys_once=float((purchases == 1).mean()),
        buys_five_times=float((purchases >= 5).mean()),
        top_tenth_share=float(ranked[: -(-len(ranked) // 10)].sum() / ranked.sum()),
        first_day_share=len(np.concatenate(tally.first_day)) / len(buyers),
        sees_ad=tally.ad_viewers / tally.player_days,
        refund_share=tally.refunds / float(purchases.sum()),
        attempts_per_win=tally.attempts / tally.wins,
    )


def _spending(tally: _Tally) -> tuple[Ints, Ints, Floats]:
    """Buyers, how often each bought, and for how much."""
    who = np.concatenate([code for code, _ in tally.spent])
    usd = np.concatenate([paid for _, paid in tally.spent])
    buyers, row = np.unique(who, return_inverse=True)
    times: Ints = np.bincount(row).astype(np.int64)
    paid: Floats = np.bincount(row, usd).astype(np.float64)
    return buyers, times, paid
