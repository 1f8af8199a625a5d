"""The oracle's retention: one loop over entries, players with the moment at which they begin."""

from __future__ import annotations

import json
import math
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from statistics import NormalDist
from typing import Any, NamedTuple

from oracle_contract import Event
from oracle_ingest import World
from oracle_scope import DAY, Scope, ratio, span
from oracle_sessions import Row

HOURS = timedelta(hours=24)
SELECTED: dict[str, Callable[[Event], bool]] = {
    "purchase": lambda e: e["event_type"] == "purchase",
    "login": lambda e: e["event_type"] == "login",
    "ad_watched": lambda e: e["event_type"] == "ad_watched",
    "refund": lambda e: e["event_type"] == "refund",
    "level_start": lambda e: e["event_type"] == "level_start",
    "level_start[level>=2]": lambda e: (
        e["event_type"] == "level_start" and e["level"] is not None and e["level"] >= 2
    ),
    "dig[tool=spade]": lambda e: (
        e["event_type"] == "dig" and json.loads(e["properties"]).get("tool") == "spade"
    ),
}
"""The selectors that questions use, read by hand."""


class Asked(NamedTuple):
    """Day numbers that count, and whether each of them must have a return."""

    number: int
    first: int
    last: int
    each: bool = False


@dataclass(frozen=True)
class Entry:
    """A player who begins."""

    player: str
    day: date
    moment: datetime


PEOPLE = ("by", "where", "segment", "exclude")
"""What a question says of the players, as `Scope` takes it."""


@dataclass(frozen=True)
class How:
    """What counts."""

    world: World
    clock: str = "day"
    start_event: str | None = None
    entries: str = "first"
    return_event: str | None = None
    at_least: int = 1
    property: str | None = None

    def returns(self, entry: Entry) -> dict[int, list[Event]]:
        """The entry's return events by day number."""
        found: dict[int, list[Event]] = {}
        inactive = self.world.settings.inactive_event_types
        for event in self.world.events:
            if event["player_id"] != entry.player:
                continue
            if self.return_event is None:
                if event["event_type"] in inactive:
                    continue
            elif not SELECTED[self.return_event](event):
                continue
            if self.clock == "day":
                number = (event["event_date"] - entry.day).days
            elif event["event_ts"] < entry.moment:
                continue
            else:
                number = (event["event_ts"] - entry.moment) // HOURS
            found.setdefault(number, []).append(event)
        return found

    def back(self, entry: Entry, asked: Asked) -> list[Event] | None:
        """Return events on the days asked for; None if the player did not return by them."""
        found = self.returns(entry)
        days = [found.get(n, []) for n in range(asked.first, asked.last + 1)]
        every = [event for day in days for event in day]
        if asked.each:
            return every if all(len(day) >= self.at_least for day in days) else None
        return every if len(every) >= self.at_least else None

    def begun(self, entry: Entry, asked: Asked) -> bool:
        """Whether the days asked for do not begin before the log, of which some day is complete."""
        first = self.world.begin
        if first is None:
            return False
        if self.clock == "day":
            return entry.day + asked.first * DAY >= first
        return entry.moment + asked.first * HOURS >= self.world.settings.midnight(first)

    def over(self, entry: Entry, asked: Asked) -> bool:
        """Whether the days asked for have ended."""
        last = self.world.complete_until
        if last is None:
            return False
        if self.clock == "day":
            return entry.day + asked.last * DAY <= last
        end = self.world.settings.midnight(last + DAY)
        return entry.moment + (asked.last + 1) * HOURS <= end

    def needs(self, day: date, asked: Asked) -> date:
        """The day that must be complete for entries of a day."""
        return day + (asked.last + (self.clock == "24h")) * DAY

    def carried(self, events: list[Event]) -> list[Decimal]:
        """Values of the property."""
        name = self.property or ""
        if events and name in events[0]:
            return [Decimal(e[name]) for e in events if e[name] is not None]
        said = [json.loads(e["properties"], parse_float=Decimal).get(name) for e in events]
        return [Decimal(v) for v in said if isinstance(v, int | Decimal)]


def interval(back: int, size: int) -> tuple[float | None, float | None]:
    """The shares p for which (back / size - p)² = 1.96² p (1 - p) / size: roots of a parabola."""
    if not size:
        return None, None
    z = NormalDist().inv_cdf(0.975)
    a, b, c = 1 + z * z / size, -(2 * back / size + z * z / size), (back / size) ** 2
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def asked_days(day: int | str, returned: str, follow_up: int) -> Asked:
    """What an element of `days` means."""
    first, _, last = str(day).partition("-")
    number = int(first)
    if returned == "on_or_after":
        return Asked(number, number, number + follow_up)
    if returned == "within":
        return Asked(number, 1, number)
    if returned == "every_day":
        return Asked(number, 1, number, each=True)
    return Asked(number, number, int(last or first))


def entries_of(how: How, people: list[Row]) -> Iterator[Entry]:
    """Every entry of these players that could be observed."""
    world = how.world
    for player in people:
        who = player["player_id"]
        if how.start_event is None:
            day = player["acquisition_date"]
            known = player["acquisition_source"] == "metadata"
            if day is not None and (known or _in_log(world, day)):
                yield Entry(who, day, player["acquired_at"])
            continue
        mine = [e for e in world.events if e["player_id"] == who and SELECTED[how.start_event](e)]
        mine.sort(key=lambda e: e["event_ts"])
        seen: set[date] = set()
        for event in mine if how.entries == "any" else mine[:1]:
            day = event["event_date"]
            if day not in seen and _in_log(world, day):
                yield Entry(who, day, event["event_ts"])
            seen.add(day)


def _in_log(world: World, day: date) -> bool:
    return world.begin is not None and day >= world.begin


def _chosen(
    how: How, start: date | None, end: date | None, people_of: Mapping[str, Any]
) -> Iterator[tuple[Row, list[Entry]]]:
    """Entries of the period for each value that splits."""
    for label, people in Scope(how.world, **people_of).groups():
        found = entries_of(how, people)
        yield (
            label,
            [e for e in found if (not start or e.day >= start) and (not end or e.day <= end)],
        )


def _told(how: How, asked: Asked, mature: list[Entry]) -> Row:
    """The numbers of one cell whose entries were all observed."""
    back = [events for e in mature if (events := how.back(e, asked)) is not None]
    low, high = interval(len(back), len(mature))
    row = {
        "day_number": asked.number,
        "first_day": asked.first,
        "last_day": asked.last,
        "players": len(mature),
        "retained": len(back) if mature else None,
        "retention": ratio(len(back), len(mature)),
        "low": low,
        "high": high,
        "observable": bool(mature),
    }
    if how.property is None:
        return row
    values = [v for events in back for v in how.carried(events)]
    amount = sum(values, Decimal(0))
    known = {"amount": amount, "valued": len(values), "per_player": ratio(amount, len(mature))}
    known["mean"] = ratio(amount, len(values))
    return row | (known if mature else dict.fromkeys(known))


def _pool(how: How, asked: Asked, hull: Asked, entries: list[Entry]) -> Row:
    ahead = [e for e in entries if how.begun(e, hull)]
    mature = [e for e in ahead if how.over(e, hull)]
    when = min((how.needs(e.day, hull) for e in ahead), default=None)
    return {**_told(how, asked, mature), "observable_on": when}


def _days_of(day: date, cohorts: str) -> list[date]:
    """Days of the cohort that a day lies in."""
    if cohorts == "week":
        monday = day - day.weekday() * DAY
        return [monday + n * DAY for n in range(7)]
    if cohorts == "month":
        length = monthrange(day.year, day.month)[1]
        return span(day.replace(day=1), day.replace(day=length))
    return [day]


def _cohort(how: How, asked: Asked, entries: list[Entry], days: list[date]) -> Row:
    """One cell of a whole cohort, which has the chosen days `days`."""
    until = how.world.complete_until
    seen = all(how.begun(e, asked) for e in entries)
    whole = until is not None and all(d + asked.last * DAY <= until for d in days)
    mature = seen and whole and all(how.over(e, asked) for e in entries)
    told = _told(how, asked, entries if mature else [])
    when = how.needs(max(days), asked) if seen else None
    return {**told, "players": len(entries), "observable_on": when}


def retention(
    world: World,
    days: Iterable[int | str] = (1, 7, 30),
    *,
    returned: str = "on_day",
    follow_up: int = 30,
    balanced: bool = False,
    cohorts: str | bool | None = None,
    start: date | None = None,
    end: date | None = None,
    **more: Any,
) -> list[Row]:
    """Share of cohorts that came back on the days; the period selects cohorts."""
    people_of = {n: more.pop(n) for n in PEOPLE if n in more}
    how = How(world, **more)
    found: list[Row] = []
    asked = [asked_days(day, returned, follow_up) for day in days]
    hull = Asked(0, min(a.first for a in asked), max(a.last for a in asked))
    size = "day" if cohorts is True else cohorts
    name = "acquisition_date" if how.start_event is None else "start_date"
    for label, entries in _chosen(how, start, end, people_of):
        if not size:
            found += [{**label, **_pool(how, a, hull if balanced else a, entries)} for a in asked]
            continue
        groups: dict[date, list[Entry]] = {}
        for entry in entries:
            groups.setdefault(_days_of(entry.day, size)[0], []).append(entry)
        for first, mine in sorted(groups.items()):
            chosen = [d for d in _days_of(first, size) if not end or d <= end]
            found += [{name: first, **label, **_cohort(how, a, mine, chosen)} for a in asked]
    return found


def retention_compared(
    world: World,
    days: Iterable[int | str] = (1, 7, 30),
    *,
    left: str = "on_day",
    right: str = "on_or_after",
    follow_up: int = 30,
    start: date | None = None,
    end: date | None = None,
    **more: Any,
) -> list[Row]:
    """Players whom one definition counts and the other does not."""
    people_of = {n: more.pop(n) for n in PEOPLE if n in more}
    how, found = How(world, **more), []
    for label, entries in _chosen(how, start, end, people_of):
        for day in days:
            sides = [asked_days(day, name, follow_up) for name in (left, right)]
            hull = Asked(0, min(s.first for s in sides), max(s.last for s in sides))
            told: dict[tuple[bool, ...], list[str]] = {}
            for entry in entries:
                if how.begun(entry, hull) and how.over(entry, hull):
                    back = tuple(how.back(entry, side) is not None for side in sides)
                    told.setdefault(back, []).append(entry.player)
            counts = {key: len(told.get(key, [])) for key in product((True, False), repeat=2)}
            size = sum(counts.values())
            found.append(
                {
                    **label,
                    "day_number": sides[0].number,
                    "players": size,
                    "both": counts[True, True] if size else None,
                    "left_only": counts[True, False] if size else None,
                    "right_only": counts[False, True] if size else None,
                    "neither": counts[False, False] if size else None,
                    "left_example": min(told.get((True, False), []), default=None),
                    "right_example": min(told.get((False, True), []), default=None),
                }
            )
    return found
