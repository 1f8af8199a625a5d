"""Staging: judged rows wait in Parquet files of the scratch folder until duplicates are known.

A row is written once: the files have the columns of `events`, and those that hold no losing copy
move into the lake as they are. A refused row travels in the columns of an event, all of which are
free: `_CARRIED` says which one holds what. It has no event_date, so its files lie apart.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import duckdb

from questline.ingestion.inputs import Input
from questline.ingestion.standing import open_places
from questline.ingestion.validate import EVENT_COLUMNS, ORIGIN
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

    def __init__(self, con: duckdb.DuckDBPyConnection, store: Store, inputs: list[Input]) -> None:
        self.con = con
        self.store = store
        self.files: list[NewFile] = []
        self._piled = 0
        con.execute("CREATE OR REPLACE TABLE batches (fid INTEGER, batch VARCHAR)")
        insert_rows(con, "batches", [(i.fid, i.batch) for i in inputs])
        open_places(con)
        self._moved = any_row(con, "places")
        columns = ", ".join(f"{n} {_TYPES[n]}" for n in (*EVENT_COLUMNS, *ORIGIN))
        con.execute(f"CREATE OR REPLACE TABLE pile ({columns})")
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
        """Ends the collection; defines the views `staged` (events) and `staged_refused`.

        `staged` has rid (names the row within the run), fid and the columns of an event;
        `staged_refused` has fid, line, raw, reason, field, event_id and client_date.
        """
        self.flush()
        self.con.execute("DROP TABLE pile")
        refused = [f for f in self.files if f.partition is None]
        self._define_staged()
        unpacked = ", ".join(f"{place} AS {name}" for name, place in _CARRIED.items())
        self.con.execute(
            "CREATE OR REPLACE TABLE staged_refused AS "
            f"SELECT fid, line, {unpacked}, event_id, client_date "
            f"FROM {_read(refused)} JOIN batches USING (batch)"
        )

    def admit(self, events: str) -> None:
        """Takes more accepted rows after the end, in the same shape, with the lines they have."""
        self._write(_packed(events, moved=False))
        self._define_staged()

    def _define_staged(self) -> None:
        columns = ", ".join(EVENT_COLUMNS)
        self.con.execute(
            "CREATE OR REPLACE VIEW staged AS "
            f"SELECT (file_index::BIGINT << {_FILE_BITS}) + file_row_number AS rid, fid, "
            f"{columns}, batch, line FROM {_read(self.events)} JOIN batches USING (batch)"
        )

    @property
    def events(self) -> list[NewFile]:
        """The files that hold accepted rows and their copies, in the order of `rid`."""
        return [f for f in self.files if f.partition is not None]

    def survivors(self) -> list[NewFile]:
        """The files without the copies that `judged` dropped; to be committed."""
        dropped = "FROM judged WHERE origin = 'new' AND verdict <> 'accepted'"
        lost = {
            row[0]
            for row in self.con.execute(f"SELECT DISTINCT rid >> {_FILE_BITS} {dropped}").fetchall()
        }

        def rewritten(index: int) -> list[NewFile]:
            gone = (
                f"SELECT rid & {(1 << _FILE_BITS) - 1} {dropped} AND rid >> {_FILE_BITS} = {index}"
            )
            return self.store.without_rows("events", self.events[index], gone)

        whole = [f for index, f in enumerate(self.events) if index not in lost]
        # One file keeps one thread busy; a writer of all partitions at once would shuffle the rows.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return whole + [f for files in pool.map(rewritten, sorted(lost)) for f in files]

    def flush(self) -> None:
        """Writes what was gathered."""
        if self._piled:
            self._write("SELECT * FROM pile")
            self.con.execute("TRUNCATE pile")
            self._piled = 0

    def _write(self, sql: str) -> None:
        self.files += self.store.write("events", sql, staged=True)


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


def _read(files: list[NewFile]) -> str:
    if not files:
        empty = ", ".join(f"NULL::{_TYPES[n]} AS {n}" for n in (*EVENT_COLUMNS, *ORIGIN))
        return f"(SELECT {empty}, 0 AS file_index, 0 AS file_row_number WHERE false)"
    paths = ", ".join(quote(str(f.path)) for f in files)
    return f"read_parquet([{paths}], hive_partitioning=true, hive_types={{'event_date': DATE}})"
