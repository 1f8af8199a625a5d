"""Runs one model over literal rows."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from questline.lake.schemas import TABLES
from questline.models.catalogue import compiled
from questline.models.rules import Rules, calendar

Rows = list[dict[str, Any]]
Runner = Callable[..., Rows]
_WITH_IDS = ("session_spans", "sessionised_with_ids")
_STEPS = {
    "sessions": ("sessionised",),
    "level_attempts": ("sessionised",),
    "sessions_with_ids": _WITH_IDS,
    "level_attempts_with_ids": _WITH_IDS,
}
"""What has to be built before a model."""


def event(player: str, at: str, event_type: str = "login", **columns: Any) -> dict[str, Any]:
    """One event; `at` is a UTC time, the reporting zone of the tests below is UTC by default."""
    return {
        "event_id": columns.pop("event_id", f"{player}-{at}-{event_type}"),
        "player_id": player,
        "event_type": event_type,
        "event_ts": f"{at}Z",
        "event_date": at[:10],
        **columns,
    }


def _fill(con: duckdb.DuckDBPyConnection, name: str, rows: Rows) -> None:
    columns = {c.name: c.type for c in TABLES[name].columns}
    con.execute(f"CREATE TABLE {name} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
    for row in rows:
        names = ", ".join(row)
        con.execute(
            f"INSERT INTO {name} ({names}) VALUES ({', '.join('?' * len(row))})",
            list(row.values()),
        )


@pytest.fixture
def run() -> Runner:
    """`run("sessions", events=[...])`: the model's rows in a fixed order, times as UTC text."""

    def runner(name: str, rules: Rules | None = None, zone: str = "UTC", **tables: Rows) -> Rows:
        with duckdb.connect() as con:
            con.execute("SET TimeZone = 'UTC'")
            for table, rows in tables.items():
                _fill(con, table, rows)
            con.execute(
                "CREATE TABLE days (event_date DATE, starts_at TIMESTAMPTZ, ends_at TIMESTAMPTZ)"
            )
            con.executemany(
                "INSERT INTO days VALUES (?, ?, ?)",
                calendar(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=120), ZoneInfo(zone)),
            )
            for step in _STEPS.get(name, ()):
                made = step.removesuffix("_with_ids")
                con.execute(f"CREATE TABLE {made} AS {compiled(step, rules or Rules())}")
            found = con.execute(f"SELECT * FROM ({compiled(name, rules or Rules())}) ORDER BY ALL")
            names = [d[0] for d in found.description or []]
            pairs = "list_transform(variants, lambda v: [v.experiment, v.variant])"
            picked = ", ".join(
                f"strftime({n}, '%Y-%m-%dT%H:%M:%S')"
                if n.endswith(("_at", "_ts", "session_start"))
                else pairs
                if n == "variants"
                else n
                for n in names
            )
            answer = con.execute(
                f"SELECT {picked} FROM ({compiled(name, rules or Rules())}) ORDER BY ALL"
            )
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    return runner
