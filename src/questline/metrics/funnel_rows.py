"""The events that a funnel looks at."""

from __future__ import annotations

from datetime import date, timedelta

import ibis

from questline.metrics.funnel_plan import Plan, held
from questline.metrics.scope import Scope
from questline.metrics.selectors import property_of
from questline.metrics.tables import Tables

_DAY = timedelta(days=1)


def candidates(tables: Tables, scope: Scope, plan: Plan) -> ibis.Table:
    """The events that can matter: of the steps, of exclusions, and all of them where strict."""
    last = min(scope.last, date.max - plan.window - _DAY) + plan.window + _DAY
    events = tables.events.filter(
        tables.events.event_date.between(ibis.date(scope.first), ibis.date(last))
    )
    selectors = [*plan.kinds, *(one.selector for one in plan.without)]
    wanted = events.event_type.isin(sorted({s.event_type for s in selectors}))
    if plan.order == "strict":
        wanted = wanted | ~events.event_type.isin(scope.facts.inactive_event_types)
    events = events.filter(wanted, *[c.of(events) for c in scope.event_where])
    values = {
        column: property_of(events, n) for column, n in zip(held(plan), plan.hold, strict=True)
    }
    if not values:
        return events
    events = events.mutate(**values)
    return events.filter(*[events[column].notnull() for column in values])
