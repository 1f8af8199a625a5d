"""From chains of events to one row a player, or an attempt, that went through a funnel."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import numbers, stacked
from questline.metrics.funnel_chains import chains, moments, sets
from questline.metrics.funnel_entries import (
    in_period,
    last_closed,
    may_begin,
    with_first_entry,
)
from questline.metrics.funnel_plan import Plan, held
from questline.metrics.funnel_sorted import sorted_chains, sorted_events
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables


def units(tables: Tables, scope: Scope, plan: Plan, *, pending: bool = True) -> ibis.Table:
    """One row a player, or an attempt where entries are counted.

    Columns: `player_id`; `took1`, `took2`...: microseconds from the first step to each, of
    attempts whose window was observed, NULL where the step was not reached; `open1`, `open2`...:
    the same for attempts whose window is not over, of players who have no other, unless `pending`
    is false; `touched`: the value of the property that splits, if one does.
    """
    plain = plan.sortable and scope.event_by is None
    rows = sorted_events(tables, scope, plan) if plain else [moments(tables, scope, plan)]
    if plan.entry == "first":
        rows = with_first_entry(rows, scope, plan)
    last = last_closed(scope, plan)
    if plan.count == "entries":
        return _attempts(rows, scope, plan, last)
    in_time = may_begin(rows[0], scope, plan) & (rows[0].instant <= last)
    closed = _went(rows, in_time, scope, plan)
    if not pending:
        return closed
    if plain and plan.entry != "first":
        # Read apart: few days have late events, and what is read for both would have to be kept.
        late = sorted_events(tables, scope, plan, after=last)
    else:
        late = [part.filter(part.instant > last) for part in rows]
    # Who has an attempt in time is never pending, so his later ones need no sorting.
    late = [part.anti_join(closed, "player_id") for part in late]
    unfinished = _went(late, may_begin(late[0], scope, plan), scope, plan)
    unfinished = unfinished.rename({f"open{q}": f"took{q}" for q in plan.ordinals})
    both = stacked(closed, unfinished)
    taken = [f"{name}{q}" for name in ("took", "open") for q in plan.ordinals]
    touched = {}
    if scope.event_by is not None:
        finished = both.touched.max(where=both.took1.notnull())
        ahead = both.touched.max(where=both.took1.isnull())
        touched = {"touched": both.took1.notnull().any().ifelse(finished, ahead)}
    people = both.group_by("player_id").aggregate(**{c: both[c].min() for c in taken}, **touched)
    ahead_only = people.took1.isnull()
    nothing = ibis.null("int64")
    return people.mutate(
        **{f"open{q}": ahead_only.ifelse(people[f"open{q}"], nothing) for q in plan.ordinals}
    )


def _went(rows: list[ibis.Table], entry: ibis.BooleanValue, scope: Scope, plan: Plan) -> ibis.Table:
    """One row a player with `took1`..., and `touched` where a property splits."""
    if "step" in rows[0].columns or scope.event_by is not None:
        return _grouped(_reached(rows, entry, plan), rows, scope, plan, ["player_id"])
    taken = {f"took{q}": _[f"took{q}"].min() for q in plan.ordinals}
    people = _ends(rows[0], entry, plan).group_by("player_id").aggregate(**taken)
    return people.filter(people.took1.notnull())


def _ends(rows: ibis.Table, entry: ibis.BooleanValue, plan: Plan) -> ibis.Table:
    return sets(rows, entry, plan) if plan.order == "any" else chains(rows, entry, plan)


def _attempts(rows: list[ibis.Table], scope: Scope, plan: Plan, last: int) -> ibis.Table:
    """One row an attempt of the period; those after it take the events that are theirs, too."""
    first = rows[0]
    entry = may_begin(first, scope, plan) if plan.entry == "first" else first.instant.notnull()
    reached = _reached(rows, entry, plan)
    found = _grouped(reached, rows, scope, plan, ["player_id", *held(plan), "start"])
    found = found.filter(in_period(found, scope))
    over, nothing = found.start <= last, ibis.null("int64")
    split = {f"open{q}": over.ifelse(nothing, found[f"took{q}"]) for q in plan.ordinals}
    split |= {f"took{q}": over.ifelse(found[f"took{q}"], nothing) for q in plan.ordinals}
    touched = ["touched"] if scope.event_by is not None else []
    return found.select("player_id", *touched, **split)


def _grouped(
    reached: ibis.Table, rows: list[ibis.Table], scope: Scope, plan: Plan, unit: list[str]
) -> ibis.Table:
    """One row a `unit` with `took1`..., the first day it began, and `touched` if that splits."""
    taken = {f"took{q}": (_.end - _.start).min(where=_.step == q) for q in plan.ordinals}
    found = reached.group_by(unit).aggregate(
        **taken, event_date=_.event_date.min(where=_.step == 1)
    )
    if scope.event_by is None:
        return found
    touched = _touched(reached, rows[0], plan, unit)
    return found.left_join(touched, unit).select(*unit, *taken, "event_date", "touched")


def _reached(rows: list[ibis.Table], entry: ibis.BooleanValue, plan: Plan) -> ibis.Table:
    """One row a chain's end and step: `start` and `end` of it, and the values there."""
    if "step" in rows[0].columns:
        return sorted_chains(rows, entry, plan)
    ends = _ends(rows[0], entry, plan)
    some = ibis.or_(*[ends[f"took{q}"].notnull() for q in plan.ordinals])
    each = ends.filter(some).cross_join(numbers(list(plan.ordinals), "step"))

    def at_step(name: str) -> ibis.IntegerValue:
        return ibis.cases(*[(each.step == q, each[f"{name}{q}"]) for q in plan.ordinals])

    values = [c for c in ends.columns if c.startswith("v") and c[1:].isdigit()]
    found = each.select(
        "player_id",
        *held(plan),
        "step",
        *values,
        "instant",
        "event_date",
        start=at_step("start"),
        took=at_step("took"),
    )
    found = found.filter(found.took.notnull())
    return found.mutate(end=found.start + found.took).drop("took")


def _touched(reached: ibis.Table, rows: ibis.Table, plan: Plan, unit: list[str]) -> ibis.Table:
    """The value of the property for each unit: of the quickest way to its deepest step."""
    order = [ibis.desc("step"), reached.end - reached.start, "start", *held(plan)]
    place = ibis.row_number().over(ibis.window(group_by=unit, order_by=order))
    chosen = reached.mutate(place=place).filter(_.place == 0)
    keys = ["player_id", *held(plan)]
    touch = chosen.start if plan.attribution == "first_touch" else chosen.end
    wanted = chosen.select(*unit, *[k for k in keys if k not in unit], "step", touch=touch)
    values = rows.select(
        *keys, touch=rows.instant, **{f"v{n}": rows[f"v{n}"] for n in range(len(plan.kinds))}
    )
    joined = wanted.inner_join(values, [*keys, "touch"])
    if plan.order == "any":
        found = ibis.coalesce(*[joined[f"v{n}"] for n in range(len(plan.kinds))])
    elif plan.attribution == "first_touch":
        found = joined[f"v{plan.kind(1)}"]
    else:
        found = ibis.cases(*[(joined.step == q, joined[f"v{plan.kind(q)}"]) for q in plan.ordinals])
    return joined.select(*unit, touched=found)
