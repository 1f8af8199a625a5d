"""Player days: what one player did on one day; additive facts only."""

import ibis
from ibis import _
from ibis import literal as lit
from ibis.expr.types import Table

from questline.models.rules import Rules
from questline.models.sessions import playtime

_MONEY = "decimal(18, 6)"
_COUNTS = (
    "events",
    "active_events",
    "sessions",
    "level_starts",
    "level_completes",
    "level_fails",
    "purchases",
    "ads",
    "achievements",
)
_AMOUNTS = ("gross_usd", "refunded_usd", "ad_revenue_usd")


def player_days(
    events: Table, sessions: Table, purchases: Table, days: Table, rules: Rules
) -> Table:
    """One row a player and day with any event, session time or purchase.

    Refunds are taken off the day of the purchase they pay back; a refund without a known purchase
    counts on its own day until the purchase arrives. gross_usd is NULL where purchases state no
    price.
    """
    parts = [
        _from_events(events, rules),
        _from_sessions(sessions),
        playtime(sessions, days).select("player_id", "event_date", playtime_seconds=_.seconds),
        _from_purchases(purchases),
    ]
    united = ibis.union(*[_padded(p) for p in parts])
    sums = {n: united[n].sum().cast("int64") for n in _COUNTS}
    money = {n: united[n].sum().cast(_MONEY) for n in _AMOUNTS}
    zero = lit(0, _MONEY)
    return (
        united.group_by("player_id", "event_date")
        .aggregate(**sums, **money, playtime_seconds=united.playtime_seconds.sum())
        .mutate(gross_usd=ibis.ifelse(_.purchases == 0, zero, _.gross_usd))
    )


def _from_events(events: Table, rules: Rules) -> Table:
    won = (_.event_type == "level_complete") & _.success.fill_null(lit(value=True))
    lost = (_.event_type == "level_fail") | (
        (_.event_type == "level_complete") & ~_.success.fill_null(lit(value=True))
    )
    ad = _.event_type == "ad_watched"
    return events.group_by("player_id", "event_date").aggregate(
        events=_.count(),
        active_events=(~_.event_type.isin(rules.inactive_event_types)).cast("int64").sum(),
        level_starts=(_.event_type == "level_start").cast("int64").sum(),
        level_completes=won.cast("int64").sum(),
        level_fails=lost.cast("int64").sum(),
        ads=ad.cast("int64").sum(),
        ad_revenue_usd=ibis.ifelse(ad, _.amount_usd, ibis.null(_MONEY))
        .sum()
        .fill_null(lit(0, _MONEY))
        .cast(_MONEY),
        achievements=(_.event_type == "achievement_unlocked").cast("int64").sum(),
    )


def _from_sessions(sessions: Table) -> Table:
    return sessions.group_by("player_id", event_date=_.session_date).aggregate(sessions=_.count())


def _from_purchases(purchases: Table) -> Table:
    return purchases.group_by("player_id", "event_date").aggregate(
        purchases=_.purchased_at.count(),
        gross_usd=_.gross_usd.sum().cast(_MONEY),
        refunded_usd=_.refunded_usd.sum().cast(_MONEY),
    )


def _padded(part: Table) -> Table:
    columns = {n: (part[n] if n in part.columns else lit(0)).cast("int64") for n in _COUNTS}
    none = {"gross_usd": ibis.null(_MONEY)}
    money = {
        n: part[n].cast(_MONEY) if n in part.columns else none.get(n, lit(0).cast(_MONEY))
        for n in _AMOUNTS
    }
    seconds = part["playtime_seconds"] if "playtime_seconds" in part.columns else lit(0.0)
    return part.select(
        "player_id", "event_date", **columns, **money, playtime_seconds=seconds.cast("float64")
    )
