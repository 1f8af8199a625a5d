"""Who comes back: retention of mature cohorts, by the definitions that analysts compare."""

from __future__ import annotations

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.base import grouped, shifted, stacked, total
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.cohorts import Cell, asked_table, cell_of, cohort_players, returns
from questline.metrics.intervals import wilson
from questline.metrics.options import BALANCED, COHORTS, DAYS, FOLLOW_UP, RETURNED, Span
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

_MEASURES = (
    "first_day",
    "last_day",
    "players",
    "retained",
    "retention",
    "low",
    "high",
    "observable",
    "observable_on",
)


@metric(
    title="Retention",
    formula="players active on acquisition date + N / players of the cohorts, mature cohorts only",
    grain="one row a day number; with `cohorts` one a day of acquisition and day number",
    unit="share of players",
    inputs=("players", "player_days"),
    outputs=(
        Output("acquisition_date", Kind.DATE, "The cohort; only with `cohorts`."),
        Output("day_number", Kind.COUNT, "N: days after the day of acquisition, as asked."),
        Output("first_day", Kind.COUNT, "First day number that counts."),
        Output("last_day", Kind.COUNT, "Last day number that counts."),
        Output(
            "players",
            Kind.COUNT,
            "Players of the cohorts for which these days were observed; of the cohort with "
            "`cohorts`.",
        ),
        Output("retained", Kind.COUNT, "Of these, those who returned; NULL if not observed."),
        Output("retention", Kind.SHARE, "retained / players; NULL if not observed."),
        Output("low", Kind.SHARE, "Lower end of the 95 % Wilson interval of retention."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
        Output("observable", Kind.FLAG, "Whether these days of at least one cohort were observed."),
        Output(
            "observable_on",
            Kind.DATE,
            "The day that must be complete for the first cohort; NULL if before the log.",
        ),
    ),
    value="retention",
    maturity="A cohort c enters only if all days that count, c + first_day to c + last_day, lie "
    "from complete_from to complete_until.",
    options=(DAYS, RETURNED, FOLLOW_UP, BALANCED, COHORTS),
    acquisition=True,
    cohorts=True,
)
def retention(
    tables: Tables,
    scope: Scope,
    *,
    days: tuple[Span, ...] = (Span(1, 1), Span(7, 7), Span(30, 30)),
    returned: str = "on_day",
    follow_up: int = 30,
    balanced: bool = False,
    cohorts: bool = False,
) -> ibis.Table:
    """Share of a cohort's players who are active exactly N calendar days after acquisition.

    Classic retention: playing on day 6 and day 8 does not count for day 7; playing past midnight
    counts for day 1. Cohorts are days of acquisition in the reporting zone. Day N of cohort c
    counts, in numerator and denominator, only if c + N was observed; a cell that was not is NULL,
    never 0, and `observable_on` says when the first one is. Several cohorts pool as a ratio of
    sums, so every N has its own set of cohorts, unless `balanced` leaves those that have all. The
    period selects cohorts; without one, all cohorts with an observed cell count. Players acquired
    before complete_from count only where metadata gives their acquisition. `players` of a pooled
    row are those of the mature cohorts.

    A span 8-14 counts players active on at least one of these days. `on_or_after` gives every
    cohort the same `follow_up`, since players of an older cohort had longer to come back: without
    it no two cohorts could be compared.

    References:
        GameAnalytics and PlayFab call `on_day` retention, PostHog "on". Mixpanel's default and
        PostHog's option is "on or after", without an equal follow-up; its custom brackets are
        spans. Mixpanel and Amplitude count periods of 24 hours by default. The interval is
        Wilson's, which stays within 0 and 1 and holds for few players.
    """
    if cohorts and scope.by is not None and scope.by.column == "acquisition_date":
        raise UsageError("--cohorts already has one row per acquisition_date; leave --by out.")
    if cohorts and balanced:
        raise UsageError("--balanced pools cohorts, --cohorts shows each; leave one of them out.")
    wanted = [cell_of(span, returned, follow_up) for span in days]
    cells = _cells(tables, scope, wanted, balanced=balanced)
    return _by_cohort(cells, scope) if cohorts else _pooled(cells, scope, wanted)


def _cells(tables: Tables, scope: Scope, wanted: list[Cell], *, balanced: bool) -> ibis.Table:
    """Size and returns of each cohort on each cell, with what was observed."""
    first, last = (ibis.date(day) for day in scope.observed)
    players = cohort_players(tables, scope)
    keys = [*scope.dimensions, "cohort"]
    sizes = grouped(players, keys, players=_.player_id.nunique())
    asked = asked_table(wanted)
    back = returns(tables, players, wanted)
    back = grouped(back, [*keys, "place"], retained=_.player_id.nunique())
    cells = grouped(
        stacked(sizes.cross_join(asked.select("place")), back),
        [*keys, "place"],
        players=total(_.players),
        retained=total(_.retained),
    )
    cells = cells.inner_join(asked.drop("needed"), "place")
    begins = min(cell.first for cell in wanted) if balanced else cells.first_day
    ends = max(cell.last for cell in wanted) if balanced else cells.last_day
    cells = cells.mutate(begins=shifted(cells.cohort, begins), ends=shifted(cells.cohort, ends))
    return cells.mutate(
        observable=(cells.begins >= first) & (cells.ends <= last),
        ahead=(cells.begins >= first) & (cells.ends > last),
    )


def _by_cohort(cells: ibis.Table, scope: Scope) -> ibis.Table:
    rows = cells.mutate(
        acquisition_date=cells.cohort,
        retained=cells.observable.ifelse(cells.retained, ibis.null("int64")),
        observable_on=(cells.observable | cells.ahead).ifelse(cells.ends, ibis.null("date")),
    )
    keys = ["acquisition_date", *scope.dimensions, "day_number"]
    return _with_shares(rows).select(*keys, *_MEASURES).order_by([*keys, "last_day"])


def _pooled(cells: ibis.Table, scope: Scope, wanted: list[Cell]) -> ibis.Table:
    asked = asked_table(wanted).drop("needed")
    parts = [cells] if scope.dimensions else [cells, asked]
    rows = grouped(
        stacked(*parts),
        [*scope.dimensions, "day_number", "first_day", "last_day"],
        players=_.players.sum(where=_.observable).coalesce(0),
        retained=_.retained.sum(where=_.observable),
        observable_on=_.ends.min(where=_.observable | _.ahead),
    )
    rows = _with_shares(rows.mutate(observable=rows.players > 0))
    keys = [*scope.dimensions, "day_number"]
    return rows.select(*keys, *_MEASURES).order_by([*keys, "last_day"])


def _with_shares(rows: ibis.Table) -> ibis.Table:
    """`rows` with the share and its interval, NULL where nothing was observed."""
    players = rows.players.nullif(0).cast("float64")
    rows = rows.mutate(retention=rows.retained.cast("float64") / players)
    low, high = wilson(rows.retention, players)
    return rows.mutate(low=low, high=high)
