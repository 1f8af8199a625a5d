"""The event files: rows become bytes in a pool of threads and are written in order, day by day."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from questline.simulation.config import SimulationConfig
from questline.simulation.dirt import Held, Label, choose, spoil
from questline.simulation.draws import Hashes, Ints
from questline.simulation.folder import temporary
from questline.simulation.key import Key
from questline.simulation.planted import missing
from questline.simulation.play import Fates, Play
from questline.simulation.timetable import EVENT_SCHEMA, Batch, Piece, Timetable
from questline.simulation.writer import (
    Payload,
    encoded,
    file_name,
    joined_lines,
    json_lines,
    writing,
)

WAITING_PIECES = 2
"""Pieces a thread that may wait to be written."""


@dataclass(frozen=True)
class Rendered:
    """What goes to a file, and what is to be remembered of it."""

    payload: Payload
    lines: int
    marks: list[tuple[int, Label, str, bytes]]
    """Place, label, event and bytes of each dirty line."""
    held: list[Held]


def labels(config: SimulationConfig, play: Play, hashes: list[Hashes]) -> list[Ints]:
    """Index of the label of each event that is to be dirty, else -1, block by block."""
    kinds = [b.event_type for b in play.blocks]
    if not config.dirt:
        return [np.full(len(h), -1, dtype=np.int64) for h in hashes]
    return [
        choose(config.seed, config.dirt, h, np.full(len(h), kind), kinds, weights=config.plan.dirt)
        for kind, h in enumerate(hashes)
    ]


def render(batch: Batch, config: SimulationConfig) -> Rendered:
    """Makes the bytes of some rows; safe in any thread."""
    if not (batch.codes >= 0).any():
        return Rendered(encoded(batch.table, config.format), len(batch.table), [], [])
    found = spoil(config.seed, json_lines(batch.table), batch.hashes, batch.codes)
    marks = [
        (m.position, m.label, m.event_id, found.lines[m.position].as_py()) for m in found.marks
    ]
    return Rendered(joined_lines(found.lines), len(found.lines), marks, found.held)


def _render_piece(table: Timetable, piece: Piece, config: SimulationConfig) -> Rendered:
    return render(table.batch(piece), config)


@dataclass
class EventFile:
    """One file that is being written; what is added comes out in the same order."""

    log: Log
    name: str
    day: int
    write: Callable[[Payload], object]
    lines: int = 0
    _waiting: deque[Future[Rendered]] = field(default_factory=deque)

    def add(self, task: Future[Rendered]) -> None:
        """Takes rows that are being made."""
        self._waiting.append(task)
        while len(self._waiting) > WAITING_PIECES * self.log.config.threads:
            self._write_next()

    def finish(self, held: list[Held]) -> None:
        """Writes what waits, then the late lines of the day."""
        while self._waiting:
            self._write_next()
        marks = [(place, h.label, h.event_id, h.line) for place, h in enumerate(held)]
        if held:
            lines = pa.array([h.line for h in held], pa.large_binary())
            self._put(Rendered(joined_lines(lines), len(held), marks, []))

    def _write_next(self) -> None:
        self._put(self._waiting.popleft().result())

    def _put(self, made: Rendered) -> None:
        self.write(made.payload)
        dirty = [(self.lines + m[0] + 1, m[1], m[2], m[3]) for m in made.marks]
        self.log.key.add_dirt(self.name, dirty)
        self.log.dirty += len(dirty)
        self.lines += made.lines
        for held in made.held:
            self.log.held[self.day + held.days_later].append(held)


@dataclass
class Log:
    """All event files of a simulation."""

    config: SimulationConfig
    key: Key
    pool: ThreadPoolExecutor
    names: list[str] = field(default_factory=list)
    events: int = 0
    sessions: int = 0
    dirty: int = 0
    carried: dict[int, list[Batch]] = field(default_factory=lambda: defaultdict(list))
    """Rows of later days: sessions that passed midnight, refunds."""
    held: dict[int, list[Held]] = field(default_factory=lambda: defaultdict(list))
    """Lines that arrive late."""

    def write_day(self, day: int, plays: Iterator[Play]) -> None:
        """Writes the file of a day: what came over from days before, the day, what is late."""
        config = self.config
        carried = self.carried.pop(day, [])
        with self._file(f"events-{config.day(day)}", day) as file:
            if carried:
                file.add(self.pool.submit(render, Batch.joined(carried), config))
            for play in plays:
                table = self._enter(play, day)
                for piece in table.pieces():
                    file.add(self.pool.submit(_render_piece, table, piece, config))
                for later, batch in table.later():
                    self.carried[later].append(batch)

    def write_late(self) -> None:
        """Writes the lines that arrive after the last day, if there are any."""
        if self.held:
            left = [h for day in sorted(self.held) for h in self.held[day]]
            self.held = {self.config.days: left}
            with self._file("events-late", self.config.days):
                pass

    @contextmanager
    def _file(self, stem: str, day: int) -> Iterator[EventFile]:
        config = self.config
        name = file_name(stem, config.format, config.compression)
        path = temporary(config.out / name)
        with writing(path, EVENT_SCHEMA, config.format, config.compression) as write:
            file = EventFile(self, name, day, write)
            yield file
            file.finish(self.held.pop(day, []))
        self.events += file.lines
        self.names.append(name)

    def _enter(self, play: Play, day: int) -> Timetable:
        config = self.config
        hashes = play.hashes(config.seed)
        lost = [missing(config.planted, b.time_ms, config.start_ms) for b in play.blocks]
        fates = Fates(hashes, labels(config, play, hashes), lost)
        self.sessions += len(play.sessions)
        self.key.add_play(play, fates)
        return Timetable(config, play, day, fates)
