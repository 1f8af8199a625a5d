"""The tables of a lake that metrics read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import ibis
from ibis import _

from questline.engines.base import Number, schema
from questline.engines.over import WHOLE
from questline.lake.schemas import TABLES
from questline.metrics.scope import Scope


class Tables:
    """One Ibis table each, with the columns of `questline.lake.schemas`.

    A table is made when a metric first asks for it: most metrics need two or three, and choosing
    players in the others would cost more than many questions do.
    """

    events: ibis.Table
    players: ibis.Table
    sessions: ibis.Table
    player_days: ibis.Table
    level_attempts: ibis.Table
    purchases: ibis.Table
    daily: ibis.Table

    def __init__(
        self,
        make: Callable[[str], ibis.Table],
        keep: Callable[[ibis.Table], ibis.Table] | None = None,
        numbers: Callable[[], Number | None] | None = None,
    ) -> None:
        """`make` gives the table of a name, `keep` one that holds the rows of a part.

        `numbers` says, when it is first needed, what gives each player a number of his own.
        """
        self._make = make
        self._keep = keep
        self._numbers = numbers

    def __getattr__(self, name: str) -> ibis.Table:
        """The table of that name, made once."""
        if name not in self.names():
            raise AttributeError(name)
        made = self._make(name)
        setattr(self, name, made)
        return made

    @property
    def keeps(self) -> bool:
        """Whether parts are worked out once for several questions."""
        return self._keep is not None

    def part(self, rows: ibis.Table) -> ibis.Table:
        """Rows that other questions may share, worked out apart from this one if tables keep parts.

        With a `player_id` each row must follow from the rows of that player alone: they are worked
        out for all players, and whose rows count is asked of the part afterwards. Without one they
        are of the players whom the question is about.
        """
        return rows if self._keep is None else self._keep(rows)

    def numbered(self, rows: ibis.Table) -> ibis.Table:
        """`rows` with a number for each `player_id`, if tables have numbers; none may be NULL.

        Numbers are grouped and sorted faster than texts; `attributed` takes both. Filter first:
        what several steps share is otherwise read for all of them at once, and kept meanwhile.
        """
        number = None if self._numbers is None else self._numbers()
        return rows if number is None else rows.mutate(player_id=number(rows.player_id))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(cls.__annotations__)

    @classmethod
    def unbound(cls) -> Tables:
        """Tables that only have a name and columns, to compile SQL from."""
        return cls(lambda name: ibis.table(schema(TABLES[name]), name=name))

    @classmethod
    def of(cls, tables: Mapping[str, ibis.Table]) -> Tables:
        """The tables of a mapping by name."""
        return cls(tables.__getitem__)

    def whole(self) -> Tables:
        """The same tables by the names that they have in a query that stands for one of them."""

        def named(name: str) -> ibis.Table:
            return ibis.table(getattr(self, name).schema(), name=WHOLE + name)

        return Tables(named, numbers=self._numbers)

    def keeping(self, keep: Callable[[ibis.Table], ibis.Table]) -> Tables:
        """The same tables, whose parts `keep` puts aside."""
        return Tables(lambda name: getattr(self, name), keep, self._numbers)

    def numbering(self, numbers: Callable[[ibis.Column], Number | None]) -> Tables:
        """The same tables, with the numbers that the engine gives players, if it has some.

        They are asked for when a metric first needs them.
        """
        asked = cache(lambda: numbers(self.players.player_id))
        return Tables(lambda name: getattr(self, name), self._keep, asked)

    def of_players(self, rows: ibis.Table, scope: Scope) -> ibis.Table:
        """Those of `rows`, numbered or not, that are of players whom the scope chooses."""
        _, *ids = self._choice(scope)
        if is_numbered(rows):
            ids = [None if one is None else self.numbered(one) for one in ids]
        return _kept(rows, *ids)

    def filtered(self, scope: Scope) -> Tables:
        """The same tables with the rows of the players that the scope chooses."""
        if scope == scope.everybody:
            return self
        players, only, without = self._choice(scope)

        def chosen(name: str) -> ibis.Table:
            if name == "daily":
                return found.daily_from_events()
            if name == "players":
                return players if without is None else players.anti_join(without, "player_id")
            return _kept(getattr(self, name), only, without)

        found = Tables(chosen, numbers=self._numbers)
        return found

    def _choice(self, scope: Scope) -> tuple[ibis.Table, ibis.Table | None, ibis.Table | None]:
        """Players who meet the conditions, their ids if there are any, and ids to leave out."""
        players, only = self.players, None
        if scope.where:
            players = players.filter(*[c.of(players) for c in scope.where])
        if scope.where or scope.segments:
            for segment in scope.segments:
                players = players.semi_join(segment.members(self.players, self.events), "player_id")
            only = players.select("player_id")
        out = [s.members(self.players, self.events) for s in scope.excluded]
        return players, only, ibis.union(*out) if len(out) > 1 else out[0] if out else None

    def daily_from_events(self) -> ibis.Table:
        """The `daily` table, counted again from the events of these players."""
        cohorts = self.players.select("player_id", "acquisition_date")
        events = self.events.select("player_id", "event_date", "event_type", "amount_usd")
        joined = events.left_join(cohorts, "player_id").select(events, "acquisition_date")
        money = ["purchase", "ad_watched"]
        return joined.group_by("event_date", "acquisition_date", "event_type").aggregate(
            events=_.count(),
            players=_.player_id.nunique(),
            revenue_usd=_.amount_usd.sum(where=_.event_type.isin(money)).cast(
                events.amount_usd.type()
            ),
        )


def is_numbered(rows: ibis.Table) -> bool:
    """Whether `rows` have numbers for players."""
    return "player_id" in rows.columns and not rows.player_id.type().is_string()


def _kept(rows: ibis.Table, only: ibis.Table | None, without: ibis.Table | None) -> ibis.Table:
    if only is not None:
        rows = rows.semi_join(only, "player_id")
    return rows if without is None else rows.anti_join(without, "player_id")
