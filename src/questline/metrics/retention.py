"""Who comes back: retention of mature cohorts, by the definitions that analysts compare."""

from __future__ import annotations

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.base import grouped, shifted, stacked, total
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.cohorts import (
    Cell,
    Definition,
    asked_table,
    bucket_of,
    cell_of,
    entries,
    last_of,
    with_observation,
)
from questline.metrics.intervals import wilson
from questline.metrics.options import Span
from questline.metrics.retention_options import (
    AT_LEAST,
    BALANCED,
    CLOCK,
    COHORTS,
    DAYS,
    ENTRIES,
    FOLLOW_UP,
    PROPERTY,
    RETURN_EVENT,
    RETURNED,
    START_EVENT,
)
from questline.metrics.returns import returns
from questline.metrics.scope import Scope
from questline.metrics.selectors import Selector
from questline.metrics.tables import Tables

_SHARES = ("first_day", "last_day", "players", "retained", "retention", "low", "high")
_VALUES = ("amount", "valued", "per_player", "mean")
_OBSERVED = ("observable", "observable_on")


@metric(
    title="Retention",
    formula="players active on acquisition date + N / players of the cohorts, mature cohorts only",
    grain="one row a day number; with `cohorts` one a cohort and day number",
    unit="share of players",
    inputs=("players", "player_days", "events"),
    outputs=(
        Output("acquisition_date", Kind.DATE, "First day of the cohort; only with `cohorts`."),
        Output("start_date", Kind.DATE, "The same where players enter with `start_event`."),
        Output("day_number", Kind.COUNT, "N: days after the day of entry, as asked."),
        Output("first_day", Kind.COUNT, "First day number that counts."),
        Output("last_day", Kind.COUNT, "Last day number that counts."),
        Output(
            "players",
            Kind.COUNT,
            "Players of the cohorts for which these days were observed; of the cohort with "
            "`cohorts`. With `entries any` a player counts once for each day of entry.",
        ),
        Output("retained", Kind.COUNT, "Of these, those who returned; NULL if not observed."),
        Output("retention", Kind.SHARE, "retained / players; NULL if not observed."),
        Output("low", Kind.SHARE, "Lower end of the 95 % Wilson interval of retention."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
        Output("amount", Kind.NUMBER, "Sum of `property` over the returns; only with it."),
        Output("valued", Kind.COUNT, "Return events that carry the property; only with it."),
        Output("per_player", Kind.NUMBER, "amount / players; only with `property`."),
        Output("mean", Kind.NUMBER, "amount / valued; only with `property`."),
        Output("observable", Kind.FLAG, "Whether these days of at least one cohort were observed."),
        Output(
            "observable_on",
            Kind.DATE,
            "The day that must be complete for the first cohort, with 24 hours at the latest; NULL "
            "if before the log.",
        ),
    ),
    value="retention",
    maturity="A cohort c enters only if all days that count, c + first_day to c + last_day, lie "
    "from complete_from to complete_until; with `clock 24h` a player enters once all his periods "
    "are over.",
    options=(
        DAYS,
        RETURNED,
        FOLLOW_UP,
        BALANCED,
        COHORTS,
        CLOCK,
        START_EVENT,
        ENTRIES,
        RETURN_EVENT,
        AT_LEAST,
        PROPERTY,
    ),
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
    cohorts: str | None = None,
    clock: str = "day",
    start_event: Selector | None = None,
    entries: str = "first",
    return_event: Selector | None = None,
    at_least: int = 1,
    property: str | None = None,  # noqa: A002  # its name on the command line
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

    Every member of a week or month counts N from his own day. Such a cohort is whole: it is NULL
    until the last of its days that the period leaves has been observed on day N. The first one may
    lack the days before the log.

    `clock 24h` numbers periods of 24 hours from a player's own moment: metadata's time of
    acquisition, midnight if it states a day only, else his first active event; or his start event.
    Nothing is rounded to hours, and earlier events do not count. A player enters a pooled row when
    his own period is over, a cohort when those of all its players are.

    With `start_event` players enter by what they did, from complete_from on. The first one in the
    log need not be the first ever: who did it before the log enters late. With `entries any` the
    cohorts overlap, so the interval, which takes entries as independent, is too narrow. Day 0
    holds the start event itself, which is a return if it is of that kind; on the calendar day 0
    also holds what came before it that day.

    `property` adds up what the events of returned players carry on the days that count; gross
    revenue per player up to day 7 is `--days 0-7 --property amount_usd`, of purchases alone with
    `--return-event purchase`. Refunds are not taken off. An event without the property adds
    nothing. Filters and splits are attributes of players, fixed at acquisition.

    References:
        GameAnalytics and PlayFab call `on_day` retention, PostHog "on". Mixpanel's default and
        PostHog's option is "on or after", without an equal follow-up; its custom brackets are
        spans. Mixpanel and Amplitude count periods of 24 hours by default; Amplitude first rounds
        times down to the hour. PostHog calls `entries any` recurring, `first` first time.
        Cumulative revenue per player is Mixpanel's property sum of retention. The interval is
        Wilson's, which stays within 0 and 1 and holds for few players.
    """
    by_acquisition = scope.by is not None and scope.by.column == "acquisition_date"
    if cohorts and by_acquisition and start_event is None:
        raise UsageError("--cohorts already has one row per acquisition_date; leave --by out.")
    if cohorts and balanced:
        raise UsageError("--balanced pools cohorts, --cohorts shows each; leave one of them out.")
    wanted = [cell_of(span, returned, follow_up) for span in days]
    how = Definition(clock, start_event, entries, return_event, at_least, property)
    cells = _cells(tables, scope, wanted, how, balanced=balanced)
    if cohorts:
        return _by_cohort(cells, scope, how, cohorts)
    return _pooled(cells, scope, how, wanted)


def _cells(
    tables: Tables, scope: Scope, wanted: list[Cell], how: Definition, *, balanced: bool
) -> ibis.Table:
    """Size and returns of each cohort on each cell, with what was observed.

    With periods of 24 hours a cohort has a row for its players whose periods were observed, and
    others for the rest.
    """
    players = entries(tables, scope, how)
    asked = asked_table(wanted)
    days = asked.drop("needed")

    def observed(rows: ibis.Table) -> ibis.Table:
        begins = min(cell.first for cell in wanted) if balanced else rows.first_day
        ends = max(cell.last for cell in wanted) if balanced else rows.last_day
        return with_observation(rows, scope, how, begins, ends)

    back = returns(tables, scope, players, wanted, how)
    keys = [*scope.dimensions, "cohort"]
    if how.hours:
        keys += ["place", "observable", "ahead", "ends"]
        sizes = grouped(observed(players.cross_join(days)), keys, players=_.player_id.count())
        back = observed(back.inner_join(days, "place"))
    else:
        sizes = grouped(players, keys, players=_.player_id.nunique())
        sizes = sizes.cross_join(asked.select("place"))
        keys += ["place"]
    sums = {} if how.number is None else {"amount": _.amount.sum(), "valued": _.valued.sum()}
    back = grouped(back, keys, retained=_.player_id.nunique(), **sums)
    counts = {name: total(_[name]) for name in ("players", "retained", *sums)}
    cells = grouped(stacked(sizes, back), keys, **counts).inner_join(days, "place")
    return cells if how.hours else observed(cells)


def _by_cohort(cells: ibis.Table, scope: Scope, how: Definition, cohorts: str) -> ibis.Table:
    date = "acquisition_date" if how.start_event is None else "start_date"
    rows = cells.mutate(**{date: bucket_of(cells.cohort, cohorts)})
    keys = [date, *scope.dimensions, "day_number"]
    if how.hours or cohorts != "day":
        rows = _whole(rows, [*keys, "first_day", "last_day"], scope, how, cohorts)
    unseen = {
        name: rows.observable.ifelse(rows[name], ibis.null(rows[name].type()))
        for name in ("retained", *_values(how)[:2])
    }
    rows = rows.mutate(
        observable_on=(rows.observable | rows.ahead).ifelse(rows.ends, ibis.null("date")), **unseen
    )
    return _with_shares(rows, how).select(*keys, *_columns(how)).order_by([*keys, "last_day"])


def _whole(
    rows: ibis.Table, keys: list[str], scope: Scope, how: Definition, cohorts: str
) -> ibis.Table:
    """Cohorts of several rows in one: observed where all their rows and all their days are."""
    sums = {name: _[name].sum() for name in ("players", "retained", *_values(how)[:2])}
    known = rows.observable | rows.ahead
    rows = grouped(rows, keys, **sums, seen=rows.observable.all(), known=known.all())
    last = shifted(last_of(rows[keys[0]], cohorts, scope.asked_to), rows.last_day)
    observable = rows.seen & (last <= ibis.date(scope.observed[1]))
    return rows.mutate(
        observable=observable,
        ahead=rows.known & ~observable,
        ends=shifted(last, 1) if how.hours else last,
    )


def _pooled(cells: ibis.Table, scope: Scope, how: Definition, wanted: list[Cell]) -> ibis.Table:
    asked = asked_table(wanted).drop("needed")
    parts = [cells] if scope.dimensions else [cells, asked]
    sums = {name: _[name].sum(where=_.observable) for name in _values(how)[:2]}
    rows = grouped(
        stacked(*parts),
        [*scope.dimensions, "day_number", "first_day", "last_day"],
        players=_.players.sum(where=_.observable).coalesce(0),
        retained=_.retained.sum(where=_.observable),
        observable_on=_.ends.min(where=_.observable | _.ahead),
        **sums,
    )
    rows = _with_shares(rows.mutate(observable=rows.players > 0), how)
    keys = [*scope.dimensions, "day_number"]
    return rows.select(*keys, *_columns(how)).order_by([*keys, "last_day"])


def _values(how: Definition) -> tuple[str, ...]:
    return () if how.number is None else _VALUES


def _columns(how: Definition) -> tuple[str, ...]:
    return (*_SHARES, *_values(how), *_OBSERVED)


def _with_shares(rows: ibis.Table, how: Definition) -> ibis.Table:
    """`rows` with the share and its interval, NULL where nothing was observed."""
    players = rows.players.nullif(0).cast("float64")
    rows = rows.mutate(retention=rows.retained.cast("float64") / players)
    low, high = wilson(rows.retention, players)
    rows = rows.mutate(low=low, high=high)
    if how.number is None:
        return rows
    amount = rows.amount.cast("float64")
    return rows.mutate(
        per_player=amount / players, mean=amount / rows.valued.nullif(0).cast("float64")
    )
