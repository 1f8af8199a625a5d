"""Cohorts: who enters, when, and which of his days were observed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

import ibis

from questline.engines.instants import microseconds, since_1970
from questline.errors import UsageError
from questline.metrics.base import attributed, numbers, profiles, shifted
from questline.metrics.options import Span
from questline.metrics.scope import Scope
from questline.metrics.selectors import Selector
from questline.metrics.tables import Tables

DAY_LENGTH = 86_400_000_000
"""Microseconds of 24 hours."""
_NEVER = (2**62, 0)


@dataclass(frozen=True)
class Definition:
    """How players enter and how they return, the same for all day numbers of a question.

    `number` is the property that is added up, if any.

    Raises:
        UsageError: entries are asked for without an event that makes them.
    """

    clock: str = "day"
    start_event: Selector | None = None
    entries: str = "first"
    return_event: Selector | None = None
    at_least: int = 1
    number: str | None = None

    def __post_init__(self) -> None:
        if self.entries == "any" and self.start_event is None:
            raise UsageError(
                "--entries any needs --start-event: a player is acquired once. Name the event, or "
                "leave --entries out."
            )

    @property
    def hours(self) -> bool:
        """Whether days are periods of 24 hours."""
        return self.clock == "24h"

    @property
    def plain(self) -> bool:
        """Whether the days on which players were active are all that is asked for."""
        asked = self.return_event is not None or self.number is not None
        return not (self.hours or asked or self.at_least > 1)


class Cell(NamedTuple):
    """A return to day `number`: `needed` active days among those from `first` to `last`."""

    number: int
    first: int
    last: int
    needed: int


def cell_of(span: Span, returned: str, follow_up: int) -> Cell:
    """What a day number or span asks for."""
    first, last = span
    if returned == "on_day":
        return Cell(first, first, last, 1)
    if first != last:
        raise UsageError(
            f"days == {span}, must be a single number with --returned {returned}; spans go with "
            "on_day."
        )
    if returned == "on_or_after":
        return Cell(first, first, first + follow_up, 1)
    if first == 0:
        raise UsageError(f"days == 0, must be 1 or more with --returned {returned}.")
    return Cell(first, 1, first, first if returned == "every_day" else 1)


def asked_table(wanted: list[Cell]) -> ibis.Table:
    """The cells as a table of one row each: place and the columns of `Cell`."""
    rows = numbers(list(range(len(wanted))), "place")

    def column(name: str) -> ibis.IntegerValue:
        values = [getattr(cell, name) for cell in wanted]
        pairs = [(rows.place == place, value) for place, value in enumerate(values)]
        return ibis.cases(*pairs).cast("int64")

    return rows.select(
        "place",
        day_number=column("number"),
        first_day=column("first"),
        last_day=column("last"),
        needed=column("needed"),
    )


def entries(tables: Tables, scope: Scope, how: Definition) -> ibis.Table:
    """One row a player and entry of the chosen cohorts.

    Columns: `player_id`, the day `cohort`, the column that splits, and with periods of 24 hours
    the moment of entry, `instant`, in microseconds since 1970.
    """
    if how.start_event is None:
        players, chosen = _acquired(tables, scope, how)
    else:
        players = _started(tables, scope, how, how.start_event)
        chosen = players.cohort >= ibis.date(scope.observed[0])
    if scope.asked_from is not None:
        chosen = chosen & (players.cohort >= ibis.date(scope.asked_from))
    if scope.asked_to is not None:
        chosen = chosen & (players.cohort <= ibis.date(scope.asked_to))
    moment = ["instant"] if how.hours else []
    return players.filter(chosen).select("player_id", "cohort", *scope.dimensions, *moment)


def cohort_players(tables: Tables, scope: Scope) -> ibis.Table:
    """One row a player of the chosen cohorts: `player_id`, `cohort` and the column that splits."""
    return entries(tables, scope, Definition())


def _acquired(
    tables: Tables, scope: Scope, how: Definition
) -> tuple[ibis.Table, ibis.BooleanValue]:
    """Players by acquisition; of cohorts before the log only those whose acquisition is known."""
    moment = ["acquired_at"] if how.hours else []
    players = profiles(tables, scope, *moment).rename(cohort="acquired_on")
    if how.hours:
        players = players.mutate(instant=microseconds(players.acquired_at))
    known = players.acquisition_source == "metadata"
    return players, (players.cohort >= ibis.date(scope.observed[0])) | known


def _started(tables: Tables, scope: Scope, how: Definition, event: Selector) -> ibis.Table:
    """Players by an event: the first one in the log, or the first one of each day."""
    events = tables.events.filter(event.of(tables.events))
    moment = {"started": events.event_ts.min()} if how.hours else {}
    if how.entries == "any":
        found = events.group_by("player_id", cohort=events.event_date)
        rows = found.aggregate(**moment) if moment else found.aggregate()
    else:
        rows = events.group_by("player_id").aggregate(cohort=events.event_date.min(), **moment)
    if how.hours:
        rows = rows.mutate(instant=microseconds(rows.started))
    return attributed(rows, tables, scope)


def with_observation(
    rows: ibis.Table,
    scope: Scope,
    how: Definition,
    begins: int | ibis.IntegerValue,
    ends: int | ibis.IntegerValue,
) -> ibis.Table:
    """`rows` of entries or cohorts with what was observed of their days `begins` to `ends`.

    New columns: `observable`, all of them; `ahead`, some are still to come; `ends`, the day that
    must be complete, with 24 hours at the latest.
    """
    if how.hours:
        first, last = _observed_instants(scope)
        since = rows.instant + ibis.literal(DAY_LENGTH) * begins >= first
        until = rows.instant + ibis.literal(DAY_LENGTH) * (ends + 1) <= last
        return rows.mutate(
            observable=since & until, ahead=since & ~until, ends=shifted(rows.cohort, ends + 1)
        )
    start, end = (ibis.date(day) for day in scope.observed)
    rows = rows.mutate(begins=shifted(rows.cohort, begins), ends=shifted(rows.cohort, ends))
    return rows.mutate(
        observable=(rows.begins >= start) & (rows.ends <= end),
        ahead=(rows.begins >= start) & (rows.ends > end),
    )


def _observed_instants(scope: Scope) -> tuple[int, int]:
    """Microseconds since 1970 at which observation begins and ends."""
    first, end = scope.facts.complete_from, scope.end_of_observation
    if first is None or end is None:
        return _NEVER
    zone = ZoneInfo(scope.facts.reporting_zone)
    begin = datetime.combine(first, time(), tzinfo=zone).astimezone(UTC)
    return since_1970(begin), since_1970(end)


def bucket_of(cohort: ibis.DateValue, cohorts: str) -> ibis.DateValue:
    """First day of the day, week or month that a cohort's day lies in."""
    if cohorts == "day":
        return cohort
    unit = {"week": "W", "month": "M"}[cohorts]
    return cohort.truncate(unit).cast("timestamp").cast("date")


def last_of(bucket: ibis.DateValue, cohorts: str, asked_to: date | None) -> ibis.DateValue:
    """Last chosen day of a bucket."""
    if cohorts == "day":
        return bucket
    last = shifted(bucket, 6)
    if cohorts == "month":
        last = shifted(bucket_of(shifted(bucket, 31), "month"), -1)
    return last if asked_to is None else ibis.least(last, ibis.date(asked_to))
