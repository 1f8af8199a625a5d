"""How far cohorts of players get in the same time."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis import _

from questline.metrics.attempts import LEVEL, in_mode, keys_of
from questline.metrics.base import arranged, grouped, ratio, stacked, total
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.cohorts import cohort_players
from questline.metrics.intervals import wilson
from questline.metrics.level_options import BY_DAY, MODE
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables


@metric(
    title="Level survival",
    formula="players who started the level or a higher one by day N / players who started any",
    grain="one row a level",
    unit="share of players",
    value="survival",
    inputs=("players", "level_attempts"),
    outputs=(
        LEVEL,
        Output("starters", Kind.COUNT, "Players of the cohorts with an attempt of any level."),
        Output("reached", Kind.COUNT, "Of these, players who started this level or a higher one."),
        Output("survival", Kind.SHARE, "reached / starters."),
        Output("low", Kind.SHARE, "Lower end of its 95 % Wilson interval."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
    ),
    maturity="A cohort c enters only if all days from c to c + N lie from complete_from to "
    "complete_until, so that every player had the same time.",
    options=(MODE, BY_DAY),
    acquisition=True,
    cohorts=True,
)
def level_survival(
    tables: Tables, scope: Scope, *, mode: str | None = None, by_day: int = 7
) -> ibis.Table:
    """Share of a cohort's players who get to each level within N days of acquisition.

    The period selects cohorts, days of acquisition; without one, all mature cohorts count. All
    players had the same number of days, `by_day`, so levels, periods and groups can be compared:
    counted over all players of all times, later levels would be filled by those who had longer.
    Players acquired before complete_from are left out, since their first levels were not seen.
    `starters` are the players who started any level in this time, which is reached / reached of
    the first level where nobody skips it. Who started a higher level has reached the lower ones,
    so survival never rises. Levels are compared by number: modes with numbers of their own need
    `mode`.
    """
    first, last = scope.observed
    players = cohort_players(tables, scope)
    mature = players.cohort.between(ibis.date(first), ibis.date(last - timedelta(days=by_day)))
    players = players.filter(mature).select("player_id", "cohort", *scope.dimensions)
    attempts = in_mode(tables, mode).select("player_id", "level", "event_date")
    played = tables.numbered(attempts).inner_join(tables.numbered(players), "player_id")
    played = played.filter(played.event_date.delta(played.cohort, unit="day") <= by_day)
    highest = grouped(played, ["player_id", *scope.dimensions], level=_.level.max())
    keys = keys_of(scope)
    rows = grouped(
        stacked(highest.select(*keys, ended=1), played.select(*keys).distinct()),
        keys,
        ended=total(_.ended),
    )
    onward = ibis.window(group_by=scope.dimensions, order_by="level", preceding=0, following=None)
    rows = rows.mutate(
        reached=rows.ended.sum().over(onward),
        starters=rows.ended.sum().over(ibis.window(group_by=scope.dimensions)),
    )
    rows = rows.mutate(survival=ratio(rows, "reached", "starters"))
    low, high = wilson(rows.survival, rows.starters.cast("float64"))
    rows = rows.mutate(low=low, high=high)
    return arranged(rows, scope, "starters", "reached", "survival", "low", "high", first=("level",))
