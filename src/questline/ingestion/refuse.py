"""Rejected rows: every refused line with its raw text, file and line."""

import duckdb
import pyarrow as pa

from questline.ingestion.careful import MAX_RAW, text_of
from questline.ingestion.discover import Discovery, Request
from questline.ingestion.inputs import Input
from questline.ingestion.losers import locate_losers
from questline.ingestion.messages import message
from questline.ingestion.origins import row_texts
from questline.ingestion.standing import commit_rejected, open_places, open_withdrawn, seen_in
from questline.lake.rows import insert_rows
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
    _fetch_text(con, {i.fid: i for i in found.inputs})
    earlier = locate_losers(con, store, request, found)
    _assemble(con, request, [*found.inputs, *earlier])
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


def _fetch_text(con: duckdb.DuckDBPyConnection, inputs: dict[int, Input]) -> None:
    """The fast reader of CSV leaves the text to be looked up by its line."""
    wanted: dict[int, set[int]] = {}
    for fid, line in con.execute(
        "SELECT fid, line FROM refused WHERE raw IS NULL AND line IS NOT NULL"
    ).fetchall():
        wanted.setdefault(fid, set()).add(line)
    for fid, numbers in wanted.items():
        texts = row_texts(con, inputs[fid], numbers)
        con.register("texts", pa.table({"line": [*texts], "raw": [*texts.values()]}))
        con.execute(
            "UPDATE refused SET raw = t.raw FROM texts t "
            f"WHERE refused.fid = {fid} AND refused.line = t.line AND refused.raw IS NULL"
        )
        con.unregister("texts")


def _assemble(con: duckdb.DuckDBPyConnection, request: Request, inputs: list[Input]) -> None:
    con.execute("CREATE OR REPLACE TABLE origins (fid INTEGER, file VARCHAR, batch VARCHAR)")
    insert_rows(con, "origins", [(i.fid, i.relative, i.batch) for i in inputs])
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
