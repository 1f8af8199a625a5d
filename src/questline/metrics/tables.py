"""The tables of a lake that metrics read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import ibis
from ibis import _

from questline.engines.base import schema
from questline.lake.schemas import TABLES
from questline.metrics.scope import Scope


@dataclass(frozen=True)
class Tables:
    """One Ibis table each, with the columns of `questline.lake.schemas`."""

    events: ibis.Table
    players: ibis.Table
    sessions: ibis.Table
    player_days: ibis.Table
    level_attempts: ibis.Table
    purchases: ibis.Table
    daily: ibis.Table

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(f.name for f in fields(cls))

    @classmethod
    def unbound(cls) -> Tables:
        """Tables that only have a name and columns, to compile SQL from."""
        return cls(**{n: ibis.table(schema(TABLES[n]), name=n) for n in cls.names()})

    @classmethod
    def of(cls, tables: Mapping[str, ibis.Table]) -> Tables:
        """The tables of a mapping by name."""
        return cls(**{n: tables[n] for n in cls.names()})

    def filtered(self, scope: Scope) -> Tables:
        """The same tables with the rows of the players that the scope chooses."""
        if not (scope.where or scope.segments or scope.excluded):
            return self
        players, only = self.players, None
        if scope.where:
            players = players.filter(*[c.of(players) for c in scope.where])
        if scope.where or scope.segments:
            for segment in scope.segments:
                players = players.semi_join(segment.members(self.players, self.events), "player_id")
            only = players.select("player_id")
        out = [s.members(self.players, self.events) for s in scope.excluded]
        without = ibis.union(*out) if len(out) > 1 else out[0] if out else None
        kept = {
            n: _kept(getattr(self, n), only, without)
            for n in self.names()
            if n not in {"players", "daily"}
        }
        kept["players"] = players if without is None else players.anti_join(without, "player_id")
        chosen = replace(self, **kept)
        return replace(chosen, daily=chosen.daily_from_events())

    def daily_from_events(self) -> ibis.Table:
        """The `daily` table, counted again from the events of these players."""
        cohorts = self.players.select("player_id", "acquisition_date")
        events = self.events.select("player_id", "event_date", "event_type", "amount_usd")
        joined = events.left_join(cohorts, "player_id").select(events, "acquisition_date")
        money = ["purchase", "ad_watched"]
        return joined.group_by("event_date", "acquisition_date", "event_type").aggregate(
            events=_.count(),
            players=_.player_id.nunique(),
            revenue_usd=_.amount_usd.sum(where=_.event_type.isin(money)),
        )


def _kept(rows: ibis.Table, only: ibis.Table | None, without: ibis.Table | None) -> ibis.Table:
    if only is not None:
        rows = rows.semi_join(only, "player_id")
    return rows if without is None else rows.anti_join(without, "player_id")
