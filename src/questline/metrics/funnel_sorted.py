"""The common funnel: in order, and no event can be two steps.

Then the events of one instant can be put in the order of the steps and taken one by one, so that
an event is a row with its `step` and one `start`, and nothing has to be grouped.
"""

from __future__ import annotations

import ibis

from questline.engines.instants import microseconds
from questline.engines.rising import rising_max
from questline.metrics.funnel_plan import NONE, Plan, held
from questline.metrics.funnel_rows import candidates
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables


def sorted_moments(tables: Tables, scope: Scope, plan: Plan) -> ibis.Table:
    """One row an event of the funnel: `player_id`, `held0`..., `instant`, `event_date`, `step`."""
    events = candidates(tables, scope, plan)
    matches = [
        (step.selector.of(events), number) for number, step in enumerate(plan.steps, start=1)
    ]
    rows = events.select(
        "player_id",
        *held(plan),
        "event_date",
        instant=microseconds(events.event_ts),
        step=ibis.cases(*matches).cast("int64"),
    )
    return rows.filter(rows.step.notnull())


def sorted_chains(rows: ibis.Table, entry: ibis.BooleanValue, plan: Plan) -> ibis.Table:
    """One row a chain's last event: `step`, `start` and `end` of the chain, and whose it is."""
    earlier = ibis.window(
        group_by=["player_id", *held(plan)], order_by=["instant", "step"], preceding=(None, 1)
    )
    none, nothing = ibis.literal(NONE, type="int64"), ibis.null("int64")
    rows = rows.mutate(start=(entry & (rows.step == 1)).ifelse(rows.instant, none))
    for q in plan.ordinals[1:]:
        # A later event never has an earlier start, since each step takes the latest there is.
        begun = ((rows.step == plan.before(q)) & (rows.start > NONE)).ifelse(rows.start, nothing)
        rows = rows.mutate(before=rising_max(begun).over(earlier).coalesce(NONE))
        alive = (rows.before > NONE) & (rows.instant - rows.before <= plan.longest)
        rows = rows.mutate(start=((rows.step == q) & alive).ifelse(rows.before, rows.start))
    found = rows.filter(rows.start > NONE)
    columns = ["player_id", *held(plan), "step", "event_date", "start"]
    return found.select(*columns, end=found.instant)
