"""What a question is about: the period, the players and the observed days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import ibis

from questline.errors import UsageError
from questline.lake.facts import LakeFacts
from questline.metrics.attributes import (
    EVENT,
    Attribute,
    Condition,
    Day,
    Where,
    parse_day,
    parse_event_where,
    parse_where,
)
from questline.metrics.segments import Segment, chosen_segments
from questline.metrics.selectors import PropertyCondition, checked_property
from questline.settings import Declared, Feature

LONGEST_PERIOD = 36_525
_NEVER = (date(9000, 1, 2), date(9000, 1, 1))
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Scope:
    """The days and players a metric is asked about, and what the lake could observe.

    `asked_from` and `asked_to` are the period a person chose, None where he chose none; the
    default period is the observed one. Later days may be asked for: plain counts show them as
    not complete, ratios leave them out. `event_by` and `event_where` are about properties of
    events, which only some metrics can split by. `segments` are the players to keep, `excluded`
    those to leave out.

    Raises:
        UsageError: the period is reversed or longer than a century.
    """

    facts: LakeFacts
    asked_from: date | None = None
    asked_to: date | None = None
    by: Attribute | None = None
    where: tuple[Condition, ...] = ()
    event_by: str | None = None
    event_where: tuple[PropertyCondition, ...] = ()
    segments: tuple[Segment, ...] = ()
    excluded: tuple[Segment, ...] = ()
    declared: Declared = field(default_factory=Declared)

    def __post_init__(self) -> None:
        asked = self.asked_from is not None and self.asked_to is not None
        if asked and self.last < self.first:
            raise UsageError(f"The period {self.first} to {self.last} ends before it begins.")
        if (self.last - self.first).days > LONGEST_PERIOD:
            raise UsageError(f"The period {self.first} to {self.last} is longer than a century.")

    @property
    def everybody(self) -> Scope:
        """The same question about all players."""
        return replace(self, where=(), segments=(), excluded=())

    @property
    def features(self) -> Mapping[str, Feature]:
        """The features that the settings declare."""
        return self.declared.features

    @property
    def observed(self) -> tuple[date, date]:
        """First and last observed day of the lake; an empty interval where there is none."""
        if self.facts.complete_from is None or self.facts.complete_until is None:
            return _NEVER
        return self.facts.complete_from, self.facts.complete_until

    @property
    def _empty(self) -> bool:
        return self.observed == _NEVER

    @property
    def first(self) -> date:
        """First day of the period."""
        if self.asked_from is not None or self.asked_to is None:
            return self.asked_from or self.observed[0]
        return self.asked_to if self._empty else min(self.observed[0], self.asked_to)

    @property
    def last(self) -> date:
        """Last day of the period."""
        if self.asked_to is not None or self.asked_from is None:
            return self.asked_to or self.observed[1]
        return self.asked_from if self._empty else max(self.observed[1], self.asked_from)

    @property
    def pooled(self) -> tuple[date, date]:
        """The days of the period that were observed; only they enter a pooled number."""
        return max(self.first, self.observed[0]), min(self.last, self.observed[1])

    @property
    def dimensions(self) -> list[str]:
        """The column that splits the result, as a list of none or one."""
        return [] if self.by is None else [self.by.column]

    @property
    def end_of_observation(self) -> datetime | None:
        """The instant at which the last observed day ended, None for an empty lake."""
        if self.facts.complete_until is None:
            return None
        midnight = datetime.combine(self.facts.complete_until + _DAY, time())
        return midnight.replace(tzinfo=ZoneInfo(self.facts.reporting_zone)).astimezone(UTC)

    def shown(self, day: ibis.DateColumn) -> ibis.BooleanValue:
        """Whether `day` is in the period."""
        return day.between(ibis.date(self.first), ibis.date(self.last))

    def counted(self, day: ibis.DateColumn) -> ibis.BooleanValue:
        """Whether `day` is in the period and was observed."""
        first, last = self.pooled
        return day.between(ibis.date(first), ibis.date(last))

    def complete(self, day: ibis.DateColumn) -> ibis.BooleanValue:
        """Whether `day` was observed from its beginning to its end."""
        first, last = self.observed
        return day.between(ibis.date(first), ibis.date(last))


Per = Literal["period", "day"]


def make_scope(
    facts: LakeFacts,
    declared: Declared | None = None,
    *,
    start: Day = None,
    end: Day = None,
    by: str | None = None,
    where: Where = (),
    segment: str | Iterable[str] = (),
    exclude: str | Iterable[str] | None = None,
) -> Scope:
    """A scope from what a person writes.

    Without `exclude` the segments that the settings exclude are left out; `none` leaves nobody
    out.

    Raises:
        UsageError: a day, a condition, an attribute or a segment is wrong.
    """
    declared = declared or Declared()
    of_event = by is not None and by.startswith(EVENT)
    return Scope(
        facts=facts,
        asked_from=None if start is None else parse_day(start, "from"),
        asked_to=None if end is None else parse_day(end, "to"),
        by=None if by is None or of_event else Attribute(by),
        where=parse_where(where),
        event_by=checked_property(by.removeprefix(EVENT), "by") if by and of_event else None,
        event_where=parse_event_where(where),
        segments=chosen_segments(declared, segment, "segment"),
        excluded=chosen_segments(declared, declared.exclude if exclude is None else exclude),
        declared=declared,
    )
