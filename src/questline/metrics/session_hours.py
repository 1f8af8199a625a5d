"""When players play: session starts by weekday and hour."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _

from questline.metrics.base import (
    arranged,
    attributed,
    every_split,
    grouped,
    numbers,
    ratio,
    stacked,
)
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.clock import hour_of_day
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables
from questline.metrics.use_options import CYCLE

_MONDAY = date(1900, 1, 1)
_HOURS = 24
_DAYS = 7


@metric(
    title="Session starts by hour",
    formula="sessions that started in the hour / sessions of the period",
    grain="one row a weekday and hour, or one an hour",
    unit="sessions",
    value="sessions",
    inputs=("sessions",),
    outputs=(
        Output("weekday", Kind.COUNT, "1 is Monday, 7 is Sunday; only with the cycle `week`."),
        Output("hour", Kind.COUNT, "0 to 23, by the clock of the reporting zone."),
        Output("sessions", Kind.COUNT, "Sessions that started in the hour."),
        Output("players", Kind.COUNT, "Distinct players who started them."),
        Output("share", Kind.SHARE, "sessions / sessions of the period."),
    ),
    maturity="Only sessions that started from complete_from to complete_until are counted.",
    options=(CYCLE,),
)
def session_hours(tables: Tables, scope: Scope, *, cycle: str = "week") -> ibis.Table:
    """Sessions by the weekday and hour in which they started, in the reporting zone.

    Events say nothing of the player's own clock, so this is the hour of the reporting zone for
    everybody: split by country, or read one region at a time. Summer time is taken into account:
    the hour that comes twice when clocks go back holds the sessions of both. A period of whole
    weeks holds every weekday equally often.
    """
    first, last = scope.pooled
    zone = scope.facts.reporting_zone
    starts = tables.sessions.filter(scope.counted(tables.sessions.session_date))
    weekday = starts.session_date.delta(ibis.date(_MONDAY), unit="day") % _DAYS + 1
    starts = starts.select(
        "player_id",
        weekday=weekday.cast("int64"),
        hour=hour_of_day(starts.started_at, zone, first, last),
    )
    facts = attributed(tables.numbered(starts), tables, scope)
    columns = ["weekday", "hour"] if cycle == "week" else ["hour"]
    keys = [*columns, *scope.dimensions]
    every_hour = numbers(list(range(_HOURS)), "hour")
    if cycle == "week":
        every_hour = numbers(list(range(1, _DAYS + 1)), "weekday").cross_join(every_hour)
    rows = grouped(
        stacked(facts, every_split(every_hour, facts, scope)),
        keys,
        sessions=_.player_id.count(),
        players=_.player_id.nunique(),
    )
    rows = rows.mutate(all_sessions=rows.sessions.sum().over(group_by=scope.dimensions))
    rows = rows.mutate(share=ratio(rows, "sessions", "all_sessions"))
    return arranged(rows, scope, "sessions", "players", "share", first=tuple(columns))
