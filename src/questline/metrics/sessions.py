"""How players play: sessions, their length and what happens in them."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import arranged, attributed, ratio, summed, total
from questline.metrics.catalogue import COMPLETE, DAY, WHOLE_DAYS, Kind, Output, metric
from questline.metrics.options import PER
from questline.metrics.scope import Per, Scope
from questline.metrics.tables import Tables

SESSIONS = Output("sessions", Kind.COUNT, "Sessions that started.")


@metric(
    title="Sessions per daily active player",
    formula="sum of sessions started / sum of daily active players",
    grain="one row for the period, or one a day",
    unit="sessions per player and day",
    inputs=("player_days",),
    outputs=(
        DAY,
        SESSIONS,
        Output("player_days", Kind.COUNT, "Daily active players, summed over the days."),
        Output("sessions_per_dau", Kind.NUMBER, "sessions / player_days."),
        COMPLETE,
    ),
    maturity=WHOLE_DAYS,
    options=(PER,),
)
def sessions_per_dau(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Sessions that started on the days, divided by the daily active players of these days.

    A session counts once, on the day it started, so that days sum to the total; a player who is
    active only because a session ran past midnight has no start on that day. Over a period it is
    a ratio of sums, which is not the mean of the daily ratios.

    References:
        Google Analytics 4 counts a session that crosses midnight on both days.
    """
    facts = attributed(
        tables.player_days.select(
            "player_id", "event_date", "sessions", active=(_.active_events > 0).cast("int64")
        ),
        tables,
        scope,
    )
    rows = summed(facts, scope, per, sessions=total(_.sessions), player_days=total(_.active))
    rows = rows.mutate(sessions_per_dau=ratio(rows, "sessions", "player_days"))
    return arranged(rows, scope, "sessions", "player_days", "sessions_per_dau")


@metric(
    title="Events per session",
    formula="sum of active events in sessions / sessions",
    grain="one row for the period, or one a day",
    unit="events per session",
    inputs=("sessions",),
    outputs=(
        DAY,
        SESSIONS,
        Output("events", Kind.COUNT, "Active events in these sessions."),
        Output("events_per_session", Kind.NUMBER, "events / sessions."),
        COMPLETE,
    ),
    maturity=WHOLE_DAYS,
    options=(PER,),
)
def events_per_session(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Active events in sessions, divided by the number of sessions.

    A session and all its events belong to the day on which it started.
    """
    facts = _sessions(tables, scope)
    rows = summed(facts, scope, per, sessions=_.player_id.count(), events=total(_.events))
    rows = rows.mutate(events_per_session=ratio(rows, "events", "sessions"))
    return arranged(rows, scope, "sessions", "events", "events_per_session")


@metric(
    title="Session length",
    formula="median, 90th percentile and mean of (end - start)",
    grain="one row for the period, or one a day",
    unit="seconds",
    value="median_seconds",
    inputs=("sessions",),
    outputs=(
        DAY,
        SESSIONS,
        Output("median_seconds", Kind.SECONDS, "Half of the sessions are longer."),
        Output("p90_seconds", Kind.SECONDS, "One session in ten is longer."),
        Output("mean_seconds", Kind.SECONDS, "Sum of lengths / sessions."),
        Output("zero_length_share", Kind.SHARE, "Sessions of one moment / sessions."),
        COMPLETE,
    ),
    maturity="Only sessions that started from complete_from to complete_until are counted.",
    options=(PER,),
)
def session_length(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Time from the first to the last event of a session: median, 90th percentile and mean.

    The end is the `session_end` event where there is one, else the last event; the timeout is
    never added, so a session without an end is a lower bound. Sessions with a single event have
    length 0 and are counted; `zero_length_share` says how many they are. Quantiles are
    interpolated. Lengths have a long tail: read the median first.

    References:
        The benchmarks of GameAnalytics call the mean session length.
    """
    rows = summed(
        _sessions(tables, scope),
        scope,
        per,
        sessions=_.player_id.count(),
        median_seconds=_.length_seconds.quantile(0.5),
        p90_seconds=_.length_seconds.quantile(0.9),
        mean_seconds=_.length_seconds.mean(),
        zero=total((_.length_seconds == 0).cast("int64")),
    )
    rows = rows.mutate(zero_length_share=ratio(rows, "zero", "sessions"))
    lengths = ("median_seconds", "p90_seconds", "mean_seconds")
    if per == "day":
        unknown = ibis.null("float64")
        rows = rows.mutate(**{c: rows.complete.ifelse(rows[c], unknown) for c in lengths})
    return arranged(rows, scope, "sessions", *lengths, "zero_length_share")


def _sessions(tables: Tables, scope: Scope) -> ibis.Table:
    sessions = tables.sessions.select(
        "player_id", "events", "length_seconds", event_date=_.session_date
    )
    return attributed(sessions, tables, scope)
