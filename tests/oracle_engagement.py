"""The oracle's metrics of intervals, lapses, power users, playtime and hours."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from itertools import pairwise
from typing import Any

from oracle_activity import active_on, count_days, quantile
from oracle_ingest import World
from oracle_models import player_days, players
from oracle_scope import DAY, Scope, ratio
from oracle_sessions import Row, sessions


def shown_days(scope: Scope) -> list[date]:
    """Days of the period, also where only its beginning is known."""
    if scope.start and not scope.end and not scope.world.complete_until:
        return [scope.start]
    return scope.shown


def logged(scope: Scope) -> dict[str, set[date]]:
    """Active days by player that belong to intervals: observed, or in the period."""
    shown = set(shown_days(scope))
    found: dict[str, set[date]] = {}
    for row in player_days(scope.world):
        day = row["event_date"]
        if row["active_events"] > 0 and (scope.observed(day) or day in shown):
            found.setdefault(row["player_id"], set()).add(day)
    return found


def interval_of(day: date, kind: str) -> list[date]:
    """All days of the interval that holds the day."""
    if kind == "day":
        return [day]
    if kind == "month":
        month = [date(day.year, day.month, 1)]
        while (month[-1] + DAY).month == day.month:
            month.append(month[-1] + DAY)
        return month
    first = day - day.weekday() * DAY
    if kind == "week":
        return [first + n * DAY for n in range(7)]
    while (first - date(1900, 1, 1)).days % 28:
        first -= 7 * DAY
    return [first + n * DAY for n in range(28)]


def intervals(scope: Scope, kind: str) -> list[list[date]]:
    """The intervals that the period touches."""
    return sorted({day: interval_of(day, kind) for day in shown_days(scope)}.values(), key=min)


def distinct(rows: Iterable[list[date]]) -> list[list[date]]:
    """Each interval once."""
    return [list(days) for days in dict.fromkeys(tuple(days) for days in rows)]


def _calendar(world: World, kind: str, question: Any) -> list[Row]:
    scope, found = Scope(world, **question), []
    played = logged(scope)
    for days in distinct(intervals(scope, kind)):
        for label, people in scope.groups():
            mine = [p for p in people if played.get(p["player_id"], set()) & set(days)]
            found.append(
                {
                    "interval_start": days[0],
                    "interval_end": days[-1],
                    **label,
                    "players": len(mine),
                    "complete": all(scope.observed(day) for day in days),
                }
            )
    return found


def wau_calendar(world: World, **question: Any) -> list[Row]:
    """Players of weeks from Monday."""
    return _calendar(world, "week", question)


def mau_calendar(world: World, **question: Any) -> list[Row]:
    """Players of calendar months."""
    return _calendar(world, "month", question)


def lifecycle(world: World, *, interval: str = "week", **question: Any) -> list[Row]:
    """Active players of intervals by what they did in the interval before."""
    scope, found = Scope(world, **question), []
    played = logged(scope)
    dated = any(r.get("acquired_at") for r in world.registrations.values())
    for days in distinct(intervals(scope, interval)):
        past = interval_of(days[0] - DAY, interval)
        told = all(scope.observed(day) for day in past)
        whole = all(scope.observed(day) for day in days)
        for label, people in scope.groups():
            flows: dict[str, int] = dict.fromkeys(("new", "current", "resurrected", "dormant"), 0)
            for player in people:
                mine = played.get(player["player_id"], set())
                here, before = mine & set(days), mine & set(past)
                earliest = min([*mine, player["acquisition_date"] or date.max])
                if before:
                    flows["current" if here else "dormant"] += 1
                elif here:
                    flows["new" if earliest >= days[0] else "resurrected"] += 1
            active = flows["new"] + flows["current"] + flows["resurrected"]
            came, gone = flows["new"] + flows["resurrected"], flows["dormant"]
            found.append(
                {
                    "interval_start": days[0],
                    "interval_end": days[-1],
                    **label,
                    "active": active,
                    "new": flows["new"] if told or dated else None,
                    "current": flows["current"] if told else None,
                    "resurrected": flows["resurrected"] if told else None,
                    "dormant": gone if told and whole else None,
                    "quick_ratio": ratio(came, gone) if told and whole else None,
                    "complete": whole,
                }
            )
    return found


def lapsed(world: World, days: Iterable[int] = (14, 30), **question: Any) -> list[Row]:
    """Players by days since they were last active, and those who came back."""
    scope, found = Scope(world, **question), []
    end = max(scope.pooled, default=None)
    shown = shown_days(scope)
    last = min(max(shown), world.complete_until) if shown and world.complete_until else None
    played: dict[str, list[date]] = {}
    for row in player_days(world):
        day = row["event_date"]
        if row["active_events"] > 0 and scope.observed(day) and last and day <= last:
            played.setdefault(row["player_id"], []).append(day)
    for label, people in scope.groups():
        mine = [sorted(played[p["player_id"]]) for p in people if p["player_id"] in played]
        for length in days:
            gone = sum((last - d[-1]).days >= length for d in mine if last)
            back = sum(
                any(
                    (day - DAY - before).days >= length and day in scope.pooled
                    for before, day in pairwise(d)
                )
                for d in mine
            )
            known = end is not None and scope.observed(end - length * DAY)
            comes = end is not None and scope.observed(end - (length + 1) * DAY)
            found.append(
                {
                    "days": length,
                    **label,
                    "players": len(mine),
                    "lapsed": gone if known else None,
                    "lapsed_share": ratio(gone, len(mine)) if known else None,
                    "won_back": back if comes else None,
                }
            )
    return found


def power_users(
    world: World, *, window: int = 28, full_exposure: bool = False, **question: Any
) -> list[Row]:
    """Players by number of active days in the window that ends with the period."""
    scope, rows, found = Scope(world, **question), player_days(world), []
    end = max(scope.pooled, default=None)
    days = [end - n * DAY for n in range(window)] if end else []
    known = bool(days) and all(scope.observed(day) for day in days)
    for label, people in scope.groups():
        counts = []
        for player in people:
            acquired = player["acquisition_date"]
            if full_exposure and (acquired is None or not days or acquired >= min(days)):
                continue
            counts.append(count_days(rows, days, {player["player_id"]}))
        present = [c for c in counts if c]
        for n in range(1, window + 1):
            more = sum(c >= n for c in present)
            found.append(
                {
                    "active_days": n,
                    **label,
                    "players": present.count(n) if known else None,
                    "share": ratio(present.count(n), len(present)) if known else None,
                    "players_at_least": more if known else None,
                    "share_at_least": ratio(more, len(present)) if known else None,
                }
            )
    return found


def install_ratio(world: World, *, per: str = "period", **question: Any) -> list[Row]:
    """New players over daily active players."""
    rows = player_days(world)
    acquired = {p["player_id"]: p["acquisition_date"] for p in players(world)}

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        new = sum(len(active_on(rows, [d], {p for p in people if acquired[p] == d})) for d in days)
        present = count_days(rows, days, people)
        return {
            "new_players": new,
            "player_days": present,
            "install_ratio": ratio(new, present),
        }

    return Scope(world, **question).answer(per, tell, ["install_ratio"])


def playtime(world: World, *, per: str = "period", **question: Any) -> list[Row]:
    """Session time over daily active players."""
    rows = player_days(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        mine = [r for r in rows if r["event_date"] in days and r["player_id"] in people]
        daily = [r["playtime_seconds"] for r in mine if r["active_events"] > 0]
        seconds = sum(r["playtime_seconds"] for r in mine)
        return {
            "player_days": len(daily),
            "playtime_seconds": float(seconds),
            "playtime_per_dau": seconds / len(daily) if daily else None,
            "median_seconds": quantile(daily, 0.5),
            "p90_seconds": quantile(daily, 0.9),
        }

    hidden = ["playtime_per_dau", "median_seconds", "p90_seconds"]
    return Scope(world, **question).answer(per, tell, hidden)


def session_hours(world: World, *, cycle: str = "week", **question: Any) -> list[Row]:
    """Session starts by the clock of the reporting zone."""
    scope, found = Scope(world, **question), []
    for label, people in scope.groups():
        ids = {p["player_id"] for p in people}
        cells: dict[tuple[int, int], list[str]] = {
            (weekday, hour): [] for weekday in range(1, 8) for hour in range(24)
        }
        for session in sessions(world):
            if session["player_id"] in ids and session["session_date"] in scope.pooled:
                local = session["started_at"].astimezone(world.settings.zone)
                cells[local.isoweekday(), local.hour].append(session["player_id"])
        total = sum(len(started) for started in cells.values())
        if cycle == "day":
            merged: dict[tuple[int, int], list[str]] = {(0, hour): [] for hour in range(24)}
            for (_, hour), started in cells.items():
                merged[0, hour] += started
            cells = merged
        for (weekday, hour), started in cells.items():
            found.append(
                {
                    **({"weekday": weekday} if cycle == "week" else {}),
                    "hour": hour,
                    **label,
                    "sessions": len(started),
                    "players": len(set(started)),
                    "share": ratio(len(started), total),
                }
            )
    return found
