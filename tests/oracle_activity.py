"""The oracle's metrics of activity, sessions and retention."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from statistics import NormalDist
from typing import Any, NamedTuple

from oracle_ingest import World
from oracle_models import player_days, players
from oracle_scope import DAY, Scope, ratio
from oracle_sessions import Row, sessions


def active_on(rows: Iterable[Row], days: Collection[date], people: Collection[str]) -> set[str]:
    """Players with an active event on one of the days; `rows` are player_days."""
    return {
        r["player_id"]
        for r in rows
        if r["active_events"] > 0 and r["event_date"] in days and r["player_id"] in people
    }


def count_days(rows: Iterable[Row], days: Collection[date], people: Collection[str]) -> int:
    """Daily active players, summed over the days."""
    listed = list(rows)
    return sum(len(active_on(listed, [day], people)) for day in days)


def dau(world: World, **question: Any) -> list[Row]:
    """Daily active players, of these new and returning."""
    rows = player_days(world)
    acquired = {p["player_id"]: p["acquisition_date"] for p in players(world)}

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        seen = active_on(rows, days, people)
        new = {p for p in seen if acquired[p] in days}
        return {
            "players": len(seen),
            "new_players": len(new),
            "returning_players": len(seen - new),
        }

    return Scope(world, **question).by_day(tell)


def new_players(world: World, **question: Any) -> list[Row]:
    """Players active on their day of acquisition, and those acquired at all."""
    rows = player_days(world)
    acquired = {p["player_id"]: p["acquisition_date"] for p in players(world)}

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        cohort = {p for p in people if acquired[p] in days}
        return {"players": len(active_on(rows, days, cohort)), "acquired": len(cohort)}

    return Scope(world, **question).by_day(tell)


def returning_players(world: World, **question: Any) -> list[Row]:
    """Players active on a day who were acquired on another."""
    return [
        {
            **{
                k: v
                for k, v in r.items()
                if k not in ("players", "new_players", "returning_players", "complete")
            },
            "players": r["returning_players"],
            "complete": r["complete"],
        }
        for r in dau(world, **question)
    ]


def _trailing(rows: list[Row], world: World, day: date, length: int, people: Any) -> int | None:
    first = world.complete_from
    if first is None or day - (length - 1) * DAY < first:
        return None
    return len(active_on(rows, [day - n * DAY for n in range(length)], people))


def wau(world: World, **question: Any) -> list[Row]:
    """Distinct players of the last seven days."""
    rows = player_days(world)
    return Scope(world, **question).by_day(
        lambda days, people: {"players": _trailing(rows, world, min(days), 7, people)}
    )


def mau(world: World, **question: Any) -> list[Row]:
    """Distinct players of the last thirty days."""
    rows = player_days(world)
    return Scope(world, **question).by_day(
        lambda days, people: {"players": _trailing(rows, world, min(days), 30, people)}
    )


def stickiness(world: World, **question: Any) -> list[Row]:
    """Daily over monthly active players."""
    rows = player_days(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        today = len(active_on(rows, days, people))
        month = _trailing(rows, world, min(days), 30, people)
        return {"dau": today, "mau": month, "stickiness": ratio(today, month)}

    return Scope(world, **question).by_day(tell, ratios=["stickiness"])


def sessions_per_dau(world: World, *, per: str = "period", **question: Any) -> list[Row]:
    """Sessions started over daily active players."""
    rows, plays = player_days(world), sessions(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        started = [s for s in plays if s["session_date"] in days and s["player_id"] in people]
        present = count_days(rows, days, people)
        return {
            "sessions": len(started),
            "player_days": present,
            "sessions_per_dau": ratio(len(started), present),
        }

    return Scope(world, **question).answer(per, tell, ["sessions_per_dau"])


def events_per_session(world: World, *, per: str = "period", **question: Any) -> list[Row]:
    """Active events of sessions over sessions."""
    plays = sessions(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        mine = [s for s in plays if s["session_date"] in days and s["player_id"] in people]
        events = sum(s["events"] for s in mine)
        return {
            "sessions": len(mine),
            "events": events,
            "events_per_session": ratio(events, len(mine)),
        }

    return Scope(world, **question).answer(per, tell, ["events_per_session"])


def quantile(values: list[float], share: float) -> float | None:
    """Interpolated between the two nearest ranks, the least value being rank 0."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def session_length(world: World, *, per: str = "period", **question: Any) -> list[Row]:
    """Median, 90th percentile and mean length of sessions."""
    plays = sessions(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        lengths = [
            s["length_seconds"]
            for s in plays
            if s["session_date"] in days and s["player_id"] in people
        ]
        return {
            "sessions": len(lengths),
            "median_seconds": quantile(lengths, 0.5),
            "p90_seconds": quantile(lengths, 0.9),
            "mean_seconds": sum(lengths) / len(lengths) if lengths else None,
            "zero_length_share": ratio(lengths.count(0), len(lengths)),
        }

    hidden = ["median_seconds", "p90_seconds", "mean_seconds", "zero_length_share"]
    return Scope(world, **question).answer(per, tell, hidden)


class Asked(NamedTuple):
    """Day numbers that count, and on how many of them one must be active."""

    number: int
    first: int
    last: int
    needed: int


def _cell(
    world: World, rows: list[Row], asked: Asked, cohorts: dict[date, set[str]], hull: Asked
) -> Row:
    """Days asked for of some cohorts, of which those count that had all days of `hull` observed."""
    scope = Scope(world)
    day = timedelta(days=1)
    mature, ahead = [], []
    for cohort in cohorts:
        begin, end = cohort + hull.first * day, cohort + hull.last * day
        if world.complete_from is None or begin < world.complete_from:
            continue
        ahead.append(end)
        if all(scope.observed(begin + n * day) for n in range((end - begin).days + 1)):
            mature.append(cohort)
    back = 0
    for cohort in mature:
        days = [cohort + n * day for n in range(asked.first, asked.last + 1)]
        seen = [active_on(rows, [d], cohorts[cohort]) for d in days]
        back += sum(sum(p in some for some in seen) >= asked.needed for p in cohorts[cohort])
    size = sum(len(cohorts[c]) for c in mature)
    share = ratio(back, size)
    low, high = interval(back, size)
    return {
        "day_number": asked.number,
        "first_day": asked.first,
        "last_day": asked.last,
        "players": size,
        "retained": back if mature else None,
        "retention": share,
        "low": low,
        "high": high,
        "observable": bool(mature),
        "observable_on": min(ahead, default=None),
    }


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
        return Asked(number, number, number + follow_up, 1)
    if returned == "within":
        return Asked(number, 1, number, 1)
    if returned == "every_day":
        return Asked(number, 1, number, number)
    return Asked(number, number, int(last or first), 1)


def _cohorts(
    world: World, start: date | None, end: date | None, question: Mapping[str, Any]
) -> Iterator[tuple[Row, dict[date, set[str]]]]:
    """Players of the chosen cohorts by day of acquisition, for each value that splits."""
    for label, people in Scope(world, **question).groups():
        mine: dict[date, set[str]] = {}
        for player in people:
            day = player["acquisition_date"]
            if day is None or (start and day < start) or (end and day > end):
                continue
            early = world.complete_from is None or day < world.complete_from
            if early and player["acquisition_source"] != "metadata":
                continue
            mine.setdefault(day, set()).add(player["player_id"])
        yield label, mine


def retention(
    world: World,
    days: Iterable[int | str] = (1, 7, 30),
    *,
    returned: str = "on_day",
    follow_up: int = 30,
    balanced: bool = False,
    cohorts: bool = False,
    start: date | None = None,
    end: date | None = None,
    **question: Any,
) -> list[Row]:
    """Share of cohorts that came back on the days; the period selects cohorts."""
    rows: list[Row] = player_days(world)
    found: list[Row] = []
    asked = [asked_days(day, returned, follow_up) for day in days]
    all_days = Asked(0, min(a.first for a in asked), max(a.last for a in asked), 1)
    for label, mine in _cohorts(world, start, end, question):
        if cohorts:
            for day in sorted(mine):
                for one in asked:
                    cell = _cell(world, rows, one, {day: mine[day]}, one)
                    size = len(mine[day])
                    found.append({"acquisition_date": day, **label, **cell, "players": size})
        else:
            hulls = [all_days if balanced else one for one in asked]
            cells = [_cell(world, rows, a, mine, h) for a, h in zip(asked, hulls, strict=True)]
            found += [{**label, **cell} for cell in cells]
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
    **question: Any,
) -> list[Row]:
    """Players whom one definition counts and the other does not."""
    scope, found, step = Scope(world), [], timedelta(days=1)
    active: dict[str, set[date]] = {}
    for row in player_days(world):
        if row["active_events"] > 0:
            active.setdefault(row["player_id"], set()).add(row["event_date"])
    for label, mine in _cohorts(world, start, end, question):
        for day in days:
            sides = [asked_days(day, name, follow_up) for name in (left, right)]
            hull = range(min(s.first for s in sides), max(s.last for s in sides) + 1)
            told: dict[tuple[bool, ...], list[str]] = {}
            for cohort, people in mine.items():
                if not all(scope.observed(cohort + n * step) for n in hull):
                    continue
                for player in people:
                    numbers = [(d - cohort).days for d in active.get(player, ())]
                    back = tuple(
                        sum(s.first <= n <= s.last for n in numbers) >= s.needed for s in sides
                    )
                    told.setdefault(back, []).append(player)
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
