"""A dense stream of events: sessions begin, second by second, so that the rate is what is wanted.

Sessions of played worlds keep their events and the distances between them, and are moved as a
whole. In each second as many begin as are needed to fill it up, beside the events of sessions that
began before; so the rate is met from the first second on, when nearly all sessions are young. A
player's sessions keep their order and a pause between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from questline.simulation.behaviour import LONGEST_SESSION_MS
from questline.simulation.draws import Ints
from questline.simulation.live.cast import STARTED, Cast, cast_of
from questline.simulation.live.rows import Kinds, Rows, event_table
from questline.simulation.live.worlds import Scene, Worlds
from questline.simulation.players import version_names
from questline.simulation.world import PLAYER_SCHEMA

TICK_MS = 1_000
SOON_MS = 15_000
"""Events that are further away are looked at once in this time."""
_TICKS_AHEAD = LONGEST_SESSION_MS // TICK_MS + 600


@dataclass(frozen=True)
class Due:
    """What has happened: events in order of time, new players, sessions that began."""

    events: pa.Table
    players: pa.Table
    sessions: int


class Stream:
    """The events of a live game, `rate` a second; moments are to be asked for in order."""

    def __init__(self, rate: int, seed: int, preset: str, start_ms: int) -> None:
        self._rate = rate
        self._worlds = Worlds(rate, seed, preset, start_ms)
        self._scenes: Iterator[Scene] = iter(())
        self._played = 0
        self._casts: list[Cast] = []
        self._prepared_ms, self._owed = start_ms, 0.0
        self._ahead = np.zeros(_TICKS_AHEAD, dtype=np.int64)
        self._soon_until_ms = start_ms + SOON_MS
        self._soon: list[Rows] = []
        self._far: list[Rows] = []
        self._new: list[tuple[Ints, pa.Table]] = []
        scene = self._scene()
        self._kinds = Kinds.of(scene.play)
        self._releases = version_names(scene.world.config)
        self._casts = [cast_of(scene, self._played)]

    def prepare(self, until_ms: int) -> None:
        """Lets sessions begin up to a moment; the work of `due`, done ahead."""
        while self._prepared_ms < until_ms:
            self._fill()

    def due(self, until_ms: int) -> Due:
        """What happened before a moment and was not asked for yet."""
        self.prepare(until_ms)
        while self._soon_until_ms < until_ms:
            self._soon_until_ms += SOON_MS
            near, far = Rows.joined([Rows.none(), *self._far]).split(self._soon_until_ms)
            self._soon.append(near)
            self._far = [far]
        rows, rest = Rows.joined([Rows.none(), *self._soon]).split(until_ms)
        self._soon = [rest]
        starts = rows.kind == self._kinds.event_types.index("session_start")
        return Due(
            event_table(rows, self._kinds, self._releases),
            self._newcomers(until_ms),
            int(np.count_nonzero(starts)),
        )

    def _newcomers(self, until_ms: int) -> pa.Table:
        due, left = [PLAYER_SCHEMA.empty_table()], []
        for start, table in self._new:
            before = start < until_ms
            due.append(table.filter(pa.array(before)))
            if not before.all():
                left.append((start[~before], table.filter(pa.array(~before))))
        self._new = left
        return pa.concat_tables(due)

    def _fill(self) -> None:
        """Fills one second up with sessions that begin in it."""
        self._owed += self._rate * TICK_MS / 1000
        while (wanted := round(self._owed) - int(self._ahead[0])) > 0:
            if not any(self._begin(cast, wanted) for cast in self._casts):
                self._join()
        self._owed -= int(self._ahead[0])
        self._ahead = np.append(self._ahead[1:], 0)
        self._prepared_ms += TICK_MS

    def _scene(self) -> Scene:
        while (scene := next(self._scenes, None)) is None:
            waiting = [c.queue.world[c.queue.ready_ms != STARTED] for c in self._casts]
            numbers = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *waiting]))
            self._scenes = self._worlds.scenes(self._prepared_ms, set(numbers.tolist()))
        self._played += 1
        return scene

    def _join(self) -> None:
        """Brings further players in."""
        scene = self._scene()
        casts = [c if c.waiting_share() > 0.5 else c.compact() for c in self._casts]
        self._casts = [c for c in casts if len(c.queue)] + [cast_of(scene, self._played)]
        # Small ones are joined, so that their number grows with the logarithm of what waits.
        while len(self._casts) > 1 and len(self._casts[-2].rows) < 2 * len(self._casts[-1].rows):
            newer, older = self._casts.pop(), self._casts.pop()
            self._casts.append(older.joined(newer))

    def _begin(self, cast: Cast, wanted: int) -> int:
        """Lets sessions begin, with up to `wanted` events in this second; says how many."""
        queue, low = cast.queue, self._prepared_ms
        free = np.flatnonzero((queue.ready_ms != STARTED) & (queue.ready_ms <= low))
        # Each session has its start in this second, so that more are never needed.
        free = free[np.argsort(queue.rank[free], kind="stable")[:wanted]]
        if not len(free):
            return 0
        hashes = cast.rows.session[queue.first[free]]
        start = low + (hashes % np.uint64(TICK_MS)).astype(np.int64)
        owner, rows = queue.events(free)
        time = cast.rows.time_ms[rows] + start[owner]
        now = np.bincount(owner[time < low + TICK_MS], minlength=len(free))
        enough = int(np.searchsorted(np.cumsum(now), wanted)) + 1
        chosen = owner < enough
        self._put(cast.rows.take(rows[chosen]).later(start[owner[chosen]]))
        self._start(cast, free[:enough], start[:enough])
        return min(enough, len(free))

    def _put(self, rows: Rows) -> None:
        tick = (rows.time_ms - self._prepared_ms) // TICK_MS
        self._ahead += np.bincount(tick[tick < _TICKS_AHEAD], minlength=_TICKS_AHEAD)
        soon, far = rows.split(self._soon_until_ms)
        self._soon.append(soon)
        self._far.append(far)

    def _start(self, cast: Cast, sessions: Ints, start_ms: Ints) -> None:
        """Marks sessions as begun, and says from when on their players have time again."""
        queue = cast.queue
        end = start_ms + queue.length_ms[sessions]
        queue.ready_ms[sessions] = STARTED
        more = queue.pause_ms[sessions] >= 0
        queue.ready_ms[sessions[more] + 1] = (end + queue.pause_ms[sessions])[more]
        for number in np.unique(queue.world[sessions]).tolist():
            own = queue.world[sessions] == number
            self._worlds.occupy(number, int(end[own].max()))
        new = queue.newcomer[sessions] >= 0
        people = cast.newcomers.take(queue.newcomer[sessions[new]])
        self._new.append((start_ms[new], people.starting(start_ms[new])))
