"""The reduced work by hand in DuckDB."""

import json
import sys
from pathlib import Path

import duckdb

TEXT = ("event_id", "player_id", "event_type", "session_id", "app_version", "platform", "country")
TIMES = ("timestamp", "sent_at", "received_at")


def read(raw: str) -> str:
    """SQL that reads every file of events with types."""
    columns = dict.fromkeys(TEXT, "VARCHAR") | dict.fromkeys(TIMES, "TIMESTAMPTZ")
    columns["properties"] = "JSON"
    form = ", ".join(f"{name}: '{kind}'" for name, kind in columns.items())
    return f"SELECT * FROM read_ndjson('{raw}/events*.jsonl', columns={{{form}}})"


def main(raw: str, out: str) -> dict[str, int]:
    """Does the work and counts."""
    con = duckdb.connect(str(Path(out) / "scratch.duckdb"))
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    con.execute(f"""
        CREATE TABLE events AS SELECT *, CAST(event_ts AS DATE) AS event_date FROM (
            SELECT *, CASE WHEN sent_at >= "timestamp" AND received_at IS NOT NULL
                THEN received_at - (sent_at - "timestamp")
                ELSE least("timestamp", received_at) END AS event_ts FROM ({read(raw)}))""")
    con.execute("""
        CREATE TABLE repeated AS SELECT event_id FROM events GROUP BY ALL HAVING count(*) > 1""")
    con.execute("""
        DELETE FROM events WHERE event_id IN (FROM repeated) AND rowid NOT IN (
            SELECT min(rowid) FROM events WHERE event_id IN (FROM repeated) GROUP BY event_id)""")
    con.execute(
        f"COPY events TO '{out}/events' (FORMAT parquet, COMPRESSION zstd, "
        "PARTITION_BY (event_date))"
    )
    con.execute("""
        CREATE TABLE sessions AS
        WITH gaps AS (
            SELECT player_id, session_id, event_ts, event_date, event_ts - lag(event_ts) OVER (
                PARTITION BY player_id, session_id ORDER BY event_ts) > INTERVAL 30 MINUTES AS gap
            FROM events WHERE event_type NOT IN ('refund', 'experiment_exposure')),
        numbered AS (
            SELECT *, count(*) FILTER (gap) OVER (
                PARTITION BY player_id, session_id ORDER BY event_ts) AS part FROM gaps)
        SELECT player_id, session_id, part, min(event_ts) AS started_at, max(event_ts) AS ended_at,
            min(event_date) AS session_date, count(*) AS events FROM numbered GROUP BY ALL""")
    con.execute("""
        CREATE TABLE player_days AS SELECT player_id, event_date, count(*) AS events,
            count(*) FILTER (event_type = 'level_complete') AS level_completes,
            sum(CAST(properties->>'price' AS DECIMAL(18, 6))) AS gross
        FROM events GROUP BY ALL""")
    con.execute("""
        CREATE TABLE daily AS SELECT event_date, event_type, count(*) AS events,
            count(DISTINCT player_id) AS players FROM events GROUP BY ALL""")
    con.execute("""
        CREATE TABLE retention AS
        WITH first AS (SELECT player_id, min(event_date) AS day FROM player_days GROUP BY ALL)
        SELECT day, count(*) AS players, count(d.player_id) AS retained FROM first
        LEFT JOIN player_days d ON d.player_id = first.player_id AND d.event_date = day + 1
        GROUP BY ALL""")
    for table in ("sessions", "player_days", "daily", "retention"):
        con.execute(f"COPY {table} TO '{out}/{table}.parquet' (COMPRESSION zstd)")
    counts = {}
    for table in ("events", "sessions", "player_days"):
        row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
        counts[table] = row[0] if row else 0
    return counts


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
