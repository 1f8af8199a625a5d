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

MODES = ("story", "boss", "rush")
RUSH_FROM_LEVEL = 10
"""Story level from which on the mode `rush` can be played."""
BOSS_EVERY = 10
LEVELS_WON_A_DAY = 8.0
"""Of a typical player before the log."""
LEAD_MS, PLAY_MS, PAUSE_MS = 3_000, 12_000, 3_000
"""Shortest time before the first attempt, in an attempt and after it."""
ABANDON_SHARE = 0.25
"""Share of sessions' last attempts that end without an outcome, if not won."""
QUIT_HAZARD = 0.04
"""Chance to give up for the day after each further loss of a level, growing with their number."""
RUSH_FIRST = 1_000_000
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
    rush: Bools
    """Played in the mode `rush`, which has levels of its own."""

    @property
    def outcome_ms(self) -> Ints:
        """When the attempt was won or lost."""
        return self.start_ms + self.play_ms

    @property
    def mode(self) -> Ints:
        """Code of the mode: every tenth level of the story is a boss."""
        codes: Ints = np.where(self.rush, 2, self.level % BOSS_EVERY == 0).astype(np.int64)
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

    def take(self, rows: Ints | Bools) -> Climb:
        """Some of the attempts."""
        return Climb(self.level[rows], self.number[rows], self.won[rows], self.played[rows])

    def put(self, rows: Ints, other: Climb) -> None:
        """Sets some of the attempts."""
        for name in ("level", "number", "won", "played"):
            getattr(self, name)[rows] = getattr(other, name)


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
    level = level % RUSH_FIRST
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


@dataclass(frozen=True)
class Track:
    """A way of levels, and where each player stands on it: his level and the attempts of it."""

    level: Ints
    tries: Ints
    first: int = 0
    """Added to a level's number as an identity of draws, so that ways differ."""

    def move(self, player: Ints, climbed: Climb) -> None:
        """Puts players where their last attempt brought them; one row an attempt, in order."""
        final = np.flatnonzero(lasts(player))
        level, won = climbed.level[final], climbed.won[final]
        self.level[player[final]] = level + won
        self.tries[player[final]] = np.where(won, 0, climbed.number[final])


def climb(
    players: Players, track: Track, totals: Ints, version: Ints, config: SimulationConfig
) -> Climb:
    """Level, number and success of each player's next `totals[player]` attempts.

    Levels come in order; each takes the attempts that this player needs for it, the last of them
    won. Those made before (`track.tries`) count. `version` is what each player has installed.
    """
    player, ahead = expanded(totals)
    level = track.level[player] + ahead
    needed = _needed(players, player, level + track.first, version, config)
    tries = np.where(ahead == 0, np.minimum(track.tries[player], needed - 1), 0)
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
    moment = (players.code[who], level + track.first, number)
    quits = uniform(config.seed, Purpose.QUIT, *moment) < hazard
    given_up = running_total(quits.astype(np.int64), segment_starts(who)) - quits > 0
    return Climb(level, number, won, ~given_up & (level <= config.world.last_level))


def _in_rush(players: Players, sessions: Sessions, day: int, config: SimulationConfig) -> Bools:
    """Sessions in which the mode `rush` is played."""
    world, player = config.world, sessions.player
    if day < world.mode_day:
        return np.zeros(len(sessions), dtype=np.bool_)
    likes = uniform(config.seed, Purpose.ADOPTS_MODE, players.code) < world.mode_adopter_share
    able = likes & (players.level >= RUSH_FROM_LEVEL)
    wish = uniform(config.seed, Purpose.PLAYS_MODE, sessions.code) < world.mode_session_share
    return able[player] & wish


def draw_attempts(
    players: Players, sessions: Sessions, day: int, config: SimulationConfig
) -> Attempts:
    """Fills the sessions with attempts of levels; moves the players on."""
    counts = _attempts_per_session(sessions, players.bot[sessions.player], config)
    session, place = expanded(counts)
    code = sessions.code[session] + (place + 1).astype(np.uint64) * _CODE_STEP
    player = sessions.player[session]
    start, play, pause = _timeline(sessions, session, code, players.bot[player], config)
    rush = _in_rush(players, sessions, day, config)[session]
    version = np.zeros(len(players), dtype=np.int64)
    version[sessions.player] = sessions.version
    climbed = Climb(*(np.zeros(len(session), dtype=kind) for kind in (int, int, bool, bool)))
    story = Track(players.level, players.tries)
    for track, own in (
        (story, np.flatnonzero(~rush)),
        (Track(players.rush_level, players.rush_tries, RUSH_FIRST), np.flatnonzero(rush)),
    ):
        totals = np.bincount(player[own], minlength=len(players)).astype(np.int64)
        found = climb(players, track, totals, version, config)
        climbed.put(own, found)
        track.move(player[own][found.played], found.take(found.played))
    kept = np.flatnonzero(climbed.played)
    player, session, code = player[kept], session[kept], code[kept]
    climbed = climbed.take(kept)
    leaves = lasts(session) & ~climbed.won
    return Attempts(
        player=player,
        session=session,
        code=code,
        start_ms=start[kept],
        play_ms=play[kept],
        pause_ms=pause[kept],
        level=climbed.level,
        number=climbed.number,
        won=climbed.won,
        abandoned=leaves & (uniform(config.seed, Purpose.ABANDON, code) < ABANDON_SHARE),
        rush=rush[kept],
    )
