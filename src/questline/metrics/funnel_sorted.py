"""The common funnel: in order, and no event can be two steps.

Then the events of one instant can be put in the order of the steps and taken one by one. Events
are rows, a table for each step, and nothing has to be grouped.
"""

from __future__ import annotations

import ibis

from questline.engines.instants import microseconds
from questline.metrics.base import stacked
from questline.metrics.funnel_plan import NONE, Plan, held
from questline.metrics.funnel_rows import of_step
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables


def sorted_events(tables: Tables, scope: Scope, plan: Plan, after: int = NONE) -> list[ibis.Table]:
    """The events of each step: `player_id`, `held0`..., `instant`, `event_date`, `step`.

    Players are numbered. A table each, so that an engine reads for a step what the step needs, and
    keeps none of it. With `after` only events later than that instant.
    """
    found = []
    for q in plan.ordinals:
        events = of_step(tables, scope, plan, q, after)
        columns = ["player_id", *held(plan), "event_date"]
        step = ibis.literal(q, type="int8")
        rows = events.select(*columns, instant=microseconds(events.event_ts), step=step)
        found.append(tables.numbered(rows))
    return found


def sorted_chains(steps: list[ibis.Table], entry: ibis.BooleanValue, plan: Plan) -> ibis.Table:
    """One row a step and start: the earliest event at which a chain ends, its `start` and `end`.

    A step needs the events of its own and the chains that came to the step before. Of these the
    latest has the latest start, and of the events that follow it the first is the earliest: it
    stands directly behind. So a chain goes on with one row, and few rows are sorted again.
    """
    whose = ["player_id", *held(plan)]
    order = ibis.window(group_by=whose, order_by=["instant", "step"])
    columns = [*whose, "step", "event_date", "instant"]
    begun = steps[0].filter(entry)
    ends = {1: begun.select(*columns, start=begun.instant)}
    for q in plan.ordinals[1:]:
        both = stacked(ends[plan.before(q)], steps[q - 1].select(*columns))
        both = both.mutate(start=both.start.lag().over(order))
        alive = both.instant - both.start <= plan.longest
        ends[q] = both.filter(both.step == q, both.start.notnull(), alive).select(*columns, "start")
    return stacked(*[found.rename(end="instant") for found in ends.values()])
