"""Corrections: refused rows that people mended by hand are judged by the mended text since.

A correction belongs to a text in a file. It counts only while the text itself is refused, so
reading the file again, or rebuilding in full, gives what the replay of the row gave.
"""

from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from questline.ingestion.discover import Request
from questline.ingestion.inputs import Input
from questline.ingestion.origins import row_texts
from questline.ingestion.read import readings
from questline.ingestion.slices import TextSlice, header_of, scan_slice
from questline.ingestion.staging import Staging
from questline.ingestion.validate import EVENT_COLUMNS, validate_events, validate_players
from questline.lake.schemas import TABLES
from questline.lake.store import Store

_FIRST_FID = 7_000_000
_JUDGED = "fid INTEGER, line BIGINT, raw VARCHAR, reason VARCHAR, field VARCHAR"
_PLAYER_COLUMNS = TABLES["registrations"].names[:-2]


def known_corrections(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """Makes the table `known_corrections` of what the lake remembers."""
    con.execute(
        "CREATE OR REPLACE TABLE known_corrections AS "
        f"SELECT file, line, raw_hash, corrected FROM {store.select('corrections')}"
    )


def correct(
    con: duckdb.DuckDBPyConnection, request: Request, inputs: list[Input], staging: Staging
) -> None:
    """Takes staged rows that were refused and have a correction which passes for that one."""
    concerned = _with_corrections(con, inputs)
    if not concerned:
        return
    _fetch_texts(con, concerned)
    judge_corrections(con, request, concerned)
    files = pa.table({"fid": [i.fid for i in concerned], "file": [i.relative for i in concerned]})
    con.register("corrected_files", files)
    for table in ("staged_refused", "staged_players"):
        con.execute(f"""
            CREATE OR REPLACE TABLE corrected_rows AS
            SELECT s.rowid AS rid, s.fid, coalesce(p.line, s.line) AS line, v.file, v.raw_hash
            FROM {table} s JOIN corrected_files USING (fid)
            LEFT JOIN places p ON p.fid = s.fid AND p.slice_line = s.line
            JOIN correction_verdicts v ON v.file = corrected_files.file
                AND v.raw_hash = sha256(s.raw) AND v.reason IS NULL
            WHERE s.reason IS NOT NULL""")
        con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT rid FROM corrected_rows)")
        admit_corrected(con, staging, "corrected_rows")
    con.unregister("corrected_files")


def _with_corrections(con: duckdb.DuckDBPyConnection, inputs: list[Input]) -> list[Input]:
    rows = con.execute("SELECT DISTINCT file FROM known_corrections").fetchall()
    files = {row[0] for row in rows}
    return [i for i in inputs if i.relative in files and i.source.format != "parquet"]


def _fetch_texts(con: duckdb.DuckDBPyConnection, inputs: list[Input]) -> None:
    """The fast reader of CSV leaves the text to be looked up by its line."""
    for item in inputs:
        for table in ("staged_refused", "staged_players"):
            rows = con.execute(
                f"SELECT line FROM {table} WHERE fid = {item.fid} AND raw IS NULL "
                "AND reason IS NOT NULL AND line IS NOT NULL"
            ).fetchall()
            found = row_texts(con, item, {row[0] for row in rows}) if rows else {}
            con.register("texts", pa.table({"line": [*found], "raw": [*found.values()]}))
            if found:
                con.execute(
                    f"UPDATE {table} SET raw = t.raw FROM texts t WHERE {table}.fid = {item.fid} "
                    f"AND {table}.line = t.line AND {table}.raw IS NULL"
                )
            con.unregister("texts")


def judge_corrections(
    con: duckdb.DuckDBPyConnection, request: Request, inputs: list[Input]
) -> list[Input]:
    """Judges every known correction in the files of `inputs`, each once.

    Leaves `correction_verdicts` (file, line, raw_hash, corrected, fid, reason, field) and, by fid
    and `slice_line` of these, the rows `corrected_events` and `corrected_players`.

    Returns:
        The inputs in which the corrected texts were read.
    """
    slices, lines = _write_slices(con, request, list({i.relative: i for i in inputs}.values()))
    _open_tables(con)
    con.execute(f"SET VARIABLE max_line_bytes = {request.settings.max_line_bytes}")
    for reading in readings(con, slices):
        if reading.source.feeds == "players":
            table, sql = "corrected_players", validate_players(reading.sql)
        else:
            table = "corrected_events"
            sql = validate_events(reading.sql, reading.source, request.mapping, request.settings)
        with reading.told():
            con.execute(f"INSERT INTO {table} BY NAME {sql}")
    kinds = {"fid": pa.int32(), "slice_line": pa.int64(), "line": pa.int64()}
    names = ("fid", "slice_line", "file", "line", "raw_hash", "corrected")
    columns = {n: pa.array(c, kinds.get(n, pa.string())) for n, c in zip(names, lines, strict=True)}
    con.register("correction_lines", pa.table(columns))
    con.execute("""
        CREATE OR REPLACE TABLE correction_verdicts AS
        SELECT l.*, j.reason, j.field FROM correction_lines l JOIN (
            SELECT fid, line, reason, field FROM corrected_events UNION ALL
            SELECT fid, line, reason, field FROM corrected_players) j
            ON j.fid = l.fid AND j.line = l.slice_line""")
    con.unregister("correction_lines")
    return slices


def _write_slices(
    con: duckdb.DuckDBPyConnection, request: Request, inputs: list[Input]
) -> tuple[list[Input], list[list[object]]]:
    slices: list[Input] = []
    lines: list[list[object]] = [[] for _ in range(6)]
    for item in inputs:
        fid = _FIRST_FID + len(slices)
        texts = con.execute(
            "SELECT file, line, raw_hash, corrected FROM known_corrections WHERE file = ? "
            "ORDER BY line, raw_hash",
            [item.relative],
        ).fetchall()
        if not texts or item.source.format == "parquet":
            continue
        header = header_of(item.path) if item.source.format == "csv" else None
        with TextSlice(request.scratch / f"correction-{fid}", header) as sink:
            for row in texts:
                for column, value in zip(
                    lines, (fid, sink.add(row[3].encode()), *row), strict=True
                ):
                    column.append(value)
        # The careful reader numbers the lines, by which verdicts find their rows.
        scan = scan_slice(sink.path, item.source, request.settings.max_line_bytes)
        made = replace(item, fid=fid, path=sink.path, scan=replace(scan, plain=False), start=0)
        slices.append(made)
    return slices, lines


def _open_tables(con: duckdb.DuckDBPyConnection) -> None:
    for table, source, names in (
        ("corrected_events", "events", (*EVENT_COLUMNS, "again")),
        ("corrected_players", "registrations", _PLAYER_COLUMNS),
    ):
        kinds = {c.name: c.type for c in TABLES[source].columns} | {"again": "BOOLEAN"}
        columns = ", ".join(f"{n} {kinds[n]}" for n in names)
        con.execute(f"CREATE OR REPLACE TABLE {table} ({_JUDGED}, {columns})")


def admit_corrected(con: duckdb.DuckDBPyConnection, staging: Staging, rows: str) -> None:
    """Stages the corrected text for each of `rows` (fid, line, file, raw_hash)."""
    joined = f"""
        FROM {rows} r JOIN correction_verdicts v
            ON v.file = r.file AND v.raw_hash = r.raw_hash AND v.reason IS NULL
        JOIN %s c ON c.fid = v.fid AND c.line = v.slice_line"""
    picked = "SELECT c.* REPLACE (r.fid AS fid, r.line AS line, NULL::VARCHAR AS raw) "
    if con.execute(f"SELECT 1 {joined % 'corrected_events'} LIMIT 1").fetchone():
        staging.admit(picked + joined % "corrected_events")
    con.execute(f"INSERT INTO staged_players BY NAME {picked} {joined % 'corrected_players'}")


def remember(store: Store) -> None:
    """Adds the rows of `passed_corrections` (as known ones) to those that the lake remembers."""
    now = datetime.now(UTC).isoformat()
    store.commit(
        "corrections",
        f"""SELECT * FROM {store.select("corrections")} old
            WHERE (file, raw_hash) NOT IN (SELECT (file, raw_hash) FROM passed_corrections)
            UNION ALL
            SELECT file, line, raw_hash, corrected, TIMESTAMPTZ '{now}' FROM passed_corrections""",
        replace=None,
    )
