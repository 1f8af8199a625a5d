"""Real money: advertisements, purchases and refunds of a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.config import SimulationConfig
from questline.simulation.draws import (
    Bools,
    Floats,
    Hashes,
    Ints,
    Purpose,
    from_table,
    hashed,
    normal_table,
    poisson,
    uniform,
)
from questline.simulation.places import (
    COUNTRIES,
    IOS,
    TIER_MICROS,
    TIER_USD,
)
from questline.simulation.planted import ABUSED_SHARE, refund_share, store_open
from questline.simulation.players import Players, changed, payers
from questline.simulation.progression import Attempts
from questline.simulation.segments import expanded

PLACEMENTS = ("level_end", "level_end_banner", "double_reward", "extra_moves")
FORMATS = ("interstitial", "banner", "rewarded", "rewarded")
ECPM_USD = (9.0, 0.9, 14.0, 14.0)
"""Revenue of a thousand impressions in the United States, by placement."""
COMPLETED_SHARE = (0.74, 1.0, 0.93, 0.93)
BOUNDS_WON = (0.08, 0.11, 0.16, 0.16)
BOUNDS_LOST = (0.06, 0.09, 0.09, 0.22)
"""Cumulative chance of each placement after a won and after a lost attempt."""
MAX_PURCHASES_A_DAY = 30
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Ads:
    """Impressions in order of attempt."""

    attempt: Ints
    time_ms: Ints
    placement: Ints
    micro_usd: Ints
    completed: Bools

    @property
    def rewarded(self) -> Bools:
        """Impressions that paid the player coins."""
        return (self.placement >= FORMATS.index("rewarded")) & self.completed


@dataclass(frozen=True)
class Purchases:
    """Purchases in order of attempt; `tier` names product and price."""

    attempt: Ints
    time_ms: Ints
    tier: Ints
    currency: Ints
    transaction: Hashes

    @property
    def micros(self) -> Ints:
        """The price in millionths of the currency."""
        prices: Ints = TIER_MICROS[self.currency, self.tier]
        return prices


@dataclass(frozen=True)
class Refunds:
    """Full refunds; `purchase` is the row of the purchase."""

    purchase: Ints
    time_ms: Ints


def moment(attempts: Attempts, rows: Ints, share: float) -> Ints:
    """A point of the pause after each attempt; different shares never meet."""
    return attempts.outcome_ms[rows] + (attempts.pause_ms[rows] * share).astype(np.int64)


def draw_ads(players: Players, attempts: Attempts, config: SimulationConfig) -> Ads:
    """Draws at most one impression after each finished attempt."""
    seed = config.seed
    able = np.flatnonzero(players.ad_viewer[attempts.player] & ~attempts.abandoned)
    position = uniform(seed, Purpose.AD, attempts.code[able])
    bounds = np.where(attempts.won[able][:, None], BOUNDS_WON, BOUNDS_LOST)
    placement = (position[:, None] >= bounds).sum(axis=1)
    shown = placement < len(FORMATS)
    rows, placement = able[shown].astype(np.int64), placement[shown].astype(np.int64)
    who, code = attempts.player[rows], attempts.code[rows]
    country = np.array([c.ecpm_factor for c in COUNTRIES])[players.country[who]]
    store = np.where(players.platform[who] == IOS, 1.15, 0.9)
    auction = np.exp(0.7 * from_table(normal_table(), seed, Purpose.AUCTION, code) - 0.245)
    micro = 1000.0 * np.array(ECPM_USD)[placement] * country * store * auction
    watched = uniform(seed, Purpose.AD_COMPLETED, code) < np.array(COMPLETED_SHARE)[placement]
    return Ads(
        attempt=rows,
        time_ms=moment(attempts, rows, 0.35),
        placement=placement,
        micro_usd=np.maximum(np.rint(micro), 1.0).astype(np.int64),
        completed=watched,
    )


def _purchases_a_player(players: Players, able: Ints, day: int, config: SimulationConfig) -> Ints:
    """How often each of the `able` payers pays on a day: a first time, and by a rate of his own."""
    world, seed = config.world, config.seed
    code = players.code[able]
    days = np.full(len(able), day + 1, dtype=np.int64)
    chance = np.where(
        players.day[able] == day, world.first_day_payers, world.first_day_payers / 2.0
    )
    wants = uniform(seed, Purpose.FIRST_PURCHASE, code, days) < chance
    first = ~players.has_paid[able] & wants
    spread = from_table(normal_table(), seed, Purpose.REPEAT_RATE, code)
    rate = world.repeat_rate_a_day * np.exp(world.repeat_sigma * spread)
    rate = rate * changed(players, "purchases", config)[able]
    position = uniform(seed, Purpose.REPEATS, code, days)
    again = poisson(rate, position, MAX_PURCHASES_A_DAY)
    counts: Ints = first.astype(np.int64) + np.where(players.has_paid[able] | first, again, 0)
    return counts


def _paid_attempts(
    players: Players, attempts: Attempts, day: int, config: SimulationConfig
) -> Ints:
    """Attempts followed by a purchase, at most one each."""
    finished = np.flatnonzero(~attempts.abandoned).astype(np.int64)
    totals = np.bincount(attempts.player[finished], minlength=len(players)).astype(np.int64)
    offset = np.cumsum(totals) - totals
    willing = payers(players, config) & store_open(config.planted, day, players.platform)
    able = np.flatnonzero(willing & (totals > 0))
    wanted = _purchases_a_player(players, able, day, config)
    players.has_paid[able] |= wanted > 0
    row, place = expanded(wanted)
    buyer = able[row]
    days = np.full(len(buyer), day + 1, dtype=np.int64)
    when = uniform(config.seed, Purpose.PURCHASE_MOMENT, players.code[buyer], days, place)
    paid: Ints = np.unique(finished[offset[buyer] + (when * totals[buyer]).astype(np.int64)])
    return paid


def draw_purchases(
    players: Players, attempts: Attempts, day: int, config: SimulationConfig
) -> Purchases:
    """Draws purchases of a few payers, with a heavy tail in number and in price."""
    world, seed = config.world, config.seed
    rows = _paid_attempts(players, attempts, day, config)
    who, code = attempts.player[rows], attempts.code[rows]
    wealth = from_table(normal_table(), seed, Purpose.WEALTH, players.code[who])
    mood = from_table(normal_table(), seed, Purpose.TICKET, code)
    wish: Floats = world.ticket_sigma_between * wealth + world.ticket_sigma_within * mood
    middle = np.log(TIER_USD[:-1]) / 2 + np.log(TIER_USD[1:]) / 2
    tier = np.searchsorted(middle, np.log(world.ticket_median_usd) + wish)
    return Purchases(
        attempt=rows,
        time_ms=moment(attempts, rows, 0.6),
        tier=tier.astype(np.int64),
        currency=players.currency[who],
        transaction=hashed(seed, Purpose.TRANSACTION, code),
    )


def draw_refunds(
    players: Players,
    attempts: Attempts,
    purchases: Purchases,
    day: int,
    config: SimulationConfig,
) -> Refunds:
    """Draws refunds, hours to days after the purchase; the store's server reports them."""
    seed, named = config.seed, purchases.transaction
    share = refund_share(config.planted, config.world.refund_share, day)
    abuser = players.abuser[attempts.player[purchases.attempt]]
    chance = np.where(abuser, ABUSED_SHARE, share)
    rows = np.flatnonzero(uniform(seed, Purpose.REFUND, named) < chance)
    delay = from_table(normal_table(), seed, Purpose.REFUND_DELAY, named[rows])
    wait = (20.0 * HOUR_MS * np.exp(delay)).astype(np.int64)
    return Refunds(rows.astype(np.int64), purchases.time_ms[rows] + wait)
