"""Who plays: daily, weekly and monthly active players, new and returning."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import (
    active_days,
    arranged,
    attributed,
    profiles,
    ratio,
    stacked,
    summed,
    total,
)
from questline.metrics.catalogue import (
    COMPLETE,
    DAY,
    SHOWN_DAYS,
    WHOLE_DAYS,
    Kind,
    Output,
    metric,
)
from questline.metrics.options import PER
from questline.metrics.scope import Per, Scope
from questline.metrics.tables import Tables
from questline.metrics.trailing import known_windows, trailing

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
    title="Install ratio",
    formula="sum of new players / sum of daily active players",
    grain="one row for the period, or one a day",
    unit="share of daily active players",
    inputs=("player_days", "players"),
    outputs=(
        DAY,
        Output("new_players", Kind.COUNT, "Active on their day of acquisition, summed over days."),
        Output("player_days", Kind.COUNT, "Daily active players, summed over the days."),
        Output("install_ratio", Kind.SHARE, "new_players / player_days."),
        COMPLETE,
    ),
    maturity=WHOLE_DAYS,
    options=(PER,),
    acquisition=True,
)
def install_ratio(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Share of the daily active players whose first day it is.

    A high ratio says that the daily players are bought or featured rather than kept. Over a
    period it is a ratio of sums, which is not the mean of the daily ratios.

    References:
        GameAnalytics uses the name for new users divided by daily active users.
    """
    facts = _acquainted_days(tables, scope).mutate(
        new=(_.acquired_on == _.event_date).coalesce(ibis.literal(value=False)).cast("int64")
    )
    rows = summed(facts, scope, per, new_players=total(_.new), player_days=_.player_id.count())
    rows = rows.mutate(install_ratio=ratio(rows, "new_players", "player_days"))
    return arranged(rows, scope, "new_players", "player_days", "install_ratio")


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
    """`dau` and the distinct `players` of the trailing window, a day."""
    days = attributed(active_days(tables), tables, scope)
    rows = trailing(days, scope, length)
    return known_windows(rows, scope, length)
