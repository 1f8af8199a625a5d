"""Rejected rows: every refused line with its raw text, file and line."""

import duckdb
import pyarrow as pa

from questline.ingestion.careful import MAX_RAW, text_of
from questline.ingestion.deduplicate import LOSING
from questline.ingestion.discover import Discovery, Request, placed
from questline.ingestion.inputs import Input
from questline.ingestion.messages import message
from questline.ingestion.origins import Origins, row_texts
from questline.ingestion.scan import Scan
from questline.ingestion.standing import (
    FIELD,
    commit_rejected,
    open_places,
    open_withdrawn,
    seen_in,
)
from questline.lake.store import Store, quote

_FIRST_FID = 5_000_000
_UNSEEN = Scan(0, "", 0, plain=False, tail_offset=None)


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
    earlier = _locate_losers(con, store, request, found)
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
        _register(con, [(fid, line, raw) for line, raw in texts.items()])
        con.execute(
            "UPDATE refused SET raw = t.raw FROM texts t "
            f"WHERE refused.fid = {fid} AND refused.line = t.line AND refused.raw IS NULL"
        )
        con.unregister("texts")


def _locate_losers(
    con: duckdb.DuckDBPyConnection, store: Store, request: Request, found: Discovery
) -> list[Input]:
    """Adds the losing copies to `refused`, with the text their file gives, else as JSON.

    Returns:
        The readings that brought some of them and are none of this run's inputs.
    """
    losing = ", ".join(quote(v) for v in LOSING)
    con.execute(f"""
        CREATE OR REPLACE TABLE losers AS
        SELECT origin, event_id, client_date, payload_hash, verdict,
            coalesce(j.batch, b.batch) AS batch, line,
            (SELECT count(*) FROM judged c WHERE c.origin = 'new' AND c.event_id = j.event_id
                AND c.client_date = j.client_date AND c.payload_hash = j.payload_hash) AS times,
            to_json(j)::VARCHAR AS spare
        FROM judged j LEFT JOIN batches b USING (fid)
        WHERE representative AND verdict IN ({losing})""")
    wanted: dict[str, set[int]] = {}
    for batch, line in con.execute(
        "SELECT batch, line FROM losers "
        "WHERE origin <> 'contested' AND line IS NOT NULL ORDER BY ALL"
    ).fetchall():
        wanted.setdefault(batch, set()).add(line)
    # The lines of a row that is tried again are those of its file, not of the slice it is in.
    read = {i.batch: i for i in found.inputs if found.kinds[i.fid] != "replayed"}
    earlier = _earlier(con, store, request, set(wanted) - set(read))
    inputs = read | {i.batch: i for i in earlier}
    texts: list[tuple[int, int, str]] = []
    for item in (inputs[b] for b in wanted if b in inputs):
        if item.path.exists():
            of_item = row_texts(con, item, wanted[item.batch])
            texts += [(item.fid, line, raw) for line, raw in of_item.items()]
    _register(con, texts)
    kinds = pa.schema({"fid": pa.int64(), "file": pa.string(), "batch": pa.string()})
    brought = [{"fid": i.fid, "file": i.relative, "batch": i.batch} for i in inputs.values()]
    con.register("brought", pa.Table.from_pylist(brought, kinds))
    con.execute(f"""
        INSERT INTO refused BY NAME
        SELECT coalesce(b.fid, -1) AS fid, l.line, coalesce(c.corrected, t.raw, l.spare) AS raw,
            l.verdict AS reason, {FIELD} AS field,
            l.event_id, l.client_date, l.payload_hash, greatest(l.times, 1) AS times
        FROM losers l LEFT JOIN brought b USING (batch)
        LEFT JOIN texts t ON t.fid = b.fid AND t.line = l.line
        LEFT JOIN known_corrections c ON c.file = b.file AND c.raw_hash = sha256(t.raw)
        WHERE l.origin <> 'contested'""")
    con.unregister("brought")
    con.unregister("texts")
    return earlier


def _earlier(
    con: duckdb.DuckDBPyConnection, store: Store, request: Request, batches: set[str]
) -> list[Input]:
    """Earlier readings under fids of their own; `path` is there if the file still holds them."""
    origins = Origins(store, request)
    files = con.execute(
        f"SELECT DISTINCT batch, file FROM {store.select('ledger')} "
        "WHERE kind <> 'restated' AND list_contains(?, batch) ORDER BY ALL",
        [sorted(batches)],
    ).fetchall()
    found: list[Input] = []
    for fid, (batch, file) in enumerate(files, _FIRST_FID):
        source = request.mapping.source_of(file)
        path = origins.unchanged(file, batch) if source else None
        there = placed(request.scratch, fid, path, 0) if path else request.scratch / "nowhere"
        source = source or request.mapping.source[0]
        found.append(
            Input(fid, there, file, source, _UNSEEN, batch, request.as_of, as_of_explicit=False)
        )
    return found


def _register(con: duckdb.DuckDBPyConnection, texts: list[tuple[int, int, str]]) -> None:
    kinds = pa.schema({"fid": pa.int64(), "line": pa.int64(), "raw": pa.string()})
    rows = [dict(zip(kinds.names, text, strict=True)) for text in texts]
    con.register("texts", pa.Table.from_pylist(rows, kinds))


def _assemble(con: duckdb.DuckDBPyConnection, request: Request, inputs: list[Input]) -> None:
    con.execute("CREATE OR REPLACE TABLE origins (fid INTEGER, file VARCHAR, batch VARCHAR)")
    if inputs:
        con.executemany(
            "INSERT INTO origins VALUES (?, ?, ?)", [(i.fid, i.relative, i.batch) for i in inputs]
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
