"""Where attempts of a funnel begin, and which of them were observed to their end."""

from __future__ import annotations

import ibis

from questline.engines.instants import since_1970
from questline.metrics.funnel_plan import NONE, Plan
from questline.metrics.scope import Scope


def count_of(group: tuple[int, ...]) -> str:
    """Column with the number of events of a moment that are of any of these kinds."""
    return "n" + "_".join(map(str, group))


def last_closed(scope: Scope, plan: Plan) -> int:
    """The latest instant of a first step whose window was observed to its end."""
    end = scope.end_of_observation
    return NONE if end is None else since_1970(end - plan.window)


def with_first_entry(rows: list[ibis.Table], scope: Scope, plan: Plan) -> list[ibis.Table]:
    """Tables of rows, of the window that begins with the player's first entry, and its instant.

    Entries are in the first of the tables.
    """
    starts = rows[0].filter(begins(rows[0], plan), in_period(rows[0], scope))
    firsts = starts.group_by("player_id").aggregate(first_entry=starts.instant.min())
    joined = [part.inner_join(firsts, "player_id") for part in rows]
    since = [part.instant - part.first_entry for part in joined]
    return [
        part.filter((age >= 0) & (age <= plan.longest))
        for part, age in zip(joined, since, strict=True)
    ]


def may_begin(rows: ibis.Table, scope: Scope, plan: Plan) -> ibis.BooleanValue:
    """Whether an attempt may begin at a moment: in the period, and first where that is asked."""
    found = in_period(rows, scope)
    return found & (rows.instant == rows.first_entry) if plan.entry == "first" else found


def begins(rows: ibis.Table, plan: Plan) -> ibis.BooleanValue:
    """Whether a moment holds an event that may begin an attempt."""
    if "step" in rows.columns:
        return rows.step == 1
    if plan.order != "any":
        return rows[count_of((plan.kind(1),))] >= 1
    return ibis.or_(*[rows[count_of((n,))] >= 1 for n in range(len(plan.kinds))])


def in_period(rows: ibis.Table, scope: Scope) -> ibis.BooleanValue:
    """Whether a row's day is in the period and not before the log begins."""
    return scope.shown(rows.event_date) & (rows.event_date >= ibis.date(scope.observed[0]))
