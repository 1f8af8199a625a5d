"""The reduced work by hand in chDB, the embedded ClickHouse."""

import json
import sys
from typing import Any

from chdb.session import Session

TEXT = ("event_id", "player_id", "event_type", "session_id", "app_version", "platform", "country")
TIMES = ("timestamp", "sent_at", "received_at")


def read(raw: str) -> str:
    """SQL that reads every file of events with types and corrects the clock."""
    columns = ", ".join([f"{n} String" for n in TEXT] + [f"{n} Nullable(String)" for n in TIMES])
    moments = ", ".join(f"parseDateTime64BestEffortOrNull({n}, 6, 'UTC') AS {n}_at" for n in TIMES)
    ahead = "dateDiff('microsecond', timestamp_at, sent_at_at)"
    return f"""
        SELECT *, if({ahead} >= 0 AND isNotNull(received_at_at),
                subtractMicroseconds(received_at_at, {ahead}),
                if(isNull(received_at_at), timestamp_at, least(timestamp_at, received_at_at))
            ) AS event_ts, toDate(event_ts) AS event_date
        FROM (SELECT {", ".join(TEXT)}, properties, {moments}
            FROM file('{raw}/events*.jsonl', JSONEachRow, '{columns}, properties String'))"""


def main(raw: str, out: str) -> dict[str, int]:
    """Does the work and counts."""
    run: Any = Session(f"{out}/scratch").query
    run("CREATE DATABASE IF NOT EXISTS work ENGINE = Atomic")
    run("SET max_memory_usage = 0")
    run(f"""
        CREATE TABLE work.events ENGINE = MergeTree PARTITION BY tuple() ORDER BY tuple()
        AS SELECT * FROM ({read(raw)})""")
    run("""
        CREATE TABLE work.once ENGINE = MergeTree ORDER BY tuple() AS
        SELECT * FROM work.events WHERE event_id NOT IN (
            SELECT event_id FROM work.events GROUP BY event_id HAVING count() > 1)
        UNION ALL
        SELECT * FROM work.events WHERE event_id IN (
            SELECT event_id FROM work.events GROUP BY event_id HAVING count() > 1)
        LIMIT 1 BY event_id""")
    run(f"""
        INSERT INTO FUNCTION file('{out}/events_{{_partition_id}}.parquet', Parquet)
        PARTITION BY toYYYYMMDD(event_date) SELECT * FROM work.once""")
    run("""
        CREATE TABLE work.sessions ENGINE = MergeTree ORDER BY tuple() AS
        WITH gaps AS (
            SELECT player_id, session_id, event_ts, event_date, dateDiff('microsecond',
                lagInFrame(event_ts, 1, event_ts) OVER (PARTITION BY player_id, session_id
                    ORDER BY event_ts ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
                event_ts) > 1800000000 AS gap
            FROM work.once WHERE event_type NOT IN ('refund', 'experiment_exposure')),
        numbered AS (
            SELECT *, sum(gap) OVER (PARTITION BY player_id, session_id ORDER BY event_ts) AS part
            FROM gaps)
        SELECT player_id, session_id, part, min(event_ts) AS started_at, max(event_ts) AS ended_at,
            min(event_date) AS session_date, count() AS events
        FROM numbered GROUP BY player_id, session_id, part""")
    run("""
        CREATE TABLE work.player_days ENGINE = MergeTree ORDER BY tuple() AS
        SELECT player_id, event_date, count() AS events,
            countIf(event_type = 'level_complete') AS level_completes,
            sum(toDecimal64OrNull(JSONExtractString(properties, 'price'), 6)) AS gross
        FROM work.once GROUP BY player_id, event_date""")
    run("""
        CREATE TABLE work.daily ENGINE = MergeTree ORDER BY tuple() AS
        SELECT event_date, event_type, count() AS events, uniqExact(player_id) AS players
        FROM work.once GROUP BY event_date, event_type""")
    run("""
        CREATE TABLE work.retention ENGINE = MergeTree ORDER BY tuple() AS
        WITH first AS (
            SELECT player_id, min(event_date) AS day FROM work.player_days GROUP BY player_id)
        SELECT day, count() AS players, countIf(d.events > 0) AS retained FROM (
            SELECT *, day + 1 AS next FROM first) f
        LEFT JOIN work.player_days d ON d.player_id = f.player_id AND d.event_date = f.next
        GROUP BY day""")
    for table in ("sessions", "player_days", "daily", "retention"):
        target = f"file('{out}/{table}.parquet', Parquet)"
        run(f"INSERT INTO FUNCTION {target} SELECT * FROM work.{table}")
    names = {"events": "once", "sessions": "sessions", "player_days": "player_days"}
    return {n: int(str(run(f"SELECT count() FROM work.{t}"))) for n, t in names.items()}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
