"""Events that have not happened yet: packed columns of numbers, which become text when they do."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from questline.simulation.blocks import COUNTRY_CODES
from questline.simulation.draws import Bools, Hashes, Ints, Purpose, again, hashed
from questline.simulation.places import PLATFORMS
from questline.simulation.play import Play
from questline.simulation.text import chosen, times, uuids
from questline.simulation.timetable import EVENT_SCHEMA

Codes = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Kinds:
    """What the kinds of events of every play are, in the order of its blocks."""

    event_types: list[str]
    server: Bools
    """Sent by a server: no session, no device clock."""

    @staticmethod
    def of(play: Play) -> Kinds:
        """The kinds of a play."""
        server = np.array([b.server for b in play.blocks])
        return Kinds([b.event_type for b in play.blocks], server)


@dataclass(frozen=True)
class Rows:
    """Events, one column an attribute; ids are kept as the hashes they are made of.

    Rows of a session that has not begun count their time from its start.
    """

    time_ms: Ints
    code: Hashes
    kind: Codes
    session: Hashes
    player: Hashes
    delay_ms: npt.NDArray[np.int32]
    version: Codes
    platform: Codes
    country: Codes
    properties: pa.Array

    def __len__(self) -> int:
        return len(self.time_ms)

    def take(self, rows: Ints) -> Rows:
        """Some of the events, copied."""
        picked = {f.name: getattr(self, f.name)[rows] for f in fields(self)[:-1]}
        return Rows(**picked, properties=self.properties.take(pa.array(rows)))

    def later(self, ms: Ints) -> Rows:
        """The same events, moved in time."""
        return replace(self, time_ms=self.time_ms + ms)

    def split(self, until_ms: int) -> tuple[Rows, Rows]:
        """Events before a moment, and the others."""
        before = self.time_ms < until_ms
        return self.take(np.flatnonzero(before)), self.take(np.flatnonzero(~before))

    @staticmethod
    def joined(parts: list[Rows]) -> Rows:
        """All events of some groups."""
        names = [f.name for f in fields(Rows)][:-1]
        columns = {n: np.concatenate([getattr(p, n) for p in parts]) for n in names}
        return Rows(**columns, properties=pa.concat_arrays([p.properties for p in parts]))

    @staticmethod
    def none() -> Rows:
        """No events."""
        wide, short = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int16)
        return Rows(
            time_ms=np.zeros(0, dtype=np.int64),
            code=wide,
            kind=short,
            session=wide,
            player=wide,
            delay_ms=np.zeros(0, dtype=np.int32),
            version=short,
            platform=short,
            country=short,
            properties=pa.array([], pa.large_string()),
        )


def rows_of(play: Play, seed: int) -> tuple[Rows, Ints]:
    """Events of a play in order of session and time, and how many each session has."""
    blocks, sessions = play.blocks, play.sessions
    session = np.concatenate([b.session for b in blocks])
    kind = np.repeat(np.arange(len(blocks)), [len(b) for b in blocks])
    since = np.concatenate([b.time_ms for b in blocks]) - sessions.start_ms[session]
    order = np.lexsort((kind, since, session))
    session, kind = session[order], kind[order]
    who = sessions.player[session]
    server = np.array([b.server for b in blocks])[kind]
    texts = [b.properties(np.arange(len(b), dtype=np.int64)) for b in blocks]
    # A fast clock would show times that have not come yet, so that clocks are right or slow here.
    delay = np.where(server, 0, np.maximum(sessions.delay_ms[session], 0))
    found = Rows(
        time_ms=since[order],
        code=np.concatenate(play.hashes(seed))[order],
        kind=kind.astype(np.int16),
        session=again(sessions.code)[session],
        player=hashed(seed, Purpose.PLAYER_ID, play.players.code)[who],
        delay_ms=delay.astype(np.int32),
        version=sessions.version[session].astype(np.int16),
        platform=play.players.platform[who].astype(np.int16),
        country=play.players.country[who].astype(np.int16),
        properties=pa.concat_arrays(texts).take(pa.array(order)),
    )
    return found, np.bincount(session, minlength=len(sessions)).astype(np.int64)


def event_table(rows: Rows, kinds: Kinds, releases: list[str]) -> pa.Table:
    """The text of events, in order of time; each is sent as it happens and received at once."""
    rows = rows.take(np.lexsort((rows.kind, rows.player, rows.time_ms)))
    stamp = times(rows.time_ms - rows.delay_ms)
    columns = {
        "event_id": uuids(rows.code),
        "player_id": uuids(rows.player),
        "event_type": chosen(kinds.event_types, rows.kind.astype(np.int64)),
        "timestamp": stamp,
        "session_id": _masked(uuids(rows.session), kinds.server[rows.kind]),
        "sent_at": stamp,
        "received_at": times(rows.time_ms),
        "app_version": chosen(releases, rows.version.astype(np.int64)),
        "platform": chosen(PLATFORMS, rows.platform.astype(np.int64)),
        "country": chosen(COUNTRY_CODES, rows.country.astype(np.int64)),
        "properties": rows.properties,
    }
    return pa.table(columns, schema=EVENT_SCHEMA)


def _masked(texts: pa.Array, absent: Bools) -> pa.Array:
    rows = np.arange(len(texts), dtype=np.int64)
    return texts.take(pa.array(rows, mask=absent))
