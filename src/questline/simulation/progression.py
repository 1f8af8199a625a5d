"""Levels: how hard they are and how each player gets through them, attempt by attempt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.behaviour import Sessions
from questline.simulation.config import SimulationConfig
from questline.simulation.draws import (
    Bools,
    Floats,
    Hashes,
    Ints,
    Purpose,
    from_table,
    gamma_table,
    normal_table,
    uniform,
)
from questline.simulation.experiments import level_factor
from questline.simulation.planted import harder
from questline.simulation.players import Players, version_names
from questline.simulation.segments import (
    expanded,
    lasts,
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
QUIT_HAZARD = 0.04
"""Chance to give up for the day after each further loss of a level, growing with their number."""
_CODE_STEP = np.uint64(0xD1342543DE82EF95)


@dataclass(frozen=True)
class Attempts:
    """Attempts in order of player and time."""

    player: Ints
    session: Ints
    code: Hashes
    """Names the attempt within its world."""
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


@dataclass(frozen=True)
class Climb:
    """How players got on, one row an attempt in order of player and time."""

    level: Ints
    number: Ints
    won: Bools
    played: Bools
    """False behind the end of the game, and once a player has given up for the day."""


def attempts_needed(level: Ints) -> Floats:
    """Mean number of attempts an average player needs: a saw-tooth on a slow rise.

    >>> attempts_needed(np.array([1, 9, 10, 11])).round(2).tolist()
    [1.11, 1.6, 2.86, 1.22]
    """
    rise = 1.1 + 1.2 * (1.0 - np.exp(-level / 100.0))
    tooth = 0.05 * ((level - 1) % BOSS_EVERY)
    boss = np.where(level % BOSS_EVERY == 0, 1.2, 0.0)
    return rise + tooth + boss


def _win_probability(level: Ints, skill: Floats, longer: Floats) -> Floats:
    average = np.minimum(1.0 / (attempts_needed(level) * longer), 0.98)
    odds = average / (1.0 - average) * np.exp(0.35 * skill)
    return np.clip(odds / (1.0 + odds), 0.05, 0.98)


def _needed(
    players: Players, player: Ints, level: Ints, version: Ints, config: SimulationConfig
) -> Ints:
    """Attempts that the player needs for the level: geometric, the same whenever he plays it."""
    position = uniform(config.seed, Purpose.NEEDED, players.code[player], level)
    longer = level_factor(
        config.experiments, players.variant[player], players.exposed[player], level
    )
    longer *= harder(config.planted, version_names(config), version[player], level)
    lost = np.log1p(-_win_probability(level, players.skill[player], longer))
    needed = np.maximum(np.ceil(np.log(position) / lost), 1.0).astype(np.int64)
    return np.where(players.bot[player], 1, needed)


def _attempts_per_session(sessions: Sessions, bot: Bools, config: SimulationConfig) -> Ints:
    tempo = from_table(normal_table(), config.seed, Purpose.TEMPO, sessions.code)
    slot = 1000.0 * config.world.attempt_seconds * np.exp(0.3 * tempo)
    rounding = uniform(config.seed, Purpose.ATTEMPT_ROUNDING, sessions.code)
    wished = ((sessions.length_ms - LEAD_MS) / slot + rounding).astype(np.int64)
    room = (sessions.length_ms - LEAD_MS - 1_000) // (PLAY_MS + PAUSE_MS + 5_000)
    counts = np.where(bot, room, np.minimum(wished, room))
    return np.clip(counts, 0, None)


def _timeline(
    sessions: Sessions,
    session: Ints,
    code: Hashes,
    bot: Bools,
    config: SimulationConfig,
) -> tuple[Ints, Ints, Ints]:
    """Start, play and pause of each attempt; together they fill the session exactly."""
    play_weight = 4.5 * from_table(gamma_table(6.0), config.seed, Purpose.PLAY, code)
    pause_weight = 0.75 * from_table(gamma_table(1.5), config.seed, Purpose.PAUSE, code)
    play_weight, pause_weight = np.where(bot, 1.0, play_weight), np.where(bot, 0.01, pause_weight)
    counts = np.bincount(session, minlength=len(sessions))
    total = np.bincount(session, play_weight + pause_weight, minlength=len(sessions))
    free = sessions.length_ms - LEAD_MS - counts * (PLAY_MS + PAUSE_MS)
    scale = free[session] / total[session]
    play = PLAY_MS + (play_weight * scale).astype(np.int64)
    pause = PAUSE_MS + (pause_weight * scale).astype(np.int64)
    took = play + pause
    before = running_total(took, segment_starts(session)) - took
    return sessions.start_ms[session] + LEAD_MS + before, play, pause


def settle(players: Players, config: SimulationConfig) -> None:
    """Puts players with days before the log where those days brought them."""
    known = np.flatnonzero(players.earlier_days > 0)
    world = config.world
    pace = LEVELS_WON_A_DAY * players.engagement[known] * world.session_median_seconds / 300.0
    pace *= 85.0 / world.attempt_seconds
    mean = players.earlier_days[known] * pace
    spread = from_table(normal_table(), config.seed, Purpose.FIRST_LEVEL, players.code[known])
    passed = np.maximum(np.rint(mean + np.sqrt(mean) * spread), 0.0).astype(np.int64)
    players.level[known] = np.minimum(1 + passed, world.last_level + 1)
    players.has_paid[known] = players.payer_rank[known] < world.payer_share


def climb(players: Players, totals: Ints, version: Ints, config: SimulationConfig) -> Climb:
    """Level, number and success of each player's next `totals[player]` attempts.

    Levels come in order; each takes the attempts that this player needs for it, the last of them
    won. Those made before (`players.tries`) count. `version` is what each player has installed.
    """
    player, ahead = expanded(totals)
    level = players.level[player] + ahead
    needed = _needed(players, player, level, version, config)
    tries = np.where(ahead == 0, np.minimum(players.tries[player], needed - 1), 0)
    left = needed - tries
    done_before = running_total(left, segment_starts(player)) - left
    reached = done_before < totals[player]
    player, level, needed, tries = (v[reached] for v in (player, level, needed, tries))
    made = np.minimum(left[reached], totals[player] - done_before[reached])
    row, place = expanded(made)
    number = place + 1 + tries[row]
    who, level, won = player[row], level[row], number == needed[row]
    losses = number - config.world.patience_fails + 1
    hazard = np.where(won, 0.0, np.clip(QUIT_HAZARD * losses, 0.0, 0.4))
    moment = (players.code[who], level, number)
    quits = uniform(config.seed, Purpose.QUIT, *moment) < hazard
    given_up = running_total(quits.astype(np.int64), segment_starts(who)) - quits > 0
    return Climb(level, number, won, ~given_up & (level <= config.world.last_level))


def draw_attempts(players: Players, sessions: Sessions, config: SimulationConfig) -> Attempts:
    """Fills the sessions with attempts of levels; moves `players.level` and `tries` on."""
    counts = _attempts_per_session(sessions, players.bot[sessions.player], config)
    session, place = expanded(counts)
    code = sessions.code[session] + (place + 1).astype(np.uint64) * _CODE_STEP
    player = sessions.player[session]
    bot = players.bot[player]
    start, play, pause = _timeline(sessions, session, code, bot, config)
    totals = np.bincount(player, minlength=len(players)).astype(np.int64)
    version = np.zeros(len(players), dtype=np.int64)
    version[sessions.player] = sessions.version
    found = climb(players, totals, version, config)
    kept = np.flatnonzero(found.played)
    player, session, code = player[kept], session[kept], code[kept]
    level, number, won = found.level[kept], found.number[kept], found.won[kept]
    leaves = lasts(session) & ~won
    abandoned = leaves & (uniform(config.seed, Purpose.ABANDON, code) < ABANDON_SHARE)
    final = np.flatnonzero(lasts(player))
    players.level[player[final]] = level[final] + won[final]
    players.tries[player[final]] = np.where(won[final], 0, number[final])
    return Attempts(
        player, session, code, start[kept], play[kept], pause[kept], level, number, won, abandoned
    )
