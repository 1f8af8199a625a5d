"""The ledger: what has been read of every input file, and with what outcome."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from questline.lake.store import Store


@dataclass(frozen=True)
class Entry:
    """The latest reading of one file.

    `first_as_of` is that of its first reading; `taken`: some reading was not incomplete.
    """

    batch: str
    file: str
    kind: str
    fingerprint: str
    bytes: int
    modified_ns: int
    tail_offset: int | None
    lines_in: int
    first_as_of: datetime
    first_as_of_explicit: bool
    taken: bool
    source: str


_MOVES = "('restated', 'replayed')"
"""Kinds of entries that move counts of earlier readings and are none themselves."""


def latest_entries(store: Store) -> dict[str, Entry]:
    """The last reading of each file, by its path relative to the raw folder."""
    rows = store.con.execute(f"""
        SELECT batch, file, kind, fingerprint, bytes, modified_ns, tail_offset, lines_in,
            epoch_us(first(as_of) OVER w) AS first_as_of, first(as_of_explicit) OVER w AS explicit,
            bool_or(kind <> 'incomplete') OVER (PARTITION BY file) AS taken, source
        FROM {store.select("ledger")} WHERE kind NOT IN {_MOVES}
        WINDOW w AS (PARTITION BY file ORDER BY run_id)
        QUALIFY row_number() OVER (PARTITION BY file ORDER BY run_id DESC) = 1""").fetchall()
    return {row[1]: Entry(*[*row[:8], _instant(row[8]), *row[9:]]) for row in rows}


def fingerprints(store: Store) -> dict[str, tuple[str, int]]:
    """SHA-256 and number of the bytes that each reading of a file saw, by its batch."""
    rows = store.con.execute(
        f"SELECT batch, fingerprint, bytes FROM {store.select('ledger')} WHERE kind NOT IN {_MOVES}"
    ).fetchall()
    return {batch: (fingerprint, size) for batch, fingerprint, size in rows}


def _instant(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def totals(store: Store) -> dict[str, int]:
    """Sums over the whole ledger: lines_in, accepted, duplicates, rejected, files."""
    row = store.con.execute(f"""
        SELECT coalesce(sum(lines_in), 0), coalesce(sum(accepted), 0),
            coalesce(sum(duplicates), 0), coalesce(sum(rejected), 0), count(DISTINCT file)
        FROM {store.select("ledger")}""").fetchone()
    names = ("lines_in", "accepted", "duplicates", "rejected", "files")
    return dict(zip(names, (int(v) for v in row or (0,) * 5), strict=True))
