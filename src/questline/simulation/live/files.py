"""Live mode: events whose time is now, in small files that appear one after the other.

Memory depends on the rate and not on how long the stream goes on. There is no answer key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from questline.errors import UsageError
from questline.simulation.config import COMPRESSIONS, SimulationConfig
from questline.simulation.folder import temporary
from questline.simulation.live.stream import TICK_MS, Stream
from questline.simulation.live.worlds import WORLD_DAYS
from questline.simulation.writer import Payload, encoded, file_name, writing

LIVE_FORMATS = ("jsonl", "csv")
MAX_RATE = 50_000
MAX_ROLL_SECONDS = 3_600
ABANDONED_SECONDS = 600
"""A hidden file of that age was left by a stream that was killed."""
_GRACE_MS = 5_000
"""How long a late stream may go on after its end to catch up."""
_NAP_SECONDS = 0.2
_DATA_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
_PIECE_ROWS = 64_000


class Clock(Protocol):
    """The time, and waiting for it."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""

    def sleep(self, seconds: float) -> None:
        """Waits without work."""


class SystemClock:
    """The clock of this computer."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000

    def sleep(self, seconds: float) -> None:
        """Waits without work."""
        time.sleep(seconds)


@dataclass(frozen=True)
class LiveSettings:
    """What a live stream may be told; `for_seconds` is None for a stream without an end.

    Raises:
        UsageError: a value is out of its range or not one of the allowed names.
    """

    rate: int = 500
    """Events a second."""
    seed: int = 42
    preset: str = "puzzle"
    format: str = "jsonl"
    compression: str = "none"
    roll_seconds: int = 5
    for_seconds: int | None = None
    out: Path = Path("data/raw_events")

    def __post_init__(self) -> None:
        if not 1 <= self.rate <= MAX_RATE:
            raise UsageError(
                f"--rate == {self.rate}, must be between 1 and {MAX_RATE} events a second."
            )
        if not 1 <= self.roll_seconds <= MAX_ROLL_SECONDS:
            raise UsageError(
                f"--roll-seconds == {self.roll_seconds}, must be between 1 and {MAX_ROLL_SECONDS}."
            )
        if self.for_seconds is not None and self.for_seconds < 1:
            raise UsageError(
                f"--for == {self.for_seconds}, must be at least 1 second. "
                "Leave it out for a stream that goes on until Ctrl-C."
            )
        if self.format not in LIVE_FORMATS:
            raise UsageError(
                f"--format == {self.format!r}, must be one of: {', '.join(LIVE_FORMATS)} "
                "with --live."
            )
        if self.compression not in COMPRESSIONS:
            raise UsageError(
                f"--compression == {self.compression!r}, must be one of: {', '.join(COMPRESSIONS)}."
            )
        SimulationConfig(seed=self.seed, preset=self.preset, days=WORLD_DAYS)


@dataclass(frozen=True)
class LiveSummary:
    """What a live stream wrote."""

    out: Path
    events: int
    sessions: int
    players: int
    files: int
    seconds: float
    behind_seconds: float
    """How far the last event is behind the clock, where the computer was too slow."""


def stream_live(
    settings: LiveSettings,
    clock: Clock,
    stopped: Callable[[], bool] = lambda: False,
    began: Callable[[], object] = lambda: None,
) -> LiveSummary:
    """Writes events as they happen, until `for_seconds` are over or `stopped` says so.

    Files cover `roll_seconds` each and take their names when that time is over: new players first,
    then the events. Nothing in them is later than the clock. `began` is called once the folder is
    known to be usable.

    Raises:
        UsageError: the folder holds event files that are not from a live stream, or cannot be used.
    """
    _prepare(settings.out)
    began()
    return _Live(settings, clock, stopped).run()


def _is_foreign(path: Path) -> bool:
    data = any(s.lower() in _DATA_SUFFIXES for s in path.suffixes)
    return data and not path.name.startswith((".", "events-live-", "players-"))


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = sorted(folder.iterdir())
        for path in paths:
            old = time.time() - ABANDONED_SECONDS
            if path.match(".simulated-*.tmp") and path.stat().st_mtime < old:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"--out {folder}: {error.strerror}. Name a folder that can be written."
        ) from error
    foreign = [p.name for p in paths if _is_foreign(p)]
    if foreign:
        raise UsageError(
            f"--out {folder} holds {foreign[0]}, which is not from a live stream. "
            "Nothing was written; name another folder, such as --out data/live."
        )


class _Live:
    def __init__(self, settings: LiveSettings, clock: Clock, stopped: Callable[[], bool]) -> None:
        self._settings, self._clock, self._stopped = settings, clock, stopped
        self._began_ms = self._at_ms = clock.now_ms()
        length = settings.for_seconds
        self._end_ms = None if length is None else self._began_ms + length * 1000
        self._stream = Stream(settings.rate, settings.seed, settings.preset, self._at_ms)
        self._events = self._sessions = self._players = self._files = 0

    def run(self) -> LiveSummary:
        """Writes file after file."""
        end = self._end_ms
        while not self._over() and (end is None or self._at_ms < end):
            until = self._at_ms + self._settings.roll_seconds * 1000
            self._roll(until if end is None else min(until, end))
        now = self._clock.now_ms() if end is None else min(self._clock.now_ms(), end)
        return LiveSummary(
            out=self._settings.out,
            events=self._events,
            sessions=self._sessions,
            players=self._players,
            files=self._files,
            seconds=(self._clock.now_ms() - self._began_ms) / 1000,
            behind_seconds=max(0, now - self._at_ms) / 1000,
        )

    def _over(self) -> bool:
        late = self._end_ms is not None and self._clock.now_ms() >= self._end_ms + _GRACE_MS
        return late or self._stopped()

    def _roll(self, until_ms: int) -> None:
        """Writes the files of the time up to a moment, or up to the stop."""
        with _rolling(self._settings, self._at_ms) as write:
            while self._at_ms < until_ms and not self._over():
                tick = min(self._at_ms + TICK_MS, until_ms)
                self._stream.prepare(tick)
                self._at_ms = self._waited(tick)
                due = self._stream.due(self._at_ms)
                self._files += write("players", due.players) + write("events-live", due.events)
                self._events += len(due.events)
                self._players += len(due.players)
                self._sessions += due.sessions

    def _waited(self, until_ms: int) -> int:
        """Waits for a moment; gives it, or an earlier one if the stop came first."""
        while (left := until_ms - self._clock.now_ms()) > 0 and not self._stopped():
            self._clock.sleep(min(left / 1000, _NAP_SECONDS))
        return max(self._at_ms, min(until_ms, self._clock.now_ms()))


@contextmanager
def _rolling(settings: LiveSettings, start_ms: int) -> Iterator[Callable[[str, pa.Table], int]]:
    """Gives the function that appends rows to one of the files of a roll; 1 if it is a new file."""
    moment = datetime.fromtimestamp(start_ms // 1000, UTC)
    stamp = f"{moment:%Y%m%dT%H%M%S}{start_ms % 1000:03d}Z"
    opened: dict[Path, Callable[[Payload], object]] = {}
    try:
        with ExitStack() as files:

            def write(stem: str, table: pa.Table) -> int:
                name = file_name(f"{stem}-{stamp}", settings.format, settings.compression)
                path = settings.out / name
                new = len(table) > 0 and path not in opened
                if new:
                    _claim(path)
                    opening = (temporary(path), table.schema, settings.format, settings.compression)
                    opened[path] = files.enter_context(writing(*opening))
                for low in range(0, len(table), _PIECE_ROWS):
                    opened[path](encoded(table.slice(low, _PIECE_ROWS), settings.format))
                return int(new)

            yield write
        for path in sorted(opened, reverse=True):
            temporary(path).replace(path)
    finally:
        for path in opened:
            temporary(path).unlink(missing_ok=True)


def _claim(path: Path) -> None:
    if path.exists() or temporary(path).exists():
        raise UsageError(
            f"{path} exists: another stream began at the same moment. Start this one again."
        )
