"""Rows of one day: the events of all types, in order of time, as text columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from questline.simulation.behaviour import Sessions
from questline.simulation.blocks import COUNTRY_CODES, Block, version_names
from questline.simulation.config import SimulationConfig
from questline.simulation.places import DAY_MS, PLATFORMS
from questline.simulation.players import Players
from questline.simulation.streams import Ints, Stream, generator
from questline.simulation.text import chosen, times, uuids

UPLOAD_EVERY_MS = 8_000
CHUNK_ROWS = 200_000


@dataclass(frozen=True)
class Timetable:
    """The world's events, ready to be written day by day."""

    config: SimulationConfig
    players: Players
    sessions: Sessions
    blocks: list[Block]

    @cached_property
    def _session_ids(self) -> pa.Array:
        return uuids(generator(self.config.seed, Stream.SESSION_IDS), len(self.sessions))

    @cached_property
    def _orders(self) -> list[Ints]:
        return [np.argsort(b.time_ms, kind="stable") for b in self.blocks]

    def _rows_of(self, day: int) -> list[Ints]:
        begin = self.config.start_ms + day * DAY_MS
        rows = []
        for block, order in zip(self.blocks, self._orders, strict=True):
            low, high = np.searchsorted(block.time_ms, (begin, begin + DAY_MS), sorter=order)
            rows.append(order[low:high])
        return rows

    def day(self, day: int) -> Iterator[pa.Table]:
        """Tables of the events of one UTC day by the server's clock, in order of time.

        At equal times: in order of player, then of event type.
        """
        rows = self._rows_of(day)
        counts = [len(r) for r in rows]
        kind = np.repeat(np.arange(len(rows), dtype=np.int64), counts)
        row = np.concatenate(rows)
        pairs = list(zip(self.blocks, rows, strict=True))
        time = np.concatenate([b.time_ms[r] for b, r in pairs])
        session = np.concatenate([b.session[r] for b, r in pairs])
        order = np.lexsort((row, kind, self.sessions.player[session], time))
        rng = generator(self.config.seed, Stream.EVENT_IDS, day)
        for low in range(0, len(order), CHUNK_ROWS):
            part = order[low : low + CHUNK_ROWS]
            yield self._table(rng, kind[part], row[part], session[part], time[part])

    def _properties(self, kind: Ints, row: Ints) -> pa.Array:
        by_kind = np.argsort(kind, kind="stable")
        parts = [
            block.properties(row[by_kind][kind[by_kind] == code])
            for code, block in enumerate(self.blocks)
        ]
        back = np.empty(len(kind), dtype=np.int64)
        back[by_kind] = np.arange(len(kind))
        return pa.concat_arrays(parts).take(pa.array(back))

    def _table(
        self, rng: np.random.Generator, kind: Ints, row: Ints, session: Ints, time: Ints
    ) -> pa.Table:
        sessions, players = self.sessions, self.players
        who = sessions.player[session]
        server = np.array([b.server for b in self.blocks])[kind]
        delay = np.where(server, 0, sessions.delay_ms[session])
        since = time - sessions.start_ms[session]
        wait = np.where(server, 0, UPLOAD_EVERY_MS - since % UPLOAD_EVERY_MS)
        stamp = time - delay
        columns = {
            "event_id": uuids(rng, len(time)),
            "player_id": players.ids.take(pa.array(who)),
            "event_type": chosen([b.event_type for b in self.blocks], kind),
            "timestamp": times(stamp),
            "session_id": self._session_ids.take(pa.array(session, mask=server)),
            "sent_at": times(stamp + wait),
            "received_at": times(stamp + wait + delay),
            "app_version": chosen(version_names(self.config), sessions.version[session]),
            "platform": chosen(PLATFORMS, players.platform[who]),
            "country": chosen(COUNTRY_CODES, players.country[who]),
            "properties": self._properties(kind, row),
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
