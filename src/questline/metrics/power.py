"""How often players play: the power-user curve."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis import _

from questline.metrics.base import (
    active_days,
    arranged,
    attributed,
    every_split,
    grouped,
    numbers,
    ratio,
    stacked,
)
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables
from questline.metrics.use_options import FULL_EXPOSURE, POWER_WINDOW

_MEASURES = ("players", "share", "players_at_least", "share_at_least")


@metric(
    title="Power-user curve",
    formula="players active on exactly n days of the window / players active on any of them",
    grain="one row a number of active days",
    unit="share of players",
    value="share",
    inputs=("player_days", "players"),
    outputs=(
        Output("active_days", Kind.COUNT, "n: days of the window on which a player was active."),
        Output("players", Kind.COUNT, "Players active on exactly n days."),
        Output("share", Kind.SHARE, "players / players active on any day of the window."),
        Output("players_at_least", Kind.COUNT, "Players active on n days or more."),
        Output("share_at_least", Kind.SHARE, "players_at_least / players active on any day."),
    ),
    maturity="NULL unless every day of the window was observed.",
    options=(POWER_WINDOW, FULL_EXPOSURE),
    acquisition=True,
)
def power_users(
    tables: Tables, scope: Scope, *, window: int = 28, full_exposure: bool = False
) -> ibis.Table:
    """Players by the number of days on which they were active: L7, L28 or L30.

    The window ends with the last observed day of the period and reaches back before the period if
    it has to. Players acquired inside it had fewer days to play; `full_exposure` leaves them out.
    The mean of `active_days` over 30 days, divided by 30, is the mean daily active players
    divided by the monthly active players of the last day.

    References:
        L30 is what Facebook's growth team called the histogram, made known by Andreessen
        Horowitz as the power user curve.
    """
    last = min(scope.last, scope.observed[1])
    known = last >= scope.observed[0] + timedelta(days=window - 1) and last >= scope.first
    first = last - timedelta(days=window - 1) if known else last
    played = active_days(tables).filter(_.event_date.between(ibis.date(first), ibis.date(last)))
    counts = grouped(played, ["player_id"], active_days=_.event_date.count())
    if full_exposure:
        old = tables.players.filter(tables.players.acquisition_date < ibis.date(first))
        counts = counts.semi_join(old, "player_id")
    facts = attributed(counts, tables, scope)
    lengths = numbers(list(range(1, window + 1)), "active_days")
    rows = grouped(
        stacked(facts, every_split(lengths, facts, scope)),
        ["active_days", *scope.dimensions],
        players=_.player_id.count(),
    )
    rows = _at_least(rows, scope)
    if not known:
        rows = rows.mutate(**{c: ibis.null(rows[c].type()) for c in _MEASURES})
    return arranged(rows, scope, *_MEASURES, first=("active_days",))


def _at_least(rows: ibis.Table, scope: Scope) -> ibis.Table:
    everybody = rows.players.sum().over(group_by=scope.dimensions)
    downwards = ibis.cumulative_window(group_by=scope.dimensions, order_by=ibis.desc("active_days"))
    rows = rows.mutate(all_players=everybody, players_at_least=rows.players.sum().over(downwards))
    return rows.mutate(
        share=ratio(rows, "players", "all_players"),
        share_at_least=ratio(rows, "players_at_least", "all_players"),
    )
