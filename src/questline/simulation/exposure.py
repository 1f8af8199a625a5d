"""Exposures of a day: players who meet an experiment for the first time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.behaviour import Sessions
from questline.simulation.config import SimulationConfig
from questline.simulation.draws import Bools, Hashes, Ints
from questline.simulation.players import Players

AFTER_START_MS = 900
_CODE_STEP = np.uint64(0x9FB21C651E98DF25)


@dataclass(frozen=True)
class Exposures:
    """First exposures, experiment by experiment; `session` is the first one of the day."""

    experiment: Ints
    session: Ints
    variant: Ints
    code: Hashes
    logged: Bools


def admit(players: Players, day: int, config: SimulationConfig) -> Bools:
    """Lets variants count from now on for the players who are new to an experiment; says for whom.

    One row a player, one column an experiment.
    """
    columns = [e.admits(players.day, day) for e in config.experiments]
    if not columns:
        return players.exposed
    fresh: Bools = np.stack(columns, axis=1) & ~players.exposed
    players.exposed |= fresh
    return fresh


def draw_exposures(
    players: Players, sessions: Sessions, fresh: Bools, config: SimulationConfig
) -> Exposures:
    """Exposes the `fresh` players in their first session; who finds no time for one waits."""
    first = np.flatnonzero(sessions.first_of_day)
    plays = np.zeros(len(players), dtype=np.bool_)
    plays[sessions.player[first]] = True
    players.exposed &= ~fresh | plays[:, None]
    row, column = np.nonzero(fresh[sessions.player[first]])
    session, column = first[row], column.astype(np.int64)
    code = sessions.code[session] + (column + 1).astype(np.uint64) * _CODE_STEP
    variant = players.variant[sessions.player[session], column]
    logged = np.ones(len(session), dtype=np.bool_)
    for index, experiment in enumerate(config.experiments):
        own = column == index
        logged[own] = experiment.logged(config.seed, code[own], variant[own])
    return Exposures(column, session, variant, code, logged)
