"""Rows of events as text, in order of time: those of the day, and apart those of later days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from questline.simulation.blocks import COUNTRY_CODES
from questline.simulation.config import SimulationConfig
from questline.simulation.draws import Hashes, Ints, again
from questline.simulation.places import DAY_MS, PLATFORMS
from questline.simulation.play import Fates, Play
from questline.simulation.players import player_ids, version_names
from questline.simulation.text import chosen, times, uuids

Number = TypeVar("Number", np.int64, np.uint64)

UPLOAD_EVERY_MS = 8_000
PIECE_ROWS = 64_000


@dataclass(frozen=True)
class Piece:
    """Some events: index of the block of each, and row in the block."""

    kind: Ints
    row: Ints


@dataclass(frozen=True)
class Batch:
    """Events as text, one column a field of the envelope, with what their dirt depends on."""

    table: pa.Table
    hashes: Hashes
    codes: Ints
    """Index of the label of a dirty event, else -1."""

    def slice(self, low: int, high: int) -> Batch:
        """Some of the rows."""
        part = self.table.slice(low, high - low)
        return Batch(part, self.hashes[low:high], self.codes[low:high])

    @staticmethod
    def joined(parts: list[Batch]) -> Batch:
        """All rows of some batches."""
        table = pa.concat_tables([p.table for p in parts])
        hashes = np.concatenate([p.hashes for p in parts])
        return Batch(table, hashes, np.concatenate([p.codes for p in parts]))


class Timetable:
    """The events of one play, ready to be written."""

    def __init__(self, config: SimulationConfig, play: Play, day: int, fates: Fates) -> None:
        self.config, self.play, self.day = config, play, day
        self._fates = fates
        self._session_ids = uuids(again(play.sessions.code))
        self._player_ids = player_ids(config.seed, play.players.code)
        kind = np.repeat(np.arange(len(play.blocks)), [len(b) for b in play.blocks])
        row = np.concatenate([np.arange(len(b), dtype=np.int64) for b in play.blocks])
        time = np.concatenate([b.time_ms for b in play.blocks])
        player = np.concatenate([play.player(b) for b in play.blocks])
        order = np.lexsort((row, kind, player, time))
        order = order[~np.concatenate(fates.lost)[order]]
        self._kind, self._row = kind[order], row[order]
        self._on = (time[order] - config.start_ms) // DAY_MS

    def pieces(self) -> Iterator[Piece]:
        """Events of the day, in order of time; at equal times of player, then of event type."""
        end = int(np.searchsorted(self._on, self.day, side="right"))
        for low in range(0, end, PIECE_ROWS):
            part = slice(low, min(low + PIECE_ROWS, end))
            yield Piece(self._kind[part], self._row[part])

    def later(self) -> Iterator[tuple[int, Batch]]:
        """Events of later days of the log, in the same order, with their day."""
        low, high = np.searchsorted(self._on, (self.day + 1, self.config.days))
        if low == high:
            return
        batch = self.batch(Piece(self._kind[low:high], self._row[low:high]))
        days, firsts = np.unique(self._on[low:high], return_index=True)
        ends = [*firsts[1:].tolist(), high - low]
        for day, first, end in zip(days.tolist(), firsts.tolist(), ends, strict=True):
            yield day, batch.slice(first, end)

    def batch(self, piece: Piece) -> Batch:
        """The text of a piece; safe in any thread."""
        hashes = self._by_kind(piece, self._fates.hashes)
        return Batch(self._table(piece, hashes), hashes, self._by_kind(piece, self._fates.codes))

    def _by_kind(self, piece: Piece, values: list[npt.NDArray[Number]]) -> npt.NDArray[Number]:
        found = np.empty(len(piece.kind), dtype=values[0].dtype)
        for code, column in enumerate(values):
            own = piece.kind == code
            found[own] = column[piece.row[own]]
        return found

    def _properties(self, piece: Piece) -> pa.Array:
        by_kind = np.argsort(piece.kind, kind="stable")
        sorted_kind, sorted_row = piece.kind[by_kind], piece.row[by_kind]
        bounds = np.searchsorted(sorted_kind, np.arange(len(self.play.blocks) + 1))
        parts = [
            block.properties(sorted_row[bounds[code] : bounds[code + 1]])
            for code, block in enumerate(self.play.blocks)
        ]
        back = np.empty(len(by_kind), dtype=np.int64)
        back[by_kind] = np.arange(len(by_kind))
        return pa.concat_arrays(parts).take(pa.array(back))

    def _table(self, piece: Piece, hashes: Hashes) -> pa.Table:
        play, blocks = self.play, self.play.blocks
        session = self._by_kind(piece, [b.session for b in blocks])
        time = self._by_kind(piece, [b.time_ms for b in blocks])
        sessions, who = play.sessions, play.sessions.player[session]
        server = np.array([b.server for b in blocks])[piece.kind]
        delay = np.where(server, 0, sessions.delay_ms[session])
        since = time - sessions.start_ms[session]
        wait = np.where(server, 0, UPLOAD_EVERY_MS - since % UPLOAD_EVERY_MS)
        stamp = time - delay
        columns = {
            "event_id": uuids(hashes),
            "player_id": self._player_ids.take(pa.array(who)),
            "event_type": chosen([b.event_type for b in blocks], piece.kind),
            "timestamp": times(stamp),
            "session_id": self._session_ids.take(pa.array(session, mask=server)),
            "sent_at": times(stamp + wait),
            "received_at": times(time + wait),
            "app_version": chosen(version_names(self.config), sessions.version[session]),
            "platform": chosen(PLATFORMS, play.players.platform[who]),
            "country": chosen(COUNTRY_CODES, play.players.country[who]),
            "properties": self._properties(piece),
        }
        return pa.table(columns)


EVENT_SCHEMA = pa.schema(
    [
        (name, pa.large_string())
        for name in (
            "event_id",
            "player_id",
            "event_type",
            "timestamp",
            "session_id",
            "sent_at",
            "received_at",
            "app_version",
            "platform",
            "country",
            "properties",
        )
    ]
)
"""Columns of the raw files; in Parquet and CSV all are text, `properties` is JSON text."""
