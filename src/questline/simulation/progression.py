"""Levels: how hard they are and how each player gets through them, attempt by attempt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.behaviour import Activity, Sessions
from questline.simulation.config import SimulationConfig
from questline.simulation.players import Players
from questline.simulation.streams import (
    Bools,
    Floats,
    Ints,
    Stream,
    generator,
    running_total,
    segment_starts,
)

MODES = ("story", "boss")
BOSS_EVERY = 10
LEVELS_WON_A_DAY = 8.0
"""Of a typical player before the log."""
LEAD_MS, PLAY_MS, PAUSE_MS = 3_000, 12_000, 3_000
"""Shortest time before the first attempt, in an attempt and after it."""
ABANDON_SHARE = 0.25
"""Share of sessions' last attempts that end without an outcome, if not won."""


@dataclass(frozen=True)
class Attempts:
    """Attempts in order of player and time."""

    player: Ints
    session: Ints
    start_ms: Ints
    play_ms: Ints
    pause_ms: Ints
    """Time between the outcome and the next attempt or the end of the session."""
    level: Ints
    number: Ints
    """Ordinal of the player's attempt of this level, from 1."""
    won: Bools
    abandoned: Bools

    @property
    def outcome_ms(self) -> Ints:
        """When the attempt was won or lost."""
        return self.start_ms + self.play_ms

    @property
    def mode(self) -> Ints:
        """Code of the mode: every tenth level is a boss."""
        codes: Ints = (self.level % BOSS_EVERY == 0).astype(np.int64)
        return codes

    def __len__(self) -> int:
        return len(self.player)


def attempts_needed(level: Ints) -> Floats:
    """Mean number of attempts an average player needs: a saw-tooth on a slow rise.

    >>> attempts_needed(np.array([1, 9, 10, 11])).round(2).tolist()
    [1.11, 1.6, 2.86, 1.22]
    """
    rise = 1.1 + 1.2 * (1.0 - np.exp(-level / 100.0))
    tooth = 0.05 * ((level - 1) % BOSS_EVERY)
    boss = np.where(level % BOSS_EVERY == 0, 1.2, 0.0)
    return rise + tooth + boss


def _win_probability(level: Ints, skill: Floats) -> Floats:
    average = 1.0 / attempts_needed(level)
    odds = average / (1.0 - average) * np.exp(0.35 * skill)
    return np.clip(odds / (1.0 + odds), 0.05, 0.98)


def _attempts_per_session(
    rng: np.random.Generator, sessions: Sessions, config: SimulationConfig
) -> Ints:
    slot = 1000.0 * config.world.attempt_seconds * rng.lognormal(0.0, 0.3, len(sessions))
    wished = ((sessions.length_ms - LEAD_MS) / slot + rng.random(len(sessions))).astype(np.int64)
    room = (sessions.length_ms - LEAD_MS - 1_000) // (PLAY_MS + PAUSE_MS + 5_000)
    return np.clip(np.minimum(wished, room), 0, None)


def _timeline(
    rng: np.random.Generator, sessions: Sessions, session: Ints, counts: Ints
) -> tuple[Ints, Ints, Ints]:
    """Start, play and pause of each attempt; together they fill the session exactly."""
    play_weight = rng.gamma(6.0, 0.75, len(session))
    pause_weight = rng.gamma(1.5, 0.5, len(session))
    total = np.bincount(session, play_weight + pause_weight, minlength=len(counts))
    free = sessions.length_ms - LEAD_MS - counts * (PLAY_MS + PAUSE_MS)
    scale = free[session] / total[session]
    play = PLAY_MS + (play_weight * scale).astype(np.int64)
    pause = PAUSE_MS + (pause_weight * scale).astype(np.int64)
    took = play + pause
    before = running_total(took, segment_starts(session)) - took
    return sessions.start_ms[session] + LEAD_MS + before, play, pause


def _first_levels(
    rng: np.random.Generator, players: Players, activity: Activity, config: SimulationConfig
) -> Ints:
    """Where each player stands when the log begins; new players start at level 1."""
    pace = LEVELS_WON_A_DAY * players.engagement * config.world.session_median_seconds / 300.0
    return 1 + rng.poisson(activity.earlier_days * pace).astype(np.int64)


def _climb(
    rng: np.random.Generator, totals: Ints, first: Ints, skill: Floats
) -> tuple[Ints, Ints, Bools]:
    """Level, number and success of each player's attempts, `totals[player]` of them.

    Levels come in order; each takes a geometric number of attempts, the last of them won, and the
    player's last level stays open where the attempts run out.
    """
    player = np.repeat(np.arange(len(totals), dtype=np.int64), totals)
    starts = segment_starts(player)
    level = first[player] + np.arange(len(player)) - starts
    needed = rng.geometric(_win_probability(level, skill[player])).astype(np.int64)
    done_before = running_total(needed, starts) - needed
    reached = done_before < totals[player]
    player, level, needed = player[reached], level[reached], needed[reached]
    made = np.minimum(needed, totals[player] - done_before[reached])
    row = np.repeat(np.arange(len(made), dtype=np.int64), made)
    number = np.arange(len(row)) - segment_starts(row) + 1
    return level[row], number, number == needed[row]


def draw_attempts(
    players: Players, activity: Activity, sessions: Sessions, config: SimulationConfig
) -> Attempts:
    """Fills the sessions with attempts of levels."""
    rng = generator(config.seed, Stream.ATTEMPTS)
    counts = _attempts_per_session(rng, sessions, config)
    session = np.repeat(np.arange(len(sessions), dtype=np.int64), counts)
    start, play, pause = _timeline(rng, sessions, session, counts)
    player = sessions.player[session]
    totals = np.bincount(player, minlength=len(players)).astype(np.int64)
    first = _first_levels(rng, players, activity, config)
    level, number, won = _climb(rng, totals, first, players.skill)
    last = np.ones(len(session), dtype=np.bool_)
    last[:-1] = session[1:] != session[:-1]
    abandoned = last & ~won & (rng.random(len(session)) < ABANDON_SHARE)
    return Attempts(player, session, start, play, pause, level, number, won, abandoned)
