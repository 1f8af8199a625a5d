"""The worlds that a live stream plays: small ones, one after the other, each again every day."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import numpy as np

from questline.simulation.config import SimulationConfig
from questline.simulation.draws import Bools
from questline.simulation.play import Play
from questline.simulation.presets import Preset
from questline.simulation.roster import Roster

WORLD_DAYS = 366
"""A world that is older is not played any more; new ones take its place."""
WORLD_SECONDS = 60
"""How long a world is meant to feed the stream."""
MIN_WORLD_EVENTS, MAX_WORLD_EVENTS = 5_000, 600_000
EVENTS_PER_INSTALL = 300
"""Events a day in a world in which one player a day arrives; the size of a world follows from it,
not the rate of the stream."""
FULL_RATE = 2_500
"""Events a second up to which sessions are as long as the preset says."""
LEAST_PACE = 0.2


def pace(rate: int) -> float:
    """Factor on the length and number of sessions, so that not too many are open at a time.

    >>> pace(500), pace(5_000), pace(50_000)
    (1.0, 0.5, 0.2)
    """
    return max(LEAST_PACE, min(1.0, FULL_RATE / rate))


@dataclass(frozen=True)
class LiveConfig(SimulationConfig):
    """Settings of one world of a live stream."""

    pace: float = 1.0

    @property
    def world(self) -> Preset:
        """The numbers of the preset, with the pace applied."""
        full = super().world
        if self.pace == 1.0:
            return full
        return replace(
            full,
            session_median_seconds=full.session_median_seconds * self.pace,
            extra_sessions_a_day=full.extra_sessions_a_day * self.pace,
        )


@dataclass
class World:
    """One world: its settings, the days it was played on, and until when its sessions go on."""

    config: LiveConfig
    number: int
    played: list[int] = field(default_factory=list)
    busy_until_ms: int = 0

    def age(self, today: date) -> int:
        """Today's day number in this world."""
        return (today - self.config.start).days


@dataclass(frozen=True)
class Scene:
    """A play of a world, and which of its players were not seen before."""

    world: World
    day: int
    play: Play
    unseen: Bools


class Worlds:
    """All worlds of a stream. None is kept in memory: its earlier days are played again."""

    def __init__(self, rate: int, seed: int, preset: str, start_ms: int) -> None:
        self._rate, self._seed, self._preset, self._start_ms = rate, seed, preset, start_ms
        self._worlds: list[World] = []
        self._made = 0
        self._turn = 0
        self._today: date | None = None

    def scenes(self, now_ms: int, waiting: Collection[int]) -> Iterator[Scene]:
        """Plays today in the next world that nobody is in; `waiting` are numbers of others."""
        today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
        world = self._next(today, now_ms, waiting)
        roster = Roster(world.config)
        for day in world.played:
            for _ in roster.plays(day):
                pass
        before = roster.players.code[roster.players.seen]
        day = world.age(today)
        world.played.append(day)
        for play in roster.plays(day):
            yield Scene(world, day, play, ~np.isin(play.players.code, before))

    def occupy(self, number: int, until_ms: int) -> None:
        """Says that a session of a world goes on until a moment."""
        place = number - self._worlds[0].number
        if place >= 0:
            world = self._worlds[place]
            world.busy_until_ms = max(world.busy_until_ms, until_ms)

    def _next(self, today: date, now_ms: int, waiting: Collection[int]) -> World:
        if today != self._today:
            self._today, self._turn = today, 0
            self._worlds = [w for w in self._worlds if w.age(today) < WORLD_DAYS]
        if self._turn < len(self._worlds):
            world = self._worlds[self._turn]
            rested = world.busy_until_ms < now_ms and world.number not in waiting
            if world.played[-1] < world.age(today) and rested:
                self._turn += 1
                return world
        return self._new(today)

    def _new(self, today: date) -> World:
        number, self._made = self._made, self._made + 1
        # The moment of the start is part of it: streams never share a player or an event.
        name = f"{self._seed} {self._start_ms} {number}".encode()
        events = min(max(self._rate * WORLD_SECONDS, MIN_WORLD_EVENTS), MAX_WORLD_EVENTS)
        config = LiveConfig(
            days=WORLD_DAYS,
            installs_per_day=events // EVENTS_PER_INSTALL,
            seed=int.from_bytes(hashlib.sha256(name).digest()[:8], "big") >> 1,
            start=today,
            preset=self._preset,
            pace=pace(self._rate),
        )
        self._worlds.append(World(config, number))
        return self._worlds[-1]
