"""Money: advertisements, purchases, refunds, and the game's own coins and gems."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.behaviour import Activity
from questline.simulation.config import SimulationConfig
from questline.simulation.places import COUNTRIES, IOS, TIER_USD
from questline.simulation.players import Players
from questline.simulation.progression import Attempts
from questline.simulation.streams import Bools, Floats, Ints, Stream, generator

PLACEMENTS = ("level_end", "level_end_banner", "double_reward", "extra_moves")
FORMATS = ("interstitial", "banner", "rewarded", "rewarded")
ECPM_USD = (9.0, 0.9, 14.0, 14.0)
"""Revenue of a thousand impressions in the United States, by placement."""
COMPLETED_SHARE = (0.74, 1.0, 0.93, 0.93)
BOUNDS_WON = (0.08, 0.11, 0.16, 0.16)
BOUNDS_LOST = (0.06, 0.09, 0.09, 0.22)
"""Cumulative chance of each placement after a won and after a lost attempt."""
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
    transaction: Ints


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
    rng = generator(config.seed, Stream.ADS)
    bounds = np.where(attempts.won[:, None], BOUNDS_WON, BOUNDS_LOST)
    placement = (rng.random(len(attempts))[:, None] >= bounds).sum(axis=1)
    shown = players.ad_viewer[attempts.player] & ~attempts.abandoned & (placement < len(FORMATS))
    rows = np.flatnonzero(shown).astype(np.int64)
    who, placement = attempts.player[rows], placement[rows].astype(np.int64)
    country = np.array([c.ecpm_factor for c in COUNTRIES])[players.country[who]]
    store = np.where(players.platform[who] == IOS, 1.15, 0.9)
    auction = rng.lognormal(-0.245, 0.7, len(rows))
    micro = 1000.0 * np.array(ECPM_USD)[placement] * country * store * auction
    completed = rng.random(len(rows)) < np.array(COMPLETED_SHARE)[placement]
    return Ads(
        attempt=rows,
        time_ms=moment(attempts, rows, 0.35),
        placement=placement,
        micro_usd=np.maximum(np.rint(micro), 1.0).astype(np.int64),
        completed=completed,
    )


def _paid_attempts(
    rng: np.random.Generator,
    players: Players,
    activity: Activity,
    attempts: Attempts,
    config: SimulationConfig,
) -> Ints:
    """Attempts followed by a purchase: one early per payer, then by a rate that differs."""
    rows = np.flatnonzero(~attempts.abandoned).astype(np.int64)
    totals = np.bincount(attempts.player[rows], minlength=len(players)).astype(np.int64)
    offset = np.cumsum(totals) - totals
    world = config.world
    days = np.bincount(activity.player, minlength=len(players))
    rate = world.repeat_rate_a_day * rng.lognormal(0.0, world.repeat_sigma, len(players))
    repeats = rng.poisson(rate * days).astype(np.int64)
    early = rng.geometric(0.12, len(players)).astype(np.int64) - 1
    able = players.payer & (totals > 0)
    first = (offset + np.minimum(early, totals - 1))[able]
    buyer = np.repeat(np.arange(len(players), dtype=np.int64), np.where(able, repeats, 0))
    later = offset[buyer] + (rng.random(len(buyer)) * totals[buyer]).astype(np.int64)
    paid: Ints = rows[np.unique(np.concatenate((first, later)))]
    return paid


def draw_purchases(
    players: Players, activity: Activity, attempts: Attempts, config: SimulationConfig
) -> Purchases:
    """Draws purchases of a few payers, with a heavy tail in number and in price."""
    rng = generator(config.seed, Stream.PURCHASES)
    world = config.world
    rows = _paid_attempts(rng, players, activity, attempts, config)
    wealth: Floats = rng.normal(0.0, world.ticket_sigma_between, len(players))
    wish = wealth[attempts.player[rows]] + rng.normal(0.0, world.ticket_sigma_within, len(rows))
    middle = np.log(TIER_USD[:-1]) / 2 + np.log(TIER_USD[1:]) / 2
    tier = np.searchsorted(middle, np.log(world.ticket_median_usd) + wish)
    return Purchases(
        attempt=rows,
        time_ms=moment(attempts, rows, 0.6),
        tier=tier.astype(np.int64),
        transaction=rng.integers(0, 2**63 - 1, len(rows)),
    )


def draw_refunds(purchases: Purchases, config: SimulationConfig) -> Refunds:
    """Draws refunds, hours to days after the purchase; the store's server reports them."""
    rng = generator(config.seed, Stream.PURCHASES, 1)
    chosen = rng.random(len(purchases.attempt)) < config.world.refund_share
    hours = rng.lognormal(np.log(20.0), 1.0, len(chosen))
    rows = np.flatnonzero(chosen).astype(np.int64)
    return Refunds(rows, purchases.time_ms[rows] + (hours[rows] * HOUR_MS).astype(np.int64))
