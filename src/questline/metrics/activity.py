"""Who plays: daily, weekly and monthly active players, new and returning."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis import _

from questline.metrics.base import (
    active_days,
    arranged,
    attributed,
    calendar,
    grouped,
    profiles,
    ratio,
    shifted,
    stacked,
    summed,
    total,
)
from questline.metrics.catalogue import COMPLETE, DAY, SHOWN_DAYS, Kind, Output, metric
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

PLAYERS = Output("players", Kind.COUNT, "Distinct active players.")
NEW = Output("new_players", Kind.COUNT, "Of these, acquired on that day.")
RETURNING = Output("returning_players", Kind.COUNT, "Of these, acquired on another day.")
DAU_COLUMNS = ("players", "new_players", "returning_players")
WEEK = 7
MONTH = 30


@metric(
    title="Daily active players",
    formula="count of distinct players with an active event on the day",
    grain="one row a day",
    unit="players",
    value="players",
    inputs=("player_days", "players"),
    outputs=(DAY, PLAYERS, NEW, RETURNING, COMPLETE),
    maturity=SHOWN_DAYS,
    acquisition=True,
)
def dau(tables: Tables, scope: Scope) -> ibis.Table:
    """Players with at least one active event on the day.

    An active event is any accepted event whose type the settings do not call inactive (refunds
    and exposures to experiments are). `players = new_players + returning_players`. A day on which
    nobody played is a row with 0.
    """
    return arranged(_daily(tables, scope), scope, *DAU_COLUMNS)


@metric(
    title="New players",
    formula="count of distinct players active on the day they were acquired",
    grain="one row a day",
    unit="players",
    value="players",
    inputs=("player_days", "players"),
    outputs=(
        DAY,
        Output("players", Kind.COUNT, "Players active on their day of acquisition."),
        Output("acquired", Kind.COUNT, "Players acquired on the day, active or not."),
        COMPLETE,
    ),
    maturity=SHOWN_DAYS,
    acquisition=True,
)
def new_players(tables: Tables, scope: Scope) -> ibis.Table:
    """Players whose first day it is: active on the day of their acquisition.

    Acquisition is the date that player metadata gives, else the first active event. `acquired`
    also counts players who were registered that day and did not play; it is the size of the
    cohort that retention divides by.
    """
    cohorts = profiles(tables, scope).select(
        *scope.dimensions, event_date=_.acquired_on, acquired_id=_.player_id
    )
    facts = stacked(_acquainted_days(tables, scope), cohorts)
    rows = summed(
        facts,
        scope,
        "day",
        players=_.player_id.nunique(where=_.acquired_on == _.event_date),
        acquired=_.acquired_id.nunique(),
    )
    return arranged(rows, scope, "players", "acquired")


@metric(
    title="Returning players",
    formula="daily active players - new players",
    grain="one row a day",
    unit="players",
    value="players",
    inputs=("player_days", "players"),
    outputs=(
        DAY,
        Output("players", Kind.COUNT, "Active players acquired on another day."),
        COMPLETE,
    ),
    maturity=SHOWN_DAYS,
    acquisition=True,
)
def returning_players(tables: Tables, scope: Scope) -> ibis.Table:
    """Players active on the day who were acquired on another day.

    Together with `new_players` they are the daily active players.
    """
    rows = _daily(tables, scope).drop("players").rename(players="returning_players")
    return arranged(rows, scope, "players")


@metric(
    title="Weekly active players",
    formula="count of distinct players active in [day - 6, day]",
    grain="one row a day",
    unit="players",
    value="players",
    inputs=("player_days",),
    outputs=(DAY, PLAYERS, COMPLETE),
    maturity="NULL until seven days of history exist since complete_from. " + SHOWN_DAYS,
)
def wau(tables: Tables, scope: Scope) -> ibis.Table:
    """Distinct players active in the seven days that end with the day.

    The window trails: it is neither a calendar week nor a sum of daily players.
    """
    return arranged(_trailing(tables, scope, WEEK), scope, "players")


@metric(
    title="Monthly active players",
    formula="count of distinct players active in [day - 29, day]",
    grain="one row a day",
    unit="players",
    value="players",
    inputs=("player_days",),
    outputs=(DAY, PLAYERS, COMPLETE),
    maturity="NULL until thirty days of history exist since complete_from. " + SHOWN_DAYS,
)
def mau(tables: Tables, scope: Scope) -> ibis.Table:
    """Distinct players active in the thirty days that end with the day.

    The window trails: it is neither a calendar month nor a sum of daily players.

    References:
        Unity and GameAnalytics use the same thirty days; a calendar month is another number.
    """
    return arranged(_trailing(tables, scope, MONTH), scope, "players")


@metric(
    title="Stickiness",
    formula="dau / mau",
    grain="one row a day",
    unit="share",
    inputs=("player_days",),
    outputs=(
        DAY,
        Output("dau", Kind.COUNT, "Players active on the day."),
        Output("mau", Kind.COUNT, "Players active in the thirty days that end with the day."),
        Output("stickiness", Kind.SHARE, "dau / mau."),
        COMPLETE,
    ),
    maturity="NULL until thirty days of history exist, and after complete_until.",
)
def stickiness(tables: Tables, scope: Scope) -> ibis.Table:
    """Share of the monthly active players who play on the day.

    A burst of new players lowers it and a stable game can hide churn behind it, so read it beside
    new and returning players.
    """
    rows = _trailing(tables, scope, MONTH).rename(mau="players")
    rows = rows.mutate(stickiness=ratio(rows, "dau", "mau"))
    return arranged(rows, scope, "dau", "mau", "stickiness")


def _acquainted_days(tables: Tables, scope: Scope) -> ibis.Table:
    """Active days with the player's day of acquisition, `acquired_on`, and the split."""
    days = active_days(tables)
    players = profiles(tables, scope).select("player_id", "acquired_on", *scope.dimensions)
    return days.left_join(players, "player_id").select(days, "acquired_on", *scope.dimensions)


def _daily(tables: Tables, scope: Scope) -> ibis.Table:
    rows = summed(
        _acquainted_days(tables, scope),
        scope,
        "day",
        players=_.player_id.nunique(),
        new_players=_.player_id.nunique(where=_.acquired_on == _.event_date),
    )
    return rows.mutate(returning_players=rows.players - rows.new_players)


def _trailing(tables: Tables, scope: Scope, length: int) -> ibis.Table:
    """`dau` and the distinct `players` of the trailing window, a day.

    An active day counts its player in from that day, and out `length` days later or on his next
    active day, whichever comes first. No player is in twice, so a running sum of ins and outs is
    the distinct count, at the cost of one pass whatever the length of the window.
    """
    days = attributed(active_days(tables), tables, scope)
    following = days.event_date.lead().over(group_by="player_id", order_by="event_date")
    latest = shifted(days.event_date, length)
    days = days.mutate(leaves=ibis.least(following.coalesce(latest), latest))
    moves = stacked(
        days.select(*scope.dimensions, "event_date", change=1, active=1),
        days.select(*scope.dimensions, event_date=days.leaves, change=-1, active=0),
        _days_and_splits(days, scope),
    )
    keys = ["event_date", *scope.dimensions]
    rows = grouped(moves, keys, change=total(_.change), dau=total(_.active))
    running = ibis.cumulative_window(group_by=scope.dimensions, order_by="event_date")
    rows = rows.mutate(players=rows.change.sum().over(running))
    rows = rows.filter(scope.shown(rows.event_date))
    first_full = scope.observed[0] + timedelta(days=length - 1)
    known = rows.event_date >= ibis.date(first_full)
    return rows.mutate(
        players=known.ifelse(rows.players, ibis.null(rows.players.type())),
        complete=scope.complete(rows.event_date),
    )


def _days_and_splits(days: ibis.Table, scope: Scope) -> ibis.Table:
    rows = calendar(scope.first, scope.last)
    if scope.dimensions:
        rows = rows.cross_join(days.select(*scope.dimensions).distinct())
    return rows
