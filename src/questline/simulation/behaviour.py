"""Who plays on which day, and the sessions of those days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.config import SimulationConfig
from questline.simulation.places import DAY_MS
from questline.simulation.players import Players, versions
from questline.simulation.rhythm import is_weekend, time_of_day
from questline.simulation.streams import (
    Bools,
    Ints,
    Stream,
    generator,
    running_maximum,
    running_total,
    segment_starts,
)

MAX_EXTRA_SESSIONS = 24
PAUSE_BETWEEN_SESSIONS_MS = 90_000
SHORTEST_SESSION_MS, LONGEST_SESSION_MS = 8_000, 3 * 3_600_000


@dataclass(frozen=True)
class Activity:
    """Active player-days of the log in order of day and player, and what came before it."""

    player: Ints
    day: Ints
    earlier_days: Ints
    """Per player: active days before the log."""


@dataclass(frozen=True)
class Sessions:
    """Sessions in order of player and start; times are the server's, in milliseconds."""

    player: Ints
    start_ms: Ints
    length_ms: Ints
    version: Ints
    delay_ms: Ints
    """Constant distance between the device's clock and the time of receipt of an upload."""
    first_of_day: Bools
    end_reported: Bools

    def __len__(self) -> int:
        return len(self.player)


def _day_factors(rng: np.random.Generator, config: SimulationConfig, first: int) -> list[float]:
    numbers = np.arange(first, config.days) + config.start_ms // DAY_MS
    lift = config.world.weekend_lift
    weekday = (7.0 - 2.0 * lift) / 5.0
    factor = np.where(is_weekend(numbers), lift, weekday)
    return list(factor * rng.normal(1.0, config.world.day_noise, len(numbers)))


def draw_activity(players: Players, config: SimulationConfig) -> Activity:
    """Lets every player decide day by day; the day of acquisition is always active."""
    rng = generator(config.seed, Stream.ACTIVITY)
    first = -config.world.live_days_before_log
    earlier = np.zeros(len(players), dtype=np.int64)
    people, days = [], []
    for day, factor in enumerate(_day_factors(rng, config, first), start=first):
        known = int(np.searchsorted(players.day, day, side="right"))
        age = day - players.day[:known]
        returns = rng.random(known) < players.return_probability[:known] * factor
        active = (age == 0) | (returns & (age < players.lifetime_days[:known]))
        if day < 0:
            earlier[:known] += active
        else:
            people.append(np.flatnonzero(active).astype(np.int64))
            days.append(np.full(len(people[-1]), day, dtype=np.int64))
    return Activity(np.concatenate(people), np.concatenate(days), earlier)


def _session_counts(
    rng: np.random.Generator, players: Players, activity: Activity, config: SimulationConfig
) -> Ints:
    world = config.world
    mean = world.extra_sessions_a_day * players.engagement[activity.player]
    new = players.day[activity.player] == activity.day
    mean = np.where(new, mean * (1.0 - players.position[activity.player]), mean)
    luck = rng.gamma(world.extra_sessions_shape, 1.0 / world.extra_sessions_shape, len(mean))
    extra = rng.poisson(mean * luck).astype(np.int64)
    return 1 + np.minimum(extra, MAX_EXTRA_SESSIONS)


def _wished_starts(
    rng: np.random.Generator, players: Players, player: Ints, day: Ints, config: SimulationConfig
) -> Ints:
    """Starts before overlaps are mended; the first of a new player follows the acquisition."""
    acquired_today = players.day[player] == day
    done = np.where(acquired_today, players.position[player], 0.0)
    position = done + (1.0 - done) * rng.random(len(player))
    weekend = is_weekend(day + config.start_ms // DAY_MS)
    moment = time_of_day(position, players.offset_hours[player], weekend)
    return config.start_ms + day * DAY_MS + moment


def _without_overlaps(player: Ints, wished: Ints, length: Ints) -> Ints:
    """Moves each start behind the player's sessions before it, plus a pause.

    start[k] = max over j <= k of wished[j] + the time that j..k-1 take, without a loop.
    """
    taken = length + PAUSE_BETWEEN_SESSIONS_MS
    before = running_total(taken, segment_starts(player)) - taken
    return before + running_maximum(wished - before, player)


def draw_sessions(players: Players, activity: Activity, config: SimulationConfig) -> Sessions:
    """Draws the sessions of all active days, none overlapping another of the same player.

    The last sessions may pass the end of the log: their later events are not written.
    """
    world = config.world
    rng = generator(config.seed, Stream.SESSIONS)
    counts = _session_counts(rng, players, activity, config)
    player, day = np.repeat(activity.player, counts), np.repeat(activity.day, counts)
    opening = np.zeros(len(player), dtype=np.bool_)
    opening[np.cumsum(counts) - counts] = True
    wished = _wished_starts(rng, players, player, day, config)
    arrival = opening & (players.day[player] == day)
    follow = players.acquired_ms[player] + rng.integers(1_500, 9_000, len(player))
    wished = np.where(arrival, follow, np.where(players.day[player] == day, wished + 9_000, wished))
    spread = rng.lognormal(np.log(world.session_median_seconds), world.session_sigma, len(player))
    length = 1000.0 * spread * np.sqrt(players.engagement[player])
    length_ms = np.clip(length.astype(np.int64), SHORTEST_SESSION_MS, LONGEST_SESSION_MS)
    latency = np.minimum(rng.lognormal(np.log(120.0), 0.6, len(player)), 5_000.0).astype(np.int64)
    end_reported = rng.random(len(player)) < world.session_end_share

    order = np.lexsort((wished, player))
    player, length_ms = player[order], length_ms[order]
    start = _without_overlaps(player, wished[order], length_ms)
    inside = start < config.start_ms + config.days * DAY_MS
    player, start, length_ms = player[inside], start[inside], length_ms[inside]
    started_on = (start - config.start_ms) // DAY_MS
    group = player * (config.days + 1) + started_on
    return Sessions(
        player=player,
        start_ms=start,
        length_ms=length_ms,
        version=versions(players, player, started_on, config),
        delay_ms=latency[order][inside] + players.clock_skew_ms[player],
        first_of_day=segment_starts(group) == np.arange(len(player)),
        end_reported=end_reported[order][inside],
    )
