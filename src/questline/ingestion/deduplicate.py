"""Identity and duplicates: which copy of an event counts, whatever the order of arrival.

The rule is a pure function of all copies ever seen: per (event_id, client_date) the copy with the
least (received_at, payload hash) survives; among surviving purchases of one transaction the least
(received_at, payload hash, event_id) is accepted. Losers stay in the lake's `contested` table, so
that a run can judge again when a better copy arrives later.
"""

import duckdb

from questline.ingestion.validate import EVENT_COLUMNS
from questline.lake.rows import any_row
from questline.lake.store import Store

_PAYLOAD_FIELDS = (
    "player_id",
    "event_type",
    "epoch_us(client_ts)::VARCHAR",
    "session_id",
    "app_version",
    "platform",
    "country",
    "properties",
)
PAYLOAD = (
    "md5(concat_ws(chr(31), " + ", ".join(f"coalesce({f}, '')" for f in _PAYLOAD_FIELDS) + "))"
)
"""Hash of an event's content without transport fields; a function of the lake's columns."""

PAYMENT = "coalesce(transaction_id, event_id)"
"""What a purchase is a payment of; one without transaction_id is its own transaction."""

_COLUMNS = ", ".join(EVENT_COLUMNS)
LOSING = ("id_collision", "duplicate_transaction")


def deduplicate(con: duckdb.DuckDBPyConnection, store: Store) -> int:
    """Judges the staged events against each other and the lake.

    Reads `staged`; writes `judged`: every copy of a disputed event with origin (new, lake or
    contested), rid (row of `staged`), payload_hash, representative and verdict (accepted,
    duplicate, id_collision, duplicate_transaction).

    Returns:
        The number of disputed copies.
    """
    _disputed_keys(con, store)
    _disputed_transactions(con, store)
    _copies(con, store)
    con.execute(f"""
        CREATE OR REPLACE TABLE judged AS
        WITH ranked AS (
            SELECT *, row_number() OVER (
                PARTITION BY event_id, client_date, payload_hash
                ORDER BY received_at NULLS LAST, sent_at NULLS LAST, origin, fid, line, rid
            ) = 1 AS representative
            FROM copies),
        survivors AS (
            SELECT *, row_number() OVER (
                PARTITION BY event_id, client_date ORDER BY received_at NULLS LAST, payload_hash
            ) = 1 AS survivor
            FROM ranked WHERE representative),
        winners AS (
            SELECT rid, origin, survivor,
                NOT survivor OR event_type <> 'purchase'
                OR row_number() OVER (
                    PARTITION BY survivor, event_type, {PAYMENT}
                    ORDER BY received_at NULLS LAST, payload_hash, event_id, client_date
                ) = 1 AS winner
            FROM survivors),
        kept AS (
            SELECT s.event_id, s.client_date, s.payload_hash AS surviving
            FROM survivors s WHERE s.survivor)
        SELECT r.*, CASE
            WHEN NOT r.representative AND r.payload_hash = k.surviving THEN 'duplicate'
            WHEN NOT r.representative OR NOT w.survivor THEN 'id_collision'
            WHEN NOT w.winner THEN 'duplicate_transaction'
            ELSE 'accepted' END AS verdict
        FROM ranked r
        LEFT JOIN winners w ON w.rid = r.rid AND w.origin = r.origin
        JOIN kept k ON k.event_id = r.event_id AND k.client_date = r.client_date""")
    row = con.execute("SELECT count(*) FROM judged").fetchone()
    return int(row[0]) if row else 0


def files_by_client_date(store: Store, con: duckdb.DuckDBPyConnection) -> str:
    """SQL over the lake's events that may share a client date with the staged rows."""
    dates = {r[0] for r in con.execute("SELECT DISTINCT client_date FROM staged").fetchall()}
    return store.select_where("events", dates)


def _disputed_keys(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    lake = files_by_client_date(store, con)
    con.execute(f"""
        CREATE OR REPLACE TABLE disputed AS
        WITH fresh AS (SELECT event_id, client_date FROM staged),
        repeated AS (
            SELECT hash(event_id, client_date) AS h FROM fresh GROUP BY h HAVING count(*) > 1)
        SELECT DISTINCT event_id, client_date FROM fresh
        WHERE hash(event_id, client_date) IN (SELECT h FROM repeated)
        UNION
        SELECT event_id, client_date FROM {lake} old
        WHERE (event_id, client_date) IN (SELECT (event_id, client_date) FROM fresh)
        UNION
        SELECT event_id, client_date FROM {store.select("contested")} old
        WHERE (event_id, client_date) IN (SELECT (event_id, client_date) FROM fresh)""")


def _disputed_transactions(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    con.execute(f"""
        CREATE OR REPLACE TABLE disputed_payments AS
        WITH fresh AS (
            SELECT {PAYMENT} AS transaction_id FROM staged
            WHERE event_type = 'purchase')
        SELECT transaction_id FROM fresh GROUP BY ALL HAVING count(*) > 1
        UNION
        SELECT transaction_id FROM {store.select("purchases")}
        WHERE purchased_at IS NOT NULL AND transaction_id IN (SELECT transaction_id FROM fresh)
        UNION
        SELECT {PAYMENT} FROM {store.select("contested")}
        WHERE event_type = 'purchase' AND {PAYMENT} IN (SELECT transaction_id FROM fresh)""")


def _copies(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    key = "(event_id, client_date) IN (SELECT (event_id, client_date) FROM disputed)"
    paid = (
        f"event_type = 'purchase' AND {PAYMENT} IN (SELECT transaction_id FROM disputed_payments)"
    )
    # All columns of all rows would be read only to find none.
    asked = [
        c for c, table in ((key, "disputed"), (paid, "disputed_payments")) if any_row(con, table)
    ]
    fresh = f"""
        SELECT 'new' AS origin, rid, fid, NULL::VARCHAR AS batch, line, {_COLUMNS}
        FROM staged WHERE {" OR ".join(f"({c})" for c in asked) or "false"}"""
    con.execute(
        f"CREATE OR REPLACE TABLE copies AS SELECT *, {PAYLOAD} AS payload_hash FROM ({fresh})"
    )
    for origin, source in (
        ("lake", files_by_client_date(store, con)),
        ("contested", store.select("contested")),
    ):
        con.execute(_old_copies(origin, source, key, 0))
    con.execute(
        f"INSERT INTO disputed_payments SELECT DISTINCT {PAYMENT} FROM copies "
        f"WHERE event_type = 'purchase' AND {PAYMENT} NOT IN "
        "(SELECT transaction_id FROM disputed_payments)"
    )
    days = con.execute(
        f"SELECT DISTINCT event_date FROM {store.select('purchases')} "
        "WHERE purchased_at IS NOT NULL "
        "AND transaction_id IN (SELECT transaction_id FROM disputed_payments)"
    ).fetchall()
    there = "(event_id, client_date) NOT IN (SELECT (event_id, client_date) FROM copies)"
    con.execute(
        _old_copies(
            "lake", store.select("events", {str(d[0]) for d in days}), f"{paid} AND {there}", 1
        )
    )
    con.execute(
        _old_copies(
            "contested",
            store.select("contested"),
            f"verdict = 'duplicate_transaction' AND {paid} AND {there}",
            1,
        )
    )


def _old_copies(origin: str, source: str, condition: str, round_number: int) -> str:
    return f"""
        INSERT INTO copies BY NAME
        SELECT '{origin}' AS origin, NULL::INTEGER AS fid,
            -row_number() OVER () - {round_number} * 1000000000000 AS rid,
            batch, line, {_COLUMNS}, {PAYLOAD} AS payload_hash
        FROM {source} old WHERE {condition}"""
