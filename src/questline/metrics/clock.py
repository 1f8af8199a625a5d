"""The clock of the reporting zone, in expressions that mean the same to every engine.

No engine's own time-zone functions are used: their data may be of another year, and each names
its functions otherwise.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import ibis

from questline.engines.instants import MICROSECOND, microseconds, since_1970

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_HOUR = 3_600_000_000
_MARGIN = 2 * _DAY


class Offset(NamedTuple):
    """What a zone's clock is ahead of UTC, until an instant."""

    until: datetime
    ahead: timedelta


def offsets(zone: str, first: date, last: date) -> list[Offset]:
    """Every offset of the zone from one day to another; the last holds on.

    Two changes within one day would be seen as one or none; no zone has had any.

    >>> [str(o.ahead) for o in offsets("Asia/Kolkata", date(2026, 1, 1), date(2026, 12, 31))]
    ['5:30:00']
    >>> changes = offsets("Europe/Berlin", date(2026, 3, 1), date(2026, 3, 31))
    >>> f"{changes[0].until:%d %B %H:%M}", str(changes[0].ahead), str(changes[1].ahead)
    ('29 March 01:00', '1:00:00', '2:00:00')
    """
    clock = ZoneInfo(zone)
    if last < first:
        return [Offset(datetime(1970, 1, 1, tzinfo=UTC), timedelta(0))]
    now = datetime.combine(first, time(), UTC) - _MARGIN
    end = datetime.combine(last, time(), UTC) + _MARGIN
    found = []
    while now < end:
        if _ahead(clock, now) != _ahead(clock, now + _DAY):
            found.append(Offset(_change(clock, now, now + _DAY), _ahead(clock, now)))
        now += _DAY
    return [*found, Offset(end, _ahead(clock, end))]


def hour_of_day(moment: ibis.TimestampValue, zone: str, first: date, last: date) -> ibis.Value:
    """The hour, 0 to 23, that a clock in the zone shows on the days from `first` to `last`.

    When a clock goes back an hour comes twice and both have its number; when it goes forward an
    hour is left out.
    """
    *changes, final = offsets(zone, first, last)
    instant = microseconds(moment)
    ahead: ibis.Value = ibis.literal(final.ahead // MICROSECOND, type="int64")
    if changes:
        branches = [(instant < since_1970(c.until), c.ahead) for c in changes]
        known = [(when, ibis.literal(a // MICROSECOND, type="int64")) for when, a in branches]
        ahead = ibis.cases(*known, else_=ahead)
    return (((instant + ahead) // _HOUR) % 24).cast("int64")


def _ahead(clock: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(clock).utcoffset() or timedelta(0)


def _change(clock: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the offset of `before` ends."""
    old = _ahead(clock, before)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if _ahead(clock, middle) == old:
            before = middle
        else:
            after = middle
    return after
