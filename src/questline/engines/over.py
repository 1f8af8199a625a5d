"""A query over other queries, which stand for tables that it reads."""

from __future__ import annotations

from collections.abc import Mapping

from questline.engines.base import Query

WHOLE = "whole_"
"""Begins the name of a table in a query that stands for one."""


def over(query: Query, instead: Mapping[str, Query]) -> Query:
    """`query` where each name of `instead` is a query and no table; rows keep their order.

    DuckDB takes no WITH between brackets, hence the SELECT around it.

    >>> paying = Query("SELECT * FROM whole_players WHERE pays", {}, ("whole_players",))
    >>> over(Query("SELECT COUNT(*) FROM players", {}, ("players",)), {"players": paying}).text
    'WITH whole_players AS (SELECT * FROM players), \
players AS (SELECT * FROM whole_players WHERE pays) SELECT * FROM (SELECT COUNT(*) FROM players)'
    """
    whole = sorted({name for one in instead.values() for name in one.reads})
    steps = [f"{name} AS (SELECT * FROM {name.removeprefix(WHOLE)})" for name in whole]
    steps += [f"{name} AS ({one.text})" for name, one in instead.items()]
    return query._replace(text=f"WITH {', '.join(steps)} SELECT * FROM ({query.text})")
