"""Who plays on a day, and the sessions of that day."""

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
    gamma_table,
    hashed,
    normal_table,
    poisson,
    uniform,
)
from questline.simulation.places import DAY_MS
from questline.simulation.planted import BOT_SESSION_MS, BOT_SESSIONS
from questline.simulation.players import Players, changed, versions
from questline.simulation.rhythm import is_weekend, time_of_day
from questline.simulation.segments import (
    expanded,
    lasts,
    running_maximum,
    running_total,
    segment_starts,
)

MAX_EXTRA_SESSIONS = 24
PAUSE_BETWEEN_SESSIONS_MS = 90_000
SHORTEST_SESSION_MS, LONGEST_SESSION_MS = 8_000, 3 * 3_600_000
_BEFORE_EVERYTHING = 100_000
"""Added to a day's number, so that it is positive as an identity of draws."""


@dataclass(frozen=True)
class Sessions:
    """Sessions in order of player and start; times are the server's, in milliseconds."""

    player: Ints
    code: Hashes
    """Names the session within its world."""
    start_ms: Ints
    length_ms: Ints
    version: Ints
    delay_ms: Ints
    """Constant distance between the device's clock and the time of receipt of an upload."""
    first_of_day: Bools
    end_reported: Bools

    @property
    def end_ms(self) -> Ints:
        """When the game left the foreground."""
        return self.start_ms + self.length_ms

    def __len__(self) -> int:
        return len(self.player)


def day_factor(config: SimulationConfig, day: int) -> float:
    """What the weekday and chance make of everybody's wish to play on a day; 1 on average."""
    number = np.array([day + config.start_ms // DAY_MS], dtype=np.int64)
    lift = config.world.weekend_lift
    level = lift if is_weekend(number)[0] else (7.0 - 2.0 * lift) / 5.0
    place = np.array([day + _BEFORE_EVERYTHING], dtype=np.int64)
    noise = from_table(normal_table(), config.seed, Purpose.DAY_NOISE, place)
    return float(level * (1.0 + config.world.day_noise * noise[0]))


def draw_active(players: Players, day: int, config: SimulationConfig) -> Bools:
    """Lets every player decide; the day of acquisition is always active."""
    age = day - players.day
    days = np.full(len(players), day + _BEFORE_EVERYTHING, dtype=np.int64)
    chance = players.return_probability * day_factor(config, day)
    chance = chance * changed(players, "retention", config)
    wish = uniform(config.seed, Purpose.ACTIVE, players.code, days) < chance
    active: Bools = (age == 0) | (wish & (age < players.lifetime_days))
    return active


def _session_counts(players: Players, day: int, config: SimulationConfig) -> Ints:
    world, seed = config.world, config.seed
    identity = (players.code, np.full(len(players), day + _BEFORE_EVERYTHING, dtype=np.int64))
    mean = world.extra_sessions_a_day * players.engagement * changed(players, "sessions", config)
    mean = np.where(players.day == day, mean * (1.0 - players.position), mean)
    table = gamma_table(world.extra_sessions_shape)
    luck = from_table(table, seed, Purpose.SESSION_LUCK, *identity)
    position = uniform(seed, Purpose.SESSION_COUNT, *identity)
    counts = 1 + poisson(mean * luck, position, MAX_EXTRA_SESSIONS)
    return np.where(players.bot, BOT_SESSIONS, counts)


def _wished_starts(
    players: Players, player: Ints, day: int, position: Floats, config: SimulationConfig
) -> Ints:
    """Starts before overlaps are mended; the first of a new player follows the acquisition."""
    acquired_today = players.day[player] == day
    done = np.where(acquired_today, players.position[player], 0.0)
    position = done + (1.0 - done) * position
    weekend = is_weekend(np.full(len(player), day + config.start_ms // DAY_MS, dtype=np.int64))
    moment = time_of_day(position, players.offset_hours[player], weekend)
    return config.start_ms + day * DAY_MS + moment + np.where(acquired_today, 9_000, 0)


def _without_overlaps(player: Ints, wished: Ints, length: Ints) -> Ints:
    """Moves each start behind the player's sessions before it, plus a pause.

    start[k] = max over j <= k of wished[j] + the time that j..k-1 take, without a loop.
    """
    taken = length + PAUSE_BETWEEN_SESSIONS_MS
    before = running_total(taken, segment_starts(player)) - taken
    return before + running_maximum(wished - before, player)


def draw_sessions(players: Players, day: int, config: SimulationConfig) -> Sessions:
    """Draws the sessions that these players start on a day; none overlaps another of its player.

    `players.busy_until_ms` says from when on they have time, and is moved on. Sessions that find
    no time before midnight are not played; the last ones may pass it.
    """
    world, seed = config.world, config.seed
    player, place = expanded(_session_counts(players, day, config))
    days = np.full(len(player), day + _BEFORE_EVERYTHING, dtype=np.int64)
    code = hashed(seed, Purpose.SESSION, players.code[player], days, place)
    wished = _wished_starts(
        players, player, day, uniform(seed, Purpose.SESSION_START, code), config
    )
    arrival = (place == 0) & (players.day[player] == day)
    follow = players.acquired_ms[player] + 1_500 + (code % np.uint64(7_500)).astype(np.int64)
    wished = np.maximum(np.where(arrival, follow, wished), players.busy_until_ms[player])
    spread = np.exp(
        world.session_sigma * from_table(normal_table(), seed, Purpose.SESSION_LENGTH, code)
    )
    length = 1000.0 * world.session_median_seconds * spread * np.sqrt(players.engagement[player])
    length_ms = np.clip(length.astype(np.int64), SHORTEST_SESSION_MS, LONGEST_SESSION_MS)
    length_ms = np.where(players.bot[player], BOT_SESSION_MS, length_ms)

    order = np.lexsort((code, wished, player))
    player, code, length_ms = player[order], code[order], length_ms[order]
    start = _without_overlaps(player, wished[order], length_ms)
    inside = start < config.start_ms + (day + 1) * DAY_MS
    player, code, start, length_ms = player[inside], code[inside], start[inside], length_ms[inside]
    last = lasts(player)
    free = start + length_ms + PAUSE_BETWEEN_SESSIONS_MS
    players.busy_until_ms[player[last]] = free[last]
    latency = 120.0 * np.exp(0.6 * from_table(normal_table(), seed, Purpose.LATENCY, code))
    return Sessions(
        player=player,
        code=code,
        start_ms=start,
        length_ms=length_ms,
        version=versions(players, player, np.full(len(player), day, dtype=np.int64), config),
        delay_ms=np.minimum(latency, 5_000.0).astype(np.int64) + players.clock_skew_ms[player],
        first_of_day=segment_starts(player) == np.arange(len(player)),
        end_reported=uniform(seed, Purpose.END_REPORTED, code) < world.session_end_share,
    )
