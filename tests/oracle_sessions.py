"""The oracle's sessions and the time spent in them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from oracle_contract import Event, OracleSettings
from oracle_ingest import World

Row = dict[str, Any]
NOTHING = Decimal("0.000000")


def won(event: Event) -> bool:
    return event["event_type"] == "level_complete" and event["success"] is not False


def earned(events: list[Event]) -> Decimal:
    """Gross purchases and ads."""
    paid = [e["amount_usd"] for e in events if e["event_type"] in ("purchase", "ad_watched")]
    return sum((p for p in paid if p is not None), NOTHING)


def by_player(events: list[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda e: (e["event_ts"], e["event_id"], e["client_date"])):
        found[event["player_id"]].append(event)
    return found


def runs(events: list[Event], timeout: timedelta) -> list[list[Event]]:
    """Events in order, parted where the gap is longer than the timeout."""
    found: list[list[Event]] = []
    for event in events:
        if found and event["event_ts"] - found[-1][-1]["event_ts"] <= timeout:
            found[-1].append(event)
        else:
            found.append([event])
    return found


def filled_id(chain: list[Event], place: int) -> str | None:
    """The client's session of an event: its own, else the nearest earlier, else the nearest later.

    Of events at the same time the one with the lesser event_id is earlier.
    """
    for event in [*reversed(chain[: place + 1]), *chain[place + 1 :]]:
        if event["session_id"] is not None:
            return str(event["session_id"])
    return None


def pieces(run: list[Event], settings: OracleSettings) -> list[tuple[list[Event], bool]]:
    """A run without a gap, cut at midnights too far from its beginning; True = cut at its end."""
    limit = timedelta(days=settings.max_session_days)
    found: list[list[Event]] = [[run[0]]]
    for before, event in pairwise(run):
        day = settings.day_of(event["event_ts"])
        is_new_day = day != settings.day_of(before["event_ts"])
        if is_new_day and settings.midnight(day) - run[0]["event_ts"] > limit:
            found.append([])
        found[-1].append(event)
    return [(piece, n < len(found) - 1) for n, piece in enumerate(found)]


def sessionised(world: World) -> list[tuple[str | None, list[Event], bool]]:
    """Every session as (id, its events, whether it was cut)."""
    settings = world.settings
    timeout = timedelta(minutes=settings.session_timeout_minutes)
    if settings.session_rule == "client":
        timeout = timedelta(days=settings.max_session_days)
    found = []
    for events in by_player(world.active()).values():
        named: dict[str | None, list[Event]] = defaultdict(list)
        for chain in runs(events, timeout):
            for place, event in enumerate(chain):
                named[filled_id(chain, place)].append(event)
        for name, mine in named.items():
            for run in runs(mine, timeout):
                found += [(name, piece, cut) for piece, cut in pieces(run, settings)]
    return found


def sessions(world: World) -> list[Row]:
    """One row a session."""
    found = []
    for name, events, cut in sessionised(world):
        types = {e["event_type"] for e in events}
        start, end = events[0]["event_ts"], events[-1]["event_ts"]
        explicit = "explicit" if "session_end" in types else "timeout"
        found.append(
            {
                "player_id": events[0]["player_id"],
                "session_id": name,
                "session_date": world.settings.day_of(start),
                "started_at": start,
                "ended_at": end,
                "length_seconds": (end - start).total_seconds(),
                "closed_by": "cap" if cut else explicit,
                "start_missing": "session_start" not in types,
                "events": len(events),
                "levels": sum(won(e) for e in events),
                "revenue_usd": earned(events),
            }
        )
    return found


def playtime(world: World) -> dict[tuple[str, date], float]:
    """Seconds of sessions by player and day, parted at midnight."""
    settings = world.settings
    found: dict[tuple[str, date], float] = defaultdict(float)
    for session in sessions(world):
        day = session["session_date"]
        while settings.midnight(day) < session["ended_at"]:
            tomorrow = day + timedelta(days=1)
            start = max(settings.midnight(day), session["started_at"])
            end = min(settings.midnight(tomorrow), session["ended_at"])
            if end > start:
                found[session["player_id"], day] += (end - start).total_seconds()
            day = tomorrow
    return found
