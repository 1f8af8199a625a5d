"""Any event, with any condition and any breakdown: how often, by how many, how much."""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from questline.metrics.base import attributed, calendar, grouped, ratio, stacked, total
from questline.metrics.catalogue import COMPLETE, DAY, SHOWN_DAYS, Kind, Output, metric
from questline.metrics.options import PER, Option, text
from questline.metrics.scope import Per, Scope
from questline.metrics.selectors import Selector, parse_selector, property_amount, property_of
from questline.metrics.tables import Tables

EVENT = Option(
    "event",
    "Which events, such as purchase or level_complete[level>=3,mode=hard]; all if not given.",
    parse_selector,
)
PROPERTY = Option(
    "property", "A property whose sum and mean are shown, such as amount_usd or time_spent.", text
)


@metric(
    title="Events",
    formula="count of events, distinct players, and sum of a property",
    grain="one row for the period, or one a day",
    unit="events",
    value="events",
    inputs=("events", "players"),
    outputs=(
        DAY,
        Output("events", Kind.COUNT, "Accepted events that match."),
        Output("players", Kind.COUNT, "Distinct players who did one."),
        Output("events_per_player", Kind.NUMBER, "events / players."),
        Output("with_property", Kind.COUNT, "Events that have the property as a number."),
        Output("total", Kind.NUMBER, "Sum of the property."),
        Output("mean", Kind.NUMBER, "total / with_property."),
        COMPLETE,
    ),
    maturity="Pooled over days from complete_from to complete_until. " + SHOWN_DAYS,
    options=(EVENT, PROPERTY, PER),
    event_properties=True,
)
def event_trend(
    tables: Tables,
    scope: Scope,
    *,
    event: Selector | None = None,
    property: str | None = None,  # noqa: A002 - the word of the field
    per: Per = "period",
) -> ibis.Table:
    """How often an event happened, to how many players, and what a property of it adds up to.

    Events of all types count, also of inactive ones. `--by event.NAME` splits by a property of
    the events: a player who did it with two values is in both rows, so players do not add up.
    Money is summed as decimals. Days without a matching event are rows with 0.
    """
    events = tables.events
    chosen = [c.of(events) for c in scope.event_where]
    if event is not None:
        chosen.append(event.of(events))
    keys = list(scope.dimensions)
    facts: dict[str, Any] = {}
    if scope.event_by is not None:
        keys = [f"event.{scope.event_by}"]
        facts[keys[0]] = property_of(events, scope.event_by)
    sums: dict[str, Any] = {"events": total(_.events), "players": _.player_id.nunique()}
    if property is not None:
        sums |= {"with_property": total(_.with_property), "total": _.total.sum()}
    counted = scope.counted if per == "period" else scope.shown
    chosen_events = events.filter(*chosen) if chosen else events
    found = tables.part(_player_days(tables, chosen_events, property, facts))
    found = attributed(found.filter(counted(found.event_date)), tables, scope)
    if per == "day":
        days = calendar(scope.first, scope.last)
        if keys:
            days = days.cross_join(found.select(*keys).distinct())
        found = stacked(found, days)
        keys = ["event_date", *keys]
    rows = grouped(found, keys, **sums)
    if per == "day":
        rows = rows.mutate(complete=scope.complete(rows.event_date))
    rows = rows.mutate(events_per_player=ratio(rows, "events", "players"))
    shown = ["events", "players", "events_per_player"]
    if property is not None:
        rows = rows.mutate(mean=ratio(rows, "total", "with_property"))
        shown += ["with_property", "total", "mean"]
    rows = rows.select(*keys, *shown, *(["complete"] if per == "day" else []))
    return rows.order_by(keys) if keys else rows


def _player_days(
    tables: Tables, events: ibis.Table, amount: str | None, facts: dict[str, ibis.Value]
) -> ibis.Table:
    """One row a player, day and value of the property that splits: `events` and the amounts."""
    unit = ("player_id", "event_date")
    sums = {"events": _.count()}
    amounts = {}
    if amount is not None:
        amounts["amount"] = property_amount(events, amount)
        sums |= {"with_property": _.amount.count(), "total": _.amount.sum()}
    rows = tables.numbered(events.select(*unit, **facts, **amounts))
    return rows.group_by(*unit, *facts).aggregate(**sums)
