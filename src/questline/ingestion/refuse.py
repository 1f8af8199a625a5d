"""Rejected rows: every refused line with its raw text, file and line."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import duckdb
import pyarrow as pa

from questline.ingestion.careful import MAX_RAW, raw_lines, text_of
from questline.ingestion.corrections import locate_corrected
from questline.ingestion.deduplicate import LOSING, PAYLOAD
from questline.ingestion.discover import Discovery, Request, whole
from questline.ingestion.inputs import Input, register_inputs
from questline.ingestion.messages import message
from questline.ingestion.read import LINE_ROOM, Reading
from questline.ingestion.scan import compression_of
from questline.ingestion.standing import (
    FIELD,
    commit_rejected,
    open_places,
    open_withdrawn,
    seen_in,
)
from questline.ingestion.unreadable import read_each
from questline.ingestion.validate import validate_events
from questline.lake.ledger import latest_entries
from questline.lake.store import Store, quote


class ChangedTailError(Exception):
    """An accepted unterminated last line became another line; only a full rebuild is exact."""


def refused_rows(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    request: Request,
    found: Discovery,
) -> None:
    """Commits the rejected rows of this run, and takes back verdicts that no longer hold.

    Raises:
        ChangedTailError: see there.
    """
    open_withdrawn(con)
    open_places(con)
    _collect(con)
    inputs = {i.fid: i for i in found.inputs}
    _number_lines(con, inputs)
    _fetch_text(con, inputs)
    _locate_losers(con, store, request, inputs)
    _assemble(con, request, inputs)
    _withdraw_tails(con, store, found)
    commit_rejected(con, store)


def _collect(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        CREATE OR REPLACE TABLE refused AS
        SELECT fid, min(line) AS line, raw, reason, field,
            CASE WHEN event_id[1] <> chr(1) THEN event_id END AS event_id, client_date,
            NULL::VARCHAR AS payload_hash, count(*) AS times
        FROM staged_refused
        GROUP BY fid, raw, reason, field, event_id, client_date, CASE WHEN raw IS NULL THEN line END
        UNION ALL
        SELECT fid, line, raw, reason, field, NULL, NULL, NULL, 1
        FROM staged_players WHERE reason IS NOT NULL AND raw IS NOT NULL
        UNION ALL
        SELECT fid, line, NULL, reason, field, NULL, NULL, NULL, 1
        FROM staged_players WHERE reason IS NOT NULL AND raw IS NULL""")


def _number_lines(con: duckdb.DuckDBPyConnection, inputs: dict[int, Input]) -> None:
    con.execute("""
        UPDATE refused SET line = p.slice_line
        FROM (SELECT fid, raw_hash, min(slice_line) AS slice_line FROM places GROUP BY ALL) p
        WHERE refused.fid = p.fid AND refused.line IS NULL AND sha256(refused.raw) = p.raw_hash""")
    fids = con.execute(
        "SELECT DISTINCT fid FROM refused WHERE line IS NULL AND raw IS NOT NULL AND fid >= 0"
    ).fetchall()
    con.execute("CREATE OR REPLACE TABLE numbered (fid INTEGER, raw VARCHAR, line BIGINT)")

    def number(row: tuple[int]) -> None:
        (fid,) = row
        with con.cursor() as own:
            own.execute(f"""
                INSERT INTO numbered
                SELECT {fid}, raw, min(line) + {inputs[fid].lines_before()} FROM (
                    SELECT raw, row_number() OVER () AS line FROM {_text(inputs[fid])})
                WHERE raw IN (SELECT raw FROM refused WHERE fid = {fid}) GROUP BY raw""")

    # Numbering keeps one thread busy; files are independent of each other.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(number, fids))
    con.execute(
        "UPDATE refused SET line = n.line FROM numbered n "
        "WHERE refused.fid = n.fid AND refused.raw = n.raw AND refused.line IS NULL"
    )


def _text(item: Input) -> str:
    return (
        f"read_csv({quote(str(item.path))}, columns={{'raw': 'VARCHAR'}}, delim='\\x01', quote='', "
        "escape='', header=false, auto_detect=false, strict_mode=false, "
        f"{LINE_ROOM}, compression='{compression_of(item.path)}')"
    )


def _fetch_text(con: duckdb.DuckDBPyConnection, inputs: dict[int, Input]) -> None:
    wanted: dict[int, set[int]] = {}
    for fid, line in con.execute(
        "SELECT fid, line FROM refused WHERE raw IS NULL AND line IS NOT NULL"
    ).fetchall():
        wanted.setdefault(fid, set()).add(line)
    for fid, numbers in wanted.items():
        found = raw_lines(inputs[fid], numbers)
        con.register("texts", pa.table({"line": [*found], "raw": [*found.values()]}))
        con.execute(
            "UPDATE refused SET raw = t.raw FROM texts t "
            f"WHERE refused.fid = {fid} AND refused.line = t.line AND refused.raw IS NULL"
        )
        con.unregister("texts")


def _locate_losers(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    request: Request,
    inputs: dict[int, Input],
) -> None:
    """Adds the losing copies to `refused`, with the text their file gives, else as JSON."""
    losing = ", ".join(quote(v) for v in LOSING)
    con.execute(f"""
        CREATE OR REPLACE TABLE losers AS
        SELECT origin, event_id, client_date, payload_hash, verdict, fid, batch,
            (SELECT count(*) FROM judged c WHERE c.origin = 'new' AND c.event_id = j.event_id
                AND c.client_date = j.client_date AND c.payload_hash = j.payload_hash) AS times,
            received_at, sent_at, to_json(j)::VARCHAR AS spare
        FROM judged j WHERE representative AND verdict IN ({losing})""")
    files = _files_of_losers(con, store, request, inputs)
    con.execute(
        "CREATE OR REPLACE TABLE located "
        "(event_id VARCHAR, client_date DATE, payload_hash VARCHAR, "
        "received_at TIMESTAMPTZ, sent_at TIMESTAMPTZ, fid INTEGER, line BIGINT, raw VARCHAR)"
    )
    register_inputs(con, files)

    def search(reading: Reading) -> None:
        if reading.source.feeds == "events":
            # Nearly all rows are none of these: they need not be judged once more.
            rows = f"SELECT * FROM ({reading.sql}) WHERE event_id IN (SELECT event_id FROM losers)"
            sql = validate_events(
                rows, reading.source, request.mapping, request.settings, keep_raw=True
            )
            con.execute(f"""
                INSERT INTO located BY NAME
                SELECT event_id, client_date, {PAYLOAD} AS payload_hash, received_at, sent_at, fid,
                    line, raw
                FROM ({sql}) WHERE reason IS NULL
                AND event_id IN (SELECT event_id FROM losers)""")

    read_each(con, files, search)
    corrected = locate_corrected(con, request, files)
    con.execute(f"""
        INSERT INTO refused BY NAME
        SELECT coalesce(f.fid, l.fid, -1) AS fid, f.line, coalesce(f.raw,
                CASE WHEN f.line IS NULL THEN l.spare END) AS raw, l.verdict AS reason,
            {FIELD} AS field,
            l.event_id, l.client_date, l.payload_hash, greatest(l.times, 1) AS times
        FROM losers l LEFT JOIN (
            SELECT * FROM located
            QUALIFY row_number() OVER (PARTITION BY event_id, client_date, payload_hash
                ORDER BY received_at NULLS LAST, sent_at NULLS LAST, fid, line, raw) = 1) f
            ON f.event_id = l.event_id AND f.client_date = l.client_date
            AND f.payload_hash = l.payload_hash
        WHERE l.origin <> 'contested'""")
    everything = inputs | {i.fid: i for i in (*files, *corrected)}
    _number_lines(con, everything)
    _fetch_text(con, everything)
    inputs.update(everything)


def _files_of_losers(
    con: duckdb.DuckDBPyConnection, store: Store, request: Request, inputs: dict[int, Input]
) -> list[Input]:
    files = [
        inputs[r[0]]
        for r in con.execute(
            "SELECT DISTINCT fid FROM losers WHERE origin = 'new' ORDER BY fid"
        ).fetchall()
    ]
    batches = {
        r[0]
        for r in con.execute("SELECT DISTINCT batch FROM losers WHERE origin = 'lake'").fetchall()
    }
    if batches:
        names = dict(
            con.execute(
                f"SELECT batch, file FROM {store.select('ledger')} WHERE kind <> 'restated'"
            ).fetchall()
        )
        entries = latest_entries(store)
        wanted = sorted({names[b] for b in batches if names.get(b) in entries})
        for offset, relative in enumerate(wanted):
            item = whole(request, 5_000_000 + offset, relative, entries[relative])
            if item is not None:
                files.append(item)
    return [replace(f) for f in files]


def _assemble(con: duckdb.DuckDBPyConnection, request: Request, inputs: dict[int, Input]) -> None:
    con.execute("CREATE OR REPLACE TABLE origins (fid INTEGER, file VARCHAR, batch VARCHAR)")
    if inputs:
        con.executemany(
            "INSERT INTO origins VALUES (?, ?, ?)",
            [(i.fid, i.relative, i.batch) for i in inputs.values()],
        )
    con.execute(f"""
        CREATE OR REPLACE TABLE rejected_now AS
        WITH placed AS (
            SELECT r.* REPLACE (CASE WHEN p.fid IS NULL THEN r.line ELSE p.line END AS line),
                sha256(coalesce(r.raw, '')) AS raw_hash, o.file,
                coalesce(o.batch, {quote(request.run_id)}) AS batch
            FROM refused r LEFT JOIN origins o USING (fid)
            LEFT JOIN places p ON p.fid = r.fid AND p.slice_line = r.line),
        readings AS (
            SELECT reason, raw_hash, file, batch, min(line) AS line, sum(times)::BIGINT AS times,
                any_value(field) AS field, any_value(raw) AS raw, any_value(event_id) AS event_id,
                any_value(client_date) AS client_date, any_value(payload_hash) AS payload_hash
            FROM placed GROUP BY reason, raw_hash, file, batch),
        texts AS (
            SELECT reason, raw_hash, any_value(field) AS field, {seen_in()} AS seen_in,
                sum(times)::BIGINT AS times_seen, left(any_value(raw), {MAX_RAW}) AS raw,
                any_value(event_id) AS event_id, any_value(client_date) AS client_date,
                any_value(payload_hash) AS payload_hash
            FROM readings GROUP BY reason, raw_hash)
        SELECT *, {message("reason", "field")} AS message, now() AS rejected_at FROM texts""")


def _withdraw_tails(con: duckdb.DuckDBPyConnection, store: Store, found: Discovery) -> None:
    for tail in found.tails.values():
        text = text_of(tail.text, first=tail.entry.tail_offset == 0)
        hit = con.execute(
            f"SELECT reason, raw_hash FROM {store.select('rejected')} WHERE raw_hash = sha256(?) "
            "AND list_contains(list_transform(seen_in, lambda e: e.batch), ?) LIMIT 1",
            [text, tail.entry.batch],
        ).fetchone()
        if hit is not None:
            con.execute("INSERT INTO withdrawn VALUES (?, ?, ?, 1)", [*hit, tail.entry.batch])
        elif not tail.padded or _is_corrected(con, tail.entry.file, text):
            raise ChangedTailError


def _is_corrected(con: duckdb.DuckDBPyConnection, file: str, text: str) -> bool:
    found = con.execute(
        "SELECT 1 FROM known_corrections WHERE file = ? AND raw_hash = sha256(?)", [file, text]
    ).fetchone()
    return found is not None
