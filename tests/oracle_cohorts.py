"""Cohorts by day of acquisition, for the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from oracle_ingest import World
from oracle_scope import Scope, Where
from oracle_sessions import Row


def chosen_cohorts(
    world: World, start: date | None, end: date | None, by: str | None, where: Where | None
) -> Iterator[tuple[Row, dict[date, set[str]]]]:
    """Players of the chosen cohorts by day of acquisition, for each value that splits."""
    for label, people in Scope(world, by=by, where=where).groups():
        mine: dict[date, set[str]] = {}
        for player in people:
            day = player["acquisition_date"]
            if day is None or (start and day < start) or (end and day > end):
                continue
            early = world.begin is None or day < world.begin
            if early and player["acquisition_source"] != "metadata":
                continue
            mine.setdefault(day, set()).add(player["player_id"])
        yield label, mine
