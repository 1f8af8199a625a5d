"""Level attempts: a start and what became of it."""

import ibis
from ibis import _
from ibis import literal as lit
from ibis.expr.types import Table

from questline.engines.instants import elapsed
from questline.models.rules import Rules

_USED = (
    "player_id",
    "event_date",
    "event_ts",
    "event_id",
    "event_type",
    "level",
    "mode",
    "attempt",
    "success",
    "time_spent",
    "app_version",
)
_START, _COMPLETE, _FAIL = range(3)
_RANKS = {"level_start": _START, "level_complete": _COMPLETE, "level_fail": _FAIL}


def level_attempts(events: Table, sessionised: Table, rules: Rules) -> Table:
    """One row an attempt, from all events and those that `sessionised` has marked.

    Level events of one player, level, mode and session are taken in order of time (at equal times
    start, complete, fail). A start directly followed by an outcome is one attempt, unless the
    client numbered them differently; a start followed by anything else is abandoned; an outcome
    without such a start directly before it is an attempt with start_missing. `level_complete` with
    success = false counts as a fail. Level events that are no activity belong to no session and
    pair within `max_session_days`. Number and version are those of the start, else of its outcome.
    """
    played = sessionised.filter(_level_event()).select(*_USED, "session_key", "session_start")
    return _paired(_with_inactive(played, events, rules), rules)


def level_attempts_with_ids(
    events: Table, session_spans: Table, sessionised: Table, rules: Rules
) -> Table:
    """What `level_attempts` gives where `sessionised` holds only the events of spans not whole."""
    rest = session_spans.filter(~_.whole).select("player_id", session_id=_.session_key)
    active = events.filter(_level_event() & ~_.event_type.isin(rules.inactive_event_types))
    whole = active.anti_join(rest, ["player_id", "session_id"]).select(
        *_USED,
        session_key=_.session_id,
        session_start=ibis.null(sessionised.schema()["session_start"]),
    )
    marked = sessionised.filter(_level_event()).select(*_USED, "session_key", "session_start")
    return _paired(_with_inactive(ibis.union(whole, marked), events, rules), rules)


def _with_inactive(played: Table, events: Table, rules: Rules) -> Table:
    if not set(_RANKS) & set(rules.inactive_event_types):
        return played
    rest = events.filter(_level_event() & _.event_type.isin(rules.inactive_event_types))
    nothing = {n: ibis.null(played.schema()[n]) for n in ("session_key", "session_start")}
    return ibis.union(played, rest.select(*_USED, **nothing))


def _paired(played: Table, rules: Rules) -> Table:
    ranked = played.mutate(rank=_.event_type.cases(*_RANKS.items()))
    order = ibis.window(
        group_by=["player_id", "level", "mode", "session_key", "session_start"],
        order_by=["event_ts", "rank", "event_id"],
    )
    # A struct is moved once, where a column each would be moved six times.
    shown = {"ts": _.event_ts, "rank": _.rank, "attempt": _.attempt}
    told = {"success": _.success, "seconds": _.time_spent, "version": _.app_version}
    shifted = ranked.mutate(
        next=ibis.struct(shown | told).lead().over(order),
        last=ibis.struct(shown).lag().over(order),
    ).mutate(
        is_start=_.rank == _START,
        next_ts=_.next["ts"],
        next_start=_.next["rank"] == _START,
        next_rank=_.next["rank"],
        next_success=_.next["success"],
        next_seconds=_.next["seconds"],
        next_attempt=_.next["attempt"],
        next_version=_.next["version"],
        last_start=(_.last["rank"] == _START).fill_null(lit(value=False)),
        last_ts=_.last["ts"],
        last_attempt=_.last["attempt"],
    )
    limit = rules.max_session_microseconds
    near_next = elapsed(_.next_ts, _.event_ts) <= limit
    near_last = elapsed(_.event_ts, _.last_ts) <= limit
    fits_next = (_.attempt == _.next_attempt).fill_null(lit(value=True))
    fits_last = (_.attempt == _.last_attempt).fill_null(lit(value=True))
    follows = (_.last_start & near_last & fits_last).fill_null(lit(value=False))
    marked = shifted.mutate(
        resolved=(_.is_start & ~_.next_start & near_next & fits_next).fill_null(lit(value=False)),
        orphan=~_.is_start & ~follows,
    ).filter(_.is_start | _.orphan)
    return marked.select(
        "player_id",
        "event_date",
        "level",
        "mode",
        started_at=_.event_ts,
        attempt=ibis.coalesce(
            _.attempt, ibis.ifelse(_.resolved, _.next_attempt, ibis.null("int32"))
        ),
        outcome=ibis.cases(
            (_.orphan, _outcome(_.rank, _.success)),
            (_.resolved, _outcome(_.next_rank, _.next_success)),
            else_="abandon",
        ),
        seconds=ibis.cases(
            (_.orphan, _.time_spent),
            (
                _.resolved,
                ibis.coalesce(
                    _.next_seconds,
                    elapsed(_.next_ts, _.event_ts).cast("float64") / 1e6,
                ),
            ),
        ),
        start_missing=_.orphan,
        app_version=ibis.coalesce(
            _.app_version, ibis.ifelse(_.resolved, _.next_version, ibis.null("string"))
        ),
    )


def _level_event() -> ibis.Deferred:
    return _.event_type.isin(list(_RANKS)) & _.level.notnull()


def _outcome(rank: ibis.Deferred, success: ibis.Deferred) -> ibis.Deferred:
    won = (rank == _COMPLETE) & success.fill_null(lit(value=True))
    return ibis.ifelse(won, "complete", "fail")
