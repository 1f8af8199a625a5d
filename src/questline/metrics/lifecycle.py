"""Players who come, stay, come back and go: flows from interval to interval, and lapses."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import _

from questline.metrics.base import (
    active_days,
    arranged,
    attributed,
    every_split,
    grouped,
    numbers,
    profiles,
    ratio,
    shifted,
    stacked,
    total,
)
from questline.metrics.calendars import ENDS, STARTS, WHOLE, belongs
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables
from questline.metrics.use_options import INTERVAL, LAPSES

_EPOCH = date(1900, 1, 1)
_LENGTHS = {"day": 1, "week": 7, "4weeks": 28}
_FLOWS = ("active", "new", "current", "resurrected", "dormant", "quick_ratio")


@metric(
    title="Lifecycle",
    formula="active(t) = new(t) + current(t) + resurrected(t); "
    "active(t - 1) = current(t) + dormant(t)",
    grain="one row an interval",
    unit="players",
    value="active",
    inputs=("player_days", "players"),
    outputs=(
        STARTS,
        ENDS,
        Output("active", Kind.COUNT, "Distinct players active in the interval."),
        Output("new", Kind.COUNT, "Of these, acquired in it."),
        Output("current", Kind.COUNT, "Of these, active in the interval before, too."),
        Output("resurrected", Kind.COUNT, "Of these, acquired earlier and not active just before."),
        Output("dormant", Kind.COUNT, "Players active in the interval before and not in this one."),
        Output("quick_ratio", Kind.NUMBER, "(new + resurrected) / dormant."),
        WHOLE,
    ),
    maturity="Flows are NULL where the interval before was not observed as a whole; dormant and "
    "quick_ratio also where the interval itself was not. An interval of which a day was not "
    "observed is shown with complete = false.",
    options=(INTERVAL,),
    acquisition=True,
)
def lifecycle(tables: Tables, scope: Scope, *, interval: str = "week") -> ibis.Table:
    """Active players of an interval as new, current and resurrected, and those who stayed away.

    Intervals are days, weeks from Monday, or blocks of four such weeks. The period selects the
    intervals that it touches; each of them is counted whole. Acquisition is the date that
    metadata gives or the first active day, whichever is earlier: a player acquired before the log
    is never new, and one who registered in an earlier interval and plays for the first time in
    this one is resurrected. A quick ratio above 1 means that more players come than go.

    The first interval of the log has no interval before it, so nobody can tell its current,
    resurrected and dormant players; its new players only if metadata gives acquisition dates.

    References:
        Amplitude and PostHog draw the same four groups, dormant ones below zero; Amplitude calls
        the ratio pulse.
    """
    length = _LENGTHS[interval]
    facts = _flows(tables, scope, length)
    shown = _blocks(scope, length)
    keys = ["block", *scope.dimensions]
    rows = grouped(
        stacked(facts, every_split(shown, facts, scope)),
        keys,
        active=_.player_id.count(),
        new=total(_.new),
        current=total(_.current),
    )
    before = rows.active.lag().over(group_by=scope.dimensions, order_by="block")
    rows = rows.mutate(dormant=before - rows.current)
    rows = rows.filter(rows.block.between(_block(scope.first, length), _block(scope.last, length)))
    return arranged(
        _told(rows, scope, length), scope, *_FLOWS, first=("interval_start", "interval_end")
    )


def _block(day: date, length: int) -> int:
    return (day - _EPOCH).days // length


def _block_of(day: ibis.DateValue, length: int) -> ibis.IntegerValue:
    return (day.delta(ibis.date(_EPOCH), unit="day") // length).cast("int64")


def _flows(tables: Tables, scope: Scope, length: int) -> ibis.Table:
    """One row a player and interval in which he was active; `new` and `current` are 0 or 1."""
    days = active_days(tables)
    days = days.filter(belongs(days.event_date, scope))
    days = days.select("player_id", block=_block_of(days.event_date, length))
    days = days if length == 1 else days.distinct()
    people = profiles(tables, scope).select("player_id", "acquired_on", *scope.dimensions)
    facts = days.left_join(people, "player_id").select(days, "acquired_on", *scope.dimensions)
    before = facts.block.lag().over(group_by="player_id", order_by="block")
    facts = facts.mutate(before=before, acquired=_block_of(facts.acquired_on, length))
    is_new = facts.before.isnull() & (facts.acquired.coalesce(facts.block) >= facts.block)
    is_current = facts.before.coalesce(0) == facts.block - 1
    return facts.select(
        "player_id",
        "block",
        *scope.dimensions,
        new=is_new.cast("int64"),
        current=is_current.cast("int64"),
    )


def _blocks(scope: Scope, length: int) -> ibis.Table:
    """The intervals of the period and the one before."""
    first, last = _block(scope.first, length) - 1, _block(scope.last, length)
    count = last - first + 1 if scope.first <= scope.last else 0
    rows = ibis.range(0, count).unnest().name("n").as_table()
    return rows.select(block=rows.n.cast("int64") + first)


def _told(rows: ibis.Table, scope: Scope, length: int) -> ibis.Table:
    """`rows` with dates, ratio and flags; what was not observed is NULL."""
    first, last = scope.observed
    first_whole = _block(first + timedelta(days=length - 1), length)
    last_whole = _block(last + timedelta(days=1), length) - 1
    start = shifted(ibis.date(_EPOCH), rows.block * length)
    rows = rows.mutate(
        interval_start=start,
        complete=rows.block.between(first_whole, last_whole),
        told=(rows.block - 1).between(first_whole, last_whole),
    )
    unknown = ibis.null("int64")
    resurrected = rows.active - rows.new - rows.current
    new = rows.new if scope.facts.acquisition_known else rows.told.ifelse(rows.new, unknown)
    rows = rows.mutate(
        interval_end=shifted(rows.interval_start, length - 1),
        new=new,
        current=rows.told.ifelse(rows.current, unknown),
        resurrected=rows.told.ifelse(resurrected, unknown),
        dormant=(rows.told & rows.complete).ifelse(rows.dormant, unknown),
    )
    rows = rows.mutate(came=rows.new + rows.resurrected)
    return rows.mutate(quick_ratio=ratio(rows, "came", "dormant"))


@metric(
    title="Lapsed players",
    formula="players whose last active day is N days or more before the last day / players seen",
    grain="one row a number of days without activity",
    unit="share of players",
    value="lapsed_share",
    inputs=("player_days", "players"),
    outputs=(
        Output("days", Kind.COUNT, "N: days without activity that make a lapse."),
        Output("players", Kind.COUNT, "Players active on some observed day up to the last one."),
        Output("lapsed", Kind.COUNT, "Of these, not active for N days or more."),
        Output("lapsed_share", Kind.SHARE, "lapsed / players."),
        Output("won_back", Kind.COUNT, "Players who came back in the period from such a lapse."),
    ),
    maturity="NULL until N days have been observed after the first day of the log.",
    options=(LAPSES,),
)
def lapsed(tables: Tables, scope: Scope, *, days: tuple[int, ...] = (14, 30)) -> ibis.Table:
    """Players who have not been active for N days at the end of the period, and who came back.

    A snapshot at the end of the last observed day of the period: a player last active on day d is
    lapsed on day d + N. Players are those whom the log has seen; who stopped before it began is
    not among them. Won back are players active on an observed day of the period who were lapsed
    at the end of the day before.

    References:
        Fourteen and thirty days are customary; a lapse is a state and not a prediction.
    """
    first, last = scope.observed[0], min(scope.last, scope.observed[1])
    seen = active_days(tables).filter(_.event_date.between(ibis.date(first), ibis.date(last)))
    before = seen.event_date.lag().over(group_by="player_id", order_by="event_date")
    away = seen.event_date.delta(before, unit="day").cast("int64")
    seen = seen.mutate(away=scope.counted(seen.event_date).ifelse(away, ibis.null("int64")))
    people = grouped(seen, ["player_id"], latest=_.event_date.max(), away=_.away.max())
    people = attributed(people, tables, scope)
    idle = ibis.date(last).delta(people.latest, unit="day").cast("int64")
    people = people.select(*scope.dimensions, "away", idle=idle, one=1)
    asked = numbers(list(days), "days")
    facts = people.cross_join(asked)
    parts = [facts] if scope.dimensions else [facts, asked]
    rows = grouped(
        stacked(*parts),
        ["days", *scope.dimensions],
        players=_.one.count(),
        lapsed=total((_.idle >= _.days).cast("int64")),
        won_back=total((_.away > _.days).cast("int64")),
    )
    longest = (last - first).days if scope.first <= last else -1
    rows = rows.mutate(
        lapsed=(rows.days <= longest).ifelse(rows.lapsed, ibis.null("int64")),
        won_back=(rows.days < longest).ifelse(rows.won_back, ibis.null("int64")),
    )
    rows = rows.mutate(lapsed_share=ratio(rows, "lapsed", "players"))
    return arranged(rows, scope, "players", "lapsed", "lapsed_share", "won_back", first=("days",))
