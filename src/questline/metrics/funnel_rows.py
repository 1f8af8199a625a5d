"""The events that a funnel looks at."""

from __future__ import annotations

from datetime import date, timedelta

import ibis

from questline.engines.instants import from_1970, microseconds
from questline.metrics.funnel_plan import NONE, Plan, held
from questline.metrics.scope import Scope
from questline.metrics.selectors import property_of
from questline.metrics.tables import Tables

_DAY = timedelta(days=1)


def candidates(tables: Tables, scope: Scope, plan: Plan) -> ibis.Table:
    """The events that can matter: of the steps, of exclusions, and all of them where strict."""
    selectors = [*plan.kinds, *(one.selector for one in plan.without)]
    events = tables.events
    wanted = events.event_type.isin(sorted({s.event_type for s in selectors}))
    if plan.order == "strict":
        wanted = wanted | ~events.event_type.isin(scope.facts.inactive_event_types)
    return _chosen(events, scope, plan, wanted)


def of_step(tables: Tables, scope: Scope, plan: Plan, q: int, after: int = NONE) -> ibis.Table:
    """The events of one step; with `after` only those later than that instant."""
    events = tables.events
    wanted = plan.steps[q - 1].selector.of(events)
    if after != NONE:
        # The day lets engines pass over files; zones differ from UTC by less than two days.
        day = from_1970(after).date() - 2 * _DAY
        late = microseconds(events.event_ts) > after
        wanted = wanted & late & (events.event_date >= ibis.date(day))
    return _chosen(events, scope, plan, wanted)


def _chosen(events: ibis.Table, scope: Scope, plan: Plan, wanted: ibis.BooleanValue) -> ibis.Table:
    """Wanted events of the period and of windows that begin in it, with what is held constant."""
    last = min(scope.last, date.max - plan.window - _DAY) + plan.window + _DAY
    within = events.event_date.between(ibis.date(scope.first), ibis.date(last))
    events = events.filter(within, wanted, *[c.of(events) for c in scope.event_where])
    values = {
        column: property_of(events, n) for column, n in zip(held(plan), plan.hold, strict=True)
    }
    if not values:
        return events
    events = events.mutate(**values)
    return events.filter(*[events[column].notnull() for column in values])
