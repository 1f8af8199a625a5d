"""Who comes back: classic day-N retention of mature cohorts."""

from __future__ import annotations

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.base import active_days, grouped, numbers, profiles, shifted, stacked, total
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.options import COHORTS, DAYS
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables


@metric(
    title="Retention",
    formula="players active on acquisition date + N / players of the cohorts, mature cohorts only",
    grain="one row a day number; with `cohorts` one a day of acquisition and day number",
    unit="share of players",
    inputs=("players", "player_days"),
    outputs=(
        Output("acquisition_date", Kind.DATE, "The cohort; only with `cohorts`."),
        Output("day_number", Kind.COUNT, "N: days after the day of acquisition."),
        Output(
            "players",
            Kind.COUNT,
            "Players of the cohorts for which day N was observed; of the cohort with `cohorts`.",
        ),
        Output("retained", Kind.COUNT, "Of these, active on day N; NULL if not observed."),
        Output("retention", Kind.SHARE, "retained / players; NULL if not observed."),
        Output("observable", Kind.FLAG, "Whether day N of at least one cohort was observed."),
        Output(
            "observable_on",
            Kind.DATE,
            "The day that must be complete for the first cohort; NULL if before the log.",
        ),
    ),
    maturity="A cohort c enters day N only if c + N is a day from complete_from to complete_until.",
    options=(DAYS, COHORTS),
    acquisition=True,
    cohorts=True,
)
def retention(
    tables: Tables, scope: Scope, *, days: tuple[int, ...] = (1, 7, 30), cohorts: bool = False
) -> ibis.Table:
    """Share of a cohort's players who are active exactly N calendar days after acquisition.

    Classic retention: playing on day 6 and day 8 does not count for day 7; playing past midnight
    counts for day 1. Cohorts are days of acquisition in the reporting zone. Day N of cohort c
    counts, in numerator and denominator, only if c + N was observed; a cell that was not is NULL,
    never 0, and `observable_on` says when the first one is. Several cohorts pool as a ratio of
    sums, so every N has its own set of cohorts. The period selects cohorts; without one, all
    cohorts with an observed cell count. Players acquired before complete_from count only where
    metadata gives their acquisition. `players` of a pooled row are those of the mature cohorts.

    References:
        GameAnalytics and PlayFab call the same number retention; Mixpanel and Amplitude count
        periods of 24 hours by default, and rolling retention counts day N or later.
    """
    if cohorts and scope.by is not None and scope.by.column == "acquisition_date":
        raise UsageError("--cohorts already has one row per acquisition_date; leave --by out.")
    cells = _cells(tables, scope, days)
    if cohorts:
        return _by_cohort(cells, scope)
    return _pooled(cells, scope, days)


def _cells(tables: Tables, scope: Scope, days: tuple[int, ...]) -> ibis.Table:
    """Size and returns of each cohort on each day number, with what was observed."""
    first, last = (ibis.date(day) for day in scope.observed)
    players = profiles(tables, scope).rename(cohort="acquired_on")
    players = players.filter(_selected(players, scope))
    keys = [*scope.dimensions, "cohort"]
    sizes = grouped(players, keys, players=_.player_id.nunique())
    wanted = numbers(list(days), "day_number")
    visits = (
        active_days(tables)
        .inner_join(players, "player_id")
        .mutate(day_number=lambda t: t.event_date.delta(t.cohort, unit="day").cast("int64"))
    )
    returns = grouped(
        visits.filter(_.day_number.isin(list(days))),
        [*keys, "day_number"],
        retained=_.player_id.nunique(),
    )
    cells = grouped(
        stacked(sizes.cross_join(wanted), returns),
        [*keys, "day_number"],
        players=total(_.players),
        retained=total(_.retained),
    )
    cells = cells.mutate(day=shifted(cells.cohort, cells.day_number))
    return cells.mutate(observable=cells.day.between(first, last), ahead=cells.day > last)


def _selected(players: ibis.Table, scope: Scope) -> ibis.BooleanValue:
    """Cohorts of the chosen period, and of old ones only players whose acquisition is known."""
    known = players.acquisition_source == "metadata"
    chosen = (players.cohort >= ibis.date(scope.observed[0])) | known
    if scope.asked_from is not None:
        chosen = chosen & (players.cohort >= ibis.date(scope.asked_from))
    if scope.asked_to is not None:
        chosen = chosen & (players.cohort <= ibis.date(scope.asked_to))
    return chosen


def _by_cohort(cells: ibis.Table, scope: Scope) -> ibis.Table:
    retained = cells.observable.ifelse(cells.retained, ibis.null("int64"))
    rows = cells.select(
        *scope.dimensions,
        "day_number",
        "players",
        "observable",
        acquisition_date=cells.cohort,
        retained=retained,
        retention=retained.cast("float64") / cells.players.nullif(0).cast("float64"),
        observable_on=(cells.observable | cells.ahead).ifelse(cells.day, ibis.null("date")),
    )
    keys = ["acquisition_date", *scope.dimensions, "day_number"]
    return rows.select(
        *keys, "players", "retained", "retention", "observable", "observable_on"
    ).order_by(keys)


def _pooled(cells: ibis.Table, scope: Scope, days: tuple[int, ...]) -> ibis.Table:
    keys = [*scope.dimensions, "day_number"]
    parts = [cells] if scope.dimensions else [cells, numbers(list(days), "day_number")]
    rows = grouped(
        stacked(*parts),
        keys,
        players=_.players.sum(where=_.observable).coalesce(0),
        retained=_.retained.sum(where=_.observable),
        observable_on=_.day.min(where=_.observable | _.ahead),
    )
    rows = rows.mutate(
        retention=rows.retained.cast("float64") / rows.players.nullif(0).cast("float64"),
        observable=rows.players > 0,
    )
    return rows.select(
        *keys, "players", "retained", "retention", "observable", "observable_on"
    ).order_by(keys)
