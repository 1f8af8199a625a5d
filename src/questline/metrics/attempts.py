"""Attempts of levels: the rows and columns that metrics of levels share."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import attributed, grouped, stacked
from questline.metrics.catalogue import Kind, Output
from questline.metrics.intervals import clustered
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

LEVEL = Output("level", Kind.COUNT, "Number of the level.")
VERSION = Output("version", Kind.TEXT, "Version of the attempt; only with `versions`.")
BEGUN_DAYS = "Only attempts that began from complete_from to complete_until are counted."


def begun(tables: Tables, scope: Scope, mode: str | None) -> ibis.Table:
    """Attempts of the mode that began on the observed days of the period."""
    attempts = in_mode(tables, mode)
    return attempts.filter(scope.counted(attempts.event_date))


def known(tables: Tables, scope: Scope, mode: str | None) -> ibis.Table:
    """Attempts of the mode up to the last observed day, whatever the period."""
    attempts = in_mode(tables, mode)
    return attempts.filter(attempts.event_date <= ibis.date(scope.observed[1]))


def in_mode(tables: Tables, mode: str | None) -> ibis.Table:
    """Attempts of one game mode, or of all."""
    attempts = tables.level_attempts
    return attempts if mode is None else attempts.filter(attempts["mode"] == mode)


def keys_of(scope: Scope, *, versions: bool = False) -> list[str]:
    """What a row of the answer stands for."""
    return ["level", *(["version"] if versions else []), *scope.dimensions]


def keyed(attempts: ibis.Table, *columns: str, versions: bool) -> ibis.Table:
    """Player, level, version if asked, and these columns."""
    version = {"version": attempts.app_version} if versions else {}
    return attempts.select("player_id", "level", *columns, **version)


def level_sums(
    tables: Tables, scope: Scope, mode: str | None, *, versions: bool
) -> tuple[ibis.Table, list[str]]:
    """One row a level, version and split with its players and attempts, and what it is keyed by.

    Columns: `players`, `completed` (those who won), `attempts`, `wins`, `fails`, `abandons`, and
    the sums over players that the interval of wins in attempts takes.
    """
    keys = keys_of(scope, versions=versions)
    attempts = keyed(begun(tables, scope, mode), "outcome", versions=versions)
    attempts = tables.numbered(attempts)
    # One pass over the attempts: counting distinct players twice would take two more.
    cells = grouped(
        attempts,
        [c for c in attempts.columns if c != "outcome"],
        attempts=_.count(),
        wins=_.count(where=_.outcome == "complete"),
        fails=_.count(where=_.outcome == "fail"),
        abandons=_.count(where=_.outcome == "abandon"),
    )
    rows = grouped(
        attributed(cells, tables, scope),
        keys,
        players=_.count(),
        completed=_.count(where=_.wins > 0),
        **{name: _[name].sum() for name in ("attempts", "wins", "fails", "abandons")},
        **clustered("attempts", "wins"),
    )
    return tables.part(rows), keys


def first_wins(tables: Tables, attempts: ibis.Table) -> ibis.Table:
    """One row a numbered player and level: `first_day`, `won`, what it took to the first win.

    `tries` and `seconds` cover the attempts up to the first one that was won, all of them where
    none was. Attempts without a known length add no seconds. Only pairs with an attempt after the
    first win, which are few, are looked at twice.
    """
    pair = ["player_id", "level"]
    tried = attempts.select(*pair, "event_date", "started_at", "outcome", "seconds")
    tried = tables.numbered(tried)
    ends = tried.group_by(pair).aggregate(
        first_day=_.event_date.min(),
        won_at=_.started_at.min(where=_.outcome == "complete"),
        latest=_.started_at.max(),
        tries=_.count(),
        seconds=_.seconds.sum(),
    )
    columns = [*pair, "first_day", "won", "tries", "seconds"]
    ends = ends.mutate(
        won=ends.won_at.notnull(),
        replayed=(ends.latest > ends.won_at).coalesce(ibis.literal(value=False)),
    )
    again = ends.filter(ends.replayed).select(*pair, "first_day", "won_at")
    used = tables.numbered(attempts.select(*pair, "started_at", "seconds"))
    used = used.inner_join(again, pair)
    used = used.filter(used.started_at <= used.won_at)
    used = used.group_by([*pair, "first_day"]).aggregate(
        won=ibis.literal(value=True), tries=_.count(), seconds=_.seconds.sum()
    )
    return stacked(ends.filter(~ends.replayed).select(*columns), used.select(*columns))
