"""The game's own money: coins and gems come in, are spent, and the balance always fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.behaviour import Activity
from questline.simulation.config import SimulationConfig
from questline.simulation.economy import Ads, Purchases, moment
from questline.simulation.places import GEMS
from questline.simulation.players import Players
from questline.simulation.progression import BOSS_EVERY, Attempts
from questline.simulation.streams import (
    Ints,
    Stream,
    generator,
    running_maximum,
    running_total,
    segment_starts,
)

MONEY = ("coins", "gems")
REASONS = ("level_reward", "ad_reward", "achievement", "purchase", "booster", "continue")
LEVEL_REWARD, AD_REWARD, ACHIEVEMENT, PURCHASE, BOOSTER, CONTINUE = range(6)
ACHIEVEMENT_LEVELS = (1, 5, 10, 20, 30, 40, 50, 75, 100, 150, 200, 250, 300, 400, 500, 750, 1000)
NEW_COINS, NEW_GEMS = 100, 10
BOOSTER_COINS = (90, 120, 200)
CONTINUE_GEMS = 25


@dataclass(frozen=True)
class Changes:
    """Changes of one currency in order of player and time."""

    attempt: Ints
    time_ms: Ints
    amount: Ints
    balance: Ints
    reason: Ints


@dataclass(frozen=True)
class Income:
    """What came in and why, one row a change."""

    attempt: Ints
    time_ms: Ints
    amount: Ints
    reason: int


def milestones(attempts: Attempts) -> Ints:
    """Rows of the attempts that unlock an achievement."""
    return np.flatnonzero(attempts.won & np.isin(attempts.level, ACHIEVEMENT_LEVELS))


def _spending_rows(
    attempts: Attempts, income: list[Income], opening: Ints, price: Ints, willing: Ints
) -> Ints:
    """Attempts after which the player spends `price` once, among the `willing` ones.

    With f = floor(everything earned so far / price), which never falls, spending at most once a
    time gives S[k] = min(S[k-1] + 1, f[k]) = min(k + 1, k + min over j <= k of f[j] - j), counted
    from 0; a row spends where S rises. The balance cannot become negative.
    """
    earned = np.zeros(len(attempts), dtype=np.int64)
    for part in income:
        np.add.at(earned, part.attempt, part.amount)
    total = running_total(earned, segment_starts(attempts.player)) + opening[attempts.player]
    player = attempts.player[willing]
    starts = segment_starts(player)
    rank = np.arange(len(player)) - starts
    affordable = total[willing] // price[player]
    spent = np.minimum(rank + 1, rank - running_maximum(rank - affordable, player))
    before = np.where(rank > 0, np.roll(spent, 1), 0)
    spending: Ints = willing[spent > before]
    return spending


def _changes(attempts: Attempts, parts: list[Income], opening: Ints, sink: Income) -> Changes:
    everything = [*parts, sink]
    attempt = np.concatenate([p.attempt for p in everything])
    time = np.concatenate([p.time_ms for p in everything])
    amount = np.concatenate([p.amount for p in everything])
    reason = np.repeat([p.reason for p in everything], [len(p.attempt) for p in everything])
    order = np.lexsort((time, attempt))
    attempt, time, amount, reason = attempt[order], time[order], amount[order], reason[order]
    player = attempts.player[attempt]
    balance = running_total(amount, segment_starts(player)) + opening[player]
    return Changes(attempt, time, amount, balance, reason.astype(np.int64))


def draw_coins(
    players: Players, activity: Activity, attempts: Attempts, ads: Ads, config: SimulationConfig
) -> Changes:
    """Coins: earned by levels and rewarded ads, spent on boosters."""
    rng = generator(config.seed, Stream.BALANCES)
    price = np.array(BOOSTER_COINS)[rng.integers(0, len(BOOSTER_COINS), len(players))]
    saved = (rng.random(len(players)) * price).astype(np.int64)
    opening = np.where(activity.earlier_days > 0, saved, NEW_COINS)
    won = np.flatnonzero(attempts.won).astype(np.int64)
    prize = 20 + 30 * (attempts.level[won] % BOSS_EVERY == 0)
    watched = ads.attempt[ads.rewarded]
    parts = [
        Income(won, moment(attempts, won, 0.02), prize, LEVEL_REWARD),
        Income(
            watched,
            moment(attempts, watched, 0.4),
            np.full(len(watched), 25, dtype=np.int64),
            AD_REWARD,
        ),
    ]
    keen = ~attempts.abandoned & (rng.random(len(attempts)) < 0.4)
    rows = _spending_rows(attempts, parts, opening, price, np.flatnonzero(keen))
    cost = -price[attempts.player[rows]]
    return _changes(
        attempts, parts, opening, Income(rows, moment(attempts, rows, 0.85), cost, BOOSTER)
    )


def draw_gems(
    players: Players,
    activity: Activity,
    attempts: Attempts,
    purchases: Purchases,
    config: SimulationConfig,
) -> Changes:
    """Gems: bought or earned by achievements, spent on playing on after a lost attempt."""
    rng = generator(config.seed, Stream.BALANCES, 1)
    price = np.full(len(players), CONTINUE_GEMS, dtype=np.int64)
    saved = rng.integers(0, CONTINUE_GEMS, len(players))
    opening = np.where(activity.earlier_days > 0, saved, NEW_GEMS)
    earned = milestones(attempts)
    bought = purchases.attempt
    packs = np.array(GEMS)[purchases.tier]
    five = np.full(len(earned), 5, dtype=np.int64)
    parts = [
        Income(earned, moment(attempts, earned, 0.08), five, ACHIEVEMENT),
        Income(bought, moment(attempts, bought, 0.65), packs, PURCHASE),
    ]
    lost = ~attempts.abandoned & ~attempts.won & (rng.random(len(attempts)) < 0.8)
    rows = _spending_rows(attempts, parts, opening, price, np.flatnonzero(lost))
    cost = -price[attempts.player[rows]]
    return _changes(
        attempts, parts, opening, Income(rows, moment(attempts, rows, 0.9), cost, CONTINUE)
    )
