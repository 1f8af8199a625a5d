"""The pieces every metric is made of: player attributes, days, pooled sums and ratios.

Facts of different tables are stacked below each other and grouped once, instead of joining
groups: an unknown attribute (NULL) then stays one group, and days without a fact stay rows.
"""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _

from questline.metrics.scope import Per, Scope
from questline.metrics.tables import Tables, is_numbered


def profiles(tables: Tables, scope: Scope, *more: str) -> ibis.Table:
    """One row a player: `acquired_on`, `acquisition_source`, the column that splits and `more`."""
    players = tables.players
    split = [] if scope.by is None else [scope.by.of(players).name(scope.by.column)]
    known = [c for c in ("acquisition_source",) if c not in scope.dimensions]
    columns = ["player_id", *known, *split, *more]
    return players.select(*columns, acquired_on=players.acquisition_date)


def attributed(facts: ibis.Table, tables: Tables, scope: Scope) -> ibis.Table:
    """`facts` of players, or of numbered ones, with the column that splits the result, if any."""
    if scope.by is None:
        return facts
    players = profiles(tables, scope).select("player_id", *scope.dimensions)
    if is_numbered(facts):
        players = tables.numbered(players)
    return facts.left_join(players, "player_id").select(facts, *scope.dimensions)


def active_days(tables: Tables) -> ibis.Table:
    """One row a player and day with an active event."""
    return tables.player_days.filter(_.active_events > 0).select("player_id", "event_date")


def shifted(day: ibis.DateValue, days: int | ibis.IntegerValue) -> ibis.DateValue:
    """`day` moved by a number of days, as a date in every engine."""
    step = ibis.interval(days=days) if isinstance(days, int) else days.as_interval("D")
    return (day + step).cast("timestamp").cast("date")


def numbers(values: list[int], name: str) -> ibis.Table:
    """A table with one column of whole numbers."""
    rows = ibis.array(values).cast("array<int64>").unnest().name(name).as_table()
    return rows.select(name)


def calendar(first: date, last: date) -> ibis.Table:
    """One row a day, `event_date`."""
    length = max((last - first).days + 1, 0)
    days = ibis.range(0, length).unnest().name("n").as_table()
    return days.select(event_date=shifted(ibis.date(first), days.n.cast("int64")))


def stacked(*parts: ibis.Table) -> ibis.Table:
    """The rows of all parts; a column that a part does not have is NULL there.

    Raises:
        TypeError: a column has texts in one part and none in another, as players that are numbered
            in one of them.
    """
    types = {c: t for part in reversed(parts) for c, t in part.schema().items()}
    for part in parts:
        for c, t in part.schema().items():
            if t.is_string() != types[c].is_string():
                raise TypeError(f"{c} is {t} in one part and {types[c]} in another.")
    same = [
        part.select(
            **{c: part[c].cast(t) if c in part.columns else ibis.null(t) for c, t in types.items()}
        )
        for part in parts
    ]
    return ibis.union(*same) if len(same) > 1 else same[0]


def grouped(facts: ibis.Table, keys: list[str], **sums: ibis.Deferred) -> ibis.Table:
    """`facts` by `keys`; without a key one row, even of no fact."""
    return facts.group_by(keys).aggregate(**sums) if keys else facts.aggregate(**sums)


def every_split(subjects: ibis.Table, facts: ibis.Table, scope: Scope) -> ibis.Table:
    """`subjects`, each once for every value that splits `facts`."""
    if not scope.dimensions:
        return subjects
    return subjects.cross_join(facts.select(*scope.dimensions).distinct())


def apart(rows: ibis.Table) -> ibis.Table:
    """Rows of an answer, each unlike the others, as a step of its own in the SQL.

    Ibis writes an expression out in full wherever it is used, so a formula of formulas would grow
    to megabytes; DISTINCT of unique rows changes nothing and stops it.
    """
    return rows.distinct()


def every_day(facts: ibis.Table, scope: Scope) -> ibis.Table:
    """`facts` of the period, and one empty row a day and split so that no day is missing."""
    shown = facts.filter(scope.shown(facts.event_date))
    return stacked(shown, every_split(calendar(scope.first, scope.last), shown, scope))


def summed(facts: ibis.Table, scope: Scope, per: Per, **sums: ibis.Deferred) -> ibis.Table:
    """Sums of `facts` a day of the period, or pooled over its observed days."""
    if per == "period":
        return grouped(facts.filter(scope.counted(facts.event_date)), scope.dimensions, **sums)
    rows = grouped(every_day(facts, scope), ["event_date", *scope.dimensions], **sums)
    return rows.mutate(complete=scope.complete(rows.event_date))


def arranged(
    rows: ibis.Table, scope: Scope, *columns: str, first: tuple[str, ...] = ()
) -> ibis.Table:
    """`rows` with their columns in reading order, sorted by their keys."""
    day = [c for c in ("event_date",) if c in rows.columns]
    keys = [*day, *first, *scope.dimensions]
    complete = [c for c in ("complete",) if c in rows.columns]
    result = rows.select(*keys, *columns, *complete)
    return result.order_by(keys) if keys else result


def total(column: ibis.Deferred) -> ibis.Deferred:
    """Sum that is 0 where there is nothing to add."""
    return column.sum().coalesce(0)


def ratio(rows: ibis.Table, numerator: str, denominator: str) -> ibis.FloatingValue:
    """Numerator / denominator; NULL over nothing and on days that are not complete."""
    value = rows[numerator].cast("float64") / rows[denominator].nullif(0).cast("float64")
    return (
        rows.complete.ifelse(value, ibis.null("float64")) if "complete" in rows.columns else value
    )
