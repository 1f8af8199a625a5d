"""Every derived table anew from all events, on Spark: the same models, no comparing with old rows.

Spark writes the files into the scratch folder; the store makes them part of its tables.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from questline.engines.base import schema
from questline.lake.schemas import TABLES
from questline.lake.store import Store
from questline.lake.written import written_files
from questline.models.catalogue import DAYS, MODELS
from questline.models.rebuild import Rebuilt
from questline.models.rules import Rules, calendar
from questline.settings import Settings

if TYPE_CHECKING:
    from questline.engines.spark import SparkEngine

ORDER = (
    "first_seen",
    "players",
    "purchases",
    "sessionised",
    "sessions",
    "level_attempts",
    "player_days",
    "daily",
)
"""The models in the order in which they are built; the ways of some with ids give the same."""


def rebuild_whole(
    engine: SparkEngine,
    store: Store,
    settings: Settings,
    rules: Rules,
    report: Callable[[str], None],
) -> Rebuilt:
    """Builds and commits every derived table; the touched dates are those of `added`, `removed`."""
    tables = {n: engine.table(store.paths(n), TABLES[n]) for n in ("events", "registrations")}
    tables["days"] = _days(engine, store, settings, rules)
    rows = {}
    for name in ORDER:
        report(f"models: {name}")
        model = MODELS[name]
        built = model.build(rules, *(tables[i] for i in model.inputs))
        if name not in TABLES:
            folder = store.scratch.absolute() / name
            engine.write(built, folder)
            files = [str(p) for p in sorted(folder.glob("*.parquet"))]
            tables[name] = engine.parquet(name, files, built.schema())
            continue
        spec = TABLES[name]
        engine.write(built.select(*spec.names).cast(schema(spec)), store.staged(name), spec)
        rows[name] = store.commit_files(name, written_files(store, name), replace=None)
        tables[name] = engine.table(store.paths(name), spec)
    return Rebuilt(_touched(store), rows)


def _days(engine: SparkEngine, store: Store, settings: Settings, rules: Rules) -> ibis.Table:
    """The calendar of every day that an event or a registration can fall on."""
    row = store.con.execute(f"""
        SELECT CAST(timezone('UTC', min(low)) AS DATE), CAST(timezone('UTC', max(high)) AS DATE)
        FROM (
            SELECT min(event_ts) AS low, max(event_ts) AS high FROM {store.select("events")}
            UNION ALL
            SELECT min(acquired_at), max(acquired_at) FROM {store.select("registrations")})
        """).fetchone()
    first, last = row if row and row[0] else (date(2000, 1, 1), date(2000, 1, 1))
    margin = timedelta(days=rules.max_session_days + 2)
    rows = calendar(first - margin, last + margin, settings.zone)
    columns = ibis.schema(DAYS)
    arrow = pa.table(dict(zip(columns.names, zip(*rows, strict=True), strict=True)))
    return engine.memory("days", arrow.cast(columns.to_pyarrow()), columns)


def _touched(store: Store) -> tuple[date, ...]:
    found = store.con.execute(
        "SELECT DISTINCT event_date FROM (SELECT event_date FROM added UNION ALL "
        "SELECT event_date FROM removed) ORDER BY event_date"
    ).fetchall()
    return tuple(row[0] for row in found if row[0] is not None)
