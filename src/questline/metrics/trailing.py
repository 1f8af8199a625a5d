"""Distinct players of windows that trail a day: the piece of `wau`, `mau` and stickiness."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis import _

from questline.metrics.base import calendar, every_split, grouped, shifted, stacked, total
from questline.metrics.scope import Scope


def trailing(
    days: ibis.Table,
    scope: Scope,
    length: int,
    *,
    subjects: ibis.Table | None = None,
    sums: tuple[str, ...] = (),
) -> ibis.Table:
    """`dau`, the distinct `players` of the trailing window and the `sums` of days, a day.

    `days` has one row a player and day, and a subject where `subjects` lists them in a column.

    An active day counts its player in from that day, and out `length` days later or on his next
    active day, whichever comes first. No player is in twice, so a running sum of ins and outs is
    the distinct count, at the cost of one pass whatever the length of the window.
    """
    names = [] if subjects is None else list(subjects.columns)
    keys = [*names, *scope.dimensions]
    following = days.event_date.lead().over(group_by=["player_id", *names], order_by="event_date")
    latest = shifted(days.event_date, length)
    days = days.mutate(leaves=ibis.least(following.coalesce(latest), latest))
    every_day = calendar(scope.first, scope.last)
    if subjects is not None:
        every_day = every_day.cross_join(subjects)
    moves = stacked(
        days.select(*keys, "event_date", *sums, change=1, active=1),
        days.select(*keys, event_date=days.leaves, change=-1, active=0),
        every_split(every_day, days, scope),
    )
    added = {name: total(_[name]) for name in sums}
    rows = grouped(
        moves, ["event_date", *keys], change=total(_.change), dau=total(_.active), **added
    )
    return rows.mutate(players=rows.change.sum().over(running(keys))).drop("change")


def running(keys: list[str]) -> ibis.expr.builders.WindowBuilder:
    """The window of all days up to the row's, for each of the keys."""
    return ibis.cumulative_window(group_by=keys, order_by="event_date")


def known_windows(rows: ibis.Table, scope: Scope, length: int) -> ibis.Table:
    """The days of the period; `players` are NULL where the window was not observed as a whole."""
    rows = rows.filter(scope.shown(rows.event_date))
    first_full = scope.observed[0] + timedelta(days=length - 1)
    known = rows.event_date >= ibis.date(first_full)
    return rows.mutate(
        players=known.ifelse(rows.players, ibis.null(rows.players.type())),
        complete=scope.complete(rows.event_date),
    )
