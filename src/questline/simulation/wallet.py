"""The game's own money: coins and gems come in, are spent, and the balance always fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.config import SimulationConfig
from questline.simulation.draws import Hashes, Ints, Purpose, uniform
from questline.simulation.economy import Ads, Purchases, moment
from questline.simulation.places import GEMS
from questline.simulation.planted import coin_factor
from questline.simulation.players import Players
from questline.simulation.progression import BOSS_EVERY, Attempts
from questline.simulation.segments import (
    lasts,
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
    code: Hashes
    """Names the change within its currency."""


@dataclass(frozen=True)
class Income:
    """What came in and why, one row a change."""

    attempt: Ints
    time_ms: Ints
    amount: Ints
    reason: int


def milestones(attempts: Attempts) -> Ints:
    """Rows of the attempts that unlock an achievement."""
    reached = attempts.won & ~attempts.rush
    return np.flatnonzero(reached & np.isin(attempts.level, ACHIEVEMENT_LEVELS))


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
    code = attempts.code[attempt] + (reason + 1).astype(np.uint64)
    return Changes(attempt, time, amount, balance, reason.astype(np.int64), code)


def _closing(attempts: Attempts, changes: Changes, opening: Ints) -> Ints:
    player = attempts.player[changes.attempt]
    final = np.flatnonzero(lasts(player))
    closing = opening.copy()
    closing[player[final]] = changes.balance[final]
    return closing


def settle(players: Players, config: SimulationConfig) -> None:
    """Gives players their money: newcomers a gift, players from before the log some savings."""
    coins = uniform(config.seed, Purpose.SAVINGS, players.code) * _booster_price(players, config)
    gems = uniform(config.seed, Purpose.GEM_SAVINGS, players.code) * CONTINUE_GEMS
    old = players.earlier_days > 0
    players.coins[:] = np.where(old, coins.astype(np.int64), NEW_COINS)
    players.gems[:] = np.where(old, gems.astype(np.int64), NEW_GEMS)


def _booster_price(players: Players, config: SimulationConfig) -> Ints:
    kind = uniform(config.seed, Purpose.BOOSTER, players.code) * len(BOOSTER_COINS)
    prices: Ints = np.array(BOOSTER_COINS)[kind.astype(np.int64)]
    return prices


def draw_coins(players: Players, attempts: Attempts, ads: Ads, config: SimulationConfig) -> Changes:
    """Coins: earned by levels and rewarded ads, spent on boosters; moves `players.coins` on."""
    won = np.flatnonzero(attempts.won).astype(np.int64)
    prize = 20 + 30 * (attempts.level[won] % BOSS_EVERY == 0)
    more = np.where(players.cheater[attempts.player[won]], coin_factor(config.planted), 1.0)
    prize = (prize * more).astype(np.int64)
    watched = ads.attempt[ads.rewarded]
    gift = np.full(len(watched), 25, dtype=np.int64)
    parts = [
        Income(won, moment(attempts, won, 0.02), prize, LEVEL_REWARD),
        Income(watched, moment(attempts, watched, 0.4), gift, AD_REWARD),
    ]
    price, opening = _booster_price(players, config), players.coins.copy()
    keen = ~attempts.abandoned & (uniform(config.seed, Purpose.KEEN, attempts.code) < 0.4)
    rows = _spending_rows(attempts, parts, opening, price, np.flatnonzero(keen))
    cost = -price[attempts.player[rows]]
    sink = Income(rows, moment(attempts, rows, 0.85), cost, BOOSTER)
    changes = _changes(attempts, parts, opening, sink)
    players.coins[:] = _closing(attempts, changes, opening)
    return changes


def draw_gems(
    players: Players, attempts: Attempts, purchases: Purchases, config: SimulationConfig
) -> Changes:
    """Gems: bought or earned by achievements, spent on playing on; moves `players.gems` on."""
    earned = milestones(attempts)
    bought = purchases.attempt
    packs = np.array(GEMS)[purchases.tier]
    five = np.full(len(earned), 5, dtype=np.int64)
    parts = [
        Income(earned, moment(attempts, earned, 0.08), five, ACHIEVEMENT),
        Income(bought, moment(attempts, bought, 0.65), packs, PURCHASE),
    ]
    price, opening = np.full(len(players), CONTINUE_GEMS, dtype=np.int64), players.gems.copy()
    goes_on = uniform(config.seed, Purpose.CONTINUE, attempts.code) < 0.8
    lost = ~attempts.abandoned & ~attempts.won & goes_on
    rows = _spending_rows(attempts, parts, opening, price, np.flatnonzero(lost))
    cost = -price[attempts.player[rows]]
    sink = Income(rows, moment(attempts, rows, 0.9), cost, CONTINUE)
    changes = _changes(attempts, parts, opening, sink)
    players.gems[:] = _closing(attempts, changes, opening)
    return changes
