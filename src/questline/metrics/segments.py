"""Segments: named sets of players, declared in the settings, to keep or to leave out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.attributes import Condition, parse_event_where, parse_where
from questline.metrics.selectors import Selector, parse_selector
from questline.settings import Declared

NONE = "none"
"""Stands for no segment where segments are left out."""


@dataclass(frozen=True)
class Segment:
    """Players who match all that is given: attributes, a list of ids, events they did."""

    name: str
    conditions: tuple[Condition, ...] = ()
    players: tuple[str, ...] = ()
    selector: Selector | None = None
    at_least: int = 1

    def __str__(self) -> str:
        """The name and what it means."""
        said = [str(condition) for condition in self.conditions]
        if self.players:
            said.append(f"{len(self.players)} players by id")
        if self.selector is not None:
            times = "" if self.at_least == 1 else f" at least {self.at_least} times"
            said.append(f"{self.selector}{times}")
        return f"{self.name} ({', '.join(said)})"

    def members(self, players: ibis.Table, events: ibis.Table) -> ibis.Table:
        """One row a player of the segment, `player_id`."""
        if self.conditions:
            players = players.filter(*[c.of(players) for c in self.conditions])
        found = players.select("player_id")
        if self.players:
            found = found.filter(_.player_id.isin(self.players))
        if self.selector is not None:
            try:
                did = events.filter(self.selector.of(events)).select("player_id")
            except UsageError as error:
                raise UsageError(f"segments.{self.name}: {error}") from error
            if self.at_least > 1:
                counts = did.group_by("player_id").aggregate(times=_.count())
                did = counts.filter(_.times >= self.at_least)
            found = found.semi_join(did, "player_id")
        return found


def chosen_segments(
    declared: Declared, names: str | Iterable[str], option: str = "exclude"
) -> tuple[Segment, ...]:
    """The segments of these names; of `none`, none.

    Raises:
        UsageError: a segment is not declared, or what it declares is wrong.
    """
    listed = [names] if isinstance(names, str) else list(names)
    if option == "exclude" and listed == [NONE]:
        return ()
    if option == "exclude" and NONE in listed:
        raise UsageError("exclude == 'none' stands for nobody; give it alone.")
    return tuple(_segment(declared, name, option) for name in dict.fromkeys(listed))


def _segment(declared: Declared, name: str, option: str) -> Segment:
    found = declared.segments.get(name)
    if found is None:
        known = ", ".join(declared.segments)
        declare = "Declare it as [segments.NAME] in questline.toml."
        hint = f"Declared: {known}." if known else declare
        raise UsageError(f"{option} == {name!r}, there is no such segment. {hint}")
    where = f"segments.{name}"
    if parse_event_where(found.where):
        raise UsageError(
            f"{where}: where is about players; write conditions on events as "
            'event = "level_start[level>3]".'
        )
    try:
        return Segment(
            name,
            parse_where(found.where),
            found.players,
            None if found.event is None else parse_selector(found.event),
            found.at_least,
        )
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error
