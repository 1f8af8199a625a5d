"""Everything that happened, by day, cohort and event type."""

from __future__ import annotations

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.attributes import Attribute
from questline.metrics.catalogue import COMPLETE, DAY, SHOWN_DAYS, Kind, Output, metric
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

KEYS = ("event_date", "acquisition_date", "event_type")
COUNTS = ("events", "players", "revenue_usd")


@metric(
    title="Daily events",
    formula="count of events, distinct players and sum of revenue",
    grain="one row a day, day of acquisition and event type",
    unit="events",
    value="events",
    inputs=("daily", "events", "players"),
    outputs=(
        DAY,
        Output("acquisition_date", Kind.DATE, "Cohort of the players; NULL if unknown."),
        Output("event_type", Kind.TEXT, "Event type."),
        Output("events", Kind.COUNT, "Accepted events."),
        Output("players", Kind.COUNT, "Distinct players; not to be added up over types."),
        Output("revenue_usd", Kind.USD, "Purchases and ads; refunds not taken off."),
        COMPLETE,
    ),
    maturity=SHOWN_DAYS,
)
def daily(tables: Tables, scope: Scope) -> ibis.Table:
    """Events, players and gross revenue by day, day of acquisition and event type.

    All accepted events are counted, also those of inactive types. A combination that did not
    occur has no row. With `by` or `where` it is counted again from the events.
    """
    if scope.by is None:
        rows = tables.daily.filter(scope.shown(tables.daily.event_date))
        keys: list[str] = list(KEYS)
    elif scope.by.column in KEYS:
        raise UsageError(f"daily already has one row per {scope.by.column}; leave --by out.")
    else:
        rows = _split(tables, scope, scope.by)
        keys = [*KEYS, *scope.dimensions]
    rows = rows.select(
        *keys,
        "events",
        "players",
        revenue_usd=rows.revenue_usd.coalesce(0),
        complete=scope.complete(rows.event_date),
    )
    return rows.order_by(keys)


def _split(tables: Tables, scope: Scope, by: Attribute) -> ibis.Table:
    """Every player belongs to one value of the split, so the parts add up to the whole."""
    parts = tables.events.filter(scope.shown(tables.events.event_date)).select(
        "player_id", "event_date", "event_type", "amount_usd"
    )
    players = tables.players.select(
        "player_id", "acquisition_date", by.of(tables.players).name(by.column)
    )
    joined = parts.left_join(players, "player_id").select(
        parts, "acquisition_date", *scope.dimensions
    )
    return joined.group_by(*KEYS, *scope.dimensions).aggregate(
        events=_.count(),
        players=_.player_id.nunique(),
        revenue_usd=_.amount_usd.sum(where=_.event_type.isin(["purchase", "ad_watched"])),
    )
