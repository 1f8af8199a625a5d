"""Standing rejected rows: new verdicts join those in the table, withdrawn ones leave it.

A row of `rejected` is one reason and one text, wherever it was read; `seen_in` tells apart the
readings that brought it, so that what one file brought can be taken back alone.
"""

import duckdb

from questline.ingestion.messages import message
from questline.lake.schemas import TABLES
from questline.lake.store import Store

FIELD = "CASE l.verdict WHEN 'id_collision' THEN 'event_id' ELSE 'properties.transaction_id' END"
"""The field at fault of a loser `l`."""

_NAMES = ", ".join(f'"{n}"' for n in TABLES["rejected"].names)
_KEY = "(reason, raw_hash)"
_LOST = "(event_id, client_date, payload_hash)"


def open_withdrawn(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the table `withdrawn`, of verdicts that the run takes back, unless it is there."""
    con.execute(
        "CREATE TABLE IF NOT EXISTS withdrawn "
        "(reason VARCHAR, raw_hash VARCHAR, batch VARCHAR, times BIGINT)"
    )


def open_places(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the table `places`, of where rows tried again stand in their own file."""
    con.execute(
        "CREATE TABLE IF NOT EXISTS places "
        "(fid INTEGER, slice_line BIGINT, line BIGINT, raw_hash VARCHAR)"
    )


def commit_rejected(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """Merges `rejected_now` into the table, without `withdrawn`; writes only what differs."""
    _affected(con, store)
    _merge(con)
    rewritten = _reasons(con, "(FROM standing_rows EXCEPT ALL FROM settled)")
    grown = _reasons(con, "(FROM settled EXCEPT ALL FROM standing_rows)") - rewritten
    parts = []
    if rewritten:
        parts.append(f"SELECT * FROM settled WHERE reason IN {_listed(rewritten)}")
        parts.append(
            f"SELECT {_NAMES} FROM {store.select('rejected', rewritten)} rest "
            f"WHERE {_KEY} NOT IN (SELECT {_KEY} FROM standing)"
        )
    if grown:
        parts.append(
            "SELECT * FROM (FROM settled EXCEPT ALL FROM standing_rows) "
            f"WHERE reason IN {_listed(grown)}"
        )
    if parts or "rejected" not in store.versions:
        store.commit("rejected", " UNION ALL ".join(parts) or "FROM settled", replace=rewritten)


def _affected(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """`standing`: rows of the table that this run may change; `stays`: unless withdrawn."""
    kept = (
        f"{_LOST} IN (SELECT {_LOST} FROM losers WHERE origin = 'contested' "
        "AND losers.verdict = old.reason)"
    )
    con.execute(f"""
        CREATE OR REPLACE TABLE standing AS
        SELECT {_NAMES}, payload_hash IS NULL OR {kept} AS stays
        FROM {store.select("rejected")} old
        WHERE {_KEY} IN (SELECT {_KEY} FROM rejected_now)
            OR {_KEY} IN (SELECT {_KEY} FROM withdrawn)
            OR (payload_hash IS NOT NULL AND {_LOST} IN (SELECT {_LOST} FROM judged))""")
    con.execute(f"CREATE OR REPLACE VIEW standing_rows AS SELECT {_NAMES} FROM standing")


def _merge(con: duckdb.DuckDBPyConnection) -> None:
    """`settled`: what takes the place of `standing`, and the rows that meet none there.

    What a row says of itself comes from the one that stood, while any reading of it still does.
    """
    place = ", ".join(f"r.seen_in[1].{c} AS {c}" for c in ("file", "line", "batch"))
    met = f"{_KEY} IN (SELECT {_KEY} FROM standing)"
    fresh = f"SELECT *, {place} FROM rejected_now r WHERE NOT {met}"
    said = ", ".join(
        f"CASE WHEN k.reason IS NULL THEN n.{c} ELSE s.{c} END AS {c}"
        for c in ("field", "message", "raw", "event_id", "client_date", "payload_hash")
    )
    merged = f"""
        WITH stood AS (
            SELECT reason, raw_hash, unnest(seen_in) AS e FROM standing WHERE stays),
        gone AS (
            SELECT reason, raw_hash, batch, sum(times) AS times FROM withdrawn GROUP BY ALL),
        kept AS (
            SELECT s.reason, s.raw_hash, e.file AS file, e.line AS line, e.batch AS batch,
                e.times - coalesce(g.times, 0) AS times
            FROM stood s LEFT JOIN gone g
                ON g.reason = s.reason AND g.raw_hash = s.raw_hash AND g.batch = e.batch
            WHERE e.times > coalesce(g.times, 0)),
        come AS (
            SELECT reason, raw_hash, unnest(seen_in) AS e FROM rejected_now WHERE {met}),
        readings AS (
            SELECT reason, raw_hash, file, min(line) AS line, batch, sum(times)::BIGINT AS times
            FROM (FROM kept UNION ALL
                SELECT reason, raw_hash, e.file, e.line, e.batch, e.times FROM come)
            GROUP BY reason, raw_hash, file, batch),
        rows AS (
            SELECT reason, raw_hash, sum(times)::BIGINT AS times_seen, {seen_in()} AS seen_in
            FROM readings GROUP BY ALL)
        SELECT r.*, {place}, {said}, coalesce(s.rejected_at, n.rejected_at) AS rejected_at
        FROM rows r
        LEFT JOIN standing s ON s.reason = r.reason AND s.raw_hash = r.raw_hash AND s.stays
        LEFT JOIN rejected_now n ON n.reason = r.reason AND n.raw_hash = r.raw_hash
        LEFT JOIN (SELECT DISTINCT reason, raw_hash FROM kept) k
            ON k.reason = r.reason AND k.raw_hash = r.raw_hash"""
    moved = f"""
        SELECT s.* REPLACE (l.verdict AS reason, {FIELD} AS field,
            {message("l.verdict", FIELD)} AS message)
        FROM standing s JOIN losers l USING (event_id, client_date, payload_hash)
        WHERE l.origin = 'contested' AND l.verdict <> s.reason"""
    con.execute(
        f"CREATE OR REPLACE TABLE settled AS SELECT {_NAMES} FROM ({fresh}) "
        f"UNION ALL SELECT {_NAMES} FROM ({merged}) UNION ALL SELECT {_NAMES} FROM ({moved})"
    )


def seen_in() -> str:
    """SQL that gathers file, line, batch and times of several readings, in a fixed order."""
    entry = ", ".join(f"'{c}': {c}" for c in ("file", "line", "batch", "times"))
    return f"list({{{entry}}} ORDER BY file NULLS LAST, line NULLS LAST, batch)"


def _reasons(con: duckdb.DuckDBPyConnection, rows: str) -> set[str | None]:
    return {r[0] for r in con.execute(f"SELECT DISTINCT reason FROM {rows}").fetchall()}


def _listed(reasons: set[str | None]) -> str:
    return "(" + ", ".join(f"'{r}'" for r in sorted(map(str, reasons))) + ")"
