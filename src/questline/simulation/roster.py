"""The players of a world as it goes on: who arrives, who has left, who plays today."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from questline.simulation import progression, wallet
from questline.simulation.behaviour import draw_active
from questline.simulation.config import SimulationConfig
from questline.simulation.play import Play, play_day
from questline.simulation.players import Players, arrivals_a_day, draw_arrivals

BLOCK_PLAYERS = 5_000
"""Active players who are played at a time; no draw depends on it."""


class Roster:
    """The players who have not left; days are to be played in order."""

    def __init__(
        self, config: SimulationConfig, arrived: Callable[[Players], object] = lambda _: None
    ) -> None:
        """Lets the days before the log pass; `arrived` is told of every new player."""
        self.config = config
        self.arrivals = arrivals_a_day(config)
        self.players = draw_arrivals(config, -config.world.live_days_before_log, 0)
        self.active_players = 0
        self._arrived = arrived
        for day in range(-config.world.live_days_before_log, 0):
            self._arrive(day)
            self.players.earlier_days += draw_active(self.players, day, config)
        progression.settle(self.players, config)
        wallet.settle(self.players, config)

    def _arrive(self, day: int) -> None:
        there = day - self.players.day < self.players.lifetime_days
        new = draw_arrivals(self.config, day, self.arrivals[day])
        wallet.settle(new, self.config)
        self._arrived(new)
        self.players = Players.joined([self.players.take(there), new])

    def plays(self, day: int) -> Iterator[Play]:
        """Plays a day of the log, block by block."""
        self._arrive(day)
        active = np.flatnonzero(draw_active(self.players, day, self.config))
        self.active_players += int((~self.players.seen[active]).sum())
        self.players.seen[active] = True
        for low in range(0, len(active), BLOCK_PLAYERS):
            rows = active[low : low + BLOCK_PLAYERS]
            some = self.players.take(rows)
            yield play_day(some, day, self.config)
            self.players.put(rows, some)
