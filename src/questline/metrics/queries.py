"""Metrics as compiled queries: what is counted and whose rows count are compiled apart.

A metric is compiled once for all players. Conditions and segments become queries of their own,
one a table, which stand for the tables that the metric reads. So another platform costs a few
small queries, whatever is asked of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from questline.engines.base import Engine, Query
from questline.engines.over import over
from questline.engines.prepared import Prepared
from questline.metrics.catalogue import Entry
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables


@dataclass(frozen=True)
class Queries:
    """Queries of metrics over the tables of one lake; the latest are remembered."""

    engine: Engine
    tables: Tables
    prepared: Prepared = field(default_factory=Prepared, repr=False)

    def of(self, found: Entry, scope: Scope, options: Mapping[str, object]) -> Query:
        """A metric for the players of the scope; safe to call from several threads.

        Raises:
            UsageError: an option is unknown, wrong or missing, or a segment is wrong.
        """
        everybody = scope.everybody
        asked = self.prepared.query(
            repr((found.name, found.parse(options, scope.declared), everybody)),
            lambda: self.engine.prepare(found.compute(self.tables, everybody, **options)),
        )
        if scope == everybody:
            return asked
        return over(asked, {name: self._chosen(name, scope) for name in asked.reads})

    def _chosen(self, name: str, scope: Scope) -> Query:
        """The rows of a table that the scope chooses."""
        return self.prepared.query(
            repr((name, scope.where, scope.segments, scope.excluded)),
            lambda: self.engine.prepare(getattr(self.tables.whole().filtered(scope), name)),
        )
