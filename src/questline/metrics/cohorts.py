"""Cohorts and what counts as a return: the pieces of every metric of retention."""

from __future__ import annotations

from typing import NamedTuple

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.base import active_days, grouped, numbers, profiles
from questline.metrics.options import Span
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables


class Cell(NamedTuple):
    """A return to day `number`: `needed` active days among those from `first` to `last`."""

    number: int
    first: int
    last: int
    needed: int


def cell_of(span: Span, returned: str, follow_up: int) -> Cell:
    """What a day number or span asks for."""
    first, last = span
    if returned == "on_day":
        return Cell(first, first, last, 1)
    if first != last:
        raise UsageError(
            f"days == {span}, must be a single number with --returned {returned}; spans go with "
            "on_day."
        )
    if returned == "on_or_after":
        return Cell(first, first, first + follow_up, 1)
    if first == 0:
        raise UsageError(f"days == 0, must be 1 or more with --returned {returned}.")
    return Cell(first, 1, first, first if returned == "every_day" else 1)


def asked_table(wanted: list[Cell]) -> ibis.Table:
    """The cells as a table of one row each: place and the columns of `Cell`."""
    rows = numbers(list(range(len(wanted))), "place")

    def column(name: str) -> ibis.IntegerValue:
        values = [getattr(cell, name) for cell in wanted]
        pairs = [(rows.place == place, value) for place, value in enumerate(values)]
        return ibis.cases(*pairs).cast("int64")

    return rows.select(
        "place",
        day_number=column("number"),
        first_day=column("first"),
        last_day=column("last"),
        needed=column("needed"),
    )


def cohort_players(tables: Tables, scope: Scope) -> ibis.Table:
    """One row a player of the chosen cohorts, with `cohort` and the column that splits.

    Of cohorts before the log only players whose acquisition is known.
    """
    players = profiles(tables, scope).rename(cohort="acquired_on")
    known = players.acquisition_source == "metadata"
    chosen = (players.cohort >= ibis.date(scope.observed[0])) | known
    if scope.asked_from is not None:
        chosen = chosen & (players.cohort >= ibis.date(scope.asked_from))
    if scope.asked_to is not None:
        chosen = chosen & (players.cohort <= ibis.date(scope.asked_to))
    return players.filter(chosen)


def returns(tables: Tables, players: ibis.Table, wanted: list[Cell]) -> ibis.Table:
    """One row a player and cell (`place` in `wanted`) in which the player returned."""
    asked = asked_table(wanted)
    visits = (
        active_days(tables)
        .inner_join(players, "player_id")
        .mutate(day=lambda t: t.event_date.delta(t.cohort, unit="day").cast("int64"))
    )
    counted = visits.inner_join(
        asked, [visits.day >= asked.first_day, visits.day <= asked.last_day]
    )
    keys = [c for c in players.columns if c != "acquisition_source"]
    found = grouped(counted, [*keys, "place", "needed"], days=_.count())
    return found.filter(_.days >= _.needed).drop("needed", "days")
