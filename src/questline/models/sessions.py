"""Sessions: runs of one player's active events."""

import ibis
from ibis import _
from ibis import literal as lit
from ibis.expr.types import Table
from ibis.expr.types.groupby import GroupedTable

from questline.engines.instants import elapsed
from questline.models.rules import Rules

_USED = (
    "player_id",
    "session_id",
    "event_id",
    "event_ts",
    "event_date",
    "event_type",
    "amount_usd",
    "app_version",
    "level",
    "mode",
    "attempt",
    "success",
    "time_spent",
)
"""What sessions and level attempts need of an event; the windows carry nothing else."""


def sessionised(events: Table, days: Table, rules: Rules) -> Table:
    """Active events, each with the session it belongs to.

    Grain: one active event. Adds `session_key` (the client's session, filled in where it is
    missing), `session_start` (the session's first event; with player and session_key it names the
    session) and `cut_next` (the session is cut after this event).

    A chain is a run of a player's events without a gap above the timeout (strictly). Inside a
    chain an event without session_id takes the nearest earlier id, else the nearest later one.
    Within a player and id a session starts after such a gap, or at the first event of a day that
    begins more than `max_session_days` after the run did.
    """
    return _marked(_fill_session(_active(events, rules), rules), days, rules)


def session_spans(events: Table, rules: Rules) -> Table:
    """What grouping alone tells of sessions, where every active event has a session_id.

    Grain: one player and session_id. Events that lie within one timeout hold neither a gap nor a
    cut: such an id is `whole`, one session, found without sorting. The others need
    `sessionised_with_ids`.
    """
    active = _active(events, rules).mutate(session_key=_.session_id, cut_next=lit(value=False))
    spans = _measured(active.group_by("player_id", "session_key"))
    length = elapsed(_.ended_at, _.started_at)
    return spans.mutate(whole=length <= rules.gap_microseconds)


def sessionised_with_ids(events: Table, session_spans: Table, days: Table, rules: Rules) -> Table:
    """What `sessionised` gives for the ids that are not `whole`."""
    rest = session_spans.filter(~_.whole).select("player_id", session_id=_.session_key)
    active = _active(events, rules).semi_join(rest, ["player_id", "session_id"])
    return _marked(active.mutate(session_key=_.session_id), days, rules)


def _active(events: Table, rules: Rules) -> Table:
    return events.filter(~_.event_type.isin(rules.inactive_event_types)).select(*_USED)


def _marked(filled: Table, days: Table, rules: Rules) -> Table:
    keys, order = ["player_id", "session_key"], ["event_ts", "event_id"]
    within = ibis.window(group_by=keys, order_by=order)
    running = ibis.cumulative_window(group_by=keys, order_by=order)
    gaps = filled.mutate(
        previous=_.event_ts.lag().over(within), previous_day=_.event_date.lag().over(within)
    ).mutate(new_run=_gap_before(_.previous, rules))
    runs = gaps.mutate(run_start=_latest(_.new_run, _.event_ts).over(running))
    dated = runs.join(days.select("event_date", "starts_at"), "event_date")
    begun = dated.mutate(
        cut=~_.new_run
        & (_.event_date != _.previous_day)
        & (elapsed(_.starts_at, _.run_start) > rules.max_session_microseconds)
    )
    return begun.mutate(
        session_start=_latest(_.new_run | _.cut, _.event_ts).over(running),
        cut_next=_.cut.lead().over(within).fill_null(lit(value=False)),
    ).select(*_USED, "session_key", "session_start", "cut_next")


def _gap_before(previous: ibis.Deferred, rules: Rules) -> ibis.Deferred:
    gap = elapsed(_.event_ts, previous)
    return previous.isnull() | (gap > rules.gap_microseconds)


def _latest(condition: ibis.Deferred, moment: ibis.Deferred) -> ibis.Deferred:
    """Over a running window: the last moment at which the condition held."""
    return ibis.ifelse(condition, moment, ibis.null("timestamp('UTC', 6)")).max()


def sessions(sessionised: Table) -> Table:
    """One row a session, from events that `sessionised` has marked.

    Length is the last event's time minus the first one's, never plus the timeout. closed_by is
    `cap` where the session was cut, `explicit` where it holds a session_end, else `timeout`.
    """
    return _closed(_measured(sessionised.group_by("player_id", "session_key", "session_start")))


def sessions_with_ids(session_spans: Table, sessionised: Table) -> Table:
    """What `sessions` gives, from whole spans and the events of the others."""
    return ibis.union(_closed(session_spans.filter(_.whole)), sessions(sessionised))


def _measured(grouped: GroupedTable) -> Table:
    won = (_.event_type == "level_complete") & _.success.fill_null(lit(value=True))
    paid = _.event_type.isin(["purchase", "ad_watched"])
    return grouped.aggregate(
        session_date=_.event_date.min(),
        started_at=_.event_ts.min(),
        ended_at=_.event_ts.max(),
        capped=_.cut_next.any(),
        explicit=(_.event_type == "session_end").any(),
        start_missing=~(_.event_type == "session_start").any(),
        events=_.count(),
        levels=won.cast("int64").sum(),
        revenue_usd=ibis.ifelse(paid, _.amount_usd, ibis.null("decimal(18, 6)"))
        .sum()
        .fill_null(lit(0, "decimal(18, 6)")),
    )


def _closed(measured: Table) -> Table:
    return measured.select(
        "player_id",
        "session_date",
        "started_at",
        "ended_at",
        "start_missing",
        "events",
        "levels",
        "revenue_usd",
        session_id=_.session_key,
        length_seconds=elapsed(_.ended_at, _.started_at).cast("float64") / 1e6,
        closed_by=ibis.cases((_.capped, "cap"), (_.explicit, "explicit"), else_="timeout"),
    )


def playtime(sessions: Table, days: Table) -> Table:
    """Seconds of session time per player and day; a session is split at each midnight.

    Whole microseconds are added up, since sums of fractions depend on their order.
    """
    first = sessions.select("player_id", "session_date", "started_at", "ended_at").join(
        days, [("session_date", "event_date")]
    )
    same = first.filter(_.ended_at <= _.ends_at).select(
        "player_id",
        event_date=_.session_date,
        length=elapsed(_.ended_at, _.started_at),
    )
    long = first.filter(_.ended_at > _.ends_at).select("player_id", "started_at", "ended_at")
    met = long.join(days, [long.started_at < days.ends_at, long.ended_at > days.starts_at])
    split = met.select(
        "player_id",
        "event_date",
        length=elapsed(ibis.least(_.ended_at, _.ends_at), ibis.greatest(_.started_at, _.starts_at)),
    )
    return (
        ibis.union(same, split)
        .group_by("player_id", "event_date")
        .aggregate(seconds=_.length.sum().cast("float64") / 1e6)
    )


def _fill_session(active: Table, rules: Rules) -> Table:
    order = ["event_ts", "event_id"]
    by_player = ibis.window(group_by="player_id", order_by=order)
    running = ibis.cumulative_window(group_by="player_id", order_by=order)
    in_chain = ibis.cumulative_window(group_by=["player_id", "chain"], order_by=order)
    counted = (
        active.mutate(before=_.event_ts.lag().over(by_player))
        .mutate(chain=_latest(_gap_before(_.before, rules), _.event_ts).over(running))
        .mutate(known=_.session_id.count().over(in_chain))
    )
    first = ibis.ifelse(_.known == 1, _.session_id, ibis.null("string"))
    return counted.select(
        *_USED,
        session_key=ibis.coalesce(
            _.session_id.max().over(ibis.window(group_by=["player_id", "chain", "known"])),
            first.max().over(ibis.window(group_by=["player_id", "chain"])),
        ),
    )
