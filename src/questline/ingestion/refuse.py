"""Rejected rows: every refused line with its raw text, file and line."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import duckdb

from questline.contract import Reason
from questline.ingestion.careful import MAX_RAW, raw_lines, text_of
from questline.ingestion.deduplicate import LOSING, PAYLOAD
from questline.ingestion.discover import Discovery, Request, whole
from questline.ingestion.inputs import Input, register_inputs
from questline.ingestion.read import LINE_ROOM, Reading
from questline.ingestion.scan import compression_of
from questline.ingestion.unreadable import read_each
from questline.ingestion.validate import validate_events
from questline.lake.ledger import latest_entries
from questline.lake.schemas import TABLES
from questline.lake.store import Store, quote

MESSAGES = {
    Reason.TOO_LARGE: "the line is longer than max_line_bytes",
    Reason.INVALID_ENCODING: "the line is not UTF-8, or holds a NUL byte",
    Reason.MALFORMED_JSON: "not JSON, or a CSV row with the wrong number of cells",
    Reason.NOT_AN_OBJECT: "JSON, but not an object",
    Reason.MISSING_FIELD: "absent, null or empty, but required",
    Reason.INVALID_ID: "must be text of 1 to 128 characters (a UUID in the native contract)",
    Reason.INVALID_TIMESTAMP: "must be ISO 8601 with a zone, in the years 1970 to 2100",
    Reason.TIMESTAMP_IN_FUTURE: "later than the event was received",
    Reason.TOO_OLD: "waited longer than max_age_days",
    Reason.UNKNOWN_EVENT_TYPE: "not a type of the contract, or not a well-formed name",
    Reason.INVALID_PROPERTY: "the value does not fit the contract",
    Reason.UNKNOWN_CURRENCY: "no exchange rate on or before the day of payment",
    Reason.DUPLICATE_TRANSACTION: "another purchase holds this transaction_id",
    Reason.ID_COLLISION: "another row with this id, but another content, came first",
}


_FIELD = "CASE l.verdict WHEN 'id_collision' THEN 'event_id' ELSE 'properties.transaction_id' END"


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
    _collect(con)
    inputs = {i.fid: i for i in found.inputs}
    _number_lines(con, inputs)
    _fetch_text(con, inputs)
    _locate_losers(con, store, request, inputs)
    _assemble(con, request, inputs)
    _withdraw_tails(con, store, found)
    _commit(con, store)


def _message(reason: str, field: str) -> str:
    cases = " ".join(f"WHEN {quote(r)} THEN {quote(m)}" for r, m in MESSAGES.items())
    return f"concat_ws(': ', {field}, CASE {reason} {cases} END)"


def _collect(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        CREATE OR REPLACE TABLE refused AS
        SELECT fid, line, raw, reason, field, CASE WHEN event_id[1] <> chr(1) THEN event_id END
            AS event_id, client_date, NULL::VARCHAR AS payload_hash, 1::BIGINT AS times
        FROM staged_refused
        UNION ALL
        SELECT fid, line, raw, reason, field, NULL, NULL, NULL, 1
        FROM staged_players WHERE reason IS NOT NULL AND raw IS NOT NULL
        UNION ALL
        SELECT fid, line, NULL, reason, field, NULL, NULL, NULL, 1
        FROM staged_players WHERE reason IS NOT NULL AND raw IS NULL""")


def _number_lines(con: duckdb.DuckDBPyConnection, inputs: dict[int, Input]) -> None:
    fids = con.execute(
        "SELECT DISTINCT fid FROM refused WHERE line IS NULL AND raw IS NOT NULL AND fid >= 0"
    ).fetchall()
    con.execute("CREATE OR REPLACE TABLE numbered (fid INTEGER, raw VARCHAR, line BIGINT)")

    def number(row: tuple[int]) -> None:
        (fid,) = row
        with con.cursor() as own:
            own.execute(f"""
                INSERT INTO numbered
                SELECT {fid}, raw, min(line) + {_lines_before(inputs[fid])} FROM (
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


def _lines_before(item: Input) -> int:
    if not item.start:
        return 0
    before, left = 0, item.start
    with (item.path.parent / f"{item.path.name}.origin").open("rb") as handle:
        while left > 0 and (chunk := handle.read(min(left, 8 << 20))):
            before += chunk.count(b"\n")
            left -= len(chunk)
    return before


def _fetch_text(con: duckdb.DuckDBPyConnection, inputs: dict[int, Input]) -> None:
    wanted: dict[int, set[int]] = {}
    for fid, line in con.execute(
        "SELECT fid, line FROM refused WHERE raw IS NULL AND line IS NOT NULL"
    ).fetchall():
        wanted.setdefault(fid, set()).add(line)
    for fid, numbers in wanted.items():
        texts = [(fid, n, t) for n, t in raw_lines(inputs[fid], numbers).items()]
        con.execute("CREATE OR REPLACE TABLE texts (fid INTEGER, line BIGINT, raw VARCHAR)")
        con.executemany("INSERT INTO texts VALUES (?, ?, ?)", texts)
        con.execute(
            "UPDATE refused SET raw = t.raw FROM texts t "
            "WHERE refused.fid = t.fid AND refused.line = t.line AND refused.raw IS NULL"
        )


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
            sql = validate_events(
                reading.sql, reading.source, request.mapping, request.settings, keep_raw=True
            )
            con.execute(f"""
                INSERT INTO located BY NAME
                SELECT event_id, client_date, {PAYLOAD} AS payload_hash, received_at, sent_at, fid,
                    line, raw
                FROM ({sql}) WHERE reason IS NULL
                AND event_id IN (SELECT event_id FROM losers)""")

    read_each(con, files, search)
    con.execute(f"""
        INSERT INTO refused BY NAME
        SELECT coalesce(f.fid, l.fid, -1) AS fid, f.line, coalesce(f.raw,
                CASE WHEN f.line IS NULL THEN l.spare END) AS raw, l.verdict AS reason,
            {_FIELD} AS field,
            l.event_id, l.client_date, l.payload_hash, greatest(l.times, 1) AS times
        FROM losers l LEFT JOIN (
            SELECT * FROM located
            QUALIFY row_number() OVER (PARTITION BY event_id, client_date, payload_hash
                ORDER BY received_at NULLS LAST, sent_at NULLS LAST, fid, line, raw) = 1) f
            ON f.event_id = l.event_id AND f.client_date = l.client_date
            AND f.payload_hash = l.payload_hash
        WHERE l.origin <> 'contested'""")
    everything = inputs | {i.fid: i for i in files}
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
        SELECT r.reason, any_value(r.field) AS field,
            any_value({_message("r.reason", "r.field")}) AS message,
            left(any_value(r.raw), {MAX_RAW}) AS raw, sha256(coalesce(r.raw, '')) AS raw_hash,
            min_by(o.file, (o.file, r.line)) AS file, min_by(r.line, (o.file, r.line)) AS line,
            sum(r.times)::BIGINT AS times_seen, any_value(r.event_id) AS event_id,
            any_value(r.client_date) AS client_date, any_value(r.payload_hash) AS payload_hash,
            coalesce(min_by(o.batch, (o.file, r.line)), {quote(request.run_id)}) AS batch,
            now() AS rejected_at
        FROM refused r LEFT JOIN origins o USING (fid)
        GROUP BY r.reason, sha256(coalesce(r.raw, ''))""")


def _withdraw_tails(con: duckdb.DuckDBPyConnection, store: Store, found: Discovery) -> None:
    con.execute(
        "CREATE OR REPLACE TABLE withdrawn (reason VARCHAR, raw_hash VARCHAR, batch VARCHAR)"
    )
    for tail in found.tails.values():
        text = text_of(tail.text, first=tail.entry.tail_offset == 0)
        hit = con.execute(
            f"SELECT reason, raw_hash FROM {store.select('rejected')} "
            "WHERE raw_hash = sha256(?) LIMIT 1",
            [text],
        ).fetchone()
        if hit is not None:
            con.execute("INSERT INTO withdrawn VALUES (?, ?, ?)", [*hit, tail.entry.batch])
        elif not tail.padded:
            raise ChangedTailError


def _commit(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    lost = "(event_id, client_date, payload_hash)"
    con.execute(f"""
        CREATE OR REPLACE TABLE standing AS
        SELECT old.* REPLACE (old.times_seen
            + coalesce((SELECT sum(n.times_seen) FROM rejected_now n
                WHERE n.reason = old.reason AND n.raw_hash = old.raw_hash), 0)
            - (SELECT count(*) FROM withdrawn w
                WHERE w.reason = old.reason AND w.raw_hash = old.raw_hash) AS times_seen)
        FROM {store.select("rejected")} old
        WHERE ((reason, raw_hash) IN (SELECT (reason, raw_hash) FROM rejected_now)
            OR (reason, raw_hash) IN (SELECT (reason, raw_hash) FROM withdrawn)
            OR (payload_hash IS NOT NULL AND {lost} IN (SELECT {lost} FROM judged)))""")
    dirty = {r[0] for r in con.execute("SELECT DISTINCT reason FROM standing").fetchall()}
    names = ", ".join(f'"{n}"' for n in TABLES["rejected"].names)
    if not dirty:
        store.commit("rejected", f"SELECT {names} FROM rejected_now")
        return
    contested_kept = (
        f"{lost} IN (SELECT {lost} FROM losers WHERE origin = 'contested' "
        "AND losers.verdict = standing.reason)"
    )
    moved = f"""
        SELECT {names} FROM (SELECT s.* REPLACE (l.verdict AS reason, {_FIELD} AS field,
            {_message("l.verdict", _FIELD)} AS message) FROM standing s
        JOIN losers l USING (event_id, client_date, payload_hash)
        WHERE l.origin = 'contested' AND l.verdict <> s.reason)"""
    fresh = (
        "(reason, raw_hash) NOT IN (SELECT (reason, raw_hash) FROM standing "
        f"WHERE payload_hash IS NULL OR {contested_kept})"
    )
    sql = f"""
        SELECT {names} FROM rejected_now WHERE {fresh}
        UNION ALL
        SELECT {names} FROM standing WHERE times_seen > 0
            AND (payload_hash IS NULL OR {contested_kept})
        UNION ALL {moved}
        UNION ALL
        SELECT {names} FROM {store.select("rejected", dirty)} rest
        WHERE (reason, raw_hash) NOT IN (SELECT (reason, raw_hash) FROM standing)"""
    store.commit("rejected", sql, replace=dirty)
