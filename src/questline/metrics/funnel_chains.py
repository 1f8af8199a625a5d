"""Chains of events that go through a funnel in order.

Events of one instant are one row, a *moment*. For every moment and step, `start` is the latest
first step from which a chain ends there with that step: a later start leaves more of the window,
so no other needs to be kept, and one pass of window functions a step finds them all.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import ibis
from ibis import _

from questline.engines.instants import microseconds
from questline.errors import UsageError
from questline.metrics.funnel_entries import begins, count_of
from questline.metrics.funnel_plan import NONE, Plan, disjoint, held
from questline.metrics.funnel_rows import candidates
from questline.metrics.scope import Scope
from questline.metrics.selectors import Selector, property_of
from questline.metrics.tables import Tables

MOST_ALIKE = 5
_NEVER = 2**62


def moments(tables: Tables, scope: Scope, plan: Plan) -> ibis.Table:
    """One row a numbered player, held values and instant, and how many events of each kind came.

    Columns: `player_id`, `held0`..., `instant` in microseconds since 1970, `event_date`,
    `n0`... for each kind of step, `n0_1`... for kinds that one event could be both of, `x2`...
    for events that may not come before a step, and `v0`... with the value of the property that
    splits, if one does.
    """
    events = candidates(tables, scope, plan)
    kinds = plan.kinds
    events = events.mutate(
        instant=microseconds(events.event_ts),
        **{f"is{n}": kind.of(events) for n, kind in enumerate(kinds)},
    )
    if scope.event_by is not None:
        events = events.mutate(value=property_of(events, scope.event_by))
    keys = ["player_id", *held(plan), "instant", "event_date"]
    apart = {q: _disturbs(events, plan, q) for q in plan.ordinals[1:]}
    apart = {q: found for q, found in apart.items() if found is not None}
    events = events.mutate(**{f"no{q}": found for q, found in apart.items()})
    counts = {
        count_of(group): _.count(where=ibis.or_(*[_[f"is{n}"] for n in group]))
        for group in [*((n,) for n in range(len(kinds))), *_alike(plan)]
    }
    counts |= {f"x{q}": _.count(where=_[f"no{q}"]) for q in apart}
    if scope.event_by is not None:
        counts |= {f"v{n}": _.value.min(where=_[f"is{n}"]) for n in range(len(kinds))}
    needed = [c for c in events.columns if c in keys or c not in tables.events.columns]
    return tables.numbered(events.select(needed)).group_by(keys).aggregate(**counts)


def chains(rows: ibis.Table, entry: ibis.BooleanValue, plan: Plan) -> ibis.Table:
    """`rows` with `start1`, `start2`...: NONE where no chain ends at the moment with that step.

    `took1`... are the microseconds since then, NULL where there is none.
    """
    keys = ["player_id", *held(plan)]
    running = ibis.window(group_by=keys, order_by="instant", preceding=None, following=0)
    blocks = {
        f"block{q}": rows[f"x{q}"].sum().over(running)
        for q in plan.ordinals
        if f"x{q}" in rows.columns
    }
    rows = rows.mutate(**blocks, before1=entry.ifelse(rows.instant, NONE))
    for q in plan.ordinals:
        if q > 1:
            rows = _reachable(rows, plan, q, keys)
        rows = rows.mutate(best=_best(rows, plan, q))
        alive = (rows.best > NONE) & (rows.instant - rows.best <= plan.longest)
        rows = rows.mutate(**{f"start{q}": alive.ifelse(rows.best, NONE)})
    return rows.mutate(
        **{
            f"took{q}": (rows[f"start{q}"] > NONE).ifelse(
                rows.instant - rows[f"start{q}"], ibis.null("int64")
            )
            for q in plan.ordinals
        }
    )


def sets(rows: ibis.Table, entry: ibis.BooleanValue, plan: Plan) -> ibis.Table:
    """`rows` that begin an attempt in any order, with `start1`..., `took1`... as of `chains`.

    The k-th step is done when the k-th of the different events has happened.
    """
    ahead = ibis.window(
        group_by=["player_id", *held(plan)], order_by="instant", range=(0, plan.longest)
    )
    kinds = range(len(plan.kinds))
    happened = {n: (rows[count_of((n,))] >= 1).ifelse(rows.instant, _NEVER) for n in kinds}
    rows = rows.mutate(entry=entry, **{f"next{n}": happened[n].min().over(ahead) for n in kinds})
    rows = rows.filter(rows.entry & begins(rows, plan))
    order = ibis.array([rows[f"next{n}"] for n in kinds]).sort()
    done = {q: order[q - 1] for q in plan.ordinals}
    never = ibis.null("int64")
    took = {f"took{q}": (done[q] < _NEVER).ifelse(done[q] - rows.instant, never) for q in done}
    starts = {f"start{q}": (done[q] < _NEVER).ifelse(rows.instant, NONE) for q in done}
    return rows.mutate(**took, **starts)


def _reachable(rows: ibis.Table, plan: Plan, q: int, keys: list[str]) -> ibis.Table:
    """`rows` with the latest start of a chain that a step could continue, `before{q}`."""
    start = rows[f"start{plan.before(q)}"]
    block = f"block{q}"
    most, least = plan.most(q), plan.least(q)
    if block in rows.columns and not plan.without:
        # What happens at this very moment does not come between: look back from the row before.
        within = ibis.window(
            group_by=[*keys, block], order_by="instant", preceding=None, following=0
        )
        rows = rows.mutate(latest=start.max().over(within))
        earlier = ibis.window(group_by=keys, order_by="instant")
        found = rows.latest.lag().over(earlier)
    else:
        group = [*keys, block] if block in rows.columns else keys
        if most is None and not least:
            frame = ibis.window(group_by=group, order_by="instant", preceding=(None, 1))
        else:
            nearest = max(least, 1)
            if most is not None and most < nearest:
                return rows.mutate(**{f"before{q}": ibis.literal(NONE, type="int64")})
            reach = (None if most is None else -most, -nearest)
            frame = ibis.window(group_by=group, order_by="instant", range=reach)
        found = start.max().over(frame)
    return rows.mutate(**{f"before{q}": found.coalesce(NONE)})


def _best(rows: ibis.Table, plan: Plan, q: int) -> ibis.IntegerValue:
    """The latest start of a chain that ends here with step q, taking one or more steps here."""
    path = plan.path(q)
    here = rows[count_of((plan.kind(q),))] >= 1
    before = rows[f"before{q}"]
    if q == 1 or plan.strict_increase or plan.least(q):
        return here.ifelse(before, NONE)
    selector = plan.steps[q - 1].selector
    others = [plan.steps[p - 1].selector for p in path[:-1]]
    if plan.reuse or all(disjoint(selector, other) for other in others):
        return here.ifelse(ibis.greatest(before, rows[f"start{path[-2]}"]), NONE)
    found = [here.ifelse(before, NONE)]
    for length in range(2, len(path) + 1):
        taken = path[-length:]
        found.append(_enough(rows, plan, taken).ifelse(rows[f"before{taken[0]}"], NONE))
        if plan.least(taken[0]):
            break
    return ibis.greatest(*found)


def _enough(rows: ibis.Table, plan: Plan, taken: list[int]) -> ibis.BooleanValue:
    """Whether the moment has a different event for each of the steps taken at it.

    For every set of kinds there must be as many events of these as steps (P. Hall, 1935).
    """
    needed = Counter(plan.kind(q) for q in taken)
    groups = [*((n,) for n in needed), *(g for g in _alike(plan) if set(g) <= set(needed))]
    return ibis.and_(*[rows[count_of(g)] >= sum(needed[n] for n in g) for g in groups])


def _alike(plan: Plan) -> list[tuple[int, ...]]:
    """Sets of two and more kinds of which some event could be each.

    Raises:
        UsageError: there are too many to tell which event serves which step.
    """
    if plan.reuse or plan.strict_increase or plan.order == "any":
        return []
    families: list[list[int]] = []
    for n, kind in enumerate(plan.kinds):
        joined = [f for f in families if any(not disjoint(kind, plan.kinds[m]) for m in f)]
        families = [f for f in families if f not in joined]
        families.append([*(m for f in joined for m in f), n])
    if any(len(family) > MOST_ALIKE for family in families):
        raise UsageError(
            f"More than {MOST_ALIKE} steps may be the same event. Tell them apart by conditions on "
            "one property, or give --reuse or --strict-increase."
        )
    return [
        tuple(sorted(group))
        for family in families
        for size in range(2, len(family) + 1)
        for group in combinations(family, size)
    ]


def _disturbs(events: ibis.Table, plan: Plan, q: int) -> ibis.BooleanValue | None:
    """Whether an event breaks the way to step q; None if nothing does."""
    p = plan.before(q)
    if plan.order == "strict":
        done = range(2, 2 if plan.strict_deduplication else q)
        first = [1] if p == 1 or plan.reentry else []
        tolerated = {plan.kind(step) for step in [*first, *done]}
        return ~_any_kind(events, tolerated) if tolerated else ibis.literal(value=True)
    if plan.strict_deduplication:
        return _any_kind(events, {plan.kind(step) for step in plan.path(q)[1:]})
    found = [one.selector for one in plan.without if one.covers(p, q)]
    return _matching(events, found) if found else None


def _any_kind(events: ibis.Table, kinds: set[int]) -> ibis.BooleanValue:
    return ibis.or_(*[events[f"is{n}"] for n in sorted(kinds)])


def _matching(events: ibis.Table, selectors: list[Selector]) -> ibis.BooleanValue:
    return ibis.or_(*[selector.of(events) for selector in selectors])
