"""The people: when they came, from where, and what they are like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from questline.simulation.config import SimulationConfig
from questline.simulation.places import (
    ANDROID,
    CHANNEL_RETURN,
    CHANNEL_WEIGHTS,
    COUNTRIES,
    CURRENCIES,
    DAY_MS,
    DEVICE_WEIGHTS,
    IOS,
    MARKETS,
    PLATFORM_RETURN,
)
from questline.simulation.rhythm import is_weekend, time_of_day
from questline.simulation.streams import (
    Bools,
    Floats,
    Ints,
    Stream,
    generator,
    pick_weighted,
)
from questline.simulation.text import uuids

LAST_ACQUISITION_MS = DAY_MS - 60_000
"""Nobody arrives in a day's last minute, so that the first session starts on the same day."""

_CURRENCY_OF = np.array([CURRENCIES.index(c.currency) for c in COUNTRIES])


@dataclass(frozen=True)
class Players:
    """All players, ordered by acquisition; one array per attribute.

    `day` counts from the log's first day and is negative before it; `position` is the share of
    that day's play already done at the arrival.
    """

    ids: pa.Array
    acquired_ms: Ints
    day: Ints
    position: Floats
    offset_hours: Ints
    country: Ints
    currency: Ints
    platform: Ints
    device: Ints
    channel: Ints
    login: Ints
    """Code of the login method, -1 for players without an account."""
    version_lag_days: Ints
    clock_skew_ms: Ints
    """How far the device's clock is behind the server's."""
    return_probability: Floats
    lifetime_days: Floats
    engagement: Floats
    skill: Floats
    payer: Bools
    ad_viewer: Bools

    def __len__(self) -> int:
        return len(self.day)


def _acquisition_days(rng: np.random.Generator, config: SimulationConfig) -> Ints:
    days = np.arange(-config.world.live_days_before_log, config.days)
    numbers = days + config.start_ms // DAY_MS
    weights = np.where(is_weekend(numbers), 1.15, 1.0) * rng.lognormal(0.0, 0.08, len(days))
    counts = rng.multinomial(config.users, weights / weights.sum())
    return np.repeat(days, counts)


def _devices(rng: np.random.Generator, platform: Ints) -> Ints:
    device = np.zeros(len(platform), dtype=np.int64)
    for code, weights in enumerate(DEVICE_WEIGHTS):
        drawn = pick_weighted(rng, weights, len(platform))
        device = np.where(platform == code, drawn, device)
    return device


def _clock_skew(rng: np.random.Generator, size: int) -> Ints:
    skewed = rng.random(size) < 0.08
    return np.where(skewed, np.rint(rng.normal(0.0, 20_000.0, size)), 0.0).astype(np.int64)


def _logins(rng: np.random.Generator, platform: Ints) -> Ints:
    draw = rng.random(len(platform))
    return np.where(draw < 0.30, platform, np.where(draw < 0.40, 2, -1))


def _return_probability(
    rng: np.random.Generator, platform: Ints, channel: Ints, config: SimulationConfig
) -> Floats:
    world = config.world
    quality = np.array(PLATFORM_RETURN)[platform] * np.array(CHANNEL_RETURN)[channel]
    drawn = rng.beta(world.return_alpha, world.return_beta, len(platform))
    capped: Floats = np.minimum(drawn * quality, 0.99)
    return capped


def draw_players(config: SimulationConfig) -> Players:
    """Draws everybody who is acquired until the last day of the log."""
    world, size = config.world, config.users
    rng = generator(config.seed, Stream.PLAYERS)
    day = _acquisition_days(rng, config)
    market = np.array(MARKETS)[pick_weighted(rng, tuple(m[2] for m in MARKETS), size)]
    country, offset_hours = (market[:, i].astype(np.int64) for i in (0, 1))
    position = rng.random(size)
    weekend = is_weekend(day + config.start_ms // DAY_MS)
    moment = np.minimum(time_of_day(position, offset_hours, weekend), LAST_ACQUISITION_MS)
    order = np.lexsort((moment, day))
    country, offset_hours = country[order], offset_hours[order]
    ios_share = np.array([c.ios_share for c in COUNTRIES])
    platform = np.where(rng.random(size) < ios_share[country], IOS, ANDROID)
    channel = pick_weighted(rng, CHANNEL_WEIGHTS, size)
    returning = _return_probability(rng, platform, channel, config)
    hazard = rng.gamma(world.hazard_shape, 1.0 / world.hazard_rate_days, size)
    engagement = rng.lognormal(-(world.engagement_sigma**2) / 2, world.engagement_sigma, size)
    return Players(
        ids=uuids(generator(config.seed, Stream.PLAYER_IDS), size),
        acquired_ms=config.start_ms + day[order] * DAY_MS + moment[order],
        day=day,
        position=position[order],
        offset_hours=offset_hours,
        country=country,
        currency=_CURRENCY_OF[country],
        platform=platform,
        device=_devices(rng, platform),
        channel=channel,
        login=_logins(rng, platform),
        version_lag_days=rng.exponential(3.0, size).astype(np.int64),
        clock_skew_ms=_clock_skew(rng, size),
        return_probability=returning,
        lifetime_days=rng.exponential(1.0, size) / np.maximum(hazard, 1e-9),
        engagement=engagement,
        skill=rng.standard_normal(size),
        payer=rng.random(size) < world.payer_share,
        ad_viewer=rng.random(size) < world.ad_viewer_share,
    )


def versions(players: Players, player: Ints, day: Ints, config: SimulationConfig) -> Ints:
    """Number of the release that each `player` has on `day`: it comes some days after its launch.

    A new player gets the newest one.
    """
    launch, release = -config.world.live_days_before_log, config.world.release_days
    installed = (players.day[player] - launch) // release
    reached = (day - players.version_lag_days[player] - launch) // release
    newest: Ints = np.maximum(installed, reached)
    return newest
