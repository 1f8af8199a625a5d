"""Entries of the ledger: what a run found in each file, and which earlier counts it moved."""

import json
from collections import Counter
from datetime import UTC, datetime

import duckdb

from questline.ingestion.discover import Discovery, Request
from questline.lake.rows import insert_rows
from questline.lake.schemas import TABLES
from questline.lake.store import Store


def commit_entries(
    con: duckdb.DuckDBPyConnection, store: Store, request: Request, found: Discovery
) -> None:
    """Writes one entry for each reading, and one for each earlier one whose counts moved."""
    per_file: dict[int, dict[tuple[str, str | None], int]] = {}
    for fid, outcome, reason, n in con.execute("SELECT * FROM outcomes").fetchall():
        per_file.setdefault(fid, {})[outcome, reason] = int(n)
    now = datetime.now(UTC)
    rows: list[tuple[object, ...]] = []
    for item in found.inputs:
        outcomes = per_file.get(item.fid, {})
        reasons = Counter({r: n for (o, r), n in outcomes.items() if o == "rejected"})
        back = found.returned.get(item.fid, {})
        reasons.subtract(back)
        moved = {r: n for r, n in sorted(reasons.items(), key=str) if n}
        scan = item.scan
        lines = scan.rows - sum(back.values())
        if back and not moved:
            continue
        rows.append(
            (
                item.batch,
                request.run_id,
                item.relative,
                found.kinds[item.fid],
                scan.fingerprint,
                scan.size,
                item.modified_ns,
                scan.tail_offset,
                item.source.name,
                item.as_of,
                item.as_of_explicit,
                lines,
                outcomes.get(("accepted", None), 0),
                outcomes.get(("duplicate", None), 0),
                sum(moved.values()),
                json.dumps(moved),
                now,
            )
        )
    for relative, _problem, scan, source, modified in found.incomplete:
        rows.append(
            (
                f"{request.run_id}-{relative}",
                request.run_id,
                relative,
                "incomplete",
                scan.fingerprint,
                scan.size,
                modified,
                None,
                source.name,
                request.as_of,
                request.as_of_explicit,
                0,
                0,
                0,
                0,
                "{}",
                now,
            )
        )
    rows += _restated(con, request, now)
    columns = ", ".join(f'"{c.name}" {c.type}' for c in TABLES["ledger"].columns)
    con.execute(f"CREATE OR REPLACE TABLE ledger_now ({columns})")
    insert_rows(con, "ledger_now", rows)
    store.commit("ledger", "SELECT * FROM ledger_now")


def _restated(
    con: duckdb.DuckDBPyConnection, request: Request, now: datetime
) -> list[tuple[object, ...]]:
    """Entries that move counts of earlier readings whose verdict changed; they add no lines."""
    moves = con.execute("""
        SELECT batch, origin, verdict, count(*) FROM (
            SELECT batch, origin, verdict FROM judged
            WHERE (origin = 'lake' AND verdict <> 'accepted')
                OR (origin = 'contested' AND verdict = 'accepted')
            UNION ALL
            SELECT batch, 'lake', CASE
                WHEN best = payload_hash AND best_at IS NOT DISTINCT FROM acquired_at
                THEN 'duplicate' ELSE 'id_collision' END
            FROM judged_players WHERE origin = 'lake' AND place > 1)
        GROUP BY ALL ORDER BY ALL""").fetchall()
    rows: list[tuple[object, ...]] = []
    for batch, origin, verdict, n in moves:
        sign = -n if origin == "lake" else n
        duplicates = n if verdict == "duplicate" else 0
        refused = -sign - duplicates
        reason = verdict if origin == "lake" and not duplicates else "restated"
        reasons = json.dumps({reason: refused}) if refused else "{}"
        rows.append(
            (
                batch,
                request.run_id,
                "",
                "restated",
                "",
                0,
                0,
                None,
                "",
                now,
                False,
                0,
                sign,
                duplicates,
                refused,
                reasons,
                now,
            )
        )
    return rows
