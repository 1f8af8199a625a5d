"""Tiny lakes written by hand: rows of the lake's tables in an in-memory engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from questline.api import Analytics
from questline.engines.base import schema
from questline.engines.duckdb import DuckDBEngine
from questline.lake.facts import LakeFacts
from questline.lake.schemas import TABLES
from questline.metrics import Tables
from questline.settings import Declared, Feature

Row = dict[str, Any]
START = date(2026, 1, 1)


def day(number: int) -> date:
    """Day 1 is the first day of the log."""
    return START + timedelta(days=number - 1)


def at(number: int, clock: str = "12:00:00") -> datetime:
    """A time of a day."""
    return datetime.combine(day(number), datetime.min.time(), UTC) + (
        datetime.fromisoformat(f"1970-01-01T{clock}") - datetime(1970, 1, 1)  # noqa: DTZ001
    )


def facts(last: int, first: int = 1, **more: Any) -> LakeFacts:
    """A log observed from day `first` to day `last`."""
    return LakeFacts(7, day(first), day(last), **more)


def lake(
    known: LakeFacts,
    features: Mapping[str, Feature] | None = None,
    declared: Declared | None = None,
    **rows: Any,
) -> Analytics:
    """A lake with these rows; columns that are not given are NULL."""
    engine = DuckDBEngine(memory_limit_mb=500, threads=1)
    tables = {}
    for name, spec in TABLES.items():
        content = pa.Table.from_pylist(rows.get(name, []), schema=schema(spec).to_pyarrow())
        engine.connection.register("content", content)
        engine.connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM content')
        engine.connection.unregister("content")
        tables[name] = engine.backend.table(name)
    return Analytics(
        engine,
        known,
        Tables.of(tables),
        tables,
        declared or Declared(features=dict(features or {})),
    )


def player(player_id: str, acquired: int, **more: Any) -> Row:
    """A player acquired on a day."""
    row = {
        "player_id": player_id,
        "acquisition_date": day(acquired),
        "acquisition_source": "first_event",
        "cohort_week": day(acquired) - timedelta(days=day(acquired).weekday()),
        "registered": False,
    }
    return row | more


def played(player_id: str, number: int, **more: Any) -> Row:
    """A player's day, active unless said."""
    row = {
        "player_id": player_id,
        "event_date": day(number),
        "active_events": 1,
        "sessions": 1,
        "ads": 0,
        "ad_revenue_usd": Decimal(0),
    }
    return row | more


def event(player_id: str, event_type: str, time: datetime, **more: Any) -> Row:
    """An accepted event."""
    row = {
        "player_id": player_id,
        "event_type": event_type,
        "event_ts": time,
        "event_date": time.date(),
        "properties": "{}",
    }
    return row | more


def session(player_id: str, number: int, seconds: float, events: int = 1) -> Row:
    """A session that starts on a day."""
    return {
        "player_id": player_id,
        "session_date": day(number),
        "length_seconds": seconds,
        "events": events,
    }


def bought(player_id: str, number: int, gross: str | None, refunded: str = "0", **more: Any) -> Row:
    """A transaction."""
    price = None if gross is None else Decimal(gross)
    row = {
        "transaction_id": f"{player_id}-{number}-{gross}-{refunded}",
        "player_id": player_id,
        "event_date": day(number),
        "purchased_at": at(number),
        "gross_usd": price,
        "refunded_usd": Decimal(refunded),
        "net_usd": None if price is None else price - Decimal(refunded),
        "refunds": int(Decimal(refunded) > 0),
    }
    return row | more


def attempt(player_id: str, level: int, outcome: str, number: int = 1, **more: Any) -> Row:
    """An attempt of a level."""
    row = {"player_id": player_id, "event_date": day(number), "level": level, "outcome": outcome}
    return row | more


def rows(analytics: Analytics, metric: str, **question: Any) -> list[Row]:
    """The answer to a question as dictionaries."""
    return analytics.result(metric, **question).rows()


def column(found: list[Row], name: str) -> list[Any]:
    """One column of an answer."""
    return [row[name] for row in found]
