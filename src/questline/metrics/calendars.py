"""Active players of weeks and months as the calendar has them."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import (
    active_days,
    arranged,
    attributed,
    calendar,
    every_split,
    grouped,
    shifted,
    stacked,
)
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

STARTS = Output("interval_start", Kind.DATE, "First day of the interval, in the reporting zone.")
ENDS = Output("interval_end", Kind.DATE, "Its last day.")
WHOLE = Output("complete", Kind.FLAG, "Whether each day of the interval was observed.")
PLAYERS = Output("players", Kind.COUNT, "Distinct players active in the interval.")
WHOLE_INTERVALS = "An interval of which a day was not observed is shown with complete = false."


def belongs(day: ibis.DateValue, scope: Scope) -> ibis.BooleanValue:
    """Whether a day counts for its interval: if it was observed, or the period holds it.

    The period selects intervals; their days count although the period begins or ends inside.
    """
    return scope.complete(day) | scope.shown(day)


@metric(
    title="Weekly active players by calendar week",
    formula="count of distinct players active from Monday to Sunday",
    grain="one row a calendar week",
    unit="players",
    value="players",
    inputs=("player_days",),
    outputs=(STARTS, ENDS, PLAYERS, WHOLE),
    maturity=WHOLE_INTERVALS,
)
def wau_calendar(tables: Tables, scope: Scope) -> ibis.Table:
    """Distinct players active in a week from Monday to Sunday.

    The period selects the weeks that it touches; each of them is counted whole. Days that were
    not observed count only if the period holds them. `wau` is the window that trails a day.
    """
    return _calendar(tables, scope, "W", 7)


@metric(
    title="Monthly active players by calendar month",
    formula="count of distinct players active in the calendar month",
    grain="one row a calendar month",
    unit="players",
    value="players",
    inputs=("player_days",),
    outputs=(STARTS, ENDS, PLAYERS, WHOLE),
    maturity=WHOLE_INTERVALS,
)
def mau_calendar(tables: Tables, scope: Scope) -> ibis.Table:
    """Distinct players active in a calendar month of the reporting zone.

    The period selects the months that it touches; each of them is counted whole. Days that were
    not observed count only if the period holds them. Months differ in length by up to three days,
    so compare months with `mau`, the thirty days that trail a day.

    References:
        GameAnalytics shows both, and calls thirty days MAU.
    """
    return _calendar(tables, scope, "M", 31)


def _calendar(tables: Tables, scope: Scope, unit: str, longest: int) -> ibis.Table:
    days = attributed(active_days(tables), tables, scope)
    days = days.filter(belongs(days.event_date, scope))
    facts = days.select(
        "player_id", *scope.dimensions, interval_start=_first_day(days.event_date, unit)
    )
    begin = _first_day(ibis.date(scope.first), unit)
    facts = facts.filter(facts.interval_start.between(begin, ibis.date(scope.last)))
    shown = calendar(scope.first, scope.last)
    starts = shown.select(interval_start=_first_day(shown.event_date, unit)).distinct()
    rows = grouped(
        stacked(facts, every_split(starts, facts, scope)),
        ["interval_start", *scope.dimensions],
        players=_.player_id.nunique(),
    )
    following = _first_day(shifted(rows.interval_start, longest), unit)
    rows = rows.mutate(interval_end=shifted(following, -1))
    whole = scope.complete(rows.interval_start) & scope.complete(rows.interval_end)
    rows = rows.mutate(complete=whole)
    return arranged(rows, scope, "players", first=("interval_start", "interval_end"))


def _first_day(day: ibis.DateValue, unit: str) -> ibis.DateValue:
    return day.truncate(unit).cast("timestamp").cast("date")
