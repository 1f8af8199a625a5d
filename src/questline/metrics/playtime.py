"""How long players play, a day."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import arranged, attributed, ratio, summed, total
from questline.metrics.catalogue import COMPLETE, DAY, WHOLE_DAYS, Kind, Output, metric
from questline.metrics.options import PER
from questline.metrics.scope import Per, Scope
from questline.metrics.tables import Tables


@metric(
    title="Playtime per daily active player",
    formula="sum of session seconds within the days / sum of daily active players",
    grain="one row for the period, or one a day",
    unit="seconds per player and day",
    value="playtime_per_dau",
    inputs=("player_days",),
    outputs=(
        DAY,
        Output("player_days", Kind.COUNT, "Daily active players, summed over the days."),
        Output("playtime_seconds", Kind.SECONDS, "Session time within the days."),
        Output("playtime_per_dau", Kind.SECONDS, "playtime_seconds / player_days."),
        Output("median_seconds", Kind.SECONDS, "Half of the active player-days have more."),
        Output("p90_seconds", Kind.SECONDS, "One active player-day in ten has more."),
        COMPLETE,
    ),
    maturity=WHOLE_DAYS,
    options=(PER,),
)
def playtime(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Session time of a day, divided by the players active on it.

    A session that runs past midnight is split there by its seconds, so that days sum to the total
    length of sessions; sessions on two devices at once both count. Time between two events of a
    session counts also on a day without an event of its own, but makes nobody active; median and
    90th percentile are of active player-days, quantiles interpolated. Time after the last event
    of a session is not known and not counted.
    """
    days = tables.player_days
    is_active = days.active_events > 0
    facts = days.select(
        "player_id",
        "event_date",
        "playtime_seconds",
        active=is_active.cast("int64"),
        daily=is_active.ifelse(days.playtime_seconds, ibis.null("float64")),
    )
    rows = summed(
        attributed(facts, tables, scope),
        scope,
        per,
        player_days=total(_.active),
        playtime_seconds=total(_.playtime_seconds),
        median_seconds=_.daily.quantile(0.5),
        p90_seconds=_.daily.quantile(0.9),
    )
    rows = rows.mutate(playtime_per_dau=ratio(rows, "playtime_seconds", "player_days"))
    quantiles = ("median_seconds", "p90_seconds")
    if per == "day":
        unknown = ibis.null("float64")
        rows = rows.mutate(**{c: rows.complete.ifelse(rows[c], unknown) for c in quantiles})
    return arranged(rows, scope, "player_days", "playtime_seconds", "playtime_per_dau", *quantiles)
