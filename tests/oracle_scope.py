"""What a question to the oracle covers: days, players and their groups."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from oracle_ingest import World
from oracle_models import players
from oracle_selectors import ORDERED, conditions_of, means
from oracle_sessions import Row

Where = Mapping[str, Any]
Tell = Callable[[Collection[date], Collection[str]], Row]
DAY = timedelta(days=1)


def ratio(top: Any, bottom: Any) -> float | None:
    """Computed exactly, a float at the very end; over nothing None."""
    return float(Decimal(top) / Decimal(bottom)) if bottom else None


def span(first: date | None, last: date | None) -> list[date]:
    """Every day from first to last."""
    if first is None or last is None:
        return []
    return [first + n * DAY for n in range((last - first).days + 1)]


def attribute(player: Row, name: str) -> Any:
    """A player's value of an attribute; `experiment.NAME` is the variant first seen."""
    if name.startswith("experiment."):
        experiment = name.removeprefix("experiment.")
        seen = {v["experiment"]: v["variant"] for v in player["variants"]}
        return seen.get(experiment)
    return player[name]


def matches(player: Row, where: Where | None) -> bool:
    """Whether the player has every value asked for; None asks for the unknown."""
    return all(attribute(player, name) == value for name, value in (where or {}).items())


@dataclass(frozen=True)
class OracleSegment:
    """Players who match everything that is given."""

    where: tuple[str, ...] = ()
    players: tuple[str, ...] = ()
    event: str | None = None
    at_least: int = 1

    def members(self, world: World) -> set[str]:
        """Ids of its players."""
        found = {p["player_id"] for p in players(world) if self._like(p)}
        if self.players:
            found &= set(self.players)
        if self.event is not None:
            did = [e["player_id"] for e in world.events if means(self.event).match(e)]
            found = {p for p in found if did.count(p) >= self.at_least}
        return found

    def _like(self, player: Row) -> bool:
        for name, sign, values in conditions_of(list(self.where)):
            value = attribute(player, name)
            said = "" if value is None else str(value)
            if sign in ORDERED:
                if value is None or not ORDERED[sign](said, values[0]):
                    return False
            elif (said in values) != (sign == "="):
                return False
        return True


@dataclass(frozen=True)
class Scope:
    """A question's period, split and filter."""

    world: World
    start: date | None = None
    end: date | None = None
    by: str | None = None
    where: Where | None = None
    segment: tuple[OracleSegment, ...] = field(default=())
    exclude: tuple[OracleSegment, ...] = field(default=())

    @property
    def shown(self) -> list[date]:
        """Days asked for; without a wish the observed ones.

        Who names one end beyond what was observed asks for that day.
        """
        first, last = self.world.begin, self.world.complete_until
        if first is None or last is None:
            return span(self.start or self.end, self.end or self.start)
        asked = [day for day in (self.start, self.end) if day]
        return span(self.start or min([first, *asked]), self.end or max([last, *asked]))

    def observed(self, day: date) -> bool:
        first, last = self.world.complete_from, self.world.complete_until
        return first is not None and last is not None and first <= day <= last

    @property
    def pooled(self) -> list[date]:
        """Days that enter a ratio."""
        return [d for d in self.shown if self.observed(d)]

    @property
    def people(self) -> list[Row]:
        """Players that the filter keeps."""
        inside = [s.members(self.world) for s in self.segment]
        outside = [s.members(self.world) for s in self.exclude]
        return [
            p
            for p in players(self.world)
            if matches(p, self.where)
            and all(p["player_id"] in ids for ids in inside)
            and not any(p["player_id"] in ids for ids in outside)
        ]

    def groups(self) -> Iterator[tuple[Row, list[Row]]]:
        """Players by value of `by`, the unknown last; without `by` all of them."""
        if self.by is None:
            yield {}, self.people
            return
        values = {attribute(p, self.by) for p in self.people}
        name = "variant" if self.by.startswith("experiment.") else self.by
        for value in sorted(values, key=lambda v: (v is None, str(v))):
            yield {name: value}, [p for p in self.people if attribute(p, self.by) == value]

    def by_day(self, tell: Tell, ratios: Collection[str] = ()) -> list[Row]:
        """One row a shown day and group; ratios of a day that was not observed are None."""
        found = []
        for day in self.shown:
            for label, people in self.groups():
                row = tell([day], {p["player_id"] for p in people})
                hidden = {} if self.observed(day) else dict.fromkeys(ratios)
                found.append(
                    {"event_date": day, **label, **row, **hidden, "complete": self.observed(day)}
                )
        return found

    def answer(self, per: str, tell: Tell, ratios: Collection[str] = ()) -> list[Row]:
        """One row for the observed days of the period, or one a day; and group."""
        if per == "day":
            return self.by_day(tell, ratios)
        return [
            {**label, **tell(self.pooled, {p["player_id"] for p in people})}
            for label, people in self.groups()
        ]
