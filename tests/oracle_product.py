"""The oracle's metrics of funnels, features, achievements and days."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from oracle_activity import active_on
from oracle_contract import Event
from oracle_ingest import World
from oracle_models import player_days
from oracle_scope import Scope, matches, ratio
from oracle_sessions import Row, earned


@dataclass(frozen=True)
class OracleFeature:
    """A feature as the settings declare it."""

    name: str
    event: str
    where: Mapping[str, str] = field(default_factory=dict)
    launched: date | None = None
    eligible: Mapping[str, str] = field(default_factory=dict)


def has(event: Event, where: Mapping[str, str]) -> bool:
    """Whether the event has these properties."""
    said = json.loads(event["properties"], parse_float=Decimal, parse_int=Decimal)
    return all(_equal(said.get(name), wanted) for name, wanted in where.items())


def _equal(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted == ("true" if value else "false")
    if isinstance(value, Decimal):
        try:
            return value == Decimal(wanted)
        except InvalidOperation:
            return False
    return bool(value == wanted)


def feature_adoption(world: World, feature: OracleFeature, **question: Any) -> list[Row]:
    """Eligible players who used the feature, from its launch on."""
    scope, rows, found = Scope(world, **question), player_days(world), []
    days = [d for d in scope.pooled if feature.launched is None or d >= feature.launched]
    users = {
        e["player_id"]
        for e in world.events
        if e["event_type"] == feature.event and e["event_date"] in days and has(e, feature.where)
    }
    for label, people in scope.groups():
        allowed = {p["player_id"] for p in people if matches(p, feature.eligible)}
        eligible = active_on(rows, days, allowed)
        found.append(
            {
                "feature": feature.name,
                **label,
                "eligible": len(eligible),
                "adopters": len(eligible & users),
                "adoption": ratio(len(eligible & users), len(eligible)),
            }
        )
    return found


def achievements(world: World, **question: Any) -> list[Row]:
    """One row an achievement that somebody unlocked in the period."""
    scope, rows, found = Scope(world, **question), player_days(world), []
    for label, people in scope.groups():
        ids = {p["player_id"] for p in people}
        unlocked: dict[str, set[str]] = defaultdict(set)
        for e in world.events:
            here = e["player_id"] in ids and e["event_date"] in scope.pooled
            if e["event_type"] == "achievement_unlocked" and here:
                unlocked[e["achievement_id"]].add(e["player_id"])
        present = len(active_on(rows, scope.pooled, ids))
        found += [
            {
                "achievement_id": name,
                **label,
                "unlockers": len(unlocked[name]),
                "players": present,
                "unlock_rate": ratio(len(unlocked[name]), present),
            }
            for name in sorted(unlocked)
        ]
    return found


def daily_events(world: World, **question: Any) -> list[Row]:
    """Events, players and gross revenue by day, day of acquisition and type."""
    scope, found = Scope(world, **question), []
    for label, people in scope.groups():
        acquired = {p["player_id"]: p["acquisition_date"] for p in people}
        cells: dict[Any, list[Event]] = defaultdict(list)
        for e in world.events:
            if e["player_id"] in acquired and e["event_date"] in scope.shown:
                cells[e["event_date"], acquired[e["player_id"]], e["event_type"]].append(e)
        for (day, cohort, kind), events in cells.items():
            found.append(
                {
                    "event_date": day,
                    "acquisition_date": cohort,
                    "event_type": kind,
                    **label,
                    "events": len(events),
                    "players": len({e["player_id"] for e in events}),
                    "revenue_usd": earned(events),
                    "complete": scope.observed(day),
                }
            )
    return found
