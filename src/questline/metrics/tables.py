"""The tables of a lake that metrics read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import ibis
from ibis import _

from questline.engines.base import schema
from questline.lake.schemas import TABLES
from questline.metrics.scope import Condition


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

    def filtered(self, conditions: tuple[Condition, ...]) -> Tables:
        """The same tables with the rows of the players who match all `conditions`."""
        if not conditions:
            return self
        players = self.players.filter(*[c.of(self.players) for c in conditions])
        kept = {
            n: getattr(self, n).semi_join(players, "player_id")
            for n in self.names()
            if n not in {"players", "daily"}
        }
        chosen = replace(self, players=players, **kept)
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
