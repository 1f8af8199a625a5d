"""Sessions of a live stream that wait for their turn, with their events and new players."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa

from questline.simulation.behaviour import PAUSE_BETWEEN_SESSIONS_MS, Sessions
from questline.simulation.draws import Bools, Ints
from questline.simulation.live.rows import Rows, rows_of
from questline.simulation.live.worlds import Scene
from questline.simulation.places import DAY_MS
from questline.simulation.segments import expanded, lasts, segment_starts
from questline.simulation.text import times
from questline.simulation.world import PLAYER_SCHEMA, metadata

NEVER = np.iinfo(np.int64).max
"""Ready, but not before the session ahead of it has begun."""
STARTED = -1
LONGEST_PAUSE_MS = 900_000
_SCENE_RANKS = 4 * DAY_MS


@dataclass(frozen=True)
class Newcomers:
    """Players who have not been seen yet: what the game knows of them, but for `acquired_at`."""

    table: pa.Table
    lead_ms: Ints
    """Time from the acquisition to the first session, -1 where the acquisition is `acquired_ms`."""
    acquired_ms: Ints

    def take(self, rows: Ints) -> Newcomers:
        """Some of the players."""
        table = self.table.take(pa.array(rows))
        return Newcomers(table, self.lead_ms[rows], self.acquired_ms[rows])

    def starting(self, start_ms: Ints) -> pa.Table:
        """Their metadata, when their first sessions begin at these moments."""
        acquired = np.where(self.lead_ms >= 0, start_ms - self.lead_ms, self.acquired_ms)
        place = self.table.column_names.index("acquired_at")
        return self.table.set_column(place, PLAYER_SCHEMA.field(place), times(acquired))

    @staticmethod
    def joined(parts: list[Newcomers]) -> Newcomers:
        """All players of some groups."""
        return Newcomers(
            pa.concat_tables([p.table for p in parts]).combine_chunks(),
            np.concatenate([p.lead_ms for p in parts]),
            np.concatenate([p.acquired_ms for p in parts]),
        )


@dataclass(frozen=True)
class Queue:
    """Sessions, those of one player side by side and in order; one array an attribute."""

    world: Ints
    rank: Ints
    """The lowest comes first."""
    ready_ms: Ints
    """From when on the player has time, or `NEVER`, or `STARTED`."""
    length_ms: Ints
    pause_ms: Ints
    """Until the player's next session, at least; -1 for the last one."""
    newcomer: Ints
    """Row of the player among the newcomers, if this makes him known, else -1."""
    first: Ints
    """Row of the first event; the others follow."""
    count: Ints

    def __len__(self) -> int:
        return len(self.world)

    def take(self, rows: Ints | Bools) -> Queue:
        """Some of the sessions."""
        return Queue(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def events(self, sessions: Ints) -> tuple[Ints, Ints]:
        """For every event of these sessions: the place of its session among them, and its row."""
        owner, place = expanded(self.count[sessions])
        return owner, self.first[sessions][owner] + place

    @staticmethod
    def joined(parts: list[Queue]) -> Queue:
        """All sessions of some queues."""
        names = [f.name for f in fields(Queue)]
        return Queue(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})


@dataclass(frozen=True)
class Cast:
    """Who waits: sessions, their events and the players who are new with them."""

    queue: Queue
    rows: Rows
    newcomers: Newcomers

    def waiting_share(self) -> float:
        """Share of the sessions that have not begun."""
        return float(np.mean(self.queue.ready_ms != STARTED))

    def compact(self) -> Cast:
        """The same without sessions that have begun."""
        queue = self.queue.take(self.queue.ready_ms != STARTED)
        _, rows = queue.events(np.arange(len(queue), dtype=np.int64))
        new = queue.newcomer >= 0
        numbers = np.where(new, np.cumsum(new) - 1, -1)
        first = np.cumsum(queue.count) - queue.count
        people = self.newcomers.take(queue.newcomer[new])
        return Cast(replace(queue, newcomer=numbers, first=first), self.rows.take(rows), people)

    def joined(self, other: Cast) -> Cast:
        """Both."""
        people, rows, queue = len(self.newcomers.lead_ms), len(self.rows), other.queue
        moved = np.where(queue.newcomer >= 0, queue.newcomer + people, -1)
        queue = replace(queue, newcomer=moved, first=queue.first + rows)
        return Cast(
            Queue.joined([self.queue, queue]),
            Rows.joined([self.rows, other.rows]),
            Newcomers.joined([self.newcomers, other.newcomers]),
        )


def _pauses(sessions: Sessions, pace: float) -> Ints:
    """Time before the next session: at least as in any world, but minutes instead of hours."""
    drawn = (sessions.code >> np.uint64(40)).astype(np.float64) / 2.0**24
    longer = (LONGEST_PAUSE_MS * pace * drawn**2).astype(np.int64)
    return np.where(lasts(sessions.player), -1, PAUSE_BETWEEN_SESSIONS_MS + longer)


def cast_of(scene: Scene, number: int) -> Cast:
    """All sessions of a scene, the `number`-th of the stream."""
    config, play, sessions = scene.world.config, scene.play, scene.play.sessions
    rows, count = rows_of(play, config.seed)
    first_of = segment_starts(sessions.player) == np.arange(len(sessions))
    unseen = first_of & scene.unseen[sessions.player]
    people = play.players.take(sessions.player[unseen])
    lead = sessions.start_ms[unseen] - people.acquired_ms
    newcomers = Newcomers(
        metadata(people, config),
        np.where(people.day == scene.day, lead, -1),
        people.acquired_ms,
    )
    day_ms = config.start_ms + scene.day * DAY_MS
    queue = Queue(
        world=np.full(len(sessions), scene.world.number, dtype=np.int64),
        rank=number * _SCENE_RANKS + sessions.start_ms - day_ms,
        ready_ms=np.where(first_of, 0, NEVER),
        length_ms=sessions.length_ms,
        pause_ms=_pauses(sessions, config.pace),
        newcomer=np.where(unseen, np.cumsum(unseen) - 1, -1),
        first=np.cumsum(count) - count,
        count=count,
    )
    return Cast(queue, rows, newcomers)
