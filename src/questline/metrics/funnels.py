"""How far players come through a sequence of events, and how long it takes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ibis
from ibis import _

from questline.metrics.base import apart, attributed, grouped, numbers
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.funnel_options import OPTIONS
from questline.metrics.funnel_plan import DEFAULTS, Plan, expand, plan_of
from questline.metrics.funnel_units import units
from questline.metrics.intervals import wilson
from questline.metrics.options import Option, durations
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

EDGES = Option("edges", "Upper ends of the bins, such as 1m,10m,1h,1d.", durations("edges"))
DEFAULT_EDGES = tuple(
    timedelta(minutes=m) for m in (1, 5, 15, 60, 6 * 60, 24 * 60, 3 * 24 * 60, 7 * 24 * 60)
)
MATURITY = "An attempt counts once its whole window lies before the end of complete_until."
SECOND = 1_000_000.0
MEASURES = (
    "pending",
    "step_conversion",
    "conversion",
    "low",
    "high",
    "median_seconds",
    "p90_seconds",
)
P90 = 0.9


@metric(
    title="Event funnel",
    formula="players who came to the step / players who came to the first step",
    grain="one row a step",
    unit="share of players",
    value="conversion",
    inputs=("events",),
    outputs=(
        Output("step", Kind.COUNT, "Ordinal of the step, from 1."),
        Output("event", Kind.TEXT, "Event of the step; of `order` = any how many steps were done."),
        Output("players", Kind.COUNT, "Players who came to this step."),
        Output("entries", Kind.COUNT, "With `count` = entries, attempts that came to this step."),
        Output("pending", Kind.COUNT, "Those who came here and whose window is not over yet."),
        Output("step_conversion", Kind.SHARE, "Count / count of the required step before."),
        Output("conversion", Kind.SHARE, "Count / count of the first step."),
        Output("low", Kind.SHARE, "Lower end of the 95 % Wilson interval of conversion."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
        Output("median_seconds", Kind.SECONDS, "Median time from the first step to this one."),
        Output("p90_seconds", Kind.SECONDS, "90th percentile of that time."),
    ),
    maturity=MATURITY,
    options=OPTIONS,
    defaults=DEFAULTS,
    expand=expand,
    example={"steps": "session_start,level_start,level_complete"},
    event_properties=True,
)
def funnel(tables: Tables, scope: Scope, **options: Any) -> ibis.Table:  # noqa: ANN401
    """Players who did the steps in their order, the last within the window of the first.

    Other events between the steps are allowed; `strict` forbids active events between the instants
    of two steps, but for repeats of steps before (of the first one only until the second, unless
    `reentry`); `any` drops the order: there a player counts at step k once he did k of the events,
    in the window of the first. The window runs from the first step and includes its end. Every
    first step begins an attempt, and a player counts with the deepest step of any of his attempts,
    unless `entry` = first leaves only the player's first one in the period. An event serves one
    step only, also where a step is repeated; events of the same instant may serve consecutive
    steps. An optional step counts players who did it after the required step before; who left it
    out goes on all the same. An event that `without` forbids counts as before a step of the same
    instant. `strict_deduplication` ends an attempt where a required step after the first happens
    again at a later instant; a repeated first step begins another attempt. With `hold` only events
    that have the properties take part, and an attempt stays within one value of each.

    Where entries are counted, first steps of one instant begin one attempt, and at each instant a
    step is that of the latest attempt that can come to it there, also of one that begins after the
    period or whose window is not over, so that later data does not change what is told.

    With --by event.NAME a player counts under the value of the attempt that came deepest, of such
    the quickest, then the earliest. Where one instant has several values it is the smallest of
    the step; in any order of the step that is named first.

    The period selects attempts by their first step; their windows may run past it. An attempt
    whose window is not over at the end of complete_until is left out of the ratio; players who
    have no other are `pending`. Times are of the quickest way of each player to the step, so they
    are short for players with many attempts.

    References:
        ClickHouse's windowFunnel is `reuse` by default; its strict_order is `strict` with `entry`
        = first, allow_reentry is `reentry`, strict_deduplication and strict_increase are called
        the same, strict_once is what happens here without `reuse`. PostHog's and Amplitude's
        orders are the three of `order`; Mixpanel's unique counting is `entry` = first, its
        re-entry `any`, and its constant properties are `hold`.
    """
    plan = plan_of(options)
    found = attributed(tables.part(units(tables, scope, plan)), tables, scope)
    return _rows(found, scope, plan)


def _rows(found: ibis.Table, scope: Scope, plan: Plan) -> ibis.Table:
    """From one row a player or attempt to one row a step."""
    keys = list(scope.dimensions)
    if scope.event_by is not None:
        keys = [f"event.{scope.event_by}"]
        found = found.rename({keys[0]: "touched"})
    sums: dict[str, Any] = {}
    for q in plan.ordinals:
        took = _[f"took{q}"]
        sums |= {f"c{q}": took.count(), f"o{q}": _[f"open{q}"].count()}
        sums |= {f"m{q}": took.quantile(0.5), f"p{q}": took.quantile(P90)}
    wide = grouped(found, keys, **sums)
    rows = wide.cross_join(numbers(list(plan.ordinals), "step"))

    def at_step(name: str) -> ibis.Value:
        return ibis.cases(*[(rows.step == q, rows[f"{name}{q}"]) for q in plan.ordinals])

    of_any = [f"{q} of {len(plan.steps)}" for q in plan.ordinals]
    said = of_any if plan.order == "any" else [str(step) for step in plan.steps]
    earlier = [(rows.step == q, rows[f"c{plan.before(q) or 1}"]) for q in plan.ordinals]
    told = apart(
        rows.select(
            *keys,
            "step",
            event=ibis.cases(*[(rows.step == q, ibis.literal(t)) for q, t in enumerate(said, 1)]),
            count=at_step("c"),
            pending=at_step("o"),
            earlier=ibis.cases(*earlier).nullif(0).cast("float64"),
            first=rows.c1.nullif(0).cast("float64"),
            median_seconds=at_step("m") / SECOND,
            p90_seconds=at_step("p") / SECOND,
        )
    )
    count = told["count"].cast("float64")
    told = told.mutate(step_conversion=count / told.earlier, conversion=count / told["first"])
    low, high = wilson(told.conversion, told["first"])
    return (
        told.mutate(low=low, high=high)
        .rename({plan.count: "count"})
        .select(*keys, "step", "event", plan.count, *MEASURES)
        .order_by([*keys, "step"])
    )


@metric(
    title="Time to convert",
    formula="count of players by the time from the first step of a funnel to its last",
    grain="one row a bin of time",
    unit="share of players",
    value="share",
    inputs=("events",),
    outputs=(
        Output("bin", Kind.COUNT, "Ordinal of the bin, from 1."),
        Output("from_seconds", Kind.SECONDS, "Times above this; the first bin includes 0."),
        Output("to_seconds", Kind.SECONDS, "Times up to this, inclusive."),
        Output("players", Kind.COUNT, "Players who took so long."),
        Output("entries", Kind.COUNT, "With `count` = entries, attempts that took so long."),
        Output("share", Kind.SHARE, "Count / all who came to the last step."),
        Output("cumulative", Kind.SHARE, "Share of this bin and those before."),
    ),
    maturity=MATURITY,
    options=(*OPTIONS, EDGES),
    defaults={**DEFAULTS, "edges": DEFAULT_EDGES},
    expand=expand,
    example={"steps": "session_start,level_start,level_complete"},
    event_properties=True,
)
def funnel_times(
    tables: Tables,
    scope: Scope,
    *,
    edges: tuple[timedelta, ...],
    **options: Any,  # noqa: ANN401
) -> ibis.Table:
    """How long those who came to the last step of a funnel needed from the first.

    The funnel is `funnel` with the same options. The time is that of the quickest way of each
    player, or of each attempt where entries are counted. The last bin ends with the window.
    """
    plan = plan_of(options)
    ends = sorted({edge for edge in edges if edge < plan.window} | {plan.window})
    limits = [edge // timedelta(microseconds=1) for edge in ends]
    # Unfinished attempts are of no use here; with them it is the part that `funnel` reads, too.
    rows = tables.part(units(tables, scope, plan, pending=tables.keeps))
    found = attributed(rows.filter(rows.took1.notnull()), tables, scope)
    keys = list(scope.dimensions)
    if scope.event_by is not None:
        keys = [f"event.{scope.event_by}"]
        found = found.rename({keys[0]: "touched"})
    took = f"took{len(plan.steps)}"
    sums = {f"b{n}": _[took].count(where=_[took] <= limit) for n, limit in enumerate(limits, 1)}
    rows = grouped(found, keys, **sums, b0=_[took].count(where=_[took] < 0))
    rows = rows.cross_join(numbers(list(range(1, len(limits) + 1)), "bin"))

    def at_bin(values: list[Any]) -> ibis.Value:
        return ibis.cases(*[(rows.bin == n, value) for n, value in enumerate(values, 1)])

    within = at_bin([rows[f"b{n}"] for n in range(1, len(limits) + 1)])
    before = at_bin([rows[f"b{n}"] for n in range(len(limits))])
    everybody = rows[f"b{len(limits)}"].nullif(0).cast("float64")
    count = within - before
    return rows.select(
        *keys,
        "bin",
        from_seconds=at_bin([0.0, *(limit / SECOND for limit in limits[:-1])]),
        to_seconds=at_bin([limit / SECOND for limit in limits]),
        **({"players": count} if plan.count == "players" else {"entries": count}),
        share=count.cast("float64") / everybody,
        cumulative=within.cast("float64") / everybody,
    ).order_by([*keys, "bin"])
