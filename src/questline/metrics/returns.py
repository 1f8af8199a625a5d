"""What counts as coming back: active days or chosen events, on calendar days or in 24 hours."""

from __future__ import annotations

import ibis
from ibis import _

from questline.engines.instants import microseconds
from questline.metrics.base import active_days, grouped
from questline.metrics.cohorts import DAY_LENGTH, Cell, Definition, asked_table
from questline.metrics.scope import Scope
from questline.metrics.selectors import property_amount
from questline.metrics.tables import Tables


def returns(
    tables: Tables, scope: Scope, players: ibis.Table, wanted: list[Cell], how: Definition
) -> ibis.Table:
    """One row an entry of `players` and cell (`place` in `wanted`) in which the player returned.

    With a property also its sum, `amount`, and the number of events that have it, `valued`.
    """
    asked = asked_table(wanted)
    visits = _visits(tables, scope, players, how, last=max(cell.last for cell in wanted))
    counted = visits.inner_join(
        asked, [visits.day >= asked.first_day, visits.day <= asked.last_day]
    )
    keys = [*players.columns, "place", "needed"]
    if how.plain:
        found = grouped(counted, keys, days=_.count())
        return found.filter(_.days >= _.needed).drop("needed", "days")
    sums = {} if how.number is None else {"amount": _.amount.sum(), "valued": _.valued.sum()}
    enough = counted.n >= how.at_least
    found = grouped(counted, keys, days=enough.cast("int64").sum(), n=_.n.sum(), **sums)
    together = (found.needed == 1) & (found.n >= how.at_least)
    each = (found.needed > 1) & (found.days >= found.needed)
    return found.filter(together | each).drop("needed", "days", "n")


def _visits(
    tables: Tables, scope: Scope, players: ibis.Table, how: Definition, last: int
) -> ibis.Table:
    """One row an entry and day number with return events; days after `last` may be missing."""
    if how.plain:
        return _on_calendar(active_days(tables), players)
    if how.return_event is None and how.number is None and not how.hours:
        days = tables.player_days.filter(_.active_events > 0)
        return _on_calendar(days.select("player_id", "event_date", n=_.active_events), players)
    events = _return_events(tables, scope, how)
    sums = {"n": _.count()}
    if how.number is not None:
        sums |= {"amount": _.amount.sum(), "valued": _.amount.count()}
    if not how.hours:
        return _on_calendar(grouped(events, ["player_id", "event_date"], **sums), players)
    joined = events.mutate(at=microseconds(events.event_ts)).inner_join(players, "player_id")
    end = joined.instant + (last + 1) * DAY_LENGTH
    after = joined.filter(joined["at"] >= joined.instant, joined["at"] < end)
    after = after.mutate(day=((after["at"] - after.instant) // DAY_LENGTH).cast("int64"))
    return grouped(after, [*players.columns, "day"], **sums)


def _on_calendar(days: ibis.Table, players: ibis.Table) -> ibis.Table:
    return days.inner_join(players, "player_id").mutate(
        day=lambda t: t.event_date.delta(t.cohort, unit="day").cast("int64")
    )


def _return_events(tables: Tables, scope: Scope, how: Definition) -> ibis.Table:
    events = tables.events
    if how.return_event is None:
        events = events.filter(~events.event_type.isin(scope.facts.inactive_event_types))
    else:
        events = events.filter(how.return_event.of(events))
    amount = {} if how.number is None else {"amount": property_amount(events, how.number)}
    return events.select("player_id", "event_date", "event_ts", **amount)
