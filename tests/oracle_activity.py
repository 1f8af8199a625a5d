"""The oracle's metrics of activity and sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

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
    first = world.begin
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
