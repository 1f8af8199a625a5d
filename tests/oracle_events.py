"""The oracle's metric of any event."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from oracle_ingest import World
from oracle_scope import Scope, ratio
from oracle_sessions import Row


def event_trend(
    world: World,
    *,
    event: str | None = None,
    property: str | None = None,  # noqa: A002 - the word of the field
    per: str = "period",
    by: str | None = None,
    **question: Any,
) -> list[Row]:
    """Events that match, those who did them and what a typed property adds up to."""
    split = by is not None and by.startswith("event.")
    scope = Scope(world, by=None if split else by, **question)
    wanted, _, inside = (event or "").partition("[")
    conditions = [part.split("=") for part in inside.removesuffix("]").split(",") if part]
    chosen = [
        e
        for e in world.events
        if wanted in ("", e["event_type"]) and all(str(e[k]) == v for k, v in conditions)
    ]

    def tell(rows: list[Row], observed: bool) -> Row:
        people = {e["player_id"] for e in rows}
        each = ratio(len(rows), len(people)) if observed else None
        found: Row = {"events": len(rows), "players": len(people), "events_per_player": each}
        if property is not None:
            values = [e[property] for e in rows if e[property] is not None]
            total = sum(values, Decimal(0)) if values else None
            mean = ratio(total, len(values)) if observed and values else None
            found |= {"with_property": len(values), "total": total, "mean": mean}
        return found

    def on(days: Collection[date], people: Collection[str]) -> list[Row]:
        return [e for e in chosen if e["event_date"] in days and e["player_id"] in people]

    found = []
    for label, people in scope.groups():
        ids = {p["player_id"] for p in people}
        days = scope.shown if per == "day" else scope.pooled
        mine = on(days, ids)
        values = (
            sorted({e[by.partition(".")[2]] for e in mine}, key=repr) if by and split else [None]
        )
        for value in values:
            rows = [e for e in mine if not (by and split) or e[by.partition(".")[2]] == value]
            shown = {by: value} if by and split else label
            if per == "period":
                found.append({**shown, **tell(rows, observed=True)})
                continue
            for day in days:
                observed = scope.observed(day)
                today = [e for e in rows if e["event_date"] == day]
                found.append(
                    {"event_date": day, **shown, **tell(today, observed), "complete": observed}
                )
    return found
