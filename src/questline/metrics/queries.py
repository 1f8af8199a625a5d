"""Metrics as compiled queries: what is counted and whose rows count are compiled apart.

A metric is compiled once for all players. Conditions and segments become queries of their own,
one a table, which stand for the tables that the metric reads. So another platform costs a few
small queries, whatever is asked of it.

Where questions are asked again and again, what a metric makes of the events of each player is put
aside as a *part*, of all players: the next question, of other players or about something else
that begins with the same part, reads it and no events. A part without `player_id` is shared by
questions about the same players only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import ibis

from questline.engines.base import Engine, Query
from questline.engines.over import WHOLE, over
from questline.engines.parts import PART
from questline.engines.prepared import Prepared
from questline.metrics.catalogue import Entry
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables


@dataclass(frozen=True)
class Queries:
    """Queries of metrics over the tables of one lake; the latest are remembered."""

    engine: Engine
    tables: Tables
    keeps: bool = False
    """Whether parts are put aside; the engine must be one that holds them."""
    prepared: Prepared = field(default_factory=Prepared, repr=False)

    def of(self, found: Entry, scope: Scope, options: Mapping[str, object]) -> Query:
        """A metric for the players of the scope; safe to call from several threads.

        Raises:
            UsageError: an option is unknown, wrong or missing, or a segment is wrong.
        """
        everybody = scope.everybody
        asked = self.prepared.query(
            repr((found.name, found.parse(options, scope.declared), everybody)),
            lambda: self._prepared(found, everybody, options),
        )
        if scope == everybody:
            return asked
        parts: dict[str, Query] = {}
        instead: dict[str, Query] = {}
        for name in asked.reads:
            part = asked.parts.get(name)
            if part is None:
                instead[name] = self._chosen(name, scope)
            elif "player_id" in part.schema:
                parts[name] = part
                instead[name] = self._chosen(name, scope, part)
            else:
                own = over(part, {read: self._chosen(read, scope) for read in part.reads})
                parts[_name(own)] = own
                instead[name] = Query(f"SELECT * FROM {_name(own)}", part.schema)
        return over(asked, instead)._replace(parts=parts)

    def _prepared(self, found: Entry, scope: Scope, options: Mapping[str, object]) -> Query:
        """A metric for everybody, with its parts."""
        parts: dict[str, Query] = {}

        def keep(rows: ibis.Table) -> ibis.Table:
            query = self.engine.prepare(rows)
            name = _name(query)
            parts[name] = query
            return ibis.table(query.schema, name=name)

        tables = self.tables.keeping(keep) if self.keeps else self.tables
        return self.engine.prepare(found.compute(tables, scope, **options))._replace(parts=parts)

    def _chosen(self, name: str, scope: Scope, part: Query | None = None) -> Query:
        """The rows of a table, or of a part, that are of the players whom the scope chooses."""

        def chosen() -> ibis.Table:
            whole = self.tables.whole()
            if part is None:
                return getattr(whole.filtered(scope), name)
            return whole.of_players(ibis.table(part.schema, name=WHOLE + name), scope)

        return self.prepared.query(
            repr((name, scope.where, scope.segments, scope.excluded)),
            lambda: self.engine.prepare(chosen()),
        )


def _name(part: Query) -> str:
    """The table of a part: the same for the same query."""
    return PART + sha256(part.text.encode()).hexdigest()[:24]
