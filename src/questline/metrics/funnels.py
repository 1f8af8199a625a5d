"""How far players come through a sequence of events, in order and within a time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import ibis
from ibis import _

from questline.metrics.base import attributed, grouped, numbers, stacked
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.options import STEPS, WINDOW
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

NONE = -1
"""Stands for "no chain" where a chain's start, in microseconds since 1970, is kept."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)


@metric(
    title="Event funnel",
    formula="players who came to the step / players who came to the first step",
    grain="one row a step",
    unit="share of players",
    value="conversion",
    inputs=("events",),
    outputs=(
        Output("step", Kind.COUNT, "Ordinal of the step, from 1."),
        Output("event_type", Kind.TEXT, "Event type of the step."),
        Output("players", Kind.COUNT, "Players who came to this step."),
        Output("pending", Kind.COUNT, "Players who came here and whose time is not over yet."),
        Output("step_conversion", Kind.SHARE, "players / players of the step before."),
        Output("conversion", Kind.SHARE, "players / players of the first step."),
    ),
    maturity="An entry counts once its whole window lies before the end of complete_until.",
    options=(STEPS, WINDOW),
    example={"steps": "session_start,level_start,level_complete"},
)
def funnel(
    tables: Tables,
    scope: Scope,
    *,
    steps: tuple[str, ...],
    window: timedelta = timedelta(days=7),
) -> ibis.Table:
    """Players who did the steps in their order, the last within the window of the first.

    Other events between the steps are allowed. The window runs from the first step and includes
    its end. Every first step is an entry and a player counts with the deepest step of any entry.
    An event serves one step only, also where a step is repeated; events of the same instant may
    serve consecutive steps. The period selects entries, whose windows may run past it. An entry
    whose window is not over at the end of complete_until is left out of the ratio; players who
    have no other entry are `pending`.

    References:
        ClickHouse's windowFunnel in its default mode, with strict_once: there one event may
        otherwise serve several equal steps.
    """
    moments = _moments(tables, scope, steps, window)
    end = scope.end_of_observation
    last_closed = NONE if end is None else (end - window - _EPOCH) // _MICROSECOND
    is_closed = moments.instant <= last_closed
    closed = is_closed & scope.counted(moments.event_date)
    recent = moments.filter(~is_closed)
    depths = grouped(
        stacked(
            _depths(moments, closed, steps, window).rename(closed="depth"),
            _depths(recent, scope.shown(recent.event_date), steps, window).rename(open="depth"),
        ),
        ["player_id"],
        closed=_.closed.max().coalesce(0),
        open=_.open.max().coalesce(0),
    )
    return _rows(attributed(depths, tables, scope), scope, steps)


def _moments(tables: Tables, scope: Scope, steps: tuple[str, ...], window: timedelta) -> ibis.Table:
    """One row a player and instant with how many events of each step's type happened then."""
    kinds = list(dict.fromkeys(steps))
    last = min(scope.last, date.max - window - _DAY) + window + _DAY
    events = tables.events.filter(
        tables.events.event_type.isin(kinds),
        tables.events.event_date.between(ibis.date(scope.first), ibis.date(last)),
    )
    counts = {f"n{i}": _.count(where=_.event_type == kind) for i, kind in enumerate(kinds)}
    rows = events.group_by("player_id", "event_ts").aggregate(
        event_date=_.event_date.min(), **counts
    )
    return rows.mutate(instant=rows.event_ts.delta(ibis.literal(_EPOCH), unit="microsecond"))


def _depths(
    moments: ibis.Table, entry: ibis.BooleanValue, steps: tuple[str, ...], window: timedelta
) -> ibis.Table:
    """The deepest step of each player over all entries.

    For every moment and step, `start` is the latest entry from which a chain of events ends there
    with that step. A later start leaves more time, so no other needs to be kept. A chain may take
    steps p..q at one moment if that moment has enough events of each type.
    """
    longest = window // _MICROSECOND
    earlier = ibis.window(
        group_by="player_id", order_by="instant", preceding=(None, 1), following=None
    )
    rows = moments.mutate(before0=entry.ifelse(moments.instant, NONE))
    for q in range(1, len(steps) + 1):
        chains = [
            _enough(rows, steps, p, q).ifelse(rows[f"before{p - 1}"], NONE) for p in range(1, q + 1)
        ]
        best = ibis.greatest(*chains) if len(chains) > 1 else chains[0]
        rows = rows.mutate(best=best)
        alive = (rows.best > NONE) & (rows.instant - rows.best <= longest)
        rows = rows.mutate(**{f"start{q}": alive.ifelse(rows.best, NONE)})
        before = rows[f"start{q}"].max().over(earlier).coalesce(NONE)
        rows = rows.mutate(**{f"before{q}": before})
    reached = [
        (rows[f"start{q}"] > NONE).ifelse(q, 0).cast("int64") for q in range(1, len(steps) + 1)
    ]
    deepest = ibis.greatest(*reached) if len(reached) > 1 else reached[0]
    return (
        rows.select("player_id", depth=deepest).group_by("player_id").aggregate(depth=_.depth.max())
    )


def _enough(rows: ibis.Table, steps: tuple[str, ...], p: int, q: int) -> ibis.BooleanValue:
    kinds = list(dict.fromkeys(steps))
    needed = Counter(steps[p - 1 : q])
    return ibis.and_(*[rows[f"n{kinds.index(k)}"] >= n for k, n in needed.items()])


def _rows(depths: ibis.Table, scope: Scope, steps: tuple[str, ...]) -> ibis.Table:
    """From one row a player to one row a step."""
    ordinals = range(1, len(steps) + 1)
    sums = {f"c{i}": _.count(where=_.closed >= i) for i in ordinals}
    sums |= {f"o{i}": _.count(where=(_.closed == 0) & (_.open >= i)) for i in ordinals}
    wide = grouped(depths, scope.dimensions, **sums)
    long = wide.cross_join(numbers(list(ordinals), "step"))

    def at_step(prefix: str, offset: int = 0) -> ibis.IntegerValue:
        branches = [(long.step == i, long[f"{prefix}{max(i + offset, 1)}"]) for i in ordinals]
        return ibis.cases(*branches)

    keys = [*scope.dimensions, "step"]
    names = [(long.step == i, ibis.literal(kind)) for i, kind in enumerate(steps, start=1)]
    players = at_step("c")
    return long.select(
        *keys,
        event_type=ibis.cases(*names),
        players=players,
        pending=at_step("o"),
        step_conversion=players.cast("float64") / at_step("c", -1).nullif(0).cast("float64"),
        conversion=players.cast("float64") / long.c1.nullif(0).cast("float64"),
    ).order_by(keys)
