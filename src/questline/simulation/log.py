"""The event files: rows become bytes in a pool of threads and are written in order, day by day."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

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

WAITING_PIECES = 3
"""Pieces a thread that may wait to be written, so that no thread waits for another day to begin."""


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


class EventFile:
    """One file that is being written, in the thread of the writer."""

    def __init__(self, log: Log, stem: str, day: int) -> None:
        config = log.config
        self.log, self.day, self.lines = log, day, 0
        self.name = file_name(stem, config.format, config.compression)
        self._open = ExitStack()

    def begin(self) -> None:
        """Opens the file."""
        config = self.log.config
        path = temporary(config.out / self.name)
        opened = writing(path, EVENT_SCHEMA, config.format, config.compression)
        self._write = self._open.enter_context(opened)

    def put(self, made: Rendered) -> None:
        """Appends rows."""
        self._write(made.payload)
        dirty = [(self.lines + m[0] + 1, m[1], m[2], m[3]) for m in made.marks]
        self.log.key.add_dirt(self.name, dirty)
        self.log.dirty += len(dirty)
        self.lines += made.lines
        for held in made.held:
            self.log.held[self.day + held.days_later].append(held)

    def put_made(self, task: Future[Rendered]) -> None:
        """Appends rows that are being made."""
        self.put(task.result())

    def finish(self) -> None:
        """Appends the late lines of the day and closes the file."""
        held = self.log.held.pop(self.day, [])
        if held:
            marks = [(place, h.label, h.event_id, h.line) for place, h in enumerate(held)]
            lines = pa.array([h.line for h in held], pa.large_binary())
            self.put(Rendered(joined_lines(lines), len(held), marks, []))
        self.close()
        self.log.events += self.lines

    def close(self) -> None:
        """Lets go of the file."""
        self._open.close()


class Log:
    """All event files of a simulation: played here, made text by a pool, written by one thread."""

    def __init__(self, config: SimulationConfig, key: Key) -> None:
        self.config, self.key = config, key
        self.names: list[str] = []
        self.events = self.dirty = 0
        self.carried: dict[int, list[Batch]] = defaultdict(list)
        """Rows of later days: sessions that passed midnight, refunds."""
        self.held: dict[int, list[Held]] = defaultdict(list)
        """Lines that arrive late; only the writer uses it."""
        self._pool = ThreadPoolExecutor(config.threads)
        self._writer = ThreadPoolExecutor(1)
        self._tasks: deque[Future[None]] = deque()
        self._files: list[EventFile] = []

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        for threads in (self._pool, self._writer):
            threads.shutdown(cancel_futures=True)
        for file in self._files:
            file.close()

    def write_day(self, day: int, plays: Iterator[Play]) -> None:
        """Writes the file of a day: what came over from days before, the day, what is late."""
        config = self.config
        file = self._begin(f"events-{config.day(day)}", day)
        carried = self.carried.pop(day, [])
        if carried:
            made = self._pool.submit(render, Batch.joined(carried), config)
            self._then(file.put_made, made)
        for play in plays:
            table = self._enter(play, day)
            for piece in table.pieces():
                made = self._pool.submit(_render_piece, table, piece, config)
                self._then(file.put_made, made)
            for later, batch in table.later():
                self.carried[later].append(batch)
        self._then(file.finish)

    def finish(self) -> None:
        """Waits for the writer, and writes the lines that arrive after the last day, if any."""
        self._wait(0)
        left = [h for day in sorted(self.held) for h in self.held[day]]
        if left:
            self.held = defaultdict(list, {self.config.days: left})
            self._then(self._begin("events-late", self.config.days).finish)
            self._wait(0)

    def _begin(self, stem: str, day: int) -> EventFile:
        file = EventFile(self, stem, day)
        self.names.append(file.name)
        self._files.append(file)
        self._then(file.begin)
        return file

    def _then(self, do: Callable[..., None], *given: object) -> None:
        """Has the writer do something after all else, once not too much waits for it."""
        self._tasks.append(self._writer.submit(do, *given))
        self._wait(WAITING_PIECES * self.config.threads)

    def _wait(self, most: int) -> None:
        while len(self._tasks) > most or (self._tasks and self._tasks[0].done()):
            self._tasks.popleft().result()

    def _enter(self, play: Play, day: int) -> Timetable:
        config = self.config
        hashes = play.hashes(config.seed)
        lost = [missing(config.planted, b.time_ms, config.start_ms) for b in play.blocks]
        fates = Fates(hashes, labels(config, play, hashes), lost)
        self.key.add_play(play, fates)
        return Timetable(config, play, day, fates)
