"""Staging: judged rows wait in Parquet files of the scratch folder until duplicates are known.

A row is written once: the files have the columns of `events`, and those that hold no losing copy
move into the lake as they are. Apart from them, in files without an event_date, are the rows that
seldom do: events whose id seems to have come before, and refused rows. One of these travels in the
columns of an event, all of which are free: `_CARRIED` says which one holds what; it has no time.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import duckdb

from questline.ingestion.inputs import Input
from questline.ingestion.standing import open_places
from questline.ingestion.validate import EVENT_COLUMNS, ORIGIN, day_of
from questline.lake.rows import any_row, insert_rows
from questline.lake.schemas import TABLES
from questline.lake.store import NewFile, Store, quote

_PILE_ROWS = 1_000_000
"""Small readings are gathered up to this many rows, or each would leave a file a day."""

_FILE_BITS = 40
"""A row's id holds the index of its file above these bits, and the row's number within them."""

_CARRIED = {
    "raw": "properties",
    "reason": "product_id",
    "field": "placement",
}
_TYPES = {c.name: c.type for c in TABLES["events"].columns}


class Staging:
    """Collects the judged rows of a run's readings."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, store: Store, inputs: list[Input], zone: str
    ) -> None:
        """`zone` is the reporting zone."""
        self.con = con
        self.store = store
        self.files: list[NewFile] = []
        self._zone = zone
        self._piled = 0
        con.execute("CREATE OR REPLACE TABLE batches (fid INTEGER, batch VARCHAR)")
        insert_rows(con, "batches", [(i.fid, i.batch) for i in inputs])
        open_places(con)
        self._moved = any_row(con, "places")
        columns = ", ".join(f"{n} {_TYPES[n]}" for n in (*EVENT_COLUMNS, *ORIGIN))
        con.execute(f"CREATE OR REPLACE TABLE pile ({columns}, again BOOLEAN)")
        # Without it DuckDB packs the pile anew every few readings, which costs more than these do.
        con.execute("SET checkpoint_threshold = '1TB'")

    def add(self, judged: str, rows: int) -> None:
        """Takes the `rows` rows of one reading, as `validate_events` gives them."""
        packed = _packed(judged, moved=self._moved)
        if rows >= _PILE_ROWS:
            self._write(packed)
            return
        self.con.execute(f"INSERT INTO pile BY NAME {packed}")
        self._piled += rows
        if self._piled >= _PILE_ROWS:
            self.flush()

    def close(self) -> None:
        """Ends the collection; defines `staged` (events), `staged_again` and `staged_refused`.

        `staged` has rid (names the row within the run), fid and the columns of an event;
        `staged_again` holds those of its rows that were put aside;
        `staged_refused` has fid, line, raw, reason, field, event_id and client_date.
        """
        self.flush()
        self.con.execute("DROP TABLE pile")
        self._define_staged()
        unpacked = ", ".join(f"{place} AS {name}" for name, place in _CARRIED.items())
        self.con.execute(
            "CREATE OR REPLACE TABLE staged_refused AS "
            f"SELECT fid, line, {unpacked}, event_id, client_date "
            f"FROM {_read(self._apart)} JOIN batches USING (batch) WHERE event_ts IS NULL"
        )

    def admit(self, events: str) -> None:
        """Takes more accepted rows after the end, in the same shape, with the lines they have."""
        self._write(_packed(events, moved=False))
        self._define_staged()

    def _define_staged(self) -> None:
        day = f"{day_of('epoch_us(event_ts)', self._zone)} AS event_date"
        columns = ", ".join(EVENT_COLUMNS)
        apart = ", ".join(day if name == "event_date" else name for name in EVENT_COLUMNS)
        later = (
            f"SELECT {_rid(len(self._dated))} AS rid, fid, {apart}, batch, line "
            f"FROM {_read(self._apart)} JOIN batches USING (batch) WHERE event_ts IS NOT NULL"
        )
        self.con.execute(f"CREATE OR REPLACE VIEW staged_again AS {later}")
        self.con.execute(
            "CREATE OR REPLACE VIEW staged AS "
            f"SELECT {_rid(0)} AS rid, fid, {columns}, batch, line "
            f"FROM {_read(self._dated)} JOIN batches USING (batch) UNION ALL FROM staged_again"
        )

    @property
    def _dated(self) -> list[NewFile]:
        """The files of the days, in the order of `rid`."""
        return [f for f in self.files if f.partition is not None]

    @property
    def _apart(self) -> list[NewFile]:
        """The files without a day, whose events follow those of the days by `rid`."""
        return [f for f in self.files if f.partition is None]

    def survivors(self) -> list[NewFile]:
        """Files without the copies that `judged` dropped; to be committed."""
        dropped = "FROM judged WHERE origin = 'new' AND verdict <> 'accepted'"
        dated = self._dated
        lost = {
            row[0]
            for row in self.con.execute(f"SELECT DISTINCT rid >> {_FILE_BITS} {dropped}").fetchall()
        }

        def rewritten(index: int) -> list[NewFile]:
            gone = (
                f"SELECT rid & {(1 << _FILE_BITS) - 1} {dropped} AND rid >> {_FILE_BITS} = {index}"
            )
            return self.store.without_rows("events", dated[index], gone)

        kept = [f for index, f in enumerate(dated) if index not in lost]
        gone = f"SELECT rid {dropped}"
        kept += self.store.write("events", f"FROM staged_again WHERE rid NOT IN ({gone})")
        # One file keeps one thread busy; a writer of all partitions at once would shuffle the rows.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            changed = pool.map(rewritten, sorted(i for i in lost if i < len(dated)))
            return kept + [f for files in changed for f in files]

    def flush(self) -> None:
        """Writes what was gathered."""
        if self._piled:
            self._write("SELECT * FROM pile")
            self.con.execute("TRUNCATE pile")
            self._piled = 0

    def _write(self, sql: str) -> None:
        placed = (
            f"SELECT * REPLACE (CASE WHEN NOT again THEN event_date END AS event_date) FROM ({sql})"
        )
        self.files += self.store.write("events", placed, staged=True)


def _packed(judged: str, *, moved: bool) -> str:
    """`moved`: the line of an accepted row is that of a slice, and `places` knows its own."""
    line = "line"
    if moved:
        own = "SELECT any_value(p.line) FROM places p WHERE p.fid = j.fid AND p.slice_line = j.line"
        line = f"CASE WHEN reason IS NULL THEN ({own}) ELSE line END"
    carried = ", ".join(
        f"CASE WHEN reason IS NULL THEN {place} ELSE {name} END AS {place}"
        for name, place in _CARRIED.items()
    )
    return (
        f"SELECT j.* EXCLUDE (fid, line, raw, reason, field) REPLACE ({carried}), "
        # No join: that would be turned round where the rows are in the table `careful`.
        f"(SELECT batch FROM batches b WHERE b.fid = j.fid) AS batch, {line} AS line "
        f"FROM ({judged}) j"
    )


def _rid(first: int) -> str:
    """The id of a row that `_read` gives; `first` is the index of the first of its files."""
    return f"((file_index::BIGINT + {first}) << {_FILE_BITS}) + file_row_number"


def _read(files: list[NewFile]) -> str:
    if not files:
        empty = ", ".join(f"NULL::{_TYPES[n]} AS {n}" for n in (*EVENT_COLUMNS, *ORIGIN))
        return f"(SELECT {empty}, 0 AS file_index, 0 AS file_row_number WHERE false)"
    paths = ", ".join(quote(str(f.path)) for f in files)
    return f"read_parquet([{paths}], hive_partitioning=true, hive_types={{'event_date': DATE}})"
